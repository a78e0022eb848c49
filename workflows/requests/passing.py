"""Steps that a territory does not ask for, or that whoever asks would take themselves: passed at once, and said to be."""

from datetime import datetime

from sqlmodel import Session, col, select

from portal.access import system
from portal.moves import Desk, Moved
from portal.moves.desk import Listener
from portal.people.holding import in_force, today_by_zone
from portal.people.models import Accreditation, Person, Role
from portal.people.queries import is_account_of
from portal.text import Sentence
from workflows.requests.access import May
from workflows.requests.models import RequestStatus, SoftwareRequest
from workflows.requests.steps import Steps, steps_of
from workflows.requests.table import REQUESTS

PORTAL = system("steps", May.PASS)
NOT_ASKED = {
    RequestStatus.RELAY: Sentence("Ce territoire ne demande pas de relais."),
    RequestStatus.VISA: Sentence("Ce territoire ne demande pas le visa de l’établissement."),
}
OWN = {
    RequestStatus.RELAY: Sentence("La demande vient de la personne qui relaie celles de l’établissement."),
    RequestStatus.VISA: Sentence("La demande vient de la personne qui vise celles de l’établissement."),
}
ARRIVALS = {"submit", "relay", "pass_relay"}  # what was asked or declined at a step is heard there
PASSES = {RequestStatus.RELAY: ("pass_relay", May.RELAY), RequestStatus.VISA: ("pass_visa", May.ENDORSE)}


def passing(desk: Desk) -> Listener:
    """A listener: arriving at a step that needs nobody leads to the next, in the same unit of work and at the same instant."""

    def pass_on(session: Session, moved: Moved[SoftwareRequest]) -> None:
        request = moved.subject
        if moved.procedure != "request" or moved.move not in ARRIVALS or request.status not in PASSES:
            return
        if why := _why(session, request, steps_of(session, request.territory_id), moved.at):
            name, _permission = PASSES[request.status]
            desk.at(moved.at).carry_out(session, REQUESTS, name, request, PORTAL, reason=why)

    return pass_on


def _why(session: Session, request: SoftwareRequest, steps: Steps, now: datetime) -> Sentence | None:
    status = request.status
    asked = {RequestStatus.RELAY: steps.relay_required, RequestStatus.VISA: steps.visa_required}
    if not asked[status]:
        return NOT_ASKED[status]
    return OWN[status] if _requester_holds(session, request, PASSES[status][1], now) else None


def _requester_holds(session: Session, request: SoftwareRequest, permission: str, now: datetime) -> bool:
    """Over the school itself: what is held over a territory speaks for no school."""
    roles = session.execute(
        select(Role.permissions)
        .join(Accreditation, col(Accreditation.role_id) == col(Role.id))
        .join(Person, col(Person.id) == Accreditation.person_id)
        .where(
            is_account_of(request.requester.account_id),
            Accreditation.scope == request.scope,
            in_force(today_by_zone(session, now)),
        )
    ).scalars()
    return any(permission in held for held in roles)
