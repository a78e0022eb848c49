"""A sign-in by OpenID Connect succeeds with a provider that is right in all, and each wrong thing that it says is refused."""

import base64
import hmac
import json
import logging
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from joserfc.jwk import RSAKey

from portal.signin import models
from portal.signin.asking import LIMIT
from portal.signin.issuers import Issuers
from portal.signin.oidc import Arrived, Client
from portal.signin.refusals import Motive, SignInRefused
from tests.data.openid_server import (
    CALLBACK,
    CLIENT,
    LOGOUT_EVENT,
    PERSON,
    SECRET,
    Provider,
    Said,
    certificate,
    elliptic,
    opened,
    rsa,
)

STATE, NONCE, VERIFIER = "s" * 43, "n" * 43, "v" * 43
HTML = Said(b"<!doctype html><title>Maintenance</title>", "text/html")
DISCOVERY, JWKS, TOKEN, USERINFO = "/.well-known/openid-configuration", "/jwks", "/token", "/userinfo"
ENDPOINTS = ["authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint", "end_session_endpoint"]
PATIENCE, SHORT = 5.0, 0.3


@pytest.fixture
def provider() -> Iterator[Provider]:
    with opened() as provider:
        yield provider


@dataclass
class Age:
    """The clock of what is kept."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Portal:
    """A client, and the browser of whoever signs in."""

    provider: Provider
    traits: dict[str, Any] = field(default_factory=dict)
    authorities: str = ""
    seconds: float = PATIENCE
    age: Age = field(default_factory=Age)

    def __post_init__(self) -> None:
        traits = {"base_url": self.provider.issuer, "client_id": CLIENT, "protocol": models.Protocol.OIDC, **self.traits}
        row = models.Provider(slug="essai", label="Un ENT d’essai", **traits)
        known = Issuers(seconds=self.seconds, age=self.age)
        self.client = Client(row, SECRET, CALLBACK, self.authorities, known)

    def sign_in(self, *, fresh: bool = False, **given: Any) -> Arrived:
        address = self.client.login_url(state=STATE, nonce=NONCE, verifier=VERIFIER, fresh=fresh)
        verify = self.authorities or True
        with requests.get(address, allow_redirects=False, timeout=PATIENCE, verify=verify) as answer:
            query = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
        expected = {"state": STATE, "nonce": NONCE, "verifier": VERIFIER, "now": datetime.now(UTC), **given}
        return self.client.finish(query, fresh=fresh, **expected)


def refusal(act: Callable[[], object]) -> SignInRefused:
    with pytest.raises(SignInRefused) as refused:
        act()
    return refused.value


@dataclass(frozen=True)
class FromNow:
    """A moment told by the test that reads it: tests are collected long before they run."""

    seconds: int


def of_now(said: dict[str, Any]) -> dict[str, Any]:
    return {name: int(time.time()) + value.seconds if isinstance(value, FromNow) else value for name, value in said.items()}


def test_a_person_arrives_with_what_the_provider_says_of_them(provider: Provider) -> None:
    arrived = Portal(provider).sign_in()
    assert arrived.answer.subject == PERSON["sub"]
    assert arrived.answer.said["family_name"] == ("Le Goff-Nuñez",)
    assert arrived.answer.said["UAI"] == ("0999901Z", "0999902A")
    assert arrived.sid == "session-1"
    assert arrived.auth_time is None
    assert not {"iss", "aud", "exp", "iat", "nonce", "at_hash", "sid"} & set(arrived.answer.said)


def test_the_request_says_what_the_provider_expects_and_no_more(provider: Provider) -> None:
    address = Portal(provider, {"scopes": "openid ent"}).client.login_url(state=STATE, nonce=NONCE, verifier=VERIFIER)
    asked = dict(parse_qsl(urlsplit(address).query))
    challenge = asked.pop("code_challenge")
    assert asked == {
        "response_type": "code", "client_id": CLIENT, "redirect_uri": CALLBACK, "scope": "openid ent",
        "state": STATE, "nonce": NONCE, "code_challenge_method": "S256",
    }  # fmt: skip
    assert len(challenge) == 43
    assert VERIFIER not in address


def test_a_provider_that_would_refuse_pkce_is_not_sent_any(provider: Provider) -> None:
    portal = Portal(provider, {"pkce": False})
    assert "code_challenge" not in portal.client.login_url(state=STATE, nonce=NONCE, verifier=VERIFIER)
    assert portal.sign_in(verifier="")


@pytest.mark.parametrize("way", [*models.TokenAuth, "client_secret_post"])
def test_we_prove_ourselves_as_the_provider_wants(provider: Provider, way: str) -> None:
    Portal(provider, {"token_auth": way}).sign_in()
    assert provider.auth_methods == [way]


def test_a_signature_on_the_elliptic_curve_is_accepted(provider: Provider) -> None:
    provider.keys, provider.signer = [rsa(), elliptic()], elliptic()
    provider.claims["at_hash"] = None
    assert Portal(provider).sign_in()


@pytest.mark.parametrize("is_kept", [True, False])
def test_userinfo_may_be_absent(provider: Provider, is_kept: bool) -> None:
    provider.document["userinfo_endpoint"] = f"{provider.issuer}/userinfo" if is_kept else None
    provider.claims["rne"] = "0999903B"
    assert Portal(provider).sign_in().answer.said["rne"] == ("0999903B",)
    assert (USERINFO in provider.asked) is is_kept


def test_userinfo_may_be_signed(provider: Provider) -> None:
    provider.userinfo_is_signed = True
    said = Portal(provider).sign_in().answer.said
    assert said["given_name"] == ("Anaëlle",)
    assert not {"iss", "aud"} & set(said)


def test_what_userinfo_says_comes_before_what_the_token_says(provider: Provider) -> None:
    provider.claims["given_name"] = "Ana"
    assert Portal(provider).sign_in().answer.said["given_name"] == ("Anaëlle",)


def test_an_issuer_with_a_final_slash_is_discovered(provider: Provider) -> None:
    provider.issuer += "/"
    provider.document = {name: f"{provider.issuer}{name.partition('_')[0]}" for name in ENDPOINTS}
    provider.document |= {"authorization_endpoint": f"{provider.issuer}authorize", "jwks_uri": f"{provider.issuer}jwks"}
    assert Portal(provider).sign_in()


WRONG_CLAIMS: dict[str, tuple[dict[str, Any], str]] = {
    "another issuer": ({"iss": "https://ent.exemple.fr"}, "iss"),
    "the issuer with a slash": ({"iss": "SLASH"}, "iss"),
    "another audience": ({"aud": "autre"}, "aud"),
    "no audience": ({"aud": None}, "aud"),
    "several audiences and nobody authorized": ({"aud": [CLIENT, "autre"]}, "azp"),
    "another is authorized": ({"azp": "autre"}, "azp"),
    "another is authorized among several": ({"aud": [CLIENT, "autre"], "azp": "autre"}, "azp"),
    "expired": ({"exp": FromNow(-120)}, "exp"),
    "no end": ({"exp": None}, "exp"),
    "no beginning": ({"iat": None}, "iat"),
    "of tomorrow": ({"iat": FromNow(86400)}, "iat"),
    "not yet valid": ({"nbf": FromNow(86400)}, "nbf"),
    "no nonce": ({"nonce": None}, "nonce"),
    "another nonce": ({"nonce": "m" * 43}, "nonce"),
    "a list of nonces": ({"nonce": [NONCE, "m" * 43]}, "nonce"),
    "no subject": ({"sub": None}, "sub"),
    "an empty subject": ({"sub": ""}, "sub"),
    "a subject that is no text": ({"sub": 42}, "sub"),
    "the hash of another access token": ({"at_hash": "A" * 22}, "at_hash"),
    "a hash that is none": ({"at_hash": [1, 2, 300]}, ""),
    "an hour of sign-in that is none": ({"auth_time": "hier"}, "auth_time"),
    "an hour of sign-in out of time": ({"auth_time": 1e300}, "auth_time"),
}


@pytest.mark.parametrize(("claims", "named"), WRONG_CLAIMS.values(), ids=WRONG_CLAIMS)
def test_an_id_token_that_is_not_for_this_sign_in_is_refused(provider: Provider, claims: dict[str, Any], named: str) -> None:
    provider.claims = of_now({name: provider.issuer + "/" if value == "SLASH" else value for name, value in claims.items()})
    refused = refusal(Portal(provider).sign_in)
    assert refused.motive is Motive.UNREADABLE
    assert named in refused.detail
    assert PERSON["sub"] not in str(refused)


@pytest.mark.parametrize(
    "claims", [{"exp": FromNow(-30)}, {"aud": [CLIENT, "autre"], "azp": CLIENT}, {"aud": [CLIENT]}, {"iat": FromNow(30)}]
)
def test_an_id_token_may_differ_a_little(provider: Provider, claims: dict[str, Any]) -> None:
    provider.claims = of_now({"exp": FromNow(600), **claims})
    assert Portal(provider).sign_in()


def unsigned(token: str) -> str:
    return "eyJhbGciOiJub25lIn0." + token.split(".")[1] + "."


def tampered(token: str) -> str:
    head, body, signature = token.split(".")
    return f"{head}.{body}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"


def sealed(token: str, secret: bytes) -> str:
    """HS256, under the name of a key that the provider publishes."""
    signed = "eyJhbGciOiJIUzI1NiIsImtpZCI6Im9uZSJ9." + token.split(".")[1]
    seal = hmac.digest(secret, signed.encode(), "sha256")
    return f"{signed}.{base64.urlsafe_b64encode(seal).rstrip(b'=').decode()}"


def critical(token: str) -> str:
    """What the sender calls critical makes the token void for whoever does not know it, whatever its signature."""
    return "eyJhbGciOiJSUzI1NiIsImtpZCI6Im9uZSIsImNyaXQiOlsieCJdLCJ4IjoxfQ" + token[token.index(".") :]


def unpinned() -> RSAKey:
    """The provider's own key, that no longer says which algorithm it is for."""
    said: Any = rsa().as_dict(private=True)
    return RSAKey.import_key({**said, "alg": "RS512"})


