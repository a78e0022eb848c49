"""How the level of support follows from lists and decisions: pure, for one title, one place, one day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from catalogue.support.models import Support


@dataclass(frozen=True, slots=True)
class Listed:
    """An admitted entry of an edition that is in force on the day asked for."""

    list_slug: str
    since: date
    ends_on: date | None = None
    version_label: str = ""


@dataclass(frozen=True, slots=True)
class Decided:
    """A territory's decision about a title off its lists."""

    level: Support
    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """The answer: a level, since when, until when (that day included). No date: unknown, or without end."""

    level: Support
    since: date | None = None
    until: date | None = None
    listed: tuple[Listed, ...] = ()


@dataclass(frozen=True, slots=True)
class Reach:
    """What of a territory reaches a school: the lists that serve it, those that may, and whether decisions bind it at all."""

    lists: frozenset[str]
    to_confirm: frozenset[str] = frozenset()
    decisions: bool = True


def standing(listed: Iterable[Listed], decided: Iterable[Decided], day: date) -> Standing:
    """Entries in force speak first, then the latest decision in force, then nobody has decided: recensé.

    A title on two lists is maintained as long as the longer of the two says so. Decisions come in the order in which
    they were taken: of two of one day, the last counts.
    """
    held = tuple(entry for entry in listed if entry.since <= day and (entry.ends_on is None or day <= entry.ends_on))
    if held:
        since = min(entry.since for entry in held)
        ends = [entry.ends_on for entry in held if entry.ends_on is not None]
        if len(ends) == len(held):
            return Standing(Support.ENDING, since, max(ends), held)
        return Standing(Support.MAINTAINED, since, None, held)
    in_force = [one for one in decided if one.since <= day and (one.until is None or day <= one.until)]
    if in_force:
        latest = max(reversed(in_force), key=lambda one: one.since)
        return Standing(latest.level, latest.since, latest.until)
    return Standing(Support.KNOWN)


def standing_for(reach: Reach, listed: Iterable[Listed], decided: Iterable[Decided], day: date) -> Standing:
    """The answer for a school: a list that does not surely serve it is as if it were not."""
    return standing([one for one in listed if one.list_slug in reach.lists], decided if reach.decisions else (), day)
