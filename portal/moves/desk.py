"""The desk: makes a move, remembers it, tells its listeners, then people, together or not at all."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlmodel import Session

from portal.access import Actor, Policy
from portal.clock import Clock
from portal.letters.telling import settle, tell
from portal.moves.engine import HasStatus, Moved, Offer, Procedure
from portal.trail.trail import record

S = TypeVar("S", bound=HasStatus)
Listener = Callable[[Session, Moved[Any]], None]


@dataclass
class Desk:
    """The web, the API, the command line, batches and demonstration data all come here."""

    policy: Policy
    clock: Clock
    listeners: list[Listener] = field(default_factory=list)

    def at(self, instant: datetime) -> "Desk":
        """The same desk, for moves that follow from another: they happen at its instant."""
        return Desk(self.policy, Clock(real=lambda: instant), self.listeners)

    def offers(self, session: Session, procedure: Procedure[S], subject: S, actor: Actor, **given: Any) -> list[Offer]:
        """Moves this person may make now, each with what holds it back: a greyed button says why."""
        return [
            procedure.offer(move, subject, actor, {**given, **(move.facts(session, subject) if move.facts else {})})
            for move in procedure.open_moves(self.policy, subject, actor)
        ]

    def carry_out(
        self, session: Session, procedure: Procedure[S], name: str, subject: S, actor: Actor, *, reason: str = "", **given: Any
    ) -> Moved[S]:
        """Perform one move inside the caller's unit of work; without the right, nothing is read or locked."""
        self.policy.demand(actor, procedure.move(name).permission, subject)
        if facts := procedure.move(name).facts:
            given = {**given, **facts(session, subject)}
        moved = procedure.perform(self.policy, name, subject, actor, at=self.clock.now(), reason=reason, given=given)
        session.add(subject)
        session.flush()
        event = record(session, actor, subject, name, at=moved.at, reason=reason, procedure=procedure.name)  # type: ignore[arg-type]
        event.was, event.now = str(moved.was), str(moved.now)
        settle(session, subject, actor.key, moved.at)  # type: ignore[arg-type]
        for listener in self.listeners:
            listener(session, moved)
        # Last: letters say how things stand once all that follows from the move has followed.
        tell(session, (told for write in procedure.move(name).letters for told in write(session, moved)), event)
        return moved
