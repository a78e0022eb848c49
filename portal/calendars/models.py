"""Tables of days: school years, holidays, exams, freezes, and how far each of them is known. Last days are included."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, Relationship

from portal.db import Model, choice, one_of
from portal.territories.models import Territory

RAISE = {"lazy": "raise_on_sql"}


class SchoolYear(Model, table=True):
    """A territory's year, `2026-2027`: what editions, accreditations and campaigns are counted in."""

    __tablename__ = "school_year"
    __table_args__ = (sa.UniqueConstraint("territory_id", "label"), sa.CheckConstraint("starts_on < ends_on", name="dates_ordered"))

    territory_id: int = Field(foreign_key="territory.id")
    label: str = Field(max_length=9)
    starts_on: date
    ends_on: date


class SchoolWeek(Model, table=True):
    """On which weekdays there are classes, for a territory or for one school that differs from it."""

    __tablename__ = "school_week"
    __table_args__ = (
        sa.CheckConstraint("(territory_id IS NULL) <> (school_id IS NULL)", name="one_owner"),
        sa.CheckConstraint("monday OR tuesday OR wednesday OR thursday OR friday OR saturday OR sunday", name="some_day_open"),
    )

    territory_id: int | None = Field(default=None, foreign_key="territory.id", unique=True)
    school_id: int | None = Field(default=None, foreign_key="school.id", unique=True)
    monday: bool = Field(default=True)
    tuesday: bool = Field(default=True)
    wednesday: bool = Field(default=True)
    thursday: bool = Field(default=True)
    friday: bool = Field(default=True)
    saturday: bool = Field(default=False)
    sunday: bool = Field(default=False)

    @property
    def closed_weekdays(self) -> frozenset[int]:
        """ISO numbers, Monday is 1."""
        days = (self.monday, self.tuesday, self.wednesday, self.thursday, self.friday, self.saturday, self.sunday)
        return frozenset(number for number, is_open in enumerate(days, start=1) if not is_open)


class AcademyZone(Model, table=True):
    """Which holidays an académie follows. `part` None: public holidays differ between its departments."""

    __tablename__ = "academy_zone"
    __table_args__ = (sa.CheckConstraint("zone <> ''", name="zone_said"),)

    academy: str = Field(max_length=40, unique=True, description="as the directory of schools writes it")
    zone: str = Field(max_length=24, description="A, B, C")
    part: str | None = Field(default=None, max_length=24, description="part of the country that shares public holidays")
    source: str = Field(max_length=200)


class SchoolHoliday(Model, table=True):
    """Days without classes in a zone. `last_day_off` None: the day classes resume is not published."""

    __tablename__ = "school_holiday"
    __table_args__ = (
        sa.UniqueConstraint("zone", "school_year", "name"),
        sa.CheckConstraint("last_day_off >= first_day_off", name="dates_ordered"),
    )

    zone: str = Field(max_length=24)
    school_year: str = Field(max_length=9)
    name: str = Field(max_length=80)
    first_day_off: date
    last_day_off: date | None = Field(default=None)
    source: str = Field(max_length=200)


class PublicHoliday(Model, table=True):
    """A day on which a part of the country does not work."""

    __tablename__ = "public_holiday"
    __table_args__ = (sa.UniqueConstraint("part", "day"),)

    part: str = Field(max_length=24)
    day: date
    name: str = Field(max_length=80)
    source: str = Field(max_length=200)


class Exam(Model, table=True):
    """An examination whose dates matter to computers, whether or not they are known."""

    __tablename__ = "exam"

    code: str = Field(max_length=24, unique=True)
    name: str = Field(max_length=80)
    rank: int


class ExamDate(Model, table=True):
    """One event of an exam's session. `ends_on` None: only its first day is published."""

    __tablename__ = "exam_date"
    __table_args__ = (
        sa.UniqueConstraint("exam_id", "session", "event"),
        sa.CheckConstraint("ends_on >= starts_on", name="dates_ordered"),
    )

    exam_id: int = Field(foreign_key="exam.id")
    session: int = Field(description="the year of the session")
    event: str = Field(max_length=120)
    level: str = Field(default="", max_length=40)
    starts_on: date
    ends_on: date | None = Field(default=None)
    source: str = Field(max_length=200)
    fictitious: bool = Field(default=False)

    exam: Exam = Relationship(sa_relationship_kwargs=RAISE)


