"""What the rules of a request need beyond it, read while holding what two moves at once would both change."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from portal.db import lock
from portal.territories.models import School
from workflows.requests.guards import OPEN
from workflows.requests.models import SoftwareRequest


def twin(session: Session, request: SoftwareRequest) -> dict[str, Any]:
    """The open request of the same school for the same kind of thing: two colleagues who send at once wait for each other."""
    lock(session, session.get_one(School, request.school_id))
    lock(session, request)
    if not request.title_key:  # a name of signs alone looks like any other
        return {"twin": None}
    found = select(SoftwareRequest.id).where(
        SoftwareRequest.school_id == request.school_id,
        SoftwareRequest.title_key == request.title_key,
        SoftwareRequest.kind == request.kind,
        SoftwareRequest.wanted_version == request.wanted_version,
        col(SoftwareRequest.list_id).is_not_distinct_from(request.list_id),
        col(SoftwareRequest.status).in_(OPEN),
        SoftwareRequest.id != request.id,
    )
    return {"twin": session.exec(found.order_by(col(SoftwareRequest.id)).limit(1)).first()}


def held(session: Session, request: SoftwareRequest) -> dict[str, Any]:
    """Nothing more than the request as it is now."""
    lock(session, request)
    return {}


def standing_for(session: Session, request: SoftwareRequest) -> dict[str, Any]:
    """How many others were merged into it."""
    lock(session, request)
    merged = select(sa.func.count()).select_from(SoftwareRequest).where(SoftwareRequest.merged_into_id == request.id)
    return {"stands_for": session.exec(merged).one()}
