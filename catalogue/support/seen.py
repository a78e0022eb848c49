"""A title's standing as the index holds it, for the territory, and as one school sees it: plain values, no query."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from catalogue.support.models import Support
from catalogue.support.rules import Decided, Listed, Reach, Standing, standing, standing_for

Seen = Mapping[str, Any]
UNDECIDED: Seen = {"level": Support.KNOWN.value, "since": None, "until": None, "lists": [], "version": ""}


def for_territory(listed: Iterable[Listed], decided: Iterable[Decided], day: date) -> dict[str, Any]:
    """Besides the answer, what a school's answer is made of: the entries in force, and the decision that they hide."""
    decided = list(decided)
    held = standing(listed, decided, day)
    kept = _shown(held)
    if held.listed:
        kept["entries"] = [(one.list_slug, one.since, one.ends_on, one.version_label) for one in held.listed]
        kept["hidden"] = _shown(standing((), decided, day))
    return kept


def for_school(at: Seen, reach: Reach | None, day: date) -> Seen:
    """`at` itself when the school's answer is the territory's, which spares making it again. `reach` None: the territory's."""
    entries = at.get("entries", ())
    if reach is None or (reach.decisions and all(entry[0] in reach.lists for entry in entries)):
        return at
    off = off_lists(at)
    listed = [Listed(slug, _day(since) or day, _day(ends_on), version) for slug, since, ends_on, version in entries]
    decided = [Decided(Support(off["level"]), _day(off["since"]) or day, _day(off["until"]))] if off["since"] else []
    held = standing_for(reach, listed, decided, day)
    return at if not entries and held.level.value == at["level"] else _shown(held, text=True)


def off_lists(at: Seen) -> Seen:
    """What would be said were the title on no list."""
    hidden: Seen = at.get("hidden", at)
    return hidden


def _shown(held: Standing, *, text: bool = False) -> dict[str, Any]:
    since, until = (value.isoformat() if text and value else value for value in (held.since, held.until))
    return {
        "level": held.level.value,
        "since": since,
        "until": until,
        "lists": [one.list_slug for one in held.listed],
        "version": next((one.version_label for one in held.listed if one.version_label), ""),
    }


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None
