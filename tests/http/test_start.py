"""The portal refuses to start with a gap: a route whose access nobody declared, a permission without a rule."""

from types import MappingProxyType

import pytest
from flask import Blueprint, Flask

import app as roof
from app import create_app
from catalogue.titles.access import May
from portal.access import Policy, everyone
from portal.settings import Environment, Settings
from portal.web.kit import EVERYONE, access, close_by_default

POLICY = Policy({"titles.read": everyone})


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


def opening(view: object) -> Flask:
    app = Flask(__name__, static_folder=None)
    app.add_url_rule("/page", "page", view)  # type: ignore[arg-type]
    return app


def test_a_route_without_declared_access_is_refused() -> None:
    with pytest.raises(RuntimeError, match="Route 'page' declares no access"):
        close_by_default(opening(lambda: ""), POLICY)


def test_a_route_that_asks_for_a_permission_without_a_rule_is_refused() -> None:
    with pytest.raises(RuntimeError, match=r"Route 'page' asks for 'titles\.burn', which has no rule"):
        close_by_default(opening(access("titles.burn")(lambda: "")), POLICY)


@pytest.mark.parametrize("declared", [EVERYONE, "titles.read"])
def test_a_declared_route_opens(declared: str) -> None:
    close_by_default(opening(access(declared)(lambda: "")), POLICY)


def test_the_whole_portal_does_not_start_with_an_undeclared_route(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    forgotten = Blueprint("forgotten", __name__)
    forgotten.add_url_rule("/oubliee", "page", lambda: "")
    monkeypatch.setattr(roof.gallery, "bp", forgotten)
    with pytest.raises(RuntimeError, match=r"Route 'forgotten\.page' declares no access"):
        create_app(settings)


def test_the_whole_portal_does_not_start_without_the_rule_of_a_page(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    rules = {permission: rule for permission, rule in roof.titles_access.RULES.items() if permission != May.READ}
    monkeypatch.setattr(roof.titles_access, "RULES", MappingProxyType(rules))
    with pytest.raises(RuntimeError, match=r"which has no rule"):
        create_app(settings)


def test_the_whole_portal_does_not_start_with_a_rule_declared_twice(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    monkeypatch.setattr(roof.calendars_access, "RULES", roof.titles_access.RULES)
    with pytest.raises(RuntimeError, match="declared twice"):
        create_app(settings)


@pytest.mark.parametrize(("environment", "status"), [(Environment.PRODUCTION, 404), (Environment.DEVELOPMENT, 200)])
def test_the_gallery_stays_out_of_production(settings: Settings, environment: Environment, status: int) -> None:
    app = create_app(settings.model_copy(update={"environment": environment}))
    assert app.test_client().get("/ui").status_code == status
    app.extensions["logitheque"].database.close()
