"""What is wrong with a value that a program sent, and what it should be: in words, from what pydantic found."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic_core import ErrorDetails

from portal.text import Sentence

Said = Mapping[str, Any]


def fault(name: str, error: ErrorDetails, schema: Mapping[str, Any]) -> Sentence:
    """`schema`: of the field or parameter that is called `name`."""
    make = next((make for begins, make in MAKERS if error["type"].startswith(begins)), _odd)
    return make(name, error.get("ctx", {}), schema)


def bounds(schema: Mapping[str, Any]) -> tuple[int, int]:
    """Of a number, of those in a list, or of either when it may be null: whoever declares a number bounds it."""
    if "minimum" in schema:
        return schema["minimum"], schema["maximum"]
    inner = [schema["items"]] if "items" in schema else [one for one in schema["anyOf"] if one.get("type") != "null"]
    return bounds(inner[0])


def _number(name: str, _said: Said, schema: Said) -> Sentence:
    least, most = bounds(schema)
    return Sentence("« %(name)s » est un nombre entier de %(least)s à %(most)s.", name=name, least=least, most=most)


def _long_text(name: str, said: Said, _schema: Said) -> Sentence:
    return Sentence("« %(name)s » compte %(most)s caractères au plus.", name=name, most=said["max_length"])


def _long_list(name: str, said: Said, _schema: Said) -> Sentence:
    return Sentence("« %(name)s » compte %(most)s éléments au plus.", name=name, most=said["max_length"])


def _form(name: str, said: Said, _schema: Said) -> Sentence:
    return Sentence("« %(name)s » n’a pas la forme attendue : %(form)s.", name=name, form=said["pattern"])


def _value(name: str, said: Said, _schema: Said) -> Sentence:
    """The library writes « 'a', 'b' or 'c' »."""
    values = ", ".join(re.findall(r"'([^']+)'", said["expected"]))
    return Sentence("« %(name)s » vaut l’un de : %(values)s.", name=name, values=values)


def _day(name: str, _said: Said, _schema: Said) -> Sentence:
    return Sentence("« %(name)s » est un jour, écrit AAAA-MM-JJ : par exemple 2027-09-01.", name=name)


def _text(name: str, _said: Said, _schema: Said) -> Sentence:
    return Sentence("« %(name)s » est un texte.", name=name)


def _boolean(name: str, _said: Said, _schema: Said) -> Sentence:
    return Sentence("« %(name)s » vaut true ou false.", name=name)


def _object(name: str, _said: Said, _schema: Said) -> Sentence:
    return Sentence("« %(name)s » est un objet JSON : des champs et leurs valeurs, entre accolades.", name=name)


def _list(name: str, _said: Said, _schema: Said) -> Sentence:
    return Sentence("« %(name)s » est une liste, entre crochets.", name=name)


def _odd(name: str, _said: Said, _schema: Said) -> Sentence:
    return Sentence("« %(name)s » ne convient pas. Voyez ce que l’adresse attend dans /api/v1/openapi.json.", name=name)


MAKERS = (
    ("int", _number), ("greater_than", _number), ("less_than", _number), ("string_too_long", _long_text), ("too_long", _long_list),
    ("string_pattern", _form), ("literal_error", _value), ("enum", _value), ("date", _day), ("string", _text), ("bool", _boolean),
    ("dict", _object), ("tuple", _list),
)  # by how the library's name of an error begins; the first that fits speaks  # fmt: skip
