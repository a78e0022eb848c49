"""Who asks, relays, endorses, takes on, completes, reads and discusses a request."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select

from portal.access import Actor, Rule
from portal.people.access import PERSON, Scoped, covers
from portal.people.models import Person
from portal.people.queries import is_account_of
from portal.text import Sentence
from workflows.requests.models import BlockKind, CoSignature, RequestStatus, SoftwareRequest, Thread


class May(StrEnum):
    """Permissions of this procedure, `noun:verb`: over a school, or over the territory on which it depends."""

    SEE = "request:see"
    READ = "request:read"
    WRITE = "request:write"
    RELAY = "request:relay"
    ENDORSE = "request:endorse"
    INSTRUCT = "request:instruct"
    DISCUSS = "request:discuss"
    DISCUSS_INTERNALLY = "request:discuss-internally"
    PASS = "request:pass"  # noqa: S105 – over a step that a territory does not ask for
    FILL_SCHOOL = "request:fill-school"
    FILL_TECHNICAL = "request:fill-technical"
    FILL_DATA = "request:fill-data"
    FILL_ACCESSIBILITY = "request:fill-accessibility"
    FILL_LICENCE = "request:fill-licence"


FILLS: Mapping[BlockKind, May] = {
    BlockKind.SCHOOL: May.FILL_SCHOOL,
    BlockKind.TECHNICAL: May.FILL_TECHNICAL,
    BlockKind.DATA: May.FILL_DATA,
    BlockKind.ACCESSIBILITY: May.FILL_ACCESSIBILITY,
    BlockKind.LICENCE: May.FILL_LICENCE,
}  # whoever holds it over the place owes the block
TALKS: Mapping[Thread, May] = {Thread.PUBLIC: May.DISCUSS, Thread.INTERNAL: May.DISCUSS_INTERNALLY}  # to read and to write


def _is_person(actor: Actor) -> bool:
    return actor.key.startswith(PERSON)


def is_own(actor: Actor, request: SoftwareRequest | Scoped) -> bool:
    """Whether the actor speaks for it: whichever of their linked accounts began it. A place is nobody's own."""
    if not isinstance(request, SoftwareRequest):
        return False
    return actor.key in {f"{PERSON}{request.requester.account_id}", request.requester.actor_key}


def accounts_of(actor: Actor) -> Any:
    """Keys of the person's accounts; none for what is no person."""
    if not _is_person(actor):
        return select(Person.id).where(sa.false())
    return select(Person.id).where(is_account_of(int(actor.key.removeprefix(PERSON))))


def _own(actor: Actor) -> sa.ColumnElement[bool]:
    return col(SoftwareRequest.requester_id).in_(accounts_of(actor)) if _is_person(actor) else sa.false()


def _is_sent(request: SoftwareRequest | Scoped) -> bool:
    """A place is judged as what was sent from there: the page of a school asks before anything was."""
    return not isinstance(request, SoftwareRequest) or request.status is not RequestStatus.DRAFT


def supports(actor: Actor, request: SoftwareRequest | Scoped) -> bool:
    """Whether the actor signed it and did not take it back. `request` comes with its signatures and their people."""
    if not isinstance(request, SoftwareRequest):
        return False
    signed = (one.person for one in request.signatures if one.taken_back_at is None)
    return any(actor.key in {f"{PERSON}{one.account_id}", one.actor_key} for one in signed)


def _supported(actor: Actor) -> sa.ColumnElement[bool]:
    signed = select(CoSignature.request_id).where(
        col(CoSignature.person_id).in_(accounts_of(actor)), col(CoSignature.taken_back_at).is_(None)
    )
    return col(SoftwareRequest.id).in_(signed)


SENT = col(SoftwareRequest.status) != RequestStatus.DRAFT
OWN = Rule(Sentence("la personne qui demande"), is_own, _own, _is_person)
SUPPORTER = Rule(Sentence("qui la soutient"), supports, _supported, _is_person)
ANYBODY = Rule(
    Sentence("toute personne connectée"),
    lambda actor, request: _is_person(actor) and _is_sent(request),
    lambda actor: SENT if _is_person(actor) else sa.false(),
    _is_person,
)


