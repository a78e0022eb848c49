"""All that happened to a request, in one order: its moves, what was said aloud and what was said within, for whoever may read it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, or_, select

from portal.access import Actor, Policy
from portal.letters.queries import Heard, heard_of
from portal.people.access import PERSON
from portal.text import french
from portal.trail.models import Event
from portal.trail.trail import history
from portal.web.language import day, hour, local, ngettext, say
from portal.web.language import gettext as _
from workflows.requests.access import TALKS, May
from workflows.requests.badges import BLOCKS, PAST
from workflows.requests.models import Message, SoftwareRequest, Thread
from workflows.requests.parties import Part, Party
from workflows.requests.talking import SAID, closed

MOST_SHOWN = 40
THREADS = {move: thread for thread, move in SAID.items()}


@dataclass(frozen=True)
class Timeline:
    """`events` for `ui.timeline`, newest first; `more`: how many older ones are left out."""

    events: list[dict[str, str]]
    more: int


def read_by(policy: Policy, actor: Actor, request: SoftwareRequest) -> frozenset[Thread]:
    """The threads that somebody reads."""
    return frozenset(thread for thread, permission in TALKS.items() if policy.may(actor, permission, request))


@dataclass(frozen=True)
class Reading:
    """Who reads the timeline, and whom it may call by what they are."""

    policy: Policy
    actor: Actor
    parties: Sequence[Party]


def timeline(session: Session, request: SoftwareRequest, reading: Reading, *, whole: bool = False) -> Timeline:
    """Whoever does not read the file sees the exchanges alone. Three queries, whatever was said."""
    threads = read_by(reading.policy, reading.actor, request)
    reads_file = reading.policy.may(reading.actor, May.READ, request)
    told = [one for one in history(session, request) if is_shown(one, threads, reads_file=reads_file)]
    shown = told if whole else told[:MOST_SHOWN]
    messages = _messages(session, shown)
    corrected = {one.corrects_id: one for one in messages.values() if one.corrects_id}
    events = [
        _message(messages[key], corrected, request, reading) if (key := _said(one)) in messages else _event(one) for one in shown
    ]
    heard = heard_of(session, [one.key for one in shown]) if reads_file else {}
    with_letters = [{**line, "heard": _heard(heard.get(one.key))} for line, one in zip(events, shown, strict=True)]
    return Timeline(with_letters, len(told) - len(shown))


def _heard(heard: Heard | None) -> str:
    """Whom the portal told, and what became of the letters."""
    if heard is None:
        return ""
    said = [
        ngettext("%(num)s personne prévenue", "%(num)s personnes prévenues", heard.told),
        ngettext("%(num)s lettre partie", "%(num)s lettres parties", heard.sent) if heard.sent else "",
        ngettext("%(num)s lettre à venir", "%(num)s lettres à venir", heard.waiting) if heard.waiting else "",
        ngettext("%(num)s lettre qui n’a pas pu partir", "%(num)s lettres qui n’ont pas pu partir", heard.lost)
        if heard.lost
        else "",
    ]
    return ", ".join(one for one in said if one)


def is_shown(event: Event, threads: Collection[Thread], *, reads_file: bool = True) -> bool:
    """That something was said is for whoever may read it."""
    return THREADS[event.move] in threads if event.move in THREADS else reads_file


def _said(event: Event) -> int:
    return int(event.details["message"]) if event.move in THREADS else 0


def _messages(session: Session, shown: Sequence[Event]) -> Mapping[int, Message]:
    """Those that are shown, and what corrects them since."""
    keys = [key for one in shown if (key := _said(one))]
    if not keys:
        return {}
    asked = select(Message).where(or_(col(Message.id).in_(keys), col(Message.corrects_id).in_(keys)))
    return {one.key: one for one in session.exec(asked.order_by(col(Message.id)))}


def _message(
    one: Message, corrected: Mapping[int, Message], request: SoftwareRequest, reading: Reading
) -> dict[str, str]:  # fmt: skip
    is_own = one.author == reading.actor.key
    by_key = {party.actor_key: party for party in reading.parties}
    called = [_called(by_key[key]) for key in one.mentions if key in by_key]
    then = corrected.get(one.key)
    return {
        "id": f"message-{one.key}",
        "thread": one.thread.value,
        "iso": one.written_at.isoformat(),
        "at": day(one.written_at.isoformat()),
        "title": say(PAST[SAID[one.thread]]),
        "text": french(one.text),
        "by": _signed(one, by_key.get(one.author), request),
        "called": _("Pour : %(who)s", who=", ".join(called)) if called else "",
        "corrected_by": f"#message-{then.key}" if then else "",
        "corrects": f"#message-{one.corrects_id}" if one.corrects_id else "",
        "correct": f"/demandes/{request.key}?corriger={one.key}#{form_of(one.thread)}"
        if is_own and not then and not closed(request)
        else "",
    }


def form_of(thread: Thread) -> str:
    """The name, on the page, of the form that writes there."""
    return "ecrire" if thread is Thread.PUBLIC else "ecrire-instruction"


def _signed(one: Message, party: Party | None, request: SoftwareRequest) -> str:
    """The function in which it was written, what it is here, and the hour."""
    at = hour(local(one.written_at, request.territory.zone).time())
    what = french(one.written_as)
    if one.author in {f"{PERSON}{request.requester.account_id}", request.requester.actor_key}:
        return _("%(function)s, qui demande · %(hour)s", function=what, hour=at)
    if party and party.part is Part.SUPPORTER:
        return _("%(function)s, qui soutient · %(hour)s", function=what, hour=at)
    return _("%(function)s · %(hour)s", function=what, hour=at)


def _called(party: Party) -> str:
    """As everybody may read it: what somebody is, and no name."""
    return _("la personne qui demande") if party.part is Part.AUTHOR else french(party.function)


def _details(event: Event) -> str:
    """Which other request, or which rank: what the words of the move do not say."""
    if other := event.details.get("other"):
        return _("Demande n° %(number)s.", number=other)
    if event.move == "ranked":
        rank = event.details.get("rank")
        return _("Rang %(rank)s.", rank=rank) if rank else _("Sans rang.")
    return ""


def _event(event: Event) -> dict[str, str]:
    """For `ui.timeline`. A move that is not ours to say keeps its code: it comes from a procedure that was added since."""
    named = event.details.get("blocks") or [event.details.get("block")]
    said = say(PAST[event.move]) if event.move in PAST else event.move
    words = [say(word) for one, word in BLOCKS.items() if one.value in named]
    return {
        "iso": event.at.isoformat(),
        "at": day(event.at.isoformat()),
        "title": _("%(what)s : %(block)s", what=said, block=", ".join(words)) if words else said,
        "text": " ".join(part for part in (_details(event), french(event.reason)) if part),
        "by": french(event.function),
    }
