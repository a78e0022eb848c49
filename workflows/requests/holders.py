"""Who has a request now, in the words of its territory: read for many requests at once, in three queries."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, select

from portal.people.holding import in_force, today_by_zone
from portal.people.models import Accreditation, Person, Role
from portal.text import french
from portal.web.language import gettext as _
from workflows.requests.access import May
from workflows.requests.models import RequestStatus, SoftwareRequest
from workflows.requests.steps import QUESTIONS

R = RequestStatus
MOST_NAMED = 2
NEEDS = {R.RELAY: May.RELAY, R.VISA: May.ENDORSE, R.INSTRUCTION: May.INSTRUCT}


class Held(NamedTuple):
    """A function in force over a place."""

    scope: str
    called: str
    rank: int
    permissions: list[str]


def holders(session: Session, requests: Iterable[SoftwareRequest], now: datetime) -> dict[int, str]:
    """By key of request, who has it; nothing for one that nobody has any more."""
    waiting = [one for one in requests if one.status in NEEDS or one.status in QUESTIONS]
    scopes = {scope for one in waiting if one.status in NEEDS for scope in (one.scope, one.within)}
    held = _held(session, scopes, now) if scopes else {}
    return {one.key: _words(one, held) for one in waiting}


def owners(session: Session, request: SoftwareRequest, permissions: Iterable[May], now: datetime) -> dict[May, str]:
    """Who owes what: the functions that hold each permission over the school or its territory, however many do."""
    held = [one for found in _held(session, (request.scope, request.within), now).values() for one in found]
    nobody = _("Personne n’en est encore chargé·e")
    return {asked: _named(one for one in held if asked in one.permissions) or nobody for asked in permissions}


def _named(able: Iterable[Held]) -> str:
    """The most particular first: whoever holds a function of few permissions has it for that."""
    return _(" ou ").join(list(dict.fromkeys(french(one.called) for one in sorted(able, key=lambda one: -one.rank)))[:MOST_NAMED])


def _words(request: SoftwareRequest, held: Mapping[str, list[Held]]) -> str:
    if request.status in QUESTIONS:
        gone = request.requester.closed_at is not None
        return _("L’établissement, qui doit confier la demande à quelqu’un") if gone else _("La personne qui demande")
    needed = NEEDS[request.status]
    where = request.within if needed is May.INSTRUCT else request.scope
    able = [one for one in held.get(where, ()) if needed in one.permissions]
    if needed is May.RELAY:  # a head may relay too, and is asked when nobody else does
        able = [one for one in able if May.ENDORSE not in one.permissions] or able
    if able:
        return _named(able)
    if needed is May.INSTRUCT:
        return french(request.territory.name)
    return _(
        "%(territory)s, qui doit d’abord nommer le ou la chef·fe de cet établissement", territory=french(request.territory.name)
    )


def _held(session: Session, scopes: Iterable[str], now: datetime) -> dict[str, list[Held]]:
    rows = session.execute(
        select(Accreditation.scope, Accreditation.called, Role.rank, Role.permissions)
        .join(Role, col(Role.id) == Accreditation.role_id)
        .join(Person, col(Person.id) == Accreditation.person_id)
        .where(col(Accreditation.scope).in_(sorted(scopes)), in_force(today_by_zone(session, now)))
        .order_by(col(Role.rank), col(Accreditation.id))
    ).all()
    found: dict[str, list[Held]] = {}
    for row in rows:
        one = Held(*row)
        found.setdefault(one.scope, []).append(one)
    return found
