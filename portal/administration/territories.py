"""The territories that somebody runs: whom each serves, with what, and what it says of itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select

from portal.administration.above import above
from portal.signin.models import Provider
from portal.territories.models import School, Territory, TerritoryLevel
from portal.text import fold, french
from portal.trail.trail import history
from portal.web.language import day, ngettext
from portal.web.language import gettext as _
from portal.web.language import lazy as _l

PATH = "/administration/territoires"
LEVELS = {TerritoryLevel.REGION: _l("Région"), TerritoryLevel.DEPARTMENT: _l("Département")}
LAST = 10  # corrections that the page of a territory shows


@dataclass(frozen=True)
class Line:
    """A territory in the list."""

    code: str
    name: str
    url: str
    level: str
    zone: str
    schools: int
    lists: int
    ents: list[str]
    is_demonstration: bool


class Group(NamedTuple):
    """Open schools that the law treats alike; `uai` when it is one of them."""

    sector: str
    kind: str
    region: str
    department_code: str
    academy: str
    number: int = 1
    uai: str = ""


def lines(session: Session, territories: Sequence[Territory]) -> list[Line]:
    """Four queries, or five when an ENT is that of a school: however many territories there are."""
    groups, providers = _groups(session), session.exec(select(Provider)).all()
    named = _named(session, providers)
    lists = above().lists(session)
    return [
        Line(
            code=one.code,
            name=one.name,
            url=f"{PATH}/{one.code}",
            level=str(LEVELS[one.level]),
            zone=one.zone,
            schools=sum(group.number for group in groups if one.serves(group)),
            lists=lists.get(one.key, 0),
            ents=_ents(one, providers, groups, named),
            is_demonstration=one.is_demonstration,
        )
        for one in territories
    ]


def facts(territory: Territory, line: Line) -> list[tuple[str, str]]:
    """What is shown and not corrected here: whom it serves depends on it, or addresses do."""
    return [
        (_("Nom court"), territory.code),
        (_("Niveau"), line.level),
        (_("Étendue"), territory.area),
        (_("Établissements servis"), _served(line.schools, territory.school_types)),
        (_("Fuseau horaire"), territory.zone),
        (_("Listes"), str(line.lists)),
        (_("ENT"), ", ".join(line.ents) or _("aucun")),
    ]


def corrections(session: Session, territory: Territory) -> list[dict[str, str]]:
    """For `ui.timeline`: the last ones first."""
    return [
        {
            "iso": event.at.isoformat(),
            "at": day(event.at.isoformat()),
            "title": _("Correction : %(fields)s", fields=", ".join(_said(one) for one in event.details.get("changes", {}))),
            "text": french(event.reason),
            "by": event.function,
        }
        for event in history(session, territory)
        if event.move == "corrected"
    ][:LAST]


def _served(schools: int, types: Sequence[str]) -> str:
    said = ngettext("%(num)s établissement public", "%(num)s établissements publics", schools)
    return _("%(schools)s (type : %(types)s)", schools=said, types=", ".join(types))


def _said(field: str) -> str:
    return str(WORDS[field]) if field in WORDS else field


# As the form calls them, and the timeline after it.
WORDS = {
    "name": _l("Nom"),
    "contact": _l("Adresse électronique"),
    "who": _l("Qui décide"),
    "delay": _l("Délai"),
    "payer": _l("Qui paie"),
    "effect": _l("Effet d’une décision"),
    "notice": _l("Mention"),
}


def _groups(session: Session) -> list[Group]:
    traits = (col(School.sector), col(School.kind), col(School.region), col(School.department_code), col(School.academy))
    rows = session.execute(sa.select(*traits, sa.func.count()).where(col(School.open)).group_by(*traits))
    return [Group(*row) for row in rows]


def _named(session: Session, providers: Sequence[Provider]) -> Mapping[str, Group]:
    """The schools that a provider names one by one."""
    codes = {scope.removeprefix("school:") for one in providers for scope in one.serves if scope.startswith("school:")}
    if not codes:
        return {}
    traits = (col(School.sector), col(School.kind), col(School.region), col(School.department_code), col(School.academy))
    rows = session.execute(sa.select(*traits, sa.literal(1), col(School.uai)).where(col(School.uai).in_(codes)))
    return {row[-1]: Group(*row) for row in rows}


def _ents(territory: Territory, providers: Sequence[Provider], groups: Sequence[Group], named: Mapping[str, Group]) -> list[str]:
    academies = {group.academy for group in groups if territory.serves(group)}
    part = {f"academy:{one}" for one in academies} | {f"school:{uai}" for uai, one in named.items() if territory.serves(one)}
    found = []
    for one in providers:
        if not {"*", territory.scope}.isdisjoint(one.serves):
            found.append(one.label)
        elif not part.isdisjoint(one.serves):
            found.append(_("%(ent)s (en partie)", ent=one.label))
    return sorted(found, key=fold)
