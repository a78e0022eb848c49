"""The CAS client before servers that answer, lie, drag or are not there: real ones, on this machine."""

import logging
import socket
import time
import traceback
from collections.abc import Callable
from itertools import repeat
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from portal.signin.asking import LIMIT, ask
from portal.signin.cas import ENDED_LIMIT, ended_ticket, login_url, logout_url, validate
from portal.signin.models import Protocol, Provider, Validation
from portal.signin.refusals import Motive, SignInRefused
from tests.data.ent_servers import (
    FAILURE,
    PATIENCE,
    SUCCESS,
    Asked,
    BurningCas,
    Reply,
    answering,
    closed_port,
    identity,
    speaking,
)

SERVICE = "https://logitheque.example/connexion/ent/retour/?etat=a-b_c&x=1"
TICKET = "ST-7-x1Y.z_0123456789abcdef"
SOON = 0.3
OK = Reply(SUCCESS.format("DEMO-3141592", "").encode())
SAML_ANSWER = (
    '<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Header/><SOAP-ENV:Body>'
    '<Response xmlns="urn:oasis:names:tc:SAML:1.0:protocol"><Status><StatusCode Value="samlp:Success"/></Status>'
    '<Assertion xmlns="urn:oasis:names:tc:SAML:1.0:assertion"><AttributeStatement>'
    "<Subject><NameIdentifier>DEMO-3141592</NameIdentifier></Subject>{}</AttributeStatement></Assertion></Response>"
    "</SOAP-ENV:Body></SOAP-ENV:Envelope>"
)
NEW_LOGIN = '<Attribute AttributeName="isFromNewLogin"><AttributeValue>{}</AttributeValue></Attribute>'


def provider(base_url: str, validation: Validation = Validation.P3) -> Provider:
    return Provider(slug="ent", label="ENT", protocol=Protocol.CAS, base_url=base_url, validation=validation)


def refused(base_url: str, ticket: str = TICKET, validation: Validation = Validation.P3, *, fresh: bool = False) -> SignInRefused:
    with pytest.raises(SignInRefused) as refusal:
        validate(provider(base_url, validation), SERVICE, ticket, fresh=fresh, seconds=5)
    return refusal.value


def query(url: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(url).query, strict_parsing=True)


# Where a browser is sent


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("validation", Validation)
def test_a_browser_is_sent_with_the_whole_service_as_one_parameter(validation: Validation, fresh: bool) -> None:
    url = login_url(provider("https://ent.example/cas", validation), SERVICE, fresh=fresh)
    assert url.startswith("https://ent.example/cas/login?")
    name = "TARGET" if validation is Validation.SAML else "service"
    assert query(url) == {name: [SERVICE]} | ({"renew": ["true"]} if fresh else {})


def test_signing_out_comes_back_when_there_is_somewhere_to_come_back_to() -> None:
    ent = provider("https://ent.example/cas")
    assert logout_url(ent) == "https://ent.example/cas/logout"
    assert query(logout_url(ent, SERVICE)) == {"service": [SERVICE]}


# Validation


@pytest.mark.parametrize("validation", [Validation.P3, Validation.SERVICE, Validation.PROXY])
def test_a_good_ticket_says_who_comes(validation: Validation) -> None:
    cas = BurningCas(more="<cas:attributes><cas:sn>Hélène d’Arc</cas:sn><cas:UAI>0999901Z</cas:UAI></cas:attributes>")
    with answering(cas) as server:
        answer = validate(provider(server.url + "/cas", validation), SERVICE, cas.issue(SERVICE))
    assert answer.subject == "DEMO-3141592"
    assert answer.said == {"sn": ("Hélène d’Arc",), "UAI": ("0999901Z",)}
    [asked] = server.asked
    assert (asked.method, asked.path, asked.body) == ("GET", f"/cas/{validation}", b"")
    assert set(asked.query) == {"service", "ticket"}


def test_the_attribute_that_names_the_person_is_the_one_of_the_provider() -> None:
    cas = BurningCas(user="0999901Z", more="<cas:uid>DEMO-1</cas:uid>")
    with answering(cas) as server:
        ent = provider(server.url)
        ent.subject_attribute = "uid"
        assert validate(ent, SERVICE, cas.issue(SERVICE)).subject == "DEMO-1"


