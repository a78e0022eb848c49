"""Joining a request instead of asking again: a co-signature says from which school, for whom and how long."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from portal.access import Actor, Policy
from portal.db import lock
from portal.errors import Refused
from portal.people.models import Person
from portal.people.queries import is_account_of
from portal.text import Sentence, clean
from portal.trail.trail import record
from workflows.requests.access import May
from workflows.requests.drafting import places_of
from workflows.requests.guards import OPEN
from workflows.requests.letters import tell_of
from workflows.requests.models import CoSignature, SoftwareRequest

CLOSED = Sentence("Cette demande n’est plus ouverte : elle ne peut plus être soutenue. Voyez ce qu’elle est devenue.")
OWN = Sentence("C’est votre demande : vous comptez déjà parmi les personnes qui la soutiennent.")
ELSEWHERE = Sentence("Seuls les établissements du même territoire peuvent soutenir cette demande. Choisissez l’un des vôtres.")


@dataclass(frozen=True, slots=True)
class Support:
    """Whose, from which school, for which classes, how many pupils, how many weeks of a school year."""

    person: Person
    uai: str
    audience: str
    pupils: int
    weeks: int
    note: str = ""


def support(
    session: Session, policy: Policy, actor: Actor, request: SoftwareRequest, given: Support, *, at: datetime
) -> CoSignature:
    """One a person: signing again corrects what was said. `request` comes with its requester."""
    policy.demand(actor, May.SEE, request)
    person = given.person
    lock(session, request)
    if request.status not in OPEN:
        raise Refused([CLOSED])
    if request.requester.account_id == person.account_id:
        raise Refused([OWN])
    school = next(
        (one for one, by in places_of(session, person) if one.uai == given.uai and by and by.scope == request.within), None
    )
    if school is None:
        raise Refused([ELSEWHERE])
    signed = signature_of(session, request, person)
    is_new = signed is None or signed.taken_back_at is not None
    if signed is None:
        signed = CoSignature(
            request_id=request.key, request=request, person_id=person.key, person=person, school_id=school.key, school=school,
            scope=school.scope, audience="", pupils=1, weeks=1, signed_at=at, signed_as=actor.function,
        )  # fmt: skip
        session.add(signed)
    said = (school.key, school.scope, clean(given.audience), given.pupils, given.weeks, clean(given.note))
    was = (signed.school_id, signed.scope, signed.audience, signed.pupils, signed.weeks, signed.note)
    if said == was and signed.taken_back_at is None:  # a second click
        return signed
    signed.school_id, signed.scope, signed.audience, signed.pupils, signed.weeks, signed.note = said
    signed.school = school
    signed.signed_at, signed.signed_as, signed.taken_back_at = at, actor.function, None
    session.flush()
    event = record(session, actor, request, "co-signed", at=at, school=school.uai, pupils=given.pupils, weeks=given.weeks)
    if is_new:
        tell_of(session, request, event, {"co-signed.requester": [request.requester_id]})
    return signed


def take_back(session: Session, actor: Actor, person: Person, request: SoftwareRequest, *, at: datetime) -> None:
    """Whatever became of the request; a second click does nothing more."""
    lock(session, request)
    signed = signature_of(session, request, person)
    if signed is None or signed.taken_back_at is not None:
        return
    signed.taken_back_at = at
    record(session, actor, request, "co-signature-taken-back", at=at)


def signature_of(session: Session, request: SoftwareRequest, person: Person) -> CoSignature | None:
    """The person's, taken back or not, whichever of their linked accounts signed."""
    return session.exec(
        select(CoSignature)
        .join(Person, col(Person.id) == CoSignature.person_id)
        .where(CoSignature.request_id == request.key, is_account_of(person.account_id))
        .order_by(col(CoSignature.taken_back_at).is_not(None), col(CoSignature.id))
    ).first()
