"""The CAS client and a real CAS server, django-cas-server: a ticket from its login form to its single logout."""

from collections.abc import Iterator
from urllib.parse import parse_qsl

import pytest

from portal.signin.cas import ended_ticket, login_url, logout_url, validate
from portal.signin.models import Protocol, Provider, Validation
from portal.signin.refusals import Motive, SignInRefused
from tests.data.ent_servers import Reply, answering
from tests.peers.django_cas_running import Browser, running

SERVICE = "http://127.0.0.1:1/connexion/ent/retour/?etat=a-b_c&x=é"
WAYS = [Validation.P3, Validation.SERVICE, Validation.PROXY, Validation.SAML]


@pytest.fixture(scope="module")
def base_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running(tmp_path_factory.mktemp("cas")) as address:
        yield address


@pytest.fixture
def browser() -> Iterator[Browser]:
    browser = Browser()
    yield browser
    browser.close()


def provider(base_url: str, validation: Validation = Validation.P3) -> Provider:
    return Provider(slug="ent", label="ENT", protocol=Protocol.CAS, base_url=base_url, validation=validation)


def refused(ent: Provider, service: str, ticket: str, *, fresh: bool = False) -> Motive:
    with pytest.raises(SignInRefused) as refusal:
        validate(ent, service, ticket, fresh=fresh)
    assert ticket not in str(refusal.value)
    return refusal.value.motive


def login(base_url: str, *, fresh: bool = False) -> str:
    """The server knows no `TARGET` at login: its tickets, of one kind, are good for all its ways."""
    return login_url(provider(base_url), SERVICE, fresh=fresh)


@pytest.mark.parametrize("validation", WAYS)
def test_who_signs_in_there_is_known_here_once(validation: Validation, base_url: str, browser: Browser) -> None:
    ent = provider(base_url, validation)
    ticket = browser.ticket(login(base_url))
    answer = validate(ent, SERVICE, ticket)
    assert answer.subject == "agathe.oriol"
    assert answer.said["sn"] == ("ORIOL–LEFÈVRE",)
    assert answer.said["givenName"] == ("Agathe & Zoë <Éloïse>",)
    assert answer.said["ENTPersonStructRattachRNE"] == ("0999901Z", "0999902A", "0999903B")
    assert refused(ent, SERVICE, ticket) is Motive.DENIED


@pytest.mark.parametrize("validation", WAYS)
def test_the_subject_may_be_another_attribute(validation: Validation, base_url: str, browser: Browser) -> None:
    ent = provider(base_url, validation)
    ent.subject_attribute = "uid"
    assert validate(ent, SERVICE, browser.ticket(login(base_url))).subject == "DEMO-3141592"


@pytest.mark.parametrize("validation", WAYS)
def test_a_ticket_is_good_for_its_own_service_only(validation: Validation, base_url: str, browser: Browser) -> None:
    ent = provider(base_url, validation)
    ticket = browser.ticket(login(base_url))
    assert refused(ent, SERVICE.replace("ent", "autre"), ticket) is Motive.DENIED
    assert refused(ent, SERVICE, ticket) is Motive.DENIED


@pytest.mark.parametrize("validation", WAYS)
def test_a_session_that_is_open_proves_no_new_login(validation: Validation, base_url: str, browser: Browser) -> None:
    ent = provider(base_url, validation)
    validate(ent, SERVICE, browser.ticket(login(base_url)))
    ticket = browser.ticket(login(base_url))
    assert not browser.was_asked
    motive = Motive.NOT_FRESH if validation is Validation.SAML else Motive.DENIED
    assert refused(ent, SERVICE, ticket, fresh=True) is motive


@pytest.mark.parametrize("validation", WAYS)
def test_a_new_login_asks_the_password_again_and_proves_it(validation: Validation, base_url: str, browser: Browser) -> None:
    ent = provider(base_url, validation)
    validate(ent, SERVICE, browser.ticket(login(base_url)))
    ticket = browser.ticket(login(base_url, fresh=True))
    assert browser.was_asked
    assert validate(ent, SERVICE, ticket, fresh=True).subject == "agathe.oriol"


@pytest.mark.parametrize("ticket", ["ST-1&service=http://127.0.0.1:1/", "ST-</samlp:AssertionArtifact>", "ST-unknown"])
@pytest.mark.parametrize("validation", WAYS)
def test_an_invented_ticket_is_refused(validation: Validation, ticket: str, base_url: str) -> None:
    assert refused(provider(base_url, validation), SERVICE, ticket) is Motive.DENIED


def test_signing_out_there_tells_here_which_ticket_has_ended(base_url: str, browser: Browser) -> None:
    ent = provider(base_url)
    with answering(Reply()) as portal:
        service = f"{portal.url}/connexion/ent/retour/"
        ticket = browser.ticket(login_url(ent, service))
        validate(ent, service, ticket)
        assert browser.sign_out(logout_url(ent, f"{portal.url}/?x=1&y=é")) == f"{portal.url}/?x=1&y=%C3%A9"
    [told] = portal.asked
    assert (told.method, told.path) == ("POST", "/connexion/ent/retour/")
    assert ended_ticket(b"", dict(parse_qsl(told.body.decode()))) == ticket
