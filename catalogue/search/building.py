"""Building the index of a host: one process at a time, under a lock that the system frees when a process dies."""

import fcntl
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from sqlmodel import Session, col, select

from catalogue.search.shelf import POINTER
from catalogue.search.writing import write
from portal.clock import Clock
from portal.db import Database
from portal.territories.models import Territory
from portal.trail.revision import Revision

log = logging.getLogger("logitheque.index")
KEPT = 2  # older indexes left on disk: a worker may still be opening one
A_DAY = 24 * 3600
PAUSE = 0.2  # seconds between two looks at the revision


class Builder:
    """`build_if_needed` is idempotent: whoever calls it, the pointer ends on the newest revision and day."""

    def __init__(self, database: Database, clock: Clock, folder: Path) -> None:
        self._database = database
        self._clock = clock
        self._folder = folder

    @contextmanager
    def alone(self, *, wait: bool) -> Iterator[bool]:
        """Hold the host's lock; yields False at once when another process has it and we do not wait."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                yield False
                return
            yield True

    def build_if_needed(self) -> bool:
        """Call it holding the lock. True when a new index was built."""
        with self._database.read(snapshot=True) as session:
            revision, days = self._state(session)
            name = _name(revision, days)
            if self._pointed() == name:
                return False
            self._build(session, name, revision, days)
        return True

    def keep_building(self, parent: int) -> None:
        """Until the process that started us is gone: its successor will start another."""
        while os.getppid() == parent:
            try:
                self.build_if_needed()
            except Exception:
                log.exception("index not built, trying again")
                time.sleep(1)
            time.sleep(PAUSE)

    def _state(self, session: Session) -> tuple[int, Mapping[str, date]]:
        revision = session.exec(select(Revision.number)).one()
        territories = session.exec(select(Territory.code, Territory.zone).order_by(col(Territory.id))).all()
        return revision, {code: self._clock.today(zone) for code, zone in territories}

    def _build(self, session: Session, name: str, revision: int, days: Mapping[str, date]) -> None:
        began = time.perf_counter()
        working = Path(tempfile.mkdtemp(prefix="building-", dir=self._folder))
        try:
            count = write(session, working, days, revision)
            target = self._folder / name
            shutil.rmtree(target, ignore_errors=True)  # left by a process that died before pointing at it
            working.rename(target)
        except BaseException:
            shutil.rmtree(working, ignore_errors=True)
            raise
        self._point_at(name)
        self._tidy(name)
        log.info("index built", extra={"revision": name, "titles": count, "seconds": round(time.perf_counter() - began, 2)})

    def _pointed(self) -> str:
        try:
            return (self._folder / POINTER).readlink().name
        except FileNotFoundError:
            return ""

    def _point_at(self, name: str) -> None:
        waiting = self._folder / f"{POINTER}.new"
        waiting.unlink(missing_ok=True)
        waiting.symlink_to(name)
        waiting.replace(self._folder / POINTER)

    def _tidy(self, name: str) -> None:
        self._tidy_other_releases()
        others = sorted(
            (p for p in self._folder.iterdir() if p.is_dir() and not p.is_symlink() and p.name != name),
            key=lambda p: p.stat().st_mtime,
        )
        for path in others[:-KEPT]:
            shutil.rmtree(path, ignore_errors=True)

    def _tidy_other_releases(self) -> None:
        """What other code wrote, once no server of that code can still be running."""
        for other in self._folder.parent.iterdir():
            if other.is_dir() and other != self._folder and time.time() - other.stat().st_mtime > A_DAY:
                shutil.rmtree(other, ignore_errors=True)


def _name(revision: int, days: Mapping[str, date]) -> str:
    return "-".join([str(revision), *sorted({day.isoformat() for day in days.values()})])
