"""What was voted never changes, whoever asks and whatever becomes of its titles; years and amendments follow each other."""

import csv
import io
from datetime import date, timedelta
from functools import partial
from hashlib import sha256
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select

from catalogue.lists.document import canonical
from catalogue.lists.files import stored_file
from catalogue.lists.models import Edition, Entry, EntryStatus, Frozen, FrozenFormat, SoftwareList
from catalogue.lists.queries import document_of, previous
from catalogue.titles.models import Title
from portal.access import ANYONE, Actor
from portal.clock import Clock
from portal.db import Database, related
from portal.errors import NotAllowed, Refused
from portal.moves import Desk
from portal.trail.revision import Revision, bumping
from portal.trail.trail import history
from tests.data.test_editions import BEFORE, CAPACITY, NEIGHBOUR, POLICY, REGION, STARTS, _prepare
from workflows.editions.drafting import draft_on_move, propose
from workflows.editions.following import following
from workflows.editions.freezing import freeze_on_vote
from workflows.editions.table import EDITIONS, ENTRIES
from workflows.editions.turning import archiving

DESK = Desk(POLICY, Clock(), [draft_on_move, freeze_on_vote, bumping("edition", "entry")])
DESK.listeners += [archiving(DESK), following(DESK)]
AMENDED = date(2026, 11, 2)


@pytest.fixture
def voted(database: Database) -> Database:
    """The first list: three of its proposals admitted, the rest set aside, and voted."""
    database.write(_prepare)
    database.write(_decide)
    act(database, "vote", today=BEFORE)
    return database


def _decide(session: Session) -> None:
    for number, entry in enumerate(entries(session, "2026-2027")):
        move, reason = ("admit", "") if number < CAPACITY else ("set_aside", "Doublon")
        DESK.carry_out(session, ENTRIES, move, entry, REGION, reason=reason)


def edition(session: Session, label: str) -> Edition:
    up = joinedload(related(Edition.software_list)).joinedload(related(SoftwareList.territory))
    year, _, amendment = label.partition(".")
    query = select(Edition).where(Edition.list_id == 1, Edition.school_year == year, Edition.amendment == int(amendment or 0))
    return session.exec(query.options(up)).one()


def entries(session: Session, label: str) -> list[Entry]:
    of = edition(session, label)
    found = list(session.exec(select(Entry).where(Entry.edition_id == of.key).order_by(col(Entry.title_id))))
    for entry in found:
        entry.edition = of
    return found


def act(database: Database, name: str, label: str = "2026-2027", **given: Any) -> None:
    database.write(lambda session: DESK.carry_out(session, EDITIONS, name, edition(session, label), REGION, **given))


def change(database: Database, name: str, number: int, label: str, **given: Any) -> None:
    database.write(lambda session: DESK.carry_out(session, ENTRIES, name, entries(session, label)[number], REGION, **given))


def files(database: Database) -> list[tuple[int, str, bytes, str]]:
    with database.read() as session:
        return [(one.edition_id, one.format, one.body, one.sha256) for one in session.exec(select(Frozen).order_by(col(Frozen.id)))]


def revision(database: Database) -> int:
    with database.read() as session:
        return session.exec(select(Revision.number)).one()


def statuses(database: Database) -> dict[str, str]:
    with database.read() as session:
        return {one.label: one.status.value for one in session.exec(select(Edition).where(Edition.list_id == 1))}


def test_a_vote_stores_the_document_and_its_fingerprint(voted: Database) -> None:
    (_, kind, body, mark), (_, other, table, other_mark) = files(voted)
    assert (kind, other) == ("json", "csv")
    assert (mark, other_mark) == (sha256(body).hexdigest(), sha256(table).hexdigest())
    document = orjson.loads(body)
    assert body == canonical(document)
    assert (document["edition"], document["used"], document["status"]) == ("2026-2027", CAPACITY, "voted")
    assert [entry["name"] for entry in document["entries"]] == ["T0", "T1", "T2"]
    assert table.decode().split("\r\n")[1].startswith("t0,T0,")
    with voted.read() as session:
        assert document_of(session, edition(session, "2026-2027")) == document


