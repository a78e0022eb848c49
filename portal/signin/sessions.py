"""Open sessions: a cookie's value leads, by one query, to the person and to all that was granted to them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from portal.access import Actor, Grant
from portal.clock import Clock
from portal.db import Database
from portal.letters.models import Notice
from portal.people.badges import function_of
from portal.people.models import Accreditation, Person, Role
from portal.signin.models import OpenSession, Token
from portal.signin.secrets import digest

SEEN_EVERY = timedelta(minutes=1)
FRESH_FOR = timedelta(minutes=10)
DAY = timedelta(days=1)  # no zone is further from UTC: the exact day is judged in the accreditation's own


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session lasts: since its last page, and in all."""

    idle: timedelta
    longest: timedelta

    def allow(self, *, began_at: datetime, seen_at: datetime, now: datetime) -> bool:
        return now - seen_at < self.idle and now - began_at < self.longest


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who reads, as pages need it. `session_id`: 0 for a program, which comes with a token."""

    session_id: int
    person_id: int
    name: str
    actor: Actor
    seen_at: datetime
    proved_at: datetime | None
    news: int = 0  # what they were told and have not seen to

    def is_fresh(self, now: datetime) -> bool:
        """Whether the password was asked again less than ten minutes ago: what granting demands."""
        return self.proved_at is not None and now - self.proved_at < FRESH_FOR


def find(session: Session, value: str, limits: Limits, now: datetime) -> SignedIn | None:
    """Who holds that cookie; None when the session is over, unknown, or its account closed or joined to another."""
    rows = session.connection().execute(_query(), {"digest": digest(value), **around(now)}).mappings().all()
    if not rows:
        return None
    first = rows[0]
    if not limits.allow(began_at=first["began_at"], seen_at=first["seen_at"], now=now):
        return None
    return SignedIn(
        session_id=first["id"],
        person_id=first["person_id"],
        name=f"{first['given_name']} {first['family_name']}".strip(),
        actor=actor_of(first, rows, now),
        seen_at=first["seen_at"],
        proved_at=first["proved_at"],
        news=first["news"],
    )


@cache
def _query() -> Any:
    """Made once: making it anew for each page would cost twice what the database asks."""
    reader, whose = aliased(Person), col(OpenSession.person_id)
    news = (
        sa.select(sa.func.count())
        .select_from(Notice)
        .join(reader, col(reader.id) == col(Notice.person_id))
        .where(sa.or_(col(reader.id) == whose, col(reader.linked_to_id) == whose), col(Notice.settled_at).is_(None))
    )
    columns = (
        *(col(OpenSession.id), col(OpenSession.began_at), col(OpenSession.seen_at), col(OpenSession.proved_at)),
        news.correlate(OpenSession).scalar_subquery().label("news"),
    )
    return holder_of(OpenSession, columns).where(col(Person.linked_to_id).is_(None))


def around(now: datetime) -> dict[str, date]:
    """What `holder_of` asks besides a digest."""
    return {"yesterday": (now - DAY).date(), "tomorrow": (now + DAY).date()}


def holder_of(key: type[OpenSession] | type[Token], columns: Sequence[Any]) -> Any:
    """The open account whose session or token has the digest that will be given, with `columns` of it.

    A row per accreditation in force, or one without: those of an account linked to this one count as its own.
    """
    holder = aliased(Person)
    in_force = sa.and_(
        col(Accreditation.person_id) == holder.id,
        col(Accreditation.revoked_at).is_(None),
        col(Accreditation.until) >= sa.bindparam("yesterday"),
        col(Accreditation.starts_on) <= sa.bindparam("tomorrow"),
    )
    return (
        select(
            *columns, col(key.person_id), col(Person.given_name), col(Person.family_name), col(Person.profile),
            col(Accreditation.called), col(Accreditation.scope), col(Accreditation.zone), col(Accreditation.starts_on),
            col(Accreditation.until), col(Role.permissions), col(Role.rank),
        )  # type: ignore[call-overload]
        .join(Person, col(Person.id) == key.person_id)
        .outerjoin(holder, sa.or_(col(holder.id) == Person.id, col(holder.linked_to_id) == Person.id))
        .outerjoin(Accreditation, in_force)
        .outerjoin(Role, col(Role.id) == Accreditation.role_id)
        .where(key.digest == sa.bindparam("digest"), col(Person.closed_at).is_(None))
    )  # fmt: skip


def actor_of(first: Any, rows: Sequence[Any], now: datetime) -> Actor:
    """Who acts, from the rows of `holder_of`."""
    held = sorted((row for row in rows if row["scope"] and _holds_today(row, now)), key=lambda row: row["rank"])
    return Actor(
        key=f"person:{first['person_id']}",
        function=held[0]["called"] if held else function_of(first["profile"]),
        grants=frozenset(Grant(permission, row["scope"]) for row in held for permission in row["permissions"]),
    )


def _holds_today(row: Any, now: datetime) -> bool:
    today = now.astimezone(ZoneInfo(row["zone"])).date()
    return bool(row["starts_on"] <= today <= row["until"])


def touch(session: Session, session_id: int, now: datetime) -> None:
    """Write that the session is in use: the caller does it once a minute at most."""
    session.execute(
        sa.update(OpenSession).where(col(OpenSession.id) == session_id, col(OpenSession.seen_at) < now).values(seen_at=now)
    )


def end(session: Session, *conditions: sa.ColumnElement[bool]) -> int:
    """Delete sessions; how many there were."""
    ended: Any = session.execute(sa.delete(OpenSession).where(*conditions))
    return int(ended.rowcount)


def end_by_value(session: Session, value: str) -> OpenSession | None:
    """Sign out of this browser; what was ended, for the provider to be told."""
    held = session.exec(select(OpenSession).where(OpenSession.digest == digest(value)).with_for_update()).one_or_none()
    if held is not None:
        session.delete(held)
    return held


def is_held(session: Session, ticket: str) -> bool:
    """Whether a ticket already opened a session: the ENT should have burnt it."""
    return session.exec(select(OpenSession.id).where(OpenSession.ticket_digest == digest(ticket))).first() is not None


def end_by_ticket(session: Session, provider_id: int, ticket: str) -> int:
    """The ENT's single logout names the ticket; nobody learns whether it was held."""
    return end(session, col(OpenSession.provider_id) == provider_id, col(OpenSession.ticket_digest) == digest(ticket))


