"""Before the demonstration's providers: a portal that listens, a browser that judges pages, a clock that a test moves."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from werkzeug.datastructures import Headers

from portal.signin import cas
from portal.signin.models import Protocol, Provider, Validation
from portal.signin.refusals import Motive, SignInRefused
from tests.page_client import Page, faults

PATIENCE = 10


@contextmanager
def running(server: ThreadingHTTPServer) -> Iterator[ThreadingHTTPServer]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Listening(BaseHTTPRequestHandler):
    """A portal that only hears what an ENT posts to it."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.put((self.path, body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


class Portal(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Listening)
        self.heard: Queue[tuple[str, bytes]] = Queue()
        self.address = f"http://127.0.0.1:{self.server_address[1]}"
        self.service = f"{self.address}/connexion/cas/demonstration/?etat=abc"


class Seconds:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Browser(requests.Session):
    """Keeps cookies; each page it is given is held to the rules of all pages. `path`: where the provider answers."""

    def __init__(self, base: str, path: str = "/cas") -> None:
        super().__init__()
        self.base, self.path = base, path
        self.trust_env = False

    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> requests.Response:
        response = super().request(method, self.base + url, *args, **kwargs | {"allow_redirects": False, "timeout": PATIENCE})
        if response.headers["Content-Type"].startswith("text/html") and response.content:
            page = Page(response.text, Headers(list(response.headers.items())), urlsplit(self.base).netloc)
            assert faults(page) == [], response.url
        return response

    def sign_in(self, username: str, service: str, **more: str) -> str:
        """Through the form; the ticket."""
        response = self.post(f"{self.path}/login", data={"username": username, "service": service, **more})
        assert response.status_code == 302
        return ticket_of(response, service)

    def come_back(self, service: str, **more: str) -> requests.Response:
        return self.get(f"{self.path}/login", params={"service": service, **more})


def ticket_of(response: requests.Response, service: str) -> str:
    location = response.headers["Location"]
    before, name, ticket = location.rpartition("ticket=")
    assert (before, name) == (service + ("&" if "?" in service else "?"), "ticket=")
    return ticket


def as_provider(address: str, validation: Validation = Validation.P3, path: str = "/cas") -> Provider:
    return Provider(
        slug="demonstration",
        label="ENT de démonstration",
        protocol=Protocol.CAS,
        base_url=f"{address}{path}",
        validation=validation,
    )


def refusal(provider: Provider, service: str, ticket: str, *, fresh: bool = False) -> str:
    with pytest.raises(SignInRefused) as caught:
        cas.validate(provider, service, ticket, fresh=fresh)
    assert caught.value.motive is Motive.DENIED
    return caught.value.detail
