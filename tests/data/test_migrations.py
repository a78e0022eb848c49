"""Migrations bring a database to what the code says, and back, on both databases."""

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError

from app import create_app
from portal.db import METADATA, Database, schema
from portal.trail.models import Event

# What a database says of its own shape; what Alembic writes down for itself is left out.
SHAPE = {
    "sqlite": """
        SELECT type, name, sql FROM sqlite_master WHERE tbl_name <> 'alembic_version' AND name NOT LIKE 'sqlite_%'
    """,
    "postgresql": """
        SELECT 'column', table_name || '.' || column_name,
            data_type || coalesce(character_maximum_length::text, '') || is_nullable || coalesce(column_default, '')
        FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'
        UNION SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'alembic_version'
        UNION SELECT 'index', indexname::text, indexdef
        FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'
        UNION SELECT 'trigger', tgname::text, pg_get_triggerdef(oid)
        FROM pg_trigger WHERE NOT tgisinternal
    """,
}

REVISIONS = [script.revision for script in ScriptDirectory(str(schema.MIGRATIONS)).walk_revisions()]
EVENT = {
    "version": 1, "at": "2026-09-01 08:00:00+00", "actor": "system:test", "function": "Test", "subject_kind": "title", "subject_id": 1,
    "move": "admit", "reason": "", "details": "{}",
}  # fmt: skip


def shape(engine: sa.Engine) -> set[tuple[str, ...]]:
    with engine.connect() as connection:
        return {tuple(map(_in_order, row)) for row in connection.exec_driver_sql(SHAPE[engine.dialect.name])}


def _in_order(part: str) -> str:
    """SQLite keeps a table as it was written: a table made anew says its constraints in another order."""
    return "\n".join(sorted(line.strip().rstrip(",") for line in str(part).replace('"', "").splitlines()))


def test_the_models_ask_for_nothing_that_no_migration_does(database: Database) -> None:
    assert create_app.__module__ == "app"  # the roof imports every noun: METADATA is whole
    schema.check(database.engine)
    assert schema.is_current(database.engine)


def test_each_migration_goes_back_and_forth(database: Database) -> None:
    shapes = [shape(database.engine)]
    for _revision in REVISIONS:
        schema.downgrade(database.engine)
        shapes.append(shape(database.engine))
        schema.upgrade(database.engine, "+1")
        assert shape(database.engine) == shapes[-2]
        schema.downgrade(database.engine)
    assert shapes[-1] == set(), "the first migration, undone, leaves an empty database"
    assert not schema.is_current(database.engine)
    schema.upgrade(database.engine)
    assert shape(database.engine) == shapes[0]


def enumerated() -> list[tuple[str, sa.Column[object]]]:
    columns = [(table.name, column) for table in METADATA.sorted_tables for column in table.columns]
    return [(table, column) for table, column in columns if isinstance(column.type, sa.Enum)]


def test_the_database_knows_the_same_states_as_the_code(database: Database) -> None:
    inspector = sa.inspect(database.engine)
    assert enumerated()
    for table, column in enumerated():
        checks = {str(check["name"]): check["sqltext"] for check in inspector.get_check_constraints(table)}
        said = set(re.findall(r"'([^']*)'", checks[f"ck_{table}_{column.name}_known"]))
        assert isinstance(column.type, sa.Enum)
        assert said == set(column.type.enums), f"{table}.{column.name}"


def test_every_state_fits_in_its_column() -> None:
    for table, column in enumerated():
        assert isinstance(column.type, sa.Enum)
        assert max(map(len, column.type.enums)) <= (column.type.length or 0), f"{table}.{column.name}"


@pytest.fixture
def one_event(database: Database) -> Callable[[str], None]:
    """Something that happened, and a way to say raw SQL about it."""

    def say(statement: str) -> None:
        with database.engine.connect().execution_options(writes=True) as connection, connection.begin():
            connection.exec_driver_sql(statement)

    with database.engine.connect().execution_options(writes=True) as connection, connection.begin():
        names = ", ".join(EVENT)
        connection.execute(sa.text(f"INSERT INTO trail_event ({names}) VALUES (:{', :'.join(EVENT)})"), EVENT)
    return say


def reasons(database: Database) -> list[str]:
    with database.engine.connect() as connection:
        return list(connection.execute(sa.select(Event.reason)).scalars())  # type: ignore[call-overload]


@pytest.mark.parametrize(
    "statement", ["UPDATE trail_event SET reason = 'autre'", "DELETE FROM trail_event", "DELETE FROM trail_event WHERE id = 1"]
)
def test_what_happened_is_never_rewritten(database: Database, one_event: Callable[[str], None], statement: str) -> None:
    with pytest.raises(DBAPIError, match="what happened is never rewritten"):
        one_event(statement)
    assert reasons(database) == [""]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_happened_is_never_emptied(database: Database, one_event: Callable[[str], None]) -> None:
    with pytest.raises(DBAPIError, match="what happened is never rewritten"):
        one_event("TRUNCATE trail_event CASCADE")
    assert reasons(database) == [""]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_happened_is_never_replaced(database: Database, one_event: Callable[[str], None]) -> None:
    """`REPLACE` deletes the row first, and SQLite tells no trigger unless asked to."""
    names, values = ", ".join(["id", *EVENT]), ", ".join(["1", *(repr(str(value)) for value in EVENT.values())])
    with pytest.raises(DBAPIError):
        one_event(f"REPLACE INTO trail_event ({names}) VALUES ({values})".replace("'Test'", "'Autre'"))
    assert reasons(database) == [""]
