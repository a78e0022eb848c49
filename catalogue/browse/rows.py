"""A title as one line of a list of results."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from catalogue.browse.place import Place
from catalogue.support.badges import Badge
from catalogue.support.rules import Reach
from catalogue.support.seen import Seen
from portal.web.language import chosen
from portal.web.language import gettext as _

MOST_KEPT = 4000  # lines of some 600 bytes


class Row(NamedTuple):
    """What `catalogue/_results.html` shows of a title."""

    slug: str
    url: str
    name: str
    publisher: str
    purpose: str
    platforms: str
    licence: str
    support: Badge
    version: str
    category: str
    lists: str
    unverified: bool
    note: str = ""
    why: str = ""


class Rows:
    """Makes lines for one index, one territory and one language; popular ones are made once."""

    def __init__(self, place: Place) -> None:
        self._place = place  # of any school with the same reach: only that is read
        self._territory = place.territory
        self._words = place.words
        self._made: dict[str, Row] = {}

    def of(self, row: Mapping[str, Any]) -> Row:
        slug: str = row["slug"]
        if slug not in self._made:
            if len(self._made) >= MOST_KEPT:
                self._made.clear()
            self._made[slug] = self._line(row)
        return self._made[slug]

    def _line(self, row: Mapping[str, Any]) -> Row:
        at, words = row["at"][self._territory], self._words
        return Row(
            row["slug"],
            "/catalogue/" + row["slug"],
            row["name"],
            row["publisher"],
            row["purpose"],
            ", ".join([words.platforms[code] for code in row["platforms"]]),
            words.licences[row["licence_type"]],
            words.badges[at["level"]],
            at["version"] or row["latest"],
            words.labels["category"][row["category"]],
            ", ".join([words.short_lists[slug] for slug in at["lists"]]),
            row["confidence"] == "unverified",
        )


class SchoolRows(Rows):
    """Lines for the schools that the same lists serve: those of the territory, but for the titles that change."""

    def __init__(self, place: Place, reach: Reach) -> None:
        super().__init__(place)
        self._reach = reach
        self._all = lines(Place(place.volume, place.territory))

    def of(self, row: Mapping[str, Any]) -> Row:
        shared = self._all.of(row)
        return shared if self._place.at(row) is row["at"][self._territory] else super().of(row)

    def _line(self, row: Mapping[str, Any]) -> Row:
        at = self._place.at(row)
        return self._all.of(row)._replace(
            support=self._words.badges[at["level"]],
            version=at["version"] or row["latest"],
            lists=", ".join([self._words.short_lists[slug] for slug in at["lists"]]),
            note="" if at["lists"] or not self._reach.decisions else self._why_not(row["at"][self._territory]),
        )

    def _why_not(self, at: Seen) -> str:
        """The lists that hold the title and do not surely serve these schools."""
        names = {slug: self._words.short_lists[slug] for slug in at["lists"]}
        possible = [name for slug, name in names.items() if slug in self._reach.to_confirm]
        if possible:
            return _("%(lists)s : à confirmer par votre établissement", lists=", ".join(possible))
        return _("%(lists)s : ne sert pas votre établissement", lists=", ".join(names.values()))


def lines(place: Place) -> Rows:
    reach = place.reach
    if reach is None:
        return place.volume.kept(("rows", place.territory, chosen()), lambda: Rows(place))
    return place.volume.kept(("rows", place.territory, chosen(), reach), lambda: SchoolRows(place, reach))
