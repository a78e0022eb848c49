"""The level of support of a title follows from its entries and decisions, on a day: the whole table of cases."""

from datetime import date
from itertools import permutations

import orjson
import pytest

from catalogue.support.badges import badge, meaning
from catalogue.support.models import DECIDABLE, Support
from catalogue.support.rules import Decided, Listed, Reach, Standing, standing, standing_for
from catalogue.support.seen import UNDECIDED, for_school, for_territory

DAY = date(2026, 11, 16)
BEFORE, EVE, MORROW, AFTER = date(2026, 9, 1), date(2026, 11, 15), date(2026, 11, 17), date(2027, 8, 31)
REFUSED = Decided(Support.REFUSED, BEFORE)


def listed(slug: str = "socle", since: date = BEFORE, ends_on: date | None = None) -> Listed:
    return Listed(slug, since, ends_on)


def test_nobody_has_decided() -> None:
    assert standing((), (), DAY) == Standing(Support.KNOWN)


@pytest.mark.parametrize("level", DECIDABLE)
def test_a_decision_speaks_when_no_list_does(level: Support) -> None:
    assert standing((), [Decided(level, BEFORE, AFTER)], DAY) == Standing(level, BEFORE, AFTER)


@pytest.mark.parametrize("level", DECIDABLE)
def test_a_list_speaks_before_any_decision(level: Support) -> None:
    assert standing([listed()], [Decided(level, EVE)], DAY).level is Support.MAINTAINED


@pytest.mark.parametrize(
    ("since", "until", "in_force"),
    [
        (DAY, None, True),
        (MORROW, None, False),
        (BEFORE, DAY, True),
        (BEFORE, EVE, False),
        (DAY, DAY, True),
        (MORROW, AFTER, False),
    ],
)
def test_first_and_last_days_are_included(since: date, until: date | None, *, in_force: bool) -> None:
    assert standing((), [Decided(Support.REFUSED, since, until)], DAY).level is (Support.REFUSED if in_force else Support.KNOWN)
    level = standing([listed(since=since, ends_on=until)], (), DAY).level
    assert level is ((Support.ENDING if until else Support.MAINTAINED) if in_force else Support.KNOWN)


def test_an_exit_is_announced_only_when_every_list_announces_one() -> None:
    leaving, staying = listed("stmg", ends_on=AFTER), listed()
    assert standing([leaving], (), DAY) == Standing(Support.ENDING, BEFORE, AFTER, (leaving,))
    assert standing([leaving, staying], (), DAY) == Standing(Support.MAINTAINED, BEFORE, None, (leaving, staying))


def test_a_title_leaving_two_lists_is_maintained_as_long_as_the_longer() -> None:
    held = standing([listed(ends_on=MORROW), listed("stmg", ends_on=AFTER)], (), DAY)
    assert (held.level, held.until) == (Support.ENDING, AFTER)


def test_a_title_is_maintained_since_the_first_of_its_lists() -> None:
    held = standing([listed(since=DAY), listed("stmg", since=BEFORE)], (), DAY)
    assert (held.since, [one.list_slug for one in held.listed]) == (BEFORE, ["socle", "stmg"])


def test_an_exit_that_has_passed_leaves_the_other_list() -> None:
    gone, kept = listed(ends_on=EVE), listed("stmg", since=DAY)
    assert standing([gone, kept], (), DAY) == Standing(Support.MAINTAINED, DAY, None, (kept,))


def test_a_title_off_its_lists_falls_back_on_the_decision() -> None:
    assert standing([listed(ends_on=EVE)], [REFUSED], DAY) == Standing(Support.REFUSED, BEFORE)


def test_the_latest_decision_in_force_wins_in_whatever_order_they_come() -> None:
    old, new = Decided(Support.EXPERIMENTAL, BEFORE), Decided(Support.REFUSED, EVE)
    ended, future = Decided(Support.SCHOOL, EVE, EVE), Decided(Support.FORBIDDEN, MORROW)
    for order in permutations([old, new, ended, future]):
        assert standing((), order, DAY).level is Support.REFUSED


def test_of_two_decisions_of_one_day_the_last_taken_wins() -> None:
    first, second = Decided(Support.EXPERIMENTAL, BEFORE), Decided(Support.FORBIDDEN, BEFORE)
    assert standing((), [first, second], DAY).level is Support.FORBIDDEN
    assert standing((), [second, first], DAY).level is Support.EXPERIMENTAL


