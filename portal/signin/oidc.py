"""OpenID Connect, code flow: where people are sent, the answer they bring back, sign-out on both sides."""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from authlib.common.urls import add_params_to_uri
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt

from portal.signin.asking import bind, look
from portal.signin.envelopes import Answer, read_claims
from portal.signin.issuers import KNOWN, Document, Issuers, read_object, reading
from portal.signin.models import Provider
from portal.signin.refusals import Motive, SignInRefused

LEEWAY = 60  # seconds between two clocks, and between a password and its answer
OLDEST_LOGOUT = timedelta(minutes=10)
LONGEST = 255  # of a sid or a jti: what their columns hold
LONGEST_CODE = 4096
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"
ERROR = re.compile(r"[a-z_]{1,40}")

# They tell of the exchange, not of the person.
PROTOCOL = frozenset(CodeIDToken.REGISTERED_CLAIMS) - {"sub"} | {"jti", "sid", "c_hash", "s_hash", "events"}


@dataclass(frozen=True, slots=True)
class Arrived:
    """Somebody the provider vouches for. `id_token` is for sign-out; `sid` is what the provider will name to end the session."""

    answer: Answer = field(repr=False)
    id_token: str = field(repr=False)
    sid: str | None = field(repr=False)
    auth_time: datetime | None


@dataclass(frozen=True, slots=True)
class Ended:
    """What a logout token ends: a session (`sid`), or without one all those of `sub`. A `jti` is obeyed once."""

    sid: str | None = field(repr=False)
    sub: str | None = field(repr=False)
    jti: str


