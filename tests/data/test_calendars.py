"""Calendars in the database: what it refuses, what the files bring, what a calendar costs to read."""

import csv
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import selectinload
from sqlmodel import Session, select

import catalogue.titles.models as titles
from portal.access import Actor, Grant, Policy
from portal.calendars.access import OVERRIDE_FREEZE, RULES
from portal.calendars.freezes import override_for_school, override_for_title
from portal.calendars.loading import FOLDER, load_calendars, load_demonstration
from portal.calendars.models import (
    CalendarKind,
    ExamDate,
    Freeze,
    FreezeOverride,
    FreezeTarget,
    Frozen,
    KnownPeriod,
    PublicHoliday,
    SchoolHoliday,
    SchoolWeek,
)
from portal.calendars.queries import read_calendar
from portal.calendars.rules import Calendar, NotKnown, State
from portal.db import Database, Model, related
from portal.errors import NotAllowed, Refused
from portal.territories.models import Room, School, Territory, TerritoryLevel
from portal.trail.models import Event

Counting = Callable[[Database], AbstractContextManager[list[str]]]
YEAR = (date(2026, 9, 1), date(2027, 8, 31))
AT = datetime(2027, 6, 1, 8, tzinfo=UTC)
POLICY = Policy(RULES)
PACKAGER = Actor("person:1", "Cellule de mise en paquet", frozenset({Grant("freeze:override", "territory:aura")}))
STRANGER = Actor("person:2", "Enseignante", frozenset({Grant("freeze:override", "territory:isere")}))


def a_school(uai: str, academy: str, region: str = "Auvergne-Rhône-Alpes", kind: str = "lycée", sector: str = "public") -> School:
    return School(
        uai=uai, name=uai, name_key=uai, type=kind, kind=kind, sector=sector, city="Lyon", city_key="lyon", postal_code="69001",
        department_code="069", department="Rhône", academy=academy, region=region, source="fictif",
    )  # fmt: skip


def a_territory(code: str, area: str, types: list[str], level: TerritoryLevel = TerritoryLevel.REGION) -> Territory:
    return Territory(code=code, name=code, level=level, area=area, school_types=types, zone="Europe/Paris")


def a_freeze(territory: Territory, name: str = "Gel", **values: Any) -> Freeze:
    days = {"starts_on": date(2027, 6, 1), "ends_on": date(2027, 6, 17)}
    said = {"what": Frozen.PACKAGES, "target": FreezeTarget.TERRITORY, "reason": "épreuves"}
    return Freeze(territory_id=territory.key, name=name, **{**days, **said, **values})


def settle(session: Session) -> None:
    """Three académies of zone A for a region, one collège of it for a department, a school that nobody placed."""
    load_calendars(session)
    session.add_all(
        [
            a_territory("aura", "Auvergne-Rhône-Alpes", ["lycée"]),
            a_territory("isere", "069", ["collège"], TerritoryLevel.DEPARTMENT),
            a_territory("est", "Grand Est", ["lycée"]),
            a_territory("loin", "Guyane", ["lycée"]),
            a_school("0690001A", "Lyon"),
            a_school("0380001B", "Grenoble"),
            a_school("0630001C", "Clermont-Ferrand"),
            a_school("0690002D", "Lyon", kind="collège"),
            a_school("0750001E", "Paris", sector="prive"),  # of the region by mistake, but not served
            a_school("0670001F", "Strasbourg", region="Grand Est"),
            a_school("0510001G", "Reims", region="Grand Est"),
            a_school("9730001H", "Guyane", region="Guyane"),
        ]
    )
    session.flush()
    schools = {school.uai: school for school in session.exec(select(School))}
    session.add_all(Room(school_id=schools[uai].key, name="B12", seats=18, fictitious=True) for uai in ("0690001A", "0380001B"))
    category = titles.Category(slug="bureautique", name="Bureautique")
    session.add(category)
    session.flush()
    session.add(
        titles.Title(
            slug="un-titre", name="Un titre", sort_key="un titre", licence_type=titles.LicenceType.FREE, source="fictif",
            confidence=titles.Confidence.HIGH, changed_at=AT, category_id=category.key,
        )
    )  # fmt: skip
    session.flush()


