"""Reading a calendar: always the same number of queries, whatever it holds."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, selectinload
from sqlmodel import Session, col, or_, select

from portal.calendars.models import (
    AcademyZone,
    CalendarKind,
    Exam,
    ExamDate,
    Freeze,
    FreezeTarget,
    KnownPeriod,
    PublicHoliday,
    SchoolHoliday,
    SchoolWeek,
    SchoolYear,
)
from portal.calendars.rules import WEEKEND, Area, Calendar, ExamPeriod, FreezePeriod, Holiday, Span, Spans, YearSpan
from portal.db import related
from portal.territories.models import Room, School, Territory, TerritoryLevel

Known = dict[tuple[CalendarKind, str], Spans]


def read_calendar(session: Session, territory: Territory, first: date, last: date, *, school: School | None = None) -> Calendar:
    """The days of a territory, or of one of its schools. Freezes and exams are read from `first` to `last`."""
    period = Span(first, last)
    known = _known(session)
    return Calendar(
        period=period,
        areas=_areas(session, territory, school, known),
        closed_weekdays=_closed_weekdays(session, territory, school),
        school=school.key if school else None,
        school_years=_school_years(session, territory),
        exams=_exams(session, period),
        exams_known={code: known.get((CalendarKind.EXAMS, code), ()) for code in _exam_codes(session)},
        freezes=_freezes(session, territory, period, school),
    )


def _known(session: Session) -> Known:
    known: defaultdict[tuple[CalendarKind, str], Spans] = defaultdict(tuple)
    for row in session.exec(select(KnownPeriod).order_by(col(KnownPeriod.first_day), col(KnownPeriod.id))):
        known[row.kind, row.subject] += (Span(row.first_day, row.last_day),)
    return dict(known)


def _areas(session: Session, territory: Territory, school: School | None, known: Known) -> tuple[Area, ...]:
    """One area for each pair of zone and part that the schools follow; an académie that nobody placed has neither."""
    followed = session.exec(
        select(AcademyZone.zone, AcademyZone.part)
        .select_from(School)
        .join(AcademyZone, col(AcademyZone.academy) == col(School.academy), isouter=True)
        .where(col(School.id) == school.key if school else _served(territory))
        .distinct()
        .order_by(col(AcademyZone.zone), col(AcademyZone.part))
    ).all()
    holidays, public = _holidays(session, {zone for zone, _ in followed}), _public_holidays(session, {part for _, part in followed})
    areas = (
        Area(
            zone=zone,
            part=part,
            holidays=tuple(holidays[zone]),
            holidays_known=known.get((CalendarKind.SCHOOL_HOLIDAYS, zone), ()),
            public_holidays=public[part],
            public_holidays_known=known.get((CalendarKind.PUBLIC_HOLIDAYS, part or ""), ()),
        )
        for zone, part in followed
    )
    return tuple(areas) or (Area(),)


def _served(territory: Territory) -> sa.ColumnElement[bool]:
    """The schools of `Territory.serves`, in SQL."""
    area = col(School.region if territory.level is TerritoryLevel.REGION else School.department_code)
    return sa.and_(area == territory.area, col(School.sector) == "public", col(School.kind).in_(territory.school_types))


def _holidays(session: Session, zones: Iterable[str | None]) -> dict[str | None, list[Holiday]]:
    found: defaultdict[str | None, list[Holiday]] = defaultdict(list)
    rows = session.exec(select(SchoolHoliday).where(col(SchoolHoliday.zone).in_(zones)).order_by(col(SchoolHoliday.first_day_off)))
    for row in rows:
        found[row.zone].append(Holiday(row.name, row.first_day_off, row.last_day_off))
    return found


def _public_holidays(session: Session, parts: Iterable[str | None]) -> dict[str | None, dict[date, str]]:
    found: defaultdict[str | None, dict[date, str]] = defaultdict(dict)
    for row in session.exec(select(PublicHoliday).where(col(PublicHoliday.part).in_(parts))):
        found[row.part][row.day] = row.name
    return found


def _closed_weekdays(session: Session, territory: Territory, school: School | None) -> frozenset[int]:
    """A school's own week if it has one, else its territory's, else Monday to Friday."""
    theirs = col(SchoolWeek.territory_id) == territory.key
    week = session.exec(
        select(SchoolWeek)
        .where(or_(theirs, col(SchoolWeek.school_id) == school.key) if school else theirs)
        .order_by(col(SchoolWeek.school_id).is_(None))
    ).first()
    return week.closed_weekdays if week else WEEKEND


def _school_years(session: Session, territory: Territory) -> tuple[YearSpan, ...]:
    rows = session.exec(select(SchoolYear).where(SchoolYear.territory_id == territory.key).order_by(col(SchoolYear.starts_on)))
    return tuple(YearSpan(row.label, Span(row.starts_on, row.ends_on)) for row in rows)


def _exam_codes(session: Session) -> Iterable[str]:
    return session.exec(select(Exam.code).order_by(col(Exam.rank), col(Exam.id))).all()


def _exams(session: Session, period: Span) -> tuple[ExamPeriod, ...]:
    rows = session.exec(
        select(ExamDate)
        .join(related(ExamDate.exam))
        .options(contains_eager(related(ExamDate.exam)))
        .where(col(ExamDate.starts_on) <= period.last, or_(col(ExamDate.ends_on).is_(None), col(ExamDate.ends_on) >= period.first))
        .order_by(col(ExamDate.starts_on), col(ExamDate.id))
    )
    return tuple(ExamPeriod(e.exam.code, e.event, e.level, e.starts_on, e.ends_on, e.fictitious) for e in rows)


def _freezes(session: Session, territory: Territory, period: Span, school: School | None) -> tuple[FreezePeriod, ...]:
    query = (
        select(Freeze)
        .where(
            Freeze.territory_id == territory.key,
            col(Freeze.starts_on) <= period.last,
            col(Freeze.ends_on) >= period.first,
        )
        .options(selectinload(related(Freeze.overrides)))
        .order_by(col(Freeze.starts_on), col(Freeze.id))
    )
    if school:
        rooms = select(Room.id).where(Room.school_id == school.key)
        query = query.where(
            or_(
                col(Freeze.target).in_([FreezeTarget.TERRITORY, FreezeTarget.TITLE]),
                col(Freeze.school_id) == school.key,
                col(Freeze.room_id).in_(rooms),
            )
        )
    return tuple(_freeze(row) for row in session.exec(query))


def _freeze(row: Freeze) -> FreezePeriod:
    return FreezePeriod(
        id=row.key,
        name=row.name,
        reason=row.reason,
        span=Span(row.starts_on, row.ends_on),
        what=row.what,
        target=row.target,
        target_id=row.school_id or row.room_id or row.title_id,
        overridable=row.overridable,
        fictitious=row.fictitious,
        passed_titles=frozenset(o.title_id for o in row.overrides if o.title_id is not None),
        passed_schools=frozenset(o.school_id for o in row.overrides if o.school_id is not None),
    )
