"""The pages of one's own account."""

import orjson
from flask import Blueprint, Response, g, redirect, request

from portal.account.export import export
from portal.account.marks import mark
from portal.account.own import account, choice
from portal.people.access import May
from portal.signin import sessions
from portal.territories.queries import home_zone
from portal.web import cookies, paths
from portal.web.kit import access, portal, private, private_page, session
from portal.web.reading import limits, reader

bp = Blueprint("account", __name__)


@bp.get("/mon-compte")
@access(May.USE_ACCOUNT)
def own() -> Response:
    settings, who = portal().settings, reader()
    g.zone = home_zone(session(), settings.home_territory)
    return private_page(
        "account/own.html",
        account=account(session(), who, limits(), portal().clock.now()),
        current=cookies.read(cookies.SCHOOL),
        contact=settings.contact,
        link_key=mark(settings, who.session_id),
    )


@bp.get("/mon-compte/donnees")
@access(May.USE_ACCOUNT)
def data() -> Response:
    """A file that people read and other programs too."""
    now = portal().clock.now()
    said = orjson.dumps(export(session(), reader().person_id, now, portal().about_people), option=orjson.OPT_INDENT_2)
    response = private(Response(said, mimetype="application/json"))
    response.headers["Content-Disposition"] = f"attachment; filename=logitheque-{now.date().isoformat()}.json"
    return response


@bp.get("/mon-compte/etablissement")
@access(May.USE_ACCOUNT)
def school() -> Response:
    back = paths.way_back(request.args.get("retour"))
    return private_page("account/school.html", schools=choice(session(), reader()), back=back, current=cookies.read(cookies.SCHOOL))


@bp.post("/mon-compte/sessions/fin")
@access(May.USE_ACCOUNT)
def leave_everywhere() -> Response:
    """« Se déconnecter partout »: this browser stays, and the page shows that it is alone."""
    who = reader()
    portal().database.write(lambda writing: sessions.end_all(writing, who.person_id, but=who.session_id))
    return redirect("/mon-compte#sessions", 303)  # type: ignore[return-value]