@pytest.fixture
def settled(database: Database) -> Database:
    database.write(settle)
    return database


def territory(session: Session, code: str = "aura") -> Territory:
    return session.exec(select(Territory).where(Territory.code == code)).one()


def school(session: Session, uai: str = "0690001A") -> School:
    return session.exec(select(School).where(School.uai == uai)).one()


def room(session: Session, uai: str) -> Room:
    return session.exec(select(Room).where(Room.school_id == school(session, uai).key)).one()


def title(session: Session) -> titles.Title:
    return session.exec(select(titles.Title)).one()


def calendar(database: Database, code: str = "aura", uai: str = "") -> Calendar:
    with database.read() as session:
        return read_calendar(session, territory(session, code), *YEAR, school=school(session, uai) if uai else None)


# What the database refuses


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ({"starts_on": date(2027, 6, 18)}, "dates_ordered"),
        ({"reason": " "}, "reason_said"),
        ({"overridable": True}, "overrider_said"),
        ({"override_permission": "freeze:override"}, "overrider_said"),
        ({"target": FreezeTarget.SCHOOL}, "school_said"),
        ({"target": FreezeTarget.ROOM}, "room_said"),
        ({"target": FreezeTarget.TITLE}, "title_said"),
        ({"school_id": 1}, "school_said"),
        ({"title_id": 1}, "title_said"),
        ({"target": FreezeTarget.SCHOOL, "school_id": 1, "room_id": 1}, "room_said"),
        ({"target": FreezeTarget.TITLE, "title_id": 10**6}, "foreign key"),
        ({"name": "Gel"}, "unique"),
    ],
)
def test_a_freeze_has_ordered_days_a_reason_one_target_and_whoever_may_pass_over_it(
    settled: Database, wrong: dict[str, Any], rule: str
) -> None:
    settled.write(lambda session: session.add(a_freeze(territory(session))))
    with pytest.raises(sa.exc.IntegrityError, match=f"(?i){rule}"):
        settled.write(lambda session: session.add(a_freeze(territory(session), **{"name": "Autre gel", **wrong})))


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ({"reason": " "}, "reason_said"),
        ({"signed_by": ""}, "author_said"),
        ({"title_id": None}, "one_subject"),
        ({"school_id": 1}, "one_subject"),
        ({"freeze_id": 10**6}, "foreign key"),
    ],
)
def test_an_override_has_a_reason_an_author_and_one_subject(settled: Database, wrong: dict[str, Any], rule: str) -> None:
    def write(session: Session, wrong: dict[str, Any]) -> None:
        freeze = a_freeze(territory(session), str(wrong))
        session.add(freeze)
        session.flush()
        right = {"freeze_id": freeze.key, "title_id": title(session).key, "signed_by": "Région", "at": AT, "reason": "sécurité"}
        session.add(FreezeOverride(**{**right, **wrong}))

    settled.write(lambda session: write(session, {}))
    with pytest.raises(sa.exc.IntegrityError, match=f"(?i){rule}"):
        settled.write(lambda session: write(session, wrong))


WORKLESS = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), False)
BACKWARDS = {"first_day": date(2027, 1, 2), "last_day": date(2027, 1, 1)}


