"""Lists and their editions, as programs read them."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, request
from pydantic import Field

from catalogue.browse import list_views
from catalogue.browse.api_standing import standing
from catalogue.browse.list_views import UNKNOWN_EDITION, UNKNOWN_LIST
from catalogue.browse.lists import Held, find_list, held_lists
from catalogue.browse.place import home_place
from catalogue.lists.models import EditionStatus, FrozenFormat
from catalogue.search.shelf import Volume
from portal.web.api import JSON, NO_SUCH, Answered, Asked, Page, Paged, answer_page, answers, read
from portal.web.kit import EVERYONE, access, found, fresh, keep
from portal.web.language import chosen

bp = Blueprint("lists", __name__)
Document = Mapping[str, Any]


class Coded(Answered):
    """Un code et son nom."""

    code: str
    name: str


class Named(Answered):
    """Un titre, par son adresse et son nom."""

    slug: str
    name: str


class Entry(Named):
    """Une inscription."""

    publisher: str
    version: str
    disciplines: list[str]
    category: str
    since: str
    reason: str
    ends_on: str | None = Field(description="Le dernier jour annoncé, compris.")
    exit_reason: str
    replacement: Named | None


class Entered(Named):
    """Une entrée, et sa raison."""

    reason: str


class Left(Named):
    """Une sortie, sa raison et ce qui remplace le titre."""

    reason: str
    replacement: Named | None


class Updated(Named):
    """Un changement de version."""

    was: str
    now: str


class Changes(Answered):
    """Ce qui diffère de la version d’avant."""

    since: str | None = Field(description="La version d’avant ; null pour la première.")
    entered: list[Entered]
    left: list[Left]
    updated: list[Updated]


class Files(Answered):
    """Les fichiers d’une version votée : leurs octets ne changeront jamais."""

    url: str
    sha256: str


class Version(Answered):
    """Une version d’une liste, en bref."""

    edition: str
    school_year: str
    amendment: int
    status: EditionStatus
    starts_on: str
    ends_on: str
    voted_on: str | None
    used: int
    files: dict[FrozenFormat, Files] = Field(description="Vide tant qu’elle n’est pas votée.")


class Edition(Version):
    """Une liste dans une de ses versions."""

    slug: str
    name: str
    short_name: str
    territory: Coded
    capacity: int | None = Field(description="Le nombre de places ; null s’il n’y a pas de limite.")
    audience: str
    programmes: list[Coded] = Field(description="Les formations servies ; aucune : tous les établissements.")
    entries: list[Entry]
    changes: Changes
    candidates: list[Entry] | None = Field(description="Les entrées proposées ; null hors d’une édition en préparation.")
    leaving: list[Entry] | None = Field(description="Les sorties proposées ; null hors d’une édition en préparation.")
    licence: str
    demonstration: bool = Field(description="Vrai quand la liste est fictive.")
    versions: list[Version] = Field(description="Toutes les versions de la liste, de la plus récente à la plus ancienne.")


class Lists(Page):
    """Une page de listes, chacune dans sa version en vigueur."""

    items: list[Edition]


@bp.get("/lists")
@access(EVERYONE)
@answers("Les listes du territoire, chacune dans sa version en vigueur", Lists, asks=Paged)
def lists() -> Response:
    asked, place = read(Paged, request.args), standing()
    if unchanged := fresh("api-lists", place.volume.name, place.territory, chosen()):
        return unchanged
    held = [one for one in held_lists(place) if one.latest]
    kept = held[(asked.page - 1) * asked.per_page :][: asked.per_page]
    items = [_edition(place.volume, one, one.latest) for one in kept if one.latest]
    return keep(answer_page(asked, items, len(held)))


@bp.get("/lists/<held>")
@access(EVERYONE)
@answers("Lire une liste dans sa version en vigueur, sinon la dernière", Edition, refuses=NO_SUCH)
def latest(held: str) -> Response:
    read(Asked, request.args)
    return _shown(held)


@bp.get("/lists/<held>/<label>")
@access(EVERYONE)
@answers("Lire une version d’une liste", Edition, refuses=NO_SUCH)
def edition(held: str, label: str) -> Response:
    read(Asked, request.args)
    return _shown(held, label)


@bp.get("/lists/<held>/<label>.json")
@access(EVERYONE)
@answers("Télécharger une version votée en JSON : les octets qui ont été votés", None, media=JSON, refuses=NO_SUCH)
def as_json(held: str, label: str) -> Response:
    read(Asked, request.args)
    return list_views.as_json(held, label)


@bp.get("/lists/<held>/<label>.csv")
@access(EVERYONE)
@answers("Télécharger une version votée en CSV : les octets qui ont été votés", None, media="text/csv", refuses=NO_SUCH)
def as_csv(held: str, label: str) -> Response:
    read(Asked, request.args)
    return list_views.as_csv(held, label)


def _shown(slug: str, label: str = "") -> Response:
    volume = home_place().volume
    held: Held = found(find_list(volume, slug), UNKNOWN_LIST)
    one = found(held.edition(label) if label else held.latest, UNKNOWN_EDITION)
    unchanged = fresh("api-edition", volume.name, held.territory, chosen())
    return unchanged or keep(jsonify(_edition(volume, held, one)))


def _edition(volume: Volume, held: Held, one: Document) -> dict[str, Any]:
    document: Document = volume.edition(one["at"])
    return {
        **{name: document.get(name) for name in Edition.model_fields},
        "files": _files(held, one),
        "versions": [_version(held, other) for other in held.editions],
    }


def _version(held: Held, one: Document) -> dict[str, Any]:
    return {**{name: one[name] for name in Version.model_fields if name in one}, "files": _files(held, one)}


def _files(held: Held, one: Document) -> dict[str, dict[str, str]]:
    address = held.address(one)
    return {kind: {"url": f"{address}.{kind}", "sha256": mark} for kind, mark in one["sha256"].items()}
