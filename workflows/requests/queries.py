"""Reading requests, each list in a number of queries that does not depend on how many there are."""

from typing import Any

from sqlalchemy.orm import joinedload, selectinload
from sqlmodel import Session, col, select

from portal.access import Actor, Policy
from portal.db import related
from portal.enclosures.models import Enclosure
from portal.enclosures.store import Store
from portal.errors import Unknown
from portal.text import Sentence
from workflows.requests.access import May
from workflows.requests.models import Block, BlockKind, CoSignature, SoftwareRequest

NO_SUCH_BLOCK = Sentence("Ce volet n’existe pas. Revenez à la demande.")
NO_SUCH_PIECE = Sentence("Cette pièce n’est plus jointe à la demande. Revenez à la demande.")
NO_SUCH_REQUEST = Sentence("Cette demande n’existe pas, ou ne vous est pas ouverte. Revenez à la liste des demandes.")


def whole() -> tuple[Any, ...]:
    """What rules and pages read of a request beyond its row."""
    R = SoftwareRequest  # noqa: N806 – a few lines of loaders
    return (
        joinedload(related(R.requester)),
        joinedload(related(R.school)),
        joinedload(related(R.territory)),
        joinedload(related(R.discipline)),
        joinedload(related(R.title)),
        joinedload(related(R.wanted_list)),
        selectinload(related(R.blocks)).joinedload(related(Block.request)),
        selectinload(related(R.signatures)).options(
            joinedload(related(CoSignature.person)), joinedload(related(CoSignature.school))
        ),
    )


def find_request(session: Session, policy: Policy, actor: Actor, permission: str, key: int) -> SoftwareRequest:
    """A request for which this may be done; for anybody else there is none."""
    asked = select(SoftwareRequest).where(col(SoftwareRequest.id) == key, policy.visible(actor, permission))
    found = session.exec(asked.options(*whole())).one_or_none()
    if found is None:
        raise Unknown(NO_SUCH_REQUEST)
    return found


def find_block(session: Session, policy: Policy, actor: Actor, number: int, kind: str) -> Block:
    """For whoever reads the request; the others learn nothing of it."""
    request = find_request(session, policy, actor, May.READ, number)
    found = next((one for one in request.blocks if one.kind.value == kind), None) if kind in set(BlockKind) else None
    if found is None:
        raise Unknown(NO_SUCH_BLOCK)
    return found


def find_piece(session: Session, store: Store, request: SoftwareRequest, key: int) -> Enclosure:
    """What is joined to a request now, and still held."""
    joined = select(Enclosure).where(
        Enclosure.id == key, Enclosure.subject_kind == request.__tablename__, Enclosure.subject_id == request.key
    )
    found = session.exec(joined).one_or_none()
    if found is None or found.removed_at is not None or not store.holds(found.sha256):
        raise Unknown(NO_SUCH_PIECE)
    return found
