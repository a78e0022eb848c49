"""The one way to the database: a base for tables, a way to read, a way to write."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import InstrumentedAttribute, declared_attr
from sqlalchemy.orm.exc import StaleDataError
from sqlmodel import Field, Session, SQLModel

from portal.errors import OutOfDate
from portal.text import Sentence

T = TypeVar("T")

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
METADATA = SQLModel.metadata

# PostgreSQL asks to try again: two units of work met (serialization failure, deadlock).
TRY_AGAIN = {"40001", "40P01"}
ATTEMPTS = 3


class Model(SQLModel):
    """Base of every table: an id, identity equality, optimistic locking."""

    id: int | None = Field(default=None, primary_key=True)
    version: int = Field(default=1, nullable=False)

    __eq__ = object.__eq__
    __hash__ = object.__hash__

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805
        """Count versions: a stale write raises instead of erasing what another wrote."""
        return {"version_id_col": cls.__table__.c.version}  # type: ignore[attr-defined]

    @property
    def key(self) -> int:
        """The id of a row that is known to be stored."""
        if self.id is None:
            raise RuntimeError(f"{type(self).__name__} is not stored yet: flush the session first.")
        return self.id


def choice(states: type[StrEnum]) -> Any:
    """A column type that stores an enum's values (never its member names) under a CHECK.

    The CHECK is written by `one_of` in `__table_args__`, so that migrations name it.
    """
    return sa.Enum(states, values_callable=lambda e: [m.value for m in e], native_enum=False, length=24)


def one_of(column: str, states: type[StrEnum]) -> sa.CheckConstraint:
    """The constraint that goes with `choice`."""
    values = ", ".join(f"'{state.value}'" for state in states)
    return sa.CheckConstraint(f"{column} IN ({values})", name=f"{column}_known")


def related(attribute: Any) -> InstrumentedAttribute[Any]:
    """A relationship as loaders want it, typed: SQLModel declares it as the value it holds."""
    return cast("InstrumentedAttribute[Any]", attribute)


class ReadingSession(Session):
    """Refuses to write: on PostgreSQL, reading is in autocommit and a flush would stay."""

    def flush(self, objects: Any = None) -> None:  # noqa: ARG002 – the signature is the library's
        if self.new or self.dirty or self.deleted:
            raise RuntimeError("A reading session changes nothing: use database.write(work).")


class Database:
    """Holds the engine. `read()` never commits; `write()` is the only place of the portal that does."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self, *, snapshot: bool = False) -> Iterator[Session]:
        """A session for queries; with `snapshot`, all of them see the database as it was at the first."""
        with ReadingSession(self.engine, autoflush=False) as session:
            if not self.is_sqlite:  # SQLite in WAL reads from a snapshot anyway
                isolation = "REPEATABLE READ" if snapshot else "AUTOCOMMIT"
                session.connection(execution_options={"isolation_level": isolation})
            yield session

    def write(self, work: Callable[[Session], T]) -> T:
        """Run a unit of work and commit it, all or nothing; begin again when PostgreSQL asks for it.

        `work` may therefore run up to three times: it must touch nothing but its session.
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with Session(self.engine) as session:
                    session.connection(execution_options={"writes": True})
                    result = work(session)
                    session.commit()
                    return result
            except StaleDataError as stale:
                raise OutOfDate(Sentence("Cette fiche a été modifiée entre-temps. Rechargez la page, puis recommencez.")) from stale
            except OperationalError as error:
                if getattr(error.orig, "sqlstate", None) not in TRY_AGAIN or attempt == ATTEMPTS:
                    raise
                time.sleep(0.02 * attempt)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def close(self) -> None:
        self.engine.dispose()


def lock(session: Session, row: Model) -> None:
    """Hold a parent row until the unit of work ends, and see it as the last writer left it.

    SQLite needs no lock here: a unit of work there begins by taking the only write lock. Whoever only reads holds nothing back.
    """
    if isinstance(session, ReadingSession):
        return
    session.flush()
    session.refresh(row, attribute_names=[column.key for column in sa.inspect(type(row)).column_attrs], with_for_update=True)


def claim(session: Session, name: str) -> bool:
    """Whether nobody else is at work under that name, which is then held until the unit of work ends. Nobody waits.

    On SQLite nobody else can be: a unit of work there is alone.
    """
    if session.get_bind().dialect.name == "sqlite":
        return True
    number = int.from_bytes(sha256(name.encode()).digest()[:8], "big", signed=True)
    return bool(session.execute(sa.select(sa.func.pg_try_advisory_xact_lock(sa.cast(number, sa.BigInteger)))).scalar_one())


def _engine(url: str) -> sa.Engine:
    if not url.startswith("sqlite"):
        return sa.create_engine(url, pool_size=5, max_overflow=5, pool_recycle=1800)
    path = sa.make_url(url).database
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(url)
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin by itself: `_begin_sqlite` does
    for pragma in ("busy_timeout = 15000", "journal_mode = WAL", "foreign_keys = ON", "synchronous = FULL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    # A deferred transaction that reads and then writes fails when another wrote in between; an immediate one waits.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
