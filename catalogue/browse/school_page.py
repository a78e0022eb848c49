"""One school's page: who maintains its computers, which lists serve it and why, what it may use, its rooms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from catalogue.browse.answers import between
from catalogue.browse.place import Place
from catalogue.browse.rows import Row, lines
from catalogue.browse.schools import PATH, Line
from catalogue.browse.standpoint import Standpoint
from catalogue.lists.applying import Serving, Verdict
from catalogue.search.answering import answer
from catalogue.search.question import Question
from catalogue.support.badges import Badge
from portal.territories.loading import DECLARED
from portal.territories.whole import Lesson, SchoolRoom, WholeSchool
from portal.text import french
from portal.web.language import gettext as _
from portal.web.language import lazy as _l
from portal.web.language import ngettext, number, say
from portal.web.pagination import Page

MOST_NAMED = 6  # programmes of a sentence
SHOWN = {
    Verdict.APPLIES: (_l("S’applique"), "good"),
    Verdict.TO_CONFIRM: (_l("À confirmer"), "ending"),
    Verdict.OTHER: (_l("Ne s’applique pas"), "neutral"),
}
SOURCES = {
    "annuaire-education": _l("Annuaire de l’éducation"),
    "adresse-geolocalisation": _l("Adresse et géolocalisation des établissements"),
    "parcoursup": _l("Parcoursup"),
    DECLARED.lower(): _l("Déclaration de l’établissement"),
}


@dataclass(frozen=True)
class ListLine:
    """A list, and what it is for this school."""

    name: str
    url: str
    verdict: Badge
    why: str
    edition: str
    seats: str


@dataclass(frozen=True)
class Source:
    """Programmes of one origin."""

    name: str
    fictitious: bool
    programmes: list[str]


@dataclass(frozen=True)
class Titles:
    """What the lists that apply hold, or what of it answers the words typed."""

    q: str
    total: int
    rows: list[Row]
    page: Page
    announcement: str


@dataclass(frozen=True)
class SchoolPage:
    """What `schools/school.html` shows."""

    uai: str
    url: str
    name: str
    type: str
    sector: str
    town: str
    academy: str
    is_open: bool
    is_mine: bool
    territory: str
    answer: str
    lists: list[ListLine]
    others: list[ListLine]
    programmes: list[Source]
    programmes_note: str
    rooms: list[SchoolRoom]
    seats: str
    rooms_fictitious: bool
    titles: Titles | None
    demonstration: bool
    source: str
    successors: list[Line]


def school_page(school: WholeSchool, seen: Standpoint, asked: Question, mine: Place, successors: list[Line]) -> SchoolPage:
    """`seen`: what the catalogue is for this school; `mine`: where the visitor stands, whose school may be another."""
    place = Place(mine.volume, seen.territory or mine.territory, seen)
    territories = mine.volume.meta["territories"]
    held = [_list(one, place, mine=school.uai == mine.uai) for one in seen.serving]
    return SchoolPage(
        uai=school.uai,
        url=f"{PATH}/{school.uai}",
        name=french(school.name),
        type=french(school.type),
        sector=_("privé") if school.sector == "prive" else _("public"),
        town=f"{school.postal_code} {school.city} ({school.department})".strip(),
        academy=school.academy,
        is_open=school.open,
        is_mine=school.uai == mine.uai,
        territory=territories[seen.territory]["name"] if seen.territory else "",
        answer=_answer(seen, territories),
        lists=[one for one in held if one.verdict.code != Verdict.OTHER],
        others=[one for one in held if one.verdict.code == Verdict.OTHER],
        programmes=_programmes(school.teaches),
        programmes_note=_what_is_missing(school.teaches),
        rooms=sorted(school.rooms, key=lambda room: room.name),
        seats=_seats(school.rooms),
        rooms_fictitious=any(room.fictitious for room in school.rooms),
        titles=_titles(asked, place, f"{PATH}/{school.uai}") if seen.lists else None,
        demonstration=bool(seen.territory) and territories[seen.territory]["demonstration"],
        source=source_of(school.source),
        successors=successors,
    )


def source_of(written: str) -> str:
    """A source as people know it; one that we do not know keeps its own name."""
    return next((str(name) for start, name in SOURCES.items() if written.lower().startswith(start)), written)


def _answer(seen: Standpoint, territories: Mapping[str, Any]) -> str:
    if seen.territory is None:
        return say(seen.competent)
    return _("Les ordinateurs de cet établissement sont maintenus par : %(who)s.", who=territories[seen.territory]["name"])


def _list(one: Serving, place: Place, *, mine: bool) -> ListLine:
    held = place.volume.meta["lists"][place.territory][one.list_slug]
    current = next((edition for edition in held["editions"] if edition["status"] == "current"), None)
    return ListLine(
        name=held["name"],
        url=f"/listes/{one.list_slug}",
        verdict=Badge(one.verdict.value, str(SHOWN[one.verdict][0]), SHOWN[one.verdict][1]),
        why=why(one, held["programmes"], mine=mine),
        edition=_("édition %(edition)s", edition=current["edition"]) if current else _("aucune édition en vigueur"),
        seats=ngettext("%(count)s titre", "%(count)s titres", current["used"], count=number(current["used"])) if current else "",
    )


def why(one: Serving, served: Sequence[Mapping[str, str]], *, mine: bool) -> str:
    """The verdict on a list, in words. `served`: all programmes that the list serves; `mine`: to the school's own people."""
    if one.verdict is Verdict.APPLIES and not one.because:
        return _("S’applique à tous les établissements.")
    names = {programme["code"]: programme["name"] for programme in served}
    programmes = _enumerated([names.get(code, code) for code in one.because or names])
    if one.verdict is Verdict.APPLIES:
        said = (
            _("S’applique : votre établissement enseigne %(programmes)s.")
            if mine
            else _("S’applique : l’établissement enseigne %(programmes)s.")
        )
    elif one.verdict is Verdict.TO_CONFIRM:
        said = (
            _("Peut s’appliquer : à confirmer par votre établissement (si vous enseignez %(programmes)s).")
            if mine
            else _("Peut s’appliquer : à confirmer par l’établissement (s’il enseigne %(programmes)s).")
        )
    else:
        said = _("Ne s’applique pas : elle sert %(programmes)s.")
    return said % {"programmes": programmes}


