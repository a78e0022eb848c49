"""For everybody, and for every permission, the two faces of its rule agree on real rows: what one may do is what one finds."""

import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Load, joinedload, selectinload
from sqlmodel import Session, select

from catalogue.lists.models import Edition, Entry, EntryStatus, SoftwareList
from catalogue.titles.models import Category, Confidence, LicenceType, Title
from portal.access import ANYONE, Actor, Grant, Policy, system
from portal.calendars.models import Freeze, FreezeTarget, Frozen
from portal.db import Database, related
from portal.people.loading import ROLES
from portal.people.models import Accreditation, Person, Role
from portal.people.places import place_of
from portal.signin.models import OpenSession, Provider
from portal.signin.secrets import digest
from portal.signin.sessions import Limits, find
from portal.territories.models import Territory
from portal.trail.models import Event
from tests.http.administering import COLLEGE, ELSEWHERE, FIRST, SECOND, portal_of
from tests.http.two_schools import DRAFT, LINKED, READER, REQUEST, SENT, accreditation, build, of_school
from workflows.requests.access import is_own, supports
from workflows.requests.models import CoSignature, RequestStatus, SoftwareRequest

# What each rule judges, and so the table from which its SQL face chooses. A new permission says it here.
JUDGES: dict[str, type[Any]] = {
    "account:use": Person,
    "accreditation:delegate": Accreditation,
    "accreditation:grant": Accreditation,
    "accreditation:read": Accreditation,
    "administration:open": Territory,  # nothing: all rows of any table, or none
    "attachment:settle": Accreditation,
    "calendar:manage": Territory,
    "edition:prepare": Edition,
    "edition:vote": Edition,
    "freeze:override": Freeze,
    "head:name": Accreditation,
    "provider:manage": Provider,
    "request:discuss": SoftwareRequest,
    "request:discuss-internally": SoftwareRequest,
    "request:endorse": SoftwareRequest,
    "request:fill-accessibility": SoftwareRequest,
    "request:fill-data": SoftwareRequest,
    "request:fill-licence": SoftwareRequest,
    "request:fill-school": SoftwareRequest,
    "request:fill-technical": SoftwareRequest,
    "request:instruct": SoftwareRequest,
    "request:pass": SoftwareRequest,
    "request:read": SoftwareRequest,
    "request:relay": SoftwareRequest,
    "request:see": SoftwareRequest,
    "request:write": SoftwareRequest,
    "role:manage": Role,
    "teaching:withdraw": Territory,
    "territory:manage": Territory,
    "title:edit": Title,
    "title:read": Title,
    "trail:read": Event,
}
# What rules read of an object beside its own columns: who asks them loads it.
WITH: dict[type[Any], Callable[[], Any]] = {
    Freeze: lambda: joinedload(related(Freeze.territory)),
    SoftwareRequest: lambda: Load(SoftwareRequest).options(
        joinedload(related(SoftwareRequest.requester)),
        selectinload(related(SoftwareRequest.signatures)).joinedload(related(CoSignature.person)),
    ),
    Edition: lambda: joinedload(related(Edition.software_list)).joinedload(related(SoftwareList.territory)),
}
# Over which places a role of each kind is held here; nothing is yet a committee or a space.
SCOPES = {
    "everywhere": ["*"],
    "territory": ["territory:aura", "territory:isere", "territory:nulle-part"],
    "school": [f"school:{uai}" for uai in (FIRST, SECOND, COLLEGE, ELSEWHERE)],
    "committee": ["committee:1"],
    "space": ["space:1"],
}
# Of requests: what anybody may see, what is one's own alone, what is one's own or held over a place, and what one supports too.
SEE, WRITE, READ, DISCUSS = "request:see", "request:write", "request:read", "request:discuss"
ROLES_HELD = [
    (role["code"], scope) for role in tomllib.loads(ROLES.read_text(encoding="utf-8"))["roles"] for scope in SCOPES[role["scope"]]
]
LIMITS = Limits(timedelta(hours=1), timedelta(hours=2))
Rows = dict[str, Sequence[Any]]


@pytest.fixture
def policy(app: Flask) -> Policy:
    return portal_of(app).policy


