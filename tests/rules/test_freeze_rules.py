"""What a territory may decide of its freezes, and what is refused, with what to do: without a database."""

from datetime import date, timedelta
from typing import Any

import pytest

from portal.calendars.freeze_rules import (
    LONGEST_NAME,
    LONGEST_REASON,
    LONGEST_WHY,
    Phase,
    WantedFreeze,
    faults,
    phase,
    why_faults,
    why_not_change,
    why_not_end,
)
from portal.calendars.models import FreezeTarget, Frozen
from portal.calendars.rules import FreezePeriod, Span
from portal.text import french

TODAY = date(2026, 11, 26)
ONE, SCHOOL, OTHER = timedelta(days=1), 7, 8
PATTERN: dict[str, Any] = {"what": Frozen.PACKAGES, "overridable": False, "reason": "Les épreuves."}


def day(number: int) -> date:
    return TODAY + number * ONE


def wanted(first: int = 10, last: int = 20, name: str = "Brevet", **other: Any) -> WantedFreeze:
    return WantedFreeze(name=name, first=day(first), last=day(last), **(PATTERN | other))


def there(first: int = 10, last: int = 20, name: str = "Baccalauréat", **other: Any) -> FreezePeriod:
    return FreezePeriod(id=1, name=name, span=Span(day(first), day(last)), **(PATTERN | other))


@pytest.mark.parametrize(
    ("on", "expected"),
    [(9, Phase.COMING), (10, Phase.UNDER_WAY), (15, Phase.UNDER_WAY), (20, Phase.UNDER_WAY), (21, Phase.OVER)],
)
def test_a_freeze_begins_on_its_first_day_and_ends_with_its_last(on: int, expected: Phase) -> None:
    assert phase(Span(day(10), day(20)), day(on)) is expected


@pytest.mark.parametrize(
    "freeze", [wanted(), wanted(0, 0), wanted(0, 365), wanted(name="n" * LONGEST_NAME, reason="r" * LONGEST_REASON)]
)
def test_a_freeze_of_today_or_later_is_accepted(freeze: WantedFreeze) -> None:
    assert faults(freeze, [], TODAY) == []


@pytest.mark.parametrize(
    ("freeze", "sentence"),
    [
        (wanted(20, 10), "Le dernier jour vient avant le premier. Corrigez l’une des deux dates."),
        (wanted(-1, 10), "Un gel ne commence pas dans le passé. Choisissez aujourd’hui ou un jour à venir."),
        (wanted(0, 366), "Ce gel durerait plus d’un an. Vérifiez les années."),
        (wanted(name=""), "Un gel a un nom. Écrivez-le : « Épreuves du brevet », par exemple."),
        (wanted(reason=""), "Il manque la raison du gel. Écrivez-la : les personnes qu’il arrête la liront."),
        (wanted(name="n" * (LONGEST_NAME + 1)), "Le nom tient en 120 caractères, la raison en 300. Raccourcissez."),
        (wanted(reason="r" * (LONGEST_REASON + 1)), "Le nom tient en 120 caractères, la raison en 300. Raccourcissez."),
    ],
)
def test_each_fault_is_said_with_what_to_do(freeze: WantedFreeze, sentence: str) -> None:
    assert faults(freeze, [], TODAY) == [french(sentence)]


def test_faults_are_told_together() -> None:
    assert len(faults(wanted(20, 10, name="", reason=""), [], TODAY)) == 3


@pytest.mark.parametrize(
    ("other", "is_refused"),
    [
        (there(), True),
        (there(0, 30), True),
        (there(what=Frozen.BOTH), True),
        (there(what=Frozen.BOOKINGS), False),
        (there(11, 20), False),
        (there(10, 19), False),
        (there(21, 30), False),
        (there(overridable=True), False),  # one may pass over the other, not over this one
        (there(target=FreezeTarget.SCHOOL, target_id=SCHOOL), False),
        (there(target=FreezeTarget.TITLE, target_id=SCHOOL), False),
    ],
)
def test_a_freeze_that_stops_nothing_more_is_refused_and_one_that_only_meets_another_is_not(
    other: FreezePeriod, is_refused: bool
) -> None:
    said = faults(wanted(), [other], TODAY)
    assert bool(said) is is_refused
    assert all("Baccalauréat" in sentence and "corrigez celui-là" in sentence for sentence in said)


@pytest.mark.parametrize(
    ("other", "is_refused"),
    [
        (there(), True),
        (there(passed_schools=frozenset({SCHOOL})), False),
        (there(passed_schools=frozenset({OTHER})), True),
        (there(target=FreezeTarget.SCHOOL, target_id=SCHOOL), True),
        (there(target=FreezeTarget.SCHOOL, target_id=OTHER), False),
        (there(target=FreezeTarget.ROOM, target_id=SCHOOL), False),
    ],
)
def test_a_school_is_not_frozen_twice_for_the_same(other: FreezePeriod, is_refused: bool) -> None:
    assert bool(faults(wanted(target=FreezeTarget.SCHOOL, target_id=SCHOOL), [other], TODAY)) is is_refused


def test_a_firm_freeze_covers_one_that_lets_pass() -> None:
    assert faults(wanted(overridable=True), [there()], TODAY)
    assert faults(wanted(overridable=True), [there(overridable=True)], TODAY)


@pytest.mark.parametrize(
    ("first", "last", "is_refused"), [(10, 20, True), (20, 25, True), (0, 10, True), (21, 25, False), (0, 9, False)]
)
def test_one_name_is_not_given_to_two_freezes_that_meet(first: int, last: int, is_refused: bool) -> None:
    other = there(name="BREVET", what=Frozen.BOOKINGS)
    assert bool(faults(wanted(first, last), [other], TODAY)) is is_refused


@pytest.mark.parametrize(
    ("first", "last", "words"), [(1, 5, None), (0, 5, "Vous pouvez le terminer plus tôt"), (-5, -1, "il ne change plus")]
)
def test_only_a_freeze_to_come_is_corrected_or_withdrawn(first: int, last: int, words: str | None) -> None:
    said = why_not_change(Span(day(first), day(last)), TODAY)
    assert (said is None) if words is None else (said is not None and words in said)


@pytest.mark.parametrize(
    ("first", "last", "new", "words"),
    [
        (-5, 5, 0, None),
        (-5, 5, 4, None),
        (0, 5, 0, None),
        (-5, 5, 5, "se termine déjà"),
        (-5, 5, 6, "se termine déjà"),
        (-5, 5, -1, "Ce jour est passé"),
        (-5, 0, 0, "se termine déjà"),
        (1, 5, 3, "n’a pas commencé"),
        (-5, -1, -2, "s’est déjà terminé"),
    ],
)
def test_only_a_freeze_under_way_ends_early_and_not_in_the_past(first: int, last: int, new: int, words: str | None) -> None:
    said = why_not_end(Span(day(first), day(last)), day(new), TODAY)
    assert (said is None) if words is None else (said is not None and words in said)


@pytest.mark.parametrize(
    ("why", "is_refused"), [("", True), ("Report", False), ("r" * LONGEST_WHY, False), ("r" * (LONGEST_WHY + 1), True)]
)
def test_a_change_has_a_reason(why: str, is_refused: bool) -> None:
    assert bool(why_faults(why)) is is_refused
