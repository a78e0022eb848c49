"""The page of a request: who has it and until when, what can be done, its file, all that happened and what is said of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sqlmodel import Session

from catalogue.support.badges import Badge
from portal.access import Actor
from portal.moves import Offer
from portal.people.access import covers
from portal.text import Sentence, french
from portal.trail.trail import history
from portal.web.kit import Portal
from portal.web.language import day, local, ngettext, say
from portal.web.language import gettext as _
from workflows.requests.access import TALKS, May, is_own
from workflows.requests.advice import Similar, similar
from workflows.requests.badges import KINDS, status_badge
from workflows.requests.file_page import File, file_of
from workflows.requests.guards import OPEN
from workflows.requests.handing import HANDED_OVER, colleagues, may_hand_over
from workflows.requests.holders import holders
from workflows.requests.models import SoftwareRequest
from workflows.requests.parties import parties
from workflows.requests.steps import QUESTIONS
from workflows.requests.supporters import Supporters, supporters_of
from workflows.requests.table import REQUESTS
from workflows.requests.thread_page import Talk, Typed, talk
from workflows.requests.timeline import Reading, Timeline, timeline

REASON = Sentence("La raison, que la personne lira")
WHY = {
    **dict.fromkeys(("ask", "ask_before_visa", "ask_in_instruction"), Sentence("Votre question")),
    **dict.fromkeys(("answer", "answer_before_visa", "answer_in_instruction"), Sentence("Votre réponse")),
    "reconsider": Sentence("Ce qui a changé depuis, ou ce que la réponse ne savait pas"),
    "decline": Sentence("La raison, que la personne lira, et ce qui changerait la réponse"),
    "relay": Sentence("Un mot pour la suite"),
    "endorse": Sentence("Un mot pour la suite"),
    "give_up": Sentence("Pourquoi"),
}  # what a reason is called, by move
QUIET = {"give_up", "decline", "merge"}  # never the first thing offered


@dataclass(frozen=True)
class Doing:
    """A move that the reader may make. `why`: what its reason is called; `asks`: what else it needs."""

    name: str
    label: str
    needs_reason: bool
    asks: str
    why: str
    held_back: list[str]


@dataclass(frozen=True)
class RequestPage:
    """What `requests/request.html` shows. `file`: None for whoever may only know that it exists."""

    number: int
    url: str
    name: str
    sheet: str
    kind: str
    status: Badge
    school: str
    school_url: str
    is_own: bool
    version: int
    holder: str
    question: str
    since: str
    until: str
    is_late: bool
    waits: str
    merged_into: int | None
    doings: list[Doing]
    supporters: Supporters
    may_support: bool
    colleagues: list[tuple[int, str]]
    merged: list[int]
    similar: list[Similar]
    school_requests: str
    file: File | None
    timeline: Timeline | None
    talk: Talk


@dataclass(frozen=True)
class Asked:
    """What the address and the forms of a page say: the whole timeline, and what was typed to be said."""

    whole: bool = False
    typed: Typed | None = None


def request_page(
    session: Session, joined: Portal, request: SoftwareRequest, actor: Actor, asked: Asked
) -> RequestPage:  # fmt: skip
    zone = ZoneInfo(request.territory.zone)
    now = joined.clock.now()
    today = now.astimezone(zone).date()
    holder = holders(session, [request], now).get(request.key, "")
    own, supporters = is_own(actor, request), supporters_of(session, request, actor)
    is_party = any(joined.policy.may(actor, permission, request) for permission in (May.READ, *TALKS.values()))
    reading = Reading(joined.policy, actor, parties(session, request, now) if is_party else [])
    return RequestPage(
        number=request.key,
        url=f"/demandes/{request.key}",
        name=request.title_name,
        sheet=f"/catalogue/{request.title.slug}" if request.title else "",
        kind=say(KINDS[request.kind]),
        status=status_badge(request.status),
        school=f"{french(request.school.name)}, {request.school.city}",
        school_url=f"/etablissements/{request.school.uai}",
        is_own=own,
        version=request.version,
        holder=_("C’est à vous de répondre")
        if own and request.status in QUESTIONS
        else holder and _("Elle est entre les mains de : %(who)s", who=holder),
        question=_question(session, request),
        since=day(local(request.since, request.territory.zone).date()),
        until=_until(request),
        is_late=request.due_on is not None and request.due_on < today,
        waits=_waits(request, today),
        merged_into=request.merged_into_id,
        doings=_doings(joined.desk.offers(session, REQUESTS, request, actor, today=today)),
        supporters=supporters,
        may_support=not own and request.status in OPEN,
        colleagues=[(one.key, one.name) for one in colleagues(session, request)]
        if request.status in HANDED_OVER and may_hand_over(session, joined.policy, actor, request)
        else [],
        merged=supporters.merged,
        similar=similar(session, request) if joined.policy.may(actor, May.INSTRUCT, request) else [],
        school_requests=f"/etablissements/{request.school.uai}/demandes" if covers(actor, May.READ, request) else "",
        file=file_of(session, joined, request, actor, today) if joined.policy.may(actor, May.READ, request) else None,
        timeline=timeline(session, request, reading, whole=asked.whole) if is_party else None,
        talk=talk(request, reading, asked.typed),
    )


def _question(session: Session, request: SoftwareRequest) -> str:
    """The one that waits for its answer, for whoever may read it."""
    if request.status not in QUESTIONS:
        return ""
    return next((french(one.reason) for one in history(session, request) if one.now == request.status), "")


def _until(request: SoftwareRequest) -> str:
    if request.status not in OPEN:
        return ""
    return (
        _("jusqu’au %(day)s", day=day(request.due_on))
        if request.due_on
        else _("sans date : %(why)s", why=french(request.due_doubt))
    )


def _waits(request: SoftwareRequest, today: date) -> str:
    """How long is left, or since when it is late."""
    if request.due_on is None or request.status not in OPEN:
        return ""
    days = (request.due_on - today).days
    if days < 0:
        return ngettext("en retard de %(num)s jour", "en retard de %(num)s jours", -days)
    return _("c’est le dernier jour") if days == 0 else ngettext("il reste %(num)s jour", "il reste %(num)s jours", days)


def _doings(offers: Sequence[Offer]) -> list[Doing]:
    found = [
        Doing(
            one.move.name, say(one.move.label), one.move.needs_reason, next(iter(one.move.asks), ""), say(WHY.get(one.move.name, REASON)),
            [say(why) for why in one.reasons],
        )
        for one in offers
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.name in QUIET, one.needs_reason and not one.name.startswith("answer")))
