"""Addresses: numbers of rows in ours, and where a visitor was, on this site only."""

from typing import Any

from flask import request
from werkzeug.routing import IntegerConverter

MOST = 2000
NEVER_BACK_TO = ("/connexion", "/deconnexion")  # one would go round in circles


class Key(IntegerConverter):
    """The number of a row in an address: one that PostgreSQL cannot hold is no address."""

    def __init__(self, url_map: Any) -> None:
        super().__init__(url_map, max=2**31 - 1)


def own_path(address: str | None) -> str:
    """Our own path in an address, never another site's: two slashes, or what browsers read as two, would begin a host."""
    address = "".join(c for c in address or "" if c.isprintable())
    base = request.host_url
    if address.startswith(base):
        address = address[len(base) - 1 :]
    if not address.startswith("/") or len(address) > MOST:
        return "/"
    return "/" + address.lstrip("/\\ ")


def way_back(address: str | None) -> str:
    """Where a sign-in leads: our own path, and not the sign-in itself."""
    path = own_path(address)
    return "/" if path.startswith(NEVER_BACK_TO) else path


def here() -> str:
    """The page that is asked, as a return address."""
    return request.full_path.rstrip("?")
