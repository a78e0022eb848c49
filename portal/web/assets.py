"""Static files under an address that holds their digest, so that browsers keep them a year and never a day too long."""

import hashlib
from collections.abc import Collection
from http import HTTPStatus
from pathlib import Path

from flask import Blueprint, Flask, Response, send_from_directory

from portal.settings import ROOT
from portal.web.kit import EVERYONE, access

STATIC = ROOT / "static"
YEAR = 365 * 24 * 3600
PARTS = ("portal", "catalogue", "workflows", "templates", "static")
MAKE_PAGES = {".py", ".html", ".mo", ".css", ".js", ".svg"}
bp = Blueprint("assets", __name__)


def digest(folder: Path, kinds: Collection[str] = ()) -> str:
    """Of the whole tree: style sheets name their fonts by relative addresses, so one digest stands for all."""
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and (not kinds or path.suffix in kinds):
            whole.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()[:12]


def release() -> str:
    """Of what pages are made from besides the data: a page kept before an upgrade is another one after it."""
    parts = "".join(digest(ROOT / part, MAKE_PAGES) for part in PARTS)
    return hashlib.sha256(parts.encode()).hexdigest()[:12]


@bp.get("/static/<version>/<path:name>")
@access(EVERYONE)
def asset(version: str, name: str) -> Response:
    current = version == bp.version  # type: ignore[attr-defined]
    response = send_from_directory(STATIC, name, max_age=YEAR if current else 60)
    if response.status_code == HTTPStatus.OK:
        response.direct_passthrough = False
        response.make_sequence()  # files are small: read whole, they compress for browsers that want gzip too
    response.cache_control.public = True
    if current:
        response.cache_control.immutable = True
    return response


@bp.get("/favicon.ico")
@access(EVERYONE)
def favicon() -> Response:
    return send_from_directory(STATIC, "favicon.svg", max_age=24 * 3600)


def start(app: Flask) -> None:
    version = digest(STATIC)
    app.config["RELEASE"] = release()
    bp.version = version  # type: ignore[attr-defined]
    app.register_blueprint(bp)
    app.jinja_env.globals["asset"] = lambda name: f"/static/{version}/{name}"
