"""A title as one line of a list of results."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalogue.browse.place import Place
from catalogue.support.badges import Badge, badge
from catalogue.support.models import Support
from catalogue.titles.badges import LICENCES, platforms
from catalogue.titles.models import LicenceType


@dataclass(frozen=True, slots=True)
class Row:
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
    """Says each code once per page: labels are translated here, not per row."""

    def __init__(self, place: Place) -> None:
        self._territory = place.territory
        self._badges = {support.value: badge(support) for support in Support}
        self._licences = {kind.value: str(LICENCES[kind]) for kind in LicenceType}
        self._categories = place.labels["category"]
        self._lists = {slug: names["short"] for slug, names in place.lists.items()}

    def of(self, row: Mapping[str, Any], why: str = "") -> Row:
        at = row["at"][self._territory]
        return Row(
            slug=row["slug"],
            url="/catalogue/" + row["slug"],
            name=row["name"],
            publisher=row["publisher"],
            purpose=row["purpose"],
            platforms=platforms(row["platforms"]),
            licence=self._licences[row["licence_type"]],
            support=self._badges[at["level"]],
            version=at["version"] or row["latest"],
            category=self._categories[row["category"]],
            lists=", ".join(self._lists[slug] for slug in at["lists"]),
            unverified=row["confidence"] == "unverified",
            why=why,
        )