@pytest.mark.parametrize("kind", ["text/xml", "application/xml", "application/soap+xml", "text/html", ""])
def test_the_type_of_the_answer_is_not_looked_at(kind: str) -> None:
    with answering(Reply(OK.body, headers={"Content-Type": kind} if kind else {})) as server:
        assert validate(provider(server.url), SERVICE, TICKET).subject == "DEMO-3141592"


def test_a_ticket_is_refused_the_second_time() -> None:
    cas = BurningCas()
    ticket = cas.issue(SERVICE)
    with answering(cas) as server:
        assert validate(provider(server.url), SERVICE, ticket).subject == "DEMO-3141592"
        assert refused(server.url, ticket).motive is Motive.DENIED


def test_a_ticket_of_another_service_is_refused_and_burnt() -> None:
    cas = BurningCas()
    ticket = cas.issue("https://other.example/")
    with answering(cas) as server:
        assert refused(server.url, ticket).motive is Motive.DENIED
        with pytest.raises(SignInRefused, match="INVALID_TICKET"):
            validate(provider(server.url), "https://other.example/", ticket)


def test_a_new_login_is_asked_at_validation_too_or_it_proves_nothing() -> None:
    cas = BurningCas()
    with answering(cas) as server:
        assert validate(provider(server.url), SERVICE, cas.issue(SERVICE, new_login=True), fresh=True)
        assert server.asked[-1].query["renew"] == ["true"]
        assert refused(server.url, cas.issue(SERVICE), fresh=True).motive is Motive.DENIED
        assert validate(provider(server.url), SERVICE, cas.issue(SERVICE))


@pytest.mark.parametrize(("fresh", "motive"), [(True, Motive.NOT_FRESH), (False, Motive.DENIED)])
def test_the_no_of_lemonldap_means_that_the_login_is_not_new_when_that_was_asked(fresh: bool, motive: Motive) -> None:
    with answering(Reply(b"no\n\n")) as server:
        assert refused(server.url, fresh=fresh).motive is motive


@pytest.mark.parametrize("name", ["isFromNewLogin", "isfromnewlogin"])
def test_a_server_that_ignores_renew_and_says_so_is_not_believed(name: str) -> None:
    with answering(
        Reply(SUCCESS.format("DEMO-1", f"<cas:attributes><cas:{name}>false</cas:{name}></cas:attributes>").encode())
    ) as server:
        assert refused(server.url, fresh=True).motive is Motive.NOT_FRESH
        assert validate(provider(server.url), SERVICE, TICKET).subject == "DEMO-1"


@pytest.mark.parametrize(
    ("said", "is_proof"),
    [("", False), (NEW_LOGIN.format("false"), False), (NEW_LOGIN.format("true"), True), (NEW_LOGIN.format("true") * 2, True),
     (NEW_LOGIN.format("true") + NEW_LOGIN.format("false"), False)],
)  # fmt: skip
def test_saml_must_say_that_the_login_is_new_since_renew_is_no_part_of_it(said: str, is_proof: bool) -> None:
    with answering(Reply(SAML_ANSWER.format(said).encode())) as server:
        if is_proof:
            assert validate(provider(server.url, Validation.SAML), SERVICE, TICKET, fresh=True).subject == "DEMO-3141592"
        else:
            assert refused(server.url, validation=Validation.SAML, fresh=True).motive is Motive.NOT_FRESH
        assert server.asked[-1].query == {"TARGET": [SERVICE], "renew": ["true"]}
        assert validate(provider(server.url, Validation.SAML), SERVICE, TICKET)


# What a ticket may hold: it comes from the address bar of anybody

MALFORMED = [
    "",
    "ST-",
    "st-1",
    "PT-1",
    "ST 1",
    "x ST-1",
    "ST-1\n",
    "ST-1\r\nHost: evil",
    "ST-é",
    "ST-1\x00",
    "ST-1\u2028",
    "ST-" + "1" * 1021,
]


@pytest.mark.parametrize("ticket", MALFORMED)
def test_what_has_not_the_shape_of_a_ticket_is_not_even_asked(ticket: str) -> None:
    with answering(OK) as server:
        assert refused(server.url, ticket).motive is Motive.UNREADABLE
        assert server.asked == []


@pytest.mark.parametrize("artifact", ["", "a b", "a\n", "é", "A" * 1024])
def test_what_has_not_the_shape_of_an_artifact_is_not_even_asked(artifact: str) -> None:
    with answering(OK) as server:
        assert refused(server.url, artifact, Validation.SAML).motive is Motive.UNREADABLE
        assert server.asked == []


