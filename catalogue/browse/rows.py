"""A title as one line of a list of results."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from catalogue.browse.place import Place
from catalogue.support.badges import Badge
from portal.web.language import chosen

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
    why: str = ""


class Rows:
    """Makes lines for one index, one territory and one language; popular ones are made once."""

    def __init__(self, place: Place) -> None:
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


def lines(place: Place) -> Rows:
    return place.volume.kept(("rows", place.territory, chosen()), lambda: Rows(place))
