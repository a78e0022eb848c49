"""The requests of a school, in the order in which its head wants them: the one voice with which it speaks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from portal.access import Actor, Policy
from portal.db import lock
from portal.errors import NotAllowed, OutOfDate, Refused, Unknown
from portal.people.places import Place, place_of
from portal.territories.models import School
from portal.text import Sentence, french
from portal.trail.models import Event
from portal.trail.trail import record
from portal.web.language import day, hour, local
from workflows.requests.access import May
from workflows.requests.guards import OPEN
from workflows.requests.lists import UP, Line, lines
from workflows.requests.models import RequestStatus, SoftwareRequest

MOST = 200
NO_SUCH_SCHOOL = Sentence("Les demandes de cet établissement ne vous sont pas ouvertes. Revenez à vos demandes.")
ONLY_THE_HEAD = Sentence("Classer les demandes revient au ou à la chef·fe d’établissement. Parlez-en avec cette personne.")
WRONG_RANK = Sentence("Un rang est un nombre entier de 1 à %(most)s, ou rien. Corrigez-le.", most=MOST)
NOT_OF_SCHOOL = Sentence("L’une de ces demandes n’est pas de cet établissement. Rechargez la page, puis classez-les à nouveau.")
CHANGED = Sentence("L’ordre a changé pendant que vous classiez ces demandes. Comparez-le au vôtre, puis enregistrez à nouveau.")


@dataclass(frozen=True, slots=True)
class Ranking:
    """`ranks`: by number of request, what was typed beside it; `read`: the order over which it was typed."""

    ranks: Mapping[int, str] = field(default_factory=dict)
    read: Sequence[int] = ()


@dataclass(frozen=True)
class Ranked:
    """A request and its rank, as the head set it; empty when it has none."""

    line: Line
    rank: str


@dataclass(frozen=True)
class Meanwhile:
    """The order as it is now, when it was last set, and in which function; empty when nobody has."""

    day: str
    hour: str
    by: str
    order: list[Line]


@dataclass(frozen=True)
class SchoolRequests:
    """What `requests/school.html` shows. `read`: the order that is shown, for the form to say what it was typed over."""

    uai: str
    school: str
    url: str
    may_rank: bool
    requests: list[Ranked]
    read: str
    meanwhile: Meanwhile | None


def school_for(session: Session, policy: Policy, actor: Actor, uai: str) -> Place:
    """A school whose requests the reader may read; for anybody else there is none."""
    place = place_of(session, f"school:{uai}")
    if place is None or not policy.may(actor, May.READ, place):
        raise Unknown(NO_SUCH_SCHOOL)
    return place


def school_requests(
    session: Session, policy: Policy, actor: Actor, place: Place, *, now: datetime, kept: Ranking | None = None, is_late: bool = False
) -> SchoolRequests:  # fmt: skip
    """`kept`: ranks that were refused, as they were typed; `is_late`: because the order had changed."""
    found = list(session.exec(_open(place).options(*UP).limit(MOST)))
    shown = dict(zip((one.key for one in found), lines(session, found, now), strict=True))
    order, typed = _order(found), kept.ranks if kept else {}
    uai = place.scope.removeprefix("school:")
    return SchoolRequests(
        uai=uai,
        school=french(place.name),
        url=f"/etablissements/{uai}/demandes",
        may_rank=policy.may(actor, May.ENDORSE, place),
        requests=[Ranked(shown[one.key], typed.get(one.key, str(one.school_rank or ""))) for one in found],
        read=" ".join(map(str, kept.read if kept and not is_late else order)),
        meanwhile=_meanwhile(session, place, [shown[key] for key in order]) if is_late else None,
    )


def rank(session: Session, policy: Policy, actor: Actor, place: Place, wanted: Ranking, *, at: datetime) -> None:
    """All the ranks at once, made 1, 2, 3… in the order of the numbers typed; equal ones keep the order they had.

    What was closed since the page was read is left out; what is another school's was never on it. Twice the same form does it once.
    """
    if not policy.may(actor, May.ENDORSE, place):
        raise NotAllowed(ONLY_THE_HEAD)
    lock(session, session.exec(select(School).where(School.uai == place.scope.removeprefix("school:"))).one())
    # Each is locked: a move at the same moment waits, and is no change of the order.
    held = {one.key: one for one in session.exec(_open(place).with_for_update())}
    _demand_own(session, place, wanted.ranks.keys() - held.keys())
    ranks = _ranks(held, wanted.ranks)
    changed = [one for key, one in held.items() if key in wanted.ranks and one.school_rank != ranks.get(key)]
    if changed and _order(held.values()) != [key for key in wanted.read if key in held]:
        raise OutOfDate(CHANGED)
    for one in changed:
        one.school_rank = ranks.get(one.key)
        session.flush()
        record(session, actor, one, "ranked", at=at, rank=one.school_rank)


def _ranks(held: Mapping[int, SoftwareRequest], typed: Mapping[int, str]) -> dict[int, int]:
    wanted = {key: said.strip() for key, said in typed.items() if key in held and said.strip()}
    if any(not (said.isascii() and said.isdecimal() and 1 <= int(said[:6]) <= MOST) for said in wanted.values()):
        raise Refused([WRONG_RANK])
    ordered = sorted(wanted, key=lambda key: (int(wanted[key]), held[key].school_rank or MOST + 1, key))
    return {key: number for number, key in enumerate(ordered, 1)}


def _order(found: Iterable[SoftwareRequest]) -> list[int]:
    """The numbers of those that have a rank, in that order: what was sent or closed since changes nothing for the others."""
    ranked = sorted((one.school_rank, one.key) for one in found if one.school_rank)
    return [key for _rank, key in ranked]


def _meanwhile(session: Session, place: Place, order: list[Line]) -> Meanwhile:
    last = session.exec(
        select(Event)
        .join(SoftwareRequest, col(SoftwareRequest.id) == Event.subject_id)
        .where(Event.subject_kind == SoftwareRequest.__tablename__, Event.move == "ranked", SoftwareRequest.scope == place.scope)
        .order_by(col(Event.id).desc())
        .limit(1)
    ).first()
    if last is None:
        return Meanwhile("", "", "", order)
    at = local(last.at, place.zone)
    return Meanwhile(day(at.date()), hour(at.time()), french(last.function), order)


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
