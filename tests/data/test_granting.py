"""A role comes from a person who may give it, in a place, until a day, and goes at the next request: on both databases."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import product
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from portal.access import ANYONE, Actor, Grant, Policy, system
from portal.calendars import access as calendars_access
from portal.db import Database
from portal.errors import NotAllowed, OutOfDate, Refused
from portal.people.access import RULES, May
from portal.people.granting import Wish, grant, revoke, usual_end
from portal.people.loading import BadRoles, load_roles
from portal.people.models import Accreditation, Attachment, Person, Role
from portal.people.places import place_of
from portal.territories import access as territories_access
from portal.territories.models import School, Territory, TerritoryLevel
from portal.trail.models import Event
from workflows.editions import access as editions_access
from workflows.requests import access as requests_access
from workflows.requests.access import May as Requests

FIRST, SECOND, ELSEWHERE = "0999901Z", "0999902A", "0999903B"
NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
TODAY, END = date(2026, 11, 26), date(2027, 8, 31)
POLICY = Policy(RULES, territories_access.RULES, calendars_access.RULES, editions_access.RULES, requests_access.RULES)
OF_A_HEAD = (Requests.READ, Requests.RELAY, Requests.ENDORSE, Requests.FILL_SCHOOL)
REGION = Actor(
    "person:90",
    "Responsable des listes",
    frozenset(Grant(p, "territory:aura") for p in (May.NAME_HEAD, May.GRANT, May.DELEGATE, May.READ_ACCREDITATIONS, May.SETTLE)),
)
OPERATOR = system("command line", *POLICY.rules)


def school(uai: str, region: str) -> School:
    return School(
        uai=uai, name=uai, name_key=uai, type="lycée", kind="lycée", sector="public", city="Valence", city_key="valence", postal_code="26000",
        department_code="26", department="Drôme", academy="Grenoble", region=region, source="test",
    )  # fmt: skip


@pytest.fixture
def people(database: Database) -> dict[str, int]:
    """A region with two schools, a school of elsewhere, the portal's roles, and three persons."""

    def work(session: Session) -> dict[str, int]:
        session.add(
            Territory(
                code="aura", name="La Région", level=TerritoryLevel.REGION, area="Ici", school_types=["lycée"], zone="Europe/Paris"
            )
        )
        session.add_all([school(FIRST, "Ici"), school(SECOND, "Ici"), school(ELSEWHERE, "Ailleurs")])
        session.flush()
        load_roles(session, POLICY.rules)
        persons = {name: Person(given_name=name, first_seen_at=NOW, seen_at=NOW) for name in ("head", "teacher", "other")}
        session.add_all(persons.values())
        session.flush()
        return {name: person.key for name, person in persons.items()}

    return database.write(work)


def head(people: dict[str, int], uai: str = FIRST) -> Actor:
    """As a session makes her from her accreditation."""
    return Actor(
        f"person:{people['head']}",
        "Proviseure",
        frozenset(Grant(p, f"school:{uai}") for p in (May.GRANT, May.DELEGATE, May.READ_ACCREDITATIONS, May.SETTLE, *OF_A_HEAD)),
    )


def wish(session: Session, person_id: int, role: str, scope: str, *, starts_on: date = TODAY, until: date = END) -> Wish:
    place = place_of(session, scope)
    assert place is not None
    return Wish(
        session.get_one(Person, person_id),
        session.exec(select(Role).where(Role.code == role)).one(),
        place,
        starts_on,
        until,
        "LM-2026-7",
    )


def granted(database: Database, actor: Actor, person_id: int, role: str, scope: str = f"school:{FIRST}", **days: date) -> int:
    return database.write(lambda session: grant(session, POLICY, actor, wish(session, person_id, role, scope, **days), NOW).key)


def test_a_head_makes_a_teacher_referent_until_the_end_of_august(database: Database, people: dict[str, int]) -> None:
    key = granted(database, head(people), people["teacher"], "digital-lead")
    with database.read() as session:
        held = session.get_one(Accreditation, key)
        (event,) = session.exec(select(Event).where(Event.subject_kind == "accreditation")).all()
    assert (held.called, held.scope, held.within, held.zone) == (
        "Référent·e numérique",
        f"school:{FIRST}",
        "territory:aura",
        "Europe/Paris",
    )
    assert (held.until, held.letter, held.granted_as) == (END, "LM-2026-7", "Proviseure")
    assert (event.move, event.actor, event.function) == ("granted", f"person:{people['head']}", "Proviseure")


@pytest.mark.parametrize(("day", "end"), [(date(2026, 8, 31), date(2026, 8, 31)), (date(2026, 9, 1), END), (date(2027, 1, 1), END)])
def test_the_usual_end_is_the_31_august_of_the_school_year(day: date, end: date) -> None:
    assert usual_end(day) == end


