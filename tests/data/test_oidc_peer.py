"""We and a provider that others wrote understand each other: code flow, userinfo, sign-out asked here, sign-out told from there."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
import requests

from portal.signin import models
from portal.signin.issuers import Issuers
from portal.signin.oidc import Arrived, Client
from portal.signin.refusals import Motive, SignInRefused

PEER = Path(__file__).parent.parent / "peers" / "oidc-provider"
CALLBACK, AFTER = "http://127.0.0.1:9/connexion/essai/retour", "http://127.0.0.1:9/"
SECRET = "a secret of tests, of more than thirty-two characters"  # noqa: S105
STATE, NONCE, VERIFIER = "s" * 43, "n" * 43, "v" * 43
PATIENCE = 30


class Listener(ThreadingHTTPServer):
    """Our address of back-channel logout, as far as a test needs it."""

    def __init__(self) -> None:
        self.told: SimpleQueue[str] = SimpleQueue()
        told = self.told

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
                told.put(form["logout_token"])
                self.send_response(200)
                self.send_header("Cache-Control", "no-store")
                self.end_headers()

            def log_message(self, *_arguments: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/fin"


@dataclass
class Peer:
    """The provider, and the client that it knows."""

    client: Client
    listener: Listener


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def listening() -> Iterator[Listener]:
    with Listener() as listener:
        thread = Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield listener
        listener.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def peer() -> Iterator[Peer]:
    """`make test` installs it. It ends with its input: nothing stays behind a test run that is killed."""
    node = shutil.which("node")
    assert node, "No node: run `make test`, which says what to install."
    port = free_port()
    with (
        listening() as listener,
        subprocess.Popen(
            [node, "op.mjs", str(port), "logitheque", CALLBACK, AFTER, listener.address],
            cwd=PEER,
            env={"PATH": os.defpath, "CLIENT_SECRET": SECRET, "NODE_ENV": "test"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process,
    ):
        assert process.stdin
        assert process.stdout
        said = []
        for line in process.stdout:
            said.append(line)
            if line.startswith("listening "):
                break
        else:
            pytest.fail("".join(said))
        drain = Thread(target=process.stdout.read)
        drain.start()
        row = models.Provider(
            slug="essai",
            label="Un ENT d’essai",
            protocol=models.Protocol.OIDC,
            base_url=f"http://127.0.0.1:{port}",
            client_id="logitheque",
            scopes="openid profile email ent",
        )
        yield Peer(Client(row, SECRET, CALLBACK, known=Issuers()), listener)
        process.stdin.close()
        drain.join(timeout=PATIENCE)
        assert process.wait(timeout=PATIENCE) == 0


class Form(HTMLParser):
    """The one form of a page, filled in as it stands; its button may be outside."""

    def __init__(self, page: requests.Response) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}
        self._page = page
        self.feed(page.content.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = urljoin(self._page.url, said["action"])
        elif tag in {"input", "button"} and "name" in said:
            self.fields[said["name"]] = said.get("value", "")


class Browser(requests.Session):
    """Goes from page to page until it is sent back to us."""

    def go(self, address: str, form: dict[str, str] | None = None) -> requests.Response:
        answer = self.request("POST" if form else "GET", address, data=form, allow_redirects=False, timeout=PATIENCE)
        while answer.is_redirect and not answer.headers["Location"].startswith(AFTER):
            answer = self.get(urljoin(answer.url, answer.headers["Location"]), allow_redirects=False, timeout=PATIENCE)
        return answer


@pytest.fixture
def browser() -> Iterator[Browser]:
    with Browser() as browser:
        yield browser


def answer_of(peer: Peer, browser: Browser, person: str | None, *, fresh: bool = False) -> dict[str, str]:
    """What comes back to us. `person` None: nobody needs to say who they are any more."""
    page = browser.go(peer.client.login_url(state=STATE, nonce=NONCE, verifier=VERIFIER, fresh=fresh))
    if person is not None:
        page = browser.go(Form(page).action, {"person": person})
    assert page.headers["Location"].startswith(CALLBACK)
    return dict(parse_qsl(urlsplit(page.headers["Location"]).query))


def sign_in(peer: Peer, browser: Browser, person: str | None = "anaelle", *, fresh: bool = False) -> Arrived:
    query = answer_of(peer, browser, person, fresh=fresh)
    return peer.client.finish(query, state=STATE, nonce=NONCE, verifier=VERIFIER, now=datetime.now(UTC), fresh=fresh)


def test_a_person_arrives_with_accents_and_all_schools(peer: Peer, browser: Browser) -> None:
    arrived = sign_in(peer, browser)
    assert arrived.answer.subject == "anaelle"
    assert arrived.answer.said["given_name"] == ("Anaëlle",)
    assert arrived.answer.said["family_name"] == ("Le Goff-Nuñez",)
    assert arrived.answer.said["UAI"] == ("0999901Z", "0999902A", "0999903B")
    assert arrived.sid


def test_it_names_itself_in_its_answer(peer: Peer, browser: Browser) -> None:
    assert answer_of(peer, browser, "zoe")["iss"] == peer.client.provider.base_url


def test_a_code_serves_once(peer: Peer, browser: Browser) -> None:
    query = answer_of(peer, browser, "zoe")
    given = {"state": STATE, "nonce": NONCE, "verifier": VERIFIER, "now": datetime.now(UTC)}
    assert peer.client.finish(query, **given)
    with pytest.raises(SignInRefused) as refused:
        peer.client.finish(query, **given)
    assert (refused.value.motive, refused.value.detail) == (Motive.DENIED, "invalid_grant")


def test_a_code_without_its_verifier_is_denied(peer: Peer, browser: Browser) -> None:
    query = answer_of(peer, browser, "zoe")
    with pytest.raises(SignInRefused) as refused:
        peer.client.finish(query, state=STATE, nonce=NONCE, verifier="w" * 43, now=datetime.now(UTC))
    assert refused.value.motive is Motive.DENIED


def test_somebody_it_does_not_know_is_denied(peer: Peer, browser: Browser) -> None:
    with pytest.raises(SignInRefused) as refused:
        sign_in(peer, browser, "personne")
    assert (refused.value.motive, refused.value.detail) == (Motive.DENIED, "access_denied")


def test_whoever_is_signed_in_there_types_nothing_here_unless_it_must_be_fresh(peer: Peer, browser: Browser) -> None:
    first = sign_in(peer, browser)
    again = sign_in(peer, browser, None)
    assert again.answer.subject == first.answer.subject
    fresh = sign_in(peer, browser, "anaelle", fresh=True)
    assert fresh.auth_time is not None
    assert abs(datetime.now(UTC) - fresh.auth_time) < timedelta(seconds=60)


def test_signing_out_there_tells_us_which_session_ends(peer: Peer, browser: Browser) -> None:
    arrived = sign_in(peer, browser)
    address = peer.client.logout_url(arrived.id_token, AFTER, "etat")
    assert address is not None
    form = Form(browser.go(address))
    assert form.fields["logout"] == "yes"
    back = browser.go(form.action, form.fields)
    assert back.headers["Location"] == f"{AFTER}?state=etat"
    token = peer.listener.told.get(timeout=PATIENCE)
    ended = peer.client.ended(token, now=datetime.now(UTC))
    assert ended.sid == arrived.sid
    assert ended.jti

    head, body, signature = token.split(".")
    for tampered in (f"{head}.{body}.{signature[::-1]}", f"{head}.{body[:-8]}AAAAAAAA.{signature}", f"{head}.{body}."):
        with pytest.raises(SignInRefused) as refused:
            peer.client.ended(tampered, now=datetime.now(UTC))
        assert refused.value.motive is Motive.UNREADABLE
    with pytest.raises(SignInRefused):
        peer.client.ended(token, now=datetime.now(UTC) + timedelta(minutes=11))
