"""Handing a request over: it belongs to a school and a subject team, and survives whoever began it."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from portal.access import Actor, Policy
from portal.db import lock
from portal.errors import NotAllowed, Refused
from portal.letters.telling import settle
from portal.people.models import Attachment, Person
from portal.people.queries import HOLDS, account_id, schools_of
from portal.text import Sentence, clean
from portal.trail.models import Event
from portal.trail.trail import record
from workflows.requests.access import May, is_own
from workflows.requests.guards import OPEN
from workflows.requests.letters import tell_of
from workflows.requests.models import RequestStatus, SoftwareRequest
from workflows.requests.steps import QUESTIONS

MOST_COLLEAGUES = 300
HANDS_OVER = (May.RELAY, May.ENDORSE, May.INSTRUCT)  # besides whoever speaks for it, as long as they are of the school
HANDED_OVER = OPEN | {RequestStatus.DECLINED}
NOT_YOURS = Sentence(
    "Cette action ne vous est pas ouverte : elle revient à la personne qui demande, ou à son établissement, qui relaie et vise."
)
CLOSED = Sentence("Cette demande n’est plus ouverte : elle ne se confie plus.")
NOT_A_COLLEAGUE = Sentence("Cette personne n’est pas rattachée à l’établissement de la demande. Choisissez quelqu’un de la liste.")


def may_hand_over(session: Session, policy: Policy, actor: Actor, request: SoftwareRequest) -> bool:
    """Who has left the school does not choose among those who work there."""
    own = policy.may(actor, May.WRITE, request) and request.school.uai in schools_of(session, request.requester.account_id)
    return own or any(policy.may(actor, permission, request) for permission in HANDS_OVER)


def demand_hand_over(session: Session, policy: Policy, actor: Actor, request: SoftwareRequest) -> None:
    if not may_hand_over(session, policy, actor, request):
        raise NotAllowed(NOT_YOURS)


def colleagues(session: Session, request: SoftwareRequest) -> Sequence[Person]:
    """The accounts attached to its school, but the one that has it, by name."""
    attached = (
        select(account_id())
        .select_from(Attachment)
        .join(Person, col(Person.id) == Attachment.person_id)
        .where(Attachment.uai == request.scope.removeprefix("school:"), col(Attachment.standing).in_(HOLDS))
    )
    return session.exec(
        select(Person)
        .where(col(Person.id).in_(attached), col(Person.closed_at).is_(None), Person.id != request.requester.account_id)
        .order_by(col(Person.sort_key), col(Person.id))
        .limit(MOST_COLLEAGUES)
    ).all()


def _gave_it(session: Session, actor: Actor, request: SoftwareRequest) -> bool:
    """Whether the actor is the last who handed it over: they may speak for it no more."""
    last = select(Event.actor).where(
        Event.subject_kind == request.__tablename__, Event.subject_id == request.key, Event.move == "handed-over"
    )
    return session.exec(last.order_by(col(Event.id).desc()).limit(1)).first() == actor.key


def hand_over(
    session: Session, policy: Policy, actor: Actor, request: SoftwareRequest, to: int, *, reason: str, at: datetime
) -> None:  # fmt: skip
    """Its text, its supporters and its history stay; who speaks for it changes. `request` comes with its requester."""
    lock(session, request)
    session.refresh(request, ["requester"])
    is_theirs = to == request.requester.account_id
    if is_theirs and _gave_it(session, actor, request):  # a second click
        return
    demand_hand_over(session, policy, actor, request)  # to any number: else whoever tries them all would learn whose it is
    if is_theirs:
        return
    if request.status not in HANDED_OVER:
        raise Refused([CLOSED])
    person = next((one for one in colleagues(session, request) if one.key == to), None)
    if person is None:
        raise Refused([NOT_A_COLLEAGUE])
    own, former = is_own(actor, request), request.requester_id
    request.requester_id, request.requester = person.key, person
    session.flush()
    event = record(session, actor, request, "handed-over", at=at, reason=clean(reason)[:1000], by_its_author=own)
    waits = request.status in QUESTIONS
    if waits:  # the question is now for somebody else
        settle(session, request, actor.key, at)
    told = {"handed-over.holder" if waits else "handed-over.requester": [person.key], "handed-over.former": [former]}
    tell_of(session, request, event, told)
