"""The pages by which a school speaks of its own requests: who has each, and in which order it wants them."""

from typing import Any

from flask import Blueprint, Response, g, redirect, request

from portal.errors import DomainError, OutOfDate, Refused
from portal.people.places import Place
from portal.text import clean
from portal.web.forms import number
from portal.web.kit import access, close_session, portal, private_page, session
from portal.web.language import say
from portal.web.reading import actor
from workflows.requests.access import May
from workflows.requests.school_page import MOST, Ranking, rank, school_for, school_requests
from workflows.requests.together_page import together

bp = Blueprint("school_requests", __name__)
PATH = "/etablissements/<uai>/demandes"
PREFIX_OF_RANK = "rang-"


@bp.get(PATH)
@access(May.READ)
def of_school(uai: str) -> Response:
    return _shown(_place(uai))


@bp.get("/etablissements/<uai>/a-voir-ensemble")
@access(May.READ)
def see_together(uai: str) -> Response:
    shown = together(session(), portal(), actor(), _place(uai), portal().clock.now())
    return private_page("requests/together.html", together=shown)


@bp.post(PATH)
@access(May.ENDORSE)
def write_ranks(uai: str) -> Any:
    """Whoever ranks elsewhere may not here: the rule says so once the school is found. Whoever comes second sees the order that is there."""
    place, wanted, now = _place(uai), _typed(), portal().clock.now()
    try:
        portal().database.write(lambda writing: rank(writing, portal().policy, actor(), place, wanted, at=now))
    except (OutOfDate, Refused) as refused:
        close_session()
        return _shown(place, kept=wanted, refused=refused)
    return redirect(f"/etablissements/{uai}/demandes", 303)


def _place(uai: str) -> Place:
    place = school_for(session(), portal().policy, actor(), clean(uai))
    g.zone = place.zone
    return place


def _typed() -> Ranking:
    """The rank beside each number, and the numbers in the order that the page showed."""
    ranks = {}
    for name, value in request.form.items():
        key = number(name.removeprefix(PREFIX_OF_RANK))
        if name.startswith(PREFIX_OF_RANK) and key:
            ranks[key] = clean(value)
    return Ranking(ranks, [number(one) for one in request.form.get("lu", "").split()[:MOST]])


def _shown(place: Place, *, kept: Ranking | None = None, refused: DomainError | None = None) -> Response:
    is_late, now = isinstance(refused, OutOfDate), portal().clock.now()
    shown = school_requests(session(), portal().policy, actor(), place, now=now, kept=kept, is_late=is_late)
    said = [say(one) for one in refused.reasons] if refused else []
    status = (409 if is_late else 422) if refused else 200
    return private_page("requests/school.html", status=status, school=shown, refused=said)
