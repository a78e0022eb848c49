"""One version of a list as a page: what it holds by subject, what it changes, what one downloads and cites; and the feed of all."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from catalogue.browse.differences import Difference, differences, in_short
from catalogue.browse.lists import Applies, Held, Seats, Summary, Version, applies, dates, seats, status, version
from catalogue.browse.packaging import badge, told
from catalogue.browse.place import Place
from catalogue.lists.document import changes
from catalogue.search.shelf import Volume
from catalogue.support.badges import Badge
from portal.text import clean, fold, french, slugify
from portal.web.language import day, ngettext, number
from portal.web.language import gettext as _

EVERYWHERE = "tous-usages"
MOST_UNFOLDED = 5  # changes of version
Entry = Mapping[str, Any]


class Line(NamedTuple):
    """A title on the list. The exit announced, or proposed in a draft, is said with its reason and its replacement.

    `package`: where its package stands today; `packaged`: the version in it, when the list says another. `is_out`: it has left.
    """

    url: str
    name: str
    publisher: str
    version: str
    since: str
    reason: str
    ends: str
    exit_reason: str
    replacement: Mapping[str, str] | None
    disciplines: tuple[str, ...]
    package: Badge | None
    packaged: str
    is_out: bool


@dataclass(frozen=True)
class Group:
    """The titles of one subject; a title stands under each of its subjects. `is_data`: the name was written in French."""

    anchor: str
    name: str
    lines: list[Line]
    is_data: bool


@dataclass(frozen=True)
class File:
    """A stored file. `size` in words; empty when the index does not say it."""

    kind: str
    url: str
    sha256: str
    size: str


class Part(NamedTuple):
    """Differences of which `folded` says the number when they stand folded: titles are what one comes for."""

    told: list[Difference]
    folded: str


@dataclass(frozen=True)
class Comparison:
    """What differs from `since` to `until`; `since` empty: there is no version before. `choices`: the other versions."""

    since: str
    until: str
    parts: list[Part]
    short: str
    unknown: bool
    choices: list[tuple[str, bool]]


@dataclass(frozen=True)
class EditionPage:
    """What `lists/edition.html` shows."""

    document: Mapping[str, Any]
    list_url: str
    url: str
    feed: str
    address: str
    territory: str
    status: Badge
    dates: str
    in_force: Version | None
    applies: Applies | None
    seats: Seats
    announced: list[Line]
    asked: str
    programmes: list[str]
    draft: Version | None
    q: str
    total: int
    found: int
    groups: list[Group]
    candidates: list[Line]
    leaving: list[Line]
    comparison: Comparison
    versions: list[Version]
    files: list[File]
    citation: str


class Change(NamedTuple):
    """A voted version as an entry of the feed."""

    label: str
    url: str
    voted_on: str
    short: str
    told: list[Difference]
    files: list[File]


def edition_page(place: Place, held: Held, shown: Summary, base: str, *, q: str = "", against: str = "") -> EditionPage:
    """`base`: the portal's public address; `q`: words to keep entries by; `against`: the label of a version to compare with."""
    document = place.volume.edition(shown["at"])
    is_past = shown["status"] == "archived"
    of = partial(_line, {}, None if is_past else Place(place.volume, held.territory))
    lines = [of(entry) for entry in document["entries"]]
    wanted = fold(clean(q)).split()
    kept = [line for line, entry in zip(lines, document["entries"], strict=True) if _answers(entry, wanted)]
    in_force = next((one for one in held.editions if one["status"] == "current"), None)
    draft = next((one for one in held.editions if one["status"] == "draft"), None)
    asked = draft["asked"] if draft else 0
    url = held.address(shown)
    return EditionPage(
        document=document,
        list_url=held.url,
        url=url,
        feed=f"{held.url}/flux.atom",
        address=base + url,
        territory=document["territory"]["name"],
        status=status(shown),
        dates=dates(held, shown),
        in_force=version(held, in_force) if in_force and in_force is not shown else None,
        applies=applies(held, place.school, document["territory"]["name"]),
        seats=seats(document["used"], document["capacity"], is_past=is_past),
        announced=[] if is_past else [line for line in lines if line.ends and not line.is_out],
        asked=ngettext("%(num)s entrée demandée", "%(num)s entrées demandées", asked) if asked else "",
        programmes=[one["name"] for one in document["programmes"]],
        draft=version(held, draft) if draft and draft is not shown else None,
        q=clean(q),
        total=len(lines),
        found=len(kept),
        groups=_groups(kept),
        candidates=[of(entry) for entry in document.get("candidates", ())],
        leaving=[of(entry) for entry in document.get("leaving", ())],
        comparison=_comparison(place.volume, held, shown, against),
        versions=[version(held, one, shown) for one in held.editions],
        files=_files(url, shown),
        citation=_citation(document, shown, base + url),
    )


