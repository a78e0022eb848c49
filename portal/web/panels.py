"""What a page gathers from everybody about one school: procedures register panels and pages in `app.py`, and know nothing of each other."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from flask import Flask, current_app
from flask_babel.speaklater import LazyString
from sqlmodel import Session

from portal.access import Actor
from portal.people.access import Scoped
from portal.people.places import Place
from portal.web.kit import Portal

PANELS, SCHOOL_PAGES = "panels", "school_pages"
MOST_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that waits, or comes. `quote`: people's own words; `who` answers for it; `due`: by which lines are put in order, the unknown last."""

    what: str
    url: str = ""
    note: str = ""
    quote: str = ""
    who: str = ""
    since: str = ""
    until: str = ""
    is_late: bool = False
    due: date | None = None


@dataclass(frozen=True)
class Panel:
    """`empty` is said when nothing waits; `whole`: where all the lines are, when there are more than a page shows (`more`)."""

    title: str
    empty: str
    lines: Sequence[Line] = field(default_factory=tuple)
    whole: str = ""
    more: int = 0


Source = Callable[[Session, Portal, Actor, Place, datetime], Iterable[Panel]]


def gathered(session: Session, joined: Portal, actor: Actor, place: Place, now: datetime) -> list[Panel]:
    """In the order in which sources were registered. Panels of one title are one, whoever they come from."""
    sources: Sequence[Source] = current_app.extensions[PANELS]
    found: dict[str, Panel] = {}
    for source in sources:
        for panel in source(session, joined, actor, place, now):
            was = found.get(panel.title)
            found[panel.title] = replace(was, lines=[*was.lines, *panel.lines]) if was else panel
    return [_cut(panel) for panel in found.values()]


def _cut(panel: Panel) -> Panel:
    lines = sorted(panel.lines, key=lambda one: (one.due is None, one.due or date.max))
    return replace(panel, lines=lines[:MOST_SHOWN], more=max(0, len(lines) - MOST_SHOWN))


@dataclass(frozen=True, slots=True)
class SchoolPage:
    """A page about a school, for whoever holds the permission there. `path`: after the school's own address."""

    path: str
    label: LazyString
    permission: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A school as rules judge it, known without a query."""

    scope: str
    within: str


def school_pages(joined: Portal, actor: Actor, place: Scoped) -> Iterator[tuple[str, str]]:
    """The addresses and labels of those that somebody may open."""
    registered: Sequence[SchoolPage] = current_app.extensions[SCHOOL_PAGES]
    uai = place.scope.removeprefix("school:")
    for one in registered:
        if joined.policy.may(actor, one.permission, place):
            yield f"/etablissements/{uai}/{one.path}", str(one.label)


def gather_from(app: Flask, sources: Sequence[Source], pages: Sequence[SchoolPage]) -> None:
    """What the roof joins: panels are shown in that order, and so are links to pages."""
    app.extensions[PANELS], app.extensions[SCHOOL_PAGES] = sources, pages
