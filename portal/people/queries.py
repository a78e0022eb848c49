"""Reading people and their schools."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from portal.access import Actor
from portal.people.access import PERSON, May
from portal.people.models import Accreditation, Attachment, Person, Role, ScopeKind, Standing

DAY = timedelta(days=1)  # no zone is further from UTC
HOLDS = (Standing.CLAIMED, Standing.CONFIRMED)
WEIGHT = {Standing.ENDED: 0, Standing.ASKED: 1, Standing.CLAIMED: 2, Standing.CONFIRMED: 3}


def is_account_of(person_id: int) -> sa.ColumnElement[bool]:
    """The person's account, or one that is linked to it."""
    return sa.or_(col(Person.id) == person_id, col(Person.linked_to_id) == person_id)


def accounts_of(person_id: int) -> Any:
    """Keys of the person's accounts, in SQL."""
    return sa.select(col(Person.id)).where(is_account_of(person_id))


def account_id() -> sa.ColumnElement[int]:
    """As `Person.account_id`, in SQL: two linked accounts are one."""
    return sa.func.coalesce(col(Person.linked_to_id), col(Person.id))


def account_of(session: Session, actor: Actor) -> int | None:
    """The account that acts, whichever of those linked to it is named: what « oneself » is compared by."""
    if not actor.key.startswith(PERSON):
        return None
    person = session.get(Person, int(actor.key.removeprefix(PERSON)))
    return person.account_id if person else None


def attached_account(session: Session, person: Person, uai: str) -> int:
    """Of the accounts of a person, this one first, the one that belongs to that school: what is granted there stays with it if a link is undone."""
    held = session.exec(
        select(Attachment.person_id)
        .join(Person, col(Person.id) == Attachment.person_id)
        .where(is_account_of(person.account_id), Attachment.uai == uai, col(Attachment.standing).in_(HOLDS))
        .order_by(col(Person.id) != person.key, col(Person.id))
        .limit(1)
    ).first()
    return held or person.key


def head_roles() -> Any:
    """Keys of the roles that are granted by naming a head, whatever an installation calls them; the first is the usual one."""
    heads = select(Role.id).where(col(Role.granted_with) == May.NAME_HEAD, col(Role.scope_kind) == ScopeKind.SCHOOL)
    return heads.order_by(col(Role.rank), col(Role.id))


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


def attachments_of(session: Session, person_id: int) -> list[Attachment]:
    """What is known of a person's schools, by UAI, each once: of what two linked accounts say, what counts most."""
    found = session.exec(
        select(Attachment).join(Person, col(Person.id) == Attachment.person_id).where(is_account_of(person_id))
    ).all()
    best: dict[str, Attachment] = {}
    for one in sorted(found, key=lambda one: (WEIGHT[one.standing], one.seen_at), reverse=True):
        best.setdefault(one.uai, one)
    return [best[uai] for uai in sorted(best)]


def asking(session: Session, uais: Sequence[str]) -> dict[str, int]:
    """By UAI, how many wait for the school to say that they are its own."""
    rows = session.execute(
        select(Attachment.uai, sa.func.count(sa.distinct(account_id())))
        .join(Person, col(Person.id) == Attachment.person_id)
        .where(col(Attachment.uai).in_(uais), Attachment.standing == Standing.ASKED, col(Person.closed_at).is_(None))
        .group_by(col(Attachment.uai))
    ).all()
    return dict(rows)


def accreditations_of(session: Session, person_id: int, now: datetime) -> Sequence[Accreditation]:
    """In force or to come, each by the day it is in its own zone; the first that ends first."""
    held = session.exec(
        select(Accreditation)
        .join(Person, col(Person.id) == Accreditation.person_id)
        .where(is_account_of(person_id), col(Accreditation.revoked_at).is_(None), col(Accreditation.until) >= (now - DAY).date())
        .order_by(col(Accreditation.until), col(Accreditation.id))
    ).all()
    return [one for one in held if one.until >= now.astimezone(ZoneInfo(one.zone)).date()]


def granted_with_account() -> tuple[Any, Any]:
    """Accreditations, each with the account that stands for whom it was granted to; and that account, to sort and show by."""
    account = aliased(Person)
    found = (
        select(Accreditation, account)
        .join(Person, col(Person.id) == Accreditation.person_id)
        .join(account, sa.and_(col(account.id) == account_id()))
    )
    return found, account


def ended_accreditations_of(session: Session, person_id: int, since: datetime, now: datetime) -> Sequence[Accreditation]:
    """Over or revoked since then, the latest first."""
    ended = sa.or_(
        col(Accreditation.revoked_at) >= since,
        sa.and_(col(Accreditation.revoked_at).is_(None), col(Accreditation.until) >= since.date()),
    )
    held = session.exec(
        select(Accreditation).join(Person, col(Person.id) == Accreditation.person_id).where(is_account_of(person_id), ended)
    ).all()
    over = [one for one in held if one.revoked_at or one.until < now.astimezone(ZoneInfo(one.zone)).date()]
    return sorted(over, key=lambda one: (str(one.revoked_at or one.until), one.key), reverse=True)
