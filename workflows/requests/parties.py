"""The parties of a request whom one may address: those who read a thread and have something to do with it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Session, col, select

from portal.people.access import PERSON, Scoped
from portal.people.holding import in_force, today_by_zone
from portal.people.models import Accreditation, Person, Role
from portal.people.queries import account_id
from workflows.requests.access import FILLS, May
from workflows.requests.models import SoftwareRequest, Thread

DOES = frozenset({May.RELAY, May.ENDORSE, May.INSTRUCT, *FILLS.values()})  # whoever only reads is not called upon


class Part(StrEnum):
    """What somebody is to a request; whoever is several things is the first of them."""

    AUTHOR = "author"
    SUPPORTER = "supporter"
    SCHOOL = "school"
    TERRITORY = "territory"


@dataclass(frozen=True, slots=True)
class Party:
    """An account. `function`: as it was granted, or signed; `school` and `audience`: of whoever supports; `threads`: what they read.

    `handle`: by what pages and programs call them. Whoever supports is named to nobody: theirs is of the signature.
    """

    key: int
    handle: str
    part: Part
    function: str
    name: str
    threads: frozenset[Thread]
    school: str = ""
    audience: str = ""

    @property
    def actor_key(self) -> str:
        return f"{PERSON}{self.key}"


def parties(session: Session, request: SoftwareRequest, now: datetime) -> list[Party]:
    """In three queries. `request` comes with its requester, its signatures, their people and their schools; an account that is closed reads nothing."""
    found: dict[int, Party] = {}
    for one in (*_author(request), *_supporters(request), *those_who_hold(session, request, now)):
        was = found.setdefault(one.key, one)
        if was.part is not Part.AUTHOR:
            found[one.key] = replace(was, threads=was.threads | one.threads)
    return list(found.values())


def _author(request: SoftwareRequest) -> Iterator[Party]:
    one = request.requester
    if one.closed_at is None:
        yield Party(one.account_id, f"p{one.account_id}", Part.AUTHOR, "", one.name, frozenset({Thread.PUBLIC}))


def _supporters(request: SoftwareRequest) -> Iterator[Party]:
    for one in request.signatures:
        if one.taken_back_at is None and one.person.closed_at is None:
            public, school = frozenset({Thread.PUBLIC}), f"{one.school.name}, {one.school.city}"
            yield Party(
                one.person.account_id, f"s{one.key}", Part.SUPPORTER, one.signed_as, one.person.name, public, school, one.audience
            )


def those_who_hold(session: Session, place: Scoped, now: datetime) -> Iterator[Party]:
    """Of a request, or of the school itself: those of the school, then those of the territory, by rank: a function each, the highest that opens a thread."""
    account = sa.orm.aliased(Person)
    rows = session.execute(
        select(account, Accreditation.called, Accreditation.scope, Role.permissions)
        .select_from(Accreditation)
        .join(Role, col(Role.id) == Accreditation.role_id)
        .join(Person, col(Person.id) == Accreditation.person_id)
        .join(account, col(account.id) == account_id())
        .where(
            col(Accreditation.scope).in_([place.scope, place.within, "*"]),
            col(account.closed_at).is_(None),
            in_force(today_by_zone(session, now)),
        )
        .order_by(col(Accreditation.scope) != place.scope, col(Role.rank), col(account.sort_key), col(Accreditation.id))
    ).all()
    for person, called, scope, permissions in rows:
        if threads := _read_by(permissions, of_school=scope == place.scope):
            part = Part.SCHOOL if scope == place.scope else Part.TERRITORY
            yield Party(person.key, f"p{person.key}", part, called, person.name, threads)


def _read_by(permissions: list[str], *, of_school: bool) -> frozenset[Thread]:
    """What is held over a school opens nothing of what is said above it."""
    opens = {
        Thread.PUBLIC: May.READ in permissions and not DOES.isdisjoint(permissions),
        Thread.INTERNAL: May.DISCUSS_INTERNALLY in permissions and not of_school,
    }
    return frozenset(thread for thread, is_open in opens.items() if is_open)