@pytest.mark.parametrize(
    ("model", "values", "rule"),
    [
        (SchoolWeek, {}, "one_owner"),
        (SchoolWeek, {"territory_id": 1, "school_id": 1}, "one_owner"),
        (SchoolWeek, {"territory_id": 1, **WORKLESS}, "some_day_open"),
        (
            SchoolHoliday,
            {
                "zone": "A",
                "school_year": "2026-2027",
                "name": "Pont",
                "first_day_off": date(2027, 1, 2),
                "last_day_off": date(2027, 1, 1),
            },
            "dates_ordered",
        ),
        (KnownPeriod, {"kind": CalendarKind.EXAMS, "subject": "bts", **BACKWARDS}, "dates_ordered"),
        (PublicHoliday, {"part": "metropole", "day": date(2027, 12, 25), "name": "Deux fois"}, "unique"),
    ],
)
def test_impossible_days_are_refused(settled: Database, model: type[Model], values: dict[str, Any], rule: str) -> None:
    with pytest.raises(sa.exc.IntegrityError, match=f"(?i){rule}"):
        settled.write(lambda session: session.add(model(**{"source": "saisie", **values})))


# What the files bring


def lines(file: str) -> list[dict[str, str]]:
    with (FOLDER / f"{file}.csv").open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def test_calendars_load_once(database: Database) -> None:
    first, again = database.write(load_calendars), database.write(load_calendars)
    assert first == {kind: len(lines(kind)) for kind in first}
    assert min(first.values()) > 0
    assert set(again.values()) == {0}


def test_loading_again_corrects_what_a_file_corrects_and_keeps_what_it_does_not_have(database: Database) -> None:
    def spoil(session: Session) -> None:
        session.exec(select(PublicHoliday).where(PublicHoliday.day == date(2027, 5, 1))).one().name = "Fête"
        session.add(PublicHoliday(part="metropole", day=date(2029, 1, 1), name="1er janvier", source="saisie"))

    database.write(load_calendars)
    database.write(spoil)
    assert database.write(load_calendars)["public_holidays"] == 1
    with database.read() as session:
        names = dict(session.exec(select(PublicHoliday.day, PublicHoliday.name)).all())
    assert (names[date(2027, 5, 1)], names[date(2029, 1, 1)]) == ("1er mai", "1er janvier")


def test_the_demonstration_loads_once_says_it_is_fictitious_and_keeps_what_the_territory_changed(settled: Database) -> None:
    def change(session: Session) -> None:
        session.exec(select(Freeze).where(Freeze.name == "Épreuves écrites des BTS")).one().ends_on = date(2027, 5, 20)

    first = settled.write(lambda session: load_demonstration(session, territory(session)))
    assert first == {"school_years": 5, "exam_dates": 22, "known_periods": 5, "freezes": 5}
    settled.write(change)
    assert set(settled.write(lambda session: load_demonstration(session, territory(session))).values()) == {0}
    with settled.read() as session:
        freezes = {freeze.name: freeze for freeze in session.exec(select(Freeze))}
        exams = session.exec(select(ExamDate)).all()
    assert freezes["Épreuves écrites des BTS"].ends_on == date(2027, 5, 20)
    assert all(freeze.fictitious for freeze in freezes.values())
    assert {(exam.session, exam.fictitious) for exam in exams} == {(2026, False), (2027, True)}
    assert all(exam.source == "calendrier fictif de démonstration" for exam in exams if exam.fictitious)


def test_a_department_freezes_the_exam_of_its_own_schools(settled: Database) -> None:
    settled.write(lambda session: load_demonstration(session, territory(session, "isere")))
    names = {freeze.name for freeze in calendar(settled, "isere").freezes}
    assert names == {"Première semaine de la rentrée", "Épreuves écrites du brevet"}


def test_written_exams_of_the_demonstration_are_frozen_two_weeks_before_and_until_the_end(settled: Database) -> None:
    settled.write(lambda session: load_demonstration(session, territory(session)))
    held = calendar(settled)
    for day in (date(2027, 5, 27), date(2027, 6, 10), date(2027, 6, 17)):
        assert held.freezes_touching(day, day, what=Frozen.PACKAGES)
    assert not held.freezes_touching(date(2027, 6, 18), date(2027, 6, 18), what=Frozen.PACKAGES)
    practical = held.freezes_touching(date(2027, 6, 2), date(2027, 6, 2), what=Frozen.BOOKINGS)
    assert [freeze.name for freeze in practical] == ["Épreuves pratiques : ECE et NSI"]


