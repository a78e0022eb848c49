"""The level of support of a title follows from its entries and decisions, on a day: the whole table of cases."""

from datetime import date
from itertools import permutations

import pytest

from catalogue.support.badges import badge, meaning
from catalogue.support.models import DECIDABLE, Support
from catalogue.support.rules import Decided, Listed, Standing, standing

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
