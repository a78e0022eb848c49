"""What each of the demonstration's providers remembers: who is signed in from which browser, and the tickets that it gave."""

import secrets
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from portal.demo.people_file import Person

LIVES = 60  # seconds between a ticket and its validation
MOST = 2000  # sessions, and tickets: the oldest goes first
MOST_VISITS = 50

Kept = TypeVar("Kept")


class Failure(StrEnum):
    """The protocol's own codes."""

    INVALID_REQUEST = "INVALID_REQUEST"
    INVALID_TICKET = "INVALID_TICKET"
    INVALID_SERVICE = "INVALID_SERVICE"


@dataclass(slots=True)
class Session:
    """One browser. It may change person: what it visited is told of its end all the same."""

    person: Person
    is_open: bool = True
    visits: deque[tuple[str, str]] = field(default_factory=lambda: deque(maxlen=MOST_VISITS))


@dataclass(frozen=True, slots=True)
class Ticket:
    """For one validation, right or wrong. `fresh`: the person has just said who they are; no cookie said it for them."""

    session: Session
    person: Person
    service: str
    fresh: bool
    until: float


class Registry:
    """Threads of the server share it; `now` counts seconds."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._sessions: OrderedDict[str, Session] = OrderedDict()
        self._tickets: OrderedDict[str, Ticket] = OrderedDict()

    def sign_in(self, person: Person, cookie: str = "") -> str:
        """The new value of the browser's cookie; the former one, if any, is worth nothing from now on."""
        new = secrets.token_urlsafe(32)
        with self._lock:
            session = self._sessions.pop(cookie, None) or Session(person)
            session.person = person
            _keep(self._sessions, new, session)
        return new

    def person(self, cookie: str) -> Person | None:
        with self._lock:
            session = self._sessions.get(cookie)
            return session.person if session else None

    def grant(self, cookie: str, service: str, *, fresh: bool) -> str | None:
        """A ticket for whoever is signed in with this cookie; None if nobody is."""
        name = f"ST-{secrets.token_hex(24)}"
        with self._lock:
            session = self._sessions.get(cookie)
            if session is None:
                return None
            _keep(self._tickets, name, Ticket(session, session.person, service, fresh, self._now() + LIVES))
        return name

    def spend(self, name: str, service: str, *, fresh: bool) -> Ticket | Failure:
        """Once, whatever comes of it."""
        with self._lock:
            ticket = self._tickets.pop(name, None)
            if ticket is None or ticket.until <= self._now() or not ticket.session.is_open:
                return Failure.INVALID_TICKET
            if ticket.service != service:
                return Failure.INVALID_SERVICE
            if fresh and not ticket.fresh:
                return Failure.INVALID_TICKET
            ticket.session.visits.append((service, name))
            return ticket

    def end(self, cookie: str) -> list[tuple[str, str]]:
        """The services that this browser visited and their tickets, which say there which session ends."""
        with self._lock:
            session = self._sessions.pop(cookie, None)
            if session is None:
                return []
            session.is_open = False
            return list(session.visits)


def _keep(table: OrderedDict[str, Kept], key: str, value: Kept) -> None:
    table[key] = value
    if len(table) > MOST:
        table.popitem(last=False)