def end_by_token(session: Session, provider_id: int, *, sid: str | None, subject: str | None) -> int:
    """Back-channel logout: the session named by `sid`, or all of `subject` when none is named."""
    named = col(OpenSession.sid) == sid if sid else col(OpenSession.subject) == subject
    return end(session, col(OpenSession.provider_id) == provider_id, named)


def end_all(session: Session, person_id: int, *, but: int | None = None) -> int:
    """« Se déconnecter partout »; `but` keeps the browser that asks."""
    others = [] if but is None else [col(OpenSession.id) != but]
    return end(session, col(OpenSession.person_id) == person_id, *others)


def open_sessions(session: Session, person_id: int, limits: Limits, now: datetime) -> list[OpenSession]:
    """A person's own, the latest seen first."""
    held: Iterable[OpenSession] = session.exec(
        select(OpenSession).where(OpenSession.person_id == person_id).order_by(col(OpenSession.seen_at).desc())
    )
    return [one for one in held if limits.allow(began_at=one.began_at, seen_at=one.seen_at, now=now)]


def sweep_sessions(database: Database, limits: Limits, clock: Clock) -> None:
    """Round of the worker: forget sessions that are over. Looked for by a read, so that most rounds lock nothing."""
    now = clock.now()
    over = sa.or_(col(OpenSession.seen_at) <= now - limits.idle, col(OpenSession.began_at) <= now - limits.longest)
    with database.read() as session:
        found = session.exec(select(OpenSession.id).where(over).limit(1)).first()
    if found is not None:
        database.write(lambda session: end(session, over))