@dataclass(frozen=True, slots=True)
class Client:
    """The portal, as an OpenID provider knows it. `callback` and `secret` are those registered there, to the letter."""

    provider: Provider
    secret: str = field(repr=False)
    callback: str
    authorities: str = ""
    known: Issuers = field(default=KNOWN, repr=False)

    def login_url(self, *, state: str, nonce: str, verifier: str, fresh: bool = False) -> str:
        """Where a browser is sent. `fresh`: the password is asked even of whoever is already signed in there."""
        # Some providers refuse what they did not announce: nothing is sent that was not asked for. LemonLDAP::NG reads a
        # `max_age` of 0 as none at all, so the prompt is named too; what proves anything is `auth_time`, judged in `finish`.
        asked = {"nonce": nonce, **({"prompt": "login", "max_age": "0"} if fresh else {})}
        with self._session() as session, reading("authorization"):
            url, _ = session.create_authorization_url(
                self._document.authorization, state=state, code_verifier=verifier if self.provider.pkce else None, **asked
            )
            return str(url)

    def finish(
        self, query: Mapping[str, str], *, state: str, nonce: str, verifier: str, now: datetime, fresh: bool = False
    ) -> Arrived:
        """Who has come, after all checks; the code is then used. `state`, `nonce` and `verifier` are those given to `login_url`."""
        code = self._code(query, state)
        with self._session() as session:
            given = self._exchange(session, code, verifier)
            access = _text(given, "access_token", "token endpoint")
            raw = _text(given, "id_token", "token endpoint")
            claims = self._identity(raw, access, nonce, now)
            auth_time = _auth_time(claims, now, fresh=fresh)
            said = self._userinfo(session, access, now, claims["sub"]) if self._document.userinfo else {}
        merged = {name: value for name, value in {**claims, **said}.items() if name not in PROTOCOL}
        return Arrived(read_claims(merged, self.provider.subject_attribute), raw, _short(claims.get("sid")), auth_time)

    def logout_url(self, id_token: str, back: str, state: str) -> str | None:
        """Where a browser is sent to sign out there too, then back; None: this provider has no such place."""
        if not (end := self._document.end_session):
            return None
        hint = [("id_token_hint", id_token)] if id_token else []
        return str(
            add_params_to_uri(end, [*hint, ("client_id", self._client_id), ("post_logout_redirect_uri", back), ("state", state)])
        )

    def ended(self, logout_token: str, *, now: datetime) -> Ended:
        """What the provider ends by itself. The caller refuses a `jti` seen before, and forgets it after `OLDEST_LOGOUT`."""
        claims = self._verified(logout_token, now, "logout token", "iat", "jti").claims
        sid, sub, jti = (_short(claims.get(name)) for name in ("sid", "sub", "jti"))
        faults = {
            "old": claims["iat"] < (now - OLDEST_LOGOUT).timestamp(),
            "no event": not isinstance(claims.get("events"), dict) or not isinstance(claims["events"].get(LOGOUT), dict),
            "a nonce": "nonce" in claims,  # it would be an ID token
            "nothing to end": sid is None and sub is None,
            "sid": "sid" in claims and sid is None,
            "sub": "sub" in claims and sub is None,
        }
        if found := [fault for fault, is_there in faults.items() if is_there]:
            raise SignInRefused(Motive.UNREADABLE, f"logout token: {', '.join(found)}")
        if jti is None:
            raise SignInRefused(Motive.UNREADABLE, "logout token: jti")
        return Ended(sid, sub, jti)

    @property
    def _document(self) -> Document:
        return self.known.document(self.provider.base_url, self.authorities)

    @property
    def _client_id(self) -> str:
        return self.provider.client_id

    def _session(self) -> Any:
        session = OAuth2Session(
            self._client_id,
            self.secret,
            token_endpoint_auth_method=str(self.provider.token_auth),
            scope=self.provider.scopes,
            redirect_uri=self.callback,
            code_challenge_method="S256",
        )
        bind(session, self.authorities, self.known.seconds)
        return session

    def _code(self, query: Mapping[str, str], state: str) -> str:
        """Refuse first what was not asked from this browser: nothing else in such an answer means anything."""
        if not state or not hmac.compare_digest(query.get("state", "").encode(errors="replace"), state.encode()):
            raise SignInRefused(Motive.EXPIRED, "another state")
        if query.get("iss", self.provider.base_url) != self.provider.base_url:
            raise SignInRefused(Motive.UNREADABLE, "answer: another issuer")
        if "error" in query:
            raise SignInRefused(Motive.DENIED, _error(query["error"]))
        if "iss" not in query and self._document.names_itself:
            raise SignInRefused(Motive.UNREADABLE, "answer: no issuer, from a provider that always names itself")
        code = query.get("code", "")
        if not 0 < len(code) <= LONGEST_CODE:
            raise SignInRefused(Motive.UNREADABLE, "answer: no code")
        return code

    def _exchange(self, session: Any, code: str, verifier: str) -> Mapping[str, Any]:
        proof = {"code_verifier": verifier} if self.provider.pkce else {}
        with reading("token endpoint"):
            try:
                given: Mapping[str, Any] = session.fetch_token(
                    self._document.token, grant_type="authorization_code", code=code, allow_redirects=False, **proof
                )
            except OAuthError as error:
                raise SignInRefused(Motive.DENIED, _error(error.error)) from None
            except requests.HTTPError as error:
                look(error.response, "token endpoint")
                raise
        return given

    def _identity(self, raw: str, access: str, nonce: str, now: datetime) -> dict[str, Any]:
        token = self._verified(raw, now, "ID token", "sub", "exp", "iat", "nonce")
        with reading("ID token"):
            claims = CodeIDToken(
                token.claims,
                token.header,
                params={"client_id": self._client_id, "nonce": nonce, "access_token": access},
            )
            claims.validate(int(now.timestamp()), LEEWAY)
            # Authlib compares a nonce only with one that is not empty.
            if not nonce or not claims["sub"]:
                raise ValueError
            return dict(claims)

    def _userinfo(self, session: Any, access: str, now: datetime, sub: str) -> dict[str, Any]:
        """What the provider says more; ProConnect signs it. Authlib would refuse here a token that lives a minute."""
        asked = {"Authorization": f"Bearer {access}", "Accept": "application/json, application/jwt"}
        with reading("userinfo"):
            answer = session.get(self._document.userinfo, headers=asked, withhold_token=True, allow_redirects=False)
        if answer.headers.get("Content-Type", "").partition(";")[0].strip().lower() == "application/jwt":
            look(answer, "userinfo")
            said = self._verified(answer.text.strip(), now, "userinfo").claims
        else:
            said = read_object(answer, "userinfo")
        if said.get("sub") != sub:
            raise SignInRefused(Motive.UNREADABLE, "userinfo: another subject")
        return said

    def _verified(self, raw: str, now: datetime, what: str, *required: str) -> jwt.Token:
        """Signed by the provider, for us, and of now."""
        token = self.known.verify(raw, self.provider.base_url, self.authorities)
        options: dict[str, jwt.ClaimsOption] = {name: {"essential": True} for name in required}
        options["iss"] = {"essential": True, "value": self.provider.base_url}
        options["aud"] = {"essential": True, "value": self._client_id}
        with reading(what):
            jwt.JWTClaimsRegistry(int(now.timestamp()), LEEWAY, **options).validate(token.claims)
        return token


def _auth_time(claims: Mapping[str, Any], now: datetime, *, fresh: bool) -> datetime | None:
    """When the password was typed. Asked again, it must have been just now: a provider may ignore what it is asked."""
    said = claims.get("auth_time")
    if said is None and not fresh:
        return None
    if said is None:
        raise SignInRefused(Motive.NOT_FRESH, "no auth_time")
    with reading("ID token: auth_time"):
        if isinstance(said, bool) or not isinstance(said, int | float):
            raise TypeError
        at = datetime.fromtimestamp(said, UTC)
    if fresh and abs(now - at) > timedelta(seconds=LEEWAY):
        raise SignInRefused(Motive.NOT_FRESH, "auth_time is not of now")
    return at


def _text(said: Mapping[str, Any], name: str, what: str) -> str:
    value = said.get(name)
    if not isinstance(value, str) or not value:
        raise SignInRefused(Motive.UNREADABLE, f"{what}: no {name}")
    return value


def _short(value: object) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= LONGEST else None


def _error(code: object) -> str:
    """The code is written by whoever answers: it is kept when it looks like one of the protocol's."""
    return code if isinstance(code, str) and ERROR.fullmatch(code) else ""
