"""The demonstration's lists, and what its files tell of their life: moves, made afterwards like anybody's."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlmodel import Session, select

from catalogue.lists.models import Edition, SoftwareList
from portal.territories.models import Territory

DATA = Path(__file__).parents[1] / "data" / "demonstration"


@dataclass(frozen=True, slots=True)
class Seated:
    """A title as it asks for its seat."""

    slug: str
    version: str
    since: date
    reason: str


@dataclass(frozen=True, slots=True)
class Change:
    """A move of an entry while its edition is a draft; `propose` adds the entry."""

    on: date
    move: str
    slug: str
    version: str
    reason: str
    ends_on: date | None
    replacement: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """One edition's part of the life of a list, from its draft to its vote, if it has been voted."""

    territory: str
    list_slug: str
    school_year: str
    amendment: int
    drafted_on: date
    voted_on: date | None
    starts_on: date
    ends_on: date
    reason: str
    first: tuple[Seated, ...]
    changes: tuple[Change, ...]

    @property
    def told_on(self) -> date:
        """The last day of what it tells, before the edition's own first day."""
        return max([self.voted_on or self.drafted_on, *(change.on for change in self.changes)])

    def follows(self, edition: Edition) -> bool:
        """Whether it is drafted from that edition: as its next amendment, or as the year after it."""
        if self.amendment:
            return (edition.school_year, edition.amendment) == (self.school_year, self.amendment - 1)
        return int(self.school_year[:4]) == int(edition.school_year[:4]) + 1


def load_demonstration(session: Session, territory: Territory) -> list[SoftwareList]:
    """The lists of the territory that are not stored yet, without any edition."""
    known = set(session.exec(select(SoftwareList.slug).where(SoftwareList.territory_id == territory.key)))
    lists = [_list(row, territory) for row in rows("lists.csv") if row["territory"] == territory.code and row["slug"] not in known]
    session.add_all(lists)
    session.flush()
    return lists


def chapters() -> list[Chapter]:
    """The editions of every list, in the order in which they were drafted."""
    territories = {row["slug"]: row["territory"] for row in rows("lists.csv")}
    changes: dict[tuple[str, str], list[Change]] = defaultdict(list)
    for row in rows("changes.csv"):
        changes[row["list"], row["edition"]].append(_change(row))
    first: dict[str, list[Seated]] = defaultdict(list)
    for row in rows("entries.csv"):
        first[row["list"]].append(Seated(row["slug"], row["version"], date.fromisoformat(row["since"]), row["reason"]))
    # A list's entries go to its first edition: the files name the editions of a list oldest first.
    found = [
        _chapter(row, territories[row["list"]], first.pop(row["list"], ()), changes[row["list"], row["edition"]])
        for row in rows("editions.csv")
    ]
    return sorted(found, key=lambda chapter: chapter.drafted_on)


def _list(row: Mapping[str, str], territory: Territory) -> SoftwareList:
    return SoftwareList(
        territory_id=territory.key,
        slug=row["slug"],
        name=row["name"],
        short_name=row["short_name"],
        rank=int(row["rank"]),
        capacity=int(row["capacity"]) if row["capacity"] else None,
        audience=row["audience"],
        audience_codes=[code for code in row["audience_codes"].split("|") if code],
    )


def _chapter(row: Mapping[str, str], territory: str, first: Sequence[Seated], changes: Iterable[Change]) -> Chapter:
    school_year, _, amendment = row["edition"].partition(".")
    return Chapter(
        territory=territory,
        list_slug=row["list"],
        school_year=school_year,
        amendment=int(amendment or 0),
        drafted_on=date.fromisoformat(row["drafted_on"]),
        voted_on=_day(row["voted_on"]),
        starts_on=date.fromisoformat(row["starts_on"]),
        ends_on=date.fromisoformat(row["ends_on"]),
        reason=row["reason"],
        first=tuple(first),
        changes=tuple(changes),
    )


def _change(row: Mapping[str, str]) -> Change:
    return Change(
        on=date.fromisoformat(row["on"]),
        move=row["move"],
        slug=row["slug"],
        version=row["version"],
        reason=row["reason"],
        ends_on=_day(row["ends_on"]),
        replacement=row["replacement"],
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
