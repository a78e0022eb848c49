"""Reading and writing the trail."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from portal.access import Actor
from portal.db import Model
from portal.trail.models import Event


def record(session: Session, actor: Actor, subject: Model, move: str, *, at: datetime, reason: str = "", **details: Any) -> Event:
    """Remember what is not a change of status; `portal.moves.desk` records those."""
    event = Event(
        at=at,
        actor=actor.key,
        function=actor.function,
        subject_kind=str(subject.__tablename__),
        subject_id=subject.key,
        move=move,
        reason=reason,
        details=details,
    )
    session.add(event)
    return event


def history(session: Session, subject: Model) -> Sequence[Event]:
    """All that happened to a subject, newest first."""
    return session.exec(
        select(Event)
        .where(Event.subject_kind == str(subject.__tablename__), Event.subject_id == subject.key)
        .order_by(col(Event.id).desc())
    ).all()
