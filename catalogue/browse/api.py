"""The same answers for programs, under `/api/v1`."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, request

from catalogue.browse.place import Place, here
from catalogue.browse.views import UNKNOWN_TITLE
from catalogue.search.answering import Answer, alternatives, answer, find
from catalogue.search.question import Question
from catalogue.titles.access import May
from portal.web.kit import access, found, fresh, keep
from portal.web.language import chosen

bp = Blueprint("api", __name__, url_prefix="/api/v1")
Labels = Mapping[str, Mapping[str, str]]


@bp.get("/titles")
@access(May.READ)
def titles() -> Response:
    place, asked = here(), Question.of(request.args.items(multi=True))
    if unchanged := fresh("api-titles", place.volume.name, place.territory, chosen()):
        return unchanged
    return keep(jsonify(_list(asked, answer(place.volume, asked, place.territory), place)))


@bp.get("/titles/<slug>")
@access(May.READ)
def title(slug: str) -> Response:
    place = here()
    row, details = found(find(place.volume, slug), UNKNOWN_TITLE)
    if unchanged := fresh("api-title", place.volume.name, place.territory, chosen()):
        return unchanged
    labels, code = place.words.labels, place.territory
    others = [item(other, code, labels) for other in alternatives(place.volume, row, details["alternatives"], code)]
    return keep(jsonify(**item(row, code, labels), **_details(row, details, code), alternatives=others))


def _list(asked: Question, given: Answer, place: Place) -> dict[str, Any]:
    return {
        "items": [item(row, place.territory, place.words.labels) for row in given.rows],
        "total": given.total,
        "page": given.page,
        "per_page": asked.per_page,
        "facets": given.counts,
        "understood": given.how,
    }


def item(row: Mapping[str, Any], code: str, labels: Labels) -> dict[str, Any]:
    """A title as lists give it."""
    at = row["at"][code]
    support = {name: at[name] or None for name in ("since", "until", "version")}
    return {
        **{
            name: row[name]
            for name in ("slug", "name", "publisher", "licence_type", "platforms", "category", "disciplines", "levels")
        },
        "licence": row["licence"] or None,
        "purpose": row["purpose"] or None,
        "support": {"level": at["level"], "label": labels["support"][at["level"]], "lists": at["lists"], **support},
        "packaging": None,
    }


def _details(row: Mapping[str, Any], details: Mapping[str, Any], code: str) -> dict[str, Any]:
    """What only the title's own address gives."""
    return {
        "versions": {
            "maintained": row["at"][code]["version"] or None,
            "latest": row["latest"] or None,
            "cycles": details["cycles"],
        },
        "needs": [name for _slug, name in row["needs"]],
        **{name: details[name] for name in ("aliases", "identifiers", "installers", "history")},
        "sources": {
            "row": details["source"].split("|"),
            "date": details["source_date"],
            "confidence": row["confidence"],
            "fields": details["facts"],
        },
    }
