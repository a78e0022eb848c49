"""Who belongs to a school, as its head settles it: those who ask, those who are attached, those who no longer are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from sqlmodel import Session, col, select

from portal.access import Actor
from portal.account.team import name_of
from portal.people.badges import STANDINGS, function_of
from portal.people.models import SELF, Attachment, Person, Standing
from portal.people.places import Place
from portal.people.queries import HOLDS, WEIGHT, account_id
from portal.signin.models import Provider
from portal.text import fold, french
from portal.web.language import gettext as _
from portal.web.language import say
from portal.web.pagination import Page

PER_PAGE = 40
MOST_TYPED = 100
ASKING, ENDED = "demandes", "termines"
VIEWS = {"": HOLDS, ASKING: (Standing.ASKED,), ENDED: (Standing.ENDED,)}


@dataclass(frozen=True)
class Member:
    """Somebody of the school, or who says so. `since`: when it was first said; `settled`: by whom, when and why, before they asked anew too."""

    key: int
    name: str
    said: str
    standing: Standing
    word: str
    source: str
    since: datetime
    seen_at: datetime
    settled_by: str
    settled_at: datetime | None
    reason: str
    is_self: bool


@dataclass(frozen=True)
class Attachments:
    """What `account/attachments.html` shows. `total` counts those of the view that match `q`; `asked`: what its address says."""

    uai: str
    school: str
    url: str
    view: str
    q: str
    total: int
    members: list[Member]
    page: Page
    asked: str
    tabs: list[dict[str, str]]


def attachments(session: Session, actor: Actor, place: Place, *, view: str, q: str, page: int) -> Attachments:
    uai = place.scope.removeprefix("school:")
    url = f"/etablissements/{uai}/rattachements"
    view, q = view if view in VIEWS else "", q[:MOST_TYPED]
    known = _accounts(uai)
    counts = _counts(session, known)
    wanted = known.c.weight.in_([WEIGHT[one] for one in VIEWS[view]])
    if q:
        wanted = sa.and_(wanted, *(col(Person.sort_key).contains(word, autoescape=True) for word in fold(q).split()))
    rows = select(Person).join(known, known.c.account == Person.id).where(wanted, col(Person.closed_at).is_(None))
    total = session.exec(select(sa.func.count()).select_from(rows.subquery())).one()
    page = max(1, min(page, -(-total // PER_PAGE)))
    ordered = rows.order_by(col(Person.sort_key), col(Person.id)).offset((page - 1) * PER_PAGE).limit(PER_PAGE)
    people: Sequence[Person] = session.exec(ordered).all()
    return Attachments(
        uai=uai,
        school=french(place.name),
        url=url,
        view=view,
        q=q,
        total=total,
        members=_members(session, actor, uai, people),
        page=Page(page, total, PER_PAGE, lambda at: address(url, view, q, at)),
        asked=address("", view, q, page),
        tabs=[{"key": key, "label": label, "url": address(url, key)} for key, label in _labels(counts)],
    )


def address(url: str, view: str, q: str = "", page: int = 1) -> str:
    said = [(name, value) for name, value in (("q", q), ("voir", view), ("page", str(page) if page > 1 else "")) if value]
    return f"{url}?{urlencode(said)}" if said else url


def _accounts(uai: str) -> Any:
    """A row per account: what counts most of what its linked accounts say of the school."""
    weight = sa.case(WEIGHT, value=col(Attachment.standing))
    return (
        sa.select(account_id().label("account"), sa.func.max(weight).label("weight"))
        .select_from(Attachment)
        .join(Person, col(Person.id) == Attachment.person_id)
        .where(col(Attachment.uai) == uai)
        .group_by(account_id())
        .subquery()
    )


def _counts(session: Session, known: Any) -> dict[int, int]:
    rows = session.execute(
        sa.select(known.c.weight, sa.func.count())
        .select_from(known)
        .join(Person, col(Person.id) == known.c.account)
        .where(col(Person.closed_at).is_(None))
        .group_by(known.c.weight)
    ).all()
    return {int(weight): int(count) for weight, count in rows}


def _labels(counts: dict[int, int]) -> list[tuple[str, str]]:
    def of(view: str) -> int:
        return sum(counts.get(WEIGHT[one], 0) for one in VIEWS[view])

    return [
        ("", _("Rattaché·es (%(n)s)", n=of(""))),
        (ASKING, _("Demandes (%(n)s)", n=of(ASKING))),
        (ENDED, _("Terminés (%(n)s)", n=of(ENDED))),
    ]


def _members(session: Session, actor: Actor, uai: str, people: Sequence[Person]) -> list[Member]:
    labels = {one.slug: one.label for one in session.exec(select(Provider))} | {SELF: _("la personne elle-même")}
    rows = session.execute(
        select(account_id(), Attachment)
        .join(Person, col(Person.id) == Attachment.person_id)
        .where(col(Attachment.uai) == uai, account_id().in_([one.key for one in people]))
    ).all()
    best: dict[int, Attachment] = dict(
        sorted(rows, key=lambda row: (WEIGHT[row[1].standing], row[1].seen_at))
    )  # the last counts most
    return [_member(actor, person, best[person.key], labels) for person in people]


def _member(actor: Actor, person: Person, held: Attachment, labels: dict[str, str]) -> Member:
    return Member(
        key=person.key,
        name=name_of(person),
        said=say(function_of(person.profile)),
        standing=held.standing,
        word=say(STANDINGS[held.standing]),
        source=labels.get(held.source, held.source),
        since=held.first_seen_at,
        seen_at=held.seen_at,
        settled_by=french(held.settled_by),
        settled_at=held.settled_at,
        reason=french(held.settle_reason),
        is_self=person.actor_key == actor.key,
    )
