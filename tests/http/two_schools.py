"""Two of everything: what a reader reaches, and what others do. Numbers are such that a page cannot hold one by chance."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import Flask
from sqlmodel import Session, select

from catalogue.titles.models import Discipline
from portal.calendars.models import Freeze, FreezeTarget, Frozen
from portal.clock import Clock
from portal.db import METADATA, Database
from portal.enclosures.models import Enclosure
from portal.enclosures.store import Kept
from portal.letters.models import Kind, Notice
from portal.people.models import Accreditation, Attachment, Person, Role, ScopeKind
from portal.signin.loading import COLLEGES, DEMONSTRATION, WINDOW
from portal.signin.models import Identity, OpenSession, Provider, Token
from portal.signin.secrets import digest
from portal.territories.models import Programme, ProgrammeKind, School, Teaching, Territory
from portal.trail.models import Event
from tests.data.demonstrations import index
from tests.http.administering import COLLEGE, ELSEWHERE, FIRST, SECOND, install, portal_of
from workflows.requests.models import Block, BlockKind, RequestCampaign, RequestStatus, SoftwareRequest

ZONE = "Europe/Paris"
NOWHERE = "http://127.0.0.1:9/cas"  # nobody goes there
READER, LINKED, TOKEN = 700001, 703001, 702001
VALUE = "a value that only tests know"
FAMILY = {FIRST: "Abélard", SECOND: "Zéphyrin", COLLEGE: "Wenceslas", ELSEWHERE: "Ysoline"}  # whose names may not be read elsewhere
BLOCK = {FIRST: 710000, SECOND: 720000, COLLEGE: 730000, ELSEWHERE: 740000}  # numbers of what belongs to a school
MISSING, LAST = 799999, 790000  # the last number of the first school: what is added later follows it, and is not taken for others'
TERRITORY = {FIRST: "aura", SECOND: "aura", COLLEGE: "isere"}  # which serves the school; nobody serves the last one


class Sample(NamedTuple):
    """A part of an address: what the reader reaches, what others do, and what nobody has."""

    own: str
    theirs: str
    missing: str


def of_school(uai: str, what: int) -> int:
    return BLOCK[uai] + what


PERSON, GRANTED, THEIR_TOKEN, THEIR_LINKED, FREEZE, TEACHING, ASKING, REQUEST, SENT = range(1, 10)
DRAFT, PIECE, CAMPAIGN, NOTICE = range(20, 24)
KINDS = (*range(1, 10), DRAFT, PIECE, CAMPAIGN, NOTICE)  # whatever an address or a field may name


def key_of(number: int) -> str:
    """Of a draft, as a page makes it: long enough."""
    return f"brouillon-{number}"


def samples(other: str) -> dict[str, Sample]:
    """By the name that routes give to a part of their address. `other`: the school that the reader does not reach."""

    def numbered(what: int, own: int = 0) -> Sample:
        return Sample(str(own or of_school(FIRST, what)), str(of_school(other, what)), str(MISSING))

    return {
        "uai": Sample(FIRST, other, "0000000A"),
        "accreditation": numbered(GRANTED),
        "person": numbered(PERSON),
        "token": numbered(THEIR_TOKEN, TOKEN),
        "account": numbered(THEIR_LINKED, LINKED),
        "territory": Sample("aura", "isere", "nulle-part"),
        "freeze": numbered(FREEZE),
        "teaching": numbered(TEACHING),
        "ent": Sample(COLLEGES, WINDOW, "nulle-part"),
        "code": Sample("digital-lead", "head", "nulle-part"),
        "number": numbered(REQUEST),
        "piece": numbered(PIECE),
        "block": Sample("school", "volet-des-autres", "volet-de-personne"),
        "move": Sample("give_up", "etape-des-autres", "etape-de-personne"),
        "key": Sample(key_of(of_school(FIRST, DRAFT)), key_of(of_school(other, DRAFT)), key_of(MISSING)),
        "campaign": numbered(CAMPAIGN),
        "notice": numbered(NOTICE),
        "letter": Sample("request.relay.requester", "lettre-des-autres", "lettre-de-personne"),
    }


def sample(name: str, other: str = SECOND) -> Sample:
    found = samples(other).get(name)
    assert found, f"Addresses have a new part, {name!r}: say in {__name__}.samples what is the reader's own and what is others'."
    return found


def build(app: Flask) -> Database:
    """The installation, and the same rows in four schools and two territories."""
    install(app, NOWHERE)
    portal = portal_of(app)
    now, today = portal.clock.now(), portal.clock.today(ZONE)
    pieces = {uai: portal.store.keep(BytesIO(uai.encode())) for uai in TERRITORY}
    portal.database.write(lambda session: _fill(session, now, today, pieces))
    index(app)
    return portal.database


def _fill(session: Session, now: datetime, today: date, pieces: Mapping[str, Kept]) -> None:
    role = session.exec(select(Role).where(Role.code == "librarian")).one().key
    providers = {one.slug: one.key for one in session.exec(select(Provider))}
    programme = Programme(code="track:test", kind=ProgrammeKind.TRACK, name="Voie", sort_key="voie", source="test")
    session.add_all([programme, _person(READER, "Lectrice", now), _person(LINKED, "Lectrice reliée", now, READER)])
    session.flush()
    session.add_all(
        [
            Attachment(person_id=READER, uai=FIRST, source=DEMONSTRATION, first_seen_at=now, seen_at=now),
            _token(TOKEN, READER, now),
            _identity(providers[DEMONSTRATION], READER, "clef", now),
        ]
    )
    for uai in BLOCK:
        _of_school(session, uai, role, now)
        session.add(
            Teaching(
                id=of_school(uai, TEACHING),
                school_id=_school(session, uai),
                programme_id=programme.key,
                source="test",
                declared=True,
            )
        )
    session.flush()
    session.add(_identity(providers[COLLEGES], of_school(FIRST, PERSON), "clef", now))
    discipline = Discipline(slug="sti2d", name="STI2D")
    session.add(discipline)
    session.flush()
    for uai, code in TERRITORY.items():
        territory = session.exec(select(Territory).where(Territory.code == code)).one()
        session.add_all([_freeze(of_school(uai, FREEZE), territory.key, uai, today), _campaign(uai, territory.key, today)])
        _requests(session, uai, territory, discipline.key, now)
        session.add(_piece(uai, pieces[uai], now))
        _told(session, uai, territory.key, now)


def _of_school(session: Session, uai: str, role: int, now: datetime) -> None:
    """A member who holds a role, has a token and a linked account; somebody who asks to be attached."""
    within = {FIRST: "territory:aura", SECOND: "territory:aura", COLLEGE: "territory:isere"}.get(uai, "")
    person, asking = of_school(uai, PERSON), of_school(uai, ASKING)
    session.add_all([_person(person, FAMILY[uai], now), _person(asking, FAMILY[uai], now)])
    session.flush()
    session.add_all(
        [
            _person(of_school(uai, THEIR_LINKED), FAMILY[uai], now, person),
            _token(of_school(uai, THEIR_TOKEN), person, now),
            Attachment(person_id=person, uai=uai, source=DEMONSTRATION, first_seen_at=now, seen_at=now),
            Attachment(person_id=asking, uai=uai, source="self", standing="asked", first_seen_at=now, seen_at=now),
            accreditation(of_school(uai, GRANTED), person, role, (f"school:{uai}", within), now),
        ]
    )


def accreditation(key: int | None, person: int, role: int, where: tuple[str, str], now: datetime) -> Accreditation:
    """Of today, as `grant` makes one. `where`: the place, and the territory it depends on."""
    today, (scope, within) = now.astimezone(ZoneInfo(ZONE)).date(), where
    return Accreditation(
        id=key, person_id=person, role_id=role, called="Fonction", scope=scope, within=within, zone=ZONE, starts_on=today,
        until=today + timedelta(20), granted_at=now, granted_by="system:test", granted_as="Test",
    )  # fmt: skip


def _person(key: int, family: str, now: datetime, linked: int | None = None) -> Person:
    return Person(
        id=key, given_name="P", family_name=family, sort_key=family.lower(), first_seen_at=now, seen_at=now, linked_to_id=linked
    )


def _token(key: int, person: int, now: datetime) -> Token:
    return Token(
        id=key,
        digest=digest(str(key)),
        person_id=person,
        label="Jeton",
        scopes=["account:use"],
        made_at=now,
        expires_at=now + timedelta(9),
    )


def _identity(provider: int, person: int, join_key: str, now: datetime) -> Identity:
    return Identity(
        provider_id=provider, subject=f"test-{person}", person_id=person, join_key=join_key, first_seen_at=now, seen_at=now
    )


def _school(session: Session, uai: str) -> int:
    return session.exec(select(School).where(School.uai == uai)).one().key


def _freeze(key: int, territory: int, name: str, today: date) -> Freeze:
    days = {"starts_on": today + timedelta(30), "ends_on": today + timedelta(40)}
    return Freeze(
        id=key,
        territory_id=territory,
        name=f"Gel {name}",
        what=Frozen.BOTH,
        target=FreezeTarget.TERRITORY,
        reason="Épreuves.",
        **days,
    )


def _requests(session: Session, uai: str, territory: Territory, discipline: int, now: datetime) -> None:
    """What is asked for from a school: by the reader in theirs, by its member in the others, where it is still a draft.

    Each member has sent another, and has one to write; so has the reader.
    """
    member = of_school(uai, PERSON)
    first, is_sent = (READER, True) if uai == FIRST else (member, False)
    asked = [(of_school(uai, REQUEST), first, is_sent), (of_school(uai, SENT), member, True), (of_school(uai, DRAFT), first, False)]
    for number, requester, sent in (*asked, (LAST, member, True)) if uai == FIRST else asked:
        session.add(
            SoftwareRequest(
                id=number, key_of_draft=key_of(number), requester_id=requester, school_id=_school(session, uai),
                territory_id=territory.key, scope=f"school:{uai}", within=territory.scope, begun_at=now, kept_at=now, since=now,
                **(_sent(number, FAMILY[uai], discipline, now) if sent else {"typed": {"title_name": "Un logiciel"}}),
            )
        )  # fmt: skip
        session.flush()
        if sent:
            session.add_all(
                Block(id=10 * number + n, request_id=number, kind=kind, due_doubt="Aucun délai.")
                for n, kind in enumerate(BlockKind)
            )


def _sent(number: int, family: str, discipline: int, now: datetime) -> dict[str, Any]:
    """The need names whoever asks: a file that is read elsewhere is then seen."""
    return {
        "status": RequestStatus.RELAY, "title_name": f"Logiciel {number}", "title_key": f"logiciel {number}", "audience": "Première",
        "need": f"Le cours de P {family}", "places": "B12", "considered": "Rien", "discipline_id": discipline, "pupils": 30,
        "needed_on": now.date() + timedelta(300), "sent_at": now, "due_doubt": "Aucun délai.",
    }  # fmt: skip


def _piece(uai: str, kept: Kept, now: datetime) -> Enclosure:
    """Joined to the reader's own in their school, to the one that is sent in the others."""
    return Enclosure(
        id=of_school(uai, PIECE), subject_kind="software_request", subject_id=of_school(uai, REQUEST if uai == FIRST else SENT),
        name="devis.txt", media_type="text/plain", size=kept.size, sha256=kept.sha256, added_at=now, added_by="system:test",
        added_as="Test",
    )  # fmt: skip