INJECTIONS = [
    "ST-1&service=https://evil.example/",
    "ST-1&ticket=ST-2",
    "ST-1#&renew=false",
    "ST-1%26service=https://evil.example/",
    "ST-1;service=https://evil.example/",
    "ST-1+2%20%0d%0aX",
    "ST-1</samlp:AssertionArtifact><samlp:AssertionArtifact>ST-2",
    "ST-1]]>&amp;<!--",
    "ST-{id}{ticket}",
    "ST-" + "1" * 1020,
]


@pytest.mark.parametrize("ticket", INJECTIONS)
def test_no_ticket_changes_the_question(ticket: str) -> None:
    with answering(OK) as server:
        validate(provider(server.url), SERVICE, ticket)
    assert server.asked[0].query == {"service": [SERVICE], "ticket": [ticket]}
    assert server.asked[0].path == "/p3/serviceValidate"


@pytest.mark.parametrize("ticket", [*INJECTIONS, "AAEwMjM0NTY3ODkwMTIzNDU2Nzg5+/=="])
def test_no_artifact_changes_the_envelope(ticket: str) -> None:
    with answering(Reply(SAML_ANSWER.format("").encode())) as server:
        assert validate(provider(server.url, Validation.SAML), SERVICE, ticket).subject == "DEMO-3141592"
    [asked] = server.asked
    assert (asked.method, asked.path, asked.query) == ("POST", "/samlValidate", {"TARGET": [SERVICE]})
    assert asked.headers["Content-Type"] == "text/xml; charset=utf-8"
    [request] = fromstring(asked.body)[1]
    assert [element.text for element in request] == [ticket]


# Servers that are not there, drag, or answer something else


@pytest.mark.parametrize(
    ("body", "motive"),
    [
        (b"<!DOCTYPE html><html><body>Connexion</body></html>", Motive.UNREADABLE),
        (b"INVALID_SERVICE", Motive.UNREADABLE),
        (b"", Motive.UNREADABLE),
        (OK.body[:-10], Motive.UNREADABLE),
        (FAILURE.format("INVALID_SERVICE", "").encode(), Motive.DENIED),
        (b'<!DOCTYPE x [<!ENTITY a "DEMO-1">]>' + SUCCESS.format("&a;", "").encode(), Motive.UNREADABLE),
        (SUCCESS.format("", "").encode(), Motive.NOBODY),
    ],
)
def test_an_answer_that_is_not_a_yes_is_a_motive(body: bytes, motive: Motive) -> None:
    with answering(Reply(body)) as server:
        assert refused(server.url).motive is motive


@pytest.mark.parametrize(
    ("status", "motive"),
    [(500, Motive.UNREACHABLE), (502, Motive.UNREACHABLE), (503, Motive.UNREACHABLE), (429, Motive.UNREACHABLE)]
    + [(status, Motive.UNREADABLE) for status in (201, 204, 400, 401, 403, 404)],
)
def test_a_success_under_a_wrong_status_is_none(status: int, motive: Motive) -> None:
    with answering(Reply(OK.body, status)) as server:
        assert refused(server.url).motive is motive


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("validation", [Validation.P3, Validation.SAML])
def test_a_ticket_does_not_follow_a_redirection(status: int, validation: Validation) -> None:
    with answering(OK) as elsewhere, answering(Reply(status=status, headers={"Location": elsewhere.url})) as server:
        assert refused(server.url, validation=validation).motive is Motive.UNREADABLE
        assert elsewhere.asked == []


def test_nobody_listens() -> None:
    assert refused(closed_port()).motive is Motive.UNREACHABLE


