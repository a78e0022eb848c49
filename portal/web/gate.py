"""The gate: before a view runs, whether this reader may open such a page at all. Objects are judged inside."""

from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, abort, current_app, redirect, request

from portal.access import ANYONE, Policy
from portal.text import Sentence
from portal.web import bearer, errors, paths, reading
from portal.web.kit import EVERYONE, page, portal
from portal.web.language import say

OPEN = "open_endpoints"
NO_TOKEN = Sentence(
    "Cette adresse demande un jeton. Créez le vôtre depuis « Mon compte », puis envoyez-le dans l’en-tête Authorization."
)


def stop() -> Any:
    """Nobody signed in: sign in first, and lose nothing. Signed in without the right: who has it."""
    endpoint = request.endpoint
    if endpoint is None or endpoint in current_app.extensions[OPEN]:
        return None
    if "\0" in request.path:  # PostgreSQL holds no such text: nothing of ours is called so
        abort(404)
    asked = getattr(current_app.view_functions[endpoint], "access", "")  # declared, else the portal did not start
    if asked == EVERYONE:  # a route added after the start
        return None
    who = reading.signed_in()
    if who is None:
        return _sign_in_first()
    if not portal().policy.ever(who.actor, asked):
        raise portal().policy.refusal(asked, who.actor)
    return None


def _sign_in_first() -> Any:
    if bearer.is_program():
        refused = errors.answer(401, (say(NO_TOKEN),))
        refused.headers["WWW-Authenticate"] = "Bearer"
        return refused
    if request.headers.get(
        "HX-Request"
    ):  # a part cannot hold the sign-in: the whole page goes there, unless something is typed on it
        door = {"HX-Redirect": _door(request.headers.get("HX-Current-URL"))} if request.method == "GET" else {}
        return Response(status=401, headers=door)
    if request.method in {"GET", "HEAD"}:
        return redirect(_door(paths.here()), 303)
    typed = [(name, value) for name, values in request.form.lists() for value in values]
    return page("account/signed_out.html", status=401, typed=typed, action=paths.here())


def _door(back: str | None) -> str:
    return f"/connexion?{urlencode({'retour': paths.way_back(back)})}"


def start(app: Flask, policy: Policy) -> None:
    """What everyone may open is found once: an anonymous page pays a look in a set."""
    declared = {endpoint: getattr(view, "access", "") for endpoint, view in app.view_functions.items()}
    app.extensions[OPEN] = {name for name, asked in declared.items() if asked == EVERYONE or policy.ever(ANYONE, asked)}
    app.before_request(stop)
