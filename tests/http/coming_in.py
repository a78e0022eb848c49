"""Coming in as a person would: through the demonstration's ENT, which runs for real beside the test."""

from urllib.parse import parse_qsl, urlsplit

import requests
from flask import Flask
from werkzeug.test import TestResponse

from tests.page_client import PageClient

PUBLIC = "http://127.0.0.1:8000"
DOOR = "/connexion/demonstration"
SESSION = "logitheque"


class Browser:
    """A visitor's browser: the portal's pages by the test client, the ENT's by HTTP."""

    def __init__(self, app: Flask, ent: str) -> None:
        client = app.test_client()
        assert isinstance(client, PageClient)
        self.client, self.ent = client, ent
        self.at_ent = requests.Session()
        self.at_ent.trust_env = False

    def leaves_for_the_ent(self, back: str = "/") -> str:
        """The address of the ENT where our page sends."""
        sent = self.client.get(DOOR, query_string={"retour": back})
        assert sent.status_code == 303, sent.status
        return sent.headers["Location"]

    def signs_in_there(self, login: str, address: str) -> str:
        """What the ENT sends back to: our own path, with a ticket."""
        asked = dict(parse_qsl(urlsplit(address).query))
        form = {"username": login, "service": asked["service"], **({"renew": "true"} if "renew" in asked else {})}
        sent = self.at_ent.post(f"{self.ent}/login", data=form, allow_redirects=False, timeout=10)
        assert sent.status_code == 302, sent.text
        return own(sent.headers["Location"])

    def comes_in(self, login: str, back: str = "/") -> TestResponse:
        """All the way; what our own address answers to the ticket."""
        return self.client.get(self.signs_in_there(login, self.leaves_for_the_ent(back)))

    def cookie(self, name: str = SESSION) -> str:
        held = self.client.get_cookie(name)
        return held.value if held else ""


def own(address: str) -> str:
    assert address.startswith(PUBLIC), address
    return address.removeprefix(PUBLIC)
