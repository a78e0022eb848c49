"""The pages of the portal itself: the language, the accessibility statement."""

from flask import Blueprint, Response, redirect, request

from portal.web.kit import EVERYONE, access, page, portal
from portal.web.language import COOKIE, LANGUAGES

bp = Blueprint("pages", __name__)
HALF_A_YEAR = 182 * 24 * 3600


@bp.post("/langue")
@access(EVERYONE)
def choose_language() -> Response:
    """A preference, kept in a cookie; then back where the visitor was, on this site only."""
    language = request.form.get("langue", "")
    response = redirect(own_path(request.referrer), 303)
    if language in LANGUAGES:
        secure = portal().settings.public_url.startswith("https://")
        response.set_cookie(COOKIE, language, max_age=HALF_A_YEAR, httponly=True, samesite="Lax", secure=secure)
    return response  # type: ignore[return-value]


@bp.get("/accessibilite")
@access(EVERYONE)
def accessibility() -> Response:
    return page("accessibility.html", contact=portal().settings.contact)


def own_path(address: str | None) -> str:
    """Our own path in an address, never another site's: two slashes, or what browsers read as two, would begin a host."""
    base = request.host_url
    return "/" + address[len(base) :].lstrip("/\\\t\r\n ") if address and address.startswith(base) else "/"