@pytest.mark.parametrize("file", sorted(path.stem for path in FOLDER.glob("*.csv")))
def test_every_line_that_states_a_fact_says_where_it_comes_from(file: str) -> None:
    for line in lines(file):
        assert line.get("source", "a list or a choice of ours") != ""
        assert ("fictitious" in file) == (line.get("fictitious") == "1")


# What a calendar answers on the real data


def test_three_academies_of_one_zone_make_one_calendar(settled: Database) -> None:
    held = calendar(settled)
    assert [(area.zone, area.part) for area in held.areas] == [("A", "metropole")]
    assert held.is_open(date(2027, 2, 15)).reason == "Vacances d’hiver, jusqu’au 28/02/2027 inclus."
    assert held.is_open(date(2027, 3, 1)).state is State.OPEN
    assert held.is_open(date(2027, 5, 7)).reason == "Pont de l’Ascension, jusqu’au 09/05/2027 inclus."
    assert held.is_open(date(2027, 9, 1)).state is State.UNKNOWN


def test_a_day_that_the_source_leaves_out_is_unknown(settled: Database) -> None:
    assert [calendar(settled).is_open(date(2024, 5, day)).state for day in (7, 10, 13)] == [State.OPEN, State.UNKNOWN, State.OPEN]


def test_a_region_with_two_kinds_of_public_holidays_answers_for_each_school(settled: Database) -> None:
    day = date(2026, 9, 8)
    assert calendar(settled, "est").is_open(day).state is State.UNKNOWN
    assert calendar(settled, "est", "0510001G").is_open(day).state is State.OPEN
    assert calendar(settled, "est", "0670001F").is_open(day).state is State.UNKNOWN


def test_a_school_of_an_academy_that_nobody_placed_is_unknown(settled: Database) -> None:
    assert calendar(settled, "loin", "9730001H").is_open(date(2026, 9, 8)).state is State.UNKNOWN


def test_a_territory_without_schools_is_unknown(settled: Database) -> None:
    settled.write(lambda session: session.add(a_territory("vide", "Bretagne", ["lycée"])))
    held = calendar(settled, "vide")
    assert held.is_open(date(2026, 9, 8)).state is State.UNKNOWN
    assert isinstance(held.school_year(date(2026, 9, 8)), NotKnown)


def test_only_what_was_published_of_exams_is_known(settled: Database) -> None:
    with settled.read() as session:
        held = read_calendar(session, territory(session), date(2026, 6, 1), date(2026, 7, 31))
    june = held.exams_touching(date(2026, 6, 15), date(2026, 6, 18))
    assert [exam.event for exam in june.dates] == ["Philosophie", "Épreuves écrites de spécialité"]
    assert june.unknown == ("bts", "cap", "dnb")
    assert held.exams_touching(date(2026, 6, 1), date(2026, 6, 5)).unknown == ("bac-gt", "bts", "cap", "dnb")


def test_a_school_may_have_its_own_week_and_else_follows_its_territory(settled: Database) -> None:
    saturday = date(2026, 9, 12)
    assert calendar(settled).is_open(saturday).state is State.CLOSED
    settled.write(lambda session: session.add(SchoolWeek(territory_id=territory(session, "isere").key, saturday=True)))
    assert calendar(settled, uai="0690001A").is_open(saturday).state is State.CLOSED
    settled.write(lambda session: session.add(SchoolWeek(territory_id=territory(session).key, saturday=True)))
    assert calendar(settled, uai="0690001A").is_open(saturday).state is State.OPEN
    settled.write(lambda session: session.add(SchoolWeek(school_id=school(session).key)))
    assert calendar(settled, uai="0690001A").is_open(saturday).state is State.CLOSED
    assert calendar(settled, uai="0380001B").is_open(saturday).state is State.OPEN


