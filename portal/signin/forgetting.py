"""Closing an account and forgetting who it was: after a year without a sign-in, or because the person asks.

What was decided stays, signed by the function; names, addresses, identifiers and texts about the person go.
"""

from datetime import datetime, timedelta
from functools import partial

import sqlalchemy as sa
from sqlmodel import Session, col, select

from portal.access import Actor, Policy
from portal.db import Database, lock
from portal.people.granting import revoke
from portal.people.models import Accreditation, Attachment, Person
from portal.people.queries import accreditations_of, is_account_of
from portal.signin.models import Identity, OpenSession, Token
from portal.text import Sentence, fold, french
from portal.trail.trail import record

KEPT_FOR = timedelta(days=365)
WHY = Sentence("Compte fermé : la fonction s’arrête avec lui.")


def unseen(session: Session, now: datetime) -> list[int]:
    """Keys of accounts; linked ones follow the one that stands for them."""
    late = col(Person.seen_at) <= now - KEPT_FOR
    found = select(Person).where(late, col(Person.closed_at).is_(None), col(Person.linked_to_id).is_(None))
    return [one.key for one in session.exec(found.order_by(col(Person.id)))]


def forget_unseen(database: Database, policy: Policy, actor: Actor, now: datetime) -> int:
    """How many were closed. Each by itself: whoever signs in meanwhile stays, and nobody waits for the whole."""
    with database.read() as session:
        found = unseen(session, now)
    return sum(database.write(partial(_if_unseen, policy=policy, actor=actor, key=key, now=now)) for key in found)


def forget(session: Session, policy: Policy, actor: Actor, key: int, *, now: datetime) -> None:
    """The account and those linked to it. Nobody finds them again: a later sign-in makes a new one."""
    person = _held(session, key)
    accounts = session.exec(select(Person).where(is_account_of(key)).order_by(col(Person.id))).all()
    keys = [one.key for one in accounts]
    for granted in accreditations_of(session, key, now):
        revoke(session, policy, actor, granted, reason=french(WHY), now=now)
    session.flush()
    for table in (OpenSession, Token, Identity, Attachment):
        session.execute(sa.delete(table).where(col(table.person_id).in_(keys)))
    theirs = col(Accreditation.person_id).in_(keys)
    session.execute(sa.update(Accreditation).where(theirs).values(letter="", reason="", revoke_reason=""))
    for one in accounts:
        one.given_name, one.email, one.family_name = "", "", Sentence("Compte fermé n° %(number)s", number=one.key)
        one.sort_key, one.closed_at = fold(one.family_name), now
    record(session, actor, person, "forgotten", at=now)


def _if_unseen(session: Session, *, policy: Policy, actor: Actor, key: int, now: datetime) -> bool:
    person = _held(session, key)
    if person.closed_at is not None or person.linked_to_id is not None or person.seen_at > now - KEPT_FOR:
        return False
    forget(session, policy, actor, key, now=now)
    return True


def _held(session: Session, key: int) -> Person:
    """Identities first, as a sign-in does: two that wait for each other would both wait for ever."""
    session.exec(
        select(Identity)
        .join(Person, col(Person.id) == Identity.person_id)
        .where(is_account_of(key))
        .order_by(col(Identity.id))
        .with_for_update(of=Identity)
    ).all()
    person = session.get_one(Person, key)
    lock(session, person)
    return person