@pytest.fixture
def database(app: Flask) -> Database:
    database, now = build(app), portal_of(app).clock.now()
    database.write(lambda session: _fill(session, now, now.date()))
    return database


def _fill(session: Session, now: datetime, today: date) -> None:
    """A list with an edition and a freeze that may be passed over, in each territory; a title; the sessions of those who hold roles.

    What was asked for with an account that is linked to the reader's is theirs, sent or not; what was signed with it, too.
    """
    for uai, taken_back_at in ((FIRST, now), (SECOND, None), (COLLEGE, None)):
        signed = session.get_one(SoftwareRequest, of_school(uai, SENT))
        session.add(
            CoSignature(
                request_id=signed.key, person_id=LINKED if uai == SECOND else READER, school_id=signed.school_id, scope=signed.scope,
                audience="Seconde", pupils=3, weeks=3, signed_at=now, signed_as="Enseignant·e", taken_back_at=taken_back_at,
            )
        )  # fmt: skip
    for what in (REQUEST, DRAFT):
        session.get_one(SoftwareRequest, of_school(SECOND, what)).requester_id = LINKED
    category = Category(slug="outils", name="Outils")
    session.add(category)
    session.flush()
    title = Title(slug="outil", name="Outil", sort_key="outil", licence_type=LicenceType.FREE, confidence=Confidence.HIGH, source="test", changed_at=now, category_id=category.key)  # fmt: skip
    session.add(title)
    session.flush()
    days = {"starts_on": today, "ends_on": today + timedelta(300)}
    for territory in session.exec(select(Territory)).all():
        held = SoftwareList(
            territory_id=territory.key, slug=f"liste-{territory.code}", name="Liste", short_name="Liste", rank=1, audience="tous"
        )
        session.add(held)
        session.flush()
        edition = Edition(list_id=held.key, school_year="2026-2027", **days)
        session.add(edition)
        session.flush()
        session.add(Entry(edition_id=edition.key, title_id=title.key, status=EntryStatus.PROPOSED, since=today))
        for needed in ("freeze:override", "calendar:manage"):
            session.add(Freeze(territory_id=territory.key, name=needed, what=Frozen.BOTH, target=FreezeTarget.TERRITORY, reason="Épreuves.", overridable=True, override_permission=needed, **days))  # fmt: skip
    roles = {one.code: one.key for one in session.exec(select(Role))}
    provider = session.exec(select(Provider)).first()
    assert provider is not None
    for code, scope in ROLES_HELD:
        place = place_of(session, scope)
        person = Person(given_name="P", first_seen_at=now, seen_at=now)
        session.add(person)
        session.flush()
        session.add(accreditation(None, person.key, roles[code], (scope, place.within if place else ""), now))
        session.add(_opened(f"{code} {scope}", person.key, provider.key, now))
    session.add(_opened("plain", READER, provider.key, now))


def _opened(value: str, person: int, provider: int, now: datetime) -> OpenSession:
    return OpenSession(digest=digest(value), person_id=person, provider_id=provider, subject=value, began_at=now, seen_at=now)


def personas(session: Session, policy: Policy, now: datetime) -> Iterator[tuple[str, Actor]]:
    """Everybody, as sessions make them from what was granted; each once more with the limits of a token."""
    yield from (
        ("a visitor", ANYONE),
        ("a part of the portal", system("test")),
        ("the command line", system("test", *policy.rules)),
    )
    permissions = sorted(policy.rules)
    for number, value in enumerate(["plain", *(f"{code} {scope}" for code, scope in ROLES_HELD)]):
        signed_in = find(session, value, LIMITS, now)
        assert signed_in is not None
        yield value, signed_in.actor
        one = permissions[number % len(permissions)]
        yield f"{value}, limited to {one}", replace(signed_in.actor, only=frozenset({one}))
        yield f"{value}, limited to all but {one}", replace(signed_in.actor, only=frozenset(permissions) - {one})
    yield "the command line, limited to nothing", replace(system("test", *permissions), only=frozenset())


def objects(session: Session, table: type[Any]) -> Sequence[Any]:
    found: Sequence[Any] = session.exec(select(table).options(*(make() for noun, make in WITH.items() if noun is table))).all()
    return found


