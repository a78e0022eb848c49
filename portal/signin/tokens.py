"""Personal tokens: what a program shows instead of a session, for some of its owner's permissions and some time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from portal.access import Actor, Policy
from portal.clock import Clock
from portal.db import Database, lock
from portal.errors import Refused, Unknown
from portal.people.models import Person
from portal.people.queries import is_account_of
from portal.signin.models import Token
from portal.signin.secrets import digest, drawn
from portal.signin.sessions import SignedIn, actor_of, around, holder_of
from portal.text import Sentence
from portal.trail.trail import record

MARK = "lgt_"  # before each value: a scanner of leaked secrets knows it, and so does whoever finds it in a file
USUAL, LONGEST = 90, 366  # days
MOST = 20  # tokens in use of one person
TOLD_FOR = timedelta(days=30)  # how long an expired token stays in its owner's list
NO_SUCH_TOKEN = Sentence("Ce jeton n’est pas dans votre liste. Rechargez la page de vos jetons.")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants: a name of their own, permissions, a life in days."""

    label: str
    scopes: Sequence[str]
    days: int = USUAL


@dataclass(frozen=True, slots=True)
class Shown:
    """A token as its program showed it, and who it acts for."""

    id: int
    label: str
    scopes: tuple[str, ...]
    expires_at: datetime
    used_at: datetime | None
    signed_in: SignedIn


def new_value() -> str:
    return MARK + drawn()


def make(
    session: Session, policy: Policy, actor: Actor, person: Person, wish: Wish, *, now: datetime, value: str = ""
) -> tuple[Token, str]:
    """The row, and the value that is shown once: drawn here, unless the caller has drawn it."""
    lock(session, person)  # a double click: the second sees what the first made
    if said := _faults(session, policy, person, wish, now):
        raise Refused(said)
    value = value or new_value()
    token = Token(
        digest=digest(value),
        person_id=person.key,
        label=wish.label,
        scopes=sorted(set(wish.scopes)),
        made_at=now,
        expires_at=now + timedelta(days=wish.days),
    )
    session.add(token)
    session.flush()
    record(session, actor, token, "made", at=now)
    return token, value


def _faults(session: Session, policy: Policy, person: Person, wish: Wish, now: datetime) -> list[Sentence]:
    said = []
    if person.closed_at is not None:
        said.append(Sentence("Ce compte est fermé. La personne doit d’abord se connecter à nouveau."))
    if not wish.label.strip():
        said.append(Sentence("Il manque le nom du jeton. Écrivez à quoi il servira."))
    if not wish.scopes:
        said.append(Sentence("Il manque une permission. Choisissez au moins ce que le jeton doit permettre."))
    said += [
        Sentence("« %(permission)s » n’est pas une permission d’ici. Choisissez-en une autre.", permission=one)
        for one in wish.scopes
        if one not in policy.rules
    ]
    if not 1 <= wish.days <= LONGEST:
        said.append(Sentence("Un jeton vit de 1 à %(most)s jours. Choisissez une autre durée.", most=LONGEST))
    if len([one for one in own(session, person.key, now) if one.expires_at > now]) >= MOST:
        said.append(Sentence("Vous avez déjà %(most)s jetons. Révoquez-en un qui ne sert plus, puis recommencez.", most=MOST))
    return said


def find(session: Session, value: str, now: datetime) -> Shown | None:
    """Whose value it is, by one query; None when it is wrong, expired or revoked, or its account closed."""
    rows = session.execute(_query(), {"digest": digest(value), "now": now, **around(now)}).mappings().all()
    if not rows:
        return None
    first = rows[0]
    return Shown(
        id=first["id"],
        label=first["label"],
        scopes=tuple(first["scopes"]),
        expires_at=first["expires_at"],
        used_at=first["used_at"],
        signed_in=SignedIn(
            session_id=0,
            person_id=first["person_id"],
            name=f"{first['given_name']} {first['family_name']}".strip(),
            actor=_limited(actor_of(first, rows, now), frozenset(first["scopes"])),
            seen_at=first["used_at"] or first["made_at"],
            proved_at=None,
        ),
    )


@cache
def _query() -> Any:
    columns = (col(Token.id), col(Token.label), col(Token.scopes), col(Token.made_at), col(Token.expires_at), col(Token.used_at))
    return holder_of(Token, columns).where(col(Token.expires_at) > sa.bindparam("now"), col(Token.revoked_at).is_(None))


def _limited(actor: Actor, only: frozenset[str]) -> Actor:
    """Rules that look at grants themselves, and not through the policy, find no more than the token's."""
    return replace(actor, grants=frozenset(grant for grant in actor.grants if grant.permission in only), only=only)


def touch(session: Session, token_id: int, now: datetime) -> None:
    """Write that the token is in use: the caller does it once a minute at most."""
    earlier = sa.or_(col(Token.used_at).is_(None), col(Token.used_at) < now)
    session.execute(sa.update(Token).where(col(Token.id) == token_id, earlier).values(used_at=now))


def revoke(session: Session, actor: Actor, person_id: int, token_id: int, now: datetime) -> None:
    """By its owner; it opens nothing from the next request on. Revoked already, it is no longer in the list."""
    token = session.exec(_of(person_id).where(Token.id == token_id)).one_or_none()
    if token is None:
        raise Unknown(NO_SUCH_TOKEN)
    lock(session, token)
    if token.revoked_at is None:
        token.revoked_at = now
        record(session, actor, token, "revoked", at=now)


def own(session: Session, person_id: int, now: datetime) -> Sequence[Token]:
    """A person's tokens, the latest made first: those in use, and those that expired a short time ago."""
    asked = _of(person_id).where(col(Token.expires_at) > now - TOLD_FOR)
    held: Sequence[Token] = session.exec(asked.order_by(col(Token.made_at).desc(), col(Token.id).desc())).all()
    return held


def made_with(session: Session, person_id: int, value: str) -> Token | None:
    """The person's token of that value, revoked or not."""
    return session.exec(select(Token).where(Token.digest == digest(value), Token.person_id == person_id)).one_or_none()


def _of(person_id: int) -> Any:
    """Tokens of an account linked to this one are its owner's too."""
    return (
        select(Token)
        .join(Person, col(Person.id) == Token.person_id)
        .where(is_account_of(person_id), col(Token.revoked_at).is_(None))
    )


def sweep_tokens(database: Database, clock: Clock) -> None:
    """Round of the worker: forget those that expired long ago. Looked for by a read, so that most rounds lock nothing."""
    over = col(Token.expires_at) <= clock.now() - TOLD_FOR
    with database.read() as session:
        found = session.exec(select(Token.id).where(over).limit(1)).first()
    if found is not None:
        database.write(lambda session: session.execute(sa.delete(Token).where(over)))
