"""Who supports a request, counted once whoever was merged into it: people, schools, pupils, weeks."""

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

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
    """`people` and `schools` count the requesters too; `mine`: what the reader signed, if they did."""

    people: int
    schools: int
    pupils: int
    lines: list[Supporter] = field(default_factory=list)
    more: int = 0
    mine: Any = None


def supporters_of(session: Session, request: SoftwareRequest, actor: Actor) -> Supporters:
    """Three queries. A person who signs twice, once in a request that was merged, is one; the first signature speaks."""
    family = sa.or_(col(SoftwareRequest.id) == request.key, col(SoftwareRequest.merged_into_id) == request.key)
    asked = session.execute(
        sa.select(account_id(), col(SoftwareRequest.scope), col(SoftwareRequest.pupils))
        .join(Person, col(Person.id) == SoftwareRequest.requester_id)
        .where(family, col(SoftwareRequest.status) != RequestStatus.DRAFT)
        .order_by(col(SoftwareRequest.id))
    ).all()
    whose = aliased(SoftwareRequest)
    signed = session.execute(
        select(CoSignature, account_id(), School)
        .join(Person, col(Person.id) == CoSignature.person_id)
        .join(School, col(School.id) == CoSignature.school_id)
        .join(whose, col(whose.id) == CoSignature.request_id)
        .where(
            sa.or_(col(whose.id) == request.key, col(whose.merged_into_id) == request.key), col(CoSignature.taken_back_at).is_(None)
        )
        .order_by(col(CoSignature.id))
    ).all()
    people: dict[int, tuple[str, int]] = {}
    for account, scope, pupils in asked:
        people.setdefault(account, (scope, pupils or 0))
    lines, mine = [], None
    for one, account, school in signed:
        if actor.key == f"{PERSON}{account}" and one.request_id == request.key:
            mine = one
        if account not in people:
            people[account] = (one.scope, one.pupils)
            lines.append(_line(one, school))
    return Supporters(
        people=len(people),
        schools=len({scope for scope, _pupils in people.values()}),
        pupils=sum(pupils for _scope, pupils in people.values()),
        lines=lines[:MOST_SHOWN],
        more=max(0, len(lines) - MOST_SHOWN),
        mine=mine,
    )


def _line(one: CoSignature, school: School) -> Supporter:
    return Supporter(
        french(one.signed_as),
        f"{french(school.name)}, {school.city}",
        " · ".join(
            [
                french(one.audience),
                ngettext("%(num)s élève", "%(num)s élèves", one.pupils),
                ngettext("%(num)s semaine par an", "%(num)s semaines par an", one.weeks),
            ]
        ),
        french(one.note),
    )
