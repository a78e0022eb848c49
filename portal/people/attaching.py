"""Belonging to a school: said by an ENT or asked for by the person, then settled by the head. It grants nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col, select

from portal.access import Actor, Policy
from portal.db import lock
from portal.errors import OutOfDate, Refused, Unknown
from portal.people.access import May
from portal.people.models import SELF, Accreditation, Attachment, Person, Standing
from portal.people.places import Place
from portal.people.queries import HOLDS, account_of, is_account_of
from portal.territories.models import School
from portal.text import Sentence, french
from portal.trail.trail import record

SETTLED = (Standing.CONFIRMED, Standing.ENDED)
MOST_ASKED = 5  # schools that one person asks for and that nobody has answered: nobody fills all lists
NO_SUCH_SCHOOL = Sentence("Aucun établissement ouvert n’a ce code. Cherchez le vôtre par son nom ou sa ville.")
NO_SUCH_MEMBER = Sentence("Cette personne n’est pas rattachée à l’établissement. Revenez à la liste des rattachements.")
NOT_ASKED = Sentence(
    "Cette demande de rattachement n’existe plus : elle a reçu une réponse, ou vous l’avez retirée. Rechargez la page."
)
NO_REASON = Sentence("Il manque la raison. Écrivez-la en une phrase : la personne la lira.")
OWN = Sentence("Personne ne règle son propre rattachement. Demandez-le à une autre personne qui peut le faire ici.")
TOO_MANY = Sentence(
    "Vous avez déjà %(most)s demandes de rattachement sans réponse. Attendez une réponse, ou retirez une demande.", most=MOST_ASKED
)


def ask(session: Session, actor: Actor, person: Person, uai: str, now: datetime) -> None:
    """A person says that a school is theirs; asking again after an end is allowed, and twice at once asks once."""
    lock(session, person)
    if session.exec(select(School.id).where(School.uai == uai, col(School.open))).first() is None:
        raise Unknown(NO_SUCH_SCHOOL)
    held = _of(session, person.account_id, uai)
    if any(one.standing in HOLDS for one in held):
        raise OutOfDate(Sentence("Vous êtes déjà rattaché·e à cet établissement. Rechargez « Mon compte »."))
    if any(one.standing is Standing.ASKED for one in held):
        return
    if _asked(session, person) >= MOST_ASKED:
        raise Refused([TOO_MANY])
    own = next((one for one in held if one.person_id == person.key), None)
    if own is None:
        own = Attachment(person_id=person.key, uai=uai, source=SELF, first_seen_at=now, seen_at=now)
        session.add(own)
    own.source, own.seen_at, own.standing = SELF, now, Standing.ASKED
    session.flush()
    record(session, actor, own, "asked", at=now, school=uai)


def take_back(session: Session, actor: Actor, person: Person, uai: str, now: datetime) -> None:
    """What one asked for oneself, before the school answers. Had it once been ended there, it is ended as before."""
    lock(session, person)
    asked = [one for one in _of(session, person.account_id, uai) if one.standing is Standing.ASKED]
    if not asked:
        raise OutOfDate(NOT_ASKED)
    for one in asked:
        record(session, actor, one, "taken-back", at=now, school=uai)
        if one.settled_at is None:
            session.delete(one)
        else:
            one.standing = Standing.ENDED


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the head says of an account at a school: CONFIRMED, or ENDED with a reason."""

    person_id: int
    place: Place
    standing: Standing
    reason: str = ""


def settle(session: Session, policy: Policy, actor: Actor, verdict: Verdict, *, now: datetime) -> None:
    """It outlives what ENTs go on saying, and may be changed."""
    place = verdict.place
    policy.demand(actor, May.SETTLE, place)
    uai = place.scope.removeprefix("school:")
    person = session.get(Person, verdict.person_id)
    if person is None:
        raise Unknown(NO_SUCH_MEMBER)
    lock(session, person)  # a role granted at the same time waits, or is seen
    if person.linked_to_id is not None:
        raise Unknown(NO_SUCH_MEMBER)
    held, reason = _of(session, person.key, uai), verdict.reason.strip()
    if not held:
        raise Unknown(NO_SUCH_MEMBER)
    if said := _faults(session, actor, person, verdict, now):
        raise Refused(said)
    changed = [one for one in held if one.standing is not verdict.standing]
    if not changed:
        raise OutOfDate(Sentence("Ce rattachement a déjà été réglé ainsi. Rechargez la page."))
    for one in changed:
        one.standing, one.settled_at, one.settled_by = verdict.standing, now, french(actor.function)
        one.settle_reason = reason if verdict.standing is Standing.ENDED else ""
    record(session, actor, changed[0], verdict.standing.value, at=now, reason=reason, school=uai, person=person.actor_key)


def agree(session: Session, account: int) -> None:
    """The head's word holds for all accounts of a person: the latest, wherever several of them name a school.

    To be called with the account locked, when one is linked to it or a school is named for the first time.
    """
    held = session.exec(select(Attachment).join(Person, col(Person.id) == Attachment.person_id).where(is_account_of(account))).all()
    for one in held:
        same = [other for other in held if other.uai == one.uai and other.settled_at and other.standing in SETTLED]
        last = max(same, key=lambda other: (other.settled_at, other.key), default=None)
        if last is not None and one is not last and one.standing is not Standing.ASKED:
            one.standing, one.settled_at = last.standing, last.settled_at
            one.settled_by, one.settle_reason = last.settled_by, last.settle_reason


def _of(session: Session, account: int, uai: str) -> Sequence[Attachment]:
    """What the person's accounts say of a school."""
    return session.exec(
        select(Attachment)
        .join(Person, col(Person.id) == Attachment.person_id)
        .where(is_account_of(account), Attachment.uai == uai)
        .order_by(col(Attachment.id))
        .with_for_update(of=Attachment)
    ).all()


def _asked(session: Session, person: Person) -> int:
    asked = select(sa.func.count(col(Attachment.id))).join(Person, col(Person.id) == Attachment.person_id)
    return session.exec(asked.where(is_account_of(person.account_id), Attachment.standing == Standing.ASKED)).one()


def _faults(session: Session, actor: Actor, person: Person, verdict: Verdict, now: datetime) -> list[Sentence]:
    said = []
    if account_of(session, actor) == person.account_id:
        said.append(OWN)
    if verdict.standing is Standing.ENDED:
        if not verdict.reason.strip():
            said.append(NO_REASON)
        if roles := _roles_there(session, verdict.place, person, now):
            said.append(
                Sentence(
                    "Cette personne a encore une fonction ici (%(roles)s). Retirez-la d’abord, puis terminez le rattachement.",
                    roles=", ".join(roles),
                )
            )
    return said


def _roles_there(session: Session, place: Place, person: Person, now: datetime) -> list[str]:
    """What they hold there, today or later."""
    today = now.astimezone(ZoneInfo(place.zone)).date()
    held = (
        select(Accreditation.called)
        .join(Person, col(Person.id) == Accreditation.person_id)
        .where(
            is_account_of(person.account_id),
            Accreditation.scope == place.scope,
            col(Accreditation.revoked_at).is_(None),
            col(Accreditation.until) >= today,
        )
    )
    return sorted(set(session.exec(held)))