def test_every_permission_says_what_it_judges(policy: Policy) -> None:
    assert set(JUDGES) == set(policy.rules), "say in JUDGES what the new one judges"


def test_every_role_is_held_by_somebody_here(policy: Policy) -> None:
    assert {code for code, _scope in ROLES_HELD} == {
        role["code"] for role in tomllib.loads(ROLES.read_text(encoding="utf-8"))["roles"]
    }


def test_what_one_may_do_is_what_one_finds(app: Flask, database: Database, policy: Policy) -> None:
    with database.read() as session:
        everything = {table: objects(session, table) for table in set(JUDGES.values())}
        assert all(len(rows) > 1 for table, rows in everything.items() if table is not Title)
        for who, actor in personas(session, policy, portal_of(app).clock.now()):
            for permission, table in JUDGES.items():
                held = {one.key for one in everything[table] if policy.may(actor, permission, one)}
                seen = set(session.exec(select(table.id).where(policy.visible(actor, permission))))
                assert seen == held, f"{who}: {permission}"
                assert policy.ever(actor, permission) or not held, f"{who}: {permission} opens no page, yet is held over something"


def test_what_one_may_do_was_granted(app: Flask, database: Database, policy: Policy) -> None:
    """Two faces may agree and both be wrong: without a grant of it, and beyond one's limits, nothing but what is open to all."""
    derived = {"account:use", "administration:open", "freeze:override", SEE, WRITE}  # by who one is, or by other permissions
    with database.read() as session:
        for who, actor in personas(session, policy, portal_of(app).clock.now()):
            for permission, table in JUDGES.items():
                granted = actor.scopes(permission) or permission in derived
                allowed = actor.only is None or permission in actor.only
                if policy.is_open(permission) or (granted and allowed):
                    continue
                if permission in {READ, DISCUSS} and allowed:
                    found = session.exec(select(table).options(WITH[table]()).where(policy.visible(actor, permission)))
                    assert all(_takes_part(actor, permission, one) for one in found), f"{who}: {permission}"
                    continue
                assert not policy.ever(actor, permission), f"{who}: {permission}"
                assert not session.exec(
                    select(sa.func.count()).select_from(table).where(policy.visible(actor, permission))
                ).one(), f"{who}: {permission}"


def _takes_part(actor: Actor, permission: str, one: SoftwareRequest) -> bool:
    """Whether somebody has to do with a request otherwise than by a grant of the permission: of another one, to discuss it."""
    if is_own(actor, one):
        return True
    return permission == DISCUSS and (supports(actor, one) or bool({"*", one.scope, one.within} & actor.scopes(READ)))


def _reach(one: Any) -> set[str]:
    """The places that an object of these tables depends on."""
    if isinstance(one, Accreditation | SoftwareRequest):
        return {one.scope, one.within} - {""}
    if isinstance(one, Territory):
        return {one.scope}
    return {one.software_list.territory.scope}


def test_what_is_held_over_a_place_reaches_nothing_elsewhere(app: Flask, database: Database, policy: Policy) -> None:
    tables = {Accreditation, Territory, Edition, SoftwareRequest}
    placed = {permission: table for permission, table in JUDGES.items() if table in tables}
    del placed["administration:open"], placed[SEE]
    own = {READ, WRITE, DISCUSS}
    with database.read() as session:
        everything = {table: objects(session, table) for table in set(placed.values())}
        for who, actor in personas(session, policy, portal_of(app).clock.now()):
            for permission, table in placed.items():
                scopes = actor.scopes(READ if permission == DISCUSS else permission)
                elsewhere = [one for one in everything[table] if "*" not in scopes and not _reach(one) & scopes]
                elsewhere = [one for one in elsewhere if permission not in own or not _takes_part(actor, permission, one)]
                assert not [one for one in elsewhere if policy.may(actor, permission, one)], f"{who}: {permission}"


