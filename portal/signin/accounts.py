"""From what a provider says to a person of ours: found by (provider, subject), made at the first arrival."""

from datetime import datetime

from sqlmodel import Session, select

from portal.access import Actor
from portal.db import lock
from portal.people.attaching import agree
from portal.people.badges import FUNCTIONS, function_of
from portal.people.models import Attachment, Person, Standing
from portal.signin.claims import Claims, is_turned_away
from portal.signin.envelopes import checked_subject
from portal.signin.models import Identity, Provider
from portal.signin.refusals import Motive, SignInRefused
from portal.text import fold
from portal.trail.trail import record


def refuse_outsiders(provider: Provider, claims: Claims) -> None:
    """Before anything is stored: pupils, parents, and whoever might be one."""
    if is_turned_away(claims.profiles):
        raise SignInRefused(Motive.NOT_FOR_YOU)
    if not claims.profiles and not provider.adults_only:
        raise SignInRefused(Motive.UNSAID)


def welcome(session: Session, provider: Provider, claims: Claims, now: datetime) -> Person:
    """The account that stands for this identity, with what the provider says today.

    Schools stay with the identity's own account, linked or not: undone, a link leaves to each what was its own.
    """
    identity = find_identity(session, provider, claims) or _first_arrival(session, provider, claims, now)
    own = session.get_one(Person, identity.person_id)
    person = _held(session, own)
    identity.join_key = trusted_key(provider, claims)
    identity.profiles = sorted(claims.profiles)
    identity.seen_at = now
    _describe(own, claims)
    own.seen_at = person.seen_at = now
    if _attach(session, provider, own, claims, now):
        agree(session, person.key)
    session.flush()
    return person


def _held(session: Session, own: Person) -> Person:
    """The account that stands for this one, locked: two tabs, or two linked identities, each write what the ENT says."""
    while True:
        person = session.get_one(Person, own.account_id)
        lock(session, person)
        session.refresh(own)  # a link, or its end, may have been waited for
        if own.account_id == person.key:
            return person


def expect(session: Session, provider: Provider, subject: str, now: datetime) -> Person:
    """The person of that identity, before a first sign-in too: what is granted then waits for them."""
    claims = Claims(checked_subject(subject), "", "", "", frozenset(), (), "", "", ())
    identity = find_identity(session, provider, claims) or _first_arrival(session, provider, claims, now, "expected")
    session.flush()
    return session.get_one(Person, identity.person_id)


def trusted_key(provider: Provider, claims: Claims) -> str:
    """The join key, if this provider is declared to send the person's own; else none."""
    return claims.join_key if provider.gives_join_key else ""


def find_identity(session: Session, provider: Provider, claims: Claims) -> Identity | None:
    return session.exec(
        select(Identity).where(Identity.provider_id == provider.key, Identity.subject == claims.subject).with_for_update()
    ).one_or_none()


def _first_arrival(session: Session, provider: Provider, claims: Claims, now: datetime, move: str = "arrived") -> Identity:
    """Two tabs may arrive at once: the second waits for the provider's row, then finds what the first made."""
    lock(session, session.get_one(Provider, provider.key))
    if found := find_identity(session, provider, claims):
        return found
    person = Person(first_seen_at=now, seen_at=now)
    session.add(person)
    session.flush()
    identity = Identity(provider_id=provider.key, subject=claims.subject, person_id=person.key, first_seen_at=now, seen_at=now)
    session.add(identity)
    itself = Actor(person.actor_key, function_of(_profile(claims)))
    record(session, itself, person, move, at=now, provider=provider.slug)
    return identity


def _describe(person: Person, claims: Claims) -> None:
    """What is not said today is kept: an ENT's answers vary with the day and the connector."""
    person.given_name = claims.given_name or person.given_name
    person.family_name = claims.family_name or person.family_name
    person.email = claims.email or person.email
    person.profile = _profile(claims) or person.profile
    person.sort_key = fold(f"{person.family_name} {person.given_name}")[:170]


def _profile(claims: Claims) -> str:
    said = {str(profile) for profile in claims.profiles}
    return next((code for code in FUNCTIONS if code in said), "")


def _attach(session: Session, provider: Provider, person: Person, claims: Claims, now: datetime) -> bool:
    """Whether a school is named for the first time."""
    held = {one.uai: one for one in session.exec(select(Attachment).where(Attachment.person_id == person.key))}
    for uai in claims.schools:
        one = held.get(uai)
        if one is None:
            session.add(Attachment(person_id=person.key, uai=uai, source=provider.slug, first_seen_at=now, seen_at=now))
        else:
            one.source, one.seen_at = provider.slug, now
            if one.standing is Standing.ASKED and one.settled_at is None:  # what the head once ended waits for the head
                one.standing = Standing.CLAIMED
    return not held.keys() >= set(claims.schools)
