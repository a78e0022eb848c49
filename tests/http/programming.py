"""A program that acts for somebody of the demonstration: a token of theirs, and no cookie."""

from typing import Any

from flask import Flask
from sqlmodel import Session, select
from werkzeug.test import TestResponse

from portal.access import system
from portal.people.models import Person
from portal.signin.tokens import Wish, make
from tests.http.administering import portal_of
from workflows.requests.access import May

API = "/api/v1"
SIX = {
    "title_name": "Chronoscope des marées", "website": "https://marees.example", "discipline": "mathematiques",
    "audience": "Seconde, deux groupes", "pupils": 48, "need": "Mesurer la hauteur d’eau et tracer la courbe.", "places": "B12",
    "workstations": 24, "needed_on": "2027-09-01", "considered": "Un tableur, mais la mesure se fait à la main.",
}  # fmt: skip


class Program:
    """`scopes`: what its token is limited to; by default, all that is asked of requests."""

    def __init__(self, app: Flask, login: str, *scopes: str) -> None:
        joined = portal_of(app)
        wish = Wish("programme", scopes or tuple(May))

        def work(session: Session) -> str:
            person = session.exec(select(Person).where(Person.email == f"{login}@demonstration.example")).one()
            return make(session, joined.policy, system("test"), person, wish, now=joined.clock.now())[1]

        self.app, self.token = app, joined.database.write(work)

    def asks(self, method: str, path: str, *, key: str = "", **more: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}", **({"Idempotency-Key": key} if key else {}), **more.pop("headers", {})}
        return self.app.test_client().open(API + path, method=method, headers=headers, buffered=True, **more)

    def get(self, path: str, status: int = 200) -> Any:
        return self.told(self.asks("GET", path), status)

    def post(self, path: str, body: Any = None, status: int = 200, key: str = "") -> Any:
        return self.told(self.asks("POST", path, key=key, json={} if body is None else body), status)

    def sends(self, status: int = 201, key: str = "", **other: Any) -> Any:
        """A request with the six answers."""
        return self.post("/requests", {**SIX, **other}, status, key)

    def moves(self, number: int, move: str, status: int = 200, **body: Any) -> Any:
        return self.post(f"/requests/{number}/moves/{move}", body, status)

    @staticmethod
    def told(answered: TestResponse, status: int) -> Any:
        assert answered.status_code == status, answered.get_data(as_text=True)
        assert answered.headers["Cache-Control"] == "private, no-store"
        told = answered.get_json()
        if status >= 400:
            assert answered.mimetype == "application/problem+json"
            return told["detail"]
        return told