def feed(volume: Volume, held: Held) -> list[Change]:
    """Every voted version with what it changed, the last voted first."""
    found = []
    for one in sorted(held.editions, key=lambda one: (one["voted_on"] or "", one["edition"]), reverse=True):
        if one["voted_on"]:
            document = volume.edition(one["at"])
            told = differences(document["changes"])
            url = held.address(one)
            titles = ngettext("Première version : %(num)s titre", "Première version : %(num)s titres", document["used"])
            short = in_short(told) or _("Rien ne change.") if document["changes"]["since"] else titles
            found.append(Change(one["edition"], url, one["voted_on"], short, told, _files(url, one)))
    return found


def _line(days: dict[str, str], place: Place | None, entry: Entry) -> Line:
    """`days` keeps the days already said: entries share a few. `place` None: what is past has no package of today."""
    since, ends = entry["since"], entry["ends_on"] or ""
    for one in (since, ends):
        if one not in days:
            days[one] = day(one)
    after = entry["replacement"]
    packages = told(place, entry["slug"]) if place else []
    return Line(
        url="/catalogue/" + entry["slug"],
        name=entry["name"],
        publisher=entry["publisher"],
        version=entry["version"],
        since=days[since],
        reason=entry["reason"],
        ends=days[ends],
        exit_reason=entry["exit_reason"],
        replacement={"name": after["name"], "url": "/catalogue/" + after["slug"]} if after else None,
        disciplines=tuple(entry["disciplines"]),
        package=badge(packages[0]["status"]) if packages else None,
        packaged=packages[0]["version"] if packages and packages[0]["version"] != entry["version"] else "",
        is_out=bool(ends) and (place is None or ends < place.today.isoformat()),
    )


def _answers(entry: Entry, wanted: list[str]) -> bool:
    """Whether each of the folded words is somewhere in what is said of the title."""
    if not wanted:
        return True
    said = fold(" ".join([entry["name"], entry["publisher"], *entry["disciplines"], entry["category"], entry["reason"]]))
    return all(word in said for word in wanted)


def _groups(lines: Iterable[Line]) -> list[Group]:
    """By name of subject, then what has no subject."""
    of: dict[str, list[Line]] = defaultdict(list)
    rest: list[Line] = []
    for line in lines:
        for name in line.disciplines:
            of[name].append(line)
        if not line.disciplines:
            rest.append(line)
    groups = [Group(f"d-{slugify(name)}", name, of[name], is_data=True) for name in sorted(of, key=fold)]
    return [*groups, Group(EVERYWHERE, _("Tous usages"), rest, is_data=False)] if rest else groups


def _comparison(volume: Volume, held: Held, shown: Summary, against: str) -> Comparison:
    """With the version before, as it was told at the vote; or with another one, from the older to the newer."""
    other = held.edition(against) if against else None
    document = volume.edition(shown["at"])
    if other is shown:
        other = None
    if other is None:
        since, until, found = document["changes"]["since"] or "", shown["edition"], document["changes"]
    else:
        order = held.editions
        newer, older = sorted((order.index(shown), order.index(other)))
        since, until = order[older]["edition"], order[newer]["edition"]
        found = _between(volume, order[newer : older + 1])
    told = differences(found)
    compared = other["edition"] if other else since
    choices = [(one["edition"], one["edition"] == compared) for one in held.editions if one is not shown]
    return Comparison(since, until, _parts(told), in_short(told), bool(against) and held.edition(against) is None, choices)


def _parts(told: list[Difference]) -> list[Part]:
    moved, updated = ([one for one in told if (one.kind == "updated") is late] for late in (False, True))
    folded = in_short(updated) if len(updated) > MOST_UNFOLDED else ""
    return [part for part in (Part(moved, ""), Part(updated, folded)) if part.told]


def _between(volume: Volume, versions: list[Summary]) -> Mapping[str, Any]:
    """From the last of the versions to the first; an exit keeps the reason of the version that decided it."""
    documents = [volume.edition(one["at"]) for one in reversed(versions)]
    left = [
        {"slug": one["slug"], "exit_reason": one["reason"], "replacement": one["replacement"]}
        for document in documents[1:]
        for one in document["changes"]["left"]
    ]
    return changes(documents[0]["entries"], documents[-1]["entries"], left)


def _files(url: str, shown: Summary) -> list[File]:
    sizes: Mapping[str, int] = shown.get("size", {})
    return [
        File(kind.upper(), f"{url}.{kind}", mark, _size(sizes[kind]) if kind in sizes else "")
        for kind, mark in shown["sha256"].items()
    ]


def _size(count: int) -> str:
    return _("%(count)s ko", count=number(round(count / 1000) or 1))


def _citation(document: Mapping[str, Any], shown: Summary, address: str) -> str:
    """Nothing for what can still change."""
    if "json" not in shown["sha256"]:
        return ""
    said = _(
        "%(territory)s, « %(list)s », édition %(year)s (version %(version)s), votée le %(day)s, Licence Ouverte 2.0, %(address)s, "
        "SHA-256 du fichier JSON : %(mark)s.",
        territory=document["territory"]["name"],
        list=document["name"],
        year=document["school_year"],
        version=document["edition"],
        day=day(document["voted_on"]),
        address=address,
        mark=shown["sha256"]["json"],
    )
    return french(said + " " + _("Démonstration : liste fictive.") if document["demonstration"] else said)
