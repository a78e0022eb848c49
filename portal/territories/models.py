"""Tables of territories and schools. A territory's rules are columns here, never code."""

from collections.abc import Collection
from datetime import date
from enum import StrEnum
from typing import Any, Protocol

import sqlalchemy as sa
from sqlmodel import Field, Relationship

from portal.db import Model, choice, one_of


class TerritoryLevel(StrEnum):
    """The collectivity that pays: a region for lycées, a department for collèges."""

    REGION = "region"
    DEPARTMENT = "department"


class Territory(Model, table=True):
    """`area` is a region's name or a department's code, as the directory of schools writes them."""

    __tablename__ = "territory"
    __table_args__ = (one_of("level", TerritoryLevel),)

    code: str = Field(max_length=24, unique=True, description="short, for addresses: aura, isere")
    name: str = Field(max_length=120)
    level: TerritoryLevel = Field(sa_type=choice(TerritoryLevel))
    area: str = Field(max_length=80)
    school_types: list[str] = Field(default_factory=list, sa_type=sa.JSON, description="types served: lycée, collège…")
    zone: str = Field(max_length=40, description="time zone, such as Europe/Paris")
    contact: str = Field(default="", max_length=254)
    is_demonstration: bool = Field(default=False, description="its lists and people are fictitious, and say so")
    process: dict[str, Any] = Field(
        default_factory=dict, sa_type=sa.JSON, description="sentences shown off the list: who decides, delay, payer, effect"
    )

    @property
    def scope(self) -> str:
        return f"territory:{self.code}"

    def serves(self, school: "Situated") -> bool:
        return serves(school, level=self.level, area=self.area, school_types=self.school_types)


class Situated(Protocol):
    """What of a school says who maintains its computers."""

    @property
    def sector(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def region(self) -> str: ...
    @property
    def department_code(self) -> str: ...


def serves(school: Situated, *, level: TerritoryLevel, area: str, school_types: Collection[str]) -> bool:
    """Whether a collectivity maintains that school's computers: a public school of its type and area."""
    where = school.region if level is TerritoryLevel.REGION else school.department_code
    return school.sector == "public" and school.kind in school_types and where == area


class School(Model, table=True):
    """A school as the official directory describes it. `kind` is its legal type (lycée, collège)."""

    __tablename__ = "school"
    __table_args__ = (sa.Index(None, "city_key"), sa.Index(None, "name_key"), sa.Index(None, "region", "department_code"))

    uai: str = Field(max_length=8, unique=True)
    name: str = Field(max_length=160)
    name_key: str = Field(max_length=160)
    type: str = Field(max_length=80, description="as the directory words it: lycée professionnel, lycée polyvalent…")
    kind: str = Field(max_length=20, description="lycée, collège or autre: what the law shares between collectivities")
    sector: str = Field(max_length=10, description="public or prive")
    city: str = Field(max_length=80)
    city_key: str = Field(max_length=80)
    postal_code: str = Field(max_length=5)
    department_code: str = Field(max_length=3)
    department: str = Field(max_length=40)
    academy: str = Field(max_length=40)
    region: str = Field(max_length=60)
    search_key: str = Field(default="", max_length=400, description="folded words that find it, each after a space")
    latitude: float | None = Field(default=None)
    longitude: float | None = Field(default=None)
    students: int | None = Field(default=None)
    parent_uai: str = Field(default="", max_length=8)
    open: bool = Field(default=True)
    source: str = Field(max_length=80)
    updated_on: date | None = Field(default=None)

    teaches: list["Teaching"] = Relationship(back_populates="school", sa_relationship_kwargs={"lazy": "raise_on_sql"})
    rooms: list["Room"] = Relationship(back_populates="school", sa_relationship_kwargs={"lazy": "raise_on_sql"})

    @property
    def scope(self) -> str:
        return f"school:{self.uai}"


class ProgrammeKind(StrEnum):
    """How precise what we know of a school is: a track, a series, a diploma."""

    TRACK = "track"
    SERIES = "series"
    BAC_PRO = "bac-pro"
    CAP = "cap"
    BTS = "bts"


class Programme(Model, table=True):
    """What a school may teach: a track (voie), a technological series, a vocational diploma, a BTS."""

    __tablename__ = "programme"
    __table_args__ = (one_of("kind", ProgrammeKind),)

    code: str = Field(max_length=80, unique=True)
    kind: ProgrammeKind = Field(sa_type=choice(ProgrammeKind))
    name: str = Field(max_length=160)
    sort_key: str = Field(max_length=160)
    domain: str = Field(default="", max_length=40)
    source: str = Field(max_length=80)


class Teaching(Model, table=True):
    """That a school teaches a programme, and who says so: the open data, or the school's own declaration."""

    __tablename__ = "teaching"
    __table_args__ = (sa.UniqueConstraint("school_id", "programme_id"),)

    school_id: int = Field(foreign_key="school.id", index=True)
    programme_id: int = Field(foreign_key="programme.id", index=True)
    source: str = Field(max_length=80)
    declared: bool = Field(default=False, description="declared by the school rather than published")
    fictitious: bool = Field(default=False, description="made up for the demonstration, and shown so")

    school: School = Relationship(back_populates="teaches", sa_relationship_kwargs={"lazy": "raise_on_sql"})
    programme: Programme = Relationship(sa_relationship_kwargs={"lazy": "raise_on_sql"})


class Room(Model, table=True):
    """A computer room or a mobile set of a school; `seats` counts its workstations."""

    __tablename__ = "room"
    __table_args__ = (sa.UniqueConstraint("school_id", "name"),)

    school_id: int = Field(foreign_key="school.id", index=True)
    name: str = Field(max_length=80)
    seats: int = Field(ge=0)
    fictitious: bool = Field(default=False)

    school: School = Relationship(back_populates="rooms", sa_relationship_kwargs={"lazy": "raise_on_sql"})
