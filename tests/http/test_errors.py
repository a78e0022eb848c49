"""Each error has a page that says what to do next and a reference that finds it in the logs; none says what broke inside."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask, abort
from flask.typing import ResponseReturnValue
from pydantic import SecretStr

from app import create_app
from portal.errors import NotAllowed, OutOfDate, Refused, Unknown
from portal.settings import Settings
from portal.text import Sentence
from portal.web.errors import WORDS
from portal.web.kit import EVERYONE, access, portal, session
from tests.page_client import PageClient

SECRET = "a password that stands in an exception"  # noqa: S105
CODES = (400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503)
REASON = Sentence("La liste « Socle » est pleine. Proposez une sortie, puis recommencez.")
NEXT = re.compile(r"recommencez|Recommencez|Vérifiez|s’adresser|vous adresser|utilisez|Réduisez")
View = Callable[[], ResponseReturnValue]


def break_down() -> ResponseReturnValue:
    raise RuntimeError(SECRET)


def ask_the_database() -> ResponseReturnValue:
    session().connection().execute(sa.text("SELECT 1"))
    return ""


def write_to_the_database() -> ResponseReturnValue:
    portal().database.write(lambda writing: writing.connection().execute(sa.text("SELECT 1")))
    return ""


def refuse(error: Exception) -> View:
    def view() -> ResponseReturnValue:
        raise error

    return view


def stop(code: int) -> View:
    return lambda: abort(code, description=SECRET)


VIEWS: dict[str, View] = {
    "panne": break_down,
    "lecture": ask_the_database,
    "ecriture": write_to_the_database,
    "interdit": refuse(NotAllowed(REASON)),
    "inconnu": refuse(Unknown(REASON)),
    "perime": refuse(OutOfDate(REASON)),
    "refuse": refuse(Refused([REASON, Sentence("Le gel des examens court jusqu’au 4 juillet.")])),
    **{str(code): stop(code) for code in CODES},
}


@pytest.fixture(params=["sqlite", "postgresql"])
def lost(request: pytest.FixtureRequest, at: Callable[..., Flask], tmp_path: Path) -> Flask:
    """A portal whose database went away after its start: its folder is gone, or nobody listens at its address."""
    if request.param == "postgresql":
        return at(database_url=SecretStr("postgresql+psycopg://personne@127.0.0.1:9/rien?connect_timeout=2"))
    folder = tmp_path / "perdue"
    app = at(database_url=SecretStr(f"sqlite:///{folder / 'base.sqlite'}"))
    shutil.rmtree(folder)
    return app


@pytest.fixture
def at(settings: Settings) -> Iterator[Callable[..., Flask]]:
    """An application whose addresses fail, each in its own way, as a page and for programs."""
    made = []

    def make(**changes: object) -> Flask:
        app = create_app(settings.model_copy(update=changes))
        app.test_client_class = PageClient
        for name, view in VIEWS.items():
            for start in ("/essai/", "/api/v1/essai/"):
                app.add_url_rule(start + name, start + name, access(EVERYONE)(view))
        made.append(app)
        return app

    yield make
    for app in made:
        app.extensions["logitheque"].database.close()


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """No page here depends on the kind of database, but those that lose it."""
    return sqlite_url


def test_every_error_that_may_happen_has_its_words() -> None:
    assert set(WORDS) == set(CODES)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_each_error_has_a_page_that_says_what_to_do(at: Callable[..., Flask], code: int, language: str) -> None:
    client = at().test_client()
    client.set_cookie("langue", language)
    response = client.get(f"/essai/{code}")
    html = response.get_data(as_text=True)
    title, text = (str(words) for words in WORDS[code])
    assert response.status_code == code
    assert f'<html lang="{language}">' in html
    assert SECRET not in html
    assert 'href="/catalogue"' in html
    assert 'href="/"' in html
    assert response.headers["X-Request-Id"] in html
    assert response.headers["Cache-Control"] == "no-store"
    if language == "fr":
        assert title in html
        assert f'<p class="error-code">Erreur {code}</p>' in html
        assert NEXT.search(text)


@pytest.mark.parametrize(("name", "code"), [("interdit", 403), ("inconnu", 404), ("perime", 409), ("refuse", 422)])
def test_a_refusal_says_its_own_reasons(at: Callable[..., Flask], name: str, code: int) -> None:
    client = at().test_client()
    response = client.get(f"/essai/{name}")
    assert response.status_code == code
    assert REASON in response.get_data(as_text=True)
    assert ("gel des examens" in response.get_data(as_text=True)) is (name == "refuse")
    problem = json.loads(client.get(f"/api/v1/essai/{name}").data)
    assert (problem["status"], problem["detail"].startswith(REASON)) == (code, True)


@pytest.mark.parametrize("code", CODES)
def test_programs_get_the_same_error_as_rfc_9457_has_it(at: Callable[..., Flask], code: int) -> None:
    response = at().test_client().get(f"/api/v1/essai/{code}")
    problem = json.loads(response.data)
    assert response.mimetype == "application/problem+json"
    assert (response.status_code, problem["status"]) == (code, code)
    assert problem["title"] == str(WORDS[code][0])
    assert problem["detail"] == str(WORDS[code][1])
    assert problem["reference"] == response.headers["X-Request-Id"]
    assert SECRET not in response.get_data(as_text=True)


@pytest.mark.parametrize("start", ["/essai/", "/api/v1/essai/"])
def test_a_failure_is_logged_under_the_reference_its_page_shows(
    at: Callable[..., Flask], capfd: pytest.CaptureFixture[str], start: str
) -> None:
    response = at(log_json=True).test_client().get(f"{start}panne")
    told, logged = response.get_data(as_text=True), capfd.readouterr().err
    assert response.status_code == 500
    assert SECRET not in told
    assert "RuntimeError" not in told
    assert "Traceback" not in told
    reference = response.headers["X-Request-Id"]
    assert reference in told
    lines = [json.loads(line) for line in logged.splitlines()]
    (failure,) = [line for line in lines if line["levelname"] == "ERROR"]
    assert failure["request_id"] == reference
    assert SECRET in failure["exc_info"]


@pytest.mark.parametrize("name", ["lecture", "ecriture"])
def test_a_database_that_does_not_answer_is_a_pause_and_not_a_failure(
    lost: Flask, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    response = lost.test_client().get(f"/essai/{name}")
    told = response.get_data(as_text=True)
    assert response.status_code == 503
    assert "Portail momentanément indisponible" in told
    assert "Recommencez dans quelques minutes" in told
    assert not re.search(r"sqlite|psycopg|127\.0\.0\.1:9|perdue|OperationalError", told)
    assert "database unavailable" in caplog.text
    problem = json.loads(lost.test_client().get(f"/api/v1/essai/{name}").data)
    assert problem["status"] == 503


def test_without_an_index_the_portal_says_to_come_back(at: Callable[..., Flask]) -> None:
    client = at().test_client()
    for address in ("/", "/catalogue", "/catalogue/gimp", "/comparer", "/api/v1/titles", "/api/v1/titles/gimp"):
        response = client.get(address)
        assert response.status_code == 503, address
        assert "Recommencez dans quelques minutes" in response.get_data(as_text=True)
    for address in ("/accessibilite", "/donnees-ouvertes", "/api", "/ui"):
        assert client.get(address).status_code == 200, address
