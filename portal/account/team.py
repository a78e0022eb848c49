"""A school's team: who is attached to it, who holds what there and until when, and what may be granted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from portal.access import Actor, Policy
from portal.errors import Unknown
from portal.people.access import May
from portal.people.granting import called, usual_end
from portal.people.models import Accreditation, Attachment, Person, Role, ScopeKind
from portal.people.places import Place, place_of
from portal.people.queries import HOLDS, account_id, asking, granted_with_account
from portal.text import Sentence, french
from portal.web.language import gettext as _

SOON = timedelta(days=30)
NO_SUCH_SCHOOL = Sentence(
    "Aucun établissement de ce code n’est ouvert à vous ici. Vérifiez l’adresse, ou passez par « Mon compte »."
)


@dataclass(frozen=True)
class Held:
    """An accreditation in force or to come."""

    key: int
    person: str
    called: str
    starts_on: date
    until: date
    granted_as: str
    letter: str
    ends_soon: bool
    to_come: bool
    may_revoke: bool


@dataclass(frozen=True)
class Team:
    """What `account/team.html` shows. `members`: whom one may grant to; `roles`: what; `asking`: who waits to be attached.

    `attachments` and `renewal`: addresses, empty for a reader who may not open them.
    """

    uai: str
    school: str
    url: str
    held: list[Held]
    members: list[tuple[str, str]]
    asking: int
    attachments: str
    renewal: str
    roles: list[tuple[str, str]]
    today: date
    until: date
    is_fresh: bool


def place_for(session: Session, policy: Policy, actor: Actor, uai: str, permission: str = May.READ_ACCREDITATIONS) -> Place:
    """The school, for whoever has the permission there; for anybody else there is no such page."""
    place = place_of(session, f"school:{uai}")
    if place is None or not policy.may(actor, permission, place):
        raise Unknown(NO_SUCH_SCHOOL)
    return place


def team(session: Session, policy: Policy, actor: Actor, place: Place, now: datetime, *, is_fresh: bool) -> Team:
    today = now.astimezone(ZoneInfo(place.zone)).date()
    uai = place.scope.removeprefix("school:")
    roles = _grantable(session, policy, actor, place)
    return Team(
        uai=uai,
        school=french(place.name),
        url=f"/etablissements/{uai}/equipe",
        held=_held(session, policy, actor, place, today),
        members=_members(session, actor, uai),
        asking=asking(session, [uai]).get(uai, 0),
        attachments=f"/etablissements/{uai}/rattachements" if policy.may(actor, May.SETTLE, place) else "",
        renewal=f"/etablissements/{uai}/equipe/renouvellement" if policy.may(actor, May.GRANT, place) else "",
        roles=[(one.code, called(session, one, place)) for one in roles],
        today=today,
        until=usual_end(today),
        is_fresh=is_fresh,
    )


def member(session: Session, place: Place, typed: str) -> Person | None:
    """Somebody attached to that school: nobody reaches another school's people by changing a number."""
    uai = place.scope.removeprefix("school:")
    if not typed.isascii() or not typed.isdecimal() or len(typed) > 9:
        return None
    found: Person | None = session.exec(_attached(uai).where(Person.id == int(typed))).one_or_none()
    return found


def role_of(session: Session, code: str) -> Role | None:
    return session.exec(select(Role).where(Role.code == code, Role.scope_kind == ScopeKind.SCHOOL)).one_or_none()


def accreditation_at(session: Session, place: Place, key: int) -> Accreditation | None:
    return session.exec(select(Accreditation).where(Accreditation.id == key, Accreditation.scope == place.scope)).one_or_none()


def _attached(uai: str) -> Any:
    """Open accounts, each once: of linked ones, the one that stands for both."""
    attached = (
        select(account_id())
        .join(Attachment, col(Attachment.person_id) == Person.id)
        .where(Attachment.uai == uai, col(Attachment.standing).in_(HOLDS))
    )
    return select(Person).where(col(Person.id).in_(attached.scalar_subquery()), col(Person.closed_at).is_(None))


def _members(session: Session, actor: Actor, uai: str) -> list[tuple[str, str]]:
    """Oneself apart: nobody grants to themselves."""
    people: Sequence[Person] = session.exec(_attached(uai).order_by(col(Person.sort_key), col(Person.id))).all()
    return [(str(one.key), name_of(one)) for one in people if one.actor_key != actor.key]


def name_of(person: Person) -> str:
    return person.name or _("Personne qui n’est pas encore venue")


def _grantable(session: Session, policy: Policy, actor: Actor, place: Place) -> list[Role]:
    roles = session.exec(select(Role).where(Role.scope_kind == ScopeKind.SCHOOL).order_by(col(Role.rank))).all()
    return [one for one in roles if policy.may(actor, one.granted_with, place)]


def _held(session: Session, policy: Policy, actor: Actor, place: Place, today: date) -> list[Held]:
    granted, account = granted_with_account()
    rows = session.execute(
        granted.add_columns(Role)
        .join(Role, col(Role.id) == Accreditation.role_id)
        .where(Accreditation.scope == place.scope, col(Accreditation.revoked_at).is_(None), col(Accreditation.until) >= today)
        .order_by(col(Role.rank), col(account.sort_key), col(Accreditation.starts_on))
    ).all()
    return [
        Held(
            key=one.key,
            person=name_of(person),
            called=one.called,
            starts_on=one.starts_on,
            until=one.until,
            granted_as=one.granted_as,
            letter=one.letter,
            ends_soon=one.until - today <= SOON,
            to_come=one.starts_on > today,
            may_revoke=policy.may(actor, role.granted_with, one),
        )
        for one, person, role in rows
    ]
