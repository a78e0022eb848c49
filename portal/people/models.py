"""Tables of people: who they are, the schools that are said to be theirs, what was granted to them."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, Relationship

from portal.db import Model, choice, one_of


class Person(Model, table=True):
    """An adult of a school or of an administration. Names are for display: nobody is found or recognised by them."""

    __tablename__ = "person"

    given_name: str = Field(default="", max_length=80)
    family_name: str = Field(default="", max_length=80)
    email: str = Field(default="", max_length=254)
    sort_key: str = Field(default="", max_length=170)
    profile: str = Field(default="", max_length=24, description="as the ENT last said it: a code of signin.claims.Profile")
    first_seen_at: datetime
    seen_at: datetime = Field(index=True)
    closed_at: datetime | None = Field(default=None, description="then names and address are gone")
    linked_to_id: int | None = Field(
        default=None, foreign_key="person.id", index=True, description="the account that stands for both"
    )

    @property
    def actor_key(self) -> str:
        """What the trail keeps."""
        return f"person:{self.key}"

    @property
    def account_id(self) -> int:
        """The key of the account that stands for this one: its own, unless it is linked."""
        return self.linked_to_id or self.key

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.given_name, self.family_name) if part)


class Standing(StrEnum):
    """What is known of an attachment: asked for, said by the ENT, or settled by the head of the school."""

    ASKED = "asked"
    CLAIMED = "claimed"
    CONFIRMED = "confirmed"
    ENDED = "ended"


SELF = "self"  # the source of an attachment that a person asks for: no provider may be called so


class Attachment(Model, table=True):
    """That a person belongs to a school. An ENT that no longer says so ends nothing: some name the current school alone."""

    __tablename__ = "attachment"
    __table_args__ = (sa.UniqueConstraint("person_id", "uai"), one_of("standing", Standing))

    person_id: int = Field(foreign_key="person.id")
    uai: str = Field(max_length=8, index=True, description="as claimed, upper case: the directory may not know it")
    source: str = Field(max_length=60, description="the provider that said it last, or SELF")
    standing: Standing = Field(default=Standing.CLAIMED, sa_type=choice(Standing))
    first_seen_at: datetime
    seen_at: datetime
    settled_at: datetime | None = Field(default=None)
    settled_by: str = Field(default="", max_length=80, description="the function of who confirmed or ended it")
    settle_reason: str = Field(default="", max_length=1000, description="why it was ended: the person reads it")

    person: Person = Relationship(sa_relationship_kwargs={"lazy": "raise_on_sql"})


class ScopeKind(StrEnum):
    """What a role is held over."""

    EVERYWHERE = "everywhere"
    TERRITORY = "territory"
    SCHOOL = "school"
    COMMITTEE = "committee"
    SPACE = "space"


class Role(Model, table=True):
    """A set of permissions with a name: data, which each territory may call in its own words."""

    __tablename__ = "role"
    __table_args__ = (one_of("scope_kind", ScopeKind),)

    code: str = Field(max_length=40, unique=True)
    label: str = Field(max_length=80)
    scope_kind: ScopeKind = Field(sa_type=choice(ScopeKind))
    permissions: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    granted_with: str = Field(max_length=60, description="the permission that its granter holds over the same scope")
    rank: int = Field(default=100, description="the lowest of a person's roles is the function that signs")


class RoleLabel(Model, table=True):
    """What a territory calls a role."""

    __tablename__ = "role_label"
    __table_args__ = (sa.UniqueConstraint("role_id", "territory_id"),)

    role_id: int = Field(foreign_key="role.id")
    territory_id: int = Field(foreign_key="territory.id")
    label: str = Field(max_length=80)


class Accreditation(Model, table=True):
    """What was granted: to whom, as what, where, from when, until when (that day included), by whom and why."""

    __tablename__ = "accreditation"
    __table_args__ = (
        sa.Index(None, "scope", "until"),
        sa.CheckConstraint("until >= starts_on", name="ends_after_it_starts"),
        sa.CheckConstraint("length(trim(granted_as)) > 0", name="has_a_granter"),
        sa.CheckConstraint("(revoked_at IS NULL) = (length(trim(revoked_by)) = 0)", name="revoked_by_someone"),
    )

    person_id: int = Field(foreign_key="person.id", index=True)
    role_id: int = Field(foreign_key="role.id")
    called: str = Field(max_length=80, description="the role, as its territory called it that day: decisions are signed so")
    scope: str = Field(max_length=60, description="school:0380001A, territory:aura, * …")
    within: str = Field(default="", max_length=60, description="of a school: the territory it depended on when it was granted")
    zone: str = Field(max_length=40, description="whose days `starts_on` and `until` are")
    starts_on: date
    until: date
    letter: str = Field(default="", max_length=120, description="reference of the lettre de mission")
    reason: str = Field(default="", max_length=1000)
    granted_at: datetime
    granted_by: str = Field(max_length=60, description="`person:<id>` or `system:<what>`")
    granted_as: str = Field(max_length=80, description="the function in which it was granted")
    revoked_at: datetime | None = Field(default=None)
    revoked_by: str = Field(default="", max_length=60)
    revoked_as: str = Field(default="", max_length=80)
    revoke_reason: str = Field(default="", max_length=1000)

    person: Person = Relationship(sa_relationship_kwargs={"lazy": "raise_on_sql"})
    role: Role = Relationship(sa_relationship_kwargs={"lazy": "raise_on_sql"})
