"""The whole demonstration, loaded and indexed once per run: tests read it together, or take a copy they may change."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from catalogue.browse.place import Place
from catalogue.search.building import Builder
from catalogue.search.shelf import Shelf, Volume
from portal.db import Database, schema
from portal.settings import Environment, Settings
from portal.web.kit import Portal
from workflows.demo import load_everything

DAY = date(2026, 11, 16)  # a Monday: the editions of the demonstration are in force
ZONE = "Europe/Paris"
SECRET = "a key that only tests know, long enough"  # noqa: S105


@dataclass(frozen=True)
class Demonstration:
    """A folder such as `var/`: the database, the date, the index."""

    folder: Path

    @property
    def url(self) -> str:
        return f"sqlite:///{self.folder / 'logitheque.sqlite'}"

    @property
    def index(self) -> Path:
        return self.folder / "index"

    @property
    def settings(self) -> Settings:
        return Settings(
            secret_key=SECRET,  # type: ignore[arg-type]
            environment=Environment.DEMONSTRATION,
            database_url=self.url,  # type: ignore[arg-type]
            var=self.folder,
            home_territory="aura",
            log_json=False,
        )

    def volume(self) -> Volume:
        return Shelf(self.index, timedelta()).volume()

    def copy_to(self, folder: Path) -> "Demonstration":
        return Demonstration(Path(shutil.copytree(self.folder, folder, symlinks=True)))


def index(app: Flask) -> bool:
    """Build this application's index, as the indexer does; whether a new one was needed."""
    builder: Builder = app.extensions["builder"]
    with builder.alone(wait=True):
        return builder.build_if_needed()


def close(app: Flask) -> None:
    """The last connection folds the write-ahead log into the file, which can then be copied."""
    portal: Portal = app.extensions["logitheque"]
    portal.database.close()


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    """Not to be changed: all tests of a run, in all its processes, share it."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    ready = Demonstration(shared / "demonstration")
    with (shared / "demonstration.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the first process makes it, the others wait
        if not ready.folder.exists():
            making = Demonstration(shared / "demonstration.making")
            shutil.rmtree(making.folder, ignore_errors=True)  # left by a process that died
            _make(making)
            making.folder.rename(ready.folder)
    return ready


def _make(making: Demonstration) -> None:
    making.folder.mkdir()
    database = Database(making.url)
    schema.upgrade(database.engine)
    database.close()
    app = create_app(making.settings)
    portal: Portal = app.extensions["logitheque"]
    portal.clock.move_to(DAY, ZONE)
    load_everything(portal)
    index(app)
    close(app)


@pytest.fixture(scope="session")
def volume(demonstration: Demonstration) -> Volume:
    """The shared index, open."""
    return demonstration.volume()


@pytest.fixture
def own(demonstration: Demonstration, tmp_path: Path) -> Demonstration:
    """A copy to change."""
    return demonstration.copy_to(tmp_path / "demonstration")


@pytest.fixture
def own_app(own: Demonstration) -> Iterator[Flask]:
    app = create_app(own.settings)
    yield app
    close(app)


@pytest.fixture
def place(demonstration: Demonstration, volume: Volume) -> Iterator[Place]:
    """The region's pages, in French, as a view sees them."""
    app = create_app(demonstration.settings)
    with app.test_request_context("/catalogue"):
        yield Place(volume, "aura")
    close(app)
