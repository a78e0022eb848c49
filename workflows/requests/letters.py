"""Who is told of what becomes of a request, and what its letters may say of it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

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
    yield _told(session, moved, "requester", [moved.subject.requester_id], is_alone=moved.move == "submit")


def tell_holder(session: Session, moved: Moved[SoftwareRequest]) -> Iterable[Told]:
    """Whoever it waits for now: nobody, when another move followed at once."""
    if moved.subject.status == moved.now:
        yield _told(session, moved, "holder", people_who_have(session, moved.subject, moved.at))


def tell_supporters(session: Session, moved: Moved[SoftwareRequest]) -> Iterable[Told]:
    """What became of what they joined; the reason is for whoever reads the file."""
    yield _told(session, moved, "supporters", _supporters(session, moved.subject))


def tell_owners(session: Session, moved: Moved[SoftwareRequest]) -> Iterable[Told]:
    """Whoever owes a block, each about their own."""
    owed = select(Block).where(Block.request_id == moved.subject.key, Block.state == BlockState.OWED).order_by(col(Block.id))
    return told_of_blocks(session, moved.subject, session.exec(owed).all(), "owed.owner", moved.at)


def settle_blocks(session: Session, moved: Moved[SoftwareRequest]) -> None:
    """A listener: of a request that is over, nothing is owed any more."""
    if moved.procedure != "request" or moved.now in OPEN:
        return
    for block in session.exec(select(Block).where(Block.request_id == moved.subject.key)).all():
        settle(session, block, moved.actor.key, moved.at)


def told_of_blocks(
    session: Session, request: SoftwareRequest, blocks: Iterable[Block], code: str, at: datetime
) -> list[Told]:  # fmt: skip
    """`about` each block, which is seen to when it is filled, whatever becomes of the request; also when it is they who ask."""
    held = [one for found in held_over(session, (request.scope, request.within), at).values() for one in found]
    return [
        Told(
            WORDS[code],
            block,
            _territory(session, request),
            f"/demandes/{request.key}/volets/{block.kind.value}",
            [one.account for one in held if FILLS[block.kind] in one.permissions],
            values=_values(session, request, until=block),
            even_oneself=True,
        )
        for block in blocks
    ]


def tell_of(
    session: Session, request: SoftwareRequest, event: Event, people: Mapping[str, Sequence[int]], *, said: str = ""
) -> None:
    """What is no move of the table: somebody supports it, speaks of it, is reminded of it. `people`: by code of words."""
    values = _values(session, request) | {"qui": french(event.function), "raison": french(said or event.reason)}
    territory, url = _territory(session, request), f"/demandes/{request.key}"
    tell(session, [Told(WORDS[code], request, territory, url, whom, values=values) for code, whom in people.items()], event)


def _told(
    session: Session, moved: Moved[SoftwareRequest], whom: str, people: Sequence[int], *, is_alone: bool = False
) -> Told:  # fmt: skip
    request, other = moved.subject, moved.given.get("into") or moved.given.get("was_into") or ""
    said = {
        "qui": french(moved.actor.function),
        "raison": french(moved.reason),
        "autre": str(other.key if isinstance(other, SoftwareRequest) else other),
    }
    return Told(
        WORDS[f"{SAME.get(moved.move, moved.move)}.{whom}"],
        request,
        _territory(session, request),
        f"/demandes/{request.key}",
        people,
        values=_values(session, request) | said,
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
