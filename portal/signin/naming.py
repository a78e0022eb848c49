"""Heads of schools as the State's window says them: named at sign-in, by a provider that is declared to be believed, never by a profile."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col, select

from portal.access import Actor, Grant, Policy
from portal.errors import Refused
from portal.people.access import May
from portal.people.granting import Wish, grant, usual_end
from portal.people.models import Accreditation, Person, Role
from portal.people.places import Place, place_of
from portal.people.queries import head_roles, is_account_of
from portal.signin.accounts import find_identity
from portal.signin.claims import Claims
from portal.signin.models import Provider
from portal.text import french

MOST = 20  # schools of one person: nobody heads more


def name_heads(session: Session, policy: Policy, provider: Provider, claims: Claims, *, now: datetime) -> list[Accreditation]:
    """What it granted to the account that this provider knows, linked or not, once `welcome` has found or made it.

    Whom the school's authority dismissed stays so for that school year, unless the account was erased since: nobody then knows.
    """
    role = _head_role(session) if provider.names_heads and claims.heads else None
    identity = find_identity(session, provider, claims)
    if role is None or identity is None:
        return []
    person = session.get_one(Person, identity.person_id)
    reason = french(f"Nommé·e par « {provider.label} », qui dit que la personne dirige cet établissement.")
    named = []
    for place in _places(session, claims):
        today = now.astimezone(ZoneInfo(place.zone)).date()
        if _was_dismissed(session, person, place, today):
            continue
        wish = Wish(person, role, place, today, usual_end(today), reason=reason)
        try:
            named.append(grant(session, policy, _window(provider, role, place), wish, now))
        except Refused:  # held already, or a closed account: the sign-in goes on, and so do the other schools
            continue
    return named


def _head_role(session: Session) -> Role | None:
    key = session.exec(head_roles().limit(1)).first()
    return session.get_one(Role, key) if key else None


def _places(session: Session, claims: Claims) -> Iterator[Place]:
    for uai in claims.heads[:MOST]:
        if place := place_of(session, f"school:{uai}"):
            yield place


def _window(provider: Provider, role: Role, place: Place) -> Actor:
    """The provider as it acts: over that school alone, and no further than the role itself."""
    permissions = {May.NAME_HEAD, *role.permissions}
    return Actor(f"system:{provider.slug}", provider.label, frozenset(Grant(one, place.scope) for one in permissions))


def _was_dismissed(session: Session, person: Person, place: Place, today: date) -> bool:
    """Revoked since the school year began, or before it began when it had been granted for it."""
    begins = date(usual_end(today).year - 1, 9, 1)
    at = datetime.combine(begins, time(), ZoneInfo(place.zone)).astimezone(UTC)
    revoked = (
        select(Accreditation.id)
        .join(Person, col(Person.id) == Accreditation.person_id)
        .where(
            is_account_of(person.account_id),
            col(Accreditation.role_id).in_(head_roles()),
            Accreditation.scope == place.scope,
            col(Accreditation.revoked_at).is_not(None),
            sa.or_(col(Accreditation.revoked_at) >= at, col(Accreditation.starts_on) >= begins),
        )
    )
    return session.exec(revoked.limit(1)).first() is not None
