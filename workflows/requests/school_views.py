"""The pages by which a school speaks of its own requests: who has each, and in which order it wants them."""

from typing import Any

from flask import Blueprint, Response, g, redirect, request

from portal.errors import Refused
from portal.people.places import Place
from portal.text import clean
from portal.web.forms import number
from portal.web.kit import access, close_session, portal, private_page, session
from portal.web.language import say
from portal.web.reading import actor
from workflows.requests.access import May
from workflows.requests.school_page import rank, school_for, school_requests

bp = Blueprint("school_requests", __name__)
PATH = "/etablissements/<uai>/demandes"
PREFIX_OF_RANK = "rang-"


@bp.get(PATH)
@access(May.READ)
def of_school(uai: str) -> Response:
    return _shown(_place(uai))


@bp.post(PATH)
@access(May.ENDORSE)
def write_ranks(uai: str) -> Any:
    """Whoever ranks elsewhere may not here: the rule says so once the school is found."""
    place, typed = _place(uai), _typed()
    now = portal().clock.now()
    try:
        portal().database.write(lambda writing: rank(writing, portal().policy, actor(), place, typed, at=now))
    except Refused as refused:
        close_session()
        return _shown(place, typed=typed, refused=refused)
    return redirect(f"/etablissements/{uai}/demandes", 303)


def _place(uai: str) -> Place:
    place = school_for(session(), portal().policy, actor(), clean(uai))
    g.zone = place.zone
    return place


def _typed() -> dict[int, str]:
    """By key of request, the rank beside it."""
    found = {}
    for name, value in request.form.items():
        key = number(name.removeprefix(PREFIX_OF_RANK))
        if name.startswith(PREFIX_OF_RANK) and key:
            found[key] = clean(value)
    return found


def _shown(place: Place, *, typed: dict[int, str] | None = None, refused: Refused | None = None) -> Response:
    shown = school_requests(session(), portal().policy, actor(), place, now=portal().clock.now(), typed=typed)
    said = [say(one) for one in refused.reasons] if refused else []
    return private_page("requests/school.html", status=422 if refused else 200, school=shown, refused=said)
