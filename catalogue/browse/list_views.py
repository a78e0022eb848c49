"""The pages and the files of lists."""

from flask import Blueprint, Response, make_response, render_template, request

from catalogue.browse.edition_page import edition_page, feed
from catalogue.browse.lists import Held, all_lists, find_list
from catalogue.browse.place import Place, here
from catalogue.lists.files import stored_file
from catalogue.lists.models import FrozenFormat
from portal.errors import Unknown
from portal.text import Sentence
from portal.web.kit import EVERYONE, access, found, fresh, keep, page, portal, session
from portal.web.language import chosen

bp = Blueprint("lists", __name__, url_prefix="/listes")
UNKNOWN_LIST = Sentence("Aucune liste ne porte ce nom ici. Choisissez-la parmi les listes publiées.")
UNKNOWN_EDITION = Sentence("Cette liste n’a pas d’édition de ce nom. Choisissez-la parmi ses versions, sur la page de la liste.")
STILL_A_DRAFT = Sentence(
    "Cette édition est en préparation : elle change encore, donc elle n’a pas de fichier. Il sera là dès le vote. Lisez-la sur sa page."
)
TYPES = {FrozenFormat.JSON: "application/json", FrozenFormat.CSV: "text/csv; charset=utf-8"}
YEAR = 365 * 24 * 3600


@bp.get("")
@access(EVERYONE)
def index() -> Response:
    place = here()
    if unchanged := _unchanged("lists", place):
        return unchanged
    territory = place.volume.meta["territories"][place.territory]
    return keep(page("lists/index.html", lists=all_lists(place), territory=territory, school=place.school))


@bp.get("/<held>")
@access(EVERYONE)
def latest(held: str) -> Response:
    """The edition in force; its own address, which never changes, is on the page."""
    return _edition(held, "", q=request.args.get("q", ""), against=request.args.get("avec", ""))


@bp.get("/<held>/<label>")
@access(EVERYONE)
def edition(held: str, label: str) -> Response:
    return _edition(held, label, q=request.args.get("q", ""), against=request.args.get("avec", ""))


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
    one = _list(place, held)
    if unchanged := _unchanged("feed", place):
        return unchanged
    by = place.volume.meta["territories"][one.territory]["name"]
    response = make_response(
        render_template("lists/feed.xml", held=one, changes=feed(place.volume, one), territory=by, base=_base())
    )
    response.content_type = "application/atom+xml; charset=utf-8"
    return keep(response)


def _edition(slug: str, label: str, *, q: str, against: str) -> Response:
    place = here()
    held = _list(place, slug)
    shown = held.latest if not label else found(held.edition(label), UNKNOWN_EDITION)
    if unchanged := _unchanged("edition", place):
        return unchanged
    if shown is None:
        return keep(page("lists/empty.html", held=held))
    return keep(page("lists/edition.html", shown=edition_page(place, held, shown, _base(), q=q, against=against)))


def _file(slug: str, label: str, kind: FrozenFormat) -> Response:
    """The bytes that were voted, stamped with their own SHA-256, whatever the release, the day, the reader or today's lists."""
    stored = stored_file(session(), slug, label, kind)
    if stored is None:
        known = _list(here(), slug).edition(label)
        raise Unknown(STILL_A_DRAFT if known and known["status"] == "draft" else UNKNOWN_EDITION)
    # Compression writes the stamp anew, with `:br` after it: what the reader holds is repeated to them as they know it.
    held_by_reader = request.if_none_match
    same = [tag for tag in held_by_reader.as_set(include_weak=True) if tag.partition(":")[0] == stored.sha256]
    unchanged = bool(same) or held_by_reader.star_tag
    response = Response(status=304) if unchanged else make_response(stored.body)
    response.set_etag(same[0] if same else stored.sha256)
    if not unchanged:
        response.content_type = TYPES[kind]
        response.headers["Content-Disposition"] = f'attachment; filename="{slug}-{label}.{kind.value}"'
    return _for_ever(response)


def _for_ever(response: Response) -> Response:
    """A shared cache may keep it a year; never what was asked with a cookie."""
    response.vary.add("Cookie")
    if request.cookies:
        response.cache_control.private = response.cache_control.no_cache = True
    else:
        response.cache_control.public = response.cache_control.immutable = True
        response.cache_control.max_age = YEAR
    return response


def _list(place: Place, slug: str) -> Held:
    one: Held = found(find_list(place.volume, slug), UNKNOWN_LIST)
    return one


def _base() -> str:
    return portal().settings.public_url


def _unchanged(what: str, place: Place) -> Response | None:
    return fresh(what, place.volume.name, place.territory, chosen(), place.uai)
