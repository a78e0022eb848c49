"""Two accounts of one person: proposed by a join key, made by signing in on both sides, undone at will. Never by mail or name."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from portal.access import Actor
from portal.db import lock
from portal.errors import Unknown
from portal.people.access import PERSON
from portal.people.attaching import agree
from portal.people.models import Accreditation, Person
from portal.people.queries import account_id, is_account_of
from portal.signin.accounts import find_identity, trusted_key
from portal.signin.claims import Claims
from portal.signin.models import Identity, OpenSession, Provider
from portal.signin.refusals import Motive, SignInRefused
from portal.signin.sessions import around, end
from portal.text import Sentence
from portal.trail.trail import record

NO_SUCH_LINK = Sentence("Ce compte n’est pas relié au vôtre. Rechargez « Mon compte ».")


def proposed(session: Session, person_id: int) -> Sequence[Provider]:
    """Open providers at which another account has a join key of this one's: both sides are declared to send it."""
    mine, there = aliased(Identity), aliased(Provider)
    keys = (
        select(mine.id)
        .join(Person, col(Person.id) == mine.person_id)
        .join(there, col(there.id) == mine.provider_id)
        .where(
            is_account_of(person_id),
            mine.join_key == Identity.join_key,
            mine.provider_id != Identity.provider_id,
            col(there.gives_join_key),
        )
        .correlate(Identity)
    )
    known = (
        select(Identity.provider_id)
        .join(Person, col(Person.id) == Identity.person_id)
        .where(Identity.join_key != "", col(Person.closed_at).is_(None), account_id() != person_id, keys.exists())
    )
    open_ones = select(Provider).where(col(Provider.enabled), col(Provider.gives_join_key), col(Provider.id).in_(known))
    return session.exec(open_ones.order_by(col(Provider.label))).all()


def link(session: Session, actor: Actor, person_id: int, provider: Provider, claims: Claims, *, now: datetime) -> None:
    """The account known there joins that of `person_id`, who is signed in: it stands for both, and the other's sessions end."""
    identity = find_identity(session, provider, claims)
    if identity is None:
        raise SignInRefused(Motive.NOT_YOURS, "nobody came in by this identity")
    known = session.get_one(Person, identity.person_id)
    mine, other = session.get_one(Person, person_id), session.get_one(Person, known.account_id)
    for one in sorted({mine.key: mine, other.key: other}.values(), key=lambda person: person.key):
        lock(session, one)  # in one order: two tabs may come each from its side
    session.refresh(known)
    if not _stand(mine, other, known):
        raise SignInRefused(Motive.EXPIRED, "linked or closed in the meantime")
    if not _is_same(session, person_id, provider, claims):
        raise SignInRefused(Motive.NOT_YOURS, "not the same join key on both sides")
    if mine.key == other.key:
        return  # a double click: linked already
    if _granted_between(session, mine, other, now):
        raise SignInRefused(Motive.OWN_GRANT, "one of the accounts granted a role to the other")
    for one in session.exec(select(Person).where(is_account_of(other.key))):
        one.linked_to_id = mine.key
    session.flush()
    agree(session, mine.key)
    end(session, col(OpenSession.person_id) == other.key)
    _tell(session, actor, "linked", mine, other, provider=provider.slug, at=now)


def unlink(session: Session, actor: Actor, person_id: int, linked_id: int, *, now: datetime) -> None:
    """Each account has its own again: schools, roles, tokens. What was opened by the other's identities ends."""
    mine = session.get_one(Person, person_id)
    lock(session, mine)
    other = session.exec(select(Person).where(Person.id == linked_id, Person.linked_to_id == person_id)).one_or_none()
    if other is None:
        raise Unknown(NO_SUCH_LINK)
    other.linked_to_id = None
    for identity in session.exec(select(Identity).where(Identity.person_id == other.key)):
        end(
            session,
            col(OpenSession.person_id) == mine.key,
            col(OpenSession.provider_id) == identity.provider_id,
            col(OpenSession.subject) == identity.subject,
        )
    _tell(session, actor, "unlinked", mine, other, at=now)


def _stand(mine: Person, other: Person, known: Person) -> bool:
    """Whether each still stands for itself, once what was waited for is done."""
    return (
        known.account_id == other.key
        and {mine.linked_to_id, other.linked_to_id} == {None}
        and {mine.closed_at, other.closed_at} == {None}
    )


def _tell(session: Session, actor: Actor, move: str, mine: Person, other: Person, *, at: datetime, **details: str) -> None:
    """On both accounts: each reads its own story."""
    record(session, actor, mine, move, at=at, account=other.actor_key, **details)
    record(session, actor, other, move, at=at, account=mine.actor_key, **details)


def _is_same(session: Session, person_id: int, provider: Provider, claims: Claims) -> bool:
    """By what the provider says at this very sign-in, against what another one said of the person."""
    key = trusted_key(provider, claims)
    same = (
        select(Identity.id)
        .join(Person, col(Person.id) == Identity.person_id)
        .join(Provider, col(Provider.id) == Identity.provider_id)
        .where(
            is_account_of(person_id),
            Identity.join_key == key,
            Identity.provider_id != provider.key,
            col(Provider.gives_join_key),
        )
    )
    return bool(key) and session.exec(same).first() is not None


def _granted_between(session: Session, mine: Person, other: Person, now: datetime) -> bool:
    """Whether one of two accounts holds, or will, what the other granted, wherever it still is that day."""
    both = sa.or_(is_account_of(mine.key), is_account_of(other.key))
    keys = [f"{PERSON}{one}" for one in session.exec(select(Person.id).where(both))]
    held = (
        select(Accreditation.id)
        .join(Person, col(Person.id) == Accreditation.person_id)
        .where(
            both,
            col(Accreditation.granted_by).in_(keys),
            col(Accreditation.revoked_at).is_(None),
            col(Accreditation.until) >= around(now)["yesterday"],
        )
    )
    return session.exec(held.limit(1)).first() is not None
