"""The production application with two more routes: the same templates, fed from memory."""

import os
from dataclasses import replace
from typing import Any

from flask import Flask, Response, request

from app import serve_and_watch
from catalogue.browse.place import here
from catalogue.browse.results import results
from catalogue.browse.sheet import sheet
from catalogue.search.answering import alternatives, answer, find
from portal.web.kit import EVERYONE, access, fresh, keep, page
from tests.bench.questions import questions

SHEETS = "BENCH_SHEETS"


def serve_with_references() -> Flask:
    app = serve_and_watch()
    pages, sheets = _prepare(app)

    @app.get("/bench/catalogue")
    @access(EVERYONE)
    def catalogue() -> Response:
        if unchanged := fresh("reference"):
            return unchanged
        search = pages[request.query_string.decode()]
        return keep(page("catalogue/index.html", fragment="catalogue/_results.html", target="resultats", search=search))

    @app.get("/bench/sheet/<slug>")
    @access(EVERYONE)
    def title(slug: str) -> Response:
        if unchanged := fresh("reference"):
            return unchanged
        return keep(page("catalogue/sheet.html", sheet=sheets[slug]))

    return app


def _prepare(app: Flask) -> tuple[dict[str, Any], dict[str, Any]]:
    """Rows and facets as plain objects, for every address that will be asked."""
    slugs = os.environ[SHEETS].split(",")
    if slugs == [""]:
        return {}, {}
    with app.test_request_context("/catalogue"):
        place = here()
        volume, code = place.volume, place.territory
        pages = {}
        for asked in questions():
            made = results(asked, answer(volume, asked, code), place)
            # The links of pagination call the question: here they are written down like all the rest.
            shown = made.page
            numbers = {number for number in shown.window if number} | {shown.number - 1, shown.number + 1}
            urls = {number: shown.url(number) for number in numbers if number}
            pages[asked.url().partition("?")[2]] = made._replace(page=replace(shown, url=urls.__getitem__))
        sheets = {}
        for slug in slugs:
            row, details = find(volume, slug) or ({}, {})
            sheets[slug] = sheet(row, details, alternatives(volume, row, details["alternatives"], code), place)
    return pages, sheets
