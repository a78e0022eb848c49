"""The same answers for programs, under `/api/v1`."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, request

from catalogue.browse.results import facet_labels
from catalogue.browse.views import territory, volume
from catalogue.search.answering import alternatives, answer, find
from catalogue.search.question import Question
from catalogue.titles.access import May
from portal.web.kit import access, found, fresh, keep
from portal.web.language import chosen

bp = Blueprint("api", __name__, url_prefix="/api/v1")


@bp.get("/titles")
@access(May.READ)
def titles() -> Response:
    shelf, asked = volume(), Question.of(request.args.items(multi=True))
    code = territory(shelf)
    if unchanged := fresh("api-titles", shelf.name, chosen(), code):
        return unchanged
    given, labels = answer(shelf, asked, code), facet_labels(shelf.meta, code)
    items = [_item(row, code, labels) for row in given.rows]
    return keep(jsonify(items=items, total=given.total, page=given.page, per_page=asked.per_page, facets=given.counts, understood=given.how))


@bp.get("/titles/<slug>")
@access(May.READ)
def title(slug: str) -> Response:
    shelf = volume()
    code = territory(shelf)
    row, details = found(find(shelf, slug), "Aucun titre ne porte ce nom dans le catalogue.")
    if unchanged := fresh("api-title", shelf.name, chosen(), code):
        return unchanged
    labels = facet_labels(shelf.meta, code)
    return keep(
        jsonify(
            **_item(row, code, labels),
            versions={"maintained": row["at"][code]["version"] or None, "latest": row["latest"] or None, "cycles": details["cycles"]},
            alternatives=[_item(other, code, labels) for other in alternatives(shelf, row, code)],
            history=details["history"],
            sources={"row": details["source"].split("|"), "date": details["source_date"], "confidence": row["confidence"], "fields": details["facts"]},
            installers=details["installers"],
            aliases=details["aliases"],
            needs=[name for _slug, name in row["needs"]],
        )
    )


def _item(row: Mapping[str, Any], code: str, labels: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    at = row["at"][code]
    return {
        "slug": row["slug"],
        "name": row["name"],
        "publisher": row["publisher"],
        "licence": row["licence"] or None,
        "licence_type": row["licence_type"],
        "platforms": row["platforms"],
        "category": row["category"],
        "disciplines": row["disciplines"],
        "purpose": row["purpose"] or None,
        "support": {
            "level": at["level"],
            "label": labels["support"][at["level"]],
            "lists": at["lists"],
            "since": at["since"],
            "until": at["until"],
            "version": at["version"] or None,
        },
        "packaging": None,
    }
