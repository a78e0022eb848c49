"""The pages of one's own account."""

from flask import Blueprint, Response, redirect, request

from portal.account.own import account, choice
from portal.people.access import May
from portal.signin import sessions
from portal.web import cookies, paths
from portal.web.kit import access, page, portal, session
from portal.web.reading import limits, reader

bp = Blueprint("account", __name__)


@bp.get("/mon-compte")
@access(May.USE_ACCOUNT)
def own() -> Response:
    shown = account(session(), reader(), limits(), portal().clock.now())
    return _own(page("account/own.html", account=shown, current=cookies.read(cookies.SCHOOL)))


@bp.get("/mon-compte/etablissement")
@access(May.USE_ACCOUNT)
def school() -> Response:
    back = paths.way_back(request.args.get("retour"))
    return _own(page("account/school.html", schools=choice(session(), reader()), back=back, current=cookies.read(cookies.SCHOOL)))


@bp.post("/mon-compte/sessions/fin")
@access(May.USE_ACCOUNT)
def leave_everywhere() -> Response:
    """« Se déconnecter partout »: this browser stays, and the page shows that it is alone."""
    who = reader()
    portal().database.write(lambda writing: sessions.end_all(writing, who.person_id, but=who.session_id))
    return redirect("/mon-compte#sessions", 303)  # type: ignore[return-value]


def _own(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
