"""What is said of a request, by program: the threads that the page shows, and one more message."""

from typing import Annotated, Any

from flask import Blueprint, Response, jsonify, request
from pydantic import Field
from sqlmodel import Session, col, select

from portal.access import Actor, Policy
from portal.text import french
from portal.web.api import Answered, Asked, answers, read
from portal.web.bodies import Given, written
from portal.web.kit import access, portal, session
from portal.web.once import Made, once
from portal.web.reading import actor
from workflows.requests.access import TALKS, May
from workflows.requests.api_models import LARGEST, NO_SUCH, ONE
from workflows.requests.draft_page import new_key
from workflows.requests.models import Message, SoftwareRequest, Thread
from workflows.requests.parties import parties
from workflows.requests.queries import find_request
from workflows.requests.talking import LONGEST, Said, addressable, say
from workflows.requests.thread_page import words
from workflows.requests.timeline import read_by

bp = Blueprint("talking", __name__)
MOST_NAMED = 50
Handle = Annotated[str, Field(max_length=20)]


class MessageShown(Answered):
    """Ce que quelqu’un a dit."""

    id: int
    thread: Thread
    at: str
    by: str = Field(description="La fonction de qui écrit.")
    own: bool
    text: str
    corrects: int | None = Field(description="Le message que celui-ci corrige.")


class Messages(Answered):
    """Ce qui s’est dit, le plus ancien d’abord."""

    items: list[MessageShown]


class Addressee(Answered):
    """Quelqu’un que l’on peut prévenir."""

    id: str
    who: str


class Addressees(Answered):
    """Pour chaque fil que l’on lit, qui d’autre le lit ; null pour un fil que l’on ne lit pas."""

    public: list[Addressee] | None
    internal: list[Addressee] | None


class MessageGiven(Given):
    """Un message : il ne s’efface ni ne se change."""

    text: str = Field("", max_length=LONGEST, description="Ce que l’on dit.")
    thread: Thread = Field(Thread.PUBLIC, description="public : les parties de la demande ; internal : qui instruit ou complète.")
    mentions: tuple[Handle, ...] = Field((), max_length=MOST_NAMED, description="Qui prévenir : des « id » de …/addressees.")
    corrects: int | None = Field(None, ge=1, le=LARGEST, description="Le sien, plus ancien, que celui-ci corrige.")


@bp.post(f"{ONE}/messages")
@access(May.DISCUSS)
@answers("Écrire dans les échanges, ou dans l’instruction", MessageShown, takes=MessageGiven, refuses=NO_SUCH, status=201)
def talk(number: int) -> Response:
    read(Asked, request.args)
    find_request(session(), portal().policy, actor(), May.DISCUSS, number)
    given = written(MessageGiven)
    return once(lambda writing: _said(writing, number, given))


@bp.get(f"{ONE}/addressees")
@access(May.DISCUSS)
@answers("Les personnes que l’on peut prévenir d’un message", Addressees, refuses=NO_SUCH)
def addressees(number: int) -> Response:
    read(Asked, request.args)
    held = find_request(session(), portal().policy, actor(), May.DISCUSS, number)
    return jsonify(_addressees(session(), held))


def told_messages(session: Session, policy: Policy, actor: Actor, request: SoftwareRequest) -> list[dict[str, Any]]:
    """Of the threads that the reader reads, the first first."""
    threads = read_by(policy, actor, request)
    asked = select(Message).where(Message.request_id == request.key, col(Message.thread).in_(threads)).order_by(col(Message.id))
    return [_told(one, actor) for one in session.exec(asked)]


def _addressees(reading: Session, held: SoftwareRequest) -> dict[str, list[dict[str, Any]] | None]:
    policy, who = portal().policy, actor()
    found, named = parties(reading, held, portal().clock.now()), policy.may(who, May.READ, held)
    threads = read_by(policy, who, held)
    called = {
        one: [{"id": each.handle, "who": words(each, named=named)} for each in addressable(found, who, one)] for one in threads
    }
    return {one.value: called.get(one) for one in Thread}


def _said(writing: Session, number: int, given: MessageGiven) -> Made:
    """Sent again under the same key, the answer is the first one: the key of a page is only ever its own."""
    held = find_request(writing, portal().policy, actor(), TALKS[given.thread], number)
    said = Said(given.text, new_key(), given.thread, given.mentions, given.corrects)
    message = say(writing, portal().policy, actor(), held, said, at=portal().clock.now())
    return Made(_told(message, actor()), 201)


def _told(one: Message, actor: Actor) -> dict[str, Any]:
    return {
        "id": one.key,
        "thread": Thread(one.thread).value,
        "at": one.written_at.isoformat(timespec="seconds"),
        "by": french(one.written_as),
        "own": one.author == actor.key,
        "text": french(one.text),
        "corrects": one.corrects_id,
    }
