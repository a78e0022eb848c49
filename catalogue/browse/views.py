"""The catalogue's pages."""

from datetime import date
from typing import Any

from flask import Blueprint, Response, current_app, request

from catalogue.browse.compare import comparison
from catalogue.browse.home import home_page
from catalogue.browse.results import results
from catalogue.browse.sheet import sheet
from catalogue.browse.sources import SOURCES
from catalogue.search.answering import alternatives, answer, find
from catalogue.search.question import Question
from catalogue.search.shelf import Shelf, Volume
from catalogue.titles.access import May
from portal.web.kit import EVERYONE, access, found, fresh, keep, page, portal
from portal.web.language import chosen

bp = Blueprint("catalogue", __name__)


def volume() -> Volume:
    shelf: Shelf = current_app.extensions["shelf"]
    return shelf.volume()


def territory(open_volume: Volume) -> str:
    """The territory spoken for: the installation's own, until a visitor chooses a school."""
    codes: dict[str, Any] = open_volume.meta["territories"]
    home = portal().settings.home_territory
    return home if home in codes else next(iter(codes))


@bp.get("/")
@access(EVERYONE)
def home() -> Response:
    shelf = volume()
    return fresh("home", shelf.name, chosen()) or keep(page("home.html", **home_page(shelf, territory(shelf))))


@bp.get("/catalogue")
@access(May.READ)
def index() -> Response:
    shelf, asked = volume(), Question.of(request.args.items(multi=True))
    code = territory(shelf)
    if unchanged := fresh("catalogue", shelf.name, chosen(), code, request.headers.get("HX-Target", "")):
        return unchanged
    search = results(asked, answer(shelf, asked, code), shelf.meta, code)
    return keep(page("catalogue/index.html", fragment="catalogue/_results.html", target="resultats", search=search))


@bp.get("/catalogue/<slug>")
@access(May.READ)
def title(slug: str) -> Response:
    shelf = volume()
    code = territory(shelf)
    row, details = found(find(shelf, slug), "Aucun titre ne porte ce nom dans le catalogue. Cherchez-le par son nom ou par ce qu’il permet de faire.")
    if unchanged := fresh("title", shelf.name, chosen(), code):
        return unchanged
    day = date.fromisoformat(shelf.meta["days"][code])
    return keep(page("catalogue/sheet.html", sheet=sheet(row, details, alternatives(shelf, row, code), shelf.meta, code, day)))


@bp.get("/comparer")
@access(May.READ)
def compare() -> Response:
    shelf = volume()
    return page("catalogue/compare.html", **comparison(shelf, territory(shelf), request.args.getlist("titres")))


@bp.get("/donnees-ouvertes")
@access(EVERYONE)
def open_data() -> Response:
    return page("open_data.html", sources=SOURCES)
