"""The table of packages."""

from datetime import date
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from portal.db import Model, choice, one_of


class PackageStatus(StrEnum):
    """Demandé → en préparation → en test technique → en recette → pilote → diffusé → retiré ; bloqué."""

    ASKED = "asked"
    PREPARING = "preparing"
    TESTING = "testing"
    ACCEPTANCE = "acceptance"
    PILOT = "pilot"
    RELEASED = "released"
    WITHDRAWN = "withdrawn"
    BLOCKED = "blocked"


class Package(Model, table=True):
    """A version of a title, made ready for a territory's computers. The software's version and the package's number are two things."""

    __tablename__ = "package"
    __table_args__ = (
        sa.UniqueConstraint("territory_id", "title_id", "version_label", "number"),
        one_of("status", PackageStatus),
        sa.CheckConstraint("number > 0", name="number_positive"),
        sa.CheckConstraint("status <> 'blocked' OR (reason <> '' AND waits_for <> '')", name="blocked_explained"),
    )

    territory_id: int = Field(foreign_key="territory.id", index=True)
    title_id: int = Field(foreign_key="title.id", index=True)
    version_label: str = Field(max_length=60, description="of the software")
    number: int = Field(description="of the package: 2 when the same version was packaged again")
    status: PackageStatus = Field(sa_type=choice(PackageStatus))
    since: date = Field(description="in this state since that day")
    reason: str = Field(default="", max_length=600)
    waits_for: str = Field(default="", max_length=120, description="who or what holds a blocked package")
