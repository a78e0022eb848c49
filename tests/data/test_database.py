"""One way to read, one way to write: what they promise is kept by both databases, under real concurrency."""

from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session, col, select

from catalogue.lists.models import Edition, Entry, EntryStatus, SoftwareList
from catalogue.titles.models import Category, Confidence, LicenceType, Title
from portal.db import Database
from portal.errors import OutOfDate, Refused
from portal.territories.models import Territory, TerritoryLevel
from portal.text import Sentence, fold
from tests.data.contenders import at_once, change_what_was_read, lock_in_turn, take_a_seat

CONTENDERS = 40
SEATS = 5

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def a_territory(code: str) -> Territory:
    return Territory(code=code, name=code.upper(), level=TerritoryLevel.REGION, area=code, zone="Europe/Paris")


def stored(database: Database, code: str = "aura") -> int:
    def work(session: Session) -> int:
        territory = a_territory(code)
        session.add(territory)
        session.flush()
        return territory.key

    return database.write(work)


def name_of(database: Database, territory_id: int) -> str:
    with database.read() as session:
        return session.get_one(Territory, territory_id).name


def rename(session: Session, territory_id: int, name: str) -> None:
    session.get_one(Territory, territory_id).name = name


def pragma(database: Database, name: str) -> Any:
    with database.engine.connect() as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


@on_sqlite
def test_sqlite_is_set_for_people_who_write_at_once(database: Database) -> None:
    found = {name: pragma(database, name) for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")}
    assert found == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2, "busy_timeout": 15000}


@on_sqlite
def test_sqlite_takes_the_write_lock_at_once_and_only_to_write(database: Database) -> None:
    begun: list[str] = []
    sa.event.listen(
        database.engine, "before_cursor_execute", lambda _c, _k, said, *_: begun.append(said) if said.startswith("BEGIN") else None
    )
    database.write(lambda session: session.exec(select(Territory)).all())
    with database.read() as session:
        session.exec(select(Territory)).all()
    assert begun == ["BEGIN IMMEDIATE", "BEGIN"]


def test_a_row_that_refers_to_nothing_is_refused(database: Database) -> None:
    edition = Edition(list_id=404, school_year="2026-2027", starts_on=date(2026, 9, 1), ends_on=date(2027, 8, 31))
    with pytest.raises(IntegrityError):
        database.write(lambda session: session.add(edition))


def test_reading_never_commits(database: Database) -> None:
    with database.read() as session:
        session.add(a_territory("aura"))
        assert session.exec(select(Territory)).all() == []
    with database.read() as session:
        assert session.exec(select(Territory)).all() == []


def test_a_refused_unit_of_work_leaves_nothing(database: Database) -> None:
    def work(session: Session) -> None:
        session.add(a_territory("aura"))
        session.flush()
        raise Refused([Sentence("Une règle s’y oppose.")])

    with pytest.raises(Refused):
        database.write(work)
    with database.read() as session:
        assert session.exec(select(Territory)).all() == []


def test_a_snapshot_does_not_move_while_others_write(database: Database) -> None:
    territory_id = stored(database)
    with database.read(snapshot=True) as session:
        names = select(Territory.name)
        assert session.exec(names).all() == ["AURA"]
        database.write(lambda other: rename(other, territory_id, "Autre nom"))
        assert session.exec(names).all() == ["AURA"]
    assert name_of(database, territory_id) == "Autre nom"


def test_a_stale_write_is_out_of_date_and_erases_nothing(database: Database) -> None:
    territory_id = stored(database)
    with database.read() as session:
        stale = session.get_one(Territory, territory_id)
    database.write(lambda session: rename(session, territory_id, "Le nom d’un autre"))
    stale.name = "Un nom venu trop tard"
    with pytest.raises(OutOfDate):
        database.write(lambda session: session.add(stale))
    assert name_of(database, territory_id) == "Le nom d’un autre"


def test_deleting_what_another_changed_is_out_of_date(database: Database) -> None:
    territory_id = stored(database)
    with database.read() as session:
        stale = session.get_one(Territory, territory_id)
    database.write(lambda session: rename(session, territory_id, "Le nom d’un autre"))
    with pytest.raises(OutOfDate):
        database.write(lambda session: session.delete(stale))
    assert name_of(database, territory_id) == "Le nom d’un autre"


@on_postgresql
def test_two_processes_that_deadlock_both_end(database: Database, database_url: str) -> None:
    one, two = stored(database, "aura"), stored(database, "isere")
    attempts = at_once(lock_in_turn, [(database_url, one, two), (database_url, two, one)])
    assert sorted(attempts) == [1, 2]


@on_postgresql
def test_two_processes_that_cannot_be_serialized_both_end(database: Database, database_url: str) -> None:
    territory_id = stored(database)
    attempts = at_once(change_what_was_read, [(database_url, territory_id, "+a"), (database_url, territory_id, "+b")])
    assert sorted(attempts) == [1, 2]
    assert sorted(name_of(database, territory_id).split("+")) == ["AURA", "a", "b"]


@on_postgresql
@pytest.mark.parametrize(("state", "attempts"), [("40001", 3), ("40P01", 3), ("57P03", 1)])
def test_a_trouble_that_lasts_is_told_after_three_attempts(database: Database, state: str, attempts: int) -> None:
    made = 0

    def work(session: Session) -> None:
        nonlocal made
        made += 1
        session.connection().exec_driver_sql(f"DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '{state}'; END $$")

    with pytest.raises(OperationalError):
        database.write(work)
    assert made == attempts


def a_full_house(session: Session) -> tuple[int, list[int]]:
    """An edition of five seats, and forty titles that want one."""
    territory, category = a_territory("aura"), Category(slug="outils", name="Outils")
    session.add_all([territory, category])
    session.flush()
    socle = SoftwareList(
        territory_id=territory.key, slug="socle", name="Socle", short_name="Socle", rank=1, capacity=SEATS, audience="Tous"
    )
    titles = [a_title(f"Titre {number}", category) for number in range(CONTENDERS)]
    session.add_all([socle, *titles])
    session.flush()
    edition = Edition(list_id=socle.key, school_year="2026-2027", starts_on=date(2026, 9, 1), ends_on=date(2027, 8, 31))
    session.add(edition)
    session.flush()
    return edition.key, [title.key for title in titles]


def a_title(name: str, category: Category) -> Title:
    return Title(
        slug=fold(name).replace(" ", "-"), name=name, sort_key=fold(name), licence_type=LicenceType.FREE, category_id=category.key,
        confidence=Confidence.HIGH, source="test", changed_at=datetime(2026, 9, 1, tzinfo=UTC),
    )  # fmt: skip


def test_forty_processes_share_five_seats(database: Database, database_url: str) -> None:
    edition_id, titles = database.write(a_full_house)
    answers = at_once(take_a_seat, [(database_url, edition_id, title_id) for title_id in titles])
    assert Counter(answers) == {"seated": SEATS, "refused": CONTENDERS - SEATS}
    with database.read() as session:
        admitted = session.exec(select(Entry).where(col(Entry.status) == EntryStatus.ADMITTED)).all()
    assert len(admitted) == SEATS


def test_a_reading_session_refuses_to_write(database: Database) -> None:
    with database.read() as session:
        session.add(Category(slug="maths", name="Mathématiques"))
        with pytest.raises(RuntimeError, match="changes nothing"):
            session.flush()
        session.expunge_all()
