"""A procedure is a table of moves, and this is the only way to judge or make one. Knows neither Flask nor SQL."""

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

from portal.access import Actor, Policy
from portal.errors import OutOfDate, Refused
from portal.text import Sentence


class HasStatus(Protocol):
    """What moves: any row with a status."""

    status: Any


S = TypeVar("S", bound=HasStatus)
NO_REASON = Sentence("Il manque la raison. Écrivez-la en une phrase : elle sera lue par les personnes concernées.")

# A guard returns the sentence that explains its refusal, or None. It sees the subject, the actor and what was given.
Guard = Callable[[Any, Actor, dict[str, Any]], Sentence | None]
Effect = Callable[[Any, "Moved[Any]"], None]
# What guards need beyond the subject (how many seats are taken…): the desk reads it, under lock, before judging.
Facts = Callable[[Any, Any], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Moved(Generic[S]):
    """What happened: the trail, the letters and the listeners are all fed from this."""

    procedure: str
    move: str
    subject: S
    actor: Actor
    was: StrEnum
    now: StrEnum
    at: datetime
    reason: str = ""
    given: dict[str, Any] = field(default_factory=dict)


# Whom a move is told to, and in which words (`portal.letters.telling.Told`); the session, to find them.
Letters = Callable[[Any, Moved[Any]], Iterable[Any]]


@dataclass(frozen=True, slots=True)
class Move:
    """One line of a procedure's table. `label` is the verb on the button."""

    name: str
    label: Sentence
    sources: AbstractSet[StrEnum]
    target: StrEnum
    permission: str
    guards: tuple[Guard, ...] = ()
    facts: Facts | None = None
    effect: Effect | None = None
    letters: tuple["Letters", ...] = ()
    needs_reason: bool = False
    asks: Mapping[str, Sentence] = field(default_factory=dict)  # values that must be given, and what is said when one is missing


@dataclass(frozen=True, slots=True)
class Offer:
    """A move that a person may make from here, with the reasons that hold it back, if any."""

    move: Move
    reasons: tuple[Sentence, ...]


@dataclass(frozen=True)
class Procedure(Generic[S]):
    """A name, the states, and the moves between them."""

    name: str
    states: type[StrEnum]
    moves: tuple[Move, ...]

    def move(self, name: str) -> Move:
        for move in self.moves:
            if move.name == name:
                return move
        raise RuntimeError(f"Procedure {self.name!r} has no move {name!r}: see its table.")

    def open_moves(self, policy: Policy, subject: S, actor: Actor) -> list[Move]:
        """The moves that lead from here and are this person's, before any rule is asked."""
        return [move for move in self.moves if subject.status in move.sources and policy.may(actor, move.permission, subject)]

    def offer(self, move: Move, subject: S, actor: Actor, given: dict[str, Any]) -> Offer:
        """What would hold the move back, what people have not been asked yet aside: rules then see no value for it."""
        return Offer(move, tuple(_judged(move, subject, actor, given)))

    def perform(
        self,
        policy: Policy,
        name: str,
        subject: S,
        actor: Actor,
        *,
        at: datetime,
        reason: str = "",
        given: dict[str, Any] | None = None,
    ) -> Moved[S]:
        """Judge a move, then make it: right first (it must not leak the state), then state, then rules."""
        move, given = self.move(name), given or {}
        policy.demand(actor, move.permission, subject)
        if subject.status not in move.sources:
            raise OutOfDate(Sentence("La situation a changé entre-temps : cette étape n’est plus possible. Rechargez la page."))
        missing = [said for asked, said in move.asks.items() if not str(given.get(asked) or "").strip()]
        if move.needs_reason and not reason.strip():
            missing.append(NO_REASON)
        if reasons := missing or _judged(move, subject, actor, given):
            raise Refused(reasons)
        moved = Moved(self.name, name, subject, actor, subject.status, move.target, at, reason, given)
        subject.status = move.target
        if move.effect:
            move.effect(subject, moved)
        return moved


def _judged(move: Move, subject: Any, actor: Actor, given: dict[str, Any]) -> list[Sentence]:
    said = [guard(subject, actor, given) for guard in move.guards]
    return [sentence for sentence in said if sentence]
