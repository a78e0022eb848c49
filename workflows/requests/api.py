"""Requests as programs read them, under the rules of the pages; what they write is in `api_writing` and `api_acts`."""

from typing import Any

from flask import Blueprint, Response, g, jsonify, request, send_file

from portal.web.api import Asked, answer_page, answers, read
from portal.web.kit import access, portal, private, session
from portal.web.openapi import declare_parts
from portal.web.rates import searched
from portal.web.reading import actor
from workflows.requests import api_acts, api_talking, api_writing
from workflows.requests.access import May
from workflows.requests.api_models import LARGEST, NO_SUCH, ONE, Colleagues, Requests, RequestsAsked, WholeRequest
from workflows.requests.api_search import search
from workflows.requests.api_talking import Messages, told_messages
from workflows.requests.api_telling import PREFIX, told_whole
from workflows.requests.handing import colleagues, demand_hand_over
from workflows.requests.models import BlockKind
from workflows.requests.queries import find_piece, find_request
from workflows.requests.table import REQUESTS

bp = Blueprint("requests_api", __name__, url_prefix=PREFIX)
NUMBER = {"type": "integer", "minimum": 0, "maximum": LARGEST}
PARTS: dict[str, dict[str, Any]] = {
    "number": {"description": "Le numéro de la demande.", "example": 1, "schema": NUMBER},
    "piece": {"description": "Le numéro de la pièce jointe.", "example": 1, "schema": NUMBER},
    "move": {
        "description": "L’étape, par son nom.",
        "example": "relay",
        "schema": {"type": "string", "enum": [move.name for move in REQUESTS.moves]},
    },
    "block": {"description": "Le volet.", "example": "technical", "schema": {"type": "string", "enum": list(BlockKind)}},
}
declare_parts(bp, PARTS)


@bp.get("/requests")
@access(May.SEE)
@searched
@answers("Chercher des demandes", Requests, asks=RequestsAsked)
def requests() -> Response:
    asked = read(RequestsAsked, request.args)
    return answer_page(asked, *search(session(), portal(), actor(), asked))


@bp.get(ONE)
@access(May.SEE)
@answers("Lire une demande : son dossier pour qui la traite, qu’elle existe pour les autres", WholeRequest, refuses=NO_SUCH)
def one(number: int) -> Response:
    read(Asked, request.args)
    held = find_request(session(), portal().policy, actor(), May.SEE, number)
    g.zone = held.territory.zone
    return jsonify(told_whole(session(), portal(), actor(), held.key))


@bp.get(f"{ONE}/messages")
@access(May.DISCUSS)
@answers("Lire ce qui s’est dit, dans les fils que l’on lit", Messages, refuses=NO_SUCH)
def messages(number: int) -> Response:
    read(Asked, request.args)
    held = find_request(session(), portal().policy, actor(), May.DISCUSS, number)
    return jsonify(items=told_messages(session(), portal().policy, actor(), held))


@bp.get(f"{ONE}/colleagues")
@access(May.SEE)
@answers("Les personnes de l’établissement à qui la demande peut être confiée", Colleagues, refuses=NO_SUCH)
def those_who_could_have_it(number: int) -> Response:
    read(Asked, request.args)
    held = find_request(session(), portal().policy, actor(), May.SEE, number)
    demand_hand_over(session(), portal().policy, actor(), held)
    return jsonify(items=[{"id": one.key, "name": one.name} for one in colleagues(session(), held)])


@bp.get(f"{ONE}/attachments/<int:piece>")
@access(May.READ)
@answers("Télécharger une pièce jointe", None, media="*/*", refuses=NO_SUCH)
def download(number: int, piece: int) -> Response:
    read(Asked, request.args)
    held = find_request(session(), portal().policy, actor(), May.READ, number)
    found = find_piece(session(), portal().store, held, piece)
    path = portal().store.path(found.sha256)
    return private(send_file(path, mimetype=found.media_type, as_attachment=True, download_name=found.name, max_age=0))


for part in (api_writing, api_acts, api_talking):
    bp.register_blueprint(part.bp)