def test_a_draft_has_no_file(database: Database) -> None:
    database.write(_prepare)
    assert files(database) == []


def test_what_becomes_of_titles_changes_no_byte(voted: Database) -> None:
    """Rename, retire, and delete what can be: a title that an edition names cannot."""
    before = files(voted)

    def rename(session: Session) -> None:
        for title in session.exec(select(Title)):
            title.name, title.sort_key, title.publisher, title.withdrawn_from_sources = "Autre", "autre", "Autre", True
        for held in session.exec(select(SoftwareList)):
            held.name = held.audience = "Autre"
        for entry in entries(session, "2026-2027")[CAPACITY:]:
            session.delete(entry)

    voted.write(rename)
    with pytest.raises(DatabaseError):
        voted.write(lambda session: session.execute(sa.delete(Title).where(col(Title.slug) == "t0")))
    assert files(voted) == before


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE frozen_edition SET body = body",
        "UPDATE frozen_edition SET sha256 = sha256 WHERE id = 1",
        "DELETE FROM frozen_edition",
        "DELETE FROM edition WHERE id = 1",
    ],
)
def test_raw_sql_cannot_touch_what_was_voted(voted: Database, statement: str) -> None:
    before = files(voted)
    with pytest.raises(DatabaseError):
        voted.write(lambda session: session.execute(sa.text(statement)))
    assert files(voted) == before


@pytest.mark.parametrize(
    ("key", "of", "label"), [(1, 2, "another"), (99, 1, "another"), (99, 2, "2026-2027")], ids=["id", "edition", "address"]
)
def test_a_file_cannot_be_put_in_place_of_another(voted: Database, key: int, of: int, label: str) -> None:
    """On SQLite REPLACE takes the row away that it meets, by its id, by its edition and format, or by its address."""
    before = files(voted)
    verb, rule = ("INSERT OR REPLACE", "never rewritten") if voted.is_sqlite else ("INSERT", "_frozen_edition")
    statement = (
        f"{verb} INTO frozen_edition (id, version, edition_id, list_slug, label, format, body, sha256, frozen_at) "
        f"SELECT {key}, version, {of}, list_slug, '{label}', format, body, sha256, frozen_at FROM frozen_edition WHERE id = 1"
    )
    with pytest.raises(DatabaseError, match=rule):
        voted.write(lambda session: session.execute(sa.text(statement)))
    assert files(voted) == before


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_table_cannot_be_emptied(voted: Database) -> None:
    before = files(voted)
    with pytest.raises(DatabaseError, match="never rewritten"):
        voted.write(lambda session: session.execute(sa.text("TRUNCATE frozen_edition")))
    assert files(voted) == before


def test_an_amendment_is_a_new_version_with_files_of_its_own(voted: Database) -> None:
    act(voted, "open", today=STARTS)
    before = files(voted)
    act(voted, "amend", reason="Une faille de sécurité", starts_on=AMENDED)
    change(voted, "propose_exit", 0, "2026-2027.1", reason="Une faille que personne ne corrige", replacement_id=4)
    change(voted, "withdraw", 0, "2026-2027.1")
    change(voted, "update_version", 1, "2026-2027.1", version_label="2.0")
    act(voted, "vote", "2026-2027.1", today=AMENDED - timedelta(days=4))
    assert files(voted)[:2] == before
    document = orjson.loads(files(voted)[2][2])
    assert (document["edition"], document["used"], document["starts_on"]) == ("2026-2027.1", CAPACITY - 1, "2026-11-02")
    assert document["changes"] == {
        "since": "2026-2027",
        "entered": [],
        "left": [{"slug": "t0", "name": "T0", "reason": "Une faille que personne ne corrige", "replacement": {"slug": "t3", "name": "T3"}}],
        "updated": [{"slug": "t1", "name": "T1", "was": "", "now": "2.0"}],
    }  # fmt: skip
    with pytest.raises(Refused):
        act(voted, "amend", reason="Encore", starts_on=AMENDED)


