"""Who reads: Flask-Login asks here once per request, and only when somebody wants to know."""

from datetime import datetime
from typing import Any

from flask import Flask, Request, g
from flask.sessions import SecureCookieSession, SessionInterface
from flask_login import AnonymousUserMixin, LoginManager, UserMixin, current_user
from sqlmodel import Session

from portal.access import ANYONE, Actor
from portal.signin import sessions, tokens
from portal.signin.secrets import digest
from portal.signin.sessions import Limits, SignedIn
from portal.web import bearer, cookies
from portal.web.kit import portal, session


class Reader(UserMixin):  # type: ignore[misc]
    """A person who is signed in, as templates see `current_user`."""

    def __init__(self, signed_in: SignedIn) -> None:
        self.signed_in = signed_in

    @property
    def name(self) -> str:
        return self.signed_in.name or self.signed_in.actor.function

    @property
    def function(self) -> str:
        return self.signed_in.actor.function

    @property
    def news(self) -> int:
        return self.signed_in.news

    @property
    def stamp(self) -> str:
        """For stamps of pages, which show the name and the count of news: another session, another page."""
        return digest(f"{self.signed_in.session_id} {self.name} {self.function} {self.news}")[:12]

    def get_id(self) -> str:
        return str(self.signed_in.person_id)


class Nobody(AnonymousUserMixin):  # type: ignore[misc]
    """A visitor."""

    stamp = ""


class NoCookieSession(SessionInterface):
    """Flask's own session is a cookie that the browser holds: nothing is kept there, ours is a row of the database."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession:  # noqa: ARG002 – the signature is Flask's
        return SecureCookieSession()

    def save_session(self, app: Flask, session: Any, response: Any) -> None:
        """Nothing to save."""


def signed_in() -> SignedIn | None:
    """The person who reads; None for a visitor."""
    return current_user.signed_in if current_user.is_authenticated else None


def reader() -> SignedIn:
    """In a view that the gate opens to signed-in people only."""
    found = signed_in()
    if found is None:
        raise RuntimeError("This view asks who reads, and its access lets visitors in: ask `signed_in`.")
    return found


def actor() -> Actor:
    found = signed_in()
    return found.actor if found else ANYONE


def limits() -> Limits:
    settings = portal().settings
    return Limits(settings.session_idle, settings.session_longest)


def token() -> tokens.Shown:
    """In a view of the API that the gate opens to programs with a token only."""
    shown: tokens.Shown = g.token
    return shown


def is_refused() -> bool:
    """Whether a program showed a token that opens nothing."""
    return signed_in() is None and bearer.value() is not None


def _load(_request: Request) -> Reader | None:
    """A token opens the API and nothing else; a cookie opens pages and nothing else."""
    return _by_token() if bearer.is_program() else _by_cookie()


def _by_token() -> Reader | None:
    value, now = bearer.value(), portal().clock.now()
    found = tokens.find(session(), value, now) if value else None
    if found is None:
        return None
    g.token = found
    if found.used_at is None or now - found.used_at >= sessions.SEEN_EVERY:
        portal().database.write(lambda writing: tokens.touch(writing, found.id, now))
    return Reader(found.signed_in)


def _by_cookie() -> Reader | None:
    settings, now = portal().settings, portal().clock.now()
    value = cookies.read(cookies.session_cookie(settings))
    found = sessions.find(session(), value, limits(), now) if value else None
    g.signed_out = bool(value) and found is None  # the cookie of a session that is over: said where it matters
    if found is None:
        return None
    if now - found.seen_at >= sessions.SEEN_EVERY:
        portal().database.write(lambda writing: _touched(writing, found, now))
    return Reader(found)


def _touched(writing: Session, found: SignedIn, now: datetime) -> None:
    sessions.touch(writing, found.session_id, now)


def start(app: Flask) -> None:
    app.session_interface = NoCookieSession()
    manager = LoginManager(app)
    manager.session_protection = None
    manager.anonymous_user = Nobody
    manager.request_loader(_load)
