"""What was told is kept a year; the trail says for ever that a letter left."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from portal.clock import Clock
from portal.db import Database
from portal.letters.models import Letter, LetterPace, Notice

KEPT_FOR = timedelta(days=365)
DATED: tuple[tuple[Any, Any], ...] = ((Notice, col(Notice.at)), (Letter, col(Letter.written_at)))  # letters are named by the first


def sweep_letters(database: Database, clock: Clock) -> None:
    """Round of the worker. Looked for by a read, so that most rounds lock nothing."""
    oldest = clock.now() - KEPT_FOR
    with database.read() as session:
        found = [session.exec(select(table.id).where(since <= oldest).limit(1)).first() for table, since in DATED]
    if any(found):
        database.write(lambda session: _forget(session, oldest))


def _forget(session: Session, oldest: datetime) -> None:
    for table, since in DATED:
        session.execute(sa.delete(table).where(since <= oldest))


def forget_letters(session: Session, people: Sequence[int], now: datetime) -> None:
    """What they were told goes. A letter keeps its number, which is that of its message for ever, and says nothing more."""
    for table in (Notice, LetterPace):
        session.execute(sa.delete(table).where(col(table.person_id).in_(people)))
    theirs = col(Letter.person_id).in_(people)
    session.execute(sa.update(Letter).where(theirs, col(Letter.sent_at).is_(None)).values(given_up_at=now))
    session.execute(
        sa.update(Letter)
        .where(theirs)
        .values(person_id=None, recipient="", subject="", body="", html="", settings_url="", trouble="")
    )
