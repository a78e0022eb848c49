"""Reading people and their schools."""

import sqlalchemy as sa
from sqlmodel import Session, col, select

from portal.people.models import Attachment, Person, Standing

HOLDS = (Standing.CLAIMED, Standing.CONFIRMED)


def is_account_of(person_id: int) -> sa.ColumnElement[bool]:
    """The person's account, or one that is linked to it."""
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
