"""What a program writes: a JSON body, read with the same care as the parameters of an address."""

from typing import TypeVar

from flask import abort, request
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from portal.errors import Refused
from portal.text import Sentence, clean
from portal.web import errors
from portal.web.faulty import fault
from portal.web.language import say

SHOWN = 60  # characters of a name that nobody knows
NOT_JSON = Sentence("Cette adresse lit du JSON. Envoyez-en, avec l’en-tête Content-Type: application/json.")
UNREADABLE = Sentence("Le corps n’est pas du JSON que l’on puisse lire. Corrigez-le, puis recommencez.")
NO_OBJECT = Sentence("Le corps est un objet JSON : des champs et leurs valeurs, entre accolades.")


class Given(BaseModel):
    """The fields of a body. One that is unknown is refused, and a number is not written as a text."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


Read = TypeVar("Read", bound=Given)


def written(model: type[Read]) -> Read:
    """The body, or a refusal that names each faulty field and what it should be. No body at all is an empty one."""
    body = request.get_data()
    if body and not request.is_json:
        unreadable(415, NOT_JSON)
    try:
        return model.model_validate_json(body or b"{}")
    except ValidationError as error:
        found = error.errors()
    if found[0]["type"] == "json_invalid":
        unreadable(400, UNREADABLE)
    raise Refused(dict.fromkeys(_sentence(model, one) for one in found))


def unreadable(status: int, sentence: Sentence) -> None:
    """What is no refusal of a rule: a request that cannot be understood."""
    abort(errors.answer(status, (say(sentence),)))


def _sentence(model: type[Given], error: ErrorDetails) -> Sentence:
    """A value in an object or in a list is named by its way: « answers.hosting »."""
    if not error["loc"]:
        return NO_OBJECT
    name = ".".join(clean(str(part))[:SHOWN] for part in error["loc"])
    if error["type"] == "extra_forbidden":
        known = ", ".join(model.model_fields) or "–"
        return Sentence("Le champ « %(name)s » n’existe pas ici. Champs connus : %(known)s.", name=name, known=known)
    if error["type"] == "missing":
        return Sentence("Il manque le champ « %(name)s ».", name=name)
    return fault(name, error, model.model_json_schema()["properties"][str(error["loc"][0])])
