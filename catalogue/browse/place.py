"""What a public page speaks for: one index, one territory, the day it is there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from flask import current_app, g

from catalogue.browse.standpoint import Standpoint, standpoint_of
from catalogue.browse.wording import Wording, wording
from catalogue.search.answering import seen
from catalogue.search.shelf import NotIndexedYet, Shelf, Volume
from catalogue.support.rules import Reach
from catalogue.support.seen import Seen
from portal.territories.uai import is_possible
from portal.territories.whole import WholeSchool, find_school
from portal.web import cookies
from portal.web.kit import portal, session
from portal.web.language import chosen


class Known(NamedTuple):
    """A school, and what the catalogue is for it."""

    school: WholeSchool
    seen: Standpoint


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
    """One for the whole of a request: an index that changes meanwhile is for the next one."""
    if "place" not in g:
        home = home_place()
        school = known(home.volume, cookies.read(cookies.SCHOOL))
        served = school.territory if school else None
        g.place = Place(home.volume, served or home.territory, school)
        g.zone = home.volume.meta["territories"][g.place.territory]["zone"]
    place: Place = g.place
    return place


def home_place() -> Place:
    """The installation's own territory, whoever asks."""
    if "home" not in g:
        shelf: Shelf = current_app.extensions["shelf"]
        volume = shelf.volume()
        codes, home = volume.meta["territories"], portal().settings.home_territory
        if not codes:  # a new installation: its territories are its first data
            raise NotIndexedYet
        g.home = Place(volume, home if home in codes else next(iter(codes)))
        g.zone = codes[g.home.territory]["zone"]
    place: Place = g.home
    return place


def known(volume: Volume, uai: str) -> Standpoint | None:
    found = whole(volume, uai)
    return found.seen if found else None


def whole(volume: Volume, uai: str) -> Known | None:
    """A school, looked up once per index, which is made anew when schools change; None for what is no school's UAI."""
    return volume.kept(("school", uai), lambda: _looked_up(uai, volume)) if is_possible(uai) else None


def _looked_up(uai: str, volume: Volume) -> Known | None:
    school = find_school(session(), uai)
    return Known(school, standpoint_of(school, volume.meta)) if school else None
