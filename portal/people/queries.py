"""Reading people and their schools."""

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa
from sqlmodel import Session, col, select

from portal.people.models import Accreditation, Attachment, Person, Standing

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


def attachments_of(session: Session, person_id: int) -> Sequence[Attachment]:
    """All that was said of a person's schools, by UAI; two linked accounts may name the same."""
    return session.exec(
        select(Attachment)
        .join(Person, col(Person.id) == Attachment.person_id)
        .where(is_account_of(person_id))
        .order_by(col(Attachment.uai), col(Attachment.seen_at).desc())
    ).all()


def accreditations_of(session: Session, person_id: int, today: date) -> Sequence[Accreditation]:
    """In force or to come, the first that ends first."""
    return session.exec(
        select(Accreditation)
        .join(Person, col(Person.id) == Accreditation.person_id)
        .where(is_account_of(person_id), col(Accreditation.revoked_at).is_(None), col(Accreditation.until) >= today)
        .order_by(col(Accreditation.until), col(Accreditation.id))
    ).all()
