"""The API of what exists: its parts under one prefix, its document, and the right of other sites to read it."""

import re
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

from catalogue.browse import api_downloads, api_lists, api_schools, api_titles
from catalogue.browse.api_titles import UAI, item
from catalogue.lists.files import LABEL
from catalogue.search.question import VALUE
from portal.web.api import Asked, answers, open_to_all_sites, read
from portal.web.kit import EVERYONE, access, fresh, keep
from portal.web.language import chosen
from portal.web.openapi import PARTS as API_PARTS
from portal.web.openapi import declare_parts, document

__all__ = ["bp", "item"]
PREFIX = "/api/v1"
bp = Blueprint("api", __name__, url_prefix=PREFIX)
SLUG = rf"^{VALUE.pattern}$"
READABLE = re.compile(rf"{PREFIX}/.*|/listes/[^/]+/[^/]+\.(?:json|csv)", re.DOTALL)
INFO = {
    "title": "Logithèque",
    "version": "1",
    "summary": "Les titres, les listes et les établissements, sans compte ; son compte et les demandes, avec un jeton.",
    "description": (
        "Les mêmes réponses que les pages. Une adresse donne une réponse : aucun cookie ne la change, sauf la langue des phrases et des "
        "libellés. Un jeton faux, expiré ou révoqué est refusé partout (401) ; qui demande trop souvent attend (429). Tout paramètre inconnu ou hors bornes est refusé (422), avec la raison. "
        "Ce qui écrit demande un jeton et lit du JSON ; une clé Idempotency-Key permet de recommencer un envoi sans rien doubler."
    ),
    "license": {"name": "Licence Ouverte 2.0", "identifier": "etalab-2.0"},
}
PARTS: dict[str, dict[str, Any]] = {
    "slug": {"description": "Le titre, par son adresse.", "example": "gimp", "schema": {"type": "string", "pattern": SLUG}},
    "held": {"description": "La liste, par son adresse.", "example": "socle", "schema": {"type": "string", "pattern": SLUG}},
    "label": {
        "description": "L’année scolaire, puis le numéro de l’avenant s’il y en a un : 2026-2027, 2026-2027.1.",
        "example": "2026-2027",
        "schema": {"type": "string", "pattern": f"^{LABEL.pattern}$"},
    },
    "uai": {"description": "Le code de l’établissement.", "example": "0261505V", "schema": {"type": "string", "pattern": UAI}},
}
declare_parts(bp, PARTS)


@bp.get("/openapi.json")
@access(EVERYONE)
@answers("Lire cette description", None)
def openapi() -> Response:
    read(Asked, request.args)
    return fresh("openapi", chosen()) or keep(jsonify(_described()))


def _described() -> dict[str, Any]:
    """Made once: routes do not change while the portal runs."""
    if "openapi" not in current_app.extensions:
        current_app.extensions["openapi"] = document(current_app, PREFIX, INFO, current_app.extensions[API_PARTS])
    made: dict[str, Any] = current_app.extensions["openapi"]
    return made


@bp.after_app_request
def share(response: Response) -> Response:
    """The API and the files of lists; never a page."""
    return open_to_all_sites(response) if READABLE.fullmatch(request.path) else response


for part in (api_titles, api_downloads, api_lists, api_schools):
    bp.register_blueprint(part.bp)
