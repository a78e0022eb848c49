"""The OpenAPI 3.1 document, made from what each view of the API declares: it cannot say anything else than the code."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Flask
from pydantic.json_schema import models_json_schema
from werkzeug.routing import Rule

from portal.web.api import JSON, PROBLEM, Answered, Operation, Problem
from portal.web.gate import OPEN

DIALECT = "https://json-schema.org/draft/2020-12/schema"
REFERENCE = "#/components/schemas/{model}"
PART = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
Schema = dict[str, Any]
HEADERS = {
    "ETag": {"description": "L’état de la réponse, à renvoyer dans If-None-Match.", "schema": {"type": "string"}},
    "Cache-Control": {"description": "Toujours à revalider ; privée dès qu’un cookie est envoyé.", "schema": {"type": "string"}},
}
PRIVATE = {"description": "Une réponse à un jeton ne se garde pas : private, no-store.", "schema": {"type": "string"}}
LINK = {"Link": {"description": "Les pages voisines : first, prev, next, last (RFC 8288).", "schema": {"type": "string"}}}
ALWAYS = {
    401: "Le jeton envoyé est faux, expiré ou révoqué.",
    422: "Un paramètre est inconnu ou hors bornes.",
    429: "Trop de demandes ; Retry-After dit dans combien de secondes recommencer.",
    503: "Le portail ne peut pas répondre pour l’instant.",
}
# Of an address that is not open to all. Its answers are of one reader: none is kept, none is asked for again.
CLOSED = {401: "Le jeton manque, ou il est faux, expiré ou révoqué.", 403: "Le jeton n’a pas la permission demandée."}
SCHEME = "token"
SECURITY = {
    SCHEME: {
        "type": "http",
        "scheme": "bearer",
        "description": "Un jeton personnel, créé sur la page « Mes jetons » de son compte. Un cookie n’ouvre rien ici.",
    }
}


def document(app: Flask, prefix: str, info: Mapping[str, Any], parts: Mapping[str, Schema]) -> Schema:
    """`parts`: what each part of a path is, by the name its routes give it, as an OpenAPI parameter."""
    declared = list(operations(app, prefix))
    schemas = _schemas([held.answer for _rule, held in declared if held.answer])
    paths: Schema = {}
    for rule, held in declared:
        named = [{"name": name, "in": "path", "required": True, **parts[name]} for name in PART.findall(rule.rule)]
        is_open = rule.endpoint in app.extensions[OPEN]
        paths[PART.sub(r"{\1}", rule.rule.removeprefix(prefix))] = {"get": _operation(rule, held, named, is_open=is_open)}
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": DIALECT,
        "info": dict(info),
        "servers": [{"url": prefix}],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": SECURITY},
    }


def operations(app: Flask, prefix: str) -> Iterator[tuple[Rule, Operation]]:
    """Every route below the prefix; one that declares nothing is a mistake, said at once."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if rule.rule.startswith(prefix + "/"):
            held = getattr(app.view_functions[rule.endpoint], "operation", None)
            if held is None:
                raise RuntimeError(f"Route {rule.rule!r} declares no answer: add @answers(…) of portal/web/api.py.")
            yield rule, held


def _schemas(models: list[type[Answered]]) -> Schema:
    wanted = [(model, "serialization") for model in dict.fromkeys([*models, Problem])]
    _by_model, whole = models_json_schema(wanted, ref_template=REFERENCE)  # type: ignore[arg-type]  # the mode is a literal
    found: Schema = whole["$defs"]
    return {name: _untitled(schema) for name, schema in found.items()}


def _operation(rule: Rule, held: Operation, named: list[Schema], *, is_open: bool) -> Schema:
    problem = {PROBLEM: {"schema": {"$ref": REFERENCE.format(model=Problem.__name__)}}}
    refuses = {**ALWAYS, **({} if is_open else CLOSED), **held.refuses}
    refused = {str(code): {"description": said, "content": problem} for code, said in refuses.items()}
    body: Schema = {"schema": {"$ref": REFERENCE.format(model=held.answer.__name__)}} if held.answer else {}
    if held.answer is None and held.media == JSON:
        body = {"schema": {"type": "object"}}
    paged = "page" in held.asks.model_fields
    return {
        "operationId": rule.endpoint.replace(".", "_"),
        "summary": held.summary,
        "parameters": [*named, *_asked(held)],
        **({} if is_open else {"security": [{SCHEME: []}]}),
        "responses": {
            "200": {"description": "La réponse.", "headers": _headers(is_open=is_open, paged=paged), "content": {held.media: body}},
            **({"304": {"description": "Rien n’a changé depuis l’ETag donné."}} if is_open else {}),
            **dict(sorted(refused.items())),
        },
    }


def _headers(*, is_open: bool, paged: bool) -> Schema:
    return (HEADERS if is_open else {"Cache-Control": PRIVATE}) | (LINK if paged else {})


def _asked(held: Operation) -> Iterator[Schema]:
    """Parameters of the query, from the model that reads them."""
    for name, schema in held.asks.model_json_schema().get("properties", {}).items():
        described = {"description": schema.pop("description")} if "description" in schema else {}
        example = {"example": schema.pop("examples")[0]} if "examples" in schema else {}
        if schema.get("default") in ("", []):
            schema.pop("default")
        yield {"name": name, "in": "query", "required": False, **described, **example, "schema": _untitled(schema)}


def _untitled(schema: Any) -> Any:
    """Without the titles that are only names said again."""
    if isinstance(schema, dict):
        return {name: _untitled(value) for name, value in schema.items() if not (name == "title" and isinstance(value, str))}
    return [_untitled(one) for one in schema] if isinstance(schema, list) else schema
