"""An OpenID provider of tests: right in all it does, but for what a test tells it to do wrong."""

import base64
import hashlib
import ipaddress
import json
import secrets
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from joserfc import jwt
from joserfc.jwk import ECKey, Key, RSAKey

CLIENT = "logitheque"
SECRET = "a secret of tests, of more than thirty-two characters"  # noqa: S105
CALLBACK = "http://127.0.0.1:8000/connexion/essai/retour"
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
PERSON = {"sub": "Mt-0042", "given_name": "Anaëlle", "family_name": "Le Goff-Nuñez", "UAI": ["0999901Z", "0999902A"]}

Headers = Mapping[str, str]


@cache
def rsa(kid: str = "one") -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"})


@cache
def elliptic(kid: str = "curve") -> ECKey:
    return ECKey.generate_key("P-256", {"kid": kid, "use": "sig", "alg": "ES256"})


@dataclass(frozen=True)
class Said:
    """One HTTP answer, whole or drop by drop."""

    body: bytes = b""
    kind: str = "application/json"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    pace: float = 0  # seconds between two bytes, from the headers on; the first byte waits too

    @classmethod
    def json(cls, said: object, status: int = 200) -> "Said":
        return cls(json.dumps(said, ensure_ascii=False).encode(), status=status)


@dataclass
class Provider:
    """What a test changes: `document`, `claims` and `userinfo` over the right ones (None takes out), `instead` for a whole path."""

    issuer: str = ""
    keys: list[Key] = field(default_factory=lambda: [rsa()])
    published: list[dict[str, Any]] | None = None
    signer: Key = field(default_factory=rsa)
    header: dict[str, Any] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    answer: dict[str, Any] = field(default_factory=dict)
    token: dict[str, Any] = field(default_factory=dict)
    userinfo_is_signed: bool = False
    instead: dict[str, Said] = field(default_factory=dict)
    spoil: Callable[[str], str] = str
    asked: list[str] = field(default_factory=list)
    auth_methods: list[str] = field(default_factory=list)
    closing: Event = field(default_factory=Event)
    left: Event = field(default_factory=Event)  # a caller hung up before the end of its answer
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)
    _access: dict[str, str] = field(default_factory=dict)
    spent: list[str] = field(default_factory=list)  # codes and access tokens given out

    def sign(self, claims: Mapping[str, Any]) -> str:
        header = {"alg": str(self.signer.alg), "kid": str(self.signer.kid), **self.header}
        header = {name: value for name, value in header.items() if value is not None}
        return self.spoil(jwt.encode(header, dict(claims), self.signer, algorithms=["RS256", "ES256", "RS512"]))

    def logout_token(self, **changed: Any) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 120, "jti": secrets.token_urlsafe(8),
            "sid": "session-1", "sub": PERSON["sub"], "events": {LOGOUT_EVENT: {}},
        }  # fmt: skip
        return self.sign(over(claims, changed))

    def say(self, method: str, target: str, headers: Headers, form: dict[str, str]) -> Said:
        parts = urlsplit(target)
        self.asked.append(parts.path)
        if parts.path in self.instead:
            return self.instead[parts.path]
        answers: dict[tuple[str, str], Callable[[], Said]] = {
            ("GET", "/.well-known/openid-configuration"): lambda: Said.json(over(self._document(), self.document)),
            ("GET", "/jwks"): self._jwks,
            ("GET", "/authorize"): lambda: self._authorize(dict(parse_qsl(parts.query))),
            ("POST", "/token"): lambda: self._token(headers, form),
            ("GET", "/userinfo"): lambda: self._userinfo(headers),
        }
        return answers.get((method, parts.path), lambda: Said(b"<html>Rien ici</html>", "text/html", 404))()

    def _document(self) -> dict[str, Any]:
        places = {
            f"{name}_endpoint": f"{self.issuer}/{path}"
            for name, path in {
                "authorization": "authorize", "token": "token", "userinfo": "userinfo", "end_session": "logout?theme=ent"
            }.items()
        }  # fmt: skip
        return {
            "issuer": self.issuer,
            "jwks_uri": f"{self.issuer}/jwks",
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
            **places,
        }

    def _jwks(self) -> Said:
        published: list[Any] = [key.as_dict(private=False) for key in self.keys]
        return Said.json({"keys": published if self.published is None else self.published})

    def _authorize(self, asked: dict[str, str]) -> Said:
        code = secrets.token_urlsafe(8)
        self._codes[code] = asked
        self.spent.append(code)
        query = over({"code": code, "state": asked["state"], "iss": self.issuer}, self.answer)
        return Said(status=302, headers={"Location": f"{asked['redirect_uri']}?{urlencode(query)}"})

    def _token(self, headers: Headers, form: dict[str, str]) -> Said:
        if self._client(headers, form) != (CLIENT, SECRET):
            return Said.json({"error": "invalid_client"}, 401)
        asked = self._codes.pop(form.get("code", ""), None)
        if asked is None or form["redirect_uri"] != asked["redirect_uri"] or not _proven(asked, form):
            return Said.json({"error": "invalid_grant"}, 400)
        now, access = int(time.time()), secrets.token_urlsafe(8)
        self._access[access] = asked["nonce"]
        self.spent.append(access)
        half = base64.urlsafe_b64encode(hashlib.sha256(access.encode()).digest()[:16]).rstrip(b"=").decode()
        claims = {
            "iss": self.issuer, "aud": CLIENT, "sub": PERSON["sub"], "iat": now, "exp": now + 60, "nonce": asked["nonce"],
            "at_hash": half, "sid": "session-1", **({"auth_time": now} if "max_age" in asked else {}),
        }  # fmt: skip
        given = {"access_token": access, "token_type": "Bearer", "expires_in": 60, "id_token": self.sign(over(claims, self.claims))}
        return Said.json(over(given, self.token))

    def _client(self, headers: Headers, form: dict[str, str]) -> tuple[str, ...]:
        kind, _, coded = headers.get("Authorization", "").partition(" ")
        self.auth_methods.append("client_secret_basic" if kind == "Basic" else "client_secret_post")
        if kind == "Basic":
            return tuple(unquote(part) for part in base64.b64decode(coded).decode().split(":", 1))
        return form.get("client_id", ""), form.get("client_secret", "")

    def _userinfo(self, headers: Headers) -> Said:
        if headers.get("Authorization", "").removeprefix("Bearer ") not in self._access:
            return Said.json({"error": "invalid_token"}, 401)
        if not self.userinfo_is_signed:
            return Said.json(over(PERSON, self.userinfo))
        signed = self.sign(over({**PERSON, "iss": self.issuer, "aud": CLIENT}, self.userinfo))
        return Said(signed.encode(), "application/jwt; charset=utf-8")


