"""Where requests are asked for: two territories with their steps and their days, four schools, people who hold something there."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlmodel import Session, col, select

from catalogue.titles import access as titles_access
from catalogue.titles.models import Category, Confidence, Discipline, LicenceType, Title
from portal.access import Actor, Grant, Policy, system
from portal.calendars import access as calendars_access
from portal.calendars.loading import load_calendars
from portal.clock import Clock
from portal.db import Database
from portal.errors import DomainError
from portal.moves import Desk, Moved
from portal.people import access as people_access
from portal.people.granting import Wish, grant
from portal.people.loading import load_roles
from portal.people.models import Attachment, Person, Role, Standing
from portal.people.places import place_of
from portal.people.queries import accreditations_of
from portal.territories import access as territories_access
from portal.territories.models import School, Territory, TerritoryLevel
from portal.text import fold
from portal.trail.models import Event
from tests.data.contenders import connected, everyone_is_ready
from workflows.editions import access as editions_access
from workflows.requests.access import RULES
from workflows.requests.blocks import Filling, fill
from workflows.requests.drafting import Answers, Typed, discard, find_draft, keep, send
from workflows.requests.letters import settle_blocks
from workflows.requests.merging import tell_both
from workflows.requests.models import Block, BlockKind, RequestKind, RequestSteps, SoftwareRequest
from workflows.requests.moving import Moving, perform
from workflows.requests.passing import passing
from workflows.requests.queries import whole
from workflows.requests.table import REQUESTS
from workflows.requests.timing import clock_on_move

FIRST, SECOND, COLLEGE, ELSEWHERE = "0261505V", "0260037Z", "0380002W", "9830002K"
AT = datetime(2026, 11, 26, 9, tzinfo=UTC)  # a Thursday; nothing is closed before Christmas but week-ends
KEY = "0123456789abcdef"
POLICY = Policy(
    territories_access.RULES, calendars_access.RULES, people_access.RULES, titles_access.RULES, editions_access.RULES, RULES
)
RELAY_DAYS, VISA_DAYS, INSTRUCTION_DAYS, ANSWER_DAYS, BLOCK_DAYS = 5, 10, 20, 8, 15
PEOPLE: Mapping[str, tuple[Sequence[str], Sequence[tuple[str, str]]]] = {
    "teacher": ([FIRST], []),
    "teacher elsewhere in the ENT": ([SECOND], []),  # linked to the teacher
    "colleague": ([FIRST], []),
    "neighbour": ([SECOND], []),
    "lead": ([FIRST, SECOND], [("digital-lead", f"school:{FIRST}")]),
    "lead of the neighbours": ([FIRST, SECOND], [("digital-lead", f"school:{SECOND}")]),
    "head": ([FIRST], [("head", f"school:{FIRST}")]),
    "instructor": ([FIRST], [("decider", "territory:aura")]),
    "packager": ([], [("packager", "territory:aura")]),
    "instructor of the department": ([], [("decider", "territory:isere")]),
    "teacher of the collège": ([COLLEGE], []),
    "lead of the collège": ([COLLEGE], [("digital-lead", f"school:{COLLEGE}")]),
    "stranger": ([ELSEWHERE], []),
    "nobody's": ([], []),
}  # by given name: the schools they belong to, what they hold and where


def settle(session: Session) -> None:
    load_calendars(session)
    session.add_all(
        [
            Territory(code="aura", name="La Région", level=TerritoryLevel.REGION, area="Ici", school_types=["lycée"], zone="Europe/Paris"),
            Territory(code="isere", name="L’Isère", level=TerritoryLevel.DEPARTMENT, area="38", school_types=["collège"], zone="Europe/Paris"),
            _school(FIRST), _school(SECOND), _school(COLLEGE, kind="collège"), _school(ELSEWHERE, region="Ailleurs"),
            Category(slug="outils", name="Outils"), Discipline(slug="sti2d", name="STI2D"),
        ]
    )  # fmt: skip
    session.flush()
    session.add_all(
        [
            Title(
                slug="freecad", name="FreeCAD", sort_key="freecad", licence_type=LicenceType.FREE, confidence=Confidence.HIGH, source="test",
                category_id=session.exec(select(Category)).one().key, changed_at=AT,
            ),
            RequestSteps(
                territory_id=territory(session).key, relay_days=RELAY_DAYS, visa_days=VISA_DAYS, instruction_days=INSTRUCTION_DAYS,
                answer_days=ANSWER_DAYS, block_days=BLOCK_DAYS,
            ),
            RequestSteps(territory_id=territory(session, "isere").key, visa_required=False, relay_days=RELAY_DAYS),
        ]
    )  # fmt: skip
    load_roles(session, POLICY.rules)
    for name, (schools, held) in PEOPLE.items():
        one = Person(given_name=name, first_seen_at=AT, seen_at=AT)
        session.add(one)
        session.flush()
        session.add_all(
            Attachment(
                person_id=one.key, uai=uai, source="ent", standing=Standing.CONFIRMED, first_seen_at=AT, seen_at=AT
            )
            for uai in schools
        )  # fmt: skip
        session.flush()
        for role, scope in held:
            accredit(session, name, role, scope)
    person(session, "teacher elsewhere in the ENT").linked_to_id = person(session, "teacher").key


def _school(uai: str, *, kind: str = "lycée", region: str = "Ici") -> School:
    return School(
        uai=uai, name=uai, name_key=fold(uai), type=kind, kind=kind, sector="public", city="Valence", city_key="valence",
        postal_code="26000", department_code="26" if kind == "lycée" else "38", department="Drôme", academy="Grenoble", region=region,
        source="test",
    )  # fmt: skip


def accredit(session: Session, name: str, role: str, scope: str) -> int:
    place, held = place_of(session, scope), session.exec(select(Role).where(Role.code == role)).one()
    assert place is not None
    wish = Wish(person(session, name), held, place, AT.date(), date(2027, 8, 31))
    return grant(session, POLICY, system("test", *POLICY.rules), wish, AT).key


def person(session: Session, name: str) -> Person:
    return session.exec(select(Person).where(Person.given_name == name)).one()


def territory(session: Session, code: str = "aura") -> Territory:
    return session.exec(select(Territory).where(Territory.code == code)).one()


def actor(session: Session, name: str) -> Actor:
    """As a session makes it from what the person holds."""
    account = person(session, name).account_id
    held = [(one, session.get_one(Role, one.role_id)) for one in accreditations_of(session, account, AT)]
    grants = frozenset(Grant(permission, one.scope) for one, role in held for permission in role.permissions)
    return Actor(f"person:{account}", held[0][0].called if held else "Enseignant·e", grants)


def desk_at(at: datetime = AT) -> Desk:
    """With all that listens to requests, as the portal has it."""
    desk = Desk(POLICY, Clock(real=lambda: at), [clock_on_move, tell_both, settle_blocks])
    desk.listeners.append(passing(desk))
    return desk


def answers(session: Session, **different: Any) -> Answers:
    said: dict[str, Any] = {
        "kind": RequestKind.NEW_TITLE, "title_id": None, "title_name": "OnShape", "audience": "Première STI2D", "need": "Dessiner",
        "discipline_id": session.exec(select(Discipline)).one().key, "places": "B12", "needed_on": date(2027, 9, 1),
        "considered": "Rien", "pupils": 30, "workstations": 15,
    }  # fmt: skip
    return Answers(**{**said, **different})


def keep_draft(
    database: Database, name: str = "teacher", key: str = KEY, uai: str = FIRST, at: datetime = AT, **fields: str
) -> int:
    """The number of the draft that is kept."""

    def work(session: Session) -> int:
        held = keep(session, person(session, name), Typed(key, uai, fields), at)
        session.flush()
        return held.key

    return database.write(work)


def send_draft(database: Database, name: str = "teacher", key: str = KEY, at: datetime = AT, **different: Any) -> None:
    def work(session: Session) -> None:
        held = find_draft(session, person(session, name), key)
        assert held is not None
        send(session, desk_at(at), held, actor(session, name), answers(session, **different))

    database.write(work)


def sent(database: Database, name: str = "teacher", key: str = KEY, uai: str = FIRST, at: datetime = AT, **different: Any) -> int:
    """The number of a request that is kept and sent."""
    number = keep_draft(database, name, key, uai, at)
    send_draft(database, name, key, at, **different)
    return number


def request_of(session: Session, number: int) -> SoftwareRequest:
    return session.exec(select(SoftwareRequest).where(SoftwareRequest.id == number).options(*whole())).one()


def held(database: Database, number: int) -> SoftwareRequest:
    with database.read() as session:
        return request_of(session, number)


def move(
    database: Database, number: int, name: str, by: str, *, at: datetime = AT, reason: str = "Parce que", into: int | None = None
) -> Moved[SoftwareRequest]:
    """One move of the table, by whoever it is."""

    def work(session: Session) -> Moved[SoftwareRequest]:
        desk = desk_at(at)
        given: dict[str, Any] = {"today": desk.clock.today("Europe/Paris")}
        if into is not None:
            given["into"] = request_of(session, into)
        return desk.carry_out(session, REQUESTS, name, request_of(session, number), actor(session, by), reason=reason, **given)

    return database.write(work)


def told(database: Database, number: int) -> list[Event]:
    """The trail of a request, the first first."""
    with database.read() as session:
        query = select(Event).where(Event.subject_kind == "software_request", Event.subject_id == number)
        return list(session.exec(query.order_by(col(Event.id))))


def block_of(session: Session, number: int, kind: BlockKind) -> Block:
    return next(one for one in request_of(session, number).blocks if one.kind is kind)


def fill_block(database: Database, number: int, kind: BlockKind, by: str, filling: Filling, *, at: datetime = AT) -> None:
    database.write(
        lambda session: fill(session, POLICY, actor(session, by), block_of(session, number, kind), filling, at=at)
    )  # fmt: skip


def reach_instruction(database: Database, number: int) -> None:
    for name, by in (("relay", "lead"), ("endorse", "head")):
        move(database, number, name, by)


# What processes do at once


def send_at_once(url: str, name: str, key: str) -> str:
    """What is said to one of those who send: « sent », or the sentence that refuses it."""
    database = connected(url)
    everyone_is_ready()
    try:
        send_draft(database, name, key)
    except DomainError as refused:
        return str(refused)
    finally:
        database.close()
    return "sent"


def keep_at_once(url: str, name: str, key: str) -> int:
    database = connected(url)
    everyone_is_ready()
    try:
        return keep_draft(database, name, key)
    finally:
        database.close()


def discard_at_once(url: str, name: str, key: str) -> str:
    """« discarded », or the name of what was met instead."""
    database = connected(url)
    everyone_is_ready()
    try:
        database.write(lambda session: discard(session, person(session, name), key))
    except Exception as met:  # noqa: BLE001 – the test reads what it was
        return type(met).__name__
    finally:
        database.close()
    return "discarded"


def fill_at_once(url: str, number: int, kind: BlockKind, by: str, filling: Filling) -> str:
    database = connected(url)
    everyone_is_ready()
    try:
        fill_block(database, number, kind, by, filling)
    except DomainError as refused:
        return str(refused)
    finally:
        database.close()
    return "filled"


def merge_at_once(url: str, number: int, into: int) -> str:
    """As the page does it: both are locked."""
    database = connected(url)
    everyone_is_ready()
    asked = Moving("merge", "La même chose", str(into))
    try:
        database.write(lambda session: perform(session, desk_at(), actor(session, "instructor"), number, asked))
    except DomainError as refused:
        return str(refused)
    finally:
        database.close()
    return "merged"
