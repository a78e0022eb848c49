"""A demonstration in a folder of its own: its database, its date, its index."""

import shutil
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from flask import Flask

from app import create_app
from catalogue.search.building import Builder
from catalogue.search.shelf import Shelf, Volume, home
from portal.db import Database, schema
from portal.settings import Environment, Settings
from portal.web.kit import Portal
from tests.rates import FREELY
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
        return home(self.folder)

    @property
    def settings(self) -> Settings:
        return Settings(
            secret_key=SECRET,
            environment=Environment.DEMONSTRATION,
            database_url=self.url,
            var=self.folder,
            home_territory="aura",
            log_json=False,
            **FREELY,
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


def make(making: Demonstration) -> None:
    """Load everything and index it, on DAY."""
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
