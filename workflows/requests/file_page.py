"""The file of a request, as its parties read it: the six answers, what others owe, what was joined."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from catalogue.support.badges import Badge
from portal.access import Actor
from portal.enclosures.keeping import enclosures_of
from portal.enclosures.models import Enclosure
from portal.text import french
from portal.web.kit import Portal
from portal.web.language import day, number, say
from portal.web.language import gettext as _
from workflows.requests.access import FILLS
from workflows.requests.badges import BLOCKS, block_badge
from workflows.requests.guards import OPEN
from workflows.requests.holders import owners
from workflows.requests.models import Block, BlockState, SoftwareRequest


@dataclass(frozen=True)
class BlockLine:
    """One block. `may_fill`: whether it is the reader's to fill; `filled_by`: the function that did."""

    label: str
    state: Badge
    owner: str
    until: str
    is_late: bool
    filled_by: str
    may_fill: bool
    url: str


@dataclass(frozen=True)
class File:
    """What the parties of a request read beyond what everybody may know of it. `owed`: how many blocks are still to fill."""

    answers: list[tuple[str, str]]
    blocks: list[BlockLine]
    owed: int
    enclosures: Sequence[Enclosure]
    receipt: str


def file_of(session: Session, joined: Portal, request: SoftwareRequest, actor: Actor, today: date) -> File:
    is_open = request.status in OPEN
    owed = [one for one in request.blocks if one.state is BlockState.OWED] if is_open else []
    owner = owners(session, request, [FILLS[one.kind] for one in owed], joined.clock.now()) if owed else {}
    return File(
        answers=list(_answers(request)),
        blocks=[
            _block(
                one, owner.get(FILLS[one.kind], ""), today, may_fill=is_open and joined.policy.may(actor, FILLS[one.kind], request)
            )
            for one in request.blocks
        ],
        owed=len(owed),
        enclosures=enclosures_of(session, request),
        receipt=french(request.receipt),
    )


def _answers(request: SoftwareRequest) -> Iterator[tuple[str, str]]:
    """In the order in which they were asked; what was not said is left out."""
    yield _("Demandé par"), request.requester.name
    yield _("Version souhaitée"), request.wanted_version
    yield _("Liste souhaitée"), french(request.wanted_list.name) if request.wanted_list else ""
    yield _("Site"), request.website
    yield _("Discipline"), french(request.discipline.name) if request.discipline else ""
    yield _("Classes"), french(request.audience)
    yield _("Élèves"), number(request.pupils) if request.pupils else ""
    yield _("Ce que les élèves en feront"), french(request.need)
    yield _("Épreuve d’examen"), french(request.exam)
    yield _("Salles"), french(request.places)
    yield _("Postes"), number(request.workstations) if request.workstations else ""
    yield _("Il le faut pour le"), day(request.needed_on)
    yield _("Déjà regardé"), french(request.considered)


def _block(block: Block, owner: str, today: date, *, may_fill: bool) -> BlockLine:
    is_owed = block.state is BlockState.OWED
    until = (
        (day(block.due_on) or french(block.due_doubt)) if is_owed else day(block.filled_at.isoformat() if block.filled_at else "")
    )
    return BlockLine(
        label=say(BLOCKS[block.kind]),
        state=block_badge(block.state),
        owner=owner or french(block.filled_as),
        until=until,
        is_late=bool(owner) and block.due_on is not None and block.due_on < today,
        filled_by=french(block.filled_as),
        may_fill=may_fill,
        url=f"/demandes/{block.request_id}/volets/{block.kind.value}",
    )