def test_a_calendar_reads_the_freezes_that_may_hold_for_it_in_its_period(settled: Database) -> None:
    def freeze(session: Session) -> None:
        aura, mine, other = territory(session), school(session), school(session, "0380001B")
        session.add_all(
            [
                a_freeze(aura, "territoire"),
                a_freeze(aura, "titre", target=FreezeTarget.TITLE, title_id=title(session).key),
                a_freeze(aura, "école", target=FreezeTarget.SCHOOL, school_id=mine.key),
                a_freeze(aura, "salle", target=FreezeTarget.ROOM, room_id=room(session, mine.uai).key),
                a_freeze(aura, "autre école", target=FreezeTarget.SCHOOL, school_id=other.key),
                a_freeze(aura, "autre salle", target=FreezeTarget.ROOM, room_id=room(session, other.uai).key),
                a_freeze(territory(session, "isere"), "autre territoire"),
                a_freeze(aura, "veille", starts_on=date(2026, 8, 1), ends_on=date(2026, 8, 31)),
                a_freeze(aura, "dernier jour", starts_on=date(2027, 8, 31), ends_on=date(2027, 9, 5)),
                a_freeze(aura, "lendemain", starts_on=date(2027, 9, 1), ends_on=date(2027, 9, 5)),
            ]
        )

    settled.write(freeze)
    of_school = ["territoire", "titre", "école", "salle", "dernier jour"]
    assert [freeze.name for freeze in calendar(settled, uai="0690001A").freezes] == of_school
    assert {freeze.name for freeze in calendar(settled).freezes} == {*of_school, "autre école", "autre salle"}


@pytest.mark.parametrize("uai", ["", "0690001A"])
def test_thirty_freezes_cost_no_more_queries_than_three(settled: Database, count_queries: Counting, uai: str) -> None:
    def add(session: Session, numbers: range) -> None:
        for number in numbers:
            freeze = a_freeze(territory(session), f"Gel {number}")
            session.add(freeze)
            session.flush()
            session.add(
                FreezeOverride(freeze_id=freeze.key, title_id=title(session).key, signed_by="Région", at=AT, reason="sécurité")
            )

    def cost(held: int) -> int:
        with count_queries(settled) as sent:
            assert len(calendar(settled, uai=uai).freezes) == held
        return len(sent)

    settled.write(lambda session: add(session, range(3)))
    three = cost(3)
    settled.write(lambda session: add(session, range(3, 30)))
    assert cost(30) == three


# Passing over a freeze


def overridable(session: Session, name: str = "Gel", **values: Any) -> Freeze:
    session.add(a_freeze(territory(session), name, **{"overridable": True, "override_permission": "freeze:override", **values}))
    session.flush()
    return session.exec(select(Freeze).where(Freeze.name == name).options(selectinload(related(Freeze.territory)))).one()


def test_an_override_lets_one_title_through_and_is_remembered_with_its_reason(settled: Database) -> None:
    def override(session: Session) -> tuple[int, int]:
        key = title(session).key
        made = override_for_title(session, POLICY, PACKAGER, overridable(session), key, at=AT, reason=" Faille critique. ")
        return made.freeze_id, key

    freeze, key = settled.write(override)
    held, day = calendar(settled), date(2027, 6, 10)
    assert held.freezes_touching(day, day, title=key, what=Frozen.PACKAGES) == ()
    assert [f.id for f in held.freezes_touching(day, day, title=key + 1, what=Frozen.PACKAGES)] == [freeze]
    with settled.read() as session:
        made, event = session.exec(select(FreezeOverride)).one(), session.exec(select(Event)).one()
    assert (made.signed_by, made.at, made.reason) == ("Cellule de mise en paquet", AT, "Faille critique.")
    assert (event.subject_kind, event.subject_id, event.move, event.reason) == (
        "freeze_period",
        freeze,
        "override",
        "Faille critique.",
    )


