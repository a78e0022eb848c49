"""Who is told of what becomes of a request, and what its letters may say of it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlmodel import Session, col, select

from portal.letters.telling import Told, settle, tell
from portal.letters.words import written
from portal.moves import Moved
from portal.people.holding import held_over
from portal.people.models import Person
from portal.people.queries import account_id
from portal.territories.models import School, Territory
from portal.text import Sentence, french
from portal.trail.models import Event
from workflows.requests.access import FILLS
from workflows.requests.guards import OPEN
from workflows.requests.holders import people_who_have
from workflows.requests.letter_words import WORDS
from workflows.requests.models import Block, BlockState, CoSignature, RequestStatus, SoftwareRequest

R = RequestStatus
NO_DAY = Sentence("sans date promise")
NEXT = {
    R.RELAY: Sentence("Elle attend maintenant le relais de l’établissement"),
    R.VISA: Sentence("Elle attend maintenant le visa de l’établissement"),
    R.INSTRUCTION: Sentence("La collectivité l’instruit maintenant"),
}
SAME = {
    "pass_relay": "relay",
    "pass_visa": "endorse",
    **dict.fromkeys(("ask_before_visa", "ask_in_instruction"), "ask"),
    **dict.fromkeys(("answer_before_visa", "answer_in_instruction"), "answer"),
}  # moves that are told in the words of another


def tell_requester(session: Session, moved: Moved[SoftwareRequest]) -> Iterable[Told]:
    """What became of their request; of its sending, a receipt that goes at once."""
    yield _told(
        session,
        moved.subject,
        WORDS[f"{SAME.get(moved.move, moved.move)}.requester"],
        [moved.subject.requester_id],
        moved,
        is_alone=moved.move == "submit",
    )


def tell_holder(session: Session, moved: Moved[SoftwareRequest]) -> Iterable[Told]:
    """Whoever it waits for now: nobody, when another move followed at once."""
    if moved.subject.status == moved.now:
        yield _told(
            session,
            moved.subject,
            WORDS[f"{SAME.get(moved.move, moved.move)}.holder"],
            people_who_have(session, moved.subject, moved.at),
            moved,
        )


def tell_supporters(session: Session, moved: Moved[SoftwareRequest]) -> Iterable[Told]:
    """What became of what they joined; the reason is for whoever reads the file."""
    yield _told(
        session, moved.subject, WORDS[f"{SAME.get(moved.move, moved.move)}.supporters"], _supporters(session, moved.subject), moved
    )


def tell_owners(session: Session, moved: Moved[SoftwareRequest]) -> Iterable[Told]:
    """Whoever owes a block, each about their own: also when it is they who ask."""
    blocks = session.exec(
        select(Block).where(Block.request_id == moved.subject.key, Block.state == BlockState.OWED).order_by(col(Block.id))
    )
    for block in blocks.all():
        yield told_of_block(session, moved.subject, block, "owed.owner", moved.at)


def settle_blocks(session: Session, moved: Moved[SoftwareRequest]) -> None:
    """A listener: of a request that is over, nothing is owed any more."""
    if moved.procedure != "request" or moved.now in OPEN:
        return
    for block in session.exec(select(Block).where(Block.request_id == moved.subject.key)).all():
        settle(session, block, moved.actor.key, moved.at)


def told_of_block(session: Session, request: SoftwareRequest, block: Block, code: str, at: Any) -> Told:
    """`about` the block: it is seen to when the block is filled, whatever becomes of the request."""
    held = held_over(session, (request.scope, request.within), at)
    people = [one.account for found in held.values() for one in found if FILLS[block.kind] in one.permissions]
    words, url = WORDS[code], f"/demandes/{request.key}/volets/{block.kind.value}"
    values = _values(session, request, until=block)
    return Told(words, block, _territory(session, request), url, people, values=values, even_oneself=True)


def tell_of(
    session: Session, request: SoftwareRequest, event: Event, people: Mapping[str, Sequence[int]], *, said: str = ""
) -> None:
    """What is no move of the table: somebody supports it, speaks of it, is reminded of it. `people`: by code of words."""
    values = _values(session, request) | {"qui": french(event.function), "raison": french(said or event.reason)}
    territory, url = _territory(session, request), f"/demandes/{request.key}"
    tell(session, [Told(WORDS[code], request, territory, url, whom, values=values) for code, whom in people.items()], event)


def _told(
    session: Session, request: SoftwareRequest, words: Any, people: Sequence[int], moved: Moved[SoftwareRequest], *, is_alone: bool = False
) -> Told:  # fmt: skip
    other = moved.given.get("into") or moved.given.get("was_into") or ""
    number = other.key if isinstance(other, SoftwareRequest) else other
    values = _values(session, request) | {
        "qui": french(moved.actor.function),
        "raison": french(moved.reason),
        "autre": str(number),
    }
    return Told(
        words,
        request,
        _territory(session, request),
        f"/demandes/{request.key}",
        people,
        values=values,
        even_oneself=is_alone,
        is_alone=is_alone,
    )


def _values(session: Session, request: SoftwareRequest, until: SoftwareRequest | Block | None = None) -> dict[str, str]:
    due_on = (until or request).due_on
    school = session.get_one(School, request.school_id)
    return {
        "logiciel": request.title_name,
        "demande": str(request.key),
        "etablissement": french(f"{school.name}, {school.city}"),
        "suite": NEXT.get(request.status, ""),
        "doute": "" if due_on else french((until or request).due_doubt),
        "echeance": Sentence("jusqu’au %(day)s", day=written(due_on)) if due_on else NO_DAY,
        "recu": french(request.receipt),
        "qui": "",
        "raison": "",
        "autre": "",
    }


def _territory(session: Session, request: SoftwareRequest) -> Territory:
    return session.get_one(Territory, request.territory_id)


def _supporters(session: Session, request: SoftwareRequest) -> list[int]:
    """What stands for others is neither declined nor merged nor given up: it has none but its own."""
    signed = (
        select(account_id())
        .join(CoSignature, col(CoSignature.person_id) == Person.id)
        .where(CoSignature.request_id == request.key, col(CoSignature.taken_back_at).is_(None))
        .order_by(col(CoSignature.id))
    )
    return list(session.exec(signed))
