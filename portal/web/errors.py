"""The portal's refusals, mapped once to a status and a page that says what to do next."""

import logging
from dataclasses import dataclass, field
from http import HTTPStatus

from flask import Flask, Response, g, jsonify, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, TooManyRequests

from portal.errors import DomainError, NotAllowed, OutOfDate, Refused, Unknown
from portal.web.kit import page
from portal.web.language import lazy, say

log = logging.getLogger("logitheque.errors")

STATUS: dict[type[DomainError], int] = {NotAllowed: 403, Unknown: 404, OutOfDate: 409, Refused: 422}

# title, text
WORDS = {
    400: (
        lazy("Demande incompréhensible"),
        lazy(
            "L’adresse ou le formulaire contient une valeur que le portail ne sait pas lire. Revenez à la page précédente, puis recommencez."
        ),
    ),
    401: (
        lazy("Connexion demandée"),
        lazy("Cette adresse demande une connexion. Connectez-vous au portail, puis recommencez."),
    ),
    403: (
        lazy("Accès réservé"),
        lazy(
            "Cette page ou cette action revient à d’autres personnes. Votre référent·e numérique peut vous dire à qui vous adresser."
        ),
    ),
    404: (lazy("Page introuvable"), lazy("Cette adresse ne mène à rien. Vérifiez-la, ou cherchez dans le catalogue.")),
    405: (
        lazy("Action impossible ici"),
        lazy("Cette adresse n’accepte pas cette action. Revenez à la page précédente, puis utilisez ses boutons."),
    ),
    409: (
        lazy("La situation a changé"),
        lazy("Quelqu’un a modifié cette page pendant votre lecture. Rechargez-la, puis recommencez."),
    ),
    413: (
        lazy("Envoi trop volumineux"),
        lazy("Le fichier ou le texte envoyé dépasse la taille permise. Réduisez-le, puis recommencez."),
    ),
    415: (
        lazy("Format refusé"),
        lazy("Cette adresse ne sait pas lire ce format. Envoyez du JSON, dites-le dans l’en-tête Content-Type, puis recommencez."),
    ),
    422: (lazy("Demande refusée"), lazy("Une règle s’y oppose. Lisez les raisons, corrigez, puis recommencez.")),
    429: (
        lazy("Trop de demandes"),
        lazy("Beaucoup de demandes sont arrivées d’ici en peu de temps. Attendez une minute, puis recommencez."),
    ),
    500: (
        lazy("Panne du portail"),
        lazy(
            "Le portail a rencontré une panne : elle est enregistrée. Recommencez dans quelques minutes ; si elle dure, donnez la référence ci-dessous à l’assistance."
        ),
    ),
    503: (
        lazy("Portail momentanément indisponible"),
        lazy("Le portail ne peut pas répondre pour l’instant. Recommencez dans quelques minutes."),
    ),
}
UNREADABLE = 400


@dataclass(frozen=True)
class ErrorPage:
    """What `errors/error.html` shows."""

    code: int
    title: str
    text: str
    reference: str
    actions: list[dict[str, str]] = field(default_factory=list)


def answer(code: int, sentences: tuple[str, ...] = ()) -> Response:
    """A page for people, RFC 9457 for programs."""
    title, text = (str(words) for words in WORDS.get(code, WORDS[500 if code >= 500 else UNREADABLE]))
    text = " ".join(sentences) or text
    reference = g.get("request_id", "-")
    if request.path.startswith("/api/"):
        problem = jsonify(type="about:blank", title=title, status=code, detail=text, instance=request.path, reference=reference)
        problem.status_code, problem.mimetype = code, "application/problem+json"
        problem.headers["Cache-Control"] = "no-store"
        return problem
    actions = [
        {"label": str(lazy("Chercher dans le catalogue")), "url": "/catalogue"},
        {"label": str(lazy("Revenir à l’accueil")), "url": "/"},
    ]
    response = page("errors/error.html", status=code, error=ErrorPage(code, title, text, reference, actions))
    response.headers["Cache-Control"] = "no-store"
    return response


def on_domain_error(error: DomainError) -> Response:
    return answer(STATUS[type(error)], tuple(say(reason) for reason in error.reasons))


def on_http_exception(error: HTTPException) -> Response:
    if error.response is not None or (error.code or 500) < 400:  # a redirect, or an answer made on purpose
        made: Response = Response.force_type(error.get_response(), request.environ)  # type: ignore[assignment]
        return made
    response = answer(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.allow.update(error.valid_methods)
    if isinstance(error, TooManyRequests):
        response.retry_after = error.retry_after
    return response


def on_database_down(error: OperationalError) -> Response:
    log.error("database unavailable", exc_info=error)
    return answer(503)


def start(app: Flask) -> None:
    for kind in STATUS:
        app.register_error_handler(kind, on_domain_error)
    app.register_error_handler(HTTPException, on_http_exception)
    app.register_error_handler(OperationalError, on_database_down)
