"""What a program may ask of an address and is answered: declared once by the view; reading, refusals and the document follow."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, Any, TypeVar
from urllib.parse import quote, urlencode

from flask import Response, jsonify, request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails
from werkzeug.datastructures import MultiDict

from portal.errors import Refused
from portal.text import Sentence, clean
from portal.web.bodies import SHOWN, Given
from portal.web.faulty import fault

View = TypeVar("View", bound=Callable[..., Any])
MOST_PER_PAGE = 100
MOST_PAGES = 100_000
JSON = "application/json"
PROBLEM = "application/problem+json"
READS = {"GET", "HEAD", "OPTIONS"}
IDEMPOTENCY_KEY, REPLAYED = "Idempotency-Key", "Idempotent-Replayed"


def _digits(value: Any) -> Any:
    """Pydantic also reads « 1.0 », « +1 » and « 1_000 »: an address has one way of writing a number."""
    return value if re.fullmatch(r"[0-9]{1,9}", str(value)) else "?"


Whole = Annotated[int, BeforeValidator(_digits)]


class Asked(BaseModel):
    """The parameters of an address. One that is unknown is refused: a filter that is misspelt must not be ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Paged(Asked):
    """One page of a long list."""

    page: Whole = Field(1, ge=1, le=MOST_PAGES, description="Numéro de la page ; au-delà de la dernière, la page est vide.")
    per_page: Whole = Field(25, ge=1, le=MOST_PER_PAGE, description="Nombre d’éléments par page.")


class Answered(BaseModel):
    """The shape of an answer: read by the document and by the tests, never built."""

    model_config = ConfigDict(extra="forbid")


class Page(Answered):
    """One page of a long list, whose items each kind of list adds."""

    total: int
    page: int
    per_page: int
    facets: dict[str, dict[str, int]] = Field(description="Pour chaque filtre, combien d’éléments chaque valeur donnerait.")


class Problem(Answered):
    """Une erreur, selon la RFC 9457."""

    type: str
    title: str
    status: int
    detail: str = Field(description="Ce qui ne va pas, puis que faire, dans la langue choisie.")
    instance: str
    reference: str = Field(description="À citer pour signaler le problème.")


@dataclass(frozen=True)
class Operation:
    """`answer`: a model, or None for a body of another kind, whose media type is `media`; empty: no body at all.

    `takes`: the model of the JSON body that is sent; `receives`: the media type of one of another kind.
    """

    summary: str
    answer: type[Answered] | None
    asks: type[Asked]
    media: str
    refuses: Mapping[int, str] = field(default_factory=dict)
    takes: type[Given] | None = None
    receives: str = ""
    status: int = 200


NO_SUCH = {404: "Rien ne porte ce nom."}


def answers(
    summary: str,
    answer: type[Answered] | None,
    *,
    asks: type[Asked] = Asked,
    media: str = JSON,
    refuses: Mapping[int, str] | None = None,
    **more: Any,
) -> Callable[[View], View]:
    """Declare a view of the API. `refuses`: what else than a wrong parameter it may say no to, by status; `more`: see `Operation`."""

    def declare(view: View) -> View:
        view.operation = Operation(summary, answer, asks, media, refuses or {}, **more)  # type: ignore[attr-defined]
        return view

    return declare


Read = TypeVar("Read", bound=Asked)


def read(model: type[Read], arguments: "MultiDict[str, str]") -> Read:
    """The parameters, or a refusal that names each faulty one and its bounds. An empty value is no value, as forms send it."""
    values: dict[str, Any] = {}
    for name, given in arguments.lists():
        kept = [value for value in given if value]
        if name not in model.model_fields:
            values[name] = ""
        elif kept:
            values[name] = kept if is_repeated(model, name) else kept[-1]
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise Refused(dict.fromkeys(_sentence(model, one) for one in error.errors())) from None


def is_repeated(model: type[Asked], name: str) -> bool:
    field = model.model_fields[name]
    return not field.is_required() and isinstance(field.get_default(call_default_factory=True), tuple)


def _sentence(model: type[Asked], error: ErrorDetails) -> Sentence:
    name, kind = str(error["loc"][0]), error["type"]
    if kind == "extra_forbidden":
        known = ", ".join(model.model_fields) or "–"
        return Sentence(
            "Le paramètre « %(name)s » n’existe pas ici. Paramètres connus : %(known)s.", name=clean(name)[:SHOWN], known=known
        )
    if kind == "missing":
        return Sentence("Il manque le paramètre « %(name)s ».", name=name)
    if kind == "too_long":
        return Sentence("« %(name)s » se répète %(most)s fois au plus.", name=name, most=error["ctx"]["max_length"])
    return fault(name, error, model.model_json_schema()["properties"][name])


def answer_page(asked: Paged, items: list[Any], total: int, facets: Mapping[str, Any] | None = None, **more: Any) -> Response:
    """As `Page` describes it, with its neighbours in `Link`."""
    told = {"items": items, "total": total, "page": asked.page, "per_page": asked.per_page, "facets": facets or {}}
    return _link_pages(jsonify({**told, **more}), asked, total)


def _link_pages(response: Response, asked: Paged, total: int) -> Response:
    """Name the neighbouring pages in `Link` (RFC 8288), with the other parameters as they were sent."""
    last = min(max(1, -(-total // asked.per_page)), MOST_PAGES)
    pages = {"first": 1, "prev": min(asked.page - 1, last), "next": asked.page + 1, "last": last}
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "page" and value]
    links = [
        f'<{quote(request.path)}?{urlencode([*kept, ("page", number)])}>; rel="{rel}"'
        for rel, number in pages.items()
        if 1 <= number <= last
    ]
    response.headers["Link"] = ", ".join(links)
    return response


def open_to_all_sites(response: Response) -> Response:
    """What anybody may read without a cookie, a page of another site may read too."""
    if request.method in READS:
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = "ETag, Link, X-Request-Id"
    if request.method == "OPTIONS" and response.status_code == HTTPStatus.OK:
        response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
        response.headers["Access-Control-Allow-Headers"] = "Accept, If-None-Match"
        response.headers["Access-Control-Max-Age"] = "86400"
    return response
