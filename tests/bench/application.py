"""The production application with a few more routes: the same templates, fed from memory."""

import os
from collections.abc import Iterable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from flask import Flask, Response, request
from flask_login import current_user

from app import serve_and_watch
from catalogue.browse.edition_page import EditionPage, edition_page
from catalogue.browse.home import home_page
from catalogue.browse.lists import find_list
from catalogue.browse.place import Place, here
from catalogue.browse.results import results
from catalogue.browse.school_page import SchoolPage, school_page
from catalogue.browse.schools import line_of
from catalogue.browse.sheet import sheet
from catalogue.browse.standpoint import standpoint_of
from catalogue.search.answering import alternatives, answer, find
from catalogue.search.question import Question
from portal.territories.queries import successors
from portal.territories.whole import find_school
from portal.web.kit import EVERYONE, access, fresh, keep, page, portal, private_page, session
from portal.web.pagination import Page
from portal.web.reading import actor
from tests.bench.full import editions
from tests.bench.questions import questions
from workflows.requests import lists
from workflows.requests.access import May
from workflows.requests.lists import PATH
from workflows.requests.queries import find_request
from workflows.requests.request_page import request_page
from workflows.requests.support_form import SupportForm

# Whose references are made; without any, those of that kind are not. READER: the cookie of the person whose pages they are.
SHEETS, SCHOOLS, PERSONAL, READER = "BENCH_SHEETS", "BENCH_SCHOOLS", "BENCH_PERSONAL", "BENCH_READER"
THEIRS = (("0261505V", "Lycée polyvalent, Valence"), ("0260037Z", "Lycée professionnel, Valence"))  # of who supports
BASE = "/bench"  # before the address of the page that a reference stands for


def serve_with_references() -> Flask:
    app = serve_and_watch()
    with app.test_request_context("/catalogue"):
        place = here()
        catalogue, sheets = _catalogue(place)
        shown_lists, schools = _lists(place), _schools(place)
    personal = {path: _personal(app, path) for path in _asked(PERSONAL)}

    @app.get(f"{BASE}/catalogue")
    @access(EVERYONE)
    def reference_of_catalogue() -> Response:
        search = catalogue[request.query_string.decode()]
        return _shown("catalogue/index.html", fragment="catalogue/_results.html", target="resultats", search=search)

    @app.get(f"{BASE}/catalogue/<slug>")
    @access(EVERYONE)
    def reference_of_sheet(slug: str) -> Response:
        return _shown("catalogue/sheet.html", sheet=sheets[slug])

    @app.get(f"{BASE}/listes/<path:_edition>")
    @access(EVERYONE)
    def reference_of_list(_edition: str) -> Response:
        return _shown("lists/edition.html", shown=shown_lists[request.full_path.removeprefix(BASE).rstrip("?")])

    @app.get(f"{BASE}/etablissements/<uai>")
    @access(EVERYONE)
    def reference_of_school(uai: str) -> Response:
        return _shown("schools/school.html", school=schools[uai])

    @app.get(f"{BASE}/")
    @app.get(f"{BASE}/demandes")
    @app.get(f"{BASE}/demandes/<int:_number>")
    @access(EVERYONE)
    def reference_of_personal(_number: int = 0) -> Response:
        template, context = personal[request.full_path.removeprefix(BASE).rstrip("?")]
        return private_page(template, **context) if current_user.is_authenticated else Response(status=403)

    return app


def _personal(app: Flask, path: str) -> tuple[str, dict[str, Any]]:
    """The template of a page of the reader, and all that it shows as plain objects."""
    with app.test_request_context(path, headers={"Cookie": os.environ[READER]}):
        address, _, view = path.partition("?voir=")
        number = int(address.rpartition("/")[2] or 0) if address.startswith(f"{PATH}/") else 0
        if number:
            held = find_request(session(), portal().policy, actor(), May.SEE, number)
            shown = request_page(session(), portal(), held, actor())
            return "requests/request.html", {"request_": shown, "form": SupportForm.of(THEIRS, None), "refused": [], "kept": None}
        if address == PATH:
            made = lists.requests(session(), portal(), actor(), lists.Asked(view))
            return "requests/index.html", {"requests": replace(made, page=_written(made.page))}
        return "home.html", home_page(here())


def _shown(template: str, **context: Any) -> Response:
    return fresh("reference") or keep(page(template, **context))


def _asked(name: str) -> list[str]:
    return [one for one in os.environ.get(name, "").split(",") if one]


def _catalogue(place: Place) -> tuple[dict[str, Any], dict[str, Any]]:
    """Rows and facets as plain objects, for every address that will be asked."""
    slugs = _asked(SHEETS)
    if not slugs:
        return {}, {}
    volume, code = place.volume, place.territory
    pages = {}
    for asked in questions():
        made = results(asked, answer(volume, asked, code), place)
        pages[asked.url().partition("?")[2]] = made._replace(page=_written(made.page))
    sheets = {}
    for slug in slugs:
        row, details = find(volume, slug) or ({}, {})
        sheets[slug] = sheet(row, details, alternatives(volume, row, details["alternatives"], code), place)
    return pages, sheets


def _written(shown: Page) -> Page:
    """The links of pagination call the question: here they are written down like all the rest."""
    numbers = {number for number in shown.window if number} | {shown.number - 1, shown.number + 1}
    return replace(shown, url={number: shown.url(number) for number in numbers if number}.__getitem__)


def _lists(place: Place) -> dict[str, EditionPage]:
    """By address, as each of them is asked."""
    if not _asked(SCHOOLS):
        return {}
    base, made = portal().settings.public_url, {}
    for path in editions():
        address, _, against = path.partition("?avec=")
        _, _, slug, label = address.split("/")
        held = find_list(place.volume, slug)
        shown = held.edition(label) if held else None
        if held is None or shown is None:
            raise RuntimeError(f"{path} is not there: tests/bench/full.py makes it.")
        made[path] = edition_page(place, held, shown, base, against=against)
    return made


def _schools(place: Place) -> dict[str, SchoolPage]:
    return dict(_school(uai, place) for uai in _asked(SCHOOLS))


def _school(uai: str, place: Place) -> tuple[str, SchoolPage]:
    """Rooms and the links of pagination as plain objects."""
    found = find_school(session(), uai)
    if found is None:
        raise RuntimeError(f"{uai} is not there: tests/bench/schools.py chooses it.")
    after = [] if found.open else [line_of(one, place) for one in successors(session(), found)]
    made = school_page(found, standpoint_of(found, place.volume.meta), Question(""), place, after)
    rooms: Iterable[Any] = (SimpleNamespace(name=room.name, seats=room.seats) for room in made.rooms)
    titles = replace(made.titles, page=_written(made.titles.page)) if made.titles else None
    return uai, replace(made, rooms=list(rooms), titles=titles)
