"""What a public page speaks for: one index, one territory, the day it is there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import current_app, g, request

from catalogue.browse.standpoint import Standpoint, standpoint_of
from catalogue.browse.wording import Wording, wording
from catalogue.search.answering import seen
from catalogue.search.shelf import NotIndexedYet, Shelf, Volume
from catalogue.support.rules import Reach
from catalogue.support.seen import Seen
from portal.territories.queries import find_school
from portal.territories.uai import is_possible
from portal.web.kit import portal, session
from portal.web.language import chosen

COOKIE = "etablissement"  # the visitor's school: a preference, no account


@dataclass(frozen=True, slots=True)
class Place:
    """The installation's own territory, until a visitor chooses a school that another one serves."""

    volume: Volume
    territory: str
    school: Standpoint | None = None

    @property
    def reach(self) -> Reach | None:
        """None: the territory speaks for all its schools."""
        return self.school.reach if self.school else None

    @property
    def serves(self) -> bool:
        """Whether the territory answers at all: it does not for a school that another authority equips."""
        return self.school is None or self.school.territory is not None

    @property
    def uai(self) -> str:
        """For stamps of pages: two schools never share one."""
        return self.school.uai if self.school else ""

    def at(self, row: Mapping[str, Any]) -> Seen:
        """The title's level of support, with its dates and lists, for the school when there is one."""
        return seen(self.volume, row, self.territory, self.reach)

    @property
    def today(self) -> date:
        return date.fromisoformat(self.volume.meta["days"][self.territory])

    @property
    def labels(self) -> dict[str, dict[str, str]]:
        labels: dict[str, dict[str, str]] = self.volume.meta["labels"]
        return labels

    @property
    def words(self) -> Wording:
        return wording(self.volume, self.territory, chosen())

    @property
    def process(self) -> dict[str, str]:
        process: dict[str, str] = self.volume.meta["territories"][self.territory]["process"]
        return process


def here() -> Place:
    shelf: Shelf = current_app.extensions["shelf"]
    volume = shelf.volume()
    codes = volume.meta["territories"]
    if not codes:  # a new installation: its territories are its first data
        raise NotIndexedYet
    home = portal().settings.home_territory
    school = my_school(volume)
    served = school.territory if school else None
    territory = served or (home if home in codes else next(iter(codes)))
    g.zone = codes[territory]["zone"]
    return Place(volume, territory, school)


def my_school(volume: Volume) -> Standpoint | None:
    """The school of the cookie, looked up once per index; what is no school's UAI is ignored."""
    uai = request.cookies.get(COOKIE, "")
    return volume.kept(("standpoint", uai), lambda: _looked_up(uai, volume)) if is_possible(uai) else None


def _looked_up(uai: str, volume: Volume) -> Standpoint | None:
    school = find_school(session(), uai)
    return standpoint_of(school, volume.meta) if school else None
