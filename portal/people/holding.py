"""Who holds what today: accreditations in force, each by the day it is in its own zone."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col, select

from portal.people.models import Accreditation, Person, Role, ScopeKind
from portal.people.queries import account_id

Today = Mapping[str, date]


class Held(NamedTuple):
    """A function in force over a place, and the account that holds it."""

    scope: str
    account: int
    called: str
    rank: int
    permissions: list[str]


def today_by_zone(session: Session, now: datetime) -> Today:
    """What day it is wherever something was granted."""
    zones = session.exec(select(Accreditation.zone).distinct()).all()
    return {zone: now.astimezone(ZoneInfo(zone)).date() for zone in sorted(zones)}


def in_force(today: Today, *, days: int = 0) -> sa.ColumnElement[bool]:
    """Held today, or in that many days, by an account that is not closed: the query joins `Person`."""
    held = (
        sa.and_(col(Accreditation.zone) == zone, col(Accreditation.starts_on) <= day, col(Accreditation.until) >= day)
        for zone, day in ((zone, day + timedelta(days)) for zone, day in today.items())
    )
    return sa.and_(col(Accreditation.revoked_at).is_(None), col(Person.closed_at).is_(None), sa.or_(sa.false(), *held))


def holders(session: Session, now: datetime) -> dict[int, int]:
    """By key of role, how many persons hold it today."""
    rows = session.execute(
        select(Accreditation.role_id, sa.func.count(sa.distinct(account_id())))
        .join(Person, col(Person.id) == Accreditation.person_id)
        .where(in_force(today_by_zone(session, now)))
        .group_by(col(Accreditation.role_id))
    ).all()
    return dict(rows)


def held_over(session: Session, scopes: Iterable[str], now: datetime) -> dict[str, list[Held]]:
    """By scope, what is held over it today, the functions that sign first coming first: two queries, however many scopes."""
    rows = session.execute(
        sa.select(col(Accreditation.scope), account_id(), col(Accreditation.called), col(Role.rank), col(Role.permissions))
        .join(Role, col(Role.id) == Accreditation.role_id)
        .join(Person, col(Person.id) == Accreditation.person_id)
        .where(col(Accreditation.scope).in_(sorted(scopes)), in_force(today_by_zone(session, now)))
        .order_by(col(Role.rank), col(Accreditation.id))
    ).all()
    found: dict[str, list[Held]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(Held(*row))
    return found


def is_held_everywhere(session: Session, permission: str, now: datetime, *, but: Role) -> bool:
    """Whether somebody holds the permission over everything by another role than `but`."""
    others = session.exec(select(Role).where(Role.id != but.key, Role.scope_kind == ScopeKind.EVERYWHERE)).all()
    giving = [one.key for one in others if permission in one.permissions]
    held = (
        select(Accreditation.id)
        .join(Person, col(Person.id) == Accreditation.person_id)
        .where(col(Accreditation.role_id).in_(giving), Accreditation.scope == "*", in_force(today_by_zone(session, now)))
    )
    return session.exec(held.limit(1)).first() is not None
