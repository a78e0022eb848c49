"""What the rules of a request need beyond it, read while holding what two moves at once would both change."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from portal.db import lock
from portal.territories.models import School
from workflows.requests.guards import OPEN
from workflows.requests.models import SoftwareRequest


def twin(session: Session, request: SoftwareRequest) -> dict[str, Any]:
    """The open request of the same school for the same kind of thing: two colleagues who send at once wait for each other."""
    lock(session, session.get_one(School, request.school_id))
    lock(session, request)
    return {"twin": _twins(session, [request.key]).get(request.key)}


def held(session: Session, request: SoftwareRequest) -> dict[str, Any]:
    """Nothing more than the request as it is now."""
    lock(session, request)
    return {}


def standing_for(session: Session, request: SoftwareRequest) -> dict[str, Any]:
    """How many others were merged into it."""
    lock(session, request)
    return {"stands_for": _merged(session, [request.key]).get(request.key, 0)}


def facts_of(session: Session, requests: Iterable[SoftwareRequest]) -> dict[int, dict[str, Any]]:
    """What both would read of each, in two queries and holding nothing: for what only tells which moves are open."""
    keys = [one.key for one in requests]
    twins, merged = _twins(session, keys), _merged(session, keys)
    return {key: {"twin": twins.get(key), "stands_for": merged.get(key, 0)} for key in keys}


def _twins(session: Session, keys: Iterable[int]) -> dict[int, int]:
    """By request, the first of its twins. A name of signs alone looks like any other: it has none."""
    mine, other = aliased(SoftwareRequest), aliased(SoftwareRequest)
    alike = sa.and_(
        col(other.school_id) == mine.school_id,
        col(other.title_key) == mine.title_key,
        col(other.kind) == mine.kind,
        col(other.wanted_version) == mine.wanted_version,
        col(other.list_id).is_not_distinct_from(mine.list_id),
        col(other.status).in_(OPEN),
        col(other.id) != mine.id,
    )
    found = sa.select(col(mine.id), sa.func.min(col(other.id))).join(other, alike).group_by(col(mine.id))
    return dict(session.execute(found.where(col(mine.id).in_(keys), col(mine.title_key) != "")).all())


def _merged(session: Session, keys: Iterable[int]) -> dict[int, int]:
    into = col(SoftwareRequest.merged_into_id)
    found = sa.select(into, sa.func.count()).where(into.in_(keys)).group_by(into)
    return dict(session.execute(found).all())
