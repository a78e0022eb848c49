"""One's tokens as their page shows them, and the form that makes one token however often it is sent."""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta

from itsdangerous import BadSignature, TimestampSigner
from sqlmodel import Session

from portal.access import Actor, Policy
from portal.db import lock
from portal.errors import OutOfDate
from portal.people.models import Person
from portal.settings import Settings
from portal.signin import tokens
from portal.signin.secrets import drawn
from portal.signin.sessions import SignedIn
from portal.text import Sentence
from portal.web.language import say

SALT = "token form"
TWICE = timedelta(minutes=1)  # a second click, not a page that is looked at again
ALREADY = Sentence(
    "Ce jeton est déjà créé, et sa valeur ne se montre qu’une fois. S’il vous manque, révoquez-le, puis créez-en un autre."
)


@dataclass(frozen=True)
class Line:
    """A token in the list."""

    key: int
    label: str
    acts: list[str]
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None
    is_over: bool


def lines(session: Session, policy: Policy, person_id: int, now: datetime) -> list[Line]:
    return [
        Line(
            key=one.key,
            label=one.label,
            acts=[say(policy.act(scope)) if scope in policy.rules else scope for scope in one.scopes],
            made_at=one.made_at,
            expires_at=one.expires_at,
            used_at=one.used_at,
            is_over=one.expires_at <= now,
        )
        for one in tokens.own(session, person_id, now)
    ]


def offered(policy: Policy, actor: Actor) -> list[tuple[str, str]]:
    """What the person may let a program do: what they may do themselves, and that not everyone may."""
    return [(one, say(policy.act(one))) for one in policy.rules if policy.ever(actor, one) and not policy.is_open(one)]


def new_key(settings: Settings) -> str:
    """What makes a form unlike all others."""
    return _signer(settings).sign(drawn()).decode()


def value_from(settings: Settings, person_id: int, key: str) -> str | None:
    """The value of the token that this form makes: the same at a second click, and nobody's to compute. None: a form too old."""
    try:
        _signer(settings).unsign(key, max_age=int(settings.session_longest.total_seconds()))
    except BadSignature:
        return None
    secret = settings.secret_key.get_secret_value().encode()
    made = hmac.digest(secret, f"{SALT} {person_id} {key}".encode(), "sha256")
    return tokens.MARK + urlsafe_b64encode(made).decode().rstrip("=")


def _signer(settings: Settings) -> TimestampSigner:
    return TimestampSigner(settings.secret_key.get_secret_value(), salt=SALT)


def make_once(session: Session, policy: Policy, who: SignedIn, wish: tokens.Wish, *, value: str, now: datetime) -> str:
    """The value to show. Sent twice, the form makes one token: shown again at once, told later."""
    person = session.get_one(Person, who.person_id)
    lock(session, person)
    held = tokens.made_with(session, person.key, value)
    if held is None:
        tokens.make(session, policy, who.actor, person, wish, now=now, value=value)
    elif held.revoked_at is not None or now - held.made_at >= TWICE:
        raise OutOfDate(ALREADY)
    return value
