"""Static files: a year under the address that holds their digest, a minute under another, and nothing outside their folder."""

import re
from email.utils import parsedate_to_datetime
from urllib.parse import unquote

import pytest
from flask import Flask

from portal.settings import ROOT
from portal.web import assets
from tests.page_client import PageClient

pytest_plugins = ("tests.data.catalogue_data",)

FILES = sorted(path.relative_to(assets.STATIC).as_posix() for path in assets.STATIC.rglob("*") if path.is_file())
OUTSIDE = (
    "app.py",
    "pyproject.toml",
    "portal/settings.py",
    "templates/base.html",
    "var/logitheque.sqlite",
    ".git/config",
    "etc/passwd",
)
CLIMBS = (
    "../",
    "..%2f",
    "%2e%2e/",
    "%2e%2e%2f",
    "..\\",
    "..%5c",
    "....//",
    "%252e%252e/",
    "./../",
    "css/../../",
    "css/%2e%2e/%2e%2e/",
    "/",
    "%00../",
)


def test_a_file_is_kept_a_year_under_its_digest(visitor: PageClient) -> None:
    version = assets.digest(assets.STATIC)
    for name in FILES:
        with visitor.get(f"/static/{version}/{name}") as response:
            assert response.status_code == 200
            assert response.cache_control.max_age == 365 * 24 * 3600
            assert response.cache_control.immutable
            assert response.cache_control.public
            assert response.data == (assets.STATIC / name).read_bytes()


def test_a_file_is_kept_a_minute_under_another_version(visitor: PageClient) -> None:
    for version in ("0", "000000000000", "ancienne"):
        with visitor.get(f"/static/{version}/css/logitheque.css") as response:
            assert response.status_code == 200
            assert response.cache_control.max_age == 60
            assert not response.cache_control.immutable


def test_a_file_says_its_kind_and_may_not_be_read_as_another(visitor: PageClient) -> None:
    kinds = {"css/logitheque.css": "text/css", "js/logitheque.js": "text/javascript", "favicon.svg": "image/svg+xml"}
    for name, kind in kinds.items():
        with visitor.get(f"/static/0/{name}") as response:
            assert response.mimetype == kind
            assert response.headers["X-Content-Type-Options"] == "nosniff"
    with visitor.get("/favicon.ico") as response:
        assert (response.status_code, response.mimetype) == (200, "image/svg+xml")


def test_a_file_that_did_not_change_is_not_sent_again(visitor: PageClient) -> None:
    with visitor.get("/static/0/css/logitheque.css") as first:
        tag, since = first.headers["ETag"], first.headers["Last-Modified"]
    assert parsedate_to_datetime(since).tzinfo
    for asked in ({"If-None-Match": tag}, {"If-Modified-Since": since}):
        with visitor.get("/static/0/css/logitheque.css", headers=asked) as response:
            assert (response.status_code, response.data) == (304, b"")


@pytest.mark.parametrize("climb", CLIMBS)
def test_no_path_leads_out_of_the_folder(visitor: PageClient, climb: str) -> None:
    secrets = {name: (ROOT / name).read_bytes() for name in OUTSIDE if (ROOT / name).is_file()}
    assert len(secrets) >= 4
    for name in OUTSIDE:
        for times in (1, 2, 3, 8):
            with visitor.get(f"/static/0/{climb * times}{name}") as response:
                assert response.status_code in {308, 404}
                assert response.data not in secrets.values()


@pytest.mark.parametrize("name", ["", "css", "css/", ".", "nulle-part.css", "CSS/logitheque.css", "vendor"])
def test_what_is_not_a_file_is_not_found(visitor: PageClient, name: str) -> None:
    with visitor.get(f"/static/0/{name}") as response:
        assert response.status_code == 404


def test_every_file_a_page_or_a_style_names_is_there(visitor: PageClient, portal_app: Flask) -> None:
    named = set()
    for address in ("/", "/catalogue", "/catalogue/gimp", "/ui", "/nulle-part"):
        named |= set(re.findall(r'(?:src|href)="(/static/[^"]+)"', visitor.get(address).get_data(as_text=True)))
    version = assets.digest(assets.STATIC)
    assert len(named) >= 6
    assert all(address.startswith(f"/static/{version}/") for address in named)
    for sheet in sorted(address for address in named if address.endswith(".css")):
        with visitor.get(sheet) as response:
            for inside in re.findall(r'url\("?([^")]+)"?\)', response.get_data(as_text=True)):
                if not inside.startswith("data:"):
                    named.add(unquote(f"{sheet.rpartition('/')[0]}/{inside}"))
    for address in named:
        with visitor.get(address) as response:
            assert response.status_code == 200, address
