"""Loading what comes with the portal: two territories, the schools of France, what they teach, and the demonstration's declarations."""

import csv
import tomllib
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from portal.access import Actor
from portal.imports import Plan, load, plan_import, write_rows
from portal.imports.plans import Values
from portal.territories.models import Programme, ProgrammeKind, Room, School, Teaching, Territory, TerritoryLevel
from portal.territories.offers_file import OFFERS
from portal.territories.schools_file import SCHOOLS
from portal.text import fold
from portal.trail.revision import bump

DATA = Path(__file__).parents[1] / "data" / "territories"
DECLARED = "Déclaration de l’établissement"

__all__ = ["DATA", "OFFERS", "SCHOOLS", "load_declarations", "load_offers", "load_programmes", "load_schools", "load_territories"]


def load_territories(session: Session, path: Path = DATA / "territories.toml") -> Plan:
    """A territory that is no longer in the file is left alone: it may have lists and people."""
    stored = {territory.code: territory for territory in session.exec(select(Territory))}
    rows = tomllib.loads(path.read_text(encoding="utf-8"))
    plan = plan_import(
        _values_of(stored), {key: {**values, "level": TerritoryLevel(values["level"])} for key, values in rows.items()}
    )
    _write(session, plan, stored, lambda key, values: Territory(code=key, **values))
    return plan


def load_programmes(session: Session, path: Path = DATA / "programmes.csv") -> Plan:
    """Tracks and technological series; the BTS come with the offers, the vocational diplomas with declarations."""
    rows = {row["code"]: _programme(row, row["source"]) for row in _rows(path)}
    stored = _programmes(session)
    plan = plan_import(_values_of(stored), rows)
    _write(session, plan, stored, _new_programme)
    return plan


def load_schools(session: Session, path: Path = DATA / "schools.csv", *, actor: Actor, at: datetime, dry_run: bool = False) -> Plan:
    return load(session, SCHOOLS, path, actor=actor, at=at, dry_run=dry_run)


def load_offers(
    session: Session, path: Path = DATA / "bts_par_lycee.csv", *, actor: Actor, at: datetime, dry_run: bool = False
) -> Plan:
    return load(session, OFFERS, path, actor=actor, at=at, dry_run=dry_run)


def load_declarations(session: Session) -> dict[str, Plan]:
    """What the demonstration's schools are supposed to have declared: series, diplomas, rooms, all marked fictitious."""
    declared = _rows(DATA / "demonstration_programmes.csv")
    rooms = _rows(DATA / "demonstration_rooms.csv")
    _declare_programmes(session, declared)
    codes = {row["uai"] for row in (*declared, *rooms)}
    schools = {school.uai: school.key for school in session.exec(select(School).where(col(School.uai).in_(codes)))}
    return {"declarations": _load_teachings(session, declared, schools), "rooms": _load_rooms(session, rooms, schools)}


def _declare_programmes(session: Session, declared: list[dict[str, str]]) -> None:
    stored = _programmes(session)
    rows = {
        row["code"]: {
            "kind": row["kind"],
            "name": row["name"],
            "domain": row["domain"],
            "source": DECLARED,
            "sort_key": fold(row["name"]),
        }
        for row in declared
        if row["name"]
    }
    _write(session, plan_import(_values_of(stored), rows), stored, _new_programme)


def _load_teachings(session: Session, declared: list[dict[str, str]], schools: Mapping[str, int]) -> Plan:
    programmes = {code: programme.key for code, programme in _programmes(session).items()}
    known = {
        f"{teaching.school_id} {teaching.programme_id}": teaching
        for teaching in session.exec(select(Teaching).where(col(Teaching.school_id).in_(schools.values())))
    }
    said = {"source": DECLARED, "declared": True, "fictitious": True}
    rows = {f"{schools[row['uai']]} {programmes[row['code']]}": said for row in declared}

    def new(key: str, values: Values) -> Teaching:
        school, programme = key.split(" ")
        return Teaching(school_id=int(school), programme_id=int(programme), **values)

    plan = plan_import(_values_of(known), rows)
    _write(session, plan, known, new)
    return plan


def _load_rooms(session: Session, rooms: list[dict[str, str]], schools: Mapping[str, int]) -> Plan:
    known = {
        f"{room.school_id} {room.name}": room
        for room in session.exec(select(Room).where(col(Room.school_id).in_(schools.values())))
    }
    rows = {f"{schools[row['uai']]} {row['name']}": {"seats": int(row["seats"]), "fictitious": True} for row in rooms}

    def new(key: str, values: Values) -> Room:
        school, name = key.split(" ", 1)
        return Room(school_id=int(school), name=name, **values)

    plan = plan_import(_values_of(known), rows)
    _write(session, plan, known, new)
    return plan


def _write(session: Session, plan: Plan, stored: Mapping[str, Any], new: Callable[[str, Values], Any]) -> None:
    if plan:
        write_rows(session, plan, stored, new)
        bump(session)


def _programmes(session: Session) -> dict[str, Programme]:
    return {programme.code: programme for programme in session.exec(select(Programme))}


def _new_programme(key: str, values: Values) -> Programme:
    return Programme(code=key, **values)


def _programme(row: Mapping[str, str], source: str) -> Values:
    return {
        "kind": ProgrammeKind(row["kind"]),
        "name": row["name"],
        "sort_key": fold(row["name"]),
        "domain": row["domain"],
        "source": source,
    }


def _values_of(stored: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {key: row.model_dump() for key, row in stored.items()}


def _rows(path: Path) -> list[dict[str, str]]:
    """A file of our own, read without the checks that somebody else's needs."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
