"""A territory corrected, a declaration withdrawn, freezes decided and undone: by whom may, once, with a trace, on both databases."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from portal.access import ANYONE, Actor, Grant, Policy, system
from portal.calendars import access as calendars_access
from portal.calendars import declaring
from portal.calendars.access import MANAGE_CALENDAR, OVERRIDE_FREEZE
from portal.calendars.freeze_rules import WantedFreeze
from portal.calendars.listing import told
from portal.calendars.models import Freeze, FreezeOverride, FreezeTarget, Frozen
from portal.db import Database
from portal.errors import NotAllowed, OutOfDate, Refused, Unknown
from portal.territories import access as territories_access
from portal.territories import editing
from portal.territories.access import May
from portal.territories.editing import Correction, written
from portal.territories.models import Programme, ProgrammeKind, School, Teaching, Territory, TerritoryLevel
from portal.trail.models import Event
from portal.trail.revision import Revision

POLICY = Policy(territories_access.RULES, calendars_access.RULES)
PERMISSIONS = [*May, MANAGE_CALENDAR]
NOW = datetime(2026, 11, 26, 23, 30, tzinfo=UTC)  # already the 27th in Paris, still the 26th in Cayenne
TODAY = date(2026, 11, 27)
FIRST, SECOND, ELSEWHERE = "0999901Z", "0999902A", "0999903B"


def held_over(*scopes: str) -> Actor:
    return Actor(
        "person:1",
        "Responsable des listes",
        frozenset(Grant(p, scope) for p in (*PERMISSIONS, OVERRIDE_FREEZE) for scope in scopes),
    )


AURA, ISERE, EVERYWHERE = held_over("territory:aura"), held_over("territory:isere"), system("test", *PERMISSIONS, OVERRIDE_FREEZE)


def school(uai: str, region: str) -> School:
    return School(
        uai=uai, name=uai, name_key=uai, type="lycée", kind="lycée", sector="public", city="Valence", city_key="valence", postal_code="26000",
        department_code="26", department="Drôme", academy="Grenoble", region=region, source="test",
    )  # fmt: skip


@pytest.fixture
def ground(database: Database) -> Database:
    def work(session: Session) -> None:
        for code, area, zone in (("aura", "Ici", "Europe/Paris"), ("isere", "Là", "America/Cayenne")):
            process = {"who": "La Région décide.", "other": "gardé"}
            session.add(
                Territory(
                    code=code, name=code, level=TerritoryLevel.REGION, area=area, school_types=["lycée"], zone=zone, contact=f"{code}@region.example",
                    process=process,
                )
            )  # fmt: skip
        schools = [school(FIRST, "Ici"), school(SECOND, "Là"), school(ELSEWHERE, "Ailleurs")]
        programme = Programme(code="bac-pro:x", kind=ProgrammeKind.BAC_PRO, name="Bac pro X", sort_key="bac pro x", source="test")
        published = Programme(code="bts:y", kind=ProgrammeKind.BTS, name="BTS Y", sort_key="bts y", source="test")
        session.add_all([*schools, programme, published])
        session.flush()
        for one in schools:
            session.add(Teaching(school_id=one.key, programme_id=programme.key, source="dit", declared=True))
            session.add(Teaching(school_id=one.key, programme_id=published.key, source="publié"))

    database.write(work)
    return database


def territory(session: Session, code: str = "aura") -> Territory:
    return session.exec(select(Territory).where(Territory.code == code)).one()


def correction(database: Database, read: int | None = None, reason: str = " Nouveau  contact ", **said: str) -> Correction:
    with database.read() as session:
        held = territory(session)
        return Correction(held.version if read is None else read, written(held) | said, reason)


def correct(database: Database, typed: Correction, actor: Actor = AURA, code: str = "aura") -> None:
    database.write(lambda session: editing.correct(session, POLICY, actor, code, typed, at=NOW))


def events(database: Database, kind: str) -> list[Event]:
    with database.read() as session:
        return list(session.exec(select(Event).where(Event.subject_kind == kind).order_by(col(Event.id))))


def revision(database: Database) -> int:
    with database.read() as session:
        return session.exec(select(Revision.number)).one()


@pytest.mark.parametrize("permission", PERMISSIONS)
def test_both_faces_of_each_rule_agree(ground: Database, permission: str) -> None:
    other = Actor("person:2", "Technicien·ne", frozenset({Grant(permission, "school:aura"), Grant("trail:read")}))
    with ground.read() as session:
        everything = session.exec(select(Territory)).all()
        for actor in (
            ANYONE,
            AURA,
            ISERE,
            EVERYWHERE,
            held_over("territory:aura", "territory:isere"),
            other,
            held_over("territory:"),
        ):
            held = {one.code for one in everything if POLICY.may(actor, permission, one)}
            shown = session.exec(select(Territory.code).where(POLICY.visible(actor, permission))).all()
            assert set(shown) == held, actor
            assert POLICY.ever(actor, permission) >= bool(held)


def test_a_correction_is_written_traced_and_shown_by_the_catalogue(ground: Database) -> None:
    before = revision(ground)
    correct(ground, correction(ground, name=" La\x00 Région ", contact="neuf@region.example", who="La commission décide."))
    with ground.read() as session:
        held = territory(session)
        assert (held.name, held.contact) == ("La Région", "neuf@region.example")
        assert held.process == {"who": "La commission décide.", "other": "gardé"}
        assert territory(session, "isere").name == "isere"
    (event,) = events(ground, "territory")
    assert (event.move, event.function, event.reason) == ("corrected", AURA.function, "Nouveau contact")
    assert event.details["changes"]["who"] == ["La Région décide.", "La commission décide."]
    assert "neuf@region.example" not in str(event.details)
    assert revision(ground) == before + 1


def test_the_same_values_change_nothing(ground: Database) -> None:
    before = revision(ground)
    correct(ground, correction(ground))
    assert (events(ground, "territory"), revision(ground)) == ([], before)


def test_a_correction_that_did_not_see_the_last_one_erases_nothing(ground: Database) -> None:
    late = correction(ground, name="Autre nom")
    correct(ground, correction(ground, name="Premier nom"))
    with pytest.raises(OutOfDate, match="pendant que vous écriviez"):
        correct(ground, late)
    with ground.read() as session:
        assert territory(session).name == "Premier nom"
    assert len(events(ground, "territory")) == 1


@pytest.mark.parametrize(("said", "reason"), [({"name": ""}, "r"), ({"contact": "x"}, "r"), ({"name": "X"}, "  ")])
def test_a_faulty_correction_writes_nothing(ground: Database, said: dict[str, str], reason: str) -> None:
    with pytest.raises(Refused):
        correct(ground, correction(ground, None, reason, **said))
    assert events(ground, "territory") == []


@pytest.mark.parametrize("actor", [ISERE, ANYONE, system("other")])
def test_the_territory_of_others_does_not_exist(ground: Database, actor: Actor) -> None:
    with pytest.raises(Unknown):
        correct(ground, correction(ground, name="X"), actor)
    with pytest.raises(Unknown):
        correct(ground, correction(ground, name="X"), code="nulle-part")


def teaching(database: Database, uai: str, *, declared: bool = True) -> int:
    with database.read() as session:
        found = session.exec(select(Teaching).join(School).where(School.uai == uai, Teaching.declared == declared)).one()
        return found.key


def withdraw(database: Database, key: int, reason: str = "Fermée", actor: Actor = AURA) -> None:
    database.write(lambda session: editing.withdraw(session, POLICY, actor, key, reason=reason, at=NOW))


def test_a_declaration_is_withdrawn_once_and_its_school_remembers(ground: Database) -> None:
    key, before = teaching(ground, FIRST), revision(ground)
    withdraw(ground, key, " Section  fermée ")
    with pytest.raises(Unknown):
        withdraw(ground, key)
    (event,) = events(ground, "school")
    assert (event.move, event.reason, event.function) == ("teaching-withdrawn", "Section fermée", AURA.function)
    assert event.details == {"programme": "bac-pro:x", "source": "dit"}
    assert revision(ground) == before + 1
    with ground.read() as session:
        assert len(session.exec(select(Teaching)).all()) == 5


@pytest.mark.parametrize(
    ("uai", "declared", "actor"),
    [(FIRST, False, AURA), (SECOND, True, AURA), (ELSEWHERE, True, AURA), (ELSEWHERE, True, EVERYWHERE), (FIRST, True, ISERE), (FIRST, True, ANYONE)],
)  # fmt: skip
def test_what_is_published_or_of_elsewhere_is_not_withdrawn(ground: Database, uai: str, declared: bool, actor: Actor) -> None:
    key = teaching(ground, uai, declared=declared)
    with pytest.raises(Unknown):
        withdraw(ground, key, actor=actor)
    assert events(ground, "school") == []


@pytest.mark.parametrize("reason", ["", " \x00 ", "r" * 1001])
def test_a_declaration_is_not_withdrawn_without_a_reason(ground: Database, reason: str) -> None:
    key = teaching(ground, FIRST)
    with pytest.raises(Refused):
        withdraw(ground, key, reason)
    assert teaching(ground, FIRST) == key


def wanted(first: int = 10, last: int = 20, name: str = "Brevet", **other: Any) -> WantedFreeze:
    said: dict[str, Any] = {"what": Frozen.PACKAGES, "reason": "Les épreuves.", "overridable": True} | other
    return WantedFreeze(name=name, first=TODAY + timedelta(first), last=TODAY + timedelta(last), **said)


def declare(database: Database, freeze: WantedFreeze, actor: Actor = AURA, code: str = "aura") -> int:
    return database.write(lambda session: declaring.declare(session, POLICY, actor, territory(session, code), freeze, now=NOW).key)


def change(database: Database, verb: Callable[..., None], key: int, actor: Actor = AURA, *, after: int = 0, **said: Any) -> None:
    now = NOW + timedelta(after)
    database.write(lambda session: verb(session, POLICY, actor, territory(session), key, now=now, **said))


def stored(database: Database, key: int) -> Freeze | None:
    with database.read() as session:
        return session.get(Freeze, key)


def test_a_freeze_is_signed_by_who_decided_it(ground: Database) -> None:
    key = declare(ground, wanted())
    held = stored(ground, key)
    assert held is not None
    assert (held.name, held.starts_on, held.override_permission) == ("Brevet", TODAY + timedelta(10), OVERRIDE_FREEZE)
    (event,) = events(ground, "freeze_period")
    assert (event.move, event.function, event.reason) == ("declared", AURA.function, "Les épreuves.")
    with pytest.raises(Refused):
        declare(ground, wanted())


def test_today_is_that_of_the_territory(ground: Database) -> None:
    declare(ground, wanted(-1, 3), ISERE, "isere")
    with pytest.raises(Refused, match="dans le passé"):
        declare(ground, wanted(-1, 3))


def test_a_freeze_of_one_school_is_only_of_a_school_served_here(ground: Database) -> None:
    with ground.read() as session:
        found = {uai: declaring.served_school(session, territory(session), uai) for uai in (FIRST, SECOND, ELSEWHERE, "", "x")}
    assert [uai for uai, one in found.items() if one] == [FIRST]
    here = found[FIRST]
    assert here is not None
    key = declare(ground, wanted(target=FreezeTarget.SCHOOL, target_id=here.key))
    held = stored(ground, key)
    assert held is not None
    assert (held.target, held.school_id) == (FreezeTarget.SCHOOL, here.id)


def test_a_freeze_is_corrected_before_it_begins(ground: Database) -> None:
    key = declare(ground, wanted())
    change(ground, declaring.correct, key, wanted=wanted(12, 22, overridable=False), read=1, why="Report")
    held = stored(ground, key)
    assert held is not None
    assert (held.starts_on, held.overridable, held.override_permission) == (TODAY + timedelta(12), False, "")
    event = events(ground, "freeze_period")[-1]
    assert (event.move, event.reason) == ("corrected", "Report")
    assert set(event.details["changes"]) == {"starts_on", "ends_on", "overridable"}
    with pytest.raises(OutOfDate):
        change(ground, declaring.correct, key, wanted=wanted(), read=1, why="Autre")
    with pytest.raises(Refused, match="a commencé"):
        change(ground, declaring.correct, key, after=15, wanted=wanted(30, 40), read=2, why="Autre")
    with pytest.raises(Refused, match="Il manque la raison de ce changement"):
        change(ground, declaring.correct, key, wanted=wanted(), read=2, why=" ")


def test_who_may_pass_over_is_not_changed_by_a_correction(ground: Database) -> None:
    key = declare(ground, wanted())

    def ask_another(session: Session) -> None:
        session.get_one(Freeze, key).override_permission = "freeze:special"

    ground.write(ask_another)
    change(ground, declaring.correct, key, wanted=wanted(12, 22), read=2, why="Report")
    held = stored(ground, key)
    assert held is not None
    assert held.override_permission == "freeze:special"


def test_a_withdrawn_freeze_leaves_its_trace_and_nothing_else(ground: Database) -> None:
    key = declare(ground, wanted())

    def let_through(session: Session) -> None:
        here = session.exec(select(School).where(School.uai == FIRST)).one()
        session.add(FreezeOverride(freeze_id=key, school_id=here.key, signed_by="Région", at=NOW, reason="Salle"))

    ground.write(let_through)
    with pytest.raises(Refused):
        change(ground, declaring.withdraw, key, why="")
    with pytest.raises(Refused, match="a commencé"):
        change(ground, declaring.withdraw, key, after=10, why="Trop tard")
    change(ground, declaring.withdraw, key, why="Épreuves annulées")
    with pytest.raises(Unknown):
        change(ground, declaring.withdraw, key, why="Deux fois")
    with ground.read() as session:
        assert (session.exec(select(Freeze)).all(), session.exec(select(FreezeOverride)).all()) == ([], [])
    event = events(ground, "freeze_period")[-1]
    assert (event.move, event.reason, event.details["name"]) == ("withdrawn", "Épreuves annulées", "Brevet")


def test_a_new_freeze_does_not_inherit_what_happened_to_a_withdrawn_one(ground: Database) -> None:
    change(ground, declaring.withdraw, declare(ground, wanted()), why="Annulé")
    key = declare(ground, wanted(name="Baccalauréat"))
    with ground.read() as session:
        (event,) = told(session, [session.get_one(Freeze, key)])[key]
    assert (event.move, event.details["name"]) == ("declared", "Baccalauréat")


def test_a_freeze_under_way_ends_early(ground: Database) -> None:
    key = declare(ground, wanted(0, 20))
    change(ground, declaring.end, key, after=5, last=TODAY + timedelta(6), why="Finies")
    held = stored(ground, key)
    assert held is not None
    assert held.ends_on == TODAY + timedelta(6)
    event = events(ground, "freeze_period")[-1]
    assert (event.move, event.reason) == ("ended-early", "Finies")
    assert event.details == {"changes": {"ends_on": [str(TODAY + timedelta(20)), str(TODAY + timedelta(6))]}}
    with pytest.raises(Refused):
        change(ground, declaring.end, key, after=5, last=TODAY + timedelta(6), why="Deux fois")


@pytest.mark.parametrize("actor", [ISERE, ANYONE])
def test_nobody_touches_the_freezes_of_another_territory(ground: Database, actor: Actor) -> None:
    key, there = declare(ground, wanted(0, 20)), declare(ground, wanted(), ISERE, "isere")
    said: dict[Callable[..., None], dict[str, Any]] = {
        declaring.correct: {"wanted": wanted(), "read": 1, "why": "r"},
        declaring.withdraw: {"why": "r"},
        declaring.end: {"last": TODAY, "why": "r"},
    }
    with pytest.raises(NotAllowed):
        declare(ground, wanted(name="X"), actor)
    for verb, values in said.items():
        with pytest.raises(NotAllowed):
            change(ground, verb, key, actor, **values)
        with pytest.raises(Unknown):  # one’s own territory, another’s freeze
            change(ground, verb, there, AURA, **values)