def _told(session: Session, uai: str, territory: int, now: datetime) -> None:
    """What the reader, and the member of each other school, was told of a request of theirs; another member of the first, last."""
    member, number = of_school(uai, PERSON), of_school(uai, SENT)
    event = Event(at=now, actor="system:test", function="Test", subject_kind="software_request", subject_id=number, move="told")
    session.add(event)
    session.flush()
    told = [(of_school(uai, NOTICE), READER), (LAST, member)] if uai == FIRST else [(of_school(uai, NOTICE), member)]
    session.add_all(
        Notice(
            id=key, person_id=person, kind=Kind.OWN, code="request.relay.requester", event_id=event.key, about_kind="software_request",
            about_id=number, territory_id=territory, subject=f"P {FAMILY[uai]}", text="La demande est relayée.",
            url=f"/demandes/{number}", at=now,
        )
        for key, person in told
    )  # fmt: skip


def _campaign(uai: str, territory: int, today: date) -> RequestCampaign:
    return RequestCampaign(
        id=of_school(uai, CAMPAIGN), territory_id=territory, name=f"Campagne {uai}", opens_on=today, closes_on=today + timedelta(60)
    )


def hold(app: Flask, scope: str, *permissions: str) -> None:
    """The reader comes to hold these over a place, by a role of their own."""
    portal = portal_of(app)
    now = portal.clock.now()

    def work(session: Session) -> None:
        kind = {"*": ScopeKind.EVERYWHERE, "territory": ScopeKind.TERRITORY}.get(scope.partition(":")[0], ScopeKind.SCHOOL)
        role = Role(
            code="held", label="Fonction", scope_kind=kind, permissions=sorted(permissions), granted_with="role:manage", rank=1
        )
        session.add(role)
        session.flush()
        within = "territory:aura" if scope.startswith("school:") else ""
        session.add(accreditation(READER, READER, role.key, (scope, within), now))

    portal.database.write(work)


def sign_in(app: Flask) -> None:
    """A session whose password was asked again just now, and a token that limits nothing. Time stops: nobody is seen again later."""
    portal = portal_of(app)
    now = portal.clock.now()
    object.__setattr__(portal, "clock", Clock(real=lambda: now))

    def work(session: Session) -> None:
        provider = session.exec(select(Provider).where(Provider.slug == DEMONSTRATION)).one().key
        session.add(
            OpenSession(
                digest=digest(VALUE),
                person_id=READER,
                provider_id=provider,
                subject="test",
                began_at=now,
                seen_at=now,
                proved_at=now,
            )
        )
        token = _token(TOKEN + 1, READER, now)
        token.digest, token.scopes, token.used_at = digest(VALUE), sorted(portal.policy.rules), now
        session.add(token)

    portal.database.write(work)


def stored(database: Database) -> dict[str, list[str]]:
    """Every row of every table."""
    with database.read() as session:
        return {
            table.name: sorted(str(tuple(row)) for row in session.execute(sa.select(table)).all())
            for table in METADATA.sorted_tables
        }
