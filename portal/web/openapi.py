"""The OpenAPI 3.1 document, made from what each view of the API declares: it cannot say anything else than the code."""

import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Flask
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from werkzeug.routing import Rule

from portal.web.api import IDEMPOTENCY_KEY, JSON, PROBLEM, REPLAYED, Operation, Problem
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
# Of an address that writes.
WRITES = {
    400: "Le corps ou une clé ne peut pas être lu.",
    405: "Aucun numéro ne s’écrit ainsi, ou l’adresse ne sert qu’à lire.",
    409: "La situation a changé, ou un envoi de même clé est en cours.",
    413: "L’envoi est trop volumineux.",
    422: "Un champ est inconnu ou faux, une règle s’y oppose, ou la clé a servi à un autre envoi.",
}
READS_JSON = {415: "Le corps n’est pas du JSON."}
KEY = {
    "name": IDEMPOTENCY_KEY,
    "in": "header",
    "required": False,
    "description": (
        "Une clé que le programme fait pour cet envoi, un UUID par exemple. Renvoyer le même envoi sous la même clé, dans les 24 heures, "
        "redonne la même réponse sans rien refaire."
    ),
    "example": "8e03978e-40d5-43e8-bc93-6894a57f9324",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}
AGAIN = {REPLAYED: {"description": "true : cette réponse a déjà été donnée sous cette clé.", "schema": {"type": "string"}}}
CREATED = {"Location": {"description": "L’adresse de ce qui est créé.", "schema": {"type": "string"}}}
PARTS = "api_parts"  # in an application's extensions: what each part of a path is
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
    paths: Schema = {}
    for rule, held in declared:
        named = [{"name": name, "in": "path", "required": True, **parts[name]} for name in PART.findall(rule.rule)]
        is_open = rule.endpoint in app.extensions[OPEN]
        methods = paths.setdefault(PART.sub(r"{\1}", rule.rule.removeprefix(prefix)), {})
        methods[_method(rule)] = _operation(rule, held, named, is_open=is_open)
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": DIALECT,
        "info": dict(info),
        "servers": [{"url": prefix}],
        "paths": paths,
        "components": {"schemas": _schemas([held for _rule, held in declared]), "securitySchemes": SECURITY},
    }


def declare_parts(bp: Blueprint, parts: Mapping[str, Schema]) -> None:
    """What the parts of its paths are, for the document of the application where it is registered."""
    bp.record(lambda state: state.app.extensions.setdefault(PARTS, {}).update(parts))


def operations(app: Flask, prefix: str) -> Iterator[tuple[Rule, Operation]]:
    """Every route below the prefix; one that declares nothing is a mistake, said at once."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if rule.rule.startswith(prefix + "/"):
            held = getattr(app.view_functions[rule.endpoint], "operation", None)
            if held is None:
                raise RuntimeError(f"Route {rule.rule!r} declares no answer: add @answers(…) of portal/web/api.py.")
            yield rule, held


def _method(rule: Rule) -> str:
    (method,) = (rule.methods or set()) - {"HEAD", "OPTIONS"}
    return method.lower()


def _schemas(declared: list[Operation]) -> Schema:
    answers = [(one.answer, "serialization") for one in declared if one.answer]
    bodies = [(one.takes, "validation") for one in declared if one.takes]
    wanted = dict.fromkeys([*answers, *bodies, (Problem, "serialization")])
    _by_model, whole = models_json_schema(list(wanted), ref_template=REFERENCE)  # type: ignore[arg-type]  # the mode is a literal
    found: Schema = whole["$defs"]
    return {name: _untitled(schema) for name, schema in found.items()}


def _operation(rule: Rule, held: Operation, named: list[Schema], *, is_open: bool) -> Schema:
    problem = {PROBLEM: {"schema": _reference(Problem)}}
    writes = _method(rule) != "get"
    refuses = {**ALWAYS, **(WRITES if writes else {}), **(READS_JSON if held.takes else {}), **({} if is_open else CLOSED)}
    refused = {str(code): {"description": said, "content": problem} for code, said in {**refuses, **held.refuses}.items()}
    keyed = [KEY] if _method(rule) == "post" else []
    return {
        "operationId": rule.endpoint.replace(".", "_"),
        "summary": held.summary,
        "parameters": [*named, *_asked(held), *keyed],
        **_body(held),
        **({} if is_open else {"security": [{SCHEME: []}]}),
        "responses": {
            str(held.status): {
                "description": "La réponse.",
                "headers": _headers(held, is_open=is_open) | (AGAIN if keyed else {}),
                **_content(held),
            },
            **({"304": {"description": "Rien n’a changé depuis l’ETag donné."}} if is_open else {}),
            **dict(sorted(refused.items())),
        },
    }


def _reference(model: type[BaseModel]) -> Schema:
    return {"$ref": REFERENCE.format(model=model.__name__)}


def _body(held: Operation) -> Schema:
    """What is sent. A body whose fields may all be left out may be left out itself."""
    if held.receives:
        return {"requestBody": {"required": True, "content": {held.receives: {}}}}
    if held.takes is None:
        return {}
    required = any(one.is_required() for one in held.takes.model_fields.values())
    return {"requestBody": {"required": required, "content": {JSON: {"schema": _reference(held.takes)}}}}


def _content(held: Operation) -> Schema:
    if not held.media:
        return {}
    body: Schema = (
        {"schema": _reference(held.answer)} if held.answer else {"schema": {"type": "object"}} if held.media == JSON else {}
    )
    return {"content": {held.media: body}}


def _headers(held: Operation, *, is_open: bool) -> Schema:
    paged, created = "page" in held.asks.model_fields, held.status == HTTPStatus.CREATED
    return (HEADERS if is_open else {"Cache-Control": PRIVATE}) | (LINK if paged else {}) | (CREATED if created else {})


def _asked(held: Operation) -> Iterator[Schema]:
    """Parameters of the query, from the model that reads them."""
    asked = held.asks.model_json_schema(ref_template=REFERENCE)
    for name, schema in asked.get("properties", {}).items():
        described = {"description": schema.pop("description")} if "description" in schema else {}
        example = {"example": schema.pop("examples")[0]} if "examples" in schema else {}
        if schema.get("default") in ("", []):
            schema.pop("default")
        required = name in asked.get("required", ())
        yield {"name": name, "in": "query", "required": required, **described, **example, "schema": _untitled(schema)}


def _untitled(schema: Any) -> Any:
    """Without the titles that are only names said again."""
    if isinstance(schema, dict):
        return {name: _untitled(value) for name, value in schema.items() if not (name == "title" and isinstance(value, str))}
    return [_untitled(one) for one in schema] if isinstance(schema, list) else schema
