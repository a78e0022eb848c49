"""Closing an account and forgetting who it was: after a year without a sign-in, or because the person asks.

What was decided stays, signed by the function; names, addresses, identifiers and texts about the person go.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial

import sqlalchemy as sa
from sqlmodel import Session, col, select

from portal.access import Actor, Policy
from portal.db import Database, lock
from portal.errors import DomainError
from portal.letters.keeping import forget_letters
from portal.people.about import AboutPeople
from portal.people.granting import revoke
from portal.people.models import Accreditation, Attachment, Person
from portal.people.queries import accreditations_of, is_account_of
from portal.retries.models import KeptAnswer
from portal.signin.models import Identity, OpenSession, Token
from portal.text import Sentence, fold, french
from portal.trail.trail import record

log = logging.getLogger(__name__)
KEPT_FOR = timedelta(days=365)
WHY = Sentence("Compte fermé : la fonction s’arrête avec lui.")


def unseen(session: Session, now: datetime) -> list[int]:
    """Keys of accounts; linked ones follow the one that stands for them."""
    return [one.key for one in session.exec(select(Person).where(_is_unseen(now)).order_by(col(Person.id)))]


def forget_unseen(
    database: Database, policy: Policy, actor: Actor, now: datetime, *, also: Iterable[AboutPeople] = ()
) -> tuple[int, int]:
    """How many were closed, and how many could not be. Each by itself: whoever signs in meanwhile stays, and stops no other."""
    with database.read() as session:
        found = unseen(session, now)
    done = [_tried(database, partial(_if_unseen, policy=policy, actor=actor, key=key, now=now, also=tuple(also))) for key in found]
    return done.count(True), done.count(None)


def forget(session: Session, policy: Policy, actor: Actor, key: int, *, now: datetime, also: Iterable[AboutPeople] = ()) -> None:
    """All the accounts of a person. Nobody finds them again: a later sign-in makes a new one. `also`: what upper floors hold."""
    accounts = _held(session, key)
    keys = [one.key for one in accounts]
    for granted in accreditations_of(session, accounts[0].account_id, now):
        lock(session, granted)
        if granted.revoked_at is None:
            revoke(session, policy, actor, granted, reason=french(WHY), now=now)
    session.flush()
    for table in (OpenSession, Token, Identity, Attachment, KeptAnswer):
        session.execute(sa.delete(table).where(col(table.person_id).in_(keys)))
    forget_letters(session, keys, now)
    for one in also:
        one.forget(session, keys)
    theirs = col(Accreditation.person_id).in_(keys)
    session.execute(sa.update(Accreditation).where(theirs).values(letter="", reason="", revoke_reason=""))
    for account in accounts:
        account.given_name, account.email = "", ""
        account.family_name = Sentence("Compte fermé n° %(number)s", number=account.key)
        account.sort_key, account.closed_at = fold(account.family_name), now
        record(session, actor, account, "forgotten", at=now)


def _tried(database: Database, work: Callable[[Session], bool]) -> bool | None:
    try:
        done: bool = database.write(work)
    except DomainError:
        log.exception("an account could not be closed")
        return None
    return done


def _if_unseen(session: Session, *, policy: Policy, actor: Actor, key: int, now: datetime, also: Iterable[AboutPeople]) -> bool:
    _held(session, key)
    if session.exec(select(Person.id).where(Person.id == key, _is_unseen(now))).first() is None:
        return False
    forget(session, policy, actor, key, now=now, also=also)
    return True


def _is_unseen(now: datetime) -> sa.ColumnElement[bool]:
    late = col(Person.seen_at) <= now - KEPT_FOR
    return sa.and_(late, col(Person.closed_at).is_(None), col(Person.linked_to_id).is_(None))


def _held(session: Session, key: int) -> list[Person]:
    """The accounts of a person, locked. Identities first, as a sign-in does: two that wait for each other would both wait for ever."""
    account = session.get_one(Person, key).account_id
    session.exec(
        select(Identity)
        .join(Person, col(Person.id) == Identity.person_id)
        .where(is_account_of(account))
        .order_by(col(Identity.id))
        .with_for_update(of=Identity)
    ).all()
    lock(session, session.get_one(Person, account))
    accounts = session.exec(select(Person).where(is_account_of(account)).order_by(col(Person.id))).all()
    for one in accounts:
        lock(session, one)
    return list(accounts)
