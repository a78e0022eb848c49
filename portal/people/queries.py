"""Reading people and their schools."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, select

from portal.people.models import Attachment, Person, Standing

HOLDS = (Standing.CLAIMED, Standing.CONFIRMED)


def accounts_of(session: Session, person_id: int) -> list[int]:
    """The person's account, and those that are linked to it."""
    return list(session.exec(select(Person.id).where(is_account_of(person_id)).order_by(col(Person.id))))  # type: ignore[arg-type]


def is_account_of(person_id: int) -> sa.ColumnElement[bool]:
    return sa.or_(col(Person.id) == person_id, col(Person.linked_to_id) == person_id)


def schools_of(session: Session, person_id: int) -> list[str]:
    """UAIs of the attachments that hold, each once: not what the head ended, nor what was only asked for."""
    return list(
        session.exec(
            select(Attachment.uai)
            .join(Person, col(Person.id) == Attachment.person_id)
            .where(is_account_of(person_id), col(Attachment.standing).in_(HOLDS))
            .distinct()
            .order_by(col(Attachment.uai))
        )
    )


def attachments_of(session: Session, person_id: int) -> Sequence[Attachment]:
    """All that was said of a person's schools, by UAI; two linked accounts may name the same."""
    return session.exec(
        select(Attachment)
        .join(Person, col(Person.id) == Attachment.person_id)
        .where(is_account_of(person_id))
        .order_by(col(Attachment.uai), col(Attachment.seen_at).desc())
    ).all()
