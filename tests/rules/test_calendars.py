"""Days: open, closed, frozen or unknown, judged on plain objects."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from portal.calendars.models import FreezeTarget, Frozen
from portal.calendars.rules import (
    Area,
    Calendar,
    ExamPeriod,
    FreezePeriod,
    Holiday,
    NotKnown,
    Openness,
    Span,
    State,
    YearSpan,
    covered,
)
from portal.text import NBSP

YEAR = Span(date(2026, 9, 1), date(2027, 8, 31))
ZONE_A = Area(
    zone="A",
    part="metropole",
    holidays=(
        Holiday("Vacances de la Toussaint", date(2026, 10, 17), date(2026, 11, 1)),
        Holiday("Vacances de Noël", date(2026, 12, 19), date(2027, 1, 3)),
        Holiday("Pont de l’Ascension", date(2027, 5, 6), date(2027, 5, 9)),
        Holiday("Vacances d’été", date(2027, 7, 3), date(2027, 8, 31)),
    ),
    holidays_known=(YEAR,),
    public_holidays={
        date(2026, 11, 11): "11 novembre",
        date(2026, 12, 25): "Jour de Noël",
        date(2027, 1, 1): "1er janvier",
        date(2027, 5, 6): "Ascension",
        date(2027, 5, 17): "Lundi de Pentecôte",
        date(2027, 7, 14): "14 juillet",
    },
    public_holidays_known=(Span(date(2026, 1, 1), date(2028, 12, 31)),),
)
CALENDAR = Calendar(period=YEAR, areas=(ZONE_A,), school=1)
FREEZE = FreezePeriod(
    7, "Épreuves écrites", "les postes restent stables.", Span(date(2027, 5, 27), date(2027, 6, 17)), Frozen.PACKAGES
)
PACKAGES, BOOKINGS, BOTH = Frozen.PACKAGES, Frozen.BOOKINGS, Frozen.BOTH


def frozen(freeze: FreezePeriod, first: date, last: date, what: Frozen = PACKAGES, **ids: int) -> bool:
    return replace(CALENDAR, freezes=(freeze,)).freezes_touching(first, last, what=what, **ids) == (freeze,)


# Open, closed, unknown


@pytest.mark.parametrize(
    ("day", "state", "reason"),
    [
        (date(2026, 9, 1), State.OPEN, "Jour de classe."),
        (date(2026, 10, 16), State.OPEN, "Jour de classe."),
        (date(2026, 10, 17), State.CLOSED, "Vacances de la Toussaint, jusqu’au 01/11/2026 inclus."),  # a Saturday
        (date(2026, 11, 1), State.CLOSED, "Vacances de la Toussaint, jusqu’au 01/11/2026 inclus."),
        (date(2026, 11, 2), State.OPEN, "Jour de classe."),
        (date(2026, 11, 11), State.CLOSED, f"Jour férié{NBSP}: 11 novembre."),
        (date(2026, 12, 25), State.CLOSED, f"Jour férié{NBSP}: Jour de Noël."),  # also in the holidays
        (date(2026, 11, 14), State.CLOSED, "Il n’y a pas cours le samedi."),
        (date(2026, 11, 15), State.CLOSED, "Il n’y a pas cours le dimanche."),
        (date(2027, 5, 7), State.CLOSED, "Pont de l’Ascension, jusqu’au 09/05/2027 inclus."),
        (date(2027, 5, 10), State.OPEN, "Jour de classe."),
        (date(2027, 7, 2), State.OPEN, "Jour de classe."),
        (date(2027, 8, 31), State.CLOSED, "Vacances d’été, jusqu’au 31/08/2027 inclus."),
    ],
)
def test_a_day_is_open_or_closed_and_says_why(day: date, state: State, reason: str) -> None:
    assert CALENDAR.is_open(day) == Openness(state, CALENDAR.is_open(day).reason)
    assert CALENDAR.is_open(day).reason == reason


def test_after_the_last_published_calendar_a_weekday_is_unknown_not_open() -> None:
    answer = CALENDAR.is_open(date(2027, 9, 1))
    assert answer.state is State.UNKNOWN
    assert answer.reason.startswith("Les vacances de la zone A ne sont pas connues le 01/09/2027")


def test_before_the_first_known_day_too() -> None:
    assert CALENDAR.is_open(date(2026, 8, 31)).state is State.UNKNOWN


def test_a_sunday_is_closed_however_little_is_known() -> None:
    assert CALENDAR.is_open(date(2040, 1, 1)).state is State.CLOSED


def test_a_public_holiday_closes_beyond_the_known_holidays() -> None:
    armistice = date(2027, 11, 11)
    far = replace(ZONE_A, public_holidays={**ZONE_A.public_holidays, armistice: "11 novembre"})
    assert replace(CALENDAR, areas=(far,)).is_open(armistice).state is State.CLOSED


def test_unknown_public_holidays_leave_a_weekday_unknown() -> None:
    answer = replace(CALENDAR, areas=(replace(ZONE_A, public_holidays_known=()),)).is_open(date(2026, 9, 8))
    assert answer.state is State.UNKNOWN
    assert answer.reason.startswith("Les jours fériés ne sont pas connus le 08/09/2026")


def test_a_school_whose_zone_nobody_entered_is_unknown_and_says_whom_to_ask() -> None:
    answer = Calendar(period=YEAR).is_open(date(2026, 9, 8))
    assert answer.state is State.UNKNOWN
    assert "demandez à l’administration du portail" in answer.reason


def test_a_hole_in_what_is_known_is_unknown_between_two_known_days() -> None:
    known = (Span(YEAR.first, date(2026, 9, 8)), Span(date(2026, 9, 10), YEAR.last))
    calendar = replace(CALENDAR, areas=(replace(ZONE_A, holidays_known=known),))
    states = [calendar.is_open(date(2026, 9, day)).state for day in (8, 9, 10)]
    assert states == [State.OPEN, State.UNKNOWN, State.OPEN]


def test_holidays_without_a_published_end_close_as_far_as_we_know_then_are_unknown() -> None:
    summer = Holiday("Vacances d’été", date(2027, 7, 3), None)
    calendar = replace(CALENDAR, areas=(replace(ZONE_A, holidays=(summer,)),))
    assert calendar.is_open(date(2027, 8, 31)).state is State.CLOSED
    assert calendar.is_open(date(2027, 8, 31)).reason == f"Vacances d’été{NBSP}: le jour de la reprise n’est pas publié."
    assert calendar.is_open(date(2027, 9, 1)).state is State.UNKNOWN


def test_holidays_without_a_published_end_close_their_first_day_at_least() -> None:
    area = replace(ZONE_A, holidays=(Holiday("Vacances d’été", date(2027, 9, 6), None),))
    calendar = replace(CALENDAR, areas=(area,))
    assert [calendar.is_open(date(2027, 9, day)).state for day in (6, 7)] == [State.CLOSED, State.UNKNOWN]


def test_a_leap_day_is_a_day() -> None:
    leap = Span(date(2028, 2, 1), date(2028, 3, 31))
    calendar = replace(CALENDAR, areas=(replace(ZONE_A, holidays_known=(leap,)),))
    assert calendar.is_open(date(2028, 2, 29)).state is State.OPEN
    assert calendar.add_working_days(date(2028, 2, 28), 2) == date(2028, 3, 1)


def test_a_school_may_hold_classes_on_saturday_but_holidays_still_close_it() -> None:
    calendar = replace(CALENDAR, closed_weekdays=frozenset({7}))
    assert calendar.is_open(date(2026, 11, 14)).state is State.OPEN
    assert calendar.is_open(date(2026, 10, 17)).state is State.CLOSED


def test_openness_refuses_to_be_a_yes_or_a_no() -> None:
    with pytest.raises(TypeError, match="unknown"):
        bool(CALENDAR.is_open(date(2026, 9, 8)))


def test_a_territory_whose_zones_disagree_does_not_answer_for_them() -> None:
    zone_b = replace(ZONE_A, zone="B", holidays=())
    calendar = replace(CALENDAR, areas=(ZONE_A, zone_b), school=None)
    assert calendar.is_open(date(2026, 9, 8)).state is State.OPEN
    assert calendar.is_open(date(2026, 10, 20)).state is State.UNKNOWN
    assert "choisissez un établissement" in calendar.is_open(date(2026, 10, 20)).reason
    assert calendar.is_open(date(2026, 11, 14)).state is State.CLOSED


def test_a_territory_with_one_unknown_zone_says_what_is_missing() -> None:
    calendar = replace(CALENDAR, areas=(ZONE_A, Area()), school=None)
    assert "zone de vacances" in calendar.is_open(date(2026, 9, 8)).reason


def test_a_calendar_that_could_never_be_open_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="weekday"):
        replace(CALENDAR, closed_weekdays=frozenset(range(1, 8)))
    with pytest.raises(ValueError, match="area"):
        replace(CALENDAR, areas=())


# The next open day


@pytest.mark.parametrize(
    ("day", "found"),
    [
        (date(2026, 9, 8), date(2026, 9, 8)),
        (date(2026, 10, 17), date(2026, 11, 2)),
        (date(2026, 12, 19), date(2027, 1, 4)),
        (date(2027, 5, 6), date(2027, 5, 10)),
        (date(2027, 5, 15), date(2027, 5, 18)),
    ],
)
def test_the_next_open_day_passes_over_all_that_is_closed(day: date, found: date) -> None:
    assert CALENDAR.next_open(day) == found


def test_nobody_knows_when_classes_resume_after_the_last_known_summer() -> None:
    answer = CALENDAR.next_open(date(2027, 7, 3))
    assert isinstance(answer, NotKnown)
    assert "01/09/2027" in answer.reason


# Working days


@pytest.mark.parametrize(
    ("day", "n", "found"),
    [
        (date(2026, 9, 7), 1, date(2026, 9, 8)),
        (date(2026, 9, 11), 1, date(2026, 9, 14)),  # over a weekend
        (date(2026, 9, 12), 1, date(2026, 9, 14)),  # from a Saturday
        (date(2026, 11, 10), 1, date(2026, 11, 12)),  # over a public holiday
        (date(2026, 12, 31), 1, date(2027, 1, 4)),
        (date(2026, 10, 16), 5, date(2026, 10, 23)),  # administrations work during school holidays
        (date(2026, 9, 8), 0, date(2026, 9, 8)),
        (date(2026, 9, 12), 0, date(2026, 9, 14)),
        (date(2027, 5, 6), 0, date(2027, 5, 7)),
        (date(2026, 9, 14), -1, date(2026, 9, 11)),
        (date(2026, 9, 13), -1, date(2026, 9, 11)),
        (date(2026, 11, 12), -2, date(2026, 11, 9)),
        (date(2026, 9, 1), 60, date(2026, 11, 25)),
    ],
)
def test_working_days_skip_weekends_and_public_holidays(day: date, n: int, found: date) -> None:
    assert CALENDAR.add_working_days(day, n) == found


def test_working_days_skip_school_holidays_when_asked() -> None:
    assert CALENDAR.add_working_days(date(2026, 10, 16), 1, skip_holidays=True) == date(2026, 11, 2)
    assert CALENDAR.add_working_days(date(2026, 11, 2), -1, skip_holidays=True) == date(2026, 10, 16)


def test_a_saturday_with_classes_is_no_working_day_of_an_administration() -> None:
    assert replace(CALENDAR, closed_weekdays=frozenset({7})).add_working_days(date(2026, 9, 11), 1) == date(2026, 9, 14)


@pytest.mark.parametrize("day", [YEAR.first + timedelta(days=offset) for offset in range(0, 360, 7)])
def test_counting_forth_then_back_returns_to_a_working_day(day: date) -> None:
    start = CALENDAR.add_working_days(day, 0)
    assert isinstance(start, date)
    there = CALENDAR.add_working_days(start, 12)
    assert isinstance(there, date)
    assert CALENDAR.add_working_days(there, -12) == start


def test_a_delay_that_runs_into_unknown_days_is_unknown() -> None:
    public_known = CALENDAR.add_working_days(date(2028, 12, 28), 2)
    assert isinstance(public_known, NotKnown)
    assert "01/01/2029" in public_known.reason
    assert isinstance(CALENDAR.add_working_days(date(2027, 8, 31), 1, skip_holidays=True), NotKnown)


def test_unknown_school_holidays_do_not_hinder_administrations() -> None:
    assert CALENDAR.add_working_days(date(2027, 9, 1), 1) == date(2027, 9, 2)


def test_working_days_of_areas_with_different_public_holidays_are_unknown() -> None:
    good_friday = date(2027, 3, 26)
    moselle = replace(ZONE_A, part="alsace-moselle", public_holidays={**ZONE_A.public_holidays, good_friday: "Vendredi saint"})
    calendar = replace(CALENDAR, areas=(ZONE_A, moselle))
    assert isinstance(calendar.add_working_days(date(2027, 3, 25), 1), NotKnown)
    assert calendar.add_working_days(date(2027, 3, 22), 1) == date(2027, 3, 23)


# School years


def test_a_school_year_holds_its_first_and_last_days_and_no_other() -> None:
    year = YearSpan("2026-2027", YEAR)
    calendar = replace(CALENDAR, school_years=(year,))
    assert calendar.school_year(YEAR.first) == calendar.school_year(YEAR.last) == year
    assert isinstance(calendar.school_year(date(2027, 9, 1)), NotKnown)


# Freezes


@pytest.mark.parametrize(
    ("first", "last", "touched"),
    [
        (date(2027, 5, 20), date(2027, 5, 26), False),
        (date(2027, 5, 20), date(2027, 5, 27), True),
        (date(2027, 6, 1), date(2027, 6, 1), True),
        (date(2027, 6, 17), date(2027, 6, 30), True),
        (date(2027, 6, 18), date(2027, 6, 30), False),
        (date(2027, 1, 1), date(2027, 8, 31), True),
    ],
)
def test_a_freeze_holds_on_its_first_and_last_days(first: date, last: date, touched: bool) -> None:
    assert frozen(FREEZE, first, last) is touched


def test_a_freeze_of_one_day_holds_that_day_only() -> None:
    day = date(2027, 6, 10)
    freeze = replace(FREEZE, span=Span(day, day))
    around = [day + timedelta(days=offset) for offset in (-1, 0, 1)]
    assert [frozen(freeze, d, d) for d in around] == [False, True, False]


@pytest.mark.parametrize(
    ("what", "asked", "stopped"),
    [
        (PACKAGES, PACKAGES, True),
        (PACKAGES, BOOKINGS, False),
        (PACKAGES, BOTH, True),
        (BOOKINGS, PACKAGES, False),
        (BOOKINGS, BOOKINGS, True),
        (BOTH, PACKAGES, True),
        (BOTH, BOOKINGS, True),
        (BOTH, BOTH, True),
    ],
)
def test_a_freeze_stops_only_what_it_freezes(what: Frozen, asked: Frozen, stopped: bool) -> None:
    assert frozen(replace(FREEZE, what=what), date(2027, 6, 1), date(2027, 6, 1), asked) is stopped


@pytest.mark.parametrize(
    ("target", "ids", "held"),
    [
        (FreezeTarget.TERRITORY, {}, True),
        (FreezeTarget.SCHOOL, {"school": 5}, True),
        (FreezeTarget.SCHOOL, {"school": 6}, False),
        (FreezeTarget.SCHOOL, {}, False),  # the calendar's school is 1
        (FreezeTarget.ROOM, {"room": 5}, True),
        (FreezeTarget.ROOM, {"room": 6}, False),
        (FreezeTarget.ROOM, {"school": 5}, False),
        (FreezeTarget.TITLE, {"title": 5}, True),
        (FreezeTarget.TITLE, {"title": 6}, False),
        (FreezeTarget.TITLE, {"room": 5}, False),
    ],
)
def test_a_freeze_holds_for_its_target_only(target: FreezeTarget, ids: dict[str, int], held: bool) -> None:
    target_id = None if target is FreezeTarget.TERRITORY else 5
    freeze = replace(FREEZE, target=target, target_id=target_id)
    assert frozen(freeze, date(2027, 6, 1), date(2027, 6, 1), **ids) is held


def test_a_school_calendar_knows_its_own_school() -> None:
    freeze = replace(FREEZE, target=FreezeTarget.SCHOOL, target_id=1)
    assert frozen(freeze, date(2027, 6, 1), date(2027, 6, 1))


def test_a_freeze_lets_through_the_title_that_was_excepted_and_no_other() -> None:
    freeze, day = replace(FREEZE, passed_titles=frozenset({5})), date(2027, 6, 1)
    assert not frozen(freeze, day, day, title=5)
    assert frozen(freeze, day, day, title=6)
    assert frozen(freeze, day, day)


def test_a_freeze_lets_through_the_school_that_was_excepted_and_no_other() -> None:
    freeze, day = replace(FREEZE, passed_schools=frozenset({1})), date(2027, 6, 1)
    assert not frozen(freeze, day, day)
    assert frozen(freeze, day, day, school=2)


def test_an_exception_lifts_one_freeze_and_leaves_the_others() -> None:
    other = replace(FREEZE, id=8)
    calendar = replace(CALENDAR, freezes=(replace(FREEZE, passed_titles=frozenset({5})), other))
    assert calendar.freezes_touching(date(2027, 6, 1), date(2027, 6, 1), title=5, what=PACKAGES) == (other,)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2026, 8, 31), date(2026, 9, 2)),
        (date(2027, 8, 31), date(2027, 9, 1)),
        (date(2027, 6, 2), date(2027, 6, 1)),
    ],
)
def test_freezes_that_were_not_read_are_not_said_to_be_none(first: date, last: date) -> None:
    with pytest.raises(ValueError, match="this calendar was read from"):
        CALENDAR.freezes_touching(first, last, what=PACKAGES)


def test_a_freeze_says_until_when_why_and_what_to_do() -> None:
    said = f"Gel «{NBSP}Épreuves écrites{NBSP}» jusqu’au 17/06/2027 inclus{NBSP}: les postes restent stables. Choisissez un jour plus tard"
    assert FREEZE.says == f"{said}."
    assert replace(FREEZE, overridable=True).says == f"{said} ou demandez une dérogation motivée."


# Exams


def test_exams_are_found_by_the_days_they_touch_with_what_may_be_missing() -> None:
    philosophy = ExamPeriod("bac-gt", "Philosophie", "Tle", date(2027, 6, 14), date(2027, 6, 14))
    calendar = replace(CALENDAR, exams=(philosophy,), exams_known={"bac-gt": (YEAR,), "bts": ()})
    found = calendar.exams_touching(date(2027, 6, 14), date(2027, 6, 20))
    assert (found.dates, found.unknown) == ((philosophy,), ("bts",))
    assert calendar.exams_touching(date(2027, 6, 15), date(2027, 6, 20)).dates == ()


def test_an_exam_without_a_published_end_lasts_as_far_as_its_session_is_known() -> None:
    oral = ExamPeriod("bac-gt", "Français oral", "1re", date(2027, 6, 22), None)
    session = Span(date(2027, 6, 11), date(2027, 7, 7))
    calendar = replace(CALENDAR, exams=(oral,), exams_known={"bac-gt": (session,)})
    assert calendar.exams_touching(date(2027, 7, 7), date(2027, 7, 7)).dates == (oral,)
    after = calendar.exams_touching(date(2027, 7, 8), date(2027, 7, 8))
    assert (after.dates, after.unknown) == ((), ("bac-gt",))


# What is known


def test_two_known_spans_that_meet_cover_what_neither_covers() -> None:
    halves = (Span(date(2027, 1, 1), date(2027, 1, 31)), Span(date(2027, 2, 1), date(2027, 2, 28)))
    assert covered(halves, Span(date(2027, 1, 20), date(2027, 2, 10)))
    assert not covered(halves, Span(date(2027, 1, 20), date(2027, 3, 1)))
    assert not covered((halves[0], Span(date(2027, 2, 2), date(2027, 2, 28))), Span(date(2027, 1, 20), date(2027, 2, 10)))
    assert not covered((), Span(date(2027, 1, 1), date(2027, 1, 1)))
