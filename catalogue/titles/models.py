"""Tables of titles. The level of support is not here: it is computed (see `catalogue.support`)."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, Relationship, SQLModel

from portal.db import Model, choice, one_of


class LicenceType(StrEnum):
    """Who may use it, in four words."""

    FREE = "libre"
    GRATIS = "gratuit"
    PROPRIETARY = "proprietaire"
    UNKNOWN = "inconnu"


class Confidence(StrEnum):
    """How far a fact was checked: `unverified` is shown as such."""

    HIGH = "high"
    MEDIUM = "medium"
    UNVERIFIED = "unverified"


RAISE = {"lazy": "raise_on_sql"}


class Category(Model, table=True):
    """What kind of software it is."""

    __tablename__ = "category"

    slug: str = Field(max_length=80, unique=True)
    name: str = Field(max_length=80)
    acronyms: str = Field(default="", max_length=200, description="what people type instead: CAO, SIG, MAO…")


class Discipline(Model, table=True):
    """A subject as schools name it; `acronyms` are what people type instead (NSI, SVT…)."""

    __tablename__ = "discipline"

    slug: str = Field(max_length=80, unique=True)
    name: str = Field(max_length=80)
    acronyms: str = Field(default="", max_length=200)


class Level(Model, table=True):
    """A level of teaching, in the order of schooling."""

    __tablename__ = "level"

    code: str = Field(max_length=40, unique=True)
    name: str = Field(max_length=80)
    rank: int


class TitleDiscipline(SQLModel, table=True):
    """Which title serves which subject."""

    __tablename__ = "title_discipline"

    title_id: int = Field(foreign_key="title.id", primary_key=True)
    discipline_id: int = Field(foreign_key="discipline.id", primary_key=True, index=True)


class TitleLevel(SQLModel, table=True):
    """At which level a title is used."""

    __tablename__ = "title_level"

    title_id: int = Field(foreign_key="title.id", primary_key=True)
    level_id: int = Field(foreign_key="level.id", primary_key=True, index=True)


class TitleNeed(SQLModel, table=True):
    """Which need a title answers."""

    __tablename__ = "title_need"

    title_id: int = Field(foreign_key="title.id", primary_key=True)
    need_id: int = Field(foreign_key="need.id", primary_key=True, index=True)


class Need(Model, table=True):
    """What a teacher wants to do, in the infinitive: « tracer des fonctions »."""

    __tablename__ = "need"

    slug: str = Field(max_length=80, unique=True)
    name: str = Field(max_length=80)


class Title(Model, table=True):
    """A piece of software under one name, whatever its versions."""

    __tablename__ = "title"
    __table_args__ = (
        one_of("licence_type", LicenceType),
        one_of("confidence", Confidence),
        sa.CheckConstraint("name <> ''", name="name_said"),
    )

    slug: str = Field(max_length=80, unique=True)
    name: str = Field(max_length=120)
    sort_key: str = Field(max_length=120, index=True)
    publisher: str = Field(default="", max_length=120)
    licence: str = Field(default="", max_length=80, description="SPDX identifier when known")
    licence_type: LicenceType = Field(sa_type=choice(LicenceType))
    homepage: str = Field(default="", max_length=300)
    platforms: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    latest_version: str = Field(default="", max_length=60, description="the newest one known upstream")
    purpose: str = Field(default="", max_length=140, description="à quoi ça sert, one sentence")
    usage: int = Field(
        default=0, ge=0, le=3, description="our own appreciation: 3 in nearly every school that teaches the subject, 0 unknown"
    )
    identifiers: dict[str, str] = Field(default_factory=dict, sa_type=sa.JSON, description="winget, wikidata, debian…")
    eol_product: str = Field(default="", max_length=60, description="key among end-of-life products")
    confidence: Confidence = Field(sa_type=choice(Confidence))
    source: str = Field(max_length=200)
    source_date: date | None = Field(default=None)
    withdrawn_from_sources: bool = Field(default=False, description="no longer in the file it came from")
    changed_at: datetime

    category_id: int = Field(foreign_key="category.id", index=True)
    category: Category = Relationship(sa_relationship_kwargs=RAISE)
    disciplines: list[Discipline] = Relationship(
        link_model=TitleDiscipline, sa_relationship_kwargs={**RAISE, "order_by": "Discipline.slug"}
    )
    levels: list[Level] = Relationship(link_model=TitleLevel, sa_relationship_kwargs={**RAISE, "order_by": "Level.rank"})
    needs: list[Need] = Relationship(link_model=TitleNeed, sa_relationship_kwargs={**RAISE, "order_by": "Need.slug"})
    aliases: list["Alias"] = Relationship(sa_relationship_kwargs={**RAISE, "order_by": "Alias.id", "cascade": "all, delete-orphan"})
    installers: list["Installer"] = Relationship(
        sa_relationship_kwargs={**RAISE, "order_by": "Installer.id", "cascade": "all, delete-orphan"}
    )
    facts: list["Fact"] = Relationship(
        sa_relationship_kwargs={**RAISE, "order_by": "Fact.id.desc()", "cascade": "all, delete-orphan"}
    )


class Alias(Model, table=True):
    """Another real name: an acronym, a former name, what people call it."""

    __tablename__ = "alias"
    __table_args__ = (sa.UniqueConstraint("title_id", "name"),)

    title_id: int = Field(foreign_key="title.id", index=True)
    name: str = Field(max_length=120)


class Installer(Model, table=True):
    """One installer file of one version, as package repositories describe it."""

    __tablename__ = "installer"

    title_id: int = Field(foreign_key="title.id", index=True)
    version_label: str = Field(max_length=60)
    architecture: str = Field(max_length=20)
    scope: str = Field(default="", max_length=20)
    type: str = Field(max_length=20)
    silent_switch: str = Field(default="", max_length=300)
    silent_origin: str = Field(default="", max_length=40, description="manifest, default-for-type…")
    sha256: str = Field(max_length=64)
    host: str = Field(default="", max_length=120)
    min_os: str = Field(default="", max_length=40)
    snapshot: str = Field(max_length=20, description="day of the repository it was read from")
    current: bool = Field(description="whether this is still the newest version known: an old hash is never offered")


class Fact(Model, table=True):
    """Where one field's value comes from once a person edited it; until then the row's own source answers."""

    __tablename__ = "fact"
    __table_args__ = (sa.UniqueConstraint("title_id", "field"), one_of("confidence", Confidence))

    title_id: int = Field(foreign_key="title.id", index=True)
    field: str = Field(max_length=40)
    source: str = Field(max_length=200)
    reason: str = Field(max_length=1000)
    confidence: Confidence = Field(sa_type=choice(Confidence))
    at: datetime
    by: str = Field(max_length=80, description="the function of who edited it")


class Alternative(Model, table=True):
    """A correction of the computed alternatives: one added by hand, or one judged wrong and removed."""

    __tablename__ = "alternative"
    __table_args__ = (
        sa.UniqueConstraint("title_id", "other_id"),
        sa.CheckConstraint("title_id <> other_id", name="not_itself"),
    )

    title_id: int = Field(foreign_key="title.id", index=True)
    other_id: int = Field(foreign_key="title.id", index=True)
    shown: bool
    reason: str = Field(max_length=300)


class ReleaseCycle(Model, table=True):
    """One maintained branch of a product upstream, with the day its publisher stops correcting it."""

    __tablename__ = "release_cycle"
    __table_args__ = (sa.UniqueConstraint("product", "cycle"),)

    product: str = Field(max_length=60)
    cycle: str = Field(max_length=60)
    released_on: date | None = Field(default=None)
    ends_on: date | None = Field(default=None)
    ended: bool | None = Field(default=None, description="known without a date; None: unknown")
    latest: str = Field(default="", max_length=60)
    long_term: bool = Field(default=False)