def test_a_proposed_exit_keeps_its_seat_until_it_is_decided(voted: Database) -> None:
    act(voted, "open", today=STARTS)
    act(voted, "renew")

    def candidate(session: Session) -> None:
        draft = edition(session, "2027-2028")
        propose(session, DESK, draft, 8, REGION, since=draft.starts_on, reason="Demandé par six lycées")

    voted.write(candidate)
    with pytest.raises(Refused):
        voted.write(candidate)
    change(voted, "propose_exit", 0, "2027-2028", reason="Peu utilisé")
    with pytest.raises(Refused) as full:
        change(voted, "admit", CAPACITY, "2027-2028")
    assert "3 places sur 3" in str(full.value)
    with pytest.raises(Refused):
        act(voted, "vote", "2027-2028", today=STARTS)
    change(voted, "withdraw", 0, "2027-2028")
    change(voted, "admit", CAPACITY, "2027-2028")
    act(voted, "vote", "2027-2028", today=STARTS)
    document = orjson.loads(files(voted)[2][2])
    assert [(one["slug"], one["reason"]) for one in document["changes"]["entered"]] == [("t7", "Demandé par six lycées")]
    assert [(one["slug"], one["reason"]) for one in document["changes"]["left"]] == [("t0", "Peu utilisé")]


def test_what_was_announced_to_leave_is_not_carried_to_the_year_after(voted: Database) -> None:
    act(voted, "open", today=STARTS)
    act(voted, "amend", reason="Annoncer une sortie", starts_on=AMENDED)
    change(voted, "announce_exit", 2, "2026-2027.1", reason="Abandonné", ends_on=date(2027, 8, 31), today=date(2026, 10, 1))
    act(voted, "vote", "2026-2027.1", today=AMENDED)
    act(voted, "open", "2026-2027.1", today=AMENDED)
    act(voted, "renew", "2026-2027.1")
    with voted.read() as session:
        drafted = edition(session, "2027-2028")
        assert (drafted.starts_on, drafted.ends_on) == (date(2027, 9, 1), date(2028, 8, 31))
        assert [(one.title_id, one.status) for one in entries(session, "2027-2028")] == [
            (1, EntryStatus.ADMITTED),
            (2, EntryStatus.ADMITTED),
        ]
        document = document_of(session, drafted)
    assert [(one["slug"], one["reason"]) for one in document["changes"]["left"]] == [("t2", "Abandonné")]
    assert document["changes"]["since"] == "2026-2027.1"
    assert document["candidates"] == document["leaving"] == []


def test_what_an_amendment_decides_is_proposed_to_the_year_that_was_already_drafted(voted: Database) -> None:
    """An exit, an announced exit, an entry and a version; what people changed in the draft stays as they left it."""
    act(voted, "open", today=STARTS)
    act(voted, "renew")
    change(voted, "update_version", 1, "2027-2028", version_label="9.0")
    act(voted, "amend", reason="Une faille", starts_on=AMENDED)
    change(voted, "propose_exit", 0, "2026-2027.1", reason="Une faille que personne ne corrige", replacement_id=4)
    change(voted, "withdraw", 0, "2026-2027.1")
    change(voted, "update_version", 1, "2026-2027.1", version_label="2.0")
    change(voted, "announce_exit", 2, "2026-2027.1", reason="Abandonné", ends_on=date(2027, 8, 31), today=STARTS, urgent=True)

    def candidate(session: Session) -> None:
        amended = edition(session, "2026-2027.1")
        propose(session, DESK, amended, 8, REGION, since=AMENDED, reason="Le remplace", version_label="1.1")

    voted.write(candidate)
    change(voted, "admit", 3, "2026-2027.1")
    act(voted, "vote", "2026-2027.1", today=AMENDED)
    with voted.read() as session:
        drafted = [
            (one.title_id, one.status, one.version_label, one.exit_reason, one.replacement_id, one.reason)
            for one in entries(session, "2027-2028")
        ]
        answered = history(session, entries(session, "2027-2028")[0])[-1]
    assert drafted == [
        (1, EntryStatus.LEAVING, "", "Une faille que personne ne corrige", 4, ""),
        (2, EntryStatus.ADMITTED, "9.0", "", None, ""),
        (3, EntryStatus.LEAVING, "", "Abandonné", None, ""),
        (8, EntryStatus.PROPOSED, "1.1", "", None, "Le remplace"),
    ]
    assert (answered.move, answered.actor) == ("propose_exit", "system:amendment")


