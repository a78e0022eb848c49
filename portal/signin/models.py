"""Tables of sign-in: identity providers as data, sign-ins under way, open sessions, personal tokens. Secrets are never here."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from portal.db import Model, choice, one_of


class Protocol(StrEnum):
    """How a provider speaks."""

    CAS = "cas"
    OIDC = "oidc"


class Validation(StrEnum):
    """Where a CAS ticket is validated, under the base address; no ENT has them all."""

    P3 = "p3/serviceValidate"
    SERVICE = "serviceValidate"
    PROXY = "proxyValidate"
    SAML = "samlValidate"


class TokenAuth(StrEnum):
    """How we prove ourselves at an OpenID provider's token endpoint."""

    BASIC = "client_secret_basic"
    POST = "client_secret_post"


class Provider(Model, table=True):
    """An ENT, or a window of the State, through which people come in. No ENT is like another: each trait is a column."""

    __tablename__ = "provider"
    __table_args__ = (
        one_of("protocol", Protocol),
        one_of("validation", Validation),
        one_of("token_auth", TokenAuth),
        sa.CheckConstraint("protocol <> 'oidc' OR length(client_id) > 0", name="oidc_has_a_client"),
    )

    slug: str = Field(max_length=40, unique=True, description="stands in the addresses that the ENT registers")
    label: str = Field(max_length=80, description="as people call it")
    protocol: Protocol = Field(sa_type=choice(Protocol))
    base_url: str = Field(max_length=300, description="CAS: the address before /login; OpenID: the issuer, to the letter")
    serves: list[str] = Field(
        default_factory=list, sa_type=sa.JSON, description="whose ENT: territory:aura, academy:Grenoble, school:0380001A, *"
    )
    contact: str = Field(default="", max_length=254, description="whom to ask when it does not work")
    enabled: bool = Field(default=True)
    is_demonstration: bool = Field(default=False)

    validation: Validation = Field(default=Validation.P3, sa_type=choice(Validation))
    state_in_service: bool = Field(default=True, description="CAS: it accepts any query after our registered address")
    client_id: str = Field(default="", max_length=120)
    secret_env: str = Field(default="", max_length=80, description="the environment variable that holds the client's secret")
    token_auth: TokenAuth = Field(default=TokenAuth.BASIC, sa_type=choice(TokenAuth))
    scopes: str = Field(default="openid profile email", max_length=200)
    pkce: bool = Field(default=True)

    subject_attribute: str = Field(default="", max_length=60, description="empty: cas:user, or sub")
    attributes: dict[str, list[str]] = Field(
        default_factory=dict, sa_type=sa.JSON, description="names this ENT gives to what we read: see claims.NAMES"
    )
    academy: str = Field(default="", max_length=40, description="of join keys that it sends without one")
    gives_join_key: bool = Field(default=False, description="it is declared to send the AAF key of the person itself")
    adults_only: bool = Field(default=False, description="nobody else has an account there: an answer without profile is believed")
    names_heads: bool = Field(default=False, description="the State's window: what it says of heads of schools is believed")
    proves_fresh: bool = Field(default=False, description="it can ask the password again, and prove it did")
    ends_its_session: bool = Field(default=True, description="signing out here signs out there")


class Identity(Model, table=True):
    """How a person is known by a provider: the account's key. Never a mail address, never a name."""

    __tablename__ = "identity"
    __table_args__ = (sa.UniqueConstraint("provider_id", "subject"),)

    provider_id: int = Field(foreign_key="provider.id")
    subject: str = Field(max_length=255, description="to the letter, case included")
    person_id: int = Field(foreign_key="person.id", index=True)
    join_key: str = Field(default="", max_length=80, index=True, description="ACADEMY-123: proposes a link, never makes one")
    profiles: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    first_seen_at: datetime
    seen_at: datetime


class Purpose(StrEnum):
    """What a sign-in is begun for."""

    ENTER = "enter"
    PROVE = "prove"  # the password is asked again, before granting
    LINK = "link"  # a second identity of the same person


class PendingSignIn(Model, table=True):
    """A sign-in under way, ten minutes at most: what the answer must match. Nothing here tells who is coming."""

    __tablename__ = "pending_sign_in"
    __table_args__ = (one_of("purpose", Purpose),)

    digest: str = Field(max_length=64, unique=True, description="SHA-256 of the value of the browser's cookie")
    provider_id: int = Field(foreign_key="provider.id")
    state: str = Field(max_length=64)
    nonce: str = Field(max_length=64)
    verifier: str = Field(max_length=128, description="PKCE")
    back: str = Field(max_length=2000, description="our own path, where the person was going")
    purpose: Purpose = Field(sa_type=choice(Purpose))
    began_at: datetime = Field(index=True)


class OpenSession(Model, table=True):
    """A browser that is signed in. Stolen, this table opens nothing: ids and tickets are digests."""

    __tablename__ = "open_session"
    __table_args__ = (sa.Index(None, "provider_id", "subject"), sa.Index(None, "provider_id", "sid"))

    digest: str = Field(max_length=64, unique=True, description="SHA-256 of the value of the browser's cookie")
    person_id: int = Field(foreign_key="person.id", index=True)
    provider_id: int = Field(foreign_key="provider.id")
    subject: str = Field(max_length=255)
    began_at: datetime
    seen_at: datetime
    proved_at: datetime | None = Field(default=None, description="when the password was asked again, and proved")
    ticket_digest: str | None = Field(default=None, max_length=64, unique=True, description="CAS: single logout finds it")
    sid: str | None = Field(default=None, max_length=255, description="OpenID: back-channel logout finds it")
    id_token: str = Field(default="", sa_type=sa.Text, description="OpenID: the provider asks for it at sign-out")
    device: str = Field(default="", max_length=80, description="browser and system, as the person will recognise them")


class EndedToken(Model, table=True):
    """A logout token that was obeyed: the same one again is refused. Kept for as long as it could be accepted."""

    __tablename__ = "ended_token"
    __table_args__ = (sa.UniqueConstraint("provider_id", "jti"),)

    provider_id: int = Field(foreign_key="provider.id")
    jti: str = Field(max_length=255)
    at: datetime = Field(index=True)


class Token(Model, table=True):
    """A key that a person gives to a program, for some permissions and some time. Stolen, this table opens nothing.

    A revoked one stays until it is swept: its digest is what keeps a form sent again from bringing it back.
    """

    __tablename__ = "token"
    __table_args__ = (sa.CheckConstraint("expires_at > made_at", name="ends_after_it_begins"),)

    digest: str = Field(max_length=64, unique=True, description="SHA-256 of the value, which is shown once")
    person_id: int = Field(foreign_key="person.id", index=True)
    label: str = Field(max_length=60, description="what its owner calls it")
    scopes: list[str] = Field(sa_type=sa.JSON, description="the permissions it is limited to")
    made_at: datetime
    expires_at: datetime = Field(index=True)
    used_at: datetime | None = Field(default=None)
    revoked_at: datetime | None = Field(default=None)
