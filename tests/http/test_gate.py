"""Closed by default: what is not open to everybody asks who reads, whatever the address, the method and the way of asking."""

from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests.http.addresses import path
from tests.page_client import PageClient

pytest_plugins = ("tests.data.catalogue_data",)

OPEN = "open_endpoints"


def closed(app: Flask) -> Iterator[tuple[str, Rule]]:
    for rule in app.url_map.iter_rules():
        if rule.endpoint not in app.extensions[OPEN]:
            yield from ((method, rule) for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))


def test_there_is_something_to_close(portal_app: Flask) -> None:
    shut = {str(rule) for _method, rule in closed(portal_app)}
    assert {"/mon-compte", "/administration", "/administration/ent", "/etablissements/<uai>/equipe"} <= shut


def test_a_visitor_is_asked_to_sign_in_everywhere_else(portal_app: Flask, visitor: PageClient) -> None:
    for method, rule in closed(portal_app):
        answered = visitor.open(path(rule), method=method)
        if str(rule).startswith("/api/"):
            assert (answered.status_code, answered.headers["WWW-Authenticate"]) == (401, "Bearer"), rule
            assert "demande un jeton" in answered.get_json()["detail"], rule
        elif method == "GET":
            assert answered.status_code == 303, rule
            assert answered.headers["Location"].startswith("/connexion?retour="), rule
        else:
            assert answered.status_code == 401, rule
            assert "Votre session est terminée" in answered.text, rule


@pytest.mark.parametrize("cookie", ["", "x", "é", "a" * 3000, "' OR 1=1 --", "../../etc/passwd"])
def test_a_made_up_session_is_a_visitor(visitor: PageClient, cookie: str) -> None:
    visitor.set_cookie("logitheque", cookie)
    assert visitor.get("/mon-compte").status_code == 303
    assert visitor.get("/").status_code == 200