def test_an_exit_announced_beyond_the_summer_is_announced_in_the_draft_too(voted: Database) -> None:
    act(voted, "open", today=STARTS)
    act(voted, "renew")
    act(voted, "amend", reason="Une faille", starts_on=AMENDED)
    later = date(2027, 12, 31)
    change(voted, "announce_exit", 0, "2026-2027.1", reason="Abandonné", ends_on=later, today=STARTS, replacement_id=4)
    change(voted, "update_version", 0, "2026-2027.1", version_label="2.0")
    act(voted, "vote", "2026-2027.1", today=AMENDED)
    with voted.read() as session:
        first = entries(session, "2027-2028")[0]
        assert (first.status, first.ends_on, first.exit_reason, first.replacement_id, first.version_label) == (
            EntryStatus.ADMITTED, later, "Abandonné", 4, "2.0",
        )  # fmt: skip


def test_next_year_takes_over_what_an_amendment_decided_even_before_its_day(voted: Database) -> None:
    act(voted, "open", today=STARTS)
    act(voted, "amend", reason="Une faille", starts_on=AMENDED)
    change(voted, "propose_exit", 0, "2026-2027.1", reason="Une faille que personne ne corrige")
    change(voted, "withdraw", 0, "2026-2027.1")
    act(voted, "vote", "2026-2027.1", today=STARTS)
    act(voted, "renew")
    with voted.read() as session:
        assert [one.title_id for one in entries(session, "2027-2028")] == [2, 3]


def test_a_voted_year_is_amended_before_it_begins(voted: Database) -> None:
    """Otherwise a title withdrawn in July for a flaw would be installed in September."""
    act(voted, "amend_ahead", reason="Une faille")
    with pytest.raises(Refused, match="déjà en préparation"):
        act(voted, "amend_ahead", reason="Une faille")
    change(voted, "propose_exit", 0, "2026-2027.1", reason="Une faille que personne ne corrige")
    change(voted, "withdraw", 0, "2026-2027.1")
    act(voted, "vote", "2026-2027.1", today=BEFORE)
    with pytest.raises(Refused, match="déjà votée"):
        act(voted, "amend_ahead", reason="Une faille")
    for label in ("2026-2027", "2026-2027.1"):
        act(voted, "open", label, today=STARTS)
    assert statuses(voted) == {"2026-2027": "archived", "2026-2027.1": "current"}


def test_a_title_that_was_set_aside_is_examined_again_rather_than_proposed_twice(voted: Database) -> None:
    act(voted, "open", today=STARTS)
    act(voted, "renew")

    def candidate(session: Session) -> None:
        propose(session, DESK, edition(session, "2027-2028"), 8, REGION, since=STARTS, reason="Demandé")

    voted.write(candidate)
    change(voted, "set_aside", CAPACITY, "2027-2028", reason="Doublon")
    with pytest.raises(Refused, match="Réexaminez-le"):
        voted.write(candidate)
    change(voted, "reconsider", CAPACITY, "2027-2028", reason="Six lycées le demandent")
    with pytest.raises(Refused, match="déjà dans cette édition"):
        voted.write(candidate)


def test_without_the_right_nothing_is_locked(voted: Database) -> None:
    """PostgreSQL would make a colleague wait for somebody who may do nothing here."""
    act(voted, "open", today=STARTS)
    with voted.engine.connect() as connection:
        sent: list[str] = []
        sa.event.listen(voted.engine, "before_cursor_execute", lambda _c, _cu, statement, *_: sent.append(statement))
        with Session(connection) as session:
            subject = edition(session, "2026-2027")
            sent.clear()
            with pytest.raises(NotAllowed):
                DESK.carry_out(session, EDITIONS, "amend", subject, NEIGHBOUR, reason="Une faille")
    assert sent == []


@pytest.mark.parametrize("slug", ["so\x00cle", "../socle", "Socle", "", "x" * 61])
@pytest.mark.parametrize("label", ["2026-2027", "2026-2027\x00"])
def test_what_is_no_address_has_no_file(voted: Database, slug: str, label: str) -> None:
    with voted.read() as session:
        assert stored_file(session, "socle", "2026-2027", FrozenFormat.JSON)
        assert stored_file(session, slug, label, FrozenFormat.JSON) is None
        assert stored_file(session, "socle", f"{label}\n", FrozenFormat.JSON) is None


