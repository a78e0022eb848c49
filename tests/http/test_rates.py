"""Whoever asks too often is told when to come back, and nobody else is: not the rest of the school, not the pages that cost little."""

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any

import pytest
from flask import Flask
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from pydantic import SecretStr
from sqlmodel import Session
from werkzeug.test import TestResponse

from app import _refuse_unsafe_sign_in, create_app
from portal.access import system
from portal.people.access import May
from portal.people.models import Person
from portal.settings import Settings
from portal.signin.tokens import Wish, make
from portal.web.rates import COUNTING, Counting, Memory, Rate, troubles
from tests.http.coming_in import DOOR, Browser
from tests.page_client import PageClient

pytest_plugins = ("tests.data.catalogue_data",)

FEW = {"rate_signin": "3 per hour", "rate_tokens": "3 per hour", "rate_search": "3 per hour"}
SEARCHES = (
    "/catalogue?q=dessin", "/etablissements?q=valence", "/etablissements?ville=valence", "/connexion?q=valence", "/api/v1/titles?q=dessin",
    "/api/v1/schools?q=valence", "/api/v1/schools/0261505V/titles?q=dessin",
)  # fmt: skip
Visitor = Callable[..., TestResponse]


@pytest.fixture
def counted(demonstration: Any) -> Iterator[Flask]:
    """The demonstration, which lets nobody ask more than three times."""
    app = create_app(demonstration.settings.model_copy(update=FEW))
    app.testing = True
    app.test_client_class = PageClient
    yield app
    app.extensions["logitheque"].database.close()


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Of the tests that come in: they write."""
    return settings.model_copy(update=FEW)


def asks(app: Flask, path: str, address: str = "192.0.2.1", **headers: str) -> TestResponse:
    return app.test_client().get(path, headers=headers, environ_base={"REMOTE_ADDR": address})


def kept(app: Flask) -> int:
    """How many counts there are."""
    counting: Any = app.extensions[COUNTING]
    return len(counting._together.storage.storage)


@pytest.mark.parametrize("path", SEARCHES)
def test_who_searches_too_often_is_told_when_to_come_back(counted: Flask, path: str) -> None:
    for _time in range(3):
        assert asks(counted, path).status_code == 200
    refused = asks(counted, path)
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 3600
    assert "no-store" in refused.headers["Cache-Control"]
    if path.startswith("/api/"):
        assert refused.mimetype == "application/problem+json"
        assert refused.get_json()["status"] == 429
        assert "Attendez" in refused.get_json()["detail"]
    else:
        assert "Trop de demandes" in refused.text
        assert "Attendez une minute, puis recommencez" in refused.text


def test_searches_are_counted_together_and_pages_that_search_nothing_are_not(counted: Flask) -> None:
    for path in (
        "/",
        "/catalogue",
        "/catalogue?q=",
        "/catalogue?support=maintained",
        "/catalogue/gimp",
        "/connexion",
        "/etablissements",
    ):
        for _time in range(4):
            assert asks(counted, path).status_code == 200
    assert kept(counted) == 0
    for path in SEARCHES[:3]:
        assert asks(counted, path).status_code == 200
    assert [asks(counted, path).status_code for path in SEARCHES] == [429] * len(SEARCHES)
    assert asks(counted, "/catalogue").status_code == 200


def test_another_address_is_another_visitor(counted: Flask) -> None:
    for address in ("192.0.2.1", "192.0.2.2"):
        assert [asks(counted, SEARCHES[0], address).status_code for _time in range(4)] == [200, 200, 200, 429]


@pytest.mark.parametrize(
    ("proxies", "told", "address"),
    [
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.1, 203.0.113.9, 192.0.2.7", "203.0.113.9"),
        (2, "203.0.113.9", "127.0.0.1"),
        (0, "203.0.113.9", "127.0.0.1"),
        (1, "", "127.0.0.1"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (1, "<script>", "127.0.0.1"),
        (1, "a" * 5000, "127.0.0.1"),
    ],
)
def test_the_address_is_the_one_that_our_own_proxies_saw(settings: Settings, proxies: int, told: str, address: str) -> None:
    counting = Counting(settings.model_copy(update={"proxies": proxies}))
    with Flask(__name__).test_request_context(headers={"X-Forwarded-For": told}, environ_base={"REMOTE_ADDR": "127.0.0.1"}):
        assert counting.address() == address


def test_coming_in_is_counted_at_each_of_its_steps(browser: Browser) -> None:
    steps = [browser.client.get(DOOR), browser.client.get(f"{DOOR}/retour/?ticket=ST-1"), browser.client.get(DOOR)]
    assert [one.status_code for one in steps] == [303, 303, 303]
    refused = browser.client.get(f"{DOOR}/retour/?ticket=ST-1")
    assert (refused.status_code, "Set-Cookie" in refused.headers) == (429, False)
    assert browser.client.get("/mon-compte/confirmer").status_code == 429
    assert browser.client.get("/connexion").status_code == 200, "the list of doors stays open"
    assert browser.client.post(f"{DOOR}/retour/", data={"logoutRequest": "x"}).status_code == 204, (
        "an ENT ends sessions by hundreds"
    )


def token_of(app: Flask) -> str:
    joined = app.extensions["logitheque"]
    now = joined.clock.now()

    def work(session: Session) -> str:
        person = Person(first_seen_at=now, seen_at=now)
        session.add(person)
        session.flush()
        return make(session, joined.policy, system("test"), person, Wish("x", [str(May.USE_ACCOUNT)]), now=now)[1]

    value: str = joined.database.write(work)
    return value


def test_wrong_tokens_are_counted_and_the_good_ones_of_the_same_address_go_on(app: Flask) -> None:
    value = token_of(app)
    wrong = [asks(app, "/api/v1/openapi.json", Authorization=f"Bearer wrong{n}") for n in range(4)]
    assert [one.status_code for one in wrong] == [401, 401, 401, 429]
    assert int(wrong[-1].headers["Retry-After"]) >= 1
    assert wrong[-1].mimetype == "application/problem+json"
    for _time in range(5):
        assert asks(app, "/api/v1/me", Authorization=f"Bearer {value}").status_code == 200
    assert asks(app, "/api/v1/openapi.json", Authorization="Bearer wrong", address="192.0.2.2").status_code == 401


def test_tokens_are_not_made_too_often(browser: Browser) -> None:
    browser.comes_in("enseignante")
    made = [browser.client.post("/mon-compte/jetons", headers={"Origin": "http://localhost"}).status_code for _time in range(4)]
    assert made == [422, 422, 422, 429]
    assert browser.client.get("/mon-compte/jetons").status_code == 200


def test_a_program_is_counted_by_its_token_wherever_it_asks_from(own_counted: Flask) -> None:
    first, second = token_of(own_counted), token_of(own_counted)
    path = "/api/v1/titles?q=dessin"
    for n in range(3):
        assert asks(own_counted, path, f"192.0.2.{n}", Authorization=f"Bearer {first}").status_code == 200
    assert asks(own_counted, path, "192.0.2.9", Authorization=f"Bearer {first}").status_code == 429
    assert asks(own_counted, path, "192.0.2.9", Authorization=f"Bearer {second}").status_code == 200
    assert asks(own_counted, path, "192.0.2.9").status_code == 200
    counting: Any = own_counted.extensions[COUNTING]
    assert first not in str(counting._together.storage.storage)


@pytest.fixture
def own_counted(own: Any) -> Iterator[Flask]:
    app = create_app(own.settings.model_copy(update=FEW))
    yield app
    app.extensions["logitheque"].database.close()


def test_counts_that_are_over_begin_again_and_are_forgotten() -> None:
    memory = Memory()
    assert [memory.incr("a", 60) for _time in range(3)] == [1, 2, 3]
    assert [memory.incr("b", -1) for _time in range(3)] == [1, 1, 1]
    assert set(memory.storage) == {"a", "b"}
    memory._swept_at = 0.0
    memory.incr("c", 60)
    assert set(memory.storage) == set(memory.expirations) == {"a", "c"}


class Gone(MemoryStorage):
    """A store that nobody answers for."""

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        raise ValueError("connection refused")


def test_a_store_that_does_not_answer_stops_nobody_and_still_counts(counted: Flask) -> None:
    counting: Any = counted.extensions[COUNTING]
    counting._together = FixedWindowRateLimiter(Gone())
    assert [asks(counted, SEARCHES[0]).status_code for _time in range(4)] == [200, 200, 200, 429]


def test_a_redis_without_its_library_is_told_and_serves_nobody(settings: Settings) -> None:
    far = settings.model_copy(update={"rate_store": SecretStr("redis://127.0.0.1:1/0")})
    assert bool(troubles(far)) is (find_spec("redis") is None)
    assert not troubles(settings)
    app = create_app(far)
    said = app.test_cli_runner().invoke(args=["doctor"]).output
    assert ("pip install redis" in said) is bool(troubles(far))
    if troubles(far):
        with pytest.raises(SystemExit, match="pip install redis"):
            _refuse_unsafe_sign_in(app.extensions["logitheque"])
    app.extensions["logitheque"].database.close()


def test_what_is_counted_is_known(portal_app: Flask) -> None:
    counted = {name: view.rated.rate for name, view in portal_app.view_functions.items() if hasattr(view, "rated")}
    assert {name for name, rate in counted.items() if rate is Rate.SIGNIN} == {
        "signin.start", "signin.arrive", "signin.prove", "signin.link",
    }  # fmt: skip
    assert {name for name, rate in counted.items() if rate is Rate.TOKENS} == {"tokens.make"}
    assert {name for name, rate in counted.items() if rate is Rate.SEARCH} == {
        "catalogue.index", "schools.index", "signin.find", "attachments.find", "requests_api.requests", "api.titles.titles", "api.schools.schools", "api.schools.titles",
        "requests.index",
    }  # fmt: skip