@pytest.mark.parametrize("role", ["head", "administrator", "decider", "chair", "packager"])
def test_a_head_cannot_give_what_others_give(database: Database, people: dict[str, int], role: str) -> None:
    for scope in (f"school:{FIRST}", "territory:aura", "*"):
        with pytest.raises(NotAllowed):
            granted(database, head(people), people["teacher"], role, scope)


def test_a_head_grants_in_her_own_school_only(database: Database, people: dict[str, int]) -> None:
    for uai in (SECOND, ELSEWHERE):
        with pytest.raises(NotAllowed):
            granted(database, head(people), people["teacher"], "digital-lead", f"school:{uai}")


def test_the_region_names_the_heads_of_its_own_schools(database: Database, people: dict[str, int]) -> None:
    granted(database, REGION, people["head"], "head")
    with pytest.raises(NotAllowed):
        granted(database, REGION, people["head"], "head", f"school:{ELSEWHERE}")


def test_a_delegate_grants_but_does_not_delegate(database: Database, people: dict[str, int]) -> None:
    granted(database, head(people), people["other"], "delegate")
    delegate = Actor(
        f"person:{people['other']}",
        "Délégataire",
        frozenset(Grant(p, f"school:{FIRST}") for p in (May.GRANT, May.READ_ACCREDITATIONS, May.SETTLE, *OF_A_HEAD)),
    )
    granted(database, delegate, people["teacher"], "digital-lead")
    with pytest.raises(NotAllowed):
        granted(database, delegate, people["teacher"], "delegate")


def test_nobody_grants_in_a_school_beyond_their_own_rights(database: Database, people: dict[str, int]) -> None:
    half = Actor(f"person:{people['other']}", "Adjointe", frozenset({Grant(May.GRANT, f"school:{FIRST}")}))
    with pytest.raises(Refused, match="permet plus que ce que vous pouvez"):
        granted(database, half, people["teacher"], "digital-lead")


def test_whoever_names_a_head_does_not_have_to_hold_the_visa(database: Database, people: dict[str, int]) -> None:
    region = Actor("person:90", "Responsable", frozenset({Grant(May.NAME_HEAD, "territory:aura")}))
    granted(database, region, people["teacher"], "head")


def test_nobody_grants_to_themselves_nor_to_the_account_linked_to_theirs(database: Database, people: dict[str, int]) -> None:
    with pytest.raises(Refused, match="à soi-même"):
        granted(database, head(people), people["head"], "digital-lead")
    database.write(
        lambda session: session.execute(
            sa.update(Person).where(col(Person.id) == people["other"]).values(linked_to_id=people["head"])
        )
    )
    with pytest.raises(Refused, match="à soi-même"):
        granted(database, head(people), people["other"], "digital-lead")


@pytest.mark.parametrize(
    ("starts_on", "until", "said"),
    [(END, TODAY, "La fin vient avant le début"), (date(2026, 9, 1), date(2026, 11, 25), "déjà passée")],
)
def test_days_that_make_no_sense_are_refused(
    database: Database, people: dict[str, int], starts_on: date, until: date, said: str
) -> None:
    with pytest.raises(Refused, match=said):
        granted(database, head(people), people["teacher"], "digital-lead", starts_on=starts_on, until=until)


def test_a_role_is_held_where_it_has_a_meaning(database: Database, people: dict[str, int]) -> None:
    for role, scope in (("digital-lead", "territory:aura"), ("decider", f"school:{FIRST}"), ("administrator", "territory:aura")):
        with pytest.raises(Refused, match="ne se confie pas à cet endroit"):
            granted(database, OPERATOR, people["teacher"], role, scope)


def test_a_double_click_grants_once(database: Database, people: dict[str, int]) -> None:
    granted(database, head(people), people["teacher"], "digital-lead")
    with pytest.raises(Refused, match="déjà cette fonction"):
        granted(database, head(people), people["teacher"], "digital-lead")
    next_year = {"starts_on": date(2027, 9, 1), "until": date(2028, 8, 31)}
    granted(database, head(people), people["teacher"], "digital-lead", **next_year)


def test_what_is_revoked_says_by_whom_and_why_once(database: Database, people: dict[str, int]) -> None:
    key = granted(database, head(people), people["teacher"], "digital-lead")

    def take_back(actor: Actor, reason: str) -> None:
        database.write(lambda session: revoke(session, POLICY, actor, session.get_one(Accreditation, key), reason=reason, now=NOW))

    with pytest.raises(NotAllowed):
        take_back(head(people, SECOND), "Une autre école.")
    with pytest.raises(Refused, match="Il manque la raison"):
        take_back(head(people), "  ")
    take_back(head(people), "Change de mission.")
    with pytest.raises(OutOfDate):
        take_back(head(people), "Encore.")
    with database.read() as session:
        held = session.get_one(Accreditation, key)
        moves = session.exec(select(Event.move).where(Event.subject_kind == "accreditation").order_by(col(Event.id))).all()
    assert (held.revoked_as, held.revoke_reason) == ("Proviseure", "Change de mission.")
    assert moves == ["granted", "revoked"]


