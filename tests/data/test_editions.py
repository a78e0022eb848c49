"""An edition in the database: its cap under a crowd, its vote, and what is written with each move or not at all."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import chain, combinations
from typing import Any

import pytest
from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select

from catalogue.lists.models import Edition, EditionStatus, Entry, EntryStatus, SoftwareList
from catalogue.titles.models import Category, Confidence, LicenceType, Title
from portal.access import ANYONE, Actor, Grant, Policy, system
from portal.clock import Clock
from portal.db import Database, related
from portal.errors import DomainError, NotAllowed, Refused
from portal.letters.models import Notice
from portal.moves import Desk, Procedure
from portal.territories.models import Territory, TerritoryLevel
from portal.trail.models import Event
from portal.trail.revision import Revision, bumping
from workflows.editions.access import RULES, May
from workflows.editions.table import EDITIONS, ENTRIES

POLICY = Policy(RULES)
DESK = Desk(POLICY, Clock(), [bumping("edition", "entry")])
AURA, ISERE = "territory:aura", "territory:isere"
REGION = Actor("person:1", "Région", frozenset({Grant(May.PREPARE, AURA), Grant(May.VOTE, AURA)}))
NEIGHBOUR = Actor("person:2", "Département", frozenset({Grant(May.PREPARE, ISERE), Grant(May.VOTE, ISERE)}))
STARTS, ENDS = date(2026, 9, 1), date(2027, 8, 31)
BEFORE = STARTS - timedelta(days=1)
CAPACITY, PROPOSED = 3, 8

Moving = Callable[..., str]


@pytest.fixture
def prepared(database: Database) -> Database:
    """Two territories with a list each; the first one's draft has more proposals than seats."""
    database.write(_prepare)
    return database


def _prepare(session: Session, proposed: int = PROPOSED, capacity: int = CAPACITY, **different: Any) -> None:
    category = Category(slug="outils", name="Outils")
    territories = [
        Territory(
            code=code, name=code, level=TerritoryLevel.REGION, area=code, zone="Europe/Paris", contact=f"logiciels@{code}.example"
        )
        for code in ("aura", "isere")
    ]
    session.add_all([category, *territories])
    session.flush()
    titles = [
        Title(
            slug=f"t{n}", name=f"T{n}", sort_key=f"t{n}", licence_type=LicenceType.FREE, confidence=Confidence.HIGH,
            source="hand-filled", category_id=category.key, changed_at=datetime(2026, 6, 1, tzinfo=UTC),
        )
        for n in range(proposed)
    ]  # fmt: skip
    lists = [
        SoftwareList(
            territory_id=territory.key, slug=slug, name="Socle", short_name="Socle", rank=1, capacity=capacity, audience="Tous"
        )
        for territory, slug in zip(territories, ("socle", "socle-colleges"), strict=True)
    ]
    session.add_all([*titles, *lists])
    session.flush()
    said = {"school_year": "2026-2027", "starts_on": STARTS, "ends_on": ENDS, **different}
    editions = [Edition(list_id=held.key, **said) for held in lists]
    session.add_all(editions)
    session.flush()
    session.add_all(Entry(edition_id=editions[0].key, title_id=title.key, since=STARTS) for title in titles)


def edition_of(session: Session, code: str = "aura") -> Edition:
    up = joinedload(related(Edition.software_list)).joinedload(related(SoftwareList.territory))
    query = select(Edition).join(SoftwareList).join(Territory).where(Territory.code == code).options(up)
    return session.exec(query).one()


def entries_of(session: Session) -> list[Entry]:
    up = joinedload(related(Entry.edition)).joinedload(related(Edition.software_list)).joinedload(related(SoftwareList.territory))
    return list(session.exec(select(Entry).order_by(col(Entry.id)).options(up)))


def move(database: Database, procedure: Procedure[Any], name: str, number: int = 0, *, actor: Actor = REGION, **given: Any) -> None:
    def work(session: Session) -> None:
        subject = edition_of(session) if procedure is EDITIONS else entries_of(session)[number]
        DESK.carry_out(session, procedure, name, subject, actor, **given)

    database.write(work)


