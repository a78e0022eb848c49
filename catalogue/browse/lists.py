"""The pages of lists: what each holds, whom it serves, what changed."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from catalogue.browse.differences import Difference, differences
from catalogue.browse.place import Place
from catalogue.lists.applying import Verdict
from catalogue.lists.document import changes
from catalogue.support.badges import Badge
from portal.text import french, slugify
from portal.web.language import day, number
from portal.web.language import gettext as _
from portal.web.language import lazy as _l

PATH = "/listes"
STATUS = {
    "draft": Badge("draft", _l("En préparation"), "neutral"),
    "voted": Badge("voted", _l("Votée"), "good"),
    "current": Badge("current", _l("En vigueur"), "good"),
    "archived": Badge("archived", _l("Archivée"), "neutral"),
}
Summary = Mapping[str, Any]


class Version(NamedTuple):
    """One edition of a list, in a line."""

    label: str
    url: str
    status: Badge
    dates: str
    active: bool


@dataclass(frozen=True)
class ListLine:
    """A list among the others."""

    name: str
    url: str
    audience: str
    used: int
    capacity: int | None
    edition: Version | None
    announced: int
    asked: int
    applies: str


@dataclass(frozen=True)
class Group:
    """The entries of one subject; an entry stands under each of its subjects."""

    anchor: str
    name: str
    entries: list[Mapping[str, Any]]


@dataclass(frozen=True)
class EditionPage:
    """What `lists/edition.html` shows."""

    document: Mapping[str, Any]
    url: str
    status: Badge
    dates: str
    programmes: list[str]
    groups: list[Group]
    announced: list[Mapping[str, Any]]
    versions: list[Version]
    compared: str
    differences: list[Difference]
    files: list[dict[str, str]]
    citation: str
    candidates: list[Mapping[str, Any]]
    leaving: list[Mapping[str, Any]]


def all_lists(place: Place) -> list[ListLine]:
    return [_line(slug, held, place) for slug, held in place.volume.meta["lists"][place.territory].items()]


def summary(place: Place, slug: str, label: str = "") -> Summary | None:
    """An edition by its label; without one, that in force, else the latest voted, else the draft."""
    held = place.volume.meta["lists"][place.territory].get(slug)
    editions = held["editions"] if held else []
    if label:
        return next((one for one in editions if one["edition"] == label), None)
    return min(editions, key=lambda one: ("current", "voted", "archived", "draft").index(one["status"]), default=None)


def edition_page(place: Place, slug: str, found: Summary, base: str, against: str = "") -> EditionPage:
    """`base`: the portal's public address; `against`: the label of another version to compare with."""
    document = place.volume.edition(found["at"])
    other = summary(place, slug, against) if against else None
    differs = _against(place, document, other) if other else document["changes"]
    url = f"{PATH}/{slug}/{found['edition']}"
    return EditionPage(
        document=document,
        url=url,
        status=STATUS[found["status"]],
        dates=_dates(found),
        programmes=[one["name"] for one in document["programmes"]],
        groups=_groups(document["entries"]),
        announced=[entry for entry in document["entries"] if entry["ends_on"]],
        versions=[_version(slug, one, found) for one in place.volume.meta["lists"][place.territory][slug]["editions"]],
        compared=other["edition"] if other else document["changes"]["since"] or "",
        differences=differences(differs),
        files=[{"kind": kind.upper(), "url": f"{url}.{kind}", "sha256": mark} for kind, mark in found["sha256"].items()],
        citation=_citation(document, found, base + url) if found["sha256"] else "",
        candidates=document.get("candidates", []),
        leaving=document.get("leaving", []),
    )


def feed(place: Place, slug: str) -> list[tuple[Summary, list[Difference]]] | None:
    """Every voted version with what it changed, newest first."""
    held = place.volume.meta["lists"][place.territory].get(slug)
    if held is None:
        return None
    voted = [one for one in held["editions"] if one["sha256"]]
    return [(one, differences(place.volume.edition(one["at"])["changes"])) for one in voted]


def _line(slug: str, held: Mapping[str, Any], place: Place) -> ListLine:
    shown = summary(place, slug)
    drafts = [one for one in held["editions"] if one["status"] == "draft"]
    return ListLine(
        name=held["name"],
        url=f"{PATH}/{slug}",
        audience=held["audience"],
        used=shown["used"] if shown else 0,
        capacity=held["capacity"],
        edition=_version(slug, shown, shown) if shown else None,
        announced=shown["announced"] if shown else 0,
        asked=sum(one["asked"] for one in drafts),
        applies=_applies(slug, place),
    )


def _applies(slug: str, place: Place) -> str:
    """For the visitor's school, in a word; nothing without one."""
    verdicts = {one.list_slug: one.verdict for one in place.school.serving} if place.school else {}
    said = {
        Verdict.APPLIES: _("S’applique à votre établissement."),
        Verdict.TO_CONFIRM: _("Peut s’appliquer : à confirmer par votre établissement."),
        Verdict.OTHER: _("Ne s’applique pas à votre établissement."),
    }
    return said[verdicts[slug]] if slug in verdicts else ""


def _against(place: Place, document: Mapping[str, Any], other: Summary) -> Mapping[str, Any]:
    return changes(place.volume.edition(other["at"])["entries"], document["entries"], [])


def _groups(entries: list[Mapping[str, Any]]) -> list[Group]:
    of: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    everywhere = _("Tous usages")
    for entry in entries:
        for name in entry["disciplines"] or [everywhere]:
            of[name].append(entry)
    return [Group(slugify(name), name, of[name]) for name in sorted(of, key=lambda name: (name == everywhere, slugify(name)))]


def _version(slug: str, one: Summary, shown: Summary) -> Version:
    return Version(one["edition"], f"{PATH}/{slug}/{one['edition']}", STATUS[one["status"]], _dates(one), one is shown)


def _dates(one: Summary) -> str:
    said = _("du %(first)s au %(last)s", first=day(one["starts_on"]), last=day(one["ends_on"]))
    return _("votée le %(day)s, %(dates)s", day=day(one["voted_on"]), dates=said) if one["voted_on"] else said


def _citation(document: Mapping[str, Any], found: Summary, address: str) -> str:
    said = _(
        "%(territory)s, « %(list)s », version %(edition)s, votée le %(day)s, %(count)s titres. Licence Ouverte 2.0. %(address)s "
        "(JSON, SHA-256 : %(mark)s)",
        territory=document["territory"]["name"],
        list=document["name"],
        edition=document["edition"],
        day=day(document["voted_on"]),
        count=number(document["used"]),
        address=address + ".json",
        mark=found["sha256"]["json"],
    )
    return french(said)