def test_a_name_that_does_not_exist_is_nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """The resolver is the system's, not ours: here it knows nothing, without being asked over the network."""

    def knows_nothing(*_asked: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", knows_nothing)
    assert refused("https://ent.invalid/cas").motive is Motive.UNREACHABLE


@pytest.mark.parametrize(
    "base_url", ["http://ent.example/cas", "http://192.0.2.1", "ftp://ent.example", "ent.example", "", "http://[::1"]
)
def test_a_ticket_does_not_leave_the_machine_in_plain_http(base_url: str) -> None:
    assert refused(base_url).motive is Motive.UNSAFE


def drip(start: bytes, byte: bytes) -> Callable[[socket.socket], None]:
    def speak(to: socket.socket) -> None:
        to.sendall(start)
        for one in repeat(byte):  # until the other leaves
            to.sendall(one)
            time.sleep(0.02)

    return speak


def flood(start: bytes, piece: bytes) -> Callable[[socket.socket], None]:
    def speak(to: socket.socket) -> None:
        to.sendall(start)
        for one in repeat(piece * 8192):
            to.sendall(one)

    return speak


HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "speak",
    [
        lambda to: None,
        lambda to: to.sendall(HEAD),
        lambda to: to.sendall(HEAD + b"Content-Length: 10\r\n\r\nabc"),
        drip(b"", b"H"),
        drip(HEAD + b"X: ", b"x"),
        drip(HEAD, b"X: y\r\n"),
        drip(HEAD + b"\r\n", b"x"),
        drip(CHUNKED, b"1"),
        drip(CHUNKED, b"1\r\nx\r\n"),
    ],
    ids=["silent", "no end of headers", "no end of body", "status", "header", "headers", "body", "chunk size", "chunks"],
)
def test_who_drags_is_cut_whatever_it_drags(speak: Callable[[socket.socket], None]) -> None:
    """None of the dripping ones ever meets the time limit of a socket: without a limit to the whole, this would not end."""
    with speaking(speak) as server:
        with pytest.raises(SignInRefused) as refusal:
            validate(provider(server.url), SERVICE, TICKET, seconds=SOON)
        assert refusal.value.motive is Motive.SLOW
        assert server.left.wait(PATIENCE)


@pytest.mark.parametrize("start", [HEAD + b"X: ", HEAD + b"\r\n"], ids=["header", "body"])
def test_who_drags_in_private_is_cut_too(start: bytes, tmp_path: Path) -> None:
    good = identity(tmp_path)
    with speaking(drip(start, b"x"), good) as server:
        with pytest.raises(SignInRefused) as refusal:
            validate(provider(server.url), SERVICE, TICKET, authorities=str(good), seconds=SOON)
        assert refusal.value.motive is Motive.SLOW
        assert server.left.wait(PATIENCE)


def test_a_handshake_that_drags_is_cut() -> None:
    with speaking(lambda to: None, listens=False) as server:
        with pytest.raises(SignInRefused) as refusal:
            ask(server.url.replace("http:", "https:"), seconds=SOON)
        assert refusal.value.motive is Motive.SLOW
        assert server.left.wait(PATIENCE)


@pytest.mark.parametrize(
    ("speak", "motive"),
    [
        (flood(HEAD + b"\r\n", b"x"), Motive.UNREADABLE),
        (flood(HEAD + b"Content-Length: 100000000\r\n\r\n", b"x"), Motive.UNREADABLE),
        (flood(CHUNKED, b"1\r\nx\r\n"), Motive.UNREADABLE),
        (flood(CHUNKED, b"1"), Motive.UNREADABLE),
        (flood(HEAD + b"X: ", b"x"), Motive.UNREACHABLE),
        (flood(HEAD, b"X: y\r\n"), Motive.UNREACHABLE),
    ],
    ids=["no length", "long", "chunks", "chunk size", "header", "headers"],
)
def test_who_never_stops_is_cut(speak: Callable[[socket.socket], None], motive: Motive) -> None:
    with speaking(speak) as server:
        assert refused(server.url).motive is motive
        assert server.left.wait(PATIENCE)


@pytest.mark.parametrize(("length", "passes"), [(LIMIT, True), (LIMIT + 1, False)])
def test_the_limit_is_to_the_byte(length: int, passes: bool) -> None:
    with answering(Reply(b"x" * length)) as server:
        if passes:
            assert len(ask(server.url)) == length
        else:
            with pytest.raises(SignInRefused, match=str(LIMIT)):
                ask(server.url)


@pytest.mark.parametrize(
    ("said", "motive"),
    [
        (b"", Motive.UNREACHABLE),
        (b"SSH-2.0-OpenSSH_9.2\r\n", Motive.UNREACHABLE),
        (HEAD + b"Content-Length: 1000\r\n\r\n" + OK.body, Motive.UNREADABLE),
        (CHUNKED + b"5\r\n<cas:", Motive.UNREADABLE),
        (CHUNKED + b"zz\r\n", Motive.UNREADABLE),
    ],
)
def test_who_hangs_up_in_the_middle_has_not_answered(said: bytes, motive: Motive) -> None:
    def speak(to: socket.socket) -> None:
        to.sendall(said)
        to.shutdown(socket.SHUT_RDWR)

    with speaking(speak) as server:
        assert refused(server.url).motive is motive


