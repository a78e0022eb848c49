"""The pages that find a school: by words, around a town, or what is near a code that nobody has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sqlmodel import Session

from catalogue.browse.place import Place
from catalogue.browse.standpoint import territory_of
from portal.territories.asked import Asked
from portal.territories.models import School, Territory, TerritoryLevel
from portal.territories.queries import AROUND, Found, Town, schools_around, schools_like, search_schools, served_by, towns
from portal.text import fold, french
from portal.web.language import gettext as _
from portal.web.language import ngettext, number
from portal.web.pagination import Page

PER_PAGE = 25
PATH = "/etablissements"


@dataclass(frozen=True)
class Line:
    """A school in a list: where it is, and who maintains its computers."""

    uai: str
    url: str
    name: str
    type: str
    sector: str
    town: str
    distance: str
    maintained: str
    is_mine: bool


@dataclass(frozen=True)
class Part:
    """Lines under a heading: those of the town, those around it."""

    title: str
    lines: list[Line]


@dataclass(frozen=True)
class SchoolSearch:
    """What `schools/index.html` shows. `near`: the town around which schools are sorted."""

    q: str
    town: str
    asked: bool
    total: int
    announcement: str
    note: str
    parts: list[Part]
    page: Page
    wider: dict[str, str] | None
    others: list[dict[str, str]]
    nearest_towns: list[dict[str, str]]
    nearest: list[Line]


def school_search(session: Session, asked: Asked, page: int, place: Place) -> SchoolSearch:
    if not (asked.text or asked.town):
        return _answered(asked, Found(0, 1, []), [], None, place)
    found, known, town = find_schools(session, asked, place, page=page, per_page=PER_PAGE)
    near = ([], []) if found.total else schools_like(session, _meant(asked))
    return _answered(asked, found, known, town, place, near=near)


def find_schools(
    session: Session, asked: Asked, place: Place, *, page: int, per_page: int
) -> tuple[Found, Sequence[Town], Town | None]:
    """One page of schools, the towns that the words may name, and the one around which schools are sorted, if any.

    Without a word, every open school.
    """
    known = towns(session, asked.possible_towns) if asked.possible_towns else []
    town = next((one for one in known if asked.town or asked.is_about(one.key, one.department_code)), None)
    served = served_by(_territories(place.volume.meta["territories"]))
    if town:
        words, also = asked.besides(town.key, town.department_code), () if asked.town else asked.words
        return schools_around(session, town, words, also, served, page=page, per_page=per_page), known, town
    if asked.town or (asked.text and not asked.words):  # a town that nobody knows, or no word at all
        return Found(0, 1, []), known, None
    return search_schools(session, asked.words, served, page=page, per_page=per_page), known, None


def line_of(school: School, place: Place, km: float | None = None) -> Line:
    territories = place.volume.meta["territories"]
    code = territory_of(school, territories) if school.open else None
    return Line(
        uai=school.uai,
        url=f"{PATH}/{school.uai}",
        name=french(school.name),
        type=french(school.type),
        sector=_("privé") if school.sector == "prive" else "",
        town=f"{school.postal_code} {school.city} ({school.department})".strip(),
        distance=_far(km) if km is not None else "",
        maintained=territories[code]["name"] if code else "",
        is_mine=school.uai == place.uai,
    )


def _answered(
    asked: Asked,
    found: Found,
    known: Sequence[Town],
    town: Town | None,
    place: Place,
    *,
    near: tuple[list[str], list[School]] = ([], []),
) -> SchoolSearch:
    shown = Page(found.page, found.total, PER_PAGE, lambda at: address(asked.text, asked.town, at))
    return SchoolSearch(
        q=asked.text,
        town=(town.written if town else asked.town) if asked.town else "",
        asked=bool(asked.text or asked.town),
        total=found.total,
        announcement=_announcement(found, town, shown),
        note=_unplaced(town) if town and town.centre is None else "",
        parts=_parts(found, town, place),
        page=shown,
        wider=_wider(asked, known) if town is None else None,
        others=[_link(one, asked) for one in known if town and one is not town and one.key == town.key],
        nearest_towns=[{"label": name, "url": address("" if not asked.town else asked.text, name)} for name in near[0]],
        nearest=[] if asked.town else [line_of(school, place) for school in near[1]],
    )


def address(text: str, town: str = "", page: int = 1) -> str:
    """One question, one address."""
    said = {"q": text, "ville": town, "page": str(page) if page > 1 else ""}
    left = {name: value for name, value in said.items() if value}
    return f"{PATH}?{urlencode(left)}" if left else PATH


def _territories(meta: Mapping[str, Mapping[str, Any]]) -> list[Territory]:
    return [
        Territory(
            code=code,
            name=one["name"],
            zone="",
            level=TerritoryLevel(one["level"]),
            area=one["area"],
            school_types=one["school_types"],
        )
        for code, one in meta.items()
    ]


def _meant(asked: Asked) -> str:
    return fold(asked.town) or " ".join(asked.words)


def _parts(found: Found, town: Town | None, place: Place) -> list[Part]:
    if town is None:
        return [Part("", [line_of(school, place) for school in found.schools])] if found.schools else []
    inside, around, far = Part(_named(town), []), Part(_("Aux environs"), []), Part(_("Ailleurs"), [])
    unplaced = Part(_("Distance inconnue"), [])
    for school in found.schools:
        km = town.km_to(school)
        if _is_in(school, town):
            inside.lines.append(line_of(school, place))
        else:
            part = unplaced if km is None else around if km <= AROUND else far
            part.lines.append(line_of(school, place, km))
    return [part for part in (inside, around, far, unplaced) if part.lines]


def _is_in(school: School, town: Town) -> bool:
    inside = school.city_key == town.key or (
        school.city_key.startswith(f"{town.key} ") and school.city_key.endswith(" arrondissement")
    )
    return inside and school.department_code == town.department_code


def _announcement(found: Found, town: Town | None, page: Page) -> str:
    if not found.total:
        return _("Aucun établissement ne correspond")
    said = ngettext("%(count)s établissement", "%(count)s établissements", found.total, count=number(found.total))
    if town:
        said = _("%(found)s – %(town)s et environs", found=said, town=french(town.name))
    if page.pages > 1:
        said = _("%(said)s, page %(number)s sur %(pages)s", said=said, number=page.number, pages=page.pages)
    return said


def _unplaced(town: Town) -> str:
    return _(
        "L’annuaire ne situe pas les établissements de cette ville (%(town)s) : ceux des environs ne sont pas triés par distance.",
        town=french(town.name),
    )


def _wider(asked: Asked, known: Sequence[Town]) -> dict[str, str] | None:
    """« Victor Hugo valence » may also be wanted around Valence."""
    if asked.town or not known:
        return None
    town = known[0]
    words = " ".join(asked.besides(town.key, town.department_code))
    label = _("Chercher « %(words)s » – %(town)s et environs", words=words, town=french(town.name))
    return {"label": label, "url": address(words, town.written)}


def _link(town: Town, asked: Asked) -> dict[str, str]:
    words = asked.text if asked.town else " ".join(asked.besides(town.key, town.department_code))
    return {"label": _named(town), "url": address(words, town.written)}


def _named(town: Town) -> str:
    return f"{french(town.name)} ({town.department})"


def _far(km: float) -> str:
    if km < 1:
        return _("à moins de 1 km")
    return _("à %(km)s km", km=number(round(km)))