@pytest.mark.parametrize(
    "values",
    ["granted_as = ' '", "until = '2020-01-01'", "revoked_by = 'person:1'", "revoked_at = '2026-11-26 09:00:00+00:00'"],
    ids=["no granter", "ends before it starts", "revoked at no time", "revoked by nobody"],
)
def test_the_database_itself_refuses_an_accreditation_that_nobody_answers_for(
    database: Database, people: dict[str, int], values: str
) -> None:
    granted(database, head(people), people["teacher"], "digital-lead")
    with pytest.raises(IntegrityError):
        database.write(lambda session: session.execute(sa.text(f"UPDATE accreditation SET {values}")))


def actors(people: dict[str, int]) -> Iterator[Actor]:
    yield from (ANYONE, OPERATOR, REGION, head(people), head(people, SECOND), Actor(f"person:{people['teacher']}", "Enseignante"))
    yield Actor("person:91", "Ailleurs", frozenset(Grant(p, f"school:{ELSEWHERE}") for p in May))


def test_the_two_faces_of_each_rule_agree_for_everybody(database: Database, people: dict[str, int]) -> None:
    for person, uai in product(("teacher", "other"), (FIRST, SECOND, ELSEWHERE)):
        granted(database, OPERATOR, people[person], "digital-lead", f"school:{uai}")
    granted(database, OPERATOR, people["head"], "decider", "territory:aura")
    granted(database, OPERATOR, people["head"], "administrator", "*")
    with database.read() as session:
        for permission in (May.READ_ACCREDITATIONS, May.GRANT, May.DELEGATE, May.NAME_HEAD):
            everything = session.exec(select(Accreditation)).all()
            for actor in actors(people):
                held = {one.key for one in everything if POLICY.may(actor, permission, one)}
                seen = set(session.exec(select(Accreditation.id).where(POLICY.visible(actor, permission))).all())
                assert seen == held, (permission, actor)
                assert POLICY.ever(actor, permission) or not held, "what opens no page shows nothing"
        for actor in actors(people):
            own = {one.key for one in session.exec(select(Person)) if POLICY.may(actor, May.USE_ACCOUNT, one)}
            assert own == set(session.exec(select(Person.id).where(POLICY.visible(actor, May.USE_ACCOUNT))).all()), actor


def test_a_role_that_names_an_unknown_permission_is_refused_whole(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "roles.toml"
    file.write_text(
        '[[roles]]\ncode = "x"\nlabel = "X"\nscope = "school"\nrank = 1\ngranted_with = "role:manage"\npermissions = ["title:burn"]\n'
    )
    with pytest.raises(BadRoles, match="title:burn"):
        database.write(lambda session: load_roles(session, POLICY.rules, file))
    with database.read() as session:
        assert not session.exec(select(Role)).all()


def test_roles_are_loaded_as_often_as_one_likes(database: Database, people: dict[str, int]) -> None:
    before = _roles(database)
    database.write(lambda session: load_roles(session, POLICY.rules))
    assert _roles(database) == before


def _roles(database: Database) -> list[tuple[str, str, list[str]]]:
    with database.read() as session:
        return [(one.code, one.label, one.permissions) for one in session.exec(select(Role).order_by(Role.code))]


def test_what_is_granted_in_a_school_stays_with_the_account_that_belongs_to_it(database: Database, people: dict[str, int]) -> None:
    """Undone, a link leaves to each account what it was given where it belongs."""

    def work(session: Session) -> None:
        session.get_one(Person, people["other"]).linked_to_id = people["teacher"]
        session.add(Attachment(person_id=people["other"], uai=FIRST, source="ent", first_seen_at=NOW, seen_at=NOW))

    database.write(work)
    granted(database, head(people), people["teacher"], "digital-lead")
    with database.read() as session:
        assert session.exec(select(Accreditation.person_id)).one() == people["other"]


@pytest.mark.parametrize("acts_as_linked", [True, False])
def test_nobody_grants_to_themselves_by_a_linked_account(database: Database, people: dict[str, int], acts_as_linked: bool) -> None:
    """Whichever of the two acts, and whichever receives."""
    main, linked = ("teacher", "head") if acts_as_linked else ("head", "teacher")
    database.write(lambda session: setattr(session.get_one(Person, people[linked]), "linked_to_id", people[main]))
    for receiver in ("teacher", "head"):
        with pytest.raises(Refused, match="soi-même"):
            granted(database, head(people), people[receiver], "digital-lead")