FORGED: dict[str, Callable[[Provider], dict[str, Any]]] = {
    "unsigned, as discovery says it may be": lambda _: {"spoil": unsigned},
    "signed with our own secret": lambda _: {"spoil": lambda token: sealed(token, SECRET.encode())},
    "signed with the public key for a secret": lambda _: {"spoil": lambda token: sealed(token, rsa().as_pem(private=False))},
    "an algorithm that is not pinned": lambda _: {"signer": unpinned()},
    "tampered with": lambda _: {"spoil": tampered},
    "cut": lambda _: {"spoil": lambda token: token[:-200]},
    "no token": lambda _: {"spoil": lambda _: "jeton"},
    "encrypted": lambda _: {"spoil": lambda token: f"{token}.AAAA.AAAA"},
    "not ASCII": lambda _: {"spoil": lambda token: f"é{token}"},
    "a key of somebody else under a name we know": lambda _: {"signer": rsa("two"), "header": {"kid": "one"}},
    "a key that is nowhere": lambda _: {"signer": rsa("two")},
    "a key that comes with the token": lambda _: {"signer": rsa("two"), "header": {"jku": "http://127.0.0.1:9/"}},
    "a critical field that we do not know": lambda _: {"spoil": critical},
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_a_token_that_the_provider_did_not_sign_as_we_want_is_refused(
    provider: Provider, forge: Callable[[Provider], dict[str, Any]]
) -> None:
    for name, value in forge(provider).items():
        setattr(provider, name, value)
    assert refusal(Portal(provider).sign_in).motive is Motive.UNREADABLE


def test_the_unsigned_token_is_refused_for_its_algorithm(provider: Provider) -> None:
    provider.spoil = unsigned
    assert refusal(Portal(provider).sign_in).detail == "token: an algorithm that we do not accept"


def test_a_key_unknown_after_a_rotation_is_asked_again_once(provider: Provider) -> None:
    portal = Portal(provider)
    portal.sign_in()
    provider.keys = [rsa("two")]
    provider.signer = rsa("two")
    assert portal.sign_in()
    assert portal.sign_in()
    assert provider.asked.count(JWKS) == 2
    assert provider.asked.count(DISCOVERY) == 1


def test_a_provider_that_does_not_name_its_keys_may_change_them_too(provider: Provider) -> None:
    portal = Portal(provider)
    provider.header = {"kid": None}
    portal.sign_in()
    provider.keys = [rsa("two")]
    provider.signer = rsa("two")
    assert portal.sign_in()


def test_unknown_keys_make_us_ask_once_a_minute_at_most(provider: Provider) -> None:
    portal = Portal(provider)
    portal.sign_in()
    provider.signer = rsa("two")
    for _ in range(3):
        refusal(portal.sign_in)
    assert provider.asked.count(JWKS) == 2
    provider.keys = [rsa("two")]
    portal.age.seconds += 61
    assert portal.sign_in()
    assert provider.asked.count(JWKS) == 3


def test_what_the_provider_published_is_kept_for_an_hour(provider: Provider) -> None:
    portal = Portal(provider)
    for _ in range(3):
        portal.sign_in()
    assert (provider.asked.count(DISCOVERY), provider.asked.count(JWKS)) == (1, 1)
    portal.age.seconds = 3601
    portal.sign_in()
    assert (provider.asked.count(DISCOVERY), provider.asked.count(JWKS)) == (2, 2)


def test_keys_of_other_kinds_are_passed_over(provider: Provider) -> None:
    mine: Any = rsa().as_dict(private=False)
    provider.published = [
        {"kty": "OKP", "crv": "Ed25519", "x": "A" * 43}, {"kty": "oct", "k": "QUFBQQ"}, {"kty": "RSA"}, {"kty": "EC", "crv": "?"},
        {**mine, "use": "enc"}, {**mine, "n": 5}, "clé", mine,
    ]  # fmt: skip
    assert Portal(provider).sign_in()


ANSWERS: dict[str, tuple[dict[str, Any], Motive, str]] = {
    "another state": ({"state": "t" * 43}, Motive.EXPIRED, "another state"),
    "no state": ({"state": None}, Motive.EXPIRED, "another state"),
    "a state of other letters": ({"state": "é" * 43}, Motive.EXPIRED, "another state"),
    "another issuer": ({"iss": "https://ent.exemple.fr"}, Motive.UNREADABLE, "answer: another issuer"),
    "no code": ({"code": None}, Motive.UNREADABLE, "answer: no code"),
    "too much of a code": ({"code": "c" * 5000}, Motive.UNREADABLE, "answer: no code"),
    "a code used or invented": ({"code": "c"}, Motive.DENIED, "invalid_grant"),
    "a refusal": ({"error": "access_denied", "code": None}, Motive.DENIED, "access_denied"),
    "a refusal that brings a code": ({"error": "server_error"}, Motive.DENIED, "server_error"),
    "a refusal in words": ({"error": "Anaëlle Le Goff est absente"}, Motive.DENIED, ""),
    "a refusal that goes on and on": ({"error": "a" * 41}, Motive.DENIED, ""),
    "the refusal of another sign-in": ({"error": "access_denied", "state": "t"}, Motive.EXPIRED, "another state"),
}


@pytest.mark.parametrize(("answer", "motive", "detail"), ANSWERS.values(), ids=ANSWERS)
def test_an_answer_that_is_not_the_one_awaited_is_refused(
    provider: Provider, answer: dict[str, Any], motive: Motive, detail: str
) -> None:
    provider.answer = answer
    refused = refusal(Portal(provider).sign_in)
    assert (refused.motive, refused.detail) == (motive, detail)


def test_a_sign_in_without_a_state_of_ours_is_refused(provider: Provider) -> None:
    provider.answer["state"] = None
    assert refusal(lambda: Portal(provider).sign_in(state="")).motive is Motive.EXPIRED


@pytest.mark.parametrize("name", ["state", "iss", "code", "error"])
def test_half_a_character_in_an_answer_is_one_more_wrong_answer(provider: Provider, name: str) -> None:
    query = {"state": STATE, "code": "c", name: "\ud800"}
    client = Portal(provider).client
    assert refusal(lambda: client.finish(query, state=STATE, nonce=NONCE, verifier=VERIFIER, now=datetime.now(UTC)))


def test_an_empty_nonce_of_ours_would_match_nothing(provider: Provider) -> None:
    provider.claims["nonce"] = "x"
    assert refusal(lambda: Portal(provider).sign_in(nonce="")).motive is Motive.UNREADABLE


@pytest.mark.parametrize("always", [True, False])
def test_a_provider_that_always_names_itself_must_do_it(provider: Provider, always: bool) -> None:
    provider.document["authorization_response_iss_parameter_supported"] = always
    provider.answer["iss"] = None
    if always:
        assert refusal(Portal(provider).sign_in).motive is Motive.UNREADABLE
        provider.answer.clear()
    assert Portal(provider).sign_in()


def test_a_code_is_of_no_use_to_whoever_did_not_begin(provider: Provider) -> None:
    refused = refusal(lambda: Portal(provider).sign_in(verifier="w" * 43))
    assert (refused.motive, refused.detail) == (Motive.DENIED, "invalid_grant")


def test_a_password_asked_again_is_proved(provider: Provider) -> None:
    portal = Portal(provider)
    assert "max_age=0" in portal.client.login_url(state=STATE, nonce=NONCE, verifier=VERIFIER, fresh=True)
    auth_time = portal.sign_in(fresh=True).auth_time
    assert auth_time is not None
    assert abs(datetime.now(UTC) - auth_time) < timedelta(seconds=60)


@pytest.mark.parametrize("auth_time", [None, FromNow(-3600), FromNow(3600), FromNow(-90), 0])
def test_a_password_that_was_not_asked_again_proves_nothing(provider: Provider, auth_time: FromNow | int | None) -> None:
    provider.claims = {"auth_time": None} if auth_time is None else of_now({"auth_time": auth_time})
    assert refusal(lambda: Portal(provider).sign_in(fresh=True)).motive is Motive.NOT_FRESH


@pytest.mark.parametrize("auth_time", ["hier", True, float("nan"), float("inf"), [1]])
def test_an_hour_that_is_none_proves_nothing_either(provider: Provider, auth_time: Any) -> None:
    provider.claims["auth_time"] = auth_time
    assert refusal(lambda: Portal(provider).sign_in(fresh=True)).motive is Motive.UNREADABLE


USERINFOS: dict[str, tuple[dict[str, Any], bool]] = {
    "of another person": ({"sub": "Mt-0043"}, False),
    "of nobody": ({"sub": None}, False),
    "signed, of another person": ({"sub": "Mt-0043"}, True),
    "signed by another issuer": ({"iss": "https://ent.exemple.fr"}, True),
    "signed for another client": ({"aud": "autre"}, True),
    "signed for whoever": ({"aud": None}, True),
    "signed, and expired": ({"exp": FromNow(-600)}, True),
}


@pytest.mark.parametrize(("said", "is_signed"), USERINFOS.values(), ids=USERINFOS)
def test_a_userinfo_that_is_not_of_this_sign_in_is_refused(provider: Provider, said: dict[str, Any], is_signed: bool) -> None:
    provider.userinfo, provider.userinfo_is_signed = of_now(said), is_signed
    refused = refusal(Portal(provider).sign_in)
    assert refused.motive is Motive.UNREADABLE
    assert refused.detail.startswith("userinfo: ")


def test_a_signed_userinfo_is_verified(provider: Provider) -> None:
    portal = Portal(provider)
    provider.instead[USERINFO] = Said(unsigned(provider.sign(PERSON)).encode(), "application/jwt")
    assert refusal(portal.sign_in).detail == "token: an algorithm that we do not accept"


PLACES = [DISCOVERY, JWKS, TOKEN, USERINFO]
BAD: dict[str, tuple[Said, Motive]] = {
    "HTML": (HTML, Motive.UNREADABLE),
    "HTML with an error": (Said(HTML.body, "text/html", 404), Motive.UNREADABLE),
    "an error of the server": (Said(HTML.body, "text/html", 502), Motive.UNREACHABLE),
    "an error of the server, in JSON": (Said.json({"error": "server_error"}, 500), Motive.UNREACHABLE),
    "a list": (Said.json([]), Motive.UNREADABLE),
    "nothing": (Said(), Motive.UNREADABLE),
    "a text": (Said.json("oui"), Motive.UNREADABLE),
    "an object of nothing": (Said.json({}), Motive.UNREADABLE),
    "deep": (Said(b"[" * 100_000), Motive.UNREADABLE),
    "not UTF-8": (Said(b'{"sub": "\xe9"}'), Motive.UNREADABLE),
    "oversized": (Said(b'{"a": "' + b"a" * LIMIT + b'"}'), Motive.UNREADABLE),
    "cut": (Said(b'{"a":', headers={"Content-Length": "500", "Connection": "close"}, pace=1e-6), Motive.UNREADABLE),
    "compressed all the same": (Said(b"\x1f\x8b", headers={"Content-Encoding": "gzip"}), Motive.UNREADABLE),
    "elsewhere": (Said(status=302, headers={"Location": "/ailleurs"}), Motive.UNREADABLE),
    "not HTTP": (Said(headers={"": "\r\n\r\n"}, status=99999), Motive.UNREACHABLE),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("said", "motive"), BAD.values(), ids=BAD)
def test_an_answer_that_is_not_of_the_protocol_is_refused(provider: Provider, place: str, said: Said, motive: Motive) -> None:
    provider.instead[place] = said
    assert refusal(Portal(provider).sign_in).motive is motive
    assert "/ailleurs" not in provider.asked


def test_what_is_right_but_endless_is_refused_too(provider: Provider) -> None:
    right = provider.say("GET", DISCOVERY, {}, {}).body
    provider.instead[DISCOVERY] = Said(right + b" " * LIMIT)
    assert refusal(Portal(provider).sign_in).detail == f"more than {LIMIT} bytes"


def test_nothing_goes_on_listening_to_a_provider_that_was_too_slow(provider: Provider) -> None:
    provider.instead[DISCOVERY] = Said(b" " * 10_000, pace=0.05)
    assert refusal(Portal(provider, seconds=SHORT).sign_in).motive is Motive.SLOW
    assert provider.left.wait(PATIENCE)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("pace", [30, 0.05], ids=["silent", "drop by drop"])
def test_a_slow_provider_is_not_waited_for(provider: Provider, place: str, pace: float) -> None:
    provider.instead[place] = Said.json({"issuer": "x" * 1000})
    provider.instead[place] = Said(provider.instead[place].body, pace=pace)
    assert refusal(Portal(provider, seconds=SHORT).sign_in).motive is Motive.SLOW


def test_a_provider_that_is_down_is_unreachable(provider: Provider) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        provider.issuer = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        portal = Portal(provider)
        assert refusal(lambda: portal.client.login_url(state=STATE, nonce=NONCE, verifier=VERIFIER)).motive is Motive.UNREACHABLE


def test_a_provider_that_goes_down_between_two_questions_is_unreachable(provider: Provider) -> None:
    provider.document |= {"token_endpoint": "http://127.0.0.1:9/token"}
    assert refusal(Portal(provider).sign_in).motive is Motive.UNREACHABLE


@pytest.mark.parametrize("token", [{"id_token": None}, {"access_token": None}, {"id_token": 5}, {"expires_in": "bientôt"}])
def test_a_token_answer_without_what_we_need_is_refused(provider: Provider, token: dict[str, Any]) -> None:
    provider.token = token
    assert refusal(Portal(provider).sign_in).motive is Motive.UNREADABLE


def test_a_secret_that_is_not_the_registered_one_is_denied(provider: Provider) -> None:
    provider.instead[TOKEN] = Said.json({"error": "invalid_client", "error_description": "Anaëlle"}, 401)
    refused = refusal(Portal(provider).sign_in)
    assert (refused.motive, refused.detail) == (Motive.DENIED, "invalid_client")


@pytest.mark.parametrize("document", [{"issuer": "https://ent.exemple.fr"}, {"issuer": None}, {"issuer": ["x"]}])
def test_a_document_of_another_issuer_is_refused(provider: Provider, document: dict[str, Any]) -> None:
    provider.document = document
    assert refusal(Portal(provider).sign_in).detail == "discovery: another issuer"


@pytest.mark.parametrize("name", ENDPOINTS)
@pytest.mark.parametrize("address", ["", 5, "/chemin", "ftp://127.0.0.1/", "javascript:alert(1)", "http://[", "https://"])
def test_a_document_that_names_no_true_place_is_refused(provider: Provider, name: str, address: Any) -> None:
    provider.document[name] = address
    is_optional = name in {"userinfo_endpoint", "end_session_endpoint"}
    if is_optional and not address:
        assert Portal(provider).sign_in()
    else:
        assert refusal(Portal(provider).sign_in).motive is Motive.UNREADABLE


@pytest.mark.parametrize("address", ["http://ent.exemple.fr", "http://192.0.2.1", "ftp://127.0.0.1", "ent.exemple.fr", "http://["])
def test_no_one_is_asked_in_plain_http_on_another_machine(provider: Provider, address: str) -> None:
    provider.issuer = address
    portal = Portal(provider)
    assert refusal(lambda: portal.client.login_url(state=STATE, nonce=NONCE, verifier=VERIFIER)).motive is Motive.UNSAFE


def test_a_certificate_of_a_known_authority_is_accepted(tmp_path: Path) -> None:
    mine = certificate(tmp_path)
    with opened(mine) as provider:
        assert Portal(provider, authorities=str(mine)).sign_in()


@pytest.mark.parametrize("wrong", ["unknown authority", "usual authorities", "another name", "no file"])
def test_a_certificate_that_proves_nothing_is_refused(tmp_path: Path, wrong: str) -> None:
    mine = certificate(tmp_path, "127.0.0.2" if wrong == "another name" else "127.0.0.1")
    trusted = {
        "unknown authority": str(certificate(tmp_path)), "usual authorities": "", "another name": str(mine), "no file": f"{mine}.no"
    }  # fmt: skip
    with opened(mine) as provider:
        portal = Portal(provider, authorities=trusted[wrong])
        assert refusal(lambda: portal.client.login_url(state=STATE, nonce=NONCE, verifier=VERIFIER)).motive is Motive.UNSAFE


@pytest.mark.parametrize("name", ENDPOINTS)
def test_an_https_issuer_does_not_send_us_to_plain_http(tmp_path: Path, name: str) -> None:
    mine = certificate(tmp_path)
    with opened(mine) as provider:
        provider.document[name] = provider.issuer.replace("https:", "http:") + "/place"
        refused = refusal(Portal(provider, authorities=str(mine)).sign_in)
    assert (refused.motive, refused.detail) == (Motive.UNREADABLE, f"discovery: {name} is no address, or not as safe as the issuer")


def test_the_environment_decides_of_nothing(provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("default login quelqu-un password quelque-chose", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    address = Portal(provider).client.login_url(state=STATE, nonce=NONCE, verifier=VERIFIER)
    with requests.get(address, allow_redirects=False, timeout=PATIENCE) as answer:
        query = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "rien"))
    assert Portal(provider).client.finish(query, state=STATE, nonce=NONCE, verifier=VERIFIER, now=datetime.now(UTC))


def test_a_sign_out_there_names_the_session_and_the_way_back(provider: Provider) -> None:
    address = Portal(provider).client.logout_url("jeton", "https://logitheque.exemple.fr/", "etat")
    assert address is not None
    assert address.startswith(f"{provider.issuer}/logout?")
    assert dict(parse_qsl(urlsplit(address).query)) == {
        "theme": "ent", "id_token_hint": "jeton", "client_id": CLIENT, "state": "etat",
        "post_logout_redirect_uri": "https://logitheque.exemple.fr/",
    }  # fmt: skip


def test_a_sign_out_there_does_without_a_lost_token(provider: Provider) -> None:
    assert "id_token_hint" not in str(Portal(provider).client.logout_url("", "https://logitheque.exemple.fr/", "etat"))


def test_a_provider_without_a_way_out_has_no_address(provider: Provider) -> None:
    provider.document["end_session_endpoint"] = None
    assert Portal(provider).client.logout_url("jeton", "https://logitheque.exemple.fr/", "etat") is None


@pytest.mark.parametrize(
    ("changed", "sid", "sub"),
    [
        ({}, "session-1", PERSON["sub"]),
        ({"sub": None}, "session-1", None),
        ({"sid": None}, None, PERSON["sub"]),
        ({"exp": None}, "session-1", PERSON["sub"]),
        ({"iat": FromNow(-540), "exp": None}, "session-1", PERSON["sub"]),
        ({"events": {LOGOUT_EVENT: {"reason": "x"}, "autre": 1}}, "session-1", PERSON["sub"]),
    ],
)
def test_a_logout_token_says_what_ends(provider: Provider, changed: dict[str, Any], sid: str | None, sub: str | None) -> None:
    ended = Portal(provider).client.ended(provider.logout_token(**of_now(changed)), now=datetime.now(UTC))
    assert (ended.sid, ended.sub) == (sid, sub)
    assert ended.jti


WRONG_LOGOUTS: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://ent.exemple.fr"},
    "another audience": {"aud": "autre"},
    "no audience": {"aud": None},
    "no hour": {"iat": None},
    "an hour that is none": {"iat": "hier"},
    "of tomorrow": {"iat": FromNow(3600), "exp": FromNow(7200)},
    "of an hour ago": {"iat": FromNow(-3600)},
    "expired": {"exp": FromNow(-120)},
    "no event": {"events": None},
    "another event": {"events": {"autre": {}}},
    "an event that is no object": {"events": {LOGOUT_EVENT: "oui"}},
    "events that are no object": {"events": [LOGOUT_EVENT]},
    "a nonce": {"nonce": NONCE},
    "nobody": {"sub": None, "sid": None},
    "empty names": {"sub": "", "sid": ""},
    "a subject that is no text": {"sub": 42},
    "a session that is no text": {"sid": 42},
    "a session too long": {"sid": "s" * 256},
    "no number": {"jti": None},
    "an empty number": {"jti": ""},
    "a number too long": {"jti": "j" * 256},
}


