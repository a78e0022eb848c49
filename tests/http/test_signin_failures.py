"""A sign-in that fails: a page says which ENT, what was tried and whom to ask; nothing is stored, and the catalogue stays open."""

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from portal.db import Database
from portal.signin import cas
from portal.signin.issuers import KNOWN
from portal.signin.models import OpenSession, PendingSignIn, Protocol, Provider
from portal.signin.refusals import Motive
from portal.text import NBSP, THIN
from tests.data import openid_server
from tests.data.ent_servers import FAILURE, SUCCESS, Reply, answering, closed_port, identity, speaking
from tests.http.coming_in import SESSION, Browser, own
from tests.http.test_signin import everything, rows
from tests.page_client import PageClient

pytest_plugins = ("tests.data.catalogue_data",)

DOOR = "/connexion/essai"
LABEL, CONTACT = "ENT d’essai", "assistance@essai.example"
TICKET = "ST-1-0f1e2d3c4b5a69788796a5b4c3d2e1f0"
SECRET = "ESSAI_SECRET"  # noqa: S105
DISCOVERY = "/.well-known/openid-configuration"
HERE = {"Origin": "http://localhost"}
PATIENCE, SHORT = 5.0, 1.0

HTML = b"<!doctype html><title>Maintenance</title><p>Revenez demain."
REPLIES = {
    "HTML": Reply(HTML, headers={"Content-Type": "text/html"}),
    "error": Reply(HTML, 500, {"Content-Type": "text/html"}),
}
FAULTS = {
    "down": (502, "Votre ENT ne répond pas", "n’a pas pu le joindre"),
    "slow": (504, "Votre ENT met trop de temps à répondre", "n’a pas eu de réponse en cinq secondes"),
    "HTML": (502, "La réponse de votre ENT est illisible", "n’a pas compris sa réponse"),
    "error": (502, "Votre ENT ne répond pas", "n’a pas pu le joindre"),
    "certificate": (502, "L’identité de votre ENT n’est pas sûre", f"Le certificat que présente {LABEL} n’est pas valable"),
}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What is tested is what pages say: sign-in itself runs on both kinds of database."""
    return sqlite_url


@pytest.fixture
def database(app: Flask) -> Database:
    found: Database = app.extensions["logitheque"].database
    return found


@pytest.fixture(autouse=True)
def openid(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Our secret there. A port may be given again: what another provider published there is forgotten."""
    monkeypatch.setenv(SECRET, openid_server.SECRET)
    KNOWN._kept.clear()
    yield
    KNOWN._kept.clear()


def given_to_cas() -> dict[str, Any]:
    defaults = cas.validate.__kwdefaults__
    assert defaults
    return defaults