def test_an_earlier_decision_holds_again_when_a_later_one_ends() -> None:
    trial = Decided(Support.EXPERIMENTAL, DAY, DAY)
    assert standing((), [REFUSED, trial], DAY).level is Support.EXPERIMENTAL
    assert standing((), [REFUSED, trial], MORROW).level is Support.REFUSED


def test_an_ended_decision_leaves_a_title_merely_known() -> None:
    assert standing((), [Decided(Support.EXPERIMENTAL, BEFORE, EVE)], DAY) == Standing(Support.KNOWN)


def test_each_level_is_said_shown_and_explained_in_its_own_words() -> None:
    shown = [badge(level) for level in Support]
    assert len({one.label for one in shown}) == len({meaning(level) for level in Support}) == len(Support) == 8
    assert [one.code for one in shown] == list(Support)
    tones = {level: badge(level).tone for level in Support}
    alike = [(one, other) for one in Support for other in Support if one < other and tones[one] == tones[other]]
    # Both mean « installé, sans aide de la Région »: the word tells them apart.
    assert [set(pair) for pair in alike] == [{Support.UNSUPPORTED, Support.SCHOOL}]


def test_what_a_list_gives_or_nobody_said_cannot_be_decided() -> None:
    assert set(Support) - set(DECIDABLE) == {Support.MAINTAINED, Support.ENDING, Support.KNOWN}


ENDED = Decided(Support.SCHOOL, BEFORE, EVE)
ON_TWO = [listed("socle", ends_on=AFTER), listed("sti2d", since=DAY)]


def test_a_title_leaving_one_list_stays_maintained_for_the_schools_of_another() -> None:
    both, socle = Reach(frozenset({"socle", "sti2d"})), Reach(frozenset({"socle"}))
    assert standing_for(both, ON_TWO, (), DAY).level is Support.MAINTAINED
    assert standing_for(socle, ON_TWO, (), DAY) == Standing(Support.ENDING, BEFORE, AFTER, (ON_TWO[0],))


@pytest.mark.parametrize("to_confirm", [frozenset(), frozenset({"sti2d"})])
def test_a_list_that_does_not_surely_serve_a_school_is_as_if_it_were_not(to_confirm: frozenset[str]) -> None:
    reach = Reach(frozenset({"socle"}), to_confirm)
    assert standing_for(reach, [listed("sti2d")], [REFUSED], DAY) == Standing(Support.REFUSED, BEFORE)
    assert standing_for(reach, [listed("sti2d")], [ENDED], DAY) == Standing(Support.KNOWN)


def test_nothing_of_a_territory_holds_for_a_school_that_it_does_not_serve() -> None:
    nobody = Reach(frozenset(), decisions=False)
    assert standing_for(nobody, ON_TWO, [REFUSED], DAY) == Standing(Support.KNOWN)


@pytest.mark.parametrize("entries", [[], [ON_TWO[0]], [ON_TWO[1]], ON_TWO, [listed("stmg")]])
@pytest.mark.parametrize("decided", [[], [REFUSED], [ENDED], [Decided(Support.EXPERIMENTAL, BEFORE, AFTER)]])
@pytest.mark.parametrize("lists", [set(), {"socle"}, {"sti2d"}, {"socle", "sti2d", "stmg"}])
@pytest.mark.parametrize("decisions", [True, False])
def test_what_the_index_holds_gives_the_answer_of_the_rule(
    entries: list[Listed], decided: list[Decided], lists: set[str], *, decisions: bool
) -> None:
    reach = Reach(frozenset(lists) if decisions else frozenset(), decisions=decisions)
    stored = orjson.loads(orjson.dumps(for_territory(entries, decided, DAY)))
    shown = for_school(stored, reach, DAY)
    due = standing_for(reach, entries, decided, DAY)
    assert {name: shown[name] for name in ("level", "since", "until", "lists")} == {
        "level": due.level.value,
        "since": due.since.isoformat() if due.since else None,
        "until": due.until.isoformat() if due.until else None,
        "lists": [one.list_slug for one in due.listed],
    }


def test_an_answer_that_does_not_change_is_not_made_again() -> None:
    stored = orjson.loads(orjson.dumps(for_territory(ON_TWO, [], DAY)))
    assert for_school(stored, None, DAY) is stored
    assert for_school(stored, Reach(frozenset({"socle", "sti2d"})), DAY) is stored
    assert for_school(UNDECIDED, Reach(frozenset(), decisions=False), DAY) is UNDECIDED
