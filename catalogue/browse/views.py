"""The catalogue's pages."""

from flask import Blueprint, Response, make_response, request

from catalogue.browse import packaging
from catalogue.browse.compare import comparison
from catalogue.browse.home import home_page
from catalogue.browse.place import Place, here
from catalogue.browse.results import results
from catalogue.browse.sheet import sheet
from catalogue.browse.sources import SOURCES
from catalogue.search.answering import alternatives, answer, find
from catalogue.search.question import Question
from catalogue.support.badges import badge
from catalogue.support.models import Support
from catalogue.titles.access import May
from portal.text import Sentence
from portal.web.kit import EVERYONE, access, found, fresh, keep, page, wants_fragment
from portal.web.language import chosen
from portal.web.rates import searched

bp = Blueprint("catalogue", __name__)
UNKNOWN_TITLE = Sentence("Aucun titre ne porte ce nom dans le catalogue. Cherchez-le par son nom ou par ce qu’il permet de faire.")


@bp.get("/")
@access(EVERYONE)
def home() -> Response:
    place = here()
    return fresh("home", place.volume.name, chosen(), place.uai) or keep(page("home.html", **home_page(place)))


@bp.get("/catalogue")
@access(May.READ)
@searched
def index() -> Response:
    place, asked = here(), Question.of(request.args.items(multi=True))
    if (part := wants_fragment("resultats")) and _is_for_another_school(place):
        return _reload(asked.url())
    if unchanged := fresh("catalogue", place.volume.name, place.territory, chosen(), place.uai, part):
        return unchanged
    search = results(asked, answer(place.volume, asked, place.territory, place.reach), place)
    response = page("catalogue/index.html", fragment="catalogue/_results.html", target="resultats", search=search)
    if part:
        response.headers["HX-Push-Url"] = asked.url()  # one question, one address: without what a form sends empty
    return keep(response)


def _is_for_another_school(place: Place) -> bool:
    """A school was chosen in another tab: a part made for it would stand under the name of the first."""
    return request.headers.get("X-Etablissement", place.uai) != place.uai


def _reload(url: str) -> Response:
    response = make_response("")
    response.headers["HX-Redirect"] = url
    response.cache_control.no_store = True
    return response


@bp.get("/catalogue/<slug>")
@access(May.READ)
def title(slug: str) -> Response:
    place = here()
    row, details = found(find(place.volume, slug), UNKNOWN_TITLE)
    if unchanged := fresh("title", place.volume.name, place.territory, chosen(), place.uai):
        return unchanged
    others = alternatives(place.volume, row, details["alternatives"], place.territory, place.reach)
    return keep(page("catalogue/sheet.html", sheet=sheet(row, details, others, place)))


@bp.get("/comparer")
@access(May.READ)
def compare() -> Response:
    return page("catalogue/compare.html", **comparison(here(), request.args.getlist("titres")))


@bp.get("/donnees-ouvertes")
@access(EVERYONE)
def open_data() -> Response:
    return page("open_data.html", sources=SOURCES)


@bp.get("/api")
@access(EVERYONE)
def programs() -> Response:
    supports = [(level.value, badge(level).label) for level in Support]
    return page("api.html", supports=supports, packages=packaging.codes())
