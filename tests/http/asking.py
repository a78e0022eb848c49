"""A teacher who asks for a title, and those who answer: on a copy of the demonstration, through its pages."""

import io
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlmodel import Session, col, select
from werkzeug.test import TestResponse

from app import create_app
from portal.db import Database
from portal.people.models import Person
from portal.signin.loading import declare_demonstration
from tests.http.administering import HERE, portal_of, send
from tests.http.coming_in import Browser
from tests.http.reading import Read, words
from tests.page_client import PageClient
from workflows.requests.models import SoftwareRequest

DRAFTS = "/demandes/brouillons"
ANSWERS = {
    "kind": "new-title", "title_name": "Chronoscope des marées", "website": "https://marees.example", "discipline_id": "1",
    "audience": "Seconde, deux groupes", "pupils": "48", "need": "Mesurer la hauteur d’eau heure par heure et tracer la courbe.",
    "places": "B12", "workstations": "24", "needed_on": "2027-09-01", "considered": "Un tableur, mais la mesure se fait à la main.",
}  # fmt: skip
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"
Arrive = Callable[[str], Browser]


@pytest.fixture
def app(demonstration: Any, tmp_path: Path) -> Iterator[Flask]:
    app = create_app(demonstration.copy_to(tmp_path / "asked").settings)
    app.testing = True
    app.test_client_class = PageClient
    yield app
    app.extensions["logitheque"].database.close()


@pytest.fixture
def arrive(app: Flask, ent: str) -> Arrive:
    return arriving(app, ent)


@pytest.fixture
def database(app: Flask) -> Database:
    return portal_of(app).database


def arriving(app: Flask, ent: str) -> Arrive:
    """Comes in by login, each in a browser of their own."""
    portal_of(app).database.write(lambda session: declare_demonstration(session, ent))

    def arrive(login: str) -> Browser:
        browser = Browser(app, ent)
        browser.comes_in(login)
        return browser

    return arrive


def new_key() -> str:
    return secrets.token_urlsafe(16)


def types(browser: Browser, key: str, **typed: str) -> TestResponse:
    """What htmx sends while one types."""
    return browser.client.post(DRAFTS, data={"cle": key, **typed}, headers={**HERE, "HX-Request": "true", "HX-Target": "conseils"})


def asks(browser: Browser, key: str = "", **other: str) -> int:
    """Send a request with the six answers; its number."""
    sent = send(browser, DRAFTS, cle=key or new_key(), faire="envoyer", **{**ANSWERS, **other})
    assert sent.status_code == 303, Read(sent).html
    return int(sent.headers["Location"].rpartition("/")[2])


def joins(browser: Browser, key: str, name: str, content: bytes, **typed: str) -> TestResponse:
    data = {"cle": key, "faire": "joindre", "fichier": (io.BytesIO(content), name), **typed}
    return browser.client.post(DRAFTS, data=data, headers=HERE, content_type="multipart/form-data")


def moves(browser: Browser, number: int, move: str, **typed: str) -> TestResponse:
    """As the page's own form sends it, over the version that the page shows."""
    return send(browser, f"/demandes/{number}/etapes/{move}", lu=str(version(browser, number)), **typed)


def version(browser: Browser, number: int) -> int:
    page = Read(browser.client.get(f"/demandes/{number}"))
    shown = [one.attrib["value"] for one in page.all("input", name="lu")]
    return int(shown[0]) if shown else 0


def holder(browser: Browser, number: int) -> str:
    """What the page says of who has it."""
    page = Read(browser.client.get(f"/demandes/{number}"))
    (box,) = page.all("section", class_="holder")
    return words(box)


def stored(database: Database, number: int) -> SoftwareRequest:
    with database.read() as session:
        return session.get_one(SoftwareRequest, number)


def drafts_of(database: Database, login: str) -> list[SoftwareRequest]:
    def work(session: Session) -> list[Any]:
        me = session.exec(select(Person).where(Person.email == f"{login}@demonstration.example")).one().key
        found = select(SoftwareRequest).where(SoftwareRequest.requester_id == me, SoftwareRequest.status == "draft")
        return list(session.exec(found.order_by(col(SoftwareRequest.id))))

    with database.read() as session:
        return work(session)
