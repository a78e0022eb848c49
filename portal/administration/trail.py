"""The trail as a page shows it: newest first, filtered, and walked by the number of its events rather than by counting them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import orjson
import sqlalchemy as sa
from sqlmodel import Session, col, select

from portal.territories.queries import ELSEWHERE
from portal.text import french
from portal.trail.models import Event
from portal.trail.words import Words
from portal.web.language import day, hour, say

PATH = "/administration/trace"
PER_PAGE = 50
LONGEST_DETAILS = 2000


@dataclass(frozen=True, slots=True)
class Filter:
    """What is asked for; empty: everything. Both days are whole, in `zone`."""

    kind: str = ""
    move: str = ""
    actor: str = ""
    since: date | None = None
    until: date | None = None
    zone: str = ELSEWHERE

    @property
    def asked(self) -> dict[str, str]:
        """As an address says it."""
        days = {"du": self.since.isoformat() if self.since else "", "au": self.until.isoformat() if self.until else ""}
        return {
            name: said for name, said in ({"nature": self.kind, "etape": self.move, "acteur": self.actor} | days).items() if said
        }

    def url(self, path: str = PATH, **more: str) -> str:
        said = self.asked | more
        return f"{path}?{urlencode(said)}" if said else path

    def rows(self) -> Any:
        equal = {"subject_kind": self.kind, "move": self.move, "actor": self.actor}
        query = select(Event).where(*(getattr(Event, name) == wanted for name, wanted in equal.items() if wanted))
        if self.since:
            query = query.where(col(Event.at) >= self._midnight(self.since))
        if self.until:
            query = query.where(col(Event.at) < self._midnight(self.until + timedelta(days=1)))
        return query

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), ZoneInfo(self.zone)).astimezone(UTC)


@dataclass(frozen=True)
class Line:
    """An event in words; `move` is a code when nobody says it."""

    key: int
    iso: str
    day: str
    hour: str
    function: str
    actor: str
    actor_url: str
    move: str
    kind: str
    subject: str
    change: str
    reason: str
    details: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Trail:
    """What `administration/trail.html` shows; an empty address leads nowhere."""

    lines: list[Line]
    newer: str
    older: str
    newest: str
    file: str
    zone: str
    is_filtered: bool


def trail(session: Session, asked: Filter, words: Words, *, before: int = 0, after: int = 0) -> Trail:
    rows, has_newer, has_older = _page(session, asked, before, after)
    return Trail(
        lines=[_line(one, asked, words) for one in rows],
        newer=asked.url(apres=str(rows[0].key)) if rows and has_newer else "",
        older=asked.url(avant=str(rows[-1].key)) if rows and has_older else "",
        newest=asked.url() if before or after else "",
        file=asked.url(f"{PATH}.csv") if rows else "",
        zone=asked.zone,
        is_filtered=bool(asked.asked),
    )


def older(session: Session, asked: Filter, before: int, most: int) -> Sequence[Event]:
    """The newest events of those before a number; 0: of all."""
    query = asked.rows().where(col(Event.id) < before) if before else asked.rows()
    found: Sequence[Event] = session.exec(query.order_by(col(Event.id).desc()).limit(most)).all()
    return found


def _details(event: Event) -> list[tuple[str, str]]:
    """What the line does not say yet."""
    said = {**event.details}
    if said.get("procedure") == event.subject_kind:
        del said["procedure"]
    return [(name, _plain(value)) for name, value in sorted(said.items()) if value not in (None, "", [], {})]


def _page(session: Session, asked: Filter, before: int, after: int) -> tuple[list[Event], bool, bool]:
    """One page, whether there is something newer, and something older. The first page is always a whole one."""
    if after:
        query = asked.rows().where(col(Event.id) > after).order_by(col(Event.id)).limit(PER_PAGE + 1)
        rows = session.exec(query).all()
        if len(rows) > PER_PAGE:
            return list(reversed(rows[:PER_PAGE])), True, _any(session, asked, col(Event.id) <= after)
        before = 0
    rows = older(session, asked, before, PER_PAGE + 1)
    return list(rows[:PER_PAGE]), bool(before) and _any(session, asked, col(Event.id) >= before), len(rows) > PER_PAGE


def _any(session: Session, asked: Filter, condition: sa.ColumnElement[bool]) -> bool:
    return session.exec(asked.rows().where(condition).limit(1)).first() is not None


def _line(event: Event, asked: Filter, words: Words) -> Line:
    at = event.at.astimezone(ZoneInfo(asked.zone))
    kind, move = words.kinds.get(event.subject_kind), words.moves.get(event.move)
    return Line(
        key=event.key,
        iso=at.isoformat(timespec="seconds"),
        day=day(at.date()),
        hour=hour(at.time()),
        function=french(event.function),
        actor=event.actor,
        actor_url="" if asked.actor == event.actor else f"{PATH}?{urlencode({'acteur': event.actor})}",
        move=say(move) if move else event.move,
        kind=say(kind) if kind else event.subject_kind,
        subject=f"{event.subject_kind}:{event.subject_id}",
        change=f"{event.was} → {event.now}" if event.was != event.now else "",
        reason=french(event.reason),
        details=_details(event),
    )


def _plain(value: Any) -> str:
    """A value as it is written; what is no text, no number and no list of texts, as JSON."""
    if isinstance(value, str | int | float):
        return str(value)[:LONGEST_DETAILS]
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value)[:LONGEST_DETAILS]
    if isinstance(value, Mapping | list):
        return orjson.dumps(value).decode()[:LONGEST_DETAILS]
    return str(value)
