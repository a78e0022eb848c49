"""A sign-in from its first step to the session: what the browser holds, what the ENT answers, who comes in."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlencode

import sqlalchemy as sa
from sqlmodel import Session, col, select

from portal.access import Policy
from portal.clock import Clock
from portal.db import Database
from portal.people.queries import schools_of
from portal.settings import Settings
from portal.signin import cas, oidc
from portal.signin.accounts import refuse_outsiders, welcome
from portal.signin.claims import Claims, understand
from portal.signin.envelopes import Answer
from portal.signin.linking import link
from portal.signin.models import EndedToken, OpenSession, PendingSignIn, Protocol, Provider, Purpose
from portal.signin.naming import name_heads
from portal.signin.refusals import Motive, SignInRefused
from portal.signin.secrets import client_secret, digest, drawn
from portal.signin.sessions import SignedIn, end_by_token, end_by_value, is_held

PENDING_FOR = timedelta(minutes=10)
TOKENS_KEPT = timedelta(hours=1)  # far longer than one can be accepted


class Begun(NamedTuple):
    """Where to send the browser, and the value of the cookie by which its return is known."""

    url: str
    cookie: str


class Pending(NamedTuple):
    """A sign-in under way, taken: nobody finds it again."""

    state: str
    nonce: str
    verifier: str
    back: str
    purpose: Purpose


class Proof(NamedTuple):
    """What the provider has proved, before any of it is stored."""

    claims: Claims
    proved: bool
    ticket: str = ""
    id_token: str = ""
    sid: str | None = None


class Left(NamedTuple):
    """What an ended session leaves: where to sign out too."""

    provider_id: int
    id_token: str


class Entered(NamedTuple):
    """The new session's cookie value, who it is, and the schools that are theirs."""

    cookie: str
    person_id: int
    schools: list[str]


@dataclass(frozen=True, slots=True)
class Reception:
    """Every provider's door. Nothing is stored about somebody before `enter`."""

    settings: Settings
    clock: Clock
    database: Database
    policy: Policy

    def home(self, provider: Provider) -> str:
        """Our address at that provider: from the configuration, never from what the browser says."""
        return f"{self.settings.public_url}/connexion/{provider.slug}/retour/"

    def send_off(self, provider: Provider, back: str, purpose: Purpose = Purpose.ENTER) -> Begun:
        cookie, state, nonce, verifier = drawn(), drawn(), drawn(), drawn() + drawn()
        fresh = _is_fresh(provider, purpose)
        if provider.protocol is Protocol.CAS:
            url = cas.login_url(provider, self._service(provider, state), fresh=fresh)
        else:
            url = self._client(provider).login_url(state=state, nonce=nonce, verifier=verifier, fresh=fresh)
        began_at = self.clock.now()
        self.database.write(
            lambda session: _remember(
                session,
                PendingSignIn(
                    digest=digest(cookie),
                    provider_id=provider.key,
                    state=state,
                    nonce=nonce,
                    verifier=verifier,
                    back=back,
                    purpose=purpose,
                    began_at=began_at,
                ),
            )
        )
        return Begun(url, cookie)

    def take(self, provider: Provider, cookie: str, state: str) -> Pending:
        """What this browser began here less than ten minutes ago; once."""
        now = self.clock.now()
        pending = self.database.write(lambda session: _take(session, provider.key, cookie, now)) if cookie else None
        if pending is None:
            raise SignInRefused(Motive.EXPIRED, "no sign-in under way in this browser")
        sends_state = provider.protocol is Protocol.OIDC or provider.state_in_service
        if sends_state and not hmac.compare_digest(pending.state.encode(), state.encode()):
            raise SignInRefused(Motive.EXPIRED, "the state is not the one that was sent")
        return pending

    def ask(self, provider: Provider, pending: Pending, query: Mapping[str, str]) -> Proof:
        """Ask the provider who comes; whoever may not is refused here, before anything is stored."""
        fresh = _is_fresh(provider, pending.purpose)
        if provider.protocol is Protocol.CAS:
            ticket = query.get("ticket") or query.get("SAMLart") or ""
            service = self._service(provider, pending.state)
            answer = cas.validate(provider, service, ticket, fresh=fresh, authorities=self.settings.certificates)
            proof = Proof(_understood(provider, answer), proved=fresh, ticket=ticket)
        else:
            arrived = self._client(provider).finish(
                query, state=pending.state, nonce=pending.nonce, verifier=pending.verifier, now=self.clock.now(), fresh=fresh
            )
            proof = Proof(_understood(provider, arrived.answer), proved=fresh, id_token=arrived.id_token, sid=arrived.sid)
        refuse_outsiders(provider, proof.claims)
        return proof

    def enter(self, provider: Provider, proof: Proof, *, device: str, leaving: str) -> Entered:
        """Open a session, and end the one this browser had (`leaving`, its cookie): ids are never carried over."""
        now, cookie = self.clock.now(), drawn()
        proved_at = now if proof.proved and provider.proves_fresh else None

        def work(session: Session) -> tuple[int, list[str]]:
            end_by_value(session, leaving)
            if proof.ticket and is_held(session, proof.ticket):
                raise SignInRefused(Motive.DENIED, "a ticket that already opened a session")
            person = welcome(session, provider, proof.claims, now)
            name_heads(session, self.policy, provider, proof.claims, now=now)
            session.add(
                OpenSession(
                    digest=digest(cookie),
                    person_id=person.key,
                    provider_id=provider.key,
                    subject=proof.claims.subject,
                    began_at=now,
                    seen_at=now,
                    proved_at=proved_at,
                    ticket_digest=digest(proof.ticket) if proof.ticket else None,
                    sid=proof.sid,
                    id_token=proof.id_token,
                    device=device,
                )
            )
            session.flush()
            return person.key, schools_of(session, person.key)

        return Entered(cookie, *self.database.write(work))

    def link(self, provider: Provider, proof: Proof, who: SignedIn) -> None:
        """The account known there joins that of the person who is signed in here: no session is opened or renewed."""
        now = self.clock.now()
        self.database.write(lambda session: link(session, who.actor, who.person_id, provider, proof.claims, now=now))

    def leave(self, cookie: str) -> str | None:
        """End this browser's session; the provider's own sign-out address, when it has one."""
        held = self.database.write(lambda session: _ended(session, cookie))
        if held is None:
            return None
        with self.database.read() as session:
            provider = session.get_one(Provider, held.provider_id)
        if not provider.ends_its_session:
            return None
        goodbye = f"{self.settings.public_url}/connexion/au-revoir"
        if provider.protocol is Protocol.CAS:
            return cas.logout_url(provider, goodbye)
        try:
            return self._client(provider).logout_url(held.id_token, goodbye, drawn())
        except SignInRefused:  # it does not say where: one is signed out here all the same
            return None

    def end_by_token(self, provider: Provider, token: str) -> int:
        """OpenID back-channel logout: how many sessions it ended. The same token is obeyed once."""
        if provider.protocol is not Protocol.OIDC:
            raise SignInRefused(Motive.UNREADABLE, "this provider has no back-channel logout")
        now = self.clock.now()
        ended = self._client(provider).ended(token, now=now)
        return self.database.write(lambda session: _obey(session, provider.key, ended, now))

    def _service(self, provider: Provider, state: str) -> str:
        """CAS has no state of its own: it stands in the service address, where the ENT registers a prefix."""
        home = self.home(provider)
        return f"{home}?{urlencode({'etat': state})}" if provider.state_in_service else home

    def _client(self, provider: Provider) -> oidc.Client:
        return oidc.Client(provider, client_secret(provider), self.home(provider), self.settings.certificates)