def test_an_override_lets_one_school_through(settled: Database) -> None:
    settled.write(
        lambda session: override_for_school(
            session, POLICY, PACKAGER, overridable(session), school(session).key, at=AT, reason="Panne."
        )
    )
    day = date(2027, 6, 10)
    assert calendar(settled, uai="0690001A").freezes_touching(day, day, what=Frozen.PACKAGES) == ()
    assert calendar(settled, uai="0380001B").freezes_touching(day, day, what=Frozen.PACKAGES)


@pytest.mark.parametrize(
    ("actor", "values", "reason", "refusal"),
    [
        (STRANGER, {}, "Urgent.", (NotAllowed, "accréditation")),
        (PACKAGER, {"override_permission": "freeze:lift"}, "Urgent.", (NotAllowed, "accréditation")),
        (PACKAGER, {"overridable": False, "override_permission": ""}, "Urgent.", (Refused, "dérogation")),
        (PACKAGER, {}, "  ", (Refused, "raison")),
    ],
)
def test_an_override_without_right_permission_or_reason_is_refused(
    settled: Database, actor: Actor, values: dict[str, Any], reason: str, refusal: tuple[type[Exception], str]
) -> None:
    with pytest.raises(refusal[0], match=refusal[1]):
        settled.write(
            lambda session: override_for_title(
                session, POLICY, actor, overridable(session, **values), title(session).key, at=AT, reason=reason
            )
        )
    with settled.read() as session:
        assert session.exec(select(FreezeOverride)).all() == []


def test_an_override_is_given_once_for_a_subject(settled: Database) -> None:
    def twice(session: Session) -> None:
        freeze = overridable(session)
        override_for_title(session, POLICY, PACKAGER, freeze, title(session).key, at=AT, reason="Urgent.")
        override_for_school(session, POLICY, PACKAGER, freeze, school(session).key, at=AT, reason="Urgent.")
        override_for_title(session, POLICY, PACKAGER, freeze, title(session).key, at=AT, reason="Encore.")

    with pytest.raises(Refused, match="existe déjà"):
        settled.write(twice)


def test_who_holds_something_in_a_school_only_is_never_offered_to_pass_over_a_freeze() -> None:
    """A teacher who made a token read « passer outre un gel du parc » among what it could do."""
    teacher = Actor("person:5", "Enseignante", frozenset({Grant("freeze:override", "school:0261505V")}))
    assert not POLICY.ever(teacher, OVERRIDE_FREEZE)


def test_the_two_faces_of_passing_over_a_freeze_agree(settled: Database) -> None:
    def freeze(session: Session) -> None:
        overridable(session, "dérogeable")
        overridable(session, "autre droit", override_permission="freeze:lift")
        session.add(a_freeze(territory(session), "ferme"))
        session.add(a_freeze(territory(session, "isere"), "voisin", overridable=True, override_permission="freeze:override"))

    settled.write(freeze)
    everywhere = Actor("person:3", "Région", frozenset({Grant("freeze:override"), Grant("freeze:lift", "school:0690001A")}))
    both = Actor(
        "person:4", "Région", frozenset({Grant("freeze:lift", "territory:aura"), Grant("freeze:override", "territory:isere")})
    )
    chosen = {}
    with settled.read() as session:
        freezes = session.exec(select(Freeze).options(selectinload(related(Freeze.territory)))).all()
        for actor in (PACKAGER, STRANGER, everywhere, both, Actor("anonymous", "Public")):
            rows = set(session.exec(select(Freeze).where(POLICY.visible(actor, OVERRIDE_FREEZE))).all())
            assert rows == {freeze for freeze in freezes if POLICY.may(actor, OVERRIDE_FREEZE, freeze)}
            chosen[actor.key] = {freeze.name for freeze in rows}
            assert POLICY.ever(actor, OVERRIDE_FREEZE) or not rows
    assert chosen == {
        "person:1": {"dérogeable"},
        "person:2": {"voisin"},
        "person:3": {"dérogeable", "voisin"},
        "person:4": {"autre droit", "voisin"},
        "anonymous": set(),
    }