class CalendarKind(StrEnum):
    """What is known, or not, over a period."""

    SCHOOL_HOLIDAYS = "school-holidays"
    PUBLIC_HOLIDAYS = "public-holidays"
    EXAMS = "exams"


class KnownPeriod(Model, table=True):
    """Between these days all is known of a calendar; outside, a day that no row names is unknown, not free."""

    __tablename__ = "known_period"
    __table_args__ = (
        sa.UniqueConstraint("kind", "subject", "first_day"),
        one_of("kind", CalendarKind),
        sa.CheckConstraint("last_day >= first_day", name="dates_ordered"),
    )

    kind: CalendarKind = Field(sa_type=choice(CalendarKind))
    subject: str = Field(max_length=24, description="a zone, a part of the country or an exam's code")
    first_day: date
    last_day: date
    source: str = Field(max_length=200)
    fictitious: bool = Field(default=False)


class Frozen(StrEnum):
    """What may not happen during a freeze: releasing packages, booking rooms and machines, or either."""

    PACKAGES = "packages"
    BOOKINGS = "bookings"
    BOTH = "both"


class FreezeTarget(StrEnum):
    """What a freeze reaches: everything a territory maintains, or one school, room or title of it."""

    TERRITORY = "territory"
    SCHOOL = "school"
    ROOM = "room"
    TITLE = "title"


class Freeze(Model, table=True):
    """A period (gel) in which nothing of a kind may move. Titles live on the floor above: their table is only named."""

    __tablename__ = "freeze_period"  # FREEZE is a reserved word of PostgreSQL
    __table_args__ = (
        sa.UniqueConstraint("territory_id", "name", "starts_on"),
        sa.Index(None, "territory_id", "ends_on"),
        one_of("what", Frozen),
        one_of("target", FreezeTarget),
        sa.CheckConstraint("(target = 'school') = (school_id IS NOT NULL)", name="school_said"),
        sa.CheckConstraint("(target = 'room') = (room_id IS NOT NULL)", name="room_said"),
        sa.CheckConstraint("(target = 'title') = (title_id IS NOT NULL)", name="title_said"),
        sa.CheckConstraint("starts_on <= ends_on", name="dates_ordered"),
        sa.CheckConstraint("trim(reason) <> ''", name="reason_said"),
        sa.CheckConstraint("overridable = (override_permission <> '')", name="overrider_said"),
    )

    territory_id: int = Field(foreign_key="territory.id")
    name: str = Field(max_length=120)
    starts_on: date
    ends_on: date
    what: Frozen = Field(sa_type=choice(Frozen))
    target: FreezeTarget = Field(sa_type=choice(FreezeTarget))
    school_id: int | None = Field(default=None, foreign_key="school.id", index=True)
    room_id: int | None = Field(default=None, foreign_key="room.id", index=True)
    title_id: int | None = Field(default=None, foreign_key="title.id", index=True)
    reason: str = Field(max_length=300, description="shown to whom it stops")
    overridable: bool = Field(default=False)
    override_permission: str = Field(default="", max_length=60, description="what one must hold over the territory to pass over it")
    fictitious: bool = Field(default=False)

    territory: Territory = Relationship(sa_relationship_kwargs=RAISE)
    overrides: list["FreezeOverride"] = Relationship(
        back_populates="freeze", sa_relationship_kwargs={**RAISE, "order_by": "FreezeOverride.id"}
    )


class FreezeOverride(Model, table=True):
    """That somebody let one title, or one school, pass over a freeze: signed, dated, reasoned."""

    __tablename__ = "freeze_override"
    __table_args__ = (
        sa.UniqueConstraint("freeze_id", "title_id"),
        sa.UniqueConstraint("freeze_id", "school_id"),
        sa.CheckConstraint("(title_id IS NULL) <> (school_id IS NULL)", name="one_subject"),
        sa.CheckConstraint("trim(reason) <> ''", name="reason_said"),
        sa.CheckConstraint("trim(signed_by) <> ''", name="author_said"),
    )

    freeze_id: int = Field(foreign_key="freeze_period.id")
    title_id: int | None = Field(default=None, foreign_key="title.id", index=True)
    school_id: int | None = Field(default=None, foreign_key="school.id", index=True)
    signed_by: str = Field(max_length=120, description="the function that decided")
    at: datetime
    reason: str = Field(max_length=1200)

    freeze: Freeze = Relationship(back_populates="overrides", sa_relationship_kwargs=RAISE)