@contextmanager
def hurried() -> Iterator[None]:
    """Give providers less than five seconds, for as long as a test waits for one that is slow."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(given_to_cas(), "seconds", SHORT)
        object.__setattr__(KNOWN, "seconds", SHORT)
        try:
            yield
        finally:
            object.__setattr__(KNOWN, "seconds", PATIENCE)


def test_providers_are_given_the_five_seconds_that_the_page_says() -> None:
    assert given_to_cas()["seconds"] == KNOWN.seconds == PATIENCE


@contextmanager
def wrong(how: str, folder: Path) -> Iterator[str]:
    """The address of a server that fails in that way, whatever it is asked."""
    with ExitStack() as stack:
        if how == "down":
            yield closed_port()
        elif how == "slow":
            stack.enter_context(hurried())
            yield stack.enter_context(speaking(lambda _to: None)).url
        elif how == "certificate":
            yield stack.enter_context(answering(REPLIES["HTML"], identity(folder))).url
        else:
            yield stack.enter_context(answering(REPLIES[how])).url


def declared(database: Database, base_url: str, **traits: Any) -> None:
    row = Provider(
        **{"slug": "essai", "label": LABEL, "contact": CONTACT, "protocol": Protocol.CAS, "base_url": base_url, **traits}
    )
    database.write(lambda session: session.add(row))


def declared_openid(database: Database, issuer: str, **traits: Any) -> None:
    declared(database, issuer, protocol=Protocol.OIDC, client_id=openid_server.CLIENT, secret_env=SECRET, **traits)


def leaves(client: PageClient, path: str = DOOR) -> str:
    sent = client.get(path, query_string={"retour": "/listes"})
    assert sent.status_code == 303, sent.text
    return sent.headers["Location"]


def comes_back_from_cas(client: PageClient, path: str = DOOR) -> TestResponse:
    """With a ticket, as if the password had been right."""
    (service,) = parse_qs(urlsplit(leaves(client, path)).query)["service"]
    return client.get(f"{own(service)}&ticket={TICKET}")


def comes_back_from_openid(client: PageClient) -> TestResponse:
    with requests.get(leaves(client), allow_redirects=False, timeout=PATIENCE) as answer:
        return client.get(own(answer.headers["Location"]))


@contextmanager
def cas_validation(database: Database, elsewhere: str) -> Iterator[Callable[[PageClient], TestResponse]]:
    declared(database, f"{elsewhere}/cas")
    yield comes_back_from_cas


@contextmanager
def openid_discovery(database: Database, elsewhere: str) -> Iterator[Callable[[PageClient], TestResponse]]:
    declared_openid(database, elsewhere)
    yield lambda client: client.get(DOOR)


@contextmanager
def openid_token(database: Database, elsewhere: str) -> Iterator[Callable[[PageClient], TestResponse]]:
    with openid_server.opened() as provider:
        provider.document["token_endpoint"] = f"{elsewhere}/token"
        declared_openid(database, provider.issuer)
        yield comes_back_from_openid


def shown(client: PageClient, failed: TestResponse) -> TestResponse:
    """The page where a failure ends; what it holds is said in plain spaces."""
    assert failed.status_code == 303, failed.text
    assert failed.headers["Location"].startswith(f"{DOOR}/echec?motif=")
    assert failed.headers["Cache-Control"] == "no-store"
    assert failed.headers["Referrer-Policy"] == "no-referrer"
    return client.get(failed.headers["Location"])


def plain(page: TestResponse) -> str:
    return page.text.replace(NBSP, " ").replace(THIN, " ")


def reference(page: TestResponse) -> str:
    found = re.search(r"<code>([0-9a-f]{16})</code>", page.text)
    assert found, page.text
    return found[1]


def told(caplog: pytest.LogCaptureFixture) -> Any:
    (line,) = [record for record in caplog.records if record.name == "logitheque.signin"]
    return line


@pytest.fixture
def visitor(own_app: Flask) -> PageClient:
    """Of a catalogue that has something to show."""
    return PageClient(own_app, own_app.response_class)


@pytest.mark.parametrize("how", FAULTS)
@pytest.mark.parametrize("where", [cas_validation, openid_discovery, openid_token])
def test_an_ent_that_fails_is_named_with_whom_to_ask_and_nothing_is_stored(
    visitor: PageClient, tmp_path: Path, caplog: pytest.LogCaptureFixture, *, where: Any, how: str
) -> None:
    caplog.set_level(logging.DEBUG)
    database = visitor.application.extensions["logitheque"].database
    status, title, happened = FAULTS[how]
    with wrong(how, tmp_path) as elsewhere, where(database, elsewhere) as fail:
        before = everything(database)
        page = shown(visitor, fail(visitor))
        assert visitor.get("/catalogue").status_code == 200
    assert page.status_code == status
    text = plain(page)
    assert f"<h1>{title}</h1>" in text
    assert happened in text
    assert LABEL in text
    assert f'href="mailto:{CONTACT}"' in text
    assert f'href="{DOOR}"' in text
    assert 'href="/catalogue"' in text
    line = told(caplog)
    assert line.request_id == reference(page), "what people quote is what an operator finds"
    assert line.provider == "essai"
    assert everything(database) == before
    assert not any(visitor.get_cookie(name) for name in (SESSION, "connexion"))


def test_a_failure_says_whom_to_ask_even_of_an_ent_that_gave_no_contact(database: Database, client: PageClient) -> None:
    declared(database, closed_port(), contact="")
    text = plain(shown(client, comes_back_from_cas(client)))
    assert "à l’assistance de votre ENT, ou à votre référent·e numérique" in text
    assert "mailto:" not in text.partition("<main")[2].partition("</main>")[0]


@pytest.mark.parametrize(
    ("body", "motive", "status"),
    [
        (FAILURE.format("INVALID_TICKET", f"Ticket {TICKET} of DEMO-3141592 not recognized"), Motive.DENIED, 403),
        (SUCCESS.format("agathe.oriol@ac-demo.example", ""), Motive.NOBODY, 403),
        (SUCCESS.format("0999901Z", ""), Motive.NOBODY, 403),
        (SUCCESS.format("DEMO-3141592", "<cas:attributes><cas:sn>ORIOL</cas:sn></cas:attributes>"), Motive.UNSAID, 403),
        (SUCCESS.format("DEMO-3141592", "<cas:user>DEMO-2718281</cas:user>"), Motive.UNREADABLE, 502),
        (f"DEMO-3141592 {TICKET} agathe.oriol", Motive.UNREADABLE, 502),
    ],
)
def test_a_refusal_is_logged_without_ticket_state_or_identifier(
    database: Database, client: PageClient, caplog: pytest.LogCaptureFixture, *, body: str, motive: Motive, status: int
) -> None:
    caplog.set_level(logging.DEBUG)
    with answering(Reply(body.encode())) as server:
        declared(database, server.url)
        before = everything(database)
        (service,) = parse_qs(urlsplit(leaves(client)).query)["service"]
        (pending,) = rows(database, PendingSignIn)
        page = shown(client, client.get(f"{own(service)}&ticket={TICKET}"))
    assert page.status_code == status
    line = told(caplog)
    assert (line.motive, line.request_id) == (motive, reference(page))
    said = str([record.__dict__ for record in caplog.records]) + page.text
    for secret in (TICKET, pending.state, pending.nonce, pending.verifier, "3141592", "2718281", "agathe", "ORIOL", "0999901Z"):
        assert secret not in said, secret
    assert everything(database) == before


def test_a_refusal_of_openid_is_logged_without_code_or_identifier(
    database: Database, client: PageClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with openid_server.opened() as provider:
        declared_openid(database, provider.issuer)
        before = everything(database)
        page = shown(client, comes_back_from_openid(client))
        assert (page.status_code, told(caplog).motive) == (403, Motive.UNSAID)
        said = str([record.__dict__ for record in caplog.records]) + page.text
        for secret in (*provider.spent, openid_server.SECRET, str(openid_server.PERSON["sub"]), "Le Goff", "0999901Z"):
            assert secret not in said, secret
    assert everything(database) == before


SCRIPT = "<script>alert(1)</script>"


@pytest.mark.parametrize(
    "asked",
    [
        {"motif": SCRIPT},
        {"motif": "unknown", "reference": SCRIPT},
        {"motif": "expired", "reference": "0123456789ABCDEF"},
        {"motif": "expired", "reference": "0123456789abcdef0"},
        {"motif": "EXPIRED", "reference": "appelez le 0800 00 00 00"[:16]},
        {"motif": "expired", "reference": "", "ent": "Autre ENT", "contact": "voleur@evil.example", "happened": "Rappelez-nous"},
        {},
    ],
)
def test_a_forged_address_shows_our_own_words_only(database: Database, client: PageClient, asked: dict[str, str]) -> None:
    declared(database, closed_port())
    page = client.get(f"{DOOR}/echec", query_string=asked)
    assert page.status_code == 400
    text = plain(page)
    assert "<h1>La connexion a trop attendu</h1>" in text
    assert "Référence à donner" not in text
    for word in asked.values():
        assert not word or word in {"expired", "unknown"} or word not in text, word


@pytest.mark.parametrize("motive", Motive)
def test_each_motive_has_its_page(database: Database, client: PageClient, motive: Motive) -> None:
    declared(database, closed_port())
    page = client.get(f"{DOOR}/echec", query_string={"motif": motive, "reference": "0123456789abcdef"})
    assert 400 <= page.status_code < 600
    assert ('href="mailto:' in page.text) is (motive is not Motive.NOT_FOR_YOU), "no one is asked to reopen to a pupil"
    assert 'href="/catalogue"' in page.text


@pytest.mark.parametrize("way", ["", "/retour/", f"/retour/?ticket={TICKET}", "/echec?motif=slow"])
@pytest.mark.parametrize("traits", [{"enabled": False}, {"slug": "autre"}], ids=["closed", "unknown"])
def test_the_addresses_of_an_ent_that_is_closed_or_unknown_lead_nowhere(
    database: Database, client: PageClient, way: str, traits: dict[str, Any]
) -> None:
    declared(database, closed_port(), **traits)
    before = everything(database)
    assert client.get(f"{DOOR}{way}").status_code == 404
    assert everything(database) == before


@pytest.mark.parametrize("way", ["/retour/", "/fin"])
def test_an_ent_that_is_closed_ends_no_session_either(database: Database, client: PageClient, way: str) -> None:
    declared(database, closed_port(), enabled=False)
    assert client.post(f"{DOOR}{way}", data={"logout_token": "x", "logoutRequest": "x"}).status_code == 404


CONFIRM = "/mon-compte/confirmer"


def change(database: Database, **traits: Any) -> None:
    database.write(lambda session: session.execute(sa.update(Provider).values(**traits)))


def test_confirming_asks_the_password_again_and_marks_that_session(browser: Browser, database: Database) -> None:
    browser.comes_in("enseignante")
    (held,) = rows(database, OpenSession)
    assert held.proved_at is None, "coming in proves nothing"
    sent = browser.client.get(CONFIRM, query_string={"retour": "/listes"})
    assert sent.status_code == 303
    assert parse_qs(urlsplit(sent.headers["Location"]).query)["renew"] == ["true"]
    arrived = browser.client.get(browser.signs_in_there("enseignante", sent.headers["Location"]))
    assert (arrived.status_code, arrived.headers["Location"]) == (303, "/listes")
    (proved,) = rows(database, OpenSession)
    assert proved.proved_at is not None
    assert proved.digest != held.digest, "ids are never carried over"
    assert browser.client.get("/mon-compte").status_code == 200


def test_an_ent_that_proves_nothing_confirms_nobody(browser: Browser, database: Database) -> None:
    browser.comes_in("enseignante")
    change(database, proves_fresh=False, contact=CONTACT)
    before = everything(database)
    failed = browser.client.get(CONFIRM, query_string={"retour": "/listes"})
    assert failed.status_code == 303
    assert "motif=not_fresh" in failed.headers["Location"]
    page = browser.client.get(failed.headers["Location"])
    assert page.status_code == 403
    assert "Votre mot de passe n’a pas été redemandé" in plain(page)
    assert CONTACT in page.text
    assert everything(database) == before
    assert rows(database, OpenSession)[0].proved_at is None
    assert browser.client.get("/mon-compte").status_code == 200, "one stays signed in"


def test_an_ent_that_no_longer_proves_when_one_comes_back_marks_nothing(browser: Browser, database: Database) -> None:
    browser.comes_in("enseignante")
    there = browser.client.get(CONFIRM).headers["Location"]
    change(database, proves_fresh=False)
    browser.client.get(browser.signs_in_there("enseignante", there))
    (held,) = rows(database, OpenSession)
    assert held.proved_at is None


@pytest.mark.parametrize(
    "body",
    ["no\n", SUCCESS.format("DEMO-1", "<cas:attributes><cas:isFromNewLogin>false</cas:isFromNewLogin></cas:attributes>")],
    ids=["a bare no", "an old login"],
)
def test_a_password_that_was_not_asked_again_marks_nothing_and_ends_nothing(
    browser: Browser, database: Database, body: str
) -> None:
    browser.comes_in("enseignante")
    before = everything(database)
    with answering(Reply(body.encode())) as server:
        change(database, base_url=server.url)
        failed = comes_back_from_cas(browser.client, CONFIRM).headers["Location"]
    assert "motif=not_fresh" in failed
    assert everything(database) == before
    assert rows(database, OpenSession)[0].proved_at is None
    assert browser.client.get("/mon-compte").status_code == 200


@pytest.mark.parametrize("is_down", [False, True], ids=["up", "down"])
def test_signing_out_here_does_not_depend_on_the_ent(database: Database, client: PageClient, is_down: bool) -> None:
    with openid_server.opened() as provider:
        declared_openid(database, provider.issuer, adults_only=True)
        assert comes_back_from_openid(client).status_code == 303
        assert len(rows(database, OpenSession)) == 1
        KNOWN._kept.clear()
        if is_down:
            provider.instead[DISCOVERY] = openid_server.Said(HTML, "text/html", 503)
        left = client.post("/deconnexion", headers=HERE)
    assert left.status_code == 200
    assert "Vous êtes déconnecté" in left.text
    assert left.headers.get("Refresh", "").startswith(f"0; url={provider.issuer}/logout") is not is_down
    assert ("Votre ENT est prévenu" in left.text) is not is_down
    assert not rows(database, OpenSession)
    assert not client.get_cookie(SESSION)
    assert client.get("/mon-compte").status_code == 303
