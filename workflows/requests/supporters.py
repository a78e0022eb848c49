"""Who supports a request, counted once whoever was merged into it: people, schools, pupils, weeks."""

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.access import Actor
from portal.people.access import PERSON
from portal.people.models import Person
from portal.people.queries import account_id
from portal.territories.models import School
from portal.text import french
from portal.web.language import ngettext
from workflows.requests.models import CoSignature, RequestStatus, SoftwareRequest

MOST_SHOWN = 20


@dataclass(frozen=True)
class Supporter:
    """One person, by function and school: nobody is named to who only looks."""

    function: str
    school: str
    words: str
    note: str


@dataclass(frozen=True)
class Supporters:
    """`people` and `schools` count the requesters too; `mine`: whether the reader signed; `merged`: numbers of the others."""

    people: int
    schools: int
    pupils: int
    lines: list[Supporter] = field(default_factory=list)
    more: int = 0
    mine: bool = False
    merged: list[int] = field(default_factory=list)


def supporters_of(session: Session, request: SoftwareRequest, actor: Actor) -> Supporters:
    """Two queries. A person who signs twice, once in a request that was merged, is one; the first signature speaks."""
    family = sa.or_(col(SoftwareRequest.id) == request.key, col(SoftwareRequest.merged_into_id) == request.key)
    asked = session.execute(
        sa.select(col(SoftwareRequest.id), account_id(), col(SoftwareRequest.scope), col(SoftwareRequest.pupils))
        .join(Person, col(Person.id) == SoftwareRequest.requester_id)
        .where(family, col(SoftwareRequest.status) != RequestStatus.DRAFT)
        .order_by(col(SoftwareRequest.id))
    ).all()
    numbers, signed = [number for number, *_asked in asked], CoSignature
    signatures = session.execute(
        sa.select(
            account_id().label("account"), col(signed.request_id), col(signed.scope), col(signed.pupils), col(signed.weeks),
            col(signed.audience), col(signed.note), col(signed.signed_as), col(School.name), col(School.city),
        )
        .select_from(signed)
        .join(Person, col(Person.id) == signed.person_id)
        .join(School, col(School.id) == signed.school_id)
        .where(col(signed.request_id).in_(numbers), col(signed.taken_back_at).is_(None))
        .order_by(col(signed.id))
    ).all()  # fmt: skip
    people: dict[int, tuple[str, int]] = {}
    for _number, account, scope, pupils in asked:
        people.setdefault(account, (scope, pupils or 0))
    joined = []
    for one in signatures:
        if one.account not in people:
            people[one.account] = (one.scope, one.pupils)
            joined.append(one)
    return Supporters(
        people=len(people),
        schools=len({scope for scope, _pupils in people.values()}),
        pupils=sum(pupils for _scope, pupils in people.values()),
        lines=[_line(one) for one in joined[:MOST_SHOWN]],
        more=max(0, len(joined) - MOST_SHOWN),
        mine=any(one.request_id == request.key and actor.key == f"{PERSON}{one.account}" for one in signatures),
        merged=[number for number in numbers if number != request.key],
    )


def _line(one: Any) -> Supporter:
    return Supporter(
        french(one.signed_as),
        f"{french(one.name)}, {one.city}",
        " · ".join(
            [
                french(one.audience),
                ngettext("%(num)s élève", "%(num)s élèves", one.pupils),
                ngettext("%(num)s semaine par an", "%(num)s semaines par an", one.weeks),
            ]
        ),
        french(one.note),
    )
