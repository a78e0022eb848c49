"""Freezes as those who run a territory see them: all of them, whom they reach by name, and who decided."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import selectinload
from sqlmodel import Session, col, select

from portal.calendars.models import Freeze, SchoolYear
from portal.db import related
from portal.territories.models import Room, School, Territory
from portal.trail.models import Event

KIND = str(Freeze.__tablename__)


def not_over(session: Session, territories: Sequence[Territory], today: date) -> Sequence[Freeze]:
    """Under way and to come, the first ones first."""
    mine = col(Freeze.territory_id).in_([one.key for one in territories])
    asked = select(Freeze).where(mine, col(Freeze.ends_on) >= today).options(selectinload(related(Freeze.overrides)))
    return session.exec(asked.order_by(col(Freeze.starts_on), col(Freeze.id))).all()


def over(session: Session, territory: Territory, today: date, *, page: int, per_page: int) -> tuple[int, int, Sequence[Freeze]]:
    """How many there are, which page this is, and its freezes, the last ones first."""
    past = sa.and_(col(Freeze.territory_id) == territory.key, col(Freeze.ends_on) < today)
    total = session.exec(select(sa.func.count()).select_from(Freeze).where(past)).one()
    page = max(1, min(page, -(-total // per_page)))
    asked = select(Freeze).where(past).options(selectinload(related(Freeze.overrides)))
    asked = asked.order_by(col(Freeze.ends_on).desc(), col(Freeze.id).desc()).offset((page - 1) * per_page).limit(per_page)
    return total, page, session.exec(asked).all()


def school_years(session: Session, territories: Sequence[Territory]) -> Sequence[SchoolYear]:
    mine = col(SchoolYear.territory_id).in_([one.key for one in territories])
    return session.exec(select(SchoolYear).where(mine).order_by(col(SchoolYear.starts_on))).all()


def schools_reached(session: Session, freezes: Iterable[Freeze]) -> Mapping[int, tuple[str, str]]:
    """By the freeze’s id: the school’s UAI and name, or those of its room, whose own name follows."""
    keys = [one.key for one in freezes if one.school_id or one.room_id]
    rows = session.execute(
        sa.select(col(Freeze.id), col(School.uai), col(School.name), col(Room.name))
        .select_from(Freeze)
        .join(Room, col(Room.id) == col(Freeze.room_id), isouter=True)
        .join(School, col(School.id) == sa.func.coalesce(col(Freeze.school_id), col(Room.school_id)))
        .where(col(Freeze.id).in_(keys))
    )
    return {key: (uai, f"{name}, {room}" if room else name) for key, uai, name, room in rows}


def told(session: Session, freezes: Iterable[Freeze]) -> dict[int, list[Event]]:
    """What happened to each since it was declared, oldest first: on SQLite a new row may bear the number of a withdrawn one."""
    keys = [one.key for one in freezes]
    found: dict[int, list[Event]] = {key: [] for key in keys}
    asked = select(Event).where(Event.subject_kind == KIND, col(Event.subject_id).in_(keys)).order_by(col(Event.id))
    for event in session.exec(asked):
        if event.move in {"declared", "withdrawn"}:
            found[event.subject_id].clear()
        if event.move != "withdrawn":
            found[event.subject_id].append(event)
    return found
