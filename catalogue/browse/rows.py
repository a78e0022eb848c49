"""A title as one line of a list of results."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from catalogue.browse.place import Place
from catalogue.support.badges import Badge
from portal.text import french


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
    """Makes lines for one place."""

    def __init__(self, place: Place) -> None:
        self._territory = place.territory
        self._words = place.words

    def of(self, row: Mapping[str, Any], why: str = "") -> Row:
        at, words = row["at"][self._territory], self._words
        return Row(
            row["slug"],
            "/catalogue/" + row["slug"],
            row["name"],
            row["publisher"],
            french(row["purpose"]),
            ", ".join([words.platforms[code] for code in row["platforms"]]),
            words.licences[row["licence_type"]],
            words.badges[at["level"]],
            at["version"] or row["latest"],
            words.labels["category"][row["category"]],
            ", ".join([words.short_lists[slug] for slug in at["lists"]]),
            row["confidence"] == "unverified",
            why,
        )
