"""What a territory has decided about a title that is on none of its lists."""

from datetime import date
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, Relationship

from catalogue.titles.models import Title
from portal.db import Model, choice, one_of
from portal.territories.models import Territory

RAISE = {"lazy": "raise_on_sql"}


class Support(StrEnum):
    """Niveau de prise en charge, from the most to the least supported."""

    MAINTAINED = "maintained"
    ENDING = "ending"
    UNSUPPORTED = "unsupported"
    SCHOOL = "school"
    EXPERIMENTAL = "experimental"
    KNOWN = "known"
    REFUSED = "refused"
    FORBIDDEN = "forbidden"


# What an entry gives is not decided here; "known" is the absence of a decision.
DECIDABLE = [Support.UNSUPPORTED, Support.SCHOOL, Support.EXPERIMENTAL, Support.REFUSED, Support.FORBIDDEN]


class Decision(Model, table=True):
    """A dated, signed, reasoned decision. The database refuses one without author, date or reason."""

    __tablename__ = "decision"
    __table_args__ = (
        sa.Index(None, "territory_id", "title_id", "since"),
        one_of("level", Support),
        sa.CheckConstraint(f"level IN ({', '.join(repr(str(s)) for s in DECIDABLE)})", name="level_decidable"),
        sa.CheckConstraint("reason <> ''", name="reason_said"),
        sa.CheckConstraint("signed_by <> ''", name="author_said"),
        sa.CheckConstraint("level NOT IN ('refused', 'forbidden') OR what_would_change <> ''", name="way_out_said"),
        sa.CheckConstraint("level NOT IN ('refused', 'forbidden') OR ask_again <> ''", name="reexamination_said"),
        sa.CheckConstraint("until IS NULL OR until >= since", name="dates_ordered"),
    )

    territory_id: int = Field(foreign_key="territory.id")
    title_id: int = Field(foreign_key="title.id", index=True)
    level: Support = Field(sa_type=choice(Support))
    since: date
    until: date | None = Field(default=None, description="last day, included; None: until another decision")
    signed_by: str = Field(max_length=120, description="the function that decided")
    motive: str = Field(default="", max_length=60, description="one of the territory's list of motives")
    reason: str = Field(max_length=1200)
    what_would_change: str = Field(default="", max_length=600)
    trial_possible: bool = Field(default=False)
    ask_again: str = Field(default="", max_length=600, description="how, and from when")
    paid_by: str = Field(default="", max_length=300, description="who paid, how much, until when, when that was decided")

    title: Title = Relationship(sa_relationship_kwargs=RAISE)
    territory: Territory = Relationship(sa_relationship_kwargs=RAISE)
