"""The requests of a school, in the order in which its head wants them: the one voice with which it speaks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from portal.access import Actor, Policy
from portal.db import lock
from portal.errors import NotAllowed, Refused, Unknown
from portal.people.places import Place, place_of
from portal.territories.models import School
from portal.text import Sentence, french
from portal.trail.trail import record
from workflows.requests.access import May
from workflows.requests.guards import OPEN
from workflows.requests.lists import UP, Line, lines
from workflows.requests.models import RequestStatus, SoftwareRequest

MOST = 200
NO_SUCH_SCHOOL = Sentence("Les demandes de cet établissement ne vous sont pas ouvertes. Revenez à vos demandes.")
ONLY_THE_HEAD = Sentence("Classer les demandes revient au ou à la chef·fe d’établissement. Parlez-en avec cette personne.")
WRONG_RANK = Sentence("Un rang est un nombre entier de 1 à %(most)s, ou rien. Corrigez-le.", most=MOST)
NOT_OF_SCHOOL = Sentence("L’une de ces demandes n’est pas de cet établissement. Rechargez la page, puis classez-les à nouveau.")


@dataclass(frozen=True)
class Ranked:
    """A request and its rank, as the head set it; empty when it has none."""

    line: Line
    rank: str


@dataclass(frozen=True)
class SchoolRequests:
    """What `requests/school.html` shows."""

    uai: str
    school: str
    url: str
    may_rank: bool
    requests: list[Ranked]


def school_for(session: Session, policy: Policy, actor: Actor, uai: str) -> Place:
    """A school whose requests the reader may read; for anybody else there is none."""
    place = place_of(session, f"school:{uai}")
    if place is None or not policy.may(actor, May.READ, place):
        raise Unknown(NO_SUCH_SCHOOL)
    return place


def school_requests(
    session: Session, policy: Policy, actor: Actor, place: Place, *, now: datetime, typed: Mapping[int, str] | None = None
) -> SchoolRequests:
    """`typed`: ranks that were refused, as they were typed."""
    found = list(session.exec(_open(place).options(*UP).limit(MOST)))
    shown = lines(session, found, now)
    uai = place.scope.removeprefix("school:")
    return SchoolRequests(
        uai=uai,
        school=french(place.name),
        url=f"/etablissements/{uai}/demandes",
        may_rank=policy.may(actor, May.ENDORSE, place),
        requests=[
            Ranked(line, (typed or {}).get(one.key, str(one.school_rank or ""))) for one, line in zip(found, shown, strict=True)
        ],
    )


def rank(session: Session, policy: Policy, actor: Actor, place: Place, typed: Mapping[int, str], *, at: datetime) -> None:
    """All the ranks at once, made 1, 2, 3… in the order of the numbers typed; equal ones keep the order they had.

    What was closed since the page was read is left out; what is another school's was never on it.
    """
    if not policy.may(actor, May.ENDORSE, place):
        raise NotAllowed(ONLY_THE_HEAD)
    lock(session, session.exec(select(School).where(School.uai == place.scope.removeprefix("school:"))).one())
    held = {one.key: one for one in session.exec(_open(place))}
    _demand_own(session, place, typed.keys() - held.keys())
    wanted = {key: said.strip() for key, said in typed.items() if key in held and said.strip()}
    if any(not (said.isascii() and said.isdecimal() and 1 <= int(said[:6]) <= MOST) for said in wanted.values()):
        raise Refused([WRONG_RANK])
    ordered = sorted(wanted, key=lambda key: (int(wanted[key]), held[key].school_rank or MOST + 1, key))
    ranks = {key: number for number, key in enumerate(ordered, 1)}
    for key, one in held.items():
        if key in typed and one.school_rank != ranks.get(key):
            one.school_rank = ranks.get(key)
            session.flush()
            record(session, actor, one, "ranked", at=at, rank=one.school_rank)


def _demand_own(session: Session, place: Place, keys: set[int]) -> None:
    of_school = select(SoftwareRequest.id).where(
        SoftwareRequest.scope == place.scope, col(SoftwareRequest.id).in_(keys), col(SoftwareRequest.status) != RequestStatus.DRAFT
    )
    if keys and len(session.exec(of_school).all()) != len(keys):
        raise Refused([NOT_OF_SCHOOL])


def _open(place: Place) -> SelectOfScalar[SoftwareRequest]:
    return (
        select(SoftwareRequest)
        .where(SoftwareRequest.scope == place.scope, col(SoftwareRequest.status).in_(OPEN))
        .order_by(col(SoftwareRequest.school_rank).asc().nulls_last(), col(SoftwareRequest.since).desc(), col(SoftwareRequest.id))
    )
