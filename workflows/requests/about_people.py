"""What requests hold of a person: theirs to have a copy of; what was sent or said belongs to the school, and stays when they go."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from portal.db import Model
from portal.enclosures.models import Enclosure
from portal.people.about import AboutPeople, Rows, plain
from workflows.requests.models import Block, CoSignature, Message, RequestStatus, SoftwareRequest

NEVER = {"version", "key_of_draft", "key_of_page", "title_key"}


def _export(session: Session, keys: Sequence[int]) -> Rows:
    actors = [f"person:{key}" for key in keys]
    return {
        "requests": _rows(session, SoftwareRequest, col(SoftwareRequest.requester_id).in_(keys)),
        "co_signatures": _rows(session, CoSignature, col(CoSignature.person_id).in_(keys)),
        "request_messages": _rows(session, Message, col(Message.author).in_(actors)),
        "request_blocks": _rows(session, Block, col(Block.filled_by).in_(actors)),
        "enclosures": _rows(session, Enclosure, col(Enclosure.added_by).in_(actors)),
    }


def _forget(session: Session, keys: Sequence[int]) -> None:
    """Drafts were nobody else's: they go, with what was joined to them. A support keeps counting, without its words.

    A message stays as it was said: others answered it, and the databases refuse its change. It names nobody but by the number
    of an account, which says nothing any more of whose it was, and by a function.
    """
    drafts = select(SoftwareRequest.id).where(
        col(SoftwareRequest.requester_id).in_(keys), SoftwareRequest.status == RequestStatus.DRAFT
    )
    joined = sa.and_(col(Enclosure.subject_kind) == SoftwareRequest.__tablename__, col(Enclosure.subject_id).in_(drafts))
    session.execute(sa.delete(Enclosure).where(joined))
    session.execute(sa.delete(SoftwareRequest).where(col(SoftwareRequest.id).in_(drafts)))
    session.execute(sa.update(CoSignature).where(col(CoSignature.person_id).in_(keys)).values(note=""))


def _rows(session: Session, table: type[Model], wanted: sa.ColumnElement[bool]) -> list[dict[str, Any]]:
    found: Sequence[Model] = session.exec(select(table).where(wanted).order_by(col(table.id))).all()
    return [plain(one, NEVER) for one in found]


REQUESTS_OF = AboutPeople(_export, _forget)
