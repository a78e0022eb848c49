"""The page that finds one's ENT: the one used last, those of one's school, or a search."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from sqlmodel import Session, select

from portal.signin.models import Provider
from portal.signin.queries import serving
from portal.territories.finding import find_schools
from portal.territories.models import School, Territory
from portal.text import french
from portal.web.language import gettext as _
from portal.web.language import ngettext

MOST_SCHOOLS = 12


@dataclass(frozen=True)
class Door:
    """An ENT to come in by."""

    label: str
    url: str


@dataclass(frozen=True)
class Found:
    """A school, and its ENTs; none when nobody declared one."""

    name: str
    town: str
    doors: list[Door]


@dataclass(frozen=True)
class Doors:
    """What `account/doors.html` shows. `all`: every door, when they are few enough to be read at once."""

    back: str
    q: str
    last: Door | None
    mine: Found | None
    all: list[Door]
    announcement: str
    schools: list[Found]


def doors(session: Session, providers: Sequence[Provider], *, q: str, back: str, last: str, school: str) -> Doors:
    """`last`: the slug remembered by the browser; `school`: the UAI it has chosen."""
    territories = session.exec(select(Territory)).all()
    found, total = find_schools(session, q, territories, MOST_SCHOOLS) if q else ([], 0)
    remembered = next((one for one in providers if one.slug == last), None)
    mine = session.exec(select(School).where(School.uai == school)).one_or_none() if school else None
    shown = [_found(one, providers, territories, back) for one in found]
    return Doors(
        back=back,
        q=q,
        last=_door(remembered, back) if remembered else None,
        mine=_found(mine, providers, territories, back) if mine else None,
        all=[_door(one, back) for one in providers],
        announcement=announced(total, len(shown)) if q else "",
        schools=shown,
    )


def _found(school: School, providers: Sequence[Provider], territories: Sequence[Territory], back: str) -> Found:
    territory = next((one.code for one in territories if one.serves(school)), None)
    return Found(
        name=french(school.name),
        town=f"{school.postal_code} {school.city}",
        doors=[_door(one, back) for one in serving(providers, school, territory)],
    )


def _door(provider: Provider, back: str) -> Door:
    return Door(provider.label, f"/connexion/{provider.slug}{_asking(back)}")


def _asking(back: str) -> str:
    asked: Mapping[str, str] = {"retour": back} if back != "/" else {}
    return f"?{urlencode(asked)}" if asked else ""


def announced(total: int, shown: int) -> str:
    """How many schools were found, and that not all are shown."""
    if total > shown:
        return _(
            "%(n)s établissements correspondent : voici les %(shown)s premiers. Ajoutez un mot du nom pour préciser.",
            n=total,
            shown=shown,
        )
    return ngettext("%(num)s établissement correspond.", "%(num)s établissements correspondent.", total)