def _enumerated(names: list[str]) -> str:
    """« a ; b et 4 autres formations »: a sentence stays a sentence."""
    if len(names) <= MOST_NAMED:
        return between(map(french, names))
    some = between(map(french, names[: MOST_NAMED - 1]))
    return _("%(some)s et %(rest)s autres formations", some=some, rest=len(names) - MOST_NAMED + 1)


def _programmes(teaches: Sequence[Lesson]) -> list[Source]:
    found: dict[tuple[str, bool], list[str]] = {}
    for one in sorted(teaches, key=lambda one: (one.declared, one.programme.kind == "bts", one.programme.sort_key)):
        found.setdefault((source_of(one.source), one.fictitious), []).append(french(one.programme.name))
    return [Source(name, fictitious, programmes) for (name, fictitious), programmes in found.items()]


def _what_is_missing(teaches: Sequence[Lesson]) -> str:
    if not teaches:
        return _("Ses formations sont inconnues : aucune source publique ne les donne, et l’établissement ne les a pas déclarées.")
    if not any(one.declared for one in teaches):
        return _("L’établissement n’a pas encore déclaré ses formations : cette liste peut être incomplète.")
    return ""


def _seats(rooms: Sequence[SchoolRoom]) -> str:
    total = sum(room.seats for room in rooms)
    return ngettext("%(count)s poste en tout", "%(count)s postes en tout", total, count=number(total)) if rooms else ""


def _titles(asked: Question, place: Place, path: str) -> Titles:
    shown = Question(asked.text, page=asked.page)
    lists = tuple(sorted(place.school.lists)) if place.school else ()
    found = answer(place.volume, replace(shown, chosen={"list": lists}), place.territory, place.reach)
    rows = lines(place)
    page = Page(found.page, found.total, shown.per_page, lambda at: shown.url(path, page=at) + "#titres")
    said = ngettext("%(count)s titre maintenu", "%(count)s titres maintenus", found.total, count=number(found.total))
    return Titles(asked.text, found.total, [rows.of(row) for row in found.rows], page, said)
