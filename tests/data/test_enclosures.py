"""Files that people join are kept once, whole, and as long as something names them."""

import io
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from portal.access import Actor
from portal.clock import Clock
from portal.db import Database
from portal.enclosures.keeping import FULL, MOST, enclose, enclosures_of, remove, sweep_contents, take_in
from portal.enclosures.kinds import MOST_BYTES
from portal.enclosures.models import Enclosure
from portal.enclosures.store import PIECE, Store
from portal.errors import Refused
from portal.territories.models import Territory, TerritoryLevel
from portal.trail.models import Event

AT = datetime(2026, 11, 26, 10, tzinfo=UTC)
ACTOR = Actor("person:1", "Enseignant·e")
CLOCK = Clock(real=lambda: datetime.now(UTC))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "enclosures")


@pytest.fixture
def database(database: Database) -> Database:
    """With something to join files to."""
    database.write(
        lambda session: session.add(
            Territory(code="aura", name="La Région", level=TerritoryLevel.REGION, area="Ici", zone="Europe/Paris")
        )
    )
    return database


def subject(session: Session) -> Territory:
    return session.exec(select(Territory)).one()


def pdf(text: str) -> io.BytesIO:
    return io.BytesIO(f"%PDF-1.7\n{text}".encode())


def join(database: Database, store: Store, name: str, body: io.BytesIO) -> int:
    taken = take_in(store, name, body)
    return database.write(lambda session: enclose(session, subject(session), ACTOR, taken, AT).key)


def names(database: Database) -> list[str]:
    with database.read() as session:
        return [one.name for one in enclosures_of(session, subject(session))]


def grow_old(store: Store) -> None:
    """Two days pass, for the contents and for the mark of the last sweep."""
    for path in (*store.all(), *store.folder.glob(".swept")):
        day_before = (datetime.now(UTC) - timedelta(days=2)).timestamp()
        os.utime(path, (day_before, day_before))


def test_what_is_joined_is_given_back_byte_for_byte(database: Database, store: Store) -> None:
    body = b"%PDF-1.7\n" + os.urandom(3 * PIECE + 1)
    key = join(database, store, "devis.pdf", io.BytesIO(body))
    with database.read() as session:
        held = session.get_one(Enclosure, key)
        assert store.path(held.sha256).read_bytes() == body
        assert (held.size, held.added_by, held.added_as, held.added_at) == (len(body), "person:1", "Enseignant·e", AT)
        event = session.exec(select(Event).where(Event.move == "enclosed")).one()
        assert (event.subject_kind, event.details) == ("territory", {"enclosure": key}), "a name of file may hold a person's"


def test_the_same_content_joined_twice_is_joined_once(database: Database, store: Store) -> None:
    first = join(database, store, "devis.pdf", pdf("un"))
    assert join(database, store, "copie.pdf", pdf("un")) == first
    assert names(database) == ["devis.pdf"]
    assert len(list(store.all())) == 1


def test_an_eleventh_file_is_refused_until_one_is_removed(database: Database, store: Store) -> None:
    keys = [join(database, store, f"{n}.pdf", pdf(str(n))) for n in range(MOST)]
    with pytest.raises(Refused, match=str(FULL)):
        join(database, store, "trop.pdf", pdf("trop"))
    database.write(lambda session: remove(session, subject(session), ACTOR, session.get_one(Enclosure, keys[0]), AT))
    join(database, store, "trop.pdf", pdf("trop"))
    assert names(database) == [*(f"{n}.pdf" for n in range(1, MOST)), "trop.pdf"]


def test_a_file_too_large_or_of_a_wrong_kind_leaves_nothing_in_the_store(store: Store) -> None:
    for name, body in (("gros.pdf", io.BytesIO(b"%PDF-1" + bytes(MOST_BYTES))), ("page.html", io.BytesIO(b"<p>"))):
        with pytest.raises(Refused):
            take_in(store, name, body)
    assert not store.folder.exists()


def test_a_disk_that_fails_leaves_no_half_file(store: Store) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() >= PIECE:
                raise OSError("no space left")
            return super().read(size)

    with pytest.raises(OSError, match="no space"):
        store.keep(Broken(bytes(2 * PIECE)))
    assert not [path for path in store.folder.rglob("*") if path.is_file()]


def test_what_is_removed_is_forgotten_by_the_next_sweep_unless_something_else_holds_it(database: Database, store: Store) -> None:
    gone, kept = join(database, store, "un.pdf", pdf("un")), join(database, store, "deux.pdf", pdf("deux"))
    database.write(lambda session: remove(session, subject(session), ACTOR, session.get_one(Enclosure, gone), AT))
    database.write(lambda session: remove(session, subject(session), ACTOR, session.get_one(Enclosure, gone), AT))
    assert names(database) == ["deux.pdf"]
    assert sweep_contents(database, store, CLOCK) == 0, "a row may still be on its way"
    grow_old(store)
    assert sweep_contents(database, store, CLOCK) == 1
    grow_old(store)
    assert sweep_contents(database, store, CLOCK) == 0
    with database.read() as session:
        assert not store.holds(session.get_one(Enclosure, gone).sha256)
        assert store.holds(session.get_one(Enclosure, kept).sha256)
        assert len(session.exec(select(Event).where(Event.move == "enclosure-removed")).all()) == 1


def test_a_demonstration_that_plays_next_year_forgets_nothing_that_was_just_stored(
    database: Database, store: Store, tmp_path: Path
) -> None:
    clock = Clock(tmp_path / "shift", CLOCK.real)
    clock.move_to((datetime.now(UTC) + timedelta(days=300)).date(), "Europe/Paris")
    take_in(store, "un.pdf", pdf("un"))
    assert sweep_contents(database, store, clock) == 0


def test_an_empty_installation_sweeps_nothing(database: Database, store: Store) -> None:
    assert sweep_contents(database, store, CLOCK) == 0


def test_a_store_is_swept_once_a_day_and_not_at_each_round(database: Database, store: Store) -> None:
    take_in(store, "un.pdf", pdf("un"))
    sweep_contents(database, store, CLOCK)
    for path in store.all():
        os.utime(path, (0, 0))
    assert sweep_contents(database, store, CLOCK) == 0
    grow_old(store)
    assert sweep_contents(database, store, CLOCK) == 1


def test_what_is_given_anew_during_a_sweep_is_not_forgotten(database: Database, store: Store) -> None:
    take_in(store, "un.pdf", pdf("un"))
    grow_old(store)
    (path,) = store.all()
    take_in(store, "un.pdf", pdf("un"))
    assert not store.forget(path, before=datetime.now(UTC) - timedelta(days=1))
    assert path.is_file()


def test_what_a_machine_that_stopped_left_half_written_goes_with_a_sweep(database: Database, store: Store) -> None:
    store.folder.mkdir()
    (store.folder / "coupe.part").write_bytes(b"%PDF")
    assert sweep_contents(database, store, CLOCK) == 0, "it may be on its way"
    grow_old(store)
    assert sweep_contents(database, store, CLOCK) == 1
    assert not list(store.all())
