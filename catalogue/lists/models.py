"""Tables of lists. An edition's and an entry's status change only through `workflows.editions`."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, Relationship

from catalogue.titles.models import Title
from portal.db import Model, choice, one_of
from portal.territories.models import Territory

RAISE = {"lazy": "raise_on_sql"}


class EditionStatus(StrEnum):
    """En préparation → votée → en vigueur → archivée."""

    DRAFT = "draft"
    VOTED = "voted"
    CURRENT = "current"
    ARCHIVED = "archived"


class EntryStatus(StrEnum):
    """An entry is proposed, then admitted (it takes a seat) or set aside; its exit is proposed, then decided (the seat is free).

    What was set aside or withdrawn can be examined again, while the edition is a draft.
    """

    PROPOSED = "proposed"
    ADMITTED = "admitted"
    SET_ASIDE = "set-aside"
    LEAVING = "leaving"
    WITHDRAWN = "withdrawn"


SEATED = (EntryStatus.ADMITTED, EntryStatus.LEAVING)  # until its exit is decided, a title holds its seat


class FrozenFormat(StrEnum):
    """The files of a voted edition."""

    JSON = "json"
    CSV = "csv"


class SoftwareList(Model, table=True):
    """A list of a territory: the socle, or a short list for some programmes. `capacity` None: no cap."""

    __tablename__ = "software_list"
    __table_args__ = (sa.CheckConstraint("capacity > 0", name="capacity_positive"),)

    territory_id: int = Field(foreign_key="territory.id", index=True)
    slug: str = Field(max_length=60, unique=True, description="its address, whatever the territory")
    name: str = Field(max_length=120)
    short_name: str = Field(max_length=40)
    rank: int = Field(description="order of display; the socle is first")
    capacity: int | None = Field(default=None)
    audience: str = Field(max_length=300, description="whom it serves, in words")
    audience_codes: list[str] = Field(default_factory=list, sa_type=sa.JSON, description="programme codes; empty: every school")

    territory: Territory = Relationship(sa_relationship_kwargs=RAISE)
    editions: list["Edition"] = Relationship(back_populates="software_list", sa_relationship_kwargs=RAISE)


class Edition(Model, table=True):
    """A list for one school year, `2026-2027`, with the number of its amendment (0: as first voted)."""

    __tablename__ = "edition"
    __table_args__ = (
        sa.UniqueConstraint("list_id", "school_year", "amendment"),
        one_of("status", EditionStatus),
        sa.CheckConstraint("starts_on < ends_on", name="dates_ordered"),
    )

    list_id: int = Field(foreign_key="software_list.id", index=True)
    school_year: str = Field(max_length=9)
    amendment: int = Field(default=0)
    status: EditionStatus = Field(default=EditionStatus.DRAFT, sa_type=choice(EditionStatus))
    starts_on: date
    ends_on: date = Field(description="last day in force, included")
    voted_on: date | None = Field(default=None)

    software_list: SoftwareList = Relationship(back_populates="editions", sa_relationship_kwargs=RAISE)
    entries: list["Entry"] = Relationship(back_populates="edition", sa_relationship_kwargs=RAISE)

    @property
    def label(self) -> str:
        """As addresses and citations say it: `2026-2027`, then `2026-2027.1`."""
        return f"{self.school_year}.{self.amendment}" if self.amendment else self.school_year


class Frozen(Model, table=True):
    """A voted edition as it was voted, byte for byte, and where. The database refuses to change or delete a row."""

    __tablename__ = "frozen_edition"
    __table_args__ = (
        sa.UniqueConstraint("edition_id", "format"),
        sa.UniqueConstraint("list_slug", "label", "format"),
        one_of("format", FrozenFormat),
        sa.CheckConstraint("length(sha256) = 64", name="sha256_whole"),
    )

    edition_id: int = Field(foreign_key="edition.id", index=True)
    list_slug: str = Field(max_length=60, description="the list's address on that day: a cited address outlives a renaming")
    label: str = Field(max_length=14, description="`2026-2027`, `2026-2027.1`")
    format: FrozenFormat = Field(sa_type=choice(FrozenFormat))
    body: bytes
    sha256: str = Field(max_length=64, description="of `body`, in hexadecimal")
    frozen_at: datetime


class Entry(Model, table=True):
    """A title on an edition: the version maintained, since when, and its announced exit if there is one."""

    __tablename__ = "entry"
    __table_args__ = (
        sa.UniqueConstraint("edition_id", "title_id"),
        one_of("status", EntryStatus),
        sa.CheckConstraint("ends_on IS NULL OR exit_reason <> ''", name="exit_reasoned"),
    )

    edition_id: int = Field(foreign_key="edition.id", index=True)
    title_id: int = Field(foreign_key="title.id", index=True)
    status: EntryStatus = Field(default=EntryStatus.PROPOSED, sa_type=choice(EntryStatus))
    version_label: str = Field(default="", max_length=60, description="the version maintained; empty: not said yet")
    since: date = Field(description="maintained without a break since that day")
    reason: str = Field(default="", max_length=600)
    ends_on: date | None = Field(default=None, description="announced last day, included")
    exit_reason: str = Field(default="", max_length=600)
    replacement_id: int | None = Field(default=None, foreign_key="title.id")

    edition: Edition = Relationship(back_populates="entries", sa_relationship_kwargs=RAISE)
    title: Title = Relationship(sa_relationship_kwargs={**RAISE, "foreign_keys": "Entry.title_id"})
    replacement: Title | None = Relationship(sa_relationship_kwargs={**RAISE, "foreign_keys": "Entry.replacement_id"})
