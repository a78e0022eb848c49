"""Joining a file to something, giving it back, taking it away; and forgetting contents that nothing names."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import BinaryIO

from sqlmodel import Session, col, select

from portal.access import Actor
from portal.clock import Clock
from portal.db import Database, Model, lock
from portal.enclosures.kinds import Recognised, check_size, recognise
from portal.enclosures.models import Enclosure
from portal.enclosures.store import Kept, Store
from portal.errors import Refused
from portal.text import Sentence
from portal.trail.trail import record

MOST = 10  # joined to one thing at a time
GRACE = timedelta(days=1)  # a content is stored before its row is: a sweep must not come between
FULL = Sentence("%(n)s pièces sont déjà jointes. Retirez-en une, ou réunissez plusieurs documents en un seul PDF.", n=MOST)


def take_in(store: Store, name: str, content: BinaryIO) -> tuple[Recognised, Kept]:
    """Check a file, then put it on the disk: before, and outside of, the unit of work that joins it."""
    content.seek(0, 2)
    check_size(content.tell())
    content.seek(0)
    recognised = recognise(name, content)
    return recognised, store.keep(content)


def enclose(session: Session, subject: Model, actor: Actor, taken: tuple[Recognised, Kept], at: datetime) -> Enclosure:
    """The same content joined twice is joined once: a double click, or a page sent again."""
    lock(session, subject)
    held, (recognised, kept) = enclosures_of(session, subject), taken
    if same := next((one for one in held if one.sha256 == kept.sha256), None):
        return same
    if len(held) >= MOST:
        raise Refused([FULL])
    enclosure = Enclosure(
        subject_kind=str(subject.__tablename__),
        subject_id=subject.key,
        name=recognised.name,
        media_type=recognised.media_type,
        size=kept.size,
        sha256=kept.sha256,
        added_at=at,
        added_by=actor.key,
        added_as=actor.function,
    )
    session.add(enclosure)
    session.flush()
    record(session, actor, subject, "enclosed", at=at, enclosure=enclosure.key)
    return enclosure


def remove(session: Session, subject: Model, actor: Actor, enclosure: Enclosure, at: datetime) -> None:
    """Its content goes with the next sweep; that it was there, and who took it away, stays."""
    if enclosure.removed_at is not None:
        return
    enclosure.removed_at, enclosure.removed_by = at, actor.key
    record(session, actor, subject, "enclosure-removed", at=at, enclosure=enclosure.key)


def enclosures_of(session: Session, subject: Model) -> Sequence[Enclosure]:
    """What is joined now, the first first."""
    return session.exec(
        select(Enclosure)
        .where(
            Enclosure.subject_kind == str(subject.__tablename__),
            Enclosure.subject_id == subject.key,
            col(Enclosure.removed_at).is_(None),
        )
        .order_by(col(Enclosure.id))
    ).all()


def sweep_contents(database: Database, store: Store, clock: Clock) -> int:
    """A round of the worker, once a day: forget contents that no row names and that are a day old; return how many."""
    oldest = clock.real() - GRACE  # what the disk says is real time, whatever day a demonstration plays
    if not store.begin_sweep(since=oldest):
        return 0
    stale = [path for path in store.all() if path.stat().st_mtime < oldest.timestamp()]
    with database.read() as session:
        named = set(session.exec(select(Enclosure.sha256).where(col(Enclosure.removed_at).is_(None)))) if stale else set()
    return sum(store.forget(path, before=oldest) for path in stale if path.name not in named)