@pytest.mark.parametrize("changed", WRONG_LOGOUTS.values(), ids=WRONG_LOGOUTS)
def test_a_logout_token_that_is_not_right_ends_nothing(provider: Provider, changed: dict[str, Any]) -> None:
    portal = Portal(provider)
    assert (
        refusal(lambda: portal.client.ended(provider.logout_token(**of_now(changed)), now=datetime.now(UTC))).motive
        is Motive.UNREADABLE
    )


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_a_logout_token_that_the_provider_did_not_sign_ends_nothing(
    provider: Provider, forge: Callable[[Provider], dict[str, Any]]
) -> None:
    for name, value in forge(provider).items():
        setattr(provider, name, value)
    portal = Portal(provider)
    assert refusal(lambda: portal.client.ended(provider.logout_token(), now=datetime.now(UTC))).motive is Motive.UNREADABLE


def test_an_id_token_is_no_logout_token(provider: Provider) -> None:
    portal = Portal(provider)
    token = portal.sign_in().id_token
    assert refusal(lambda: portal.client.ended(token, now=datetime.now(UTC))).motive is Motive.UNREADABLE


def test_nothing_that_opens_or_identifies_is_logged_or_shown(provider: Provider, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    portal, seen = Portal(provider), list[str]()

    def note(token: str) -> str:
        seen.append(token)
        return token

    provider.spoil = note
    arrived = portal.sign_in(fresh=True)
    portal.client.ended(provider.logout_token(), now=datetime.now(UTC))
    provider.claims["nonce"] = "autre"
    refused = refusal(portal.sign_in)
    assert len(seen) == 3
    logged = caplog.text + str(refused) + repr(arrived) + repr(portal.client)
    secrets = [SECRET, NONCE, VERIFIER, "session-1", PERSON["sub"], PERSON["family_name"], *seen, *provider.spent]
    assert [secret for secret in secrets if str(secret) in logged] == []
    assert DISCOVERY in caplog.text  # DEBUG was heard


def test_what_is_kept_has_a_bound(provider: Provider) -> None:
    portal = Portal(provider)
    known = portal.client.known
    for number in range(70):
        provider.document = {"issuer": f"{provider.issuer}/{number}"}
        provider.instead[f"/{number}{DISCOVERY}"] = provider.say("GET", DISCOVERY, {}, {})
        assert known.document(f"{provider.issuer}/{number}").jwks == f"{provider.issuer}/jwks"
    provider.asked.clear()
    known.document(f"{provider.issuer}/69")
    known.document(f"{provider.issuer}/0")
    assert provider.asked == [f"/0{DISCOVERY}"]
    assert json.loads(provider.instead[f"/0{DISCOVERY}"].body)["issuer"] == f"{provider.issuer}/0"
