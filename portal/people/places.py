"""Where a role is held: a scope in words that people type, and what the portal knows of it."""

from dataclasses import dataclass

from sqlmodel import Session, select

from portal.people.models import ScopeKind
from portal.territories.models import School, Territory
from portal.territories.queries import ELSEWHERE


@dataclass(frozen=True, slots=True)
class Place:
    """`within`: the territory on which a school depends; empty when there is none. `zone`: whose days are counted."""

    scope: str
    kind: ScopeKind
    within: str
    zone: str
    territory_id: int | None
    name: str


def place_of(session: Session, scope: str) -> Place | None:
    """None for what names nothing that exists."""
    kind, _colon, name = scope.partition(":")
    if scope == "*":
        return Place("*", ScopeKind.EVERYWHERE, "", ELSEWHERE, None, "")
    if kind == "territory":
        found = session.exec(select(Territory).where(Territory.code == name)).one_or_none()
        return Place(found.scope, ScopeKind.TERRITORY, "", found.zone, found.id, found.name) if found else None
    if kind == "school":
        school = session.exec(select(School).where(School.uai == name)).one_or_none()
        return _school(session, school) if school else None
    return None


def _school(session: Session, school: School) -> Place:
    served = next((one for one in session.exec(select(Territory).order_by(Territory.id)) if one.serves(school)), None)  # type: ignore[arg-type]
    if served is None:
        return Place(school.scope, ScopeKind.SCHOOL, "", ELSEWHERE, None, school.name)
    return Place(school.scope, ScopeKind.SCHOOL, served.scope, served.zone, served.id, school.name)
