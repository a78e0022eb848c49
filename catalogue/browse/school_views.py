"""The pages of schools, and the choice of one's own: a cookie, no account."""

from typing import Any

from flask import Blueprint, Response, redirect, request

from catalogue.browse.place import here, known, whole
from catalogue.browse.school_page import school_page
from catalogue.browse.schools import PATH, line_of, school_search
from catalogue.browse.wrong_uai import wrong_uai
from catalogue.search.question import Question
from portal.errors import Refused
from portal.territories.asked import Asked
from portal.territories.queries import successors
from portal.territories.uai import SHAPE, as_written, is_possible, looks_like_one
from portal.text import Sentence, clean
from portal.web import cookies
from portal.web.kit import EVERYONE, access, fresh, keep, page, portal, session
from portal.web.language import chosen
from portal.web.panels import Standing, school_pages
from portal.web.paths import own_path
from portal.web.rates import searched
from portal.web.reading import actor

bp = Blueprint("schools", __name__)
NO_SCHOOL = Sentence("Ce formulaire ne dit pas quel établissement. Choisissez le vôtre depuis sa page.")


@bp.get("/etablissements")
@access(EVERYONE)
@searched
def index() -> Response:
    text, town = request.args.get("q", ""), request.args.get("ville", "")
    if looks_like_one(text):  # 303: another question at this address may find no such code
        return redirect(f"{PATH}/{as_written(text)}", 303)  # type: ignore[return-value]
    place, asked = here(), Asked.of(text, town)
    if unchanged := fresh("schools", place.volume.name, chosen(), place.uai):
        return unchanged
    search = school_search(session(), asked, Question.of(request.args.items()).page, place)
    return keep(page("schools/index.html", search=search, school=place.school))


@bp.get("/etablissements/<uai>")
@access(EVERYONE)
def school(uai: str) -> Response:
    """A closed school's page stays (200): it is right, says so, and leads to those that took its place."""
    code = as_written(uai)
    if code != uai and SHAPE.fullmatch(code):
        asked = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
        return redirect(f"{PATH}/{code}{asked}", 308)  # type: ignore[return-value]
    return _shown(code) if is_possible(code) else _unknown(uai)


@bp.post("/etablissements/mien")
@access(EVERYONE)
def choose() -> Response:
    """Then back to our own path, or to the school; an empty code forgets, a form without one does nothing."""
    if "uai" not in request.form:
        raise Refused([NO_SCHOOL])
    code = as_written(request.form["uai"])
    if code and not known(here().volume, code):
        return _unknown(request.form["uai"])
    return _remembered(redirect(_back(code), 303), code)


def _remembered(response: Any, code: str) -> Response:
    settings = portal().settings
    if code:
        cookies.keep(response, settings, cookies.SCHOOL, code)
    else:
        cookies.forget(response, settings, cookies.SCHOOL)
    kept: Response = response
    return kept


def _shown(code: str) -> Response:
    place = here()
    found = whole(place.volume, code)
    if found is None:
        return _unknown(code)
    territory = f"territory:{found.seen.territory}" if found.seen.territory else ""
    pages = list(school_pages(portal(), actor(), Standing(f"school:{code}", territory)))
    if unchanged := fresh("school", place.volume.name, chosen(), place.uai, len(pages)):
        return unchanged
    after = [] if found.school.open else [line_of(one, place) for one in successors(session(), found.school)]
    asked = Question.of(request.args.items(multi=True))
    shown = school_page(*found, asked, place, after)
    return keep(page("schools/school.html", school=shown, pages=pages))


def _unknown(text: str) -> Response:
    place = here()
    return page("schools/unknown.html", status=404, wrong=wrong_uai(session(), text, place), school=place.school)


def _back(code: str) -> str:
    """What the form says, else the school, else where the visitor was: never another site."""
    asked = clean(request.form.get("retour", ""))
    if asked.startswith("/"):
        return own_path(asked)
    return f"{PATH}/{code}" if code else own_path(request.referrer)
