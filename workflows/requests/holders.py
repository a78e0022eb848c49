"""Who has a request now, as people and in the words of its territory: read for many requests at once, in three queries."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlmodel import Session

from portal.people.access import Scoped
from portal.people.holding import Held, held_over
from portal.text import french
from portal.web.language import gettext as _
from workflows.requests.access import May
from workflows.requests.models import RequestStatus, SoftwareRequest
from workflows.requests.steps import QUESTIONS

R = RequestStatus
MOST_NAMED = 2
NEEDS = {R.RELAY: May.RELAY, R.VISA: May.ENDORSE, R.INSTRUCTION: May.INSTRUCT}


def holders(session: Session, requests: Iterable[SoftwareRequest], now: datetime) -> dict[int, str]:
    """By key of request, who has it; nothing for one that nobody has any more."""
    waiting = [one for one in requests if one.status in NEEDS or one.status in QUESTIONS]
    scopes = {scope for one in waiting if one.status in NEEDS for scope in (one.scope, one.within)}
    held = held_over(session, scopes, now) if scopes else {}
    return {one.key: _words(one, held) for one in waiting}


def people_who_have(session: Session, request: SoftwareRequest, now: datetime) -> list[int]:
    """The accounts for which it waits: those of its holder, or of who asks, while a question waits for an answer."""
    if request.status in QUESTIONS:
        return [request.requester.account_id]
    if request.status not in NEEDS:
        return []
    return [one.account for one in _able(request, held_over(session, (request.scope, request.within), now))]


def owners(session: Session, place: Scoped, permissions: Iterable[May], now: datetime) -> dict[May, str]:
    """Who owes what of a request, or of a school: the functions that hold each permission there or above, however many do."""
    held = [one for found in held_over(session, (place.scope, place.within), now).values() for one in found]
    nobody = _("Personne n’en est encore chargé·e")
    return {asked: _named(one for one in held if asked in one.permissions) or nobody for asked in permissions}


def _named(able: Iterable[Held]) -> str:
    """The most particular first: whoever holds a function of few permissions has it for that."""
    return _(" ou ").join(list(dict.fromkeys(french(one.called) for one in sorted(able, key=lambda one: -one.rank)))[:MOST_NAMED])


def _able(request: SoftwareRequest, held: Mapping[str, list[Held]]) -> list[Held]:
    needed = NEEDS[request.status]
    where = request.within if needed is May.INSTRUCT else request.scope
    able = [one for one in held.get(where, ()) if needed in one.permissions]
    if needed is May.RELAY:  # a head may relay too, and is asked when nobody else does
        able = [one for one in able if May.ENDORSE not in one.permissions] or able
    return able


def _words(request: SoftwareRequest, held: Mapping[str, list[Held]]) -> str:
    if request.status in QUESTIONS:
        gone = request.requester.closed_at is not None
        return _("L’établissement, qui doit confier la demande à quelqu’un") if gone else _("La personne qui demande")
    if able := _able(request, held):
        return _named(able)
    if NEEDS[request.status] is May.INSTRUCT:
        return _("%(territory)s, qui doit d’abord confier l’instruction à quelqu’un", territory=french(request.territory.name))
    return _(
        "%(territory)s, qui doit d’abord nommer le ou la chef·fe de cet établissement", territory=french(request.territory.name)
    )
