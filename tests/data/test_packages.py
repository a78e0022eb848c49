"""The technicians' file of packages is taken whole or refused by line, remembered, and shown to pages."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, col, select

from catalogue.packages.models import Package
from catalogue.packages.packages_file import COLUMNS, PACKAGES
from catalogue.packages.queries import packages_of
from portal.access import system
from portal.db import Database
from portal.errors import Refused
from portal.imports import Plan, load
from portal.trail.models import Event
from portal.trail.revision import Revision
from tests.conftest import Counting
from tests.data.test_editions import _prepare

ACTOR, AT = system("import"), datetime(2026, 11, 16, 9, tzinfo=UTC)
GOOD = {"territory": "aura", "slug": "t0", "version": "1.0", "number": "1", "status": "released", "since": "2026-09-01"}
BLOCKED = {"status": "blocked", "reason": "Le serveur ne répond pas", "waits_for": "le réseau"}


def written(*rows: dict[str, str]) -> bytes:
    names = [column.name for column in COLUMNS]
    lines = [",".join({**GOOD, **row}.get(name, "") for name in names) for row in rows]
    return "\n".join([",".join(names), *lines, ""]).encode()


@pytest.fixture
def stocked(database: Database) -> Database:
    database.write(_prepare)
    take(database, {})
    return database


def take(database: Database, *rows: dict[str, str], dry_run: bool = False) -> Plan:
    return database.write(lambda session: load(session, PACKAGES, written(*rows), actor=ACTOR, at=AT, dry_run=dry_run))


def stored(database: Database) -> list[tuple[str, int, str, str]]:
    with database.read() as session:
        held = session.exec(select(Package).order_by(col(Package.id)))
        return [(one.version_label, one.number, one.status.value, one.since.isoformat()) for one in held]


def revision(database: Database) -> int:
    with database.read() as session:
        return session.exec(select(Revision.number)).one()


def test_the_same_file_a_second_time_changes_nothing(stocked: Database) -> None:
    before = revision(stocked)
    assert not take(stocked, {})
    assert revision(stocked) == before


def test_a_dry_run_changes_nothing(stocked: Database) -> None:
    before = stored(stocked), revision(stocked)
    assert take(stocked, {"status": "withdrawn"}, {"number": "2"}, dry_run=True)
    assert (stored(stocked), revision(stocked)) == before


def test_a_state_that_changes_is_remembered_and_shown(stocked: Database) -> None:
    before = revision(stocked)
    take(stocked, {**BLOCKED, "since": "2026-11-10"}, {"number": "2"})
    assert stored(stocked) == [("1.0", 1, "blocked", "2026-11-10"), ("1.0", 2, "released", "2026-09-01")]
    assert revision(stocked) == before + 1
    with stocked.read() as session:
        events = session.exec(select(Event).where(Event.subject_kind == "package").order_by(col(Event.id))).all()
        assert [(one.move, one.details["status"], one.reason) for one in events] == [
            ("reported", "released", ""),
            ("reported", "released", ""),
            ("reported", "blocked", "Le serveur ne répond pas"),
        ]
        told = packages_of(session)
    assert [(one["number"], one["status"], one["waits_for"]) for one in told["aura"]["t0"]] == [
        (2, "released", ""),
        (1, "blocked", "le réseau"),
    ]
    assert told["isere"] == {}


def test_a_package_that_the_file_leaves_out_stays(stocked: Database) -> None:
    take(stocked, {"slug": "t1"})
    assert len(stored(stocked)) == 2


BAD: dict[str, tuple[dict[str, str], str]] = {
    "an unknown territory": ({"territory": "ailleurs"}, "Ligne 2, colonne territory.*ailleurs"),
    "an unknown title": ({"slug": "nulle-part"}, "Ligne 2, colonne slug.*nulle-part"),
    "a state that does not exist": ({"status": "presque"}, "Ligne 2, colonne status.*Valeurs possibles"),
    "no day": ({"since": ""}, "Ligne 2, colonne since"),
    "number zero": ({"number": "0"}, "Ligne 2, colonne number.*numéro 1"),
    "blocked without a reason": ({**BLOCKED, "reason": ""}, "Ligne 2, colonne reason.*pourquoi"),
    "blocked and nobody is waited for": ({**BLOCKED, "waits_for": ""}, "Ligne 2, colonne reason.*qui l’on attend"),
    "no version": ({"version": ""}, "Ligne 2, colonne version"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_line_refuses_the_whole_file(stocked: Database, case: str) -> None:
    before = stored(stocked)
    row, sentence = BAD[case]
    with pytest.raises(Refused, match=sentence):
        take(stocked, row, {"slug": "t1"})
    assert stored(stocked) == before


@pytest.mark.parametrize("change", ["status = 'blocked'", "number = 0", "status = 'presque'"])
def test_the_database_itself_refuses_what_no_package_is(stocked: Database, change: str) -> None:
    with pytest.raises(DatabaseError):
        stocked.write(lambda session: session.execute(sa.text(f"UPDATE package SET {change}")))


def test_one_package_of_a_version_has_each_number(stocked: Database) -> None:
    def twice(session: Session) -> None:
        first = session.exec(select(Package)).one()
        session.add(Package(**first.model_dump(exclude={"id", "version"})))

    with pytest.raises(DatabaseError):
        stocked.write(twice)


def test_reading_costs_as_many_queries_for_thirty_as_for_three(database: Database, count_queries: Counting) -> None:
    database.write(lambda session: _prepare(session, 30, 40))
    costs = []
    for count in (3, 30):
        take(database, *({"slug": f"t{number}"} for number in range(count)))
        with count_queries(database) as sent, database.read() as session:
            assert len(packages_of(session)["aura"]) == count
        costs.append(len(sent))
    assert costs[0] == costs[1]
