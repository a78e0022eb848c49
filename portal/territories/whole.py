"""A school with what it teaches and its rooms, as plain values: a page shows one at a time, of thousands."""

from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.territories.models import Programme, ProgrammeKind, Room, School, Teaching


class TaughtProgramme(NamedTuple):
    """See `models.Programme`."""

    code: str
    name: str
    kind: ProgrammeKind
    sort_key: str


class Lesson(NamedTuple):
    """See `models.Teaching`."""

    programme: TaughtProgramme
    source: str
    declared: bool
    fictitious: bool


class SchoolRoom(NamedTuple):
    """See `models.Room`."""

    name: str
    seats: int
    fictitious: bool


class WholeSchool(NamedTuple):
    """See `models.School`, whose names it has."""

    uai: str
    name: str
    name_key: str
    type: str
    kind: str
    sector: str
    city: str
    city_key: str
    postal_code: str
    department_code: str
    department: str
    academy: str
    region: str
    open: bool
    source: str
    teaches: tuple[Lesson, ...]
    rooms: tuple[SchoolRoom, ...]


OWN = [getattr(School, name) for name in WholeSchool._fields if name not in {"teaches", "rooms"}]
SCHOOL = sa.select(col(School.id), *OWN).where(col(School.uai) == sa.bindparam("uai"))
LESSONS = sa.select(
    col(Programme.code), col(Programme.name), col(Programme.kind), col(Programme.sort_key),
    col(Teaching.source), col(Teaching.declared), col(Teaching.fictitious),
).join_from(Teaching, Programme).where(col(Teaching.school_id) == sa.bindparam("school")).order_by(col(Teaching.id))  # fmt: skip
ROOMS = (
    sa.select(col(Room.name), col(Room.seats), col(Room.fictitious))
    .where(col(Room.school_id) == sa.bindparam("school"))
    .order_by(col(Room.id))
)


def find_school(session: Session, uai: str) -> WholeSchool | None:
    """Three queries of plain rows: as the library's objects they would cost seven times as much."""
    connection = session.connection()
    found = connection.execute(SCHOOL, {"uai": uai}).one_or_none()
    if found is None:
        return None
    key, *own = found
    lessons = connection.execute(LESSONS, {"school": key})
    taught = tuple(Lesson(TaughtProgramme(*row[:4]), *row[4:]) for row in lessons)
    rooms = connection.execute(ROOMS, {"school": key})
    return WholeSchool._make([*own, taught, tuple(SchoolRoom(*row) for row in rooms)])
