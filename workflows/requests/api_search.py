"""Searching requests as programs do: the lists of the pages, narrowed further, and counted by filter."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select

from portal.access import Actor, Policy
from portal.db import related
from portal.web.kit import Portal
from workflows.requests.access import May
from workflows.requests.api_models import RequestsAsked
from workflows.requests.api_telling import Told, told
from workflows.requests.lists import ALL, DRAFTS, SUPPORTED, UP, WAITING, conditions, is_named, order
from workflows.requests.models import SoftwareRequest

VIEWS: Mapping[str, tuple[str, May]] = {
    "all": (ALL, May.READ),
    "mine": ("", May.WRITE),
    "waiting": (WAITING, May.SEE),
    "drafts": (DRAFTS, May.WRITE),
    "supported": (SUPPORTED, May.SEE),
}  # the list of the pages, and the permission without which it would be empty for want of a word in the token
Condition = sa.ColumnElement[bool]


def search(session: Session, joined: Portal, actor: Actor, asked: RequestsAsked) -> tuple[list[Told], int, Mapping[str, Any]]:
    """The items of the page, how many there are, and how many each value of a filter would give."""
    view, permission = VIEWS[asked.view]
    if not joined.policy.ever(actor, permission):
        raise joined.policy.refusal(permission, actor)
    always, narrowed = _always(joined.policy, actor, view, asked), _narrowed(asked)
    wanted = sa.and_(always, *narrowed.values())
    found = session.exec(
        select(SoftwareRequest)
        .where(wanted)
        .options(*UP, joinedload(related(SoftwareRequest.title)))
        .order_by(*order(view))
        .offset((asked.page - 1) * asked.per_page)
        .limit(asked.per_page)
    ).all()
    total = session.exec(select(sa.func.count()).select_from(SoftwareRequest).where(wanted)).one()
    return told(session, joined, actor, found), total, {name: _counts(session, name, always, narrowed) for name in narrowed}


def _always(policy: Policy, actor: Actor, view: str, asked: RequestsAsked) -> Condition:
    of_school = [col(SoftwareRequest.scope) == f"school:{asked.school.upper()}"] if asked.school else []
    return sa.and_(conditions(policy, actor)[view], is_named(asked.q), *of_school)


def _narrowed(asked: RequestsAsked) -> dict[str, Condition]:
    """By filter; one that was not asked for narrows nothing."""
    return {
        "status": col(SoftwareRequest.status).in_(asked.status) if asked.status else sa.true(),
        "kind": col(SoftwareRequest.kind).in_(asked.kind) if asked.kind else sa.true(),
    }


def _counts(session: Session, name: str, always: Condition, narrowed: Mapping[str, Condition]) -> dict[str, int]:
    column = getattr(SoftwareRequest, name)
    others = [one for other, one in narrowed.items() if other != name]
    counted = select(column, sa.func.count()).where(always, *others).group_by(column).order_by(column)
    return {str(value): count for value, count in session.execute(counted).all()}
