"""What every answer carries: protections once each, a reference, and how long it may be kept."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from portal.settings import Settings
from portal.web.headers import HEADERS
from tests.http.addresses import paths, readable
from tests.page_client import PageClient

pytest_plugins = ("tests.data.catalogue_data",)

ERRORS = ("/nulle-part", "/api/v1/nulle-part", "/static/0/nulle-part.css", "/catalogue/nulle-part", "//catalogue")

VOTED = re.compile(r"/socle/2026-2027\.(json|csv)$")  # these bytes never change
SIGN_IN = ("/connexion", "/deconnexion")
NOT_KEPT = (*SIGN_IN, "/lettres/")  # by no cache


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


def test_every_answer_carries_each_protection_once(portal_app: Flask, visitor: PageClient) -> None:
    for address in (*paths(portal_app), *ERRORS):
        for method in ("GET", "HEAD", "OPTIONS", "POST"):
            with visitor.open(address, method=method) as response:
                for name, value in HEADERS.items():
                    (said,) = response.headers.getlist(name)
                    stricter = name == "Referrer-Policy" and address.startswith(SIGN_IN) and said == "no-referrer"
                    assert said == value or stricter, (method, address, name)
                assert "X-Powered-By" not in response.headers
                assert len(response.headers.getlist("X-Request-Id")) == 1
                assert len(response.headers.getlist("Content-Type")) <= 1


def test_no_script_or_style_may_stand_in_a_page() -> None:
    policy = HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "nonce" not in policy
    assert "*" not in policy
    assert not re.search(r"https?:|data:", policy)


def test_a_304_carries_the_protections_too(visitor: PageClient) -> None:
    tag = visitor.get("/catalogue").headers["ETag"]
    response = visitor.get("/catalogue", headers={"If-None-Match": tag})
    assert response.status_code == 304
    assert set(HEADERS) <= set(response.headers.keys())


@pytest.mark.parametrize(("public_url", "sent"), [("https://logitheque.exemple.org", True), ("http://127.0.0.1:8000", False)])
def test_only_a_portal_served_over_tls_promises_it(settings: Settings, public_url: str, sent: bool) -> None:
    app = create_app(settings.model_copy(update={"public_url": public_url}))
    client = app.test_client()
    for address in ("/accessibilite", "/nulle-part", "/favicon.ico"):
        with client.get(address) as response:
            assert ("Strict-Transport-Security" in response.headers) is sent
    chosen = client.post("/langue", data={"langue": "en"}).headers["Set-Cookie"]
    assert ("Secure" in chosen) is sent
    assert "HttpOnly" in chosen
    assert "SameSite=Lax" in chosen
    app.extensions["logitheque"].database.close()


def test_each_request_has_a_reference_of_its_own_whatever_the_visitor_sends(visitor: PageClient) -> None:
    given = [visitor.get("/accessibilite", headers={"X-Request-Id": "mien"}).headers["X-Request-Id"] for _ in range(5)]
    assert len(set(given)) == 5
    assert all(re.fullmatch(r"[0-9a-f]{16}", reference) for reference in given)


def test_a_page_may_be_kept_but_is_asked_again(portal_app: Flask, visitor: PageClient) -> None:
    for address in paths(portal_app):
        if address.startswith(("/static", "/favicon", *NOT_KEPT)):
            continue
        response = visitor.get(address)
        kept = {"public", "max-age=31536000", "immutable"} if VOTED.search(address) else {"public", "no-cache"}
        assert set(response.headers["Cache-Control"].split(", ")) == kept, address
        assert "Cookie" in response.vary, address


def test_what_a_cookie_may_have_changed_is_for_one_person(portal_app: Flask, visitor: PageClient) -> None:
    visitor.set_cookie("langue", "fr")
    for address in paths(portal_app):
        if address.startswith(("/static", "/favicon", *NOT_KEPT)):
            continue
        assert set(visitor.get(address).headers["Cache-Control"].split(", ")) == {"no-cache", "private"}, address


def test_nothing_of_a_sign_in_nor_of_one_s_letters_is_kept_by_a_cache(portal_app: Flask, visitor: PageClient) -> None:
    for address in (path for path in paths(portal_app) if path.startswith(NOT_KEPT)):
        assert visitor.get(address).headers["Cache-Control"] == "no-store", address


def test_public_pages_set_no_cookie(portal_app: Flask) -> None:
    client = FlaskClient(portal_app, portal_app.response_class, use_cookies=False)
    for rule_path in paths(portal_app):
        with client.get(rule_path) as response:
            assert "Set-Cookie" not in response.headers, rule_path


def test_every_address_is_either_open_or_ruled(portal_app: Flask) -> None:
    assert len(readable(portal_app)) >= 11