def over(right: Mapping[str, Any], changed: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**right, **changed}.items() if value is not None}


def _proven(asked: dict[str, str], form: dict[str, str]) -> bool:
    """PKCE, as S256 has it."""
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return asked.get("code_challenge", challenge) == challenge and asked.get("code_challenge_method", "S256") == "S256"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hangs up is what some tests are about."""


@contextmanager
def opened(certificate: Path | None = None) -> Iterator[Provider]:
    """A provider that answers on a port of its own, over TLS when it has a certificate (with its key in the same file)."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            self._answer(dict(parse_qsl(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())))

        def _answer(self, form: dict[str, str]) -> None:
            said = provider.say(self.command, self.path, dict(self.headers), form)
            self.close_connection = "Connection" in said.headers
            head = {"Content-Type": said.kind, "Content-Length": str(len(said.body)), **said.headers}
            lines = [f"HTTP/1.1 {said.status} Said", *(f"{name}: {value}" for name, value in head.items()), "", ""]
            whole = "\r\n".join(lines).encode() + said.body
            try:
                if not said.pace:
                    self.wfile.write(whole)
                for byte in whole if said.pace else b"":
                    if provider.closing.wait(said.pace):
                        return
                    self.wfile.write(bytes([byte]))
            except OSError:
                provider.left.set()

        def log_message(self, *_arguments: Any) -> None:
            pass

    server = _Server(("127.0.0.1", 0), Handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    provider.issuer = f"{'https' if certificate else 'http'}://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield provider
    finally:
        provider.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


def certificate(folder: Path, address: str = "127.0.0.1") -> Path:
    """A file with a certificate of `address` and its key; being its own authority, it is also what to trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, address)])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{secrets.token_hex(4)}.pem"
    path.write_bytes(
        signed.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path