def test_a_compressed_answer_is_not_opened() -> None:
    """We did not ask for one: however small, it could hold gigabytes."""
    with answering(Reply(b"\x1f\x8b\x08\x00" + b"\x00" * 20, headers={"Content-Encoding": "gzip"})) as server:
        assert refused(server.url).motive is Motive.UNREADABLE
        assert server.asked[0].headers["Accept-Encoding"] == "identity"


# Certificates


def test_the_certificate_of_the_authorities_is_accepted(tmp_path: Path) -> None:
    good = identity(tmp_path)
    with answering(OK, good) as server:
        assert validate(provider(server.url), SERVICE, TICKET, authorities=str(good)).subject == "DEMO-3141592"


@pytest.mark.parametrize("case", ["unknown", "another", "name", "expired", "missing", "broken"])
def test_a_certificate_that_proves_nothing_is_given_no_ticket(case: str, tmp_path: Path) -> None:
    shown = identity(tmp_path, name="ent.example" if case == "name" else "127.0.0.1", expired=case == "expired")
    broken = tmp_path / "broken.pem"
    broken.write_text("not a certificate", encoding="ascii")
    trusted = {"unknown": "", "another": identity(tmp_path), "missing": tmp_path / "none.pem", "broken": broken}.get(case, shown)
    with answering(OK, shown) as server:
        with pytest.raises(SignInRefused) as refusal:
            validate(provider(server.url), SERVICE, TICKET, authorities=str(trusted))
        assert refusal.value.motive is Motive.UNSAFE
        assert server.asked == []


def test_a_server_that_speaks_plain_http_under_https_is_unsafe() -> None:
    with answering(OK) as server:
        assert refused(server.url.replace("http:", "https:")).motive is Motive.UNSAFE


# What is around: the environment, the log


def test_the_environment_changes_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password secret\n", encoding="ascii")
    monkeypatch.setenv("NETRC", str(netrc))
    good = identity(tmp_path)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, closed_port())
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(good))
    with answering(OK) as server:
        assert validate(provider(server.url), SERVICE, TICKET)
        assert "Authorization" not in server.asked[0].headers
    with answering(OK, good) as server:
        assert refused(server.url).motive is Motive.UNSAFE


def bad_headers(to: socket.socket) -> None:
    to.sendall(HEAD + b"this is no header\r\n\r\n" + OK.body)
    to.shutdown(socket.SHUT_WR)


