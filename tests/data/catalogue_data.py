"""The whole demonstration, loaded and indexed once per run: tests read it together, or take a copy they may change."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, g

from app import create_app
from catalogue.browse.place import Place
from catalogue.search.shelf import Volume
from tests.data.demonstrations import Demonstration, close, make


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
            make(making)
            making.folder.rename(ready.folder)
    return ready


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
        g.zone = volume.meta["territories"]["aura"]["zone"]
        yield Place(volume, "aura")
    close(app)