def decide(database: Database) -> None:
    """Admit the first proposal and set the others aside: the edition is ready for its vote."""
    move(database, ENTRIES, "admit", 0)
    for number in range(1, PROPOSED):
        move(database, ENTRIES, "set_aside", number, reason="Doublon")


def refusal(database: Database, procedure: Procedure[Any], name: str, number: int = 0, **given: Any) -> str:
    """The sentence heard, once it is sure that nothing was written."""
    before = written(database)
    with pytest.raises(DomainError) as refused:
        move(database, procedure, name, number, **given)
    assert written(database) == before
    return str(refused.value)


def written(database: Database) -> dict[str, Any]:
    with database.read() as session:
        return {
            "events": [
                (event.subject_kind, event.move, event.was, event.now, event.reason)
                for event in session.exec(select(Event).order_by(col(Event.id)))
            ],
            "letters": list(session.exec(select(Notice.address))),
            "editions": list(session.exec(select(Edition.status).order_by(col(Edition.id)))),
            "entries": list(session.exec(select(Entry.status).order_by(col(Entry.id)))),
            "revision": session.exec(select(Revision.number)).one(),
        }


def test_a_full_list_admits_nobody_more(prepared: Database) -> None:
    for number in range(CAPACITY):
        move(prepared, ENTRIES, "admit", number)
    assert "3 places sur 3" in refusal(prepared, ENTRIES, "admit", CAPACITY)
    assert written(prepared)["entries"].count(EntryStatus.ADMITTED) == CAPACITY


def test_a_seat_is_not_taken_by_what_is_set_aside(prepared: Database) -> None:
    move(prepared, ENTRIES, "set_aside", 0, reason="Doublon")
    for number in range(1, CAPACITY + 1):
        move(prepared, ENTRIES, "admit", number)
    assert written(prepared)["entries"].count(EntryStatus.ADMITTED) == CAPACITY


@pytest.mark.parametrize("name", ["propose_exit", "update_version"])
def test_a_vote_that_came_first_is_seen(postgresql_url: str, name: str) -> None:
    """SQLite cannot meet this: there the second unit of work waits for the first."""
    database, other = Database(postgresql_url), Database(postgresql_url)
    database.write(_prepare)
    decide(database)

    def late(session: Session) -> None:
        entry = entries_of(session)[0]
        move(other, EDITIONS, "vote", today=BEFORE)
        DESK.carry_out(session, ENTRIES, name, entry, REGION, reason="Trop tard", version_label="2.0")

    with pytest.raises(Refused, match="Cette édition est votée"):
        database.write(late)
    assert written(database)["entries"][0] == EntryStatus.ADMITTED
    for each in (database, other):
        each.close()


def test_a_vote_writes_the_trail_and_the_letter_together(prepared: Database) -> None:
    decide(prepared)
    before = written(prepared)
    move(prepared, EDITIONS, "vote", today=BEFORE)
    state = written(prepared)
    assert state["events"] == [*before["events"], ("edition", "vote", "draft", "voted", "")]
    assert state["letters"] == ["logiciels@aura.example"]
    assert state["editions"] == [EditionStatus.VOTED, EditionStatus.DRAFT]
    assert state["revision"] == before["revision"] + 1
    with prepared.read() as session:
        assert edition_of(session).voted_on == BEFORE
        assert {event.actor for event in session.exec(select(Event))} == {"person:1"}


def test_what_fails_after_the_move_leaves_neither_trail_nor_letter(prepared: Database) -> None:
    decide(prepared)
    before = written(prepared)

    def interrupted(session: Session) -> None:
        DESK.carry_out(session, EDITIONS, "vote", edition_of(session), REGION, today=BEFORE)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prepared.write(interrupted)
    assert written(prepared) == before


