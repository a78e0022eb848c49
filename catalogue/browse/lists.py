"""The lists of a territory: where each stands this year, and what is said of an edition wherever it is named."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from catalogue.browse.place import Place
from catalogue.browse.school_page import SHOWN, why
from catalogue.browse.standpoint import Standpoint
from catalogue.lists.applying import Verdict
from catalogue.search.shelf import Volume
from catalogue.support.badges import Badge
from portal.web.language import day, ngettext
from portal.web.language import gettext as _
from portal.web.language import lazy as _l

PATH = "/listes"
STATUS = {
    "draft": (_l("En préparation"), "test"),
    "voted": (_l("Votée"), "ending"),
    "current": (_l("En vigueur"), "good"),
    "archived": (_l("Archivée"), "neutral"),
}
FIRST = ("current", "voted", "archived", "draft")  # the version that speaks for a list
Summary = Mapping[str, Any]  # an edition, as `catalogue.search.editions` sums it up


class Held(NamedTuple):
    """A list, with the territory it belongs to."""

    territory: str
    slug: str
    shown: Mapping[str, Any]

    @property
    def url(self) -> str:
        return f"{PATH}/{self.slug}"

    @property
    def editions(self) -> list[Summary]:
        """Newest first."""
        found: list[Summary] = self.shown["editions"]
        return found

    @property
    def latest(self) -> Summary | None:
        """The edition in force, else the latest voted, else the draft."""
        return min(self.editions, key=lambda one: FIRST.index(one["status"]), default=None)

    def address(self, one: Summary) -> str:
        """Of an edition: what was voted keeps the address of that day."""
        return f"{PATH}/{one['slug']}/{one['edition']}"

    def edition(self, label: str) -> Summary | None:
        return next((one for one in self.editions if one["edition"] == label), None)


@dataclass(frozen=True)
class Version:
    """An edition, in a line. `is_shown`: the one that the page is about."""

    label: str
    url: str
    status: Badge
    dates: str
    is_shown: bool


@dataclass(frozen=True)
class Seats:
    """How full an edition is. `capacity` None: no cap."""

    used: int
    capacity: int | None
    note: str


@dataclass(frozen=True)
class Applies:
    """What a list is for the visitor's school."""

    verdict: Badge
    why: str


@dataclass(frozen=True)
class ListLine:
    """A list among the others. `version` None: it has no edition yet. `draft`: the one being prepared beside it."""

    name: str
    url: str
    audience: str
    seats: Seats | None
    version: Version | None
    announced: str
    draft: Version | None
    asked: str
    applies: Applies | None


def find_list(volume: Volume, slug: str) -> Held | None:
    """The same list whoever asks: an address is cited and kept, so the reader's school changes nothing to it.

    Nor does a renaming: a list is also found by an address under which one of its editions was voted.
    """
    known = [Held(code, name, shown) for code, held in volume.meta["lists"].items() for name, shown in held.items()]
    named = (one for one in known if one.slug == slug)
    return next(named, next((one for one in known if slug in {edition["slug"] for edition in one.editions}), None))


def held_lists(place: Place) -> list[Held]:
    """Of the place's territory, in order."""
    return [Held(place.territory, slug, shown) for slug, shown in place.volume.meta["lists"][place.territory].items()]


def all_lists(place: Place) -> list[ListLine]:
    return [_line(held, place) for held in held_lists(place)]


def applies(held: Held, school: Standpoint | None, territory: str = "") -> Applies | None:
    """Nothing without a school. `territory`: the list's, in words, for a school that it does not serve."""
    if school is None:
        return None
    if school.territory != held.territory:
        label, tone = SHOWN[Verdict.OTHER]
        said = _("Ne s’applique pas : cette liste est celle d’un autre territoire (%(territory)s).", territory=territory)
        return Applies(Badge(Verdict.OTHER.value, str(label), tone), said) if territory else None
    found = next((one for one in school.serving if one.list_slug == held.slug), None)
    if found is None:
        return None
    label, tone = SHOWN[found.verdict]
    return Applies(Badge(found.verdict.value, str(label), tone), why(found, held.shown["programmes"], mine=True))


def seats(used: int, capacity: int | None, *, is_past: bool = False) -> Seats:
    """What is past has no seat to take any more."""
    if is_past:
        return Seats(used, capacity, "")
    if capacity is None:
        return Seats(used, None, _("Sans plafond."))
    if used >= capacity:
        return Seats(used, capacity, _("Liste complète : une entrée demande une sortie."))
    return Seats(used, capacity, ngettext("%(num)s place reste.", "%(num)s places restent.", capacity - used))


def version(held: Held, one: Summary, shown: Summary | None = None) -> Version:
    return Version(one["edition"], held.address(one), status(one), dates(held, one), one is shown)


def status(one: Summary) -> Badge:
    label, tone = STATUS[one["status"]]
    return Badge(one["status"], str(label), tone)


def dates(held: Held, one: Summary) -> str:
    """When it was voted and when it holds, in one or two sentences."""
    first, last = day(one["starts_on"]), day(one["ends_on"])
    voted = _("Votée le %(day)s.", day=day(one["voted_on"])) if one["voted_on"] else ""
    if one["status"] == "draft":
        return _("Doit entrer en vigueur le %(first)s.", first=first)
    if one["status"] == "voted":
        said = _("Entre en vigueur le %(first)s.", first=first)
    elif one["status"] == "current":
        said = _("En vigueur du %(first)s au %(last)s.", first=first, last=last)
    elif (after := _replaced_by(held, one)) and after["starts_on"] <= one["starts_on"]:
        said = _("Remplacée avant d’entrer en vigueur par la version %(label)s.", label=after["edition"])
    elif after:
        before = date.fromisoformat(after["starts_on"]) - timedelta(days=1)
        said = _(
            "En vigueur du %(first)s au %(last)s, puis remplacée par la version %(label)s.",
            first=first,
            last=day(before),
            label=after["edition"],
        )
    else:
        said = _("A été en vigueur du %(first)s au %(last)s.", first=first, last=last)
    return " ".join(filter(None, [voted, said]))


def _replaced_by(held: Held, one: Summary) -> Summary | None:
    """The amendment that took its place within the year."""
    later = [
        other
        for other in held.editions
        if other["school_year"] == one["school_year"]
        and other["amendment"] > one["amendment"]
        and other["status"] in {"current", "archived"}
    ]
    return later[-1] if later else None


def _line(held: Held, place: Place) -> ListLine:
    shown = held.latest
    draft = next((one for one in held.editions if one["status"] == "draft"), None)
    exits = shown["announced"] if shown else 0
    asked = draft["asked"] if draft else 0
    return ListLine(
        name=held.shown["name"],
        url=held.url,
        audience=held.shown["audience"],
        seats=seats(shown["used"], held.shown["capacity"]) if shown else None,
        version=version(held, shown) if shown else None,
        announced=ngettext("%(num)s sortie annoncée", "%(num)s sorties annoncées", exits) if exits else "",
        draft=version(held, draft) if draft and draft is not shown else None,
        asked=ngettext("%(num)s entrée demandée", "%(num)s entrées demandées", asked) if asked else "",
        applies=applies(held, place.school),
    )
