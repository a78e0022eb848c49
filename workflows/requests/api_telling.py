"""Requests as programs are told of them: what the pages say, under stable names. As many queries for thirty as for three."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from catalogue.lists.models import SoftwareList
from catalogue.titles.models import Discipline
from portal.access import Actor
from portal.enclosures.keeping import enclosures_of
from portal.enclosures.models import Enclosure
from portal.people.access import PERSON
from portal.people.models import Person
from portal.text import french
from portal.trail.models import Event
from portal.web.forms import number
from portal.web.kit import Portal
from portal.web.language import local, say
from workflows.requests.access import FILLS, May, is_own
from workflows.requests.badges import BLOCKS, KINDS, PAST, STATUSES
from workflows.requests.blocks import QUESTIONS
from workflows.requests.facts import facts_of
from workflows.requests.guards import OPEN
from workflows.requests.holders import holders, owners
from workflows.requests.models import Block, BlockState, RequestStatus, SoftwareRequest, Thread
from workflows.requests.queries import whole
from workflows.requests.steps import QUESTIONS as ASKED
from workflows.requests.supporters import Supporters, supporters_of
from workflows.requests.supporting import signature_of
from workflows.requests.table import REQUESTS
from workflows.requests.timeline import is_shown

PREFIX = "/api/v1"
Told = dict[str, Any]
DETAILS = {"block", "blocks", "message", "other", "rank"}  # of an event: what its move does not say
AS_SAID = ("website", "wanted_version", "audience", "need", "exam", "places", "considered")


def told(session: Session, joined: Portal, actor: Actor, requests: Sequence[SoftwareRequest]) -> list[Told]:
    """Each with its moves, and its timeline for whoever may read it."""
    now = joined.clock.now()
    held, facts = holders(session, requests, now), facts_of(session, requests)
    read = {one.key for one in requests if joined.policy.may(actor, May.READ, one)}
    events, threads = _events(session, read), {one.key: _threads(joined, actor, one) for one in requests if one.key in read}
    return [
        {
            **_line(one, actor, now, may_read=one.key in read),
            "holder": held.get(one.key) or None,
            "moves": _moves(joined, actor, one, facts[one.key]),
            "timeline": [_event(event) for event in events.get(one.key, ()) if is_shown(event, threads[one.key])]
            if one.key in read
            else None,
        }
        for one in requests
    ]


def told_whole(session: Session, joined: Portal, actor: Actor, key: int) -> Told:
    """Read anew, whatever was loaded and written of it before."""
    session.flush()
    session.expunge_all()
    request = session.exec(select(SoftwareRequest).where(SoftwareRequest.id == key).options(*whole())).one()
    (line,), found = told(session, joined, actor, [request]), supporters_of(session, request, actor)
    may_read = joined.policy.may(actor, May.READ, request)
    return {
        **line,
        "supporters": _supporters(session, request, actor, found),
        "merged": found.merged,
        "question": _question(request, line["timeline"]) if may_read else None,
        "answers": _answers(session, request) if may_read else None,
        "blocks": _blocks(session, joined, actor, request) if may_read else None,
        "enclosures": [piece(one) for one in enclosures_of(session, request)] if may_read else None,
        "receipt": french(request.receipt) or None if line["own"] else None,
    }


def piece(one: Enclosure) -> Told:
    url = f"{PREFIX}/requests/{one.subject_id}/attachments/{one.key}"
    return {"id": one.key, "name": one.name, "size": one.size, "media_type": one.media_type, "url": url}


def _line(one: SoftwareRequest, actor: Actor, now: datetime, *, may_read: bool) -> Told:
    is_draft = one.status is RequestStatus.DRAFT
    return {
        "id": one.key,
        "url": f"/demandes/{one.key}",
        "kind": one.kind,
        "kind_label": say(KINDS[one.kind]),
        "status": one.status,
        "status_label": say(STATUSES[one.status][0]),
        "title": {"slug": one.title.slug if one.title else None, "name": one.title_name},
        "school": {"uai": one.school.uai, "name": french(one.school.name), "city": one.school.city},
        "requester": {"id": one.requester.account_id, "name": one.requester.name} if may_read else None,
        "own": is_own(actor, one),
        "since": _instant(one.kept_at if is_draft else one.since),
        "due_on": _day(one.due_on),
        "due_doubt": french(one.due_doubt) or None,
        "late": one.due_on is not None and one.due_on < _today(one, now),
        "rank": one.school_rank if may_read else None,
        "merged_into": one.merged_into_id,
        "version": one.version,
    }


def _moves(joined: Portal, actor: Actor, one: SoftwareRequest, facts: Told) -> list[Told]:
    given = {"today": _today(one, joined.clock.now()), **facts}
    offers = [REQUESTS.offer(move, one, actor, given) for move in REQUESTS.open_moves(joined.policy, one, actor)]
    return [
        {
            "name": offer.move.name,
            "label": say(offer.move.label),
            "allowed": not offer.reasons,
            "reasons": [say(reason) for reason in offer.reasons],
            "needs_reason": offer.move.needs_reason,
            "asks": list(offer.move.asks),
        }
        for offer in offers
    ]


def _threads(joined: Portal, actor: Actor, one: SoftwareRequest) -> frozenset[Thread]:
    """Whoever reads the file reads the exchanges; whom it is supported by is not asked of a list."""
    within = joined.policy.may(actor, May.DISCUSS_INTERNALLY, one)
    return frozenset({Thread.PUBLIC, Thread.INTERNAL} if within else {Thread.PUBLIC})


def _events(session: Session, keys: set[int]) -> dict[int, list[Event]]:
    """By request, the newest first."""
    found: dict[int, list[Event]] = {}
    asked = select(Event).where(Event.subject_kind == SoftwareRequest.__tablename__, col(Event.subject_id).in_(keys))
    for one in session.exec(asked.order_by(col(Event.id).desc())) if keys else ():
        found.setdefault(one.subject_id, []).append(one)
    return found


def _event(event: Event) -> Told:
    return {
        "at": _instant(event.at),
        "move": event.move,
        "label": say(PAST[event.move]) if event.move in PAST else event.move,
        "by": french(event.function),
        "reason": french(event.reason),
        "was": event.was,
        "now": event.now,
        "details": {name: value for name, value in event.details.items() if name in DETAILS},
    }


def _question(request: SoftwareRequest, timeline: Sequence[Told]) -> str | None:
    if request.status not in ASKED:
        return None
    return next((one["reason"] for one in timeline if one["now"] == request.status), None)


def _answers(session: Session, request: SoftwareRequest) -> Told:
    """A draft holds what was typed, as it was typed: what is no answer yet is none."""
    if request.status is not RequestStatus.DRAFT:
        return {
            **{name: getattr(request, name) for name in (*AS_SAID, "pupils", "workstations")},
            "needed_on": _day(request.needed_on),
            "list": request.wanted_list.slug if request.wanted_list else None,
            "discipline": request.discipline.slug if request.discipline else None,
        }
    typed = request.typed
    chosen_list = session.get(SoftwareList, number(typed.get("list_id")))
    discipline = session.get(Discipline, number(typed.get("discipline_id")))
    return {
        **{name: typed.get(name, "") for name in AS_SAID},
        **{name: number(typed.get(name)) or None for name in ("pupils", "workstations")},
        "needed_on": typed.get("needed_on") or None,
        "list": chosen_list.slug if chosen_list else None,
        "discipline": discipline.slug if discipline else None,
    }


def _blocks(session: Session, joined: Portal, actor: Actor, request: SoftwareRequest) -> list[Told]:
    is_open = request.status in OPEN
    owed = {FILLS[one.kind] for one in request.blocks if one.state is BlockState.OWED} if is_open else set()
    owner = owners(session, request, owed, joined.clock.now()) if owed else {}
    return [
        {
            **_block(one),
            "owner": owner.get(FILLS[one.kind]) if one.state is BlockState.OWED else None,
            "allowed": is_open and joined.policy.may(actor, FILLS[one.kind], request),
        }
        for one in request.blocks
    ]


def _block(one: Block) -> Told:
    return {
        "kind": one.kind,
        "label": say(BLOCKS[one.kind]),
        "state": one.state,
        "due_on": _day(one.due_on),
        "due_doubt": french(one.due_doubt) or None,
        "answers": one.answers,
        "questions": {asked.key: say(asked.label) for asked in QUESTIONS[one.kind]},
        "reason": one.reason,
        "filled_at": _instant(one.filled_at) if one.filled_at else None,
        "filled_by": french(one.filled_as) or None,
        "version": one.version,
    }


def _supporters(session: Session, request: SoftwareRequest, actor: Actor, found: Supporters) -> Told:
    me = int(actor.key.removeprefix(PERSON)) if found.mine else 0
    mine = signature_of(session, request, session.get_one(Person, me)) if me else None
    said = {name: getattr(mine, name) for name in ("audience", "pupils", "weeks", "note")} if mine else {}
    return {
        **{name: getattr(found, name) for name in ("people", "schools", "pupils")},
        "mine": {"school": mine.scope.removeprefix("school:"), **said} if mine else None,
        "allowed": not is_own(actor, request) and request.status in OPEN,
    }


def _today(one: SoftwareRequest, now: datetime) -> date:
    return now.astimezone(ZoneInfo(one.territory.zone)).date()


def _instant(value: datetime) -> str:
    return local(value, "UTC").isoformat(timespec="seconds")


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None
