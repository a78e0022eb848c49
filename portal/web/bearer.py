"""Programs, which read under /api/ and say who they are by a personal token: never by a cookie, which a browser sends by itself."""

from flask import request

PREFIX = "/api/"


def is_program() -> bool:
    return request.path.startswith(PREFIX)


def value() -> str | None:
    """The token that a program showed; None without one. Other schemes are a front server's business, not ours."""
    scheme, _space, shown = request.environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    return shown.strip() if scheme.lower() == "bearer" and is_program() else None
