"""What holds for every answer to a program that shows a token."""

from flask import Flask, Response, request

from portal.text import Sentence
from portal.web import bearer, errors, rates, reading
from portal.web.language import say

WRONG = Sentence(
    "Ce jeton n’ouvre rien : il est faux, expiré ou révoqué. Créez-en un autre depuis « Mon compte », puis recommencez."
)


def refuse_wrong_tokens() -> Response | None:
    """At a public address too: a program whose token ended must learn it, and not be answered as anybody.

    Refusals are counted by address, so that good tokens of the same school go on.
    """
    if "HTTP_AUTHORIZATION" not in request.environ or not reading.is_refused():
        return None
    rates.counting().demand(rates.Rate.TOKENS, rates.counting().address())
    refused = errors.answer(401, (say(WRONG),))
    refused.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
    return refused


def keep_to_one(response: Response) -> Response:
    """What was said to a token is for no other reader, whatever the view says of everybody's answer."""
    if bearer.is_program():
        response.vary.add("Authorization")
        if "HTTP_AUTHORIZATION" in request.environ:
            response.headers["Cache-Control"] = "private, no-store"
    return response


def start(app: Flask) -> None:
    app.before_request(refuse_wrong_tokens)
    app.after_request(keep_to_one)