def _is_fresh(provider: Provider, purpose: Purpose) -> bool:
    """Whether the password is asked again. To link, wherever it can be: a session that is open there may be a colleague's."""
    return purpose is Purpose.PROVE or (purpose is Purpose.LINK and provider.proves_fresh)


def _understood(provider: Provider, answer: Answer) -> Claims:
    return understand(answer, names=provider.attributes, academy=provider.academy)


def _ended(session: Session, cookie: str) -> Left | None:
    held = end_by_value(session, cookie)
    return Left(held.provider_id, held.id_token) if held else None


def _obey(session: Session, provider_id: int, ended: oidc.Ended, now: datetime) -> int:
    session.execute(sa.delete(EndedToken).where(col(EndedToken.at) <= now - TOKENS_KEPT))
    if session.exec(select(EndedToken.id).where(EndedToken.provider_id == provider_id, EndedToken.jti == ended.jti)).first():
        raise SignInRefused(Motive.UNREADABLE, "a logout token that was obeyed already")
    session.add(EndedToken(provider_id=provider_id, jti=ended.jti, at=now))
    return end_by_token(session, provider_id, sid=ended.sid, subject=ended.sub)


def _remember(session: Session, pending: PendingSignIn) -> None:
    """What nobody came back from is forgotten at the next sign-in."""
    session.execute(sa.delete(PendingSignIn).where(col(PendingSignIn.began_at) <= pending.began_at - PENDING_FOR))
    session.add(pending)


def _take(session: Session, provider_id: int, cookie: str, now: datetime) -> Pending | None:
    row = session.exec(select(PendingSignIn).where(PendingSignIn.digest == digest(cookie)).with_for_update()).one_or_none()
    if row is None:
        return None
    session.delete(row)
    if row.provider_id != provider_id or now - row.began_at >= PENDING_FOR:
        return None
    return Pending(row.state, row.nonce, row.verifier, row.back, row.purpose)