def test_a_version_that_an_amendment_changes_is_the_draft_s_too(voted: Database) -> None:
    act(voted, "open", today=STARTS)
    act(voted, "renew")
    act(voted, "amend", reason="Une faille", starts_on=AMENDED)
    change(voted, "update_version", 0, "2026-2027.1", version_label="2.0")
    act(voted, "vote", "2026-2027.1", today=AMENDED)
    with voted.read() as session:
        assert [one.version_label for one in entries(session, "2027-2028")] == ["2.0", "", ""]


def test_only_who_prepares_the_list_of_a_territory_proposes_a_title_for_it(voted: Database) -> None:
    act(voted, "open", today=STARTS)
    act(voted, "renew")

    def candidate(session: Session, actor: Actor) -> None:
        propose(session, DESK, edition(session, "2027-2028"), 8, actor, since=STARTS, reason="Demandé")

    for stranger in (NEIGHBOUR, ANYONE):
        with pytest.raises(NotAllowed):
            voted.write(partial(candidate, actor=stranger))
    voted.write(partial(candidate, actor=REGION))


def test_a_year_that_ends_in_february_has_a_year_after(voted: Database) -> None:
    leap = date(2028, 2, 29)
    voted.write(lambda session: setattr(edition(session, "2026-2027"), "ends_on", leap))
    act(voted, "open", today=STARTS)
    act(voted, "renew")
    with voted.read() as session:
        drafted = edition(session, "2027-2028")
        assert (drafted.starts_on, drafted.ends_on) == (date(2028, 3, 1), date(2029, 2, 28))


def test_a_candidate_shows_at_once_and_only_on_a_draft(voted: Database) -> None:
    """The index looks again when the revision has moved."""
    act(voted, "open", today=STARTS)
    act(voted, "renew")
    before = revision(voted)

    def candidate(session: Session, label: str) -> None:
        propose(session, DESK, edition(session, label), 8, REGION, since=STARTS, reason="Demandé")

    with pytest.raises(Refused, match="votée"):
        voted.write(lambda session: candidate(session, "2026-2027"))
    assert revision(voted) == before
    voted.write(lambda session: candidate(session, "2027-2028"))
    assert revision(voted) == before + 1
    with voted.read() as session:
        entry = entries(session, "2027-2028")[-1]
        assert [(event.move, event.actor, event.reason) for event in history(session, entry)] == [
            ("proposed", "person:1", "Demandé")
        ]
        assert [one["slug"] for one in document_of(session, edition(session, "2027-2028"))["candidates"]] == ["t7"]


def test_a_version_follows_the_amendment_before_it_whatever_their_first_days(voted: Database) -> None:
    act(voted, "open", today=STARTS)
    act(voted, "renew")
    for label in ("2026-2027.1", "2026-2027.2"):  # both from the first day on
        act(voted, "amend", "2026-2027.1" if label.endswith("2") else "2026-2027", reason="Une faille")
        act(voted, "vote", label, today=STARTS)
        act(voted, "open", label, today=STARTS)
    with voted.read() as session:
        followed = {label: previous(session, edition(session, label)) for label in statuses(voted)}
    assert {label: one.label if one else None for label, one in followed.items()} == {
        "2026-2027": None,
        "2026-2027.1": "2026-2027",
        "2026-2027.2": "2026-2027.1",
        "2027-2028": "2026-2027.2",
    }
    assert statuses(voted) == {"2026-2027": "archived", "2026-2027.1": "archived", "2026-2027.2": "current", "2027-2028": "draft"}


def test_the_stored_table_is_read_back_as_the_document(voted: Database) -> None:
    (_, _, body, _), (_, _, table, _) = files(voted)
    rows = list(csv.DictReader(io.StringIO(table.decode(), newline="")))
    assert [(row["slug"], row["name"], row["since"]) for row in rows] == [
        (one["slug"], one["name"], one["since"]) for one in orjson.loads(body)["entries"]
    ]
