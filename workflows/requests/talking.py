"""Talking about a request: what its parties say to each other, kept as it was said."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from portal.access import Actor, Policy
from portal.db import lock
from portal.errors import OutOfDate, Refused
from portal.text import Sentence, clean_lines
from portal.trail.trail import record
from workflows.requests.access import TALKS
from workflows.requests.drafting import SHAPE_OF_KEY
from workflows.requests.guards import OPEN
from workflows.requests.letters import tell_of
from workflows.requests.models import Message, RequestStatus, SoftwareRequest, Thread
from workflows.requests.parties import Party, parties

LONGEST = 4000
TALKED_ABOUT = OPEN | {RequestStatus.DECLINED}  # a new examination is prepared by talking
SAID: dict[Thread, str] = {
    Thread.PUBLIC: "said",
    Thread.INTERNAL: "said-internally",
}  # as the trail keeps it, without a word of the text
NOT_SENT = Sentence("Cette demande n’est pas encore envoyée : personne d’autre ne la lit. Envoyez-la d’abord.")
GIVEN_UP = Sentence("Cette demande est abandonnée : ses échanges se lisent, et ne continuent pas.")
EMPTY = Sentence("Il manque le message. Écrivez-le, puis recommencez.")
TOO_LONG = Sentence("Ce texte dépasse %(n)s caractères. Raccourcissez-le.", n=LONGEST)
NOT_A_PARTY = Sentence("L’une des personnes à prévenir ne lit pas ces échanges. Choisissez parmi celles de la liste.")
NOT_YOURS = Sentence("Vous ne pouvez corriger que vos propres messages, dans les mêmes échanges. Écrivez-en un nouveau.")
ALREADY_SENT = Sentence("Ce formulaire a déjà servi à écrire un autre message, qui est gardé. Relisez celui-ci, puis envoyez-le.")
NO_KEY = Sentence("Ce formulaire est incomplet. Rechargez la page, puis recommencez.")


@dataclass(frozen=True, slots=True)
class Said:
    """`key`: made by the page; `mentions`: handles of the parties that are called; `corrects`: an earlier message of one's own."""

    text: str
    key: str
    thread: Thread = Thread.PUBLIC
    mentions: Collection[str] = ()
    corrects: int | None = None


def say(session: Session, policy: Policy, actor: Actor, request: SoftwareRequest, said: Said, *, at: datetime) -> Message:  # fmt: skip
    """The one place where a message is written: whatever must know of it begins here. Twice the same form says it once.

    `request` comes with its requester, its signatures and their people.
    """
    policy.demand(actor, TALKS[said.thread], request)
    lock(session, request)
    text = clean_lines(said.text)
    readers = addressable(parties(session, request, at), actor, said.thread) if said.mentions else []
    called = sorted((one for one in readers if one.handle in said.mentions), key=lambda one: one.key)
    mentions = [one.actor_key for one in called]
    if already := _already(session, actor, request, said.key):
        if (already.text, already.thread, already.corrects_id, already.mentions) != (text, said.thread, said.corrects, mentions):
            raise OutOfDate(ALREADY_SENT)
        return already
    if why := closed(request):
        raise Refused([why])
    if faults := [*_unsaid(text), *_uncalled(said.mentions, called), *_uncorrected(session, actor, request, said)]:
        raise Refused(faults)
    message = Message(
        request_id=request.key, key_of_page=said.key, thread=said.thread, author=actor.key, written_as=actor.function, written_at=at,
        text=text, mentions=mentions, corrects_id=said.corrects,
    )  # fmt: skip
    session.add(message)
    session.flush()
    event = record(session, actor, request, SAID[said.thread], at=at, message=message.key)
    asked = [request.requester_id] if said.thread is Thread.PUBLIC else []
    quoted = text if said.thread is Thread.PUBLIC else ""  # what is said within leaves by no letter
    tell_of(session, request, event, {"said.named": [one.key for one in called], "said.requester": asked}, said=quoted)
    return message


def addressable(found: Collection[Party], actor: Actor, thread: Thread) -> list[Party]:
    """The others who read that thread."""
    return [one for one in found if thread in one.threads and one.actor_key != actor.key]


def own_message(session: Session, actor: Actor, request: SoftwareRequest, key: int) -> Message | None:
    """As it was written; None for what somebody else wrote, or wrote about something else."""
    asked = select(Message).where(Message.id == key, Message.request_id == request.key, Message.author == actor.key)
    return session.exec(asked).one_or_none()


def closed(request: SoftwareRequest) -> Sentence | None:
    """Why nothing more is said about it; None while people may write."""
    if request.status in TALKED_ABOUT:
        return None
    if request.merged_into_id is not None:
        return Sentence(
            "Cette demande est réunie à la demande n° %(number)s, où les échanges continuent : soutenez celle-là, puis écrivez-y.",
            number=request.merged_into_id,
        )
    return NOT_SENT if request.status is RequestStatus.DRAFT else GIVEN_UP


def _already(session: Session, actor: Actor, request: SoftwareRequest, key: str) -> Message | None:
    if not SHAPE_OF_KEY.fullmatch(key):
        raise Refused([NO_KEY])
    return session.exec(
        select(Message).where(
            Message.request_id == request.key, Message.author == actor.key, col(Message.key_of_page) == key
        )
    ).one_or_none()  # fmt: skip


def _unsaid(text: str) -> list[Sentence]:
    if not text:
        return [EMPTY]
    return [TOO_LONG] if len(text) > LONGEST else []


def _uncalled(mentions: Collection[str], called: Collection[Party]) -> list[Sentence]:
    return [NOT_A_PARTY] if set(mentions) - {one.handle for one in called} else []


def _uncorrected(session: Session, actor: Actor, request: SoftwareRequest, said: Said) -> list[Sentence]:
    if said.corrects is None:
        return []
    earlier = own_message(session, actor, request, said.corrects)
    return [] if earlier and earlier.thread is said.thread else [NOT_YOURS]
