"""The pages of the portal itself: the language, the accessibility statement."""

from flask import Blueprint, Response, redirect, request

from portal.web import cookies
from portal.web.kit import EVERYONE, access, page, portal
from portal.web.language import LANGUAGES
from portal.web.paths import own_path

bp = Blueprint("pages", __name__)


@bp.post("/langue")
@access(EVERYONE)
def choose_language() -> Response:
    """A preference, kept in a cookie; then back where the visitor was, on this site only."""
    language = request.form.get("langue", "")
    response = redirect(own_path(request.referrer), 303)
    if language in LANGUAGES:
        cookies.keep(response, portal().settings, cookies.LANGUAGE, language)
    return response  # type: ignore[return-value]


@bp.get("/accessibilite")
@access(EVERYONE)
def accessibility() -> Response:
    return page("accessibility.html", contact=portal().settings.contact)
