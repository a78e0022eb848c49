"""What tests stand on: a database of their own on both kinds, an application over it, no way out to the network."""

import ipaddress
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import sqlalchemy as sa
from flask import Flask

from app import create_app
from portal.db import Database, schema
from portal.settings import Environment, Settings
from tests import postgres
from tests.page_client import PageClient
from tests.rates import FREELY

SERVER = "TESTS_POSTGRESQL"
SECRET = "a key that only tests know, long enough"  # noqa: S105
CLUSTER = pytest.StashKey[postgres.Cluster]()


def refuse_the_network(event: str, arguments: tuple[Any, ...]) -> None:
    """Heard by Python before each connection: only this machine may be called."""
    if event != "socket.connect" or not isinstance(arguments[1], tuple):
        return
    host = arguments[1][0]
    if host != "localhost" and not ipaddress.ip_address(host.partition("%")[0]).is_loopback:
        raise AssertionError(f"A test called {host}: nothing here may need the network.")


sys.addaudithook(refuse_the_network)

# The same examples at each run, on a slow machine too: a failure is then a change of ours.
hypothesis.settings.register_profile("house", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile("house")


def pytest_configure(config: pytest.Config) -> None:
    """One server for all processes of a run: the first process starts it, the others read its address."""
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    cluster = config.stash[CLUSTER] = postgres.Cluster()
    try:
        cluster.start()
    except BaseException:
        cluster.stop()
        raise
    os.environ[SERVER] = cluster.address


def pytest_unconfigure(config: pytest.Config) -> None:
    if cluster := config.stash.get(CLUSTER, None):
        cluster.stop()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file that tests copy."""
    path = tmp_path_factory.mktemp("template") / "migrated.sqlite"
    database = Database(f"sqlite:///{path}")
    schema.upgrade(database.engine)
    database.close()  # the last connection folds the write-ahead log into the file
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'logitheque.sqlite')}"


@pytest.fixture
def postgresql_url() -> Iterator[str]:
    with postgres.copy(os.environ[SERVER]) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a migrated and empty database: each test that asks for it runs on both kinds."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        secret_key=SECRET,
        environment=Environment.TEST,
        database_url=database_url,
        var=tmp_path / "var",
        log_json=False,
        **FREELY,
    )


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    app.testing = True
    app.test_client_class = PageClient
    yield app
    app.extensions["logitheque"].database.close()


@pytest.fixture
def client(app: Flask) -> PageClient:
    client = app.test_client()
    assert isinstance(client, PageClient)
    return client


Counting = Callable[[Database], AbstractContextManager[list[str]]]


@pytest.fixture(scope="session")
def count_queries() -> Counting:
    """To compare what a page sends for three rows and for thirty: the statements heard inside a `with`."""

    @contextmanager
    def counting(database: Database) -> Iterator[list[str]]:
        sent: list[str] = []

        def hear(_connection: Any, _cursor: Any, statement: str, *_others: Any) -> None:
            if not statement.startswith(("BEGIN", "PRAGMA")):
                sent.append(statement)

        sa.event.listen(database.engine, "before_cursor_execute", hear)
        try:
            yield sent
        finally:
            sa.event.remove(database.engine, "before_cursor_execute", hear)

    return counting
