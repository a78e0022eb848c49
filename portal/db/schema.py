"""Bringing a database to the shape the code expects: Alembic, driven without a configuration file."""

from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(engine: sa.Engine, revision: str = "head") -> None:
    _run(engine, lambda config: command.upgrade(config, revision))


def downgrade(engine: sa.Engine, revision: str = "-1") -> None:
    _run(engine, lambda config: command.downgrade(config, revision))


def check(engine: sa.Engine) -> None:
    """Raise when the models say something that no migration does."""
    _run(engine, command.check)


def draft(engine: sa.Engine, message: str, revision: str) -> None:
    """Write a migration from the difference between models and database, to be read and corrected by hand."""
    _run(engine, lambda config: command.revision(config, message, autogenerate=True, rev_id=revision))


def is_current(engine: sa.Engine) -> bool:
    with engine.connect() as connection:
        at = MigrationContext.configure(connection).get_current_revision()
    return at == ScriptDirectory(str(MIGRATIONS)).get_current_head()


def _run(engine: sa.Engine, action: Callable[[Config], object]) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    if engine.dialect.name == "sqlite":
        # SQLite changes a table by copying it: foreign keys must sleep meanwhile, and only outside a transaction.
        connection = engine.connect().execution_options(writes=True)
        _foreign_keys(connection, "OFF")
    else:
        connection = engine.connect()
    try:
        with connection.begin():
            config.attributes["connection"] = connection
            action(config)
    finally:
        if engine.dialect.name == "sqlite":
            _foreign_keys(connection, "ON")
        connection.close()


def _foreign_keys(connection: sa.Connection, state: str) -> None:
    raw = connection.connection.dbapi_connection
    if raw is None:
        raise RuntimeError("This connection is closed: its foreign keys cannot be switched.")
    cursor = raw.cursor()
    cursor.execute(f"PRAGMA foreign_keys = {state}")
    cursor.close()
