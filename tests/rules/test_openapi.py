"""Parameters are read, refused and described from one declaration; the document says what the views declare."""

import json
from typing import Literal

import pytest
from flask import Flask
from pydantic import Field
from werkzeug.datastructures import MultiDict

from catalogue.browse.api_titles import Narrowed, TitlesAsked
from catalogue.search.question import FACETS, MOST_PER_PAGE, PER_PAGE, SORTS, Question
from portal.errors import Refused
from portal.text import french
from portal.web import api
from portal.web.api import Answered, Asked, Operation, Paged, answers, read
from portal.web.bodies import Given
from portal.web.faulty import bounds
from portal.web.gate import OPEN
from portal.web.openapi import document, operations


class Sample(Paged):
    """As a view would ask."""

    q: str = Field("", max_length=5, description="Des mots.")
    kind: tuple[str, ...] = Field((), max_length=2, examples=[["a"]])
    order: Literal["up", "down"] = "up"
    code: str = Field("", pattern="^[a-z]*$")


class Shape(Answered):
    """Une forme."""

    name: str


def refused(query: dict[str, list[str]]) -> list[str]:
    with pytest.raises(Refused) as caught:
        read(Sample, MultiDict(query))
    return [str(reason) for reason in caught.value.reasons]


@pytest.mark.parametrize(
    ("query", "field", "value"),
    [
        ({}, "page", 1),
        ({}, "per_page", 25),
        ({"per_page": ["100"]}, "per_page", 100),
        ({"per_page": [""]}, "per_page", 25),
        ({"per_page": ["3", "7"]}, "per_page", 7),
        ({"kind": ["a", "", "b"]}, "kind", ("a", "b")),
        ({"kind": [""]}, "kind", ()),
        ({"q": ["été"]}, "q", "été"),
        ({"order": ["down"]}, "order", "down"),
    ],
)
def test_a_parameter_is_read(query: dict[str, list[str]], field: str, value: object) -> None:
    assert getattr(read(Sample, MultiDict(query)), field) == value


@pytest.mark.parametrize("value", ["0", "101", "-1", "+1", "1.0", "1e2", "1_0", " 1", "\u0661", "deux", "9" * 40, "\0"])
def test_a_number_out_of_bounds_is_refused_with_its_bounds(value: str) -> None:
    assert refused({"per_page": [value]}) == [french("« per_page » est un nombre entier de 1 à 100.")]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"pge": ["2"]}, "Le paramètre « pge » n’existe pas ici. Paramètres connus : page, per_page, q, kind, order, code."),
        ({"pge": [""]}, "Le paramètre « pge » n’existe pas ici. Paramètres connus : page, per_page, q, kind, order, code."),
        ({"q": ["abcdef"]}, "« q » compte 5 caractères au plus."),
        ({"kind": ["a", "b", "c"]}, "« kind » se répète 2 fois au plus."),
        ({"order": ["left"]}, "« order » vaut l’un de : up, down."),
        ({"code": ["A"]}, "« code » n’a pas la forme attendue : ^[a-z]*$."),
    ],
)
def test_what_is_wrong_is_named(query: dict[str, list[str]], said: str) -> None:
    assert refused(query) == [french(said)]


def test_all_that_is_wrong_is_said_at_once_and_once() -> None:
    assert len(refused({"page": ["0"], "per_page": ["0"], "x": ["1", "2"]})) == 3


def test_a_long_unknown_name_is_cut() -> None:
    assert len(refused({"x" * 10_000: [""]})[0]) < 300


def test_titles_are_asked_for_as_pages_ask() -> None:
    """Same parameters, same bounds, same reading: or the two would drift apart."""
    assert set(Narrowed.model_fields) == {"q", *FACETS, "sort", "page", "per_page"}
    assert bounds(Narrowed.model_json_schema()["properties"]["per_page"]) == (1, MOST_PER_PAGE) == (1, api.MOST_PER_PAGE)
    assert Narrowed().per_page == PER_PAGE
    assert Narrowed.model_json_schema()["properties"]["sort"]["enum"] == list(SORTS)
    query = MultiDict(
        [("q", " l’été "), ("support", "known"), ("support", "ending"), ("sort", "name"), ("page", "3"), ("list", "socle")]
    )
    assert read(TitlesAsked, query).question() == Question.of(query.items(multi=True))
    assert read(TitlesAsked, MultiDict([("school", "0261505V")])).question() == Question()


@pytest.fixture
def described() -> Flask:
    app = Flask(__name__)
    app.extensions[OPEN] = {"shape", "whole", "forgotten"}

    @app.get("/api/v0/mine")
    @answers("Lire la sienne", Shape)
    def mine() -> str:
        return ""

    @app.get("/api/v0/shapes/<int:number>")
    @answers("Lire une forme", Shape, asks=Sample, refuses={404: "Rien."})
    def shape(number: int) -> str:
        return str(number)

    @app.get("/api/v0/shapes.csv")
    @answers("Tout prendre", None, media="text/csv")
    def whole() -> str:
        return ""

    return app


