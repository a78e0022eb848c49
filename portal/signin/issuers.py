"""What an OpenID provider publishes of itself, its document and its keys: asked over a bounded line, kept for an hour."""

import json
import socket
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from io import BytesIO
from ipaddress import ip_address
from threading import Lock
from typing import Any, Self
from urllib.parse import urlsplit

import requests
from joserfc import jws, jwt
from joserfc.errors import BadSignatureError, ClaimError, JoseError
from joserfc.jwk import JWKRegistry, Key
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, ReadTimeoutError

from portal.signin.refusals import Motive, SignInRefused

SECONDS = 5.0
LIMIT = 256 * 1024
HOUR, MINUTE = 3600.0, 60.0
PROVIDERS = 64  # more than a region has: a bound all the same, since what is kept would never be given back
KEYS = 50

# Never what the provider lists: LemonLDAP lists `none`. HS256 would take our secret, which is in its hands too, for its signature.
ALGORITHMS = {"RS256": "RSA", "ES256": "EC"}
# Fields that a header has in excess are to be ignored (RFC 7515), but for those it calls critical.
SIGNED = jws.JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)

# Compressed, a small answer can become a huge one: sent compressed all the same, it is not understood.
PLAIN = {"Accept-Encoding": "identity", "User-Agent": "logitheque"}


class Bounded(HTTPAdapter):
    """Gives whole answers only, within `seconds` from the name to the last byte; every other end is a refusal with its motive."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._opened: list[socket.socket] = []
        self._is_cut = False
        hold = self._hold

        class Open(HTTPConnection):
            def connect(self) -> None:
                super().connect()
                hold(self.sock)

        class Private(HTTPSConnection):
            def connect(self) -> None:
                super().connect()
                hold(self.sock)

        self._kinds = {"http": Open, "https": Private}
        super().__init__(max_retries=0)

    def get_connection_with_tls_context(self, *args: Any, **options: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **options)
        pool.ConnectionCls = self._kinds[pool.scheme]
        return pool

    def send(self, request: requests.PreparedRequest, *_args: Any, **options: Any) -> requests.Response:
        """Another thread asks: looking up a name, or headers that come one byte at a time, know no limit of their own."""
        asking = ThreadPoolExecutor(max_workers=1)
        try:
            return asking.submit(self._ask, request, {**options, "stream": True, "timeout": self._seconds}).result(self._seconds)
        except TimeoutError:
            self._cut()
            raise SignInRefused(Motive.SLOW, f"no whole answer within {self._seconds} s") from None
        finally:
            asking.shutdown(wait=False)

    def _ask(self, request: requests.PreparedRequest, options: dict[str, Any]) -> requests.Response:
        try:
            answer = super().send(request, **options)
            with answer:
                body = answer.raw.read(LIMIT + 1, decode_content=False)
        except requests.exceptions.SSLError:
            raise SignInRefused(Motive.UNSAFE, "its certificate is refused") from None
        except (requests.exceptions.Timeout, ReadTimeoutError):
            raise SignInRefused(Motive.SLOW, f"nothing for {self._seconds} s") from None
        except requests.exceptions.RequestException as error:
            raise SignInRefused(Motive.UNREACHABLE, type(error).__name__) from None
        except HTTPError as error:  # of urllib3: the body stopped before its announced end
            raise SignInRefused(Motive.UNREADABLE, f"cut short: {type(error).__name__}") from None
        except OSError as error:  # what requests raises before it asks anything
            raise SignInRefused(Motive.UNSAFE, f"the file of authorities cannot be read: {type(error).__name__}") from None
        if len(body) > LIMIT:
            raise SignInRefused(Motive.UNREADABLE, f"more than {LIMIT} bytes")
        answer.raw = BytesIO(body)  # whoever reads next finds what was counted
        return answer

    def _hold(self, opened: socket.socket) -> None:
        """Kept first and looked at next, as `_cut` says first and looks next: a socket opened meanwhile is not missed."""
        self._opened.append(opened)
        if self._is_cut:
            self._cut()

    def _cut(self) -> None:
        self._is_cut = True
        for opened in list(self._opened):
            with suppress(OSError):  # closed already
                opened.shutdown(socket.SHUT_RDWR)


def bind(session: requests.Session, authorities: str, seconds: float) -> None:
    """Give a session its bounds. The environment (proxies, .netrc) is not read; `authorities` empty: those browsers trust."""
    session.trust_env = False
    session.verify = authorities or True
    session.headers.update(PLAIN)
    session.mount("http://", Bounded(seconds))
    session.mount("https://", Bounded(seconds))


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Whatever the libraries raise is one refusal. They quote what they were reading: only the kind of fault is kept."""
    try:
        yield
    except ClaimError as error:
        raise SignInRefused(Motive.UNREADABLE, f"{what}: {error.error} {error.claim}") from None
    except JoseError as error:
        raise SignInRefused(Motive.UNREADABLE, f"{what}: {error.error}") from None
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError, requests.RequestException) as error:
        raise SignInRefused(Motive.UNREADABLE, f"{what}: {type(error).__name__}") from None


def look(answer: requests.Response, what: str) -> None:
    """A provider that fails says so with 5xx or 429; another status, redirections included, is not the protocol."""
    if answer.status_code >= 500 or answer.status_code == 429:
        raise SignInRefused(Motive.UNREACHABLE, f"{what}: status {answer.status_code}")
    if answer.status_code != 200:
        raise SignInRefused(Motive.UNREADABLE, f"{what}: status {answer.status_code}")


def read_object(answer: requests.Response, what: str) -> dict[str, Any]:
    look(answer, what)
    with reading(what):
        said = json.loads(answer.content)
        if isinstance(said, dict):
            return said
    raise SignInRefused(Motive.UNREADABLE, f"{what}: not an object")


