"""Bringing published calendars into the database, and those of the demonstration, which say that they are fictitious."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from sqlmodel import Session, select

from portal.calendars.access import OVERRIDE_FREEZE
from portal.calendars.models import (
    AcademyZone,
    Exam,
    ExamDate,
    Freeze,
    FreezeTarget,
    KnownPeriod,
    PublicHoliday,
    SchoolHoliday,
    SchoolYear,
)
from portal.db import Model
from portal.territories.models import Territory

FOLDER = Path(__file__).resolve().parent.parent / "data" / "calendars"

M = TypeVar("M", bound=Model)
Values = dict[str, Any]


def load_calendars(session: Session) -> dict[str, int]:
    """Bring in what is published. Counts the rows added or corrected: a second time, none. Rows of other origin stay."""
    return {
        "academy_zones": _bring(session, AcademyZone, _rows("academy_zones"), "academy"),
        "school_holidays": _bring(session, SchoolHoliday, _rows("school_holidays"), "zone", "school_year", "name"),
        "public_holidays": _bring(session, PublicHoliday, _rows("public_holidays"), "part", "day"),
        "exams": _bring(session, Exam, _rows("exams"), "code"),
        "exam_dates": _bring_exam_dates(session, "exam_dates"),
        "known_periods": _bring(session, KnownPeriod, _rows("known_periods"), "kind", "subject", "first_day"),
    }


def load_school_years(session: Session, territory: Territory) -> dict[str, int]:
    """From 1 September to 31 August, for a territory that has not chosen other days."""
    rows = ({**row, "territory_id": territory.key} for row in _rows("school_years"))
    return {"school_years": _bring(session, SchoolYear, rows, "territory_id", "label", correct=False)}


def load_demonstration(session: Session, territory: Territory) -> dict[str, int]:
    """Bring in the made-up session of 2027 and a territory's freezes; call `load_calendars` before. Its own changes stay."""
    freezes = ({**row, "territory_id": territory.key} for row in _freezes(territory))
    return {
        **load_school_years(session, territory),
        "exam_dates": _bring_exam_dates(session, "exam_dates_2027_fictitious"),
        "known_periods": _bring(session, KnownPeriod, _rows("known_periods_2027_fictitious"), "kind", "subject", "first_day"),
        "freezes": _bring(session, Freeze, freezes, "territory_id", "name", "starts_on", correct=False),
    }


def _freezes(territory: Territory) -> Iterator[Values]:
    """Exams stop the schools that hold them: those of another type of school are left out."""
    for row in _rows("freezes_demonstration"):
        served = row.pop("served")
        if served is None or served in territory.school_types:
            override = {"overridable": True, "override_permission": OVERRIDE_FREEZE}
            yield {**row, **override, "target": FreezeTarget.TERRITORY, "fictitious": True}


def _bring_exam_dates(session: Session, file: str) -> int:
    exams = {exam.code: exam.key for exam in session.exec(select(Exam))}
    rows = ({"exam_id": exams[row.pop("exam")], **row} for row in _rows(file))
    return _bring(session, ExamDate, rows, "exam_id", "session", "event")


def _rows(file: str) -> Iterator[Values]:
    """The lines of a file; an empty cell is None: not known, or none."""
    with (FOLDER / f"{file}.csv").open(encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines):
            yield {name: value or None for name, value in line.items()}


def _bring(session: Session, model: type[M], rows: Iterable[Values], *key: str, correct: bool = True) -> int:
    """Add the rows whose key is new, correct those that differ unless they are a territory's to change, count both."""
    there = {tuple(getattr(row, name) for name in key): row for row in session.exec(select(model))}
    changed = 0
    for values in rows:
        wanted = model.model_validate(values)
        row = there.get(tuple(getattr(wanted, name) for name in key))
        differing = [name for name in values if getattr(row, name) != getattr(wanted, name)] if row and correct else []
        for name in differing:
            setattr(row, name, getattr(wanted, name))
        if row is None:
            session.add(wanted)
        changed += row is None or bool(differing)
    session.flush()
    return changed