@pytest.mark.parametrize("level", [logging.DEBUG, logging.WARNING])
def test_no_log_and_no_error_holds_a_ticket(level: int, caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    for name in ("", "urllib3", "urllib3.connection", "urllib3.connectionpool", "urllib3.util.retry", "requests"):
        caplog.set_level(level, logger=name)
    errors = [refused(closed_port()), refused("http://ent.example"), refused(closed_port(), TICKET + "\n")]
    with answering(OK) as server:
        validate(provider(server.url), SERVICE, TICKET)
        errors.append(refused(server.url.replace("http:", "https:")))
    with answering(BurningCas()) as server:
        errors.append(refused(server.url))
    with answering(Reply(status=302, headers={"Location": f"/?ticket={TICKET}"})) as server:
        errors.append(refused(server.url))
    with answering(OK, identity(tmp_path)) as server:
        errors.append(refused(server.url))
    with speaking(bad_headers) as raw:
        validate(provider(raw.url), SERVICE, TICKET)
    with speaking(lambda to: None) as raw, pytest.raises(SignInRefused) as slow:
        validate(provider(raw.url), SERVICE, TICKET, seconds=SOON)
    said = caplog.text + "".join(text for error in [*errors, slow.value] for text in traceback.format_exception(error))
    assert "Failed to parse headers" in said
    assert ("GET /p3/serviceValidate" in said) is (level == logging.DEBUG)
    assert "ST-" not in said
    assert "etat=" not in said


# Single logout

SAML2 = "urn:oasis:names:tc:SAML:2.0:protocol"
LOGOUT = (
    f'<samlp:LogoutRequest xmlns:samlp="{SAML2}" ID="LR-1" Version="2.0" IssueInstant="2026-09-02T10:00:00.000+0200">'
    '<saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">@NOT_USED@</saml:NameID>{}</samlp:LogoutRequest>'
)
INDEX = "<samlp:SessionIndex>{}</samlp:SessionIndex>"
ENDED = LOGOUT.format(INDEX.format(TICKET))


@pytest.mark.parametrize(
    "said",
    [
        ENDED,
        '<?xml version="1.0" encoding="UTF-8"?>\n' + ENDED,
        ENDED.replace("samlp:", "").replace("xmlns:samlp", "xmlns"),
        ENDED.replace(TICKET, f"\n  {TICKET}\n"),
        ENDED.replace(TICKET, "ST-7-<!-- -->x1Y.z_0123456789abcdef"),
        ENDED.replace("@NOT_USED@", "Hélène"),
    ],
)
def test_single_logout_is_understood_in_a_form_and_as_a_body(said: str) -> None:
    assert ended_ticket(b"", {"logoutRequest": said}) == TICKET
    assert ended_ticket(said.encode(), {}) == TICKET
    assert ended_ticket(said.encode(), {"other": "field"}) == TICKET


def test_a_declared_encoding_is_that_of_bytes_and_says_nothing_of_a_form() -> None:
    said = '<?xml version="1.0" encoding="ISO-8859-1"?>' + ENDED.replace("@NOT_USED@", "Hélène")
    assert ended_ticket(said.encode("latin-1"), {}) == TICKET
    assert ended_ticket(b"", {"logoutRequest": said}) == TICKET


NO_LOGOUT = [
    "",
    "logoutRequest",
    "<html></html>",
    ENDED[:-5],
    ENDED * 2,
    LOGOUT.format(""),
    LOGOUT.format(INDEX.format("")),
    LOGOUT.format(INDEX.format(TICKET) * 2),
    LOGOUT.format(INDEX.format(TICKET) + INDEX.format("ST-8")),
    LOGOUT.format(f"<samlp:Extensions>{INDEX.format(TICKET)}</samlp:Extensions>"),
    LOGOUT.format(f'<SessionIndex xmlns="">{TICKET}</SessionIndex>'),
    LOGOUT.format(INDEX.format(f"{TICKET}<samlp:x/>")),
    LOGOUT.format(INDEX.format("ST-1 ST-2")),
    LOGOUT.format(INDEX.format("ST-é")),
    LOGOUT.format(INDEX.format("ST-" + "1" * 1021)),
    ENDED.replace(SAML2, "urn:oasis:names:tc:SAML:1.0:protocol"),
    ENDED.replace("LogoutRequest", "LogoutResponse"),
    "<!DOCTYPE x>" + ENDED,
    f'<!DOCTYPE x [<!ENTITY t "{TICKET}">]>' + ENDED.replace(TICKET, "&t;"),
    '<!DOCTYPE x [<!ENTITY t SYSTEM "file:///etc/hostname">]>' + ENDED.replace(TICKET, "&t;"),
    '<?xml version="1.0" encoding="no-such"?>' + LOGOUT,
    '<?xml version="1.0" encoding="utf-7"?>' + LOGOUT,
    ENDED + " " * ENDED_LIMIT,
    "<a>" * 20_000,
    "\x00",
    "\ud800",
]


@pytest.mark.parametrize("said", NO_LOGOUT)
def test_what_is_no_logout_request_ends_nothing_and_breaks_nothing(said: str) -> None:
    assert ended_ticket(b"", {"logoutRequest": said}) is None
    assert ended_ticket(said.encode("utf-8", "surrogatepass"), {}) is None


def test_the_form_is_believed_before_the_body() -> None:
    assert ended_ticket(ENDED.encode(), {"logoutRequest": ""}) is None


@given(st.binary(max_size=200), st.text(max_size=200))
def test_nobody_breaks_single_logout(body: bytes, text: str) -> None:
    assert ended_ticket(body, {}) is None
    assert ended_ticket(b"", {"logoutRequest": text}) is None
    assert ended_ticket(ENDED.encode().replace(b"@NOT", body), {}) in {None, TICKET}


def test_servers_of_these_tests_hear_what_is_sent() -> None:
    """The checker itself: a parameter that is injected would be seen."""
    assert Asked("GET", "/x?ticket=ST-1&service=a", {}, b"").query == {"ticket": ["ST-1"], "service": ["a"]}
