"""What LemonLDAP::NG, a real one, says to the portal: through CAS, through OpenID, and when somebody leaves."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from queue import SimpleQueue
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from portal.clock import utc_now
from portal.signin import cas
from portal.signin.claims import Claims, Profile, understand
from portal.signin.envelopes import Answer
from portal.signin.models import Protocol, Provider
from portal.signin.oidc import Arrived, Client
from portal.signin.refusals import Motive, SignInRefused
from tests.peers.lemonldap import configuration
from tests.peers.lemonldap.browser import Browser
from tests.peers.lemonldap.serving import CAS_BARE, CAS_WITH_ATTRIBUTES, OIDC, LemonLDAP

pytest_plugins = ("tests.peers.lemonldap.fixtures",)


def cas_provider(lemonldap: LemonLDAP, slug: str = CAS_WITH_ATTRIBUTES) -> Provider:
    return Provider(slug=slug, label="LemonLDAP", protocol=Protocol.CAS, base_url=lemonldap.cas_url)


def arrive(browser: Browser, provider: Provider, *, fresh: bool = False) -> tuple[str, str]:
    """The service, and the ticket with which LemonLDAP sends back to it."""
    service = browser.lemonldap.service(provider.slug) + "?etat=d0f3"
    back = browser.visit(cas.login_url(provider, service, fresh=fresh))
    said = dict(parse_qsl(urlsplit(back).query))
    ticket = said.pop("ticket")
    assert back.startswith(service)
    assert said == {"etat": "d0f3"}
    return service, ticket


def claims(browser: Browser, provider: Provider) -> Claims:
    return understand(cas.validate(provider, *arrive(browser, provider)))


def test_cas_brings_accents_and_all_schools(lemonldap: LemonLDAP) -> None:
    with Browser(lemonldap, "elefevre") as browser:
        said = claims(browser, cas_provider(lemonldap))
    assert (said.subject, said.given_name, said.family_name) == ("XAA00101", "Éloïse", "LEFÈVRE-D'ARTAGNAN")
    assert said.schools == ("0999901Z", "0999902A")
    assert said.profiles == {Profile.TEACHER}
    assert said.email == "eloise.lefevre@ac-demo.example"


@pytest.mark.parametrize(
    ("uid", "profiles"),
    [
        ("jmartin", {Profile.HEAD}),
        ("pbernard", {Profile.LIBRARIAN, Profile.GUARDIAN}),
        ("lpetit", {Profile.PUPIL}),
        ("npetit", {Profile.GUARDIAN}),
    ],
)
def test_cas_says_who_somebody_is(lemonldap: LemonLDAP, uid: str, profiles: set[Profile]) -> None:
    with Browser(lemonldap, uid) as browser:
        assert claims(browser, cas_provider(lemonldap)).profiles == profiles


def test_a_cas_service_without_attributes_names_the_person_alone(lemonldap: LemonLDAP) -> None:
    with Browser(lemonldap, "jmartin") as browser:
        said = claims(browser, cas_provider(lemonldap, CAS_BARE))
    assert said == understand(Answer("jmartin", {}))


def test_a_name_that_breaks_the_answer_of_this_version_is_refused_without_guessing(lemonldap: LemonLDAP) -> None:
    """LemonLDAP 2.16 does not escape values: « Anne & Marc » makes what it sends no XML any more."""
    provider = cas_provider(lemonldap)
    with Browser(lemonldap, "amprat") as browser:
        service, ticket = arrive(browser, provider)
    with pytest.raises(SignInRefused) as refusal:
        cas.validate(provider, service, ticket)
    assert refusal.value.motive is Motive.UNREADABLE


def test_a_ticket_is_refused_the_second_time(lemonldap: LemonLDAP) -> None:
    provider = cas_provider(lemonldap)
    with Browser(lemonldap, "elefevre") as browser:
        service, ticket = arrive(browser, provider)
    cas.validate(provider, service, ticket)
    with pytest.raises(SignInRefused) as refusal:
        cas.validate(provider, service, ticket)
    assert refusal.value.motive is Motive.DENIED


def test_cas_asks_the_password_once_then_again_only_when_it_must_be_fresh(lemonldap: LemonLDAP) -> None:
    provider = cas_provider(lemonldap)
    with Browser(lemonldap, "jmartin") as browser:
        cas.validate(provider, *arrive(browser, provider))
        lemonldap.let_time_pass()
        cas.validate(provider, *arrive(browser, provider))
        assert browser.asked == 1
        cas.validate(provider, *arrive(browser, provider, fresh=True), fresh=True)
        assert browser.asked == 2


def test_a_login_of_long_ago_does_not_pass_for_a_fresh_one_through_cas(lemonldap: LemonLDAP) -> None:
    """The browser can take `renew` out of the address of the login: validation is what proves."""
    provider = cas_provider(lemonldap)
    with Browser(lemonldap, "jmartin") as browser:
        arrive(browser, provider)
        lemonldap.let_time_pass()
        service, ticket = arrive(browser, provider)
    with pytest.raises(SignInRefused) as refusal:
        cas.validate(provider, service, ticket, fresh=True)
    assert refusal.value.motive is Motive.NOT_FRESH


@contextmanager
def playing_the_portal(lemonldap: LemonLDAP) -> Iterator["SimpleQueue[tuple[str, bytes]]"]:
    """The path and the body of each POST that comes."""
    came: SimpleQueue[tuple[str, bytes]] = SimpleQueue()

    class Portal(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            came.put((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_said: object) -> None:
            """Nobody reads it."""

    with HTTPServer(("127.0.0.1", urlsplit(lemonldap.portal).port or 0), Portal) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield came
        finally:
            server.shutdown()
            thread.join()


def test_leaving_lemonldap_tells_the_portal_which_ticket_ends(lemonldap: LemonLDAP) -> None:
    provider = cas_provider(lemonldap)
    goodbye = f"{lemonldap.portal}/connexion/au-revoir"
    with Browser(lemonldap, "elefevre") as browser, playing_the_portal(lemonldap) as came:
        service, ticket = arrive(browser, provider)
        cas.validate(provider, service, ticket)
        assert browser.visit(cas.logout_url(provider, goodbye)) == goodbye
        path, body = came.get(timeout=20)
    assert path == service.removeprefix(lemonldap.portal)
    assert cas.ended_ticket(body, {name: values[0] for name, values in parse_qs(body.decode()).items()}) == ticket


STATE, NONCE, VERIFIER = "e" * 43, "n" * 43, "v" * 43


def openid(lemonldap: LemonLDAP) -> Client:
    provider = Provider(
        slug=OIDC,
        label="LemonLDAP",
        protocol=Protocol.OIDC,
        base_url=lemonldap.issuer,
        client_id=lemonldap.client_id,
        scopes="openid profile email ent",
    )
    return Client(provider, lemonldap.client_secret, lemonldap.service(OIDC))


def come_in(browser: Browser, client: Client, *, fresh: bool = False, verifier: str = VERIFIER) -> Arrived:
    back = browser.visit(client.login_url(state=STATE, nonce=NONCE, verifier=VERIFIER, fresh=fresh))
    assert back.startswith(client.callback + "?")
    query = dict(parse_qsl(urlsplit(back).query))
    return client.finish(query, state=STATE, nonce=NONCE, verifier=verifier, now=utc_now(), fresh=fresh)


def test_openid_brings_accents_and_all_schools(lemonldap: LemonLDAP) -> None:
    with Browser(lemonldap, "elefevre") as browser:
        arrived = come_in(browser, openid(lemonldap))
    said = understand(arrived.answer)
    assert (said.subject, said.given_name, said.family_name) == ("XAA00101", "Éloïse", "LEFÈVRE-D'ARTAGNAN")
    assert said.schools == ("0999901Z", "0999902A")
    assert said.profiles == {Profile.TEACHER}


def test_a_name_that_cas_cannot_carry_comes_through_openid(lemonldap: LemonLDAP) -> None:
    with Browser(lemonldap, "amprat") as browser:
        assert understand(come_in(browser, openid(lemonldap)).answer).given_name == "Anne & Marc"


def test_one_person_is_the_same_subject_through_both_protocols(lemonldap: LemonLDAP) -> None:
    with Browser(lemonldap, "pbernard") as browser:
        through_cas, through_openid = (
            claims(browser, cas_provider(lemonldap)),
            understand(come_in(browser, openid(lemonldap)).answer),
        )
        assert browser.asked == 1
    assert through_cas == through_openid


def test_a_code_is_refused_to_whoever_did_not_ask_for_it(lemonldap: LemonLDAP) -> None:
    with Browser(lemonldap, "elefevre") as browser, pytest.raises(SignInRefused) as refusal:
        come_in(browser, openid(lemonldap), verifier="w" * 43)
    assert refusal.value.motive is Motive.DENIED


def test_openid_asks_the_password_again_when_it_must_be_fresh(lemonldap: LemonLDAP) -> None:
    """LemonLDAP 2.16 hears `prompt=login`; `max_age=0` alone is nothing to it, zero being false in Perl."""
    client = openid(lemonldap)
    with Browser(lemonldap, "jmartin") as browser:
        first = come_in(browser, client)
        lemonldap.let_time_pass()
        come_in(browser, client)
        assert browser.asked == 1
        again = come_in(browser, client, fresh=True)
        assert browser.asked == 2
    assert first.auth_time
    assert again.auth_time
    assert again.auth_time >= first.auth_time


def test_a_login_of_long_ago_does_not_pass_for_a_fresh_one_through_openid(lemonldap: LemonLDAP) -> None:
    """As if the browser had changed the question on its way: the answer still says when the password was typed."""
    client = openid(lemonldap)
    with Browser(lemonldap, "jmartin") as browser:
        come_in(browser, client)
        lemonldap.let_time_pass()
        back = browser.visit(client.login_url(state=STATE, nonce=NONCE, verifier=VERIFIER))
    query = dict(parse_qsl(urlsplit(back).query))
    with pytest.raises(SignInRefused) as refusal:
        client.finish(query, state=STATE, nonce=NONCE, verifier=VERIFIER, now=utc_now(), fresh=True)
    assert refusal.value.motive is Motive.NOT_FRESH


def test_leaving_through_openid_comes_back_to_say_goodbye(lemonldap: LemonLDAP) -> None:
    client = openid(lemonldap)
    goodbye = f"{lemonldap.portal}/connexion/au-revoir"
    with Browser(lemonldap, "elefevre") as browser:
        leave = client.logout_url(come_in(browser, client).id_token, goodbye, "s4")
        assert leave
        assert browser.visit(leave) == f"{goodbye}?state=s4"
        come_in(browser, client)
        assert browser.asked == 2


def test_a_lemonldap_that_does_not_start_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(configuration, "INI", "[all]\n")
    with (
        pytest.raises(RuntimeError, match="Could not read configuration"),
        LemonLDAP(tmp_path / "broken", "http://127.0.0.1:9"),
    ):
        raise AssertionError("It started.")
