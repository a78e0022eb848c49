"""Granting and revoking: the only way in which a person comes to hold a role. Nobody grants to themselves, nor beyond their rights."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from portal.access import Actor, Policy
from portal.db import lock
from portal.errors import OutOfDate, Refused
from portal.people.access import covers
from portal.people.models import Accreditation, Person, Role, RoleLabel, ScopeKind
from portal.people.places import Place
from portal.people.queries import account_of, attached_account, is_account_of
from portal.text import Sentence
from portal.trail.trail import record

SCHOOL_YEAR_ENDS = (8, 31)
NO_REASON = Sentence("Il manque la raison du retrait. Écrivez-la en une phrase : la personne la lira.")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be granted. `letter`: the reference of the lettre de mission; `reason`: in a sentence, when there is one."""

    person: Person
    role: Role
    place: Place
    starts_on: date
    until: date
    letter: str = ""
    reason: str = ""


def usual_end(today: date) -> date:
    """31 August that ends the school year of that day: what a school is organised by."""
    this_year = date(today.year, *SCHOOL_YEAR_ENDS)
    return this_year if today <= this_year else date(today.year + 1, *SCHOOL_YEAR_ENDS)


def grant(session: Session, policy: Policy, actor: Actor, wish: Wish, now: datetime) -> Accreditation:
    """Right first, then rules; several faults are told together."""
    wanted = Accreditation(
        person_id=_holder(session, wish),
        role_id=wish.role.key,
        called=called(session, wish.role, wish.place),
        scope=wish.place.scope,
        within=wish.place.within,
        zone=wish.place.zone,
        starts_on=wish.starts_on,
        until=wish.until,
        letter=wish.letter,
        reason=wish.reason,
        granted_at=now,
        granted_by=actor.key,
        granted_as=actor.function,
    )
    policy.demand(actor, wish.role.granted_with, wanted)
    lock(
        session, session.get_one(Person, wish.person.account_id)
    )  # two heads, or a double click: the second sees what the first granted
    if said := _faults(session, actor, wish, wanted, now):
        raise Refused(said)
    session.add(wanted)
    session.flush()
    record(
        session,
        actor,
        wanted,
        "granted",
        at=now,
        reason=wish.reason,
        role=wish.role.code,
        scope=wanted.scope,
        until=str(wanted.until),
    )
    return wanted


def revoke(session: Session, policy: Policy, actor: Actor, accreditation: Accreditation, *, reason: str, now: datetime) -> None:
    """From the next request on, the person no longer holds it."""
    role = session.get_one(Role, accreditation.role_id)
    policy.demand(actor, role.granted_with, accreditation)
    lock(session, accreditation)
    if accreditation.revoked_at is not None:
        raise OutOfDate(Sentence("Cette accréditation a déjà été retirée. Rechargez la page."))
    if not reason.strip():
        raise Refused([NO_REASON])
    accreditation.revoked_at, accreditation.revoked_by, accreditation.revoked_as = now, actor.key, actor.function
    accreditation.revoke_reason = reason.strip()
    record(session, actor, accreditation, "revoked", at=now, reason=reason.strip(), role=role.code, scope=accreditation.scope)


def called(session: Session, role: Role, place: Place) -> str:
    """What the territory calls the role; decisions are signed with it, and keep it when the word changes."""
    own = session.exec(
        select(RoleLabel.label).where(RoleLabel.role_id == role.key, RoleLabel.territory_id == place.territory_id)
    ).one_or_none()
    return own or role.label


def _faults(session: Session, actor: Actor, wish: Wish, wanted: Accreditation, now: datetime) -> list[Sentence]:
    today = now.astimezone(ZoneInfo(wish.place.zone)).date()
    said = []
    if account_of(session, actor) == wish.person.account_id:
        said.append(
            Sentence("Personne ne s’accorde une fonction à soi-même. Demandez-la à une autre personne qui peut l’accorder.")
        )
    if wish.person.closed_at is not None:
        said.append(Sentence("Ce compte est fermé. La personne doit d’abord se connecter à nouveau."))
    if wish.role.scope_kind is not wish.place.kind:
        said.append(
            Sentence("La fonction « %(role)s » ne se confie pas à cet endroit. Choisissez-en une autre.", role=wish.role.label)
        )
    if not wish.starts_on <= wish.until:
        said.append(Sentence("La fin vient avant le début. Corrigez l’une des deux dates."))
    elif wish.until < today:
        said.append(Sentence("La fin est déjà passée. Choisissez un jour à venir."))
    beyond = [permission for permission in wish.role.permissions if not covers(actor, permission, wanted)]
    if beyond and not actor.has(wish.role.granted_with, wanted.within):  # from above one grants what one does not hold: ADR 0019
        said.append(
            Sentence(
                "La fonction « %(role)s » permet plus que ce que vous pouvez vous-même ici (%(beyond)s). Demandez-la à la collectivité.",
                role=wish.role.label,
                beyond=", ".join(beyond),
            )
        )
    if _held(session, wish.person, wanted):
        said.append(
            Sentence("Cette personne a déjà cette fonction ici à ces dates. Retirez-la d’abord, ou choisissez d’autres dates.")
        )
    return said


def _holder(session: Session, wish: Wish) -> int:
    if wish.place.kind is not ScopeKind.SCHOOL:
        return wish.person.key
    return attached_account(session, wish.person, wish.place.scope.removeprefix("school:"))


def _held(session: Session, person: Person, wanted: Accreditation) -> bool:
    """By an account of the same person, whichever of those linked."""
    same = _of_account(person).where(
        Accreditation.role_id == wanted.role_id,
        Accreditation.scope == wanted.scope,
        col(Accreditation.revoked_at).is_(None),
        col(Accreditation.starts_on) <= wanted.until,
        col(Accreditation.until) >= wanted.starts_on,
    )
    return session.exec(same).first() is not None


def _of_account(person: Person) -> Any:
    return select(Accreditation.id).join(Person, col(Person.id) == Accreditation.person_id).where(is_account_of(person.account_id))
