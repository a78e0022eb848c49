"""The whole catalogue in one file, sent as it is read: its size costs no memory."""

import csv
import io
import zlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

import orjson
from flask import Blueprint, Response, request
from tantivy import Order, Query

from catalogue.browse.api_standing import standing
from catalogue.browse.api_titles import Labels, OfSchool, Title, item
from catalogue.browse.place import Place
from catalogue.lists.document import LICENCE
from catalogue.titles.access import May
from portal.web.api import Answered, answers, read
from portal.web.kit import access, fresh, keep
from portal.web.language import chosen

bp = Blueprint("downloads", __name__)
AT_ONCE = 250  # titles
CSV = "text/csv"
GZIP = zlib.MAX_WBITS + 16
COLUMNS = (
    "slug", "name", "publisher", "licence", "licence_type", "platforms", "category", "disciplines", "levels", "purpose",
    "support", "lists", "since", "until", "version", "packaging",
)  # fmt: skip


class Catalogue(Answered):
    """Tout le catalogue, par ordre de nom."""

    licence: str
    territory: str
    day: str
    total: int
    items: list[Title]


@bp.get("/titles.json")
@access(May.READ)
@answers("Télécharger tout le catalogue en JSON", Catalogue, asks=OfSchool)
def as_json() -> Response:
    place = standing(read(OfSchool, request.args).school)
    return _unchanged("json", place) or _file(_json(place, place.words.labels), "application/json", place)


@bp.get("/titles.csv")
@access(May.READ)
@answers(
    "Télécharger tout le catalogue en CSV (UTF-8, RFC 4180 ; plusieurs valeurs sont séparées par |)", None, asks=OfSchool, media=CSV
)
def as_csv() -> Response:
    place = standing(read(OfSchool, request.args).school)
    return _unchanged("csv", place) or _file(_csv(place, place.words.labels), CSV, place)


def _unchanged(kind: str, place: Place) -> Response | None:
    return fresh("api-whole", kind, place.volume.name, place.territory, chosen(), place.uai)


def _file(parts: Iterator[bytes], mimetype: str, place: Place) -> Response:
    response = Response(parts, mimetype=mimetype)
    name = f"catalogue-{place.uai or place.territory}-{place.today.isoformat()}.{mimetype.rpartition('/')[2]}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return _packed(keep(response), parts)


def _packed(response: Response, parts: Iterator[bytes]) -> Response:
    """Gzip as it goes, which the library that compresses the rest does for whole answers only; it does Brotli."""
    if request.accept_encodings.best_match(["br", "gzip"]) == "gzip":
        response.response = _gzip(parts)
        response.headers["Content-Encoding"] = "gzip"
        response.set_etag(f"{response.get_etag()[0]}:gzip")
    return response


def _gzip(parts: Iterator[bytes]) -> Iterator[bytes]:
    packing = zlib.compressobj(wbits=GZIP)
    yield from (packed for part in parts if (packed := packing.compress(part)))
    yield packing.flush()


def _items(place: Place, labels: Labels) -> Iterator[list[dict[str, Any]]]:
    """`labels` were read beforehand: when the answer is sent, nobody knows any more who asked."""
    volume = place.volume
    found = volume.searcher.search(
        Query.all_query(), limit=max(1, volume.meta["count"]), count=False, order_by_field="name_rank", order=Order.Asc
    )
    addresses = [address for _rank, address in found.hits]
    for start in range(0, len(addresses), AT_ONCE):
        rows = volume.rows(addresses[start : start + AT_ONCE])
        yield [item(row, place, labels) for row in rows]


def _json(place: Place, labels: Labels) -> Iterator[bytes]:
    head = {"licence": LICENCE, "territory": place.territory, "day": place.today.isoformat(), "total": place.volume.meta["count"]}
    yield orjson.dumps(head)[:-1] + b',"items":['
    comma = b""
    for items in _items(place, labels):
        yield comma + b",".join(map(orjson.dumps, items))
        comma = b","
    yield b"]}\n"


def _csv(place: Place, labels: Labels) -> Iterator[bytes]:
    yield _lines([COLUMNS])
    for items in _items(place, labels):
        yield _lines(map(_cells, items))


def _cells(one: Mapping[str, Any]) -> list[str]:
    said = chain(one.items(), one["support"].items(), [("support", one["support"]["level"])])
    values = {name: "|".join(value) if isinstance(value, list) else value for name, value in said}
    return [values[name] or "" for name in COLUMNS]


def _lines(rows: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()
