"""The section of heads of schools. They are named on the page of their school's team."""

from flask import Blueprint, Response, request

from portal.administration.heads import heads
from portal.administration.sections import Section
from portal.people.access import May
from portal.web.kit import access, portal, private_page, session
from portal.web.language import lazy as _l
from portal.web.pagination import page_number
from portal.web.reading import actor

bp = Blueprint("heads", __name__)
SECTION = Section(
    "/administration/chefs",
    _l("Chef·fes d’établissement"),
    _l("Qui répond de chaque établissement, jusqu’à quand, et où personne n’est encore nommé."),
    May.NAME_HEAD,
)


@bp.get("/administration/chefs")
@access(May.NAME_HEAD)
def all_heads() -> Response:
    q, view, number = (request.args.get(name, "") for name in ("q", "voir", "page"))
    shown = heads(session(), actor(), q=q, view=view, page=page_number(number), now=portal().clock.now())
    return private_page("administration/heads.html", heads=shown)
