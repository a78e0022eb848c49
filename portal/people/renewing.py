"""Renewing a whole school: what has ended with the school year, or will, granted again line by line as any role is."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from portal.access import Actor, Policy
from portal.db import lock
from portal.errors import NotAllowed, Refused
from portal.people.granting import Wish, grant, usual_end
from portal.people.models import Accreditation, Attachment, Person, Role, ScopeKind, Standing
from portal.people.places import Place
from portal.people.queries import HOLDS, account_id, granted_with_account
from portal.text import Sentence, french

DAY = timedelta(days=1)
LOOKED_BACK = timedelta(days=122)  # from 31 August to 31 December: an autumn to renew what the last school year ended
WHY = "Renouvellement de la fonction, d’une année scolaire à l’autre."
REVOKED = Sentence("Cette fonction a été retirée entre-temps. Confiez-la à nouveau depuis la page de l’équipe, s’il le faut.")
DETACHED = Sentence(
    "Le rattachement de cette personne à l’établissement est terminé. Rétablissez-le d’abord depuis les rattachements."
)

Row = tuple[Accreditation, Person, Role]


class Obstacle(StrEnum):
    """Why a line is shown without being offered."""

    RENEWED = "renewed"  # it goes on: granted again already
    RUNNING = "running"  # it lasts until the day that the others are renewed to
    CLOSED = "closed"
    DETACHED = "detached"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Line:
    """A role of a person, by the accreditation that ends last. `person`: the account that stands for those linked to it."""

    accreditation: Accreditation
    person: Person
    role: Role
    obstacle: Obstacle | None


@dataclass(frozen=True, slots=True)
class Renewal:
    """`ends`: the end of the school year it is. `until`: to when one renews, which is `ends` while what the last year ended is not over with."""

    today: date
    ends: date
    until: date
    lines: list[Line]

    @property
    def is_return(self) -> bool:
        """Whether the year that has begun is renewed for, and not the next one."""
        return self.until == self.ends


@dataclass(frozen=True, slots=True)
class Again:
    """What is asked: which accreditations go on, until when, and by what lettre de mission."""

    keys: Collection[int]
    until: date
    letter: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """A line that was asked: `until` when it was renewed, else the reasons why it was not."""

    person: Person
    called: str
    until: date | None
    reasons: Sequence[Sentence] = ()


def renewal(session: Session, policy: Policy, actor: Actor, place: Place, now: datetime) -> Renewal:
    """What ends by the end of the school year or ended lately, of the roles that the reader grants there."""
    today = _today(place, now)
    ends = usual_end(today)
    before = ends.replace(year=ends.year - 1)
    rows = [
        row
        for row in _rows(session, policy, actor, place, today)
        if row[0].revoked_at is None and not before < row[0].until < today  # what was given a shorter time has had it
    ]
    detached = _detached(session, place, (person for _held, person, _role in rows))
    barred = {person.key: _barred(actor, person, detached) for _held, person, _role in rows}
    is_return = any(held.until <= before and barred[person.key] is None for held, person, _role in rows)
    until = ends if is_return else usual_end(ends + DAY)
    held_by: dict[tuple[int, int], list[Row]] = defaultdict(list)
    for row in rows:
        held_by[row[1].key, row[2].key].append(row)
    lines = []
    for pair in held_by.values():
        held, person, role = max(pair, key=lambda row: (row[0].until, row[0].key))
        if min(row[0].until for row in pair) <= ends:
            goes_on = held.until > ends or held.until >= until
            alone = Obstacle.RUNNING if len(pair) == 1 else Obstacle.RENEWED
            lines.append(Line(held, person, role, alone if goes_on else barred[person.key]))
    return Renewal(today, ends, until, lines)


def renew(session: Session, policy: Policy, actor: Actor, place: Place, asked: Again, *, now: datetime) -> list[Judged]:
    """Each line is judged by itself and stops no other. What is not of that school, or not the reader's to grant, is not reached."""
    today = _today(place, now)
    known = {row[0].key: row for row in _rows(session, policy, actor, place, today)}
    chosen = [known[key] for key in asked.keys if key in known]
    people = {person.key: person for _held, person, _role in chosen}
    for key in sorted(people):  # an attachment that is ended at the same time waits, or is seen
        lock(session, people[key])
    detached = _detached(session, place, people.values())
    judged = {}
    for held, person, role in sorted(chosen, key=lambda row: (row[1].key, row[0].key)):
        lock(session, held)  # so does what is revoked
        wish = Wish(person, role, place, max(held.until + DAY, today), asked.until, asked.letter, french(WHY))
        judged[held.key] = _judged(session, policy, actor, wish, held, is_detached=person.key in detached, now=now)
    return [judged[key] for key in known if key in judged]


def _judged(
    session: Session, policy: Policy, actor: Actor, wish: Wish, held: Accreditation, *, is_detached: bool, now: datetime
) -> Judged:
    if held.revoked_at is not None or is_detached:
        return Judged(wish.person, held.called, None, [DETACHED if held.revoked_at is None else REVOKED])
    try:
        granted = grant(session, policy, actor, wish, now)
    except (NotAllowed, Refused) as refused:
        return Judged(wish.person, held.called, None, refused.reasons)
    return Judged(wish.person, granted.called, granted.until)


def _today(place: Place, now: datetime) -> date:
    return now.astimezone(ZoneInfo(place.zone)).date()


def _rows(session: Session, policy: Policy, actor: Actor, place: Place, today: date) -> list[Row]:
    """All that is held there since lately, revoked or not, of roles that the reader grants; the first role first, then by name."""
    roles = session.exec(select(Role).where(Role.scope_kind == ScopeKind.SCHOOL).order_by(col(Role.rank))).all()
    grantable = {one.key: one for one in roles if policy.may(actor, one.granted_with, place)}
    granted, account = granted_with_account()
    rows = session.execute(
        granted.where(
            Accreditation.scope == place.scope,
            col(Accreditation.role_id).in_(grantable),
            col(Accreditation.until) >= today - LOOKED_BACK,
        ).order_by(col(account.sort_key), col(account.id), col(Accreditation.until), col(Accreditation.id))
    ).all()
    found = [(held, person, grantable[held.role_id]) for held, person in rows]
    return sorted(found, key=lambda row: (row[2].rank, row[2].key))


def _detached(session: Session, place: Place, people: Iterable[Person]) -> set[int]:
    """Accounts that the school has let go: nothing they are linked to is attached there, and an end was decided."""
    keys = sorted({one.key for one in people})
    rows: Sequence[Any] = session.execute(
        select(account_id(), Attachment.standing, Attachment.settled_at)
        .join(Person, col(Person.id) == Attachment.person_id)
        .where(Attachment.uai == place.scope.removeprefix("school:"), account_id().in_(keys))
    ).all()
    ended = {key for key, standing, settled_at in rows if standing is Standing.ENDED or settled_at is not None}
    return ended - {key for key, standing, _settled_at in rows if standing in HOLDS}


def _barred(actor: Actor, person: Person, detached: Collection[int]) -> Obstacle | None:
    if person.closed_at is not None:
        return Obstacle.CLOSED
    if person.key in detached:
        return Obstacle.DETACHED
    return Obstacle.OWN if actor.key == person.actor_key else None
