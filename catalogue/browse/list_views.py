"""The pages and files of lists."""

from typing import Any

from flask import Blueprint, Response, g, make_response, render_template, request

from catalogue.browse.lists import all_lists, edition_page, feed, summary
from catalogue.browse.place import Place, here
from catalogue.lists.files import stored_file
from catalogue.lists.models import FrozenFormat
from portal.text import Sentence
from portal.web.kit import EVERYONE, access, found, fresh, keep, page, portal, session
from portal.web.language import chosen

bp = Blueprint("lists", __name__, url_prefix="/listes")
UNKNOWN_LIST = Sentence("Aucune liste ne porte ce nom ici. Choisissez-la parmi les listes publiées.")
UNKNOWN_EDITION = Sentence("Cette liste n’a pas d’édition de ce nom. Choisissez-la parmi ses versions.")
NO_FILE = Sentence("Seule une édition votée a un fichier : celle-ci n’existe pas, ou elle est encore en préparation.")
TYPES = {FrozenFormat.JSON: "application/json", FrozenFormat.CSV: "text/csv; charset=utf-8"}


@bp.get("")
@access(EVERYONE)
def index() -> Response:
    place = here()
    return _unchanged("lists", place) or keep(page("lists/index.html", lists=all_lists(place), place=_names(place)))


@bp.get("/<held>")
@access(EVERYONE)
def latest(held: str) -> Response:
    """The edition in force; its own address, which never changes, is on the page."""
    return _edition(held, "")


@bp.get("/<held>/<label>")
@access(EVERYONE)
def edition(held: str, label: str) -> Response:
    return _edition(held, label)


@bp.get("/<held>/<label>.json")
@access(EVERYONE)
def as_json(held: str, label: str) -> Response:
    return _file(held, label, FrozenFormat.JSON)


@bp.get("/<held>/<label>.csv")
@access(EVERYONE)
def as_csv(held: str, label: str) -> Response:
    return _file(held, label, FrozenFormat.CSV)


@bp.get("/<held>/flux.atom")
@access(EVERYONE)
def atom(held: str) -> Response:
    place = here()
    entries = found(feed(place, held), UNKNOWN_LIST)
    if unchanged := _unchanged("feed", place):
        return unchanged
    shown = place.volume.meta["lists"][place.territory][held]
    base = portal().settings.public_url.rstrip("/")
    response = make_response(render_template("lists/feed.xml", entries=entries, held=shown, slug=held, base=base))
    response.content_type = "application/atom+xml; charset=utf-8"
    return keep(response)


def _file(slug: str, label: str, kind: FrozenFormat) -> Response:
    """The bytes that were voted. Their stamp is their SHA-256, whatever the release, the day or the reader."""
    body, g.etag = found(stored_file(session(), here().territory, slug, label, kind), NO_FILE)
    response = make_response(body)
    response.content_type = TYPES[kind]
    response.headers["Content-Disposition"] = f'attachment; filename="{slug}-{label}.{kind.value}"'
    return keep(response).make_conditional(request)  # type: ignore[return-value]


def _edition(slug: str, label: str) -> Response:
    place = here()
    held = found(place.volume.meta["lists"][place.territory].get(slug), UNKNOWN_LIST)
    one = summary(place, slug, label)
    if one is None and (label or held["editions"]):
        found(None, UNKNOWN_EDITION)
    if unchanged := _unchanged("edition", place):
        return unchanged
    if one is None:
        return keep(page("lists/empty.html", held=held))
    base = portal().settings.public_url.rstrip("/")
    shown = edition_page(place, slug, one, base, request.args.get("avec", ""))
    return keep(page("lists/edition.html", held=held, slug=slug, shown=shown))


def _unchanged(what: str, place: Place) -> Response | None:
    return fresh(what, place.volume.name, place.territory, chosen(), place.uai)


def _names(place: Place) -> dict[str, Any]:
    territory: dict[str, Any] = place.volume.meta["territories"][place.territory]
    return territory