@dataclass(frozen=True, slots=True)
class Document:
    """The part of OpenID Discovery that we use."""

    authorization: str
    token: str
    jwks: str
    userinfo: str | None
    end_session: str | None
    names_itself: bool  # in each answer, as RFC 9207 says

    @classmethod
    def read(cls, said: dict[str, Any], issuer: str) -> Self:
        # To the letter: else a provider could speak for another, and its tokens would not name the one that is configured.
        if said.get("issuer") != issuer:
            raise SignInRefused(Motive.UNREADABLE, "discovery: another issuer")
        return cls(
            authorization=_endpoint(said, "authorization_endpoint", issuer),
            token=_endpoint(said, "token_endpoint", issuer),
            jwks=_endpoint(said, "jwks_uri", issuer),
            userinfo=_endpoint(said, "userinfo_endpoint", issuer) if said.get("userinfo_endpoint") else None,
            end_session=_endpoint(said, "end_session_endpoint", issuer) if said.get("end_session_endpoint") else None,
            names_itself=said.get("authorization_response_iss_parameter_supported") is True,
        )


def _endpoint(said: dict[str, Any], name: str, issuer: str) -> str:
    address = said.get(name)
    with suppress(ValueError):
        parts = urlsplit(address) if isinstance(address, str) else None
        if parts and parts.hostname and parts.scheme in {"https", urlsplit(issuer).scheme}:
            return str(address)
    raise SignInRefused(Motive.UNREADABLE, f"discovery: {name} is no address, or not as safe as the issuer")


def _require_privacy(issuer: str) -> None:
    """Codes and tokens may cross in plain http between programs of one machine only."""
    with suppress(ValueError):
        parts = urlsplit(issuer)
        if parts.scheme == "https" or (parts.scheme == "http" and _is_here(parts.hostname or "")):
            return
    raise SignInRefused(Motive.UNSAFE, "an address in plain http, elsewhere than on this machine")


def _is_here(host: str) -> bool:
    return host == "localhost" or ip_address(host).is_loopback


@dataclass(slots=True)
class _Kept:
    document: Document
    read_at: float
    keys: tuple[Key, ...] | None = None
    renewed_at: float | None = None


@dataclass(frozen=True)
class Issuers:
    """What providers published, for all threads of a process. Two threads may ask the same thing at once: the last one is kept."""

    seconds: float = SECONDS
    age: Callable[[], float] = time.monotonic
    _kept: OrderedDict[tuple[str, str], _Kept] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def document(self, issuer: str, authorities: str = "") -> Document:
        return self._known(issuer, authorities).document

    def verify(self, token: str, issuer: str, authorities: str = "") -> jwt.Token:
        """The token, once one of the issuer's keys is known to have signed it. Its claims are still to be checked.

        Keys are asked again when the token names one we do not know, or none: providers change them without a word.
        """
        with reading("token"):
            header = jws.extract_compact(token.encode("ascii"), None, SIGNED).headers()
            kind, kid = ALGORITHMS.get(header["alg"]), header.get("kid")
            if kind is None:
                raise SignInRefused(Motive.UNREADABLE, "token: an algorithm that we do not accept")
            for again in (False, True):
                fitting = [
                    key
                    for key in self._keys(issuer, authorities, again=again)
                    if key.key_type == kind and (kid is None or key.kid == kid)
                ]
                for key in fitting:
                    with suppress(BadSignatureError):
                        return jwt.decode(token, key, registry=SIGNED)
                if fitting and kid is not None:
                    break
        raise SignInRefused(Motive.UNREADABLE, "token: not signed by a key of the provider")

    def _known(self, issuer: str, authorities: str) -> _Kept:
        now = self.age()
        with self._lock:
            kept = self._kept.get((issuer, authorities))
        if kept and now - kept.read_at < HOUR:
            return kept
        _require_privacy(issuer)
        said = self._get(issuer.removesuffix("/") + "/.well-known/openid-configuration", authorities, "discovery")
        fresh = _Kept(Document.read(said, issuer), now)
        with self._lock:
            self._kept[issuer, authorities] = fresh
            self._kept.move_to_end((issuer, authorities))
            while len(self._kept) > PROVIDERS:
                self._kept.popitem(last=False)
        return fresh

    def _keys(self, issuer: str, authorities: str, *, again: bool) -> tuple[Key, ...]:
        """`again` asks once a minute at most: anybody may send us a token that names a key nobody knows."""
        kept, now = self._known(issuer, authorities), self.age()
        with self._lock:
            is_recent = kept.renewed_at is not None and now - kept.renewed_at < MINUTE
            if kept.keys is not None and (is_recent or not again):
                return kept.keys
            if again:
                kept.renewed_at = now
        keys = _usable(self._get(kept.document.jwks, authorities, "keys"))
        with self._lock:
            kept.keys = keys
        return keys

    def _get(self, address: str, authorities: str, what: str) -> dict[str, Any]:
        with requests.Session() as session, reading(what):
            bind(session, authorities, self.seconds)
            return read_object(session.get(address, headers={"Accept": "application/json"}, allow_redirects=False), what)


def _usable(said: dict[str, Any]) -> tuple[Key, ...]:
    """Keys of kinds that we do not know stand beside the others, and are passed over."""
    entries = said.get("keys")
    if not isinstance(entries, list):
        raise SignInRefused(Motive.UNREADABLE, "keys: not a set of keys")
    keys = list[Key]()
    for entry in entries[:KEYS]:
        if isinstance(entry, dict) and entry.get("kty") in ALGORITHMS.values() and entry.get("use") != "enc":
            with suppress(JoseError, ValueError, TypeError, KeyError):
                keys.append(JWKRegistry.import_key(entry))
    return tuple(keys)


KNOWN = Issuers()
