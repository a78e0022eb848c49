"""The file of BTS offers by school, whose source lost its accents: `bts_names.csv` gives the names back."""

import csv
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select

from portal.access import Actor
from portal.db import related
from portal.imports import Column, Importer, Plan, Table, plan_import
from portal.imports.cells import one_of
from portal.imports.plans import Values
from portal.territories.models import Programme, ProgrammeKind, School, Teaching
from portal.territories.schools_file import uai
from portal.text import Sentence, fold, slugify

NAMES = Path(__file__).parents[1] / "data" / "territories" / "bts_names.csv"
SOURCE = "Parcoursup"
LONGEST_CODE = 80
SEPARATOR = " "

COLUMNS = (
    Column("uai", 8, required=True, parse=uai),
    Column("in_schools_csv", 1, required=True, parse=one_of("0", "1")),
    Column("department_code", 3),
    Column("region_as_published", 60),
    Column("sector_as_published", 60),
    Column("domain", 40),
    Column("speciality", 200, required=True),
)


@lru_cache(maxsize=1)
def written_names() -> Mapping[str, tuple[str, str]]:
    """For each speciality as the source words it, our code and its name with accents; several wordings share one code."""
    with NAMES.open(encoding="utf-8", newline="") as file:
        return {row["speciality"]: (row["code"], row["name"]) for row in csv.DictReader(file)}


def programme_of(speciality: str) -> tuple[str, str]:
    """Code and name; a speciality that is not in our file keeps the source's wording."""
    known = written_names().get(speciality)
    return known or (f"bts:{slugify(speciality)}"[:LONGEST_CODE].rstrip("-"), f"BTS {speciality}")


def compare(session: Session, table: Table) -> Plan:
    """What a school declared itself is neither created again nor missing."""
    schools = set(session.exec(select(School.uai)))
    stored = _stored(session)
    rows: dict[str, Values] = {}
    for row in table.rows:
        code, name = programme_of(row["speciality"])
        key = SEPARATOR.join((row["uai"], code))
        if row["uai"] in schools and not (key in stored and stored[key].declared):
            rows[key] = {"name": name, "domain": row["domain"]}
        elif row["uai"] not in schools and row["in_schools_csv"] == "1":
            sentence = Sentence("aucun établissement n’a l’UAI %(uai)s. Importez d’abord les établissements.", uai=row["uai"])
            table.faults.add(row.line, sentence, "uai")
    published = {key: _said(teaching) for key, teaching in stored.items() if not teaching.declared}
    return plan_import(published, rows, absent={"present": False})


def write(session: Session, plan: Plan, _actor: Actor, _at: datetime) -> None:
    stored = _stored(session)
    programmes = _store_programmes(session, plan)
    schools: dict[str, int] = dict(session.exec(sa.select(School.uai, School.id)).all())  # type: ignore[call-overload]
    for key in plan.created:
        school, code = key.split(SEPARATOR)
        session.add(Teaching(school_id=schools[school], programme_id=programmes[code], source=SOURCE))
    for key in plan.missing:
        session.delete(stored[key])
    session.flush()


OFFERS = Importer("bts", COLUMNS, (), compare, write)


def _said(teaching: Teaching) -> Values:
    return {"name": teaching.programme.name, "domain": teaching.programme.domain}


def _stored(session: Session) -> dict[str, Teaching]:
    query = (
        select(Teaching, School.uai)
        .join(School, col(Teaching.school_id) == School.id)
        .join(Programme, col(Teaching.programme_id) == Programme.id)
        .where(Programme.kind == ProgrammeKind.BTS)
        .options(joinedload(related(Teaching.programme)))
    )
    return {SEPARATOR.join((school, teaching.programme.code)): teaching for teaching, school in session.exec(query)}


def _store_programmes(session: Session, plan: Plan) -> dict[str, int]:
    """The ids of all BTS, after storing those that the file is first to name and renaming those that changed."""
    known = {programme.code: programme for programme in session.exec(select(Programme).where(Programme.kind == ProgrammeKind.BTS))}
    for key, values in plan.created.items():
        code = key.split(SEPARATOR)[1]
        if code not in known:
            known[code] = Programme(code=code, kind=ProgrammeKind.BTS, source=SOURCE, sort_key=fold(values["name"]), **values)
            session.add(known[code])
    for key, fields in plan.changed.items():
        programme = known[key.split(SEPARATOR)[1]]
        for field, (_old, new) in fields.items():
            setattr(programme, field, new)
        programme.sort_key = fold(programme.name)
    session.flush()
    return {code: programme.key for code, programme in known.items()}