def test_each_refusal_is_said_and_writes_nothing(prepared: Database) -> None:
    assert "édition est vide" in refusal(prepared, EDITIONS, "vote", today=BEFORE)
    assert "raison" in refusal(prepared, ENTRIES, "set_aside", 0)
    move(prepared, ENTRIES, "admit", 0)
    assert f"sans réponse\u00a0: {PROPOSED - 1}" in refusal(prepared, EDITIONS, "vote", today=BEFORE)
    for number in range(1, PROPOSED):
        move(prepared, ENTRIES, "set_aside", number, reason="Doublon")
    move(prepared, EDITIONS, "vote", today=BEFORE)
    assert "votée" in refusal(prepared, ENTRIES, "propose_exit", 0, reason="Trop tard")
    assert "votée" in refusal(prepared, ENTRIES, "update_version", 0, version_label="2.0")
    assert "01/09/2026" in refusal(prepared, EDITIONS, "open", today=BEFORE)
    move(prepared, EDITIONS, "open", today=STARTS)
    assert "31/08/2027" in refusal(prepared, EDITIONS, "archive", today=ENDS)
    assert "Rechargez" in refusal(prepared, EDITIONS, "vote", today=STARTS)


@pytest.mark.parametrize("actor", [ANYONE, NEIGHBOUR, system("import")], ids=lambda actor: actor.key)
def test_strangers_are_refused_and_leave_no_trace(prepared: Database, actor: Actor) -> None:
    for procedure, name in ((ENTRIES, "admit"), (ENTRIES, "set_aside"), (EDITIONS, "vote")):
        before = written(prepared)
        with pytest.raises(NotAllowed):
            move(prepared, procedure, name, actor=actor, reason="Essai", today=STARTS)
        assert written(prepared) == before


def test_a_decision_to_set_aside_keeps_its_reason(prepared: Database) -> None:
    move(prepared, ENTRIES, "set_aside", 0, reason="Doublon de GeoGebra")
    assert written(prepared)["events"] == [("entry", "set_aside", "proposed", "set-aside", "Doublon de GeoGebra")]


def actors() -> Iterator[Actor]:
    yield ANYONE
    yield system("command-line", May.PREPARE, May.VOTE)
    grants = [Grant(permission, scope) for permission in May for scope in (AURA, ISERE, "school:0380001A")]
    for some in chain.from_iterable(combinations(grants, size) for size in (1, 2, len(grants))):
        yield Actor("person:3", "Commission", frozenset(some))


@pytest.mark.parametrize("permission", May)
def test_what_one_may_do_to_an_edition_is_what_one_sees(prepared: Database, permission: May) -> None:
    with prepared.read() as session:
        editions = {code: edition_of(session, code) for code in ("aura", "isere")}
        for actor in actors():
            held = {edition.id for edition in editions.values() if POLICY.may(actor, permission, edition)}
            assert set(session.exec(select(Edition.id).where(POLICY.visible(actor, permission)))) == held, actor


def test_the_moves_open_to_the_region_are_offered_with_what_holds_them_back(prepared: Database) -> None:
    with prepared.read() as session:
        entry = entries_of(session)[0]
        assert [(offer.move.name, offer.reasons) for offer in DESK.offers(session, ENTRIES, entry, REGION)] == [
            ("admit", ()),
            ("set_aside", ()),
        ]
        assert DESK.offers(session, ENTRIES, entry, NEIGHBOUR) == []
        (vote,) = DESK.offers(session, EDITIONS, edition_of(session), REGION)
        assert "vide" in vote.reasons[0]


def test_what_has_not_been_typed_yet_holds_no_button_back(prepared: Database) -> None:
    move(prepared, ENTRIES, "admit", 0)
    with prepared.read() as session:
        offers = DESK.offers(session, ENTRIES, entries_of(session)[0], REGION)
        assert [(offer.move.name, offer.reasons) for offer in offers] == [
            ("update_version", ()),
            ("announce_exit", ()),
            ("propose_exit", ()),
        ]
