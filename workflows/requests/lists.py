"""The lists of requests: one's own, one's drafts, what waits for one, what one supports, all that one may read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select

from catalogue.support.badges import Badge
from portal.access import Actor, Policy
from portal.db import related
from portal.text import fold, french
from portal.web.kit import Portal
from portal.web.language import day, local, say
from portal.web.language import gettext as _
from portal.web.language import lazy as _l
from portal.web.pagination import Page
from workflows.requests.access import FILLS, May, accounts_of
from workflows.requests.badges import KINDS, status_badge
from workflows.requests.holders import NEEDS, holders
from workflows.requests.models import Block, BlockState, CoSignature, RequestStatus, SoftwareRequest
from workflows.requests.steps import QUESTIONS

PER_PAGE = 25
MOST_COUNTED = 500
MOST_TYPED = 100
PATH = "/demandes"
WAITING, DRAFTS, SUPPORTED, ALL = "a-traiter", "brouillons", "soutenues", "toutes"
UP = tuple(
    joinedload(related(one)) for one in (SoftwareRequest.requester, SoftwareRequest.school, SoftwareRequest.territory)
)  # what a line reads of a request beyond its row
TABS = {
    "": _l("Mes demandes (%(n)s)"),
    WAITING: _l("Qui m’attendent (%(n)s)"),
    DRAFTS: _l("Brouillons (%(n)s)"),
    SUPPORTED: _l("Que je soutiens (%(n)s)"),
    ALL: _l("Toutes (%(n)s)"),
}


@dataclass(frozen=True)
class Line:
    """A request in a list."""

    number: int
    url: str
    name: str
    kind: str
    school: str
    status: Badge
    holder: str
    since: str
    until: str
    is_late: bool


class Asked(NamedTuple):
    """What the address says: which list, which words, which page."""

    view: str = ""
    q: str = ""
    page: int = 1


@dataclass(frozen=True)
class Requests:
    """What `requests/index.html` shows. `has_more`: than `total`, which were not counted."""

    view: str
    q: str
    tabs: list[dict[str, str]]
    total: int
    has_more: bool
    lines: list[Line]
    page: Page


def requests(session: Session, joined: Portal, actor: Actor, asked: Asked) -> Requests:
    """As many queries for a page of 25 as for one of 3."""
    views = conditions(joined.policy, actor)
    view, q = asked.view if asked.view in views else "", asked.q[:MOST_TYPED]
    named = is_named(q)
    counts = _counts(session, {name: sa.and_(wanted, named) for name, wanted in views.items()})
    total = counts[view]
    page = max(1, min(asked.page, -(-total // PER_PAGE)))
    # Where so many match, walking in the order of the page is over soon; SQLite would gather them all first.
    wanted = sa.and_(views[view], named)
    wanted = sa.case((wanted, 1), else_=0) == 1 if total == MOST_COUNTED else wanted
    keys = select(SoftwareRequest.id).where(wanted).order_by(*order(view))
    shown = keys.offset((page - 1) * PER_PAGE).limit(PER_PAGE).subquery()
    found = session.exec(
        select(SoftwareRequest).join(shown, shown.c.id == SoftwareRequest.id).options(*UP).order_by(*order(view))
    ).all()
    return Requests(
        view=view,
        q=q,
        tabs=[
            {"key": name, "label": str(label) % {"n": _said(counts[name])}, "url": address(name, q)} for name, label in TABS.items()
        ],
        total=total,
        has_more=total == MOST_COUNTED,
        lines=lines(session, found, joined.clock.now()),
        page=Page(page, total, PER_PAGE, lambda at: address(view, q, at)),
    )


def conditions(policy: Policy, actor: Actor) -> dict[str, sa.ColumnElement[bool]]:
    """By view, in the order of the tabs."""
    own = policy.visible(actor, May.WRITE)
    status, is_draft = col(SoftwareRequest.status), col(SoftwareRequest.status) == RequestStatus.DRAFT
    signed = select(CoSignature.request_id).where(
        col(CoSignature.person_id).in_(accounts_of(actor)), col(CoSignature.taken_back_at).is_(None)
    )
    steps = [sa.and_(status == step, policy.visible(actor, permission)) for step, permission in NEEDS.items()]
    owed = [
        sa.and_(
            policy.visible(actor, permission),
            status.in_((*NEEDS, *QUESTIONS)),
            sa.exists().where(Block.request_id == SoftwareRequest.id, Block.kind == kind, Block.state == BlockState.OWED),  # type: ignore[arg-type]
        )
        for kind, permission in FILLS.items()
    ]
    return {
        "": sa.and_(own, sa.not_(is_draft)),
        WAITING: sa.or_(sa.and_(own, status.in_(QUESTIONS)), *steps, *owed),
        DRAFTS: sa.and_(own, is_draft),
        SUPPORTED: sa.and_(col(SoftwareRequest.id).in_(signed), policy.visible(actor, May.SEE)),
        ALL: sa.and_(policy.visible(actor, May.READ), sa.not_(is_draft)),
    }


def is_named(q: str) -> sa.ColumnElement[bool]:
    return sa.and_(sa.true(), *(col(SoftwareRequest.title_key).contains(word, autoescape=True) for word in fold(q).split()))


def address(view: str, q: str = "", page: int = 1) -> str:
    said = [(name, value) for name, value in (("voir", view), ("q", q), ("page", str(page) if page > 1 else "")) if value]
    return f"{PATH}?{urlencode(said)}" if said else PATH


def order(view: str) -> list[Any]:
    """What is due first comes first where one works; elsewhere, what moved last."""
    due = [col(SoftwareRequest.due_on).asc().nulls_last()] if view == WAITING else []
    return [*due, col(SoftwareRequest.kept_at if view == DRAFTS else SoftwareRequest.since).desc(), col(SoftwareRequest.id).desc()]


def _counts(session: Session, wanted: Mapping[str, sa.ColumnElement[bool]]) -> dict[str, int]:
    """By view, in one query, as far as anybody pages: beyond, one looks for a name."""
    some = {name: select(SoftwareRequest.id).where(asked).limit(MOST_COUNTED).subquery() for name, asked in wanted.items()}
    counted = (select(sa.func.count()).select_from(each).scalar_subquery() for each in some.values())
    return dict(zip(some, session.execute(sa.select(*counted)).one(), strict=True))


def _said(count: int) -> str:
    return f"{count}+" if count == MOST_COUNTED else str(count)


def lines(session: Session, found: Sequence[SoftwareRequest], now: datetime) -> list[Line]:
    held = holders(session, found, now)
    return [_line(one, held.get(one.key, ""), now) for one in found]


def _line(one: SoftwareRequest, holder: str, now: datetime) -> Line:
    is_draft = one.status is RequestStatus.DRAFT
    zone = ZoneInfo(one.territory.zone)
    since, today = one.kept_at if is_draft else one.since, now.astimezone(zone).date()
    return Line(
        number=one.key,
        url=f"{PATH}/brouillons/{one.key_of_draft}" if is_draft else f"{PATH}/{one.key}",
        name=one.title_name or _("Sans nom encore"),
        kind=say(KINDS[one.kind]),
        school=f"{french(one.school.name)}, {one.school.city}",
        status=status_badge(one.status),
        holder=holder,
        since=day(local(since, one.territory.zone).date()),
        until=day(one.due_on),
        is_late=one.due_on is not None and one.due_on < today,
    )
