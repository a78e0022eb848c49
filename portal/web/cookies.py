"""Cookies: chosen preferences, and the two that sign-in needs. Nothing else is ever set."""

from flask import request
from werkzeug.wrappers import Response

from portal.settings import Settings

LANGUAGE = "langue"
SCHOOL = "etablissement"  # the reader's current school: it drives the catalogue
ENT = "ent"  # by which door one came in last
HALF_A_YEAR = 182 * 24 * 3600
TEN_MINUTES = 600


def session_cookie(settings: Settings) -> str:
    """`__Host-`: no other site of the domain can set it. On loopback http, where nothing is real, browsers refuse the prefix."""
    return f"{_prefix(settings)}logitheque"


def pending_cookie(settings: Settings) -> str:
    return f"{_prefix(settings)}connexion"


def read(name: str) -> str:
    return request.cookies.get(name, "")


def keep(response: Response, settings: Settings, name: str, value: str, *, seconds: int | None = HALF_A_YEAR) -> None:
    """`seconds`: None for as long as the browser stays open."""
    response.set_cookie(name, value, max_age=seconds, path="/", httponly=True, samesite="Lax", secure=is_https(settings))


def forget(response: Response, settings: Settings, name: str) -> None:
    response.delete_cookie(name, path="/", httponly=True, samesite="Lax", secure=is_https(settings))


def is_https(settings: Settings) -> bool:
    return settings.public_url.startswith("https://")


def _prefix(settings: Settings) -> str:
    return "__Host-" if is_https(settings) else ""
