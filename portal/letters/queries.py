"""Reading what became of what people were told."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.letters.models import Letter, Notice


class Heard(NamedTuple):
    """Of one thing that happened: how many were told, by how many letters that left, that are to leave, that could not."""

    told: int
    sent: int
    waiting: int
    lost: int


def heard_of(session: Session, events: Collection[int]) -> Mapping[int, Heard]:
    """By number of event; nothing of one that nobody was told of. One query."""
    if not events:
        return {}
    to_leave = sa.or_(
        sa.and_(col(Notice.letter_id).is_(None), col(Notice.post_at).is_not(None)),
        sa.and_(col(Notice.letter_id).is_not(None), col(Letter.sent_at).is_(None), col(Letter.given_up_at).is_(None)),
    )
    people = sa.func.coalesce(col(Notice.person_id), -col(Notice.id))  # an address is somebody too
    sent, lost = (sa.case((one.is_not(None), col(Letter.id))) for one in (col(Letter.sent_at), col(Letter.given_up_at)))
    counted = (people, sent, sa.case((to_leave, people)), lost)
    rows = session.execute(
        sa.select(col(Notice.event_id), *(sa.func.count(sa.distinct(one)) for one in counted))
        .outerjoin(Letter, col(Letter.id) == col(Notice.letter_id))
        .where(col(Notice.event_id).in_(sorted(events)))
        .group_by(col(Notice.event_id))
    ).all()
    return {row[0]: Heard(*row[1:]) for row in rows}