PARTS = {"number": {"description": "Le rang.", "schema": {"type": "integer"}}}


def test_the_document_says_what_is_declared(described: Flask) -> None:
    made = document(described, "/api/v0", {"title": "Essai", "version": "1"}, PARTS)
    assert made["openapi"] == "3.1.0"
    assert made["servers"] == [{"url": "/api/v0"}]
    assert list(made["paths"]) == ["/mine", "/shapes.csv", "/shapes/{number}"]
    asked = made["paths"]["/shapes/{number}"]["get"]
    named = {one["name"]: one for one in asked["parameters"]}
    assert list(named) == ["number", "page", "per_page", "q", "kind", "order", "code"]
    assert (named["number"]["in"], named["number"]["required"], named["q"]["in"]) == ("path", True, "query")
    assert (named["per_page"]["schema"]["minimum"], named["per_page"]["schema"]["maximum"]) == (1, 100)
    assert named["kind"]["schema"]["type"] == "array"
    assert named["kind"]["example"] == ["a"]
    assert named["order"]["schema"]["enum"] == ["up", "down"]
    assert list(asked["responses"]) == ["200", "304", "401", "404", "422", "429", "503"]
    assert asked["responses"]["200"]["content"] == {"application/json": {"schema": {"$ref": "#/components/schemas/Shape"}}}
    assert set(asked["responses"]["404"]["content"]) == {"application/problem+json"}
    assert "Link" in asked["responses"]["200"]["headers"]
    assert list(made["paths"]["/shapes.csv"]["get"]["responses"]["200"]["content"]) == ["text/csv"]
    assert set(made["components"]["schemas"]) == {"Shape", "Problem"}
    json.dumps(made)


def test_the_document_says_which_addresses_ask_for_a_token_and_how(described: Flask) -> None:
    made = document(described, "/api/v0", {"title": "Essai", "version": "1"}, PARTS)
    mine, shape = made["paths"]["/mine"]["get"], made["paths"]["/shapes/{number}"]["get"]
    assert mine["security"] == [{scheme: []} for scheme in made["components"]["securitySchemes"]]
    assert made["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    assert "security" not in shape
    assert list(mine["responses"]) == ["200", "401", "403", "422", "429", "503"], "an answer to one reader is not asked for again"


class Wish(Given):
    """Ce que l’on voudrait."""

    name: str


def test_the_document_says_what_is_sent_and_what_is_created(described: Flask) -> None:
    @described.post("/api/v0/shapes")
    @answers("Faire une forme", Shape, takes=Wish, status=201)
    def make() -> str:
        return ""

    @described.delete("/api/v0/shapes/<int:number>")
    @answers("Défaire une forme", None, media="", status=204)
    def undo(number: int) -> str:
        return str(number)

    made = document(described, "/api/v0", {"title": "Essai", "version": "1"}, PARTS)
    post, delete = made["paths"]["/shapes"]["post"], made["paths"]["/shapes/{number}"]["delete"]
    assert post["requestBody"] == {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Wish"}}},
    }
    assert [one["name"] for one in post["parameters"] if one["in"] == "header"] == ["Idempotency-Key"]
    assert set(post["responses"]["201"]["headers"]) >= {"Location", "Idempotent-Replayed"}
    assert set(post["responses"]) >= {"400", "401", "403", "409", "413", "415", "422"}
    assert "content" not in delete["responses"]["204"]
    assert "requestBody" not in delete
    assert [one["name"] for one in delete["parameters"]] == ["number"]
    assert set(made["paths"]["/shapes/{number}"]) == {"get", "delete"}
    assert made["components"]["schemas"]["Wish"]["required"] == ["name"]


def test_a_route_that_declares_nothing_is_a_mistake(described: Flask) -> None:
    described.add_url_rule("/api/v0/forgotten", "forgotten", lambda: "")
    with pytest.raises(RuntimeError, match="/api/v0/forgotten"):
        list(operations(described, "/api/v0"))


def test_what_is_outside_the_prefix_is_left_out(described: Flask) -> None:
    described.add_url_rule("/page", "page", lambda: "")
    assert all(isinstance(held, Operation) for _rule, held in operations(described, "/api/v0"))
    assert len(list(operations(described, "/api/v0"))) == 3
    assert not list(operations(described, "/api/v"))


def test_nothing_is_asked_unless_it_is_declared() -> None:
    with pytest.raises(Refused):
        read(Asked, MultiDict([("q", "a")]))
