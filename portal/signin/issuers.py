"""What an OpenID provider publishes of itself, its document and its keys: asked over a bounded line, kept for an hour."""

import json
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Self
from urllib.parse import urlsplit

import requests
from joserfc import jws, jwt
from joserfc.errors import BadSignatureError, ClaimError, JoseError
from joserfc.jwk import JWKRegistry, Key

from portal.signin.asking import SECONDS, bind, look, require_privacy
from portal.signin.refusals import Motive, SignInRefused

HOUR, MINUTE = 3600.0, 60.0
PROVIDERS = 64  # more than a region has: a bound all the same, since what is kept would never be given back
KEYS = 50

# Never what the provider lists: LemonLDAP lists `none`. HS256 would take our secret, which is in its hands too, for its signature.
ALGORITHMS = {"RS256": "RSA", "ES256": "EC"}
# Fields that a header has in excess are to be ignored (RFC 7515), but for those it calls critical.
SIGNED = jws.JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)


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
        require_privacy(issuer)
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