def test_a_place_is_judged_as_what_is_granted_there(app: Flask, database: Database, policy: Policy) -> None:
    """Pages ask about a school before anything was granted in it."""
    with database.read() as session:
        places = [
            place for scope in (*SCOPES["school"], "territory:aura", "territory:isere", "*") if (place := place_of(session, scope))
        ]
        assert len(places) == len(SCOPES["school"]) + 3
        now = portal_of(app).clock.now()
        for who, actor in personas(session, policy, now):
            for permission in (one for one, table in JUDGES.items() if table is Accreditation):
                for place in places:
                    there = accreditation(None, READER, 1, (place.scope, place.within), now)
                    assert policy.may(actor, permission, place) == policy.may(actor, permission, there), (
                        f"{who}: {permission}, {place.scope}"
                    )


def test_a_place_is_judged_as_what_is_asked_for_there(app: Flask, database: Database, policy: Policy) -> None:
    """The page of a school opens before anything was sent from it."""
    with database.read() as session:
        sent = [one for one in objects(session, SoftwareRequest) if one.status is not RequestStatus.DRAFT]
        places = {one.scope: place_of(session, one.scope) for one in sent}
        assert set(places) == {f"school:{uai}" for uai in (FIRST, SECOND, COLLEGE)}
        for who, actor in personas(session, policy, portal_of(app).clock.now()):
            for permission in (name for name, table in JUDGES.items() if table is SoftwareRequest and name not in {SEE, WRITE}):
                for one in (one for one in sent if not is_own(actor, one) and not supports(actor, one)):
                    assert policy.may(actor, permission, places[one.scope]) == policy.may(actor, permission, one), (
                        f"{who}: {permission}, {one.scope}"
                    )


def test_a_draft_is_nobody_elses(app: Flask, database: Database, policy: Policy) -> None:
    with database.read() as session:
        drafts = [one for one in objects(session, SoftwareRequest) if one.status is RequestStatus.DRAFT]
        assert {one.requester_id for one in drafts} >= {READER, LINKED}
        read = set()
        for who, actor in personas(session, policy, portal_of(app).clock.now()):
            for permission in (name for name, table in JUDGES.items() if table is SoftwareRequest):
                found = {one.key for one in drafts if policy.may(actor, permission, one)}
                assert found <= {one.key for one in drafts if is_own(actor, one)}, f"{who}: {permission}"
                read |= found
        assert read == {one.key for one in drafts if one.requester_id in {READER, LINKED}}


def test_who_supports_a_request_discusses_it_and_reads_no_more(app: Flask, database: Database, policy: Policy) -> None:
    with database.read() as session:
        reader = find(session, "plain", LIMITS, portal_of(app).clock.now())
        assert reader is not None
        sent = {one.key: one for one in objects(session, SoftwareRequest)}
        for uai, discusses in ((FIRST, False), (SECOND, True), (COLLEGE, True)):  # the first was taken back
            one = sent[of_school(uai, SENT)]
            assert policy.may(reader.actor, DISCUSS, one) == discusses, uai
            assert not policy.may(reader.actor, READ, one)
            assert not policy.may(reader.actor, "request:discuss-internally", one)


def test_nobody_takes_part_in_the_treatment_of_their_own(app: Flask, database: Database, policy: Policy) -> None:
    """Whatever they hold, over whatever."""
    with database.read() as session:
        for who, actor in personas(session, policy, portal_of(app).clock.now()):
            everything = replace(actor, grants=frozenset(Grant(one) for one in policy.rules), only=None)
            for one in objects(session, SoftwareRequest):
                within = policy.may(everything, "request:discuss-internally", one)
                assert within == (one.status is not RequestStatus.DRAFT and not is_own(actor, one)), f"{who}: {one.key}"


def test_an_entry_is_judged_as_its_edition(app: Flask, database: Database, policy: Policy) -> None:
    way = joinedload(related(Entry.edition)).joinedload(related(Edition.software_list)).joinedload(related(SoftwareList.territory))
    with database.read() as session:
        entries = session.exec(select(Entry).options(way)).all()
        assert len(entries) > 1
        for who, actor in personas(session, policy, portal_of(app).clock.now()):
            for permission in (one for one, table in JUDGES.items() if table is Edition):
                for entry in entries:
                    assert policy.may(actor, permission, entry) == policy.may(actor, permission, entry.edition), (
                        f"{who}: {permission}"
                    )
