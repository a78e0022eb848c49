"""What a public page speaks for: one index, one territory, the day it is there."""

from dataclasses import dataclass
from datetime import date

from flask import current_app

from catalogue.browse.wording import Wording, wording
from catalogue.search.shelf import NotIndexedYet, Shelf, Volume
from portal.web.kit import portal
from portal.web.language import chosen


@dataclass(frozen=True, slots=True)
class Place:
    """The installation's own territory, until a visitor chooses a school."""

    volume: Volume
    territory: str

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
    return Place(volume, home if home in codes else next(iter(codes)))
