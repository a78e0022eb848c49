"""Static files under an address that holds their digest, so that browsers keep them a year and never a day too long."""

import hashlib

from flask import Blueprint, Flask, Response, send_from_directory

from portal.settings import ROOT
from portal.web.kit import EVERYONE, access

STATIC = ROOT / "static"
YEAR = 365 * 24 * 3600
bp = Blueprint("assets", __name__)


def digest() -> str:
    """Of the whole tree: style sheets name their fonts by relative addresses, so one digest stands for all."""
    whole = hashlib.sha256()
    for path in sorted(STATIC.rglob("*")):
        if path.is_file():
            whole.update(path.relative_to(STATIC).as_posix().encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()[:12]


@bp.get("/static/<version>/<path:name>")
@access(EVERYONE)
def asset(version: str, name: str) -> Response:
    current = version == bp.version  # type: ignore[attr-defined]
    response = send_from_directory(STATIC, name, max_age=YEAR if current else 60)
    response.cache_control.public = True
    if current:
        response.cache_control.immutable = True
    return response


@bp.get("/favicon.ico")
@access(EVERYONE)
def favicon() -> Response:
    return send_from_directory(STATIC, "favicon.svg", max_age=24 * 3600)


def start(app: Flask) -> None:
    version = digest()
    bp.version = version  # type: ignore[attr-defined]
    app.register_blueprint(bp)
    app.jinja_env.globals["asset"] = lambda name: f"/static/{version}/{name}"