def _over(permission: str, says: Sentence) -> Rule:
    """Drafts are nobody else's."""

    def holds(actor: Actor, request: SoftwareRequest | Scoped) -> bool:
        return _is_sent(request) and covers(actor, permission, request)

    def where(actor: Actor) -> sa.ColumnElement[bool]:
        scopes = sorted(actor.scopes(permission))
        if "*" in scopes:
            return SENT
        return sa.and_(SENT, sa.or_(col(SoftwareRequest.scope).in_(scopes), col(SoftwareRequest.within).in_(scopes)))

    ever: Callable[[Actor], bool] = lambda actor: bool(actor.scopes(permission))  # noqa: E731
    return Rule(says, holds, where, ever)


def _by_the_portal(permission: str) -> Rule:
    """Whatever role somebody ticks it in, no person holds it."""
    rule = _over(permission, Sentence("le portail lui-même"))
    return Rule(
        rule.says,
        lambda actor, request: not _is_person(actor) and rule.holds(actor, request),
        lambda actor: sa.false() if _is_person(actor) else rule.where(actor),
        lambda actor: not _is_person(actor) and rule.ever(actor),
    )


def _above_the_school(permission: str, says: Sentence) -> Rule:
    """Held over the territory: what a school grants opens nothing, and nobody takes part in the treatment of their own."""
    rule = _over(permission, says)

    def holds(actor: Actor, request: SoftwareRequest | Scoped) -> bool:
        return _is_sent(request) and actor.has(permission, request.within) and not is_own(actor, request)

    def where(actor: Actor) -> sa.ColumnElement[bool]:
        scopes = sorted(actor.scopes(permission))
        above = sa.true() if "*" in scopes else col(SoftwareRequest.within).in_(scopes)
        return sa.and_(SENT, above, sa.not_(_own(actor)))

    return Rule(says, holds, where, rule.ever)


SCHOOL = Sentence("l’établissement de la demande")
TERRITORY = Sentence("la collectivité, qui instruit la demande")
READS = OWN | _over(May.READ, Sentence("qui traite la demande"))
RULES: Mapping[str, Rule] = {
    May.SEE: (OWN | ANYBODY).to(Sentence("voir quelles demandes existent, sans nom, et les soutenir")),
    May.READ: READS.to(Sentence("lire une demande et son dossier en entier")),
    May.DISCUSS: (READS | SUPPORTER).to(Sentence("lire les échanges d’une demande, et y écrire")),
    May.DISCUSS_INTERNALLY: _above_the_school(May.DISCUSS_INTERNALLY, Sentence("qui instruit ou complète la demande")).to(
        Sentence("lire ce qui se dit entre les personnes qui instruisent une demande, et y écrire")
    ),
    May.WRITE: OWN.to(Sentence("écrire, envoyer et suivre ses demandes")),
    May.RELAY: _over(May.RELAY, Sentence("référent·e numérique de l’établissement")).to(
        Sentence("relayer les demandes d’un établissement")
    ),
    May.ENDORSE: _over(May.ENDORSE, Sentence("le ou la chef·fe d’établissement")).to(
        Sentence("viser, classer ou décliner les demandes d’un établissement")
    ),
    May.INSTRUCT: _over(May.INSTRUCT, TERRITORY).to(
        Sentence("instruire les demandes d’un territoire, et réunir celles qui se répètent")
    ),
    May.PASS: _by_the_portal(May.PASS).to(Sentence("passer une étape qu’un territoire ne demande pas")),
    May.FILL_SCHOOL: _over(May.FILL_SCHOOL, SCHOOL).to(Sentence("compléter le volet « établissement » des demandes")),
    May.FILL_TECHNICAL: _over(May.FILL_TECHNICAL, Sentence("l’équipe technique")).to(
        Sentence("compléter le volet technique des demandes")
    ),
    May.FILL_DATA: _over(May.FILL_DATA, Sentence("le ou la délégué·e à la protection des données")).to(
        Sentence("compléter le volet « données personnelles » des demandes")
    ),
    May.FILL_ACCESSIBILITY: _over(May.FILL_ACCESSIBILITY, TERRITORY).to(
        Sentence("compléter le volet « accessibilité » des demandes")
    ),
    May.FILL_LICENCE: _over(May.FILL_LICENCE, TERRITORY).to(Sentence("compléter le volet « licence et coût » des demandes")),
}
