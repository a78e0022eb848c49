"""The table of what happened; triggers on both databases refuse to change or delete a row of it."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from portal.db import Model


class Event(Model, table=True):
    """One thing that happened to one subject. No name and no address: ids, functions, moves, reasons."""

    __tablename__ = "trail_event"
    __table_args__ = (
        sa.Index(None, "subject_kind", "subject_id", "id"),
        sa.Index(None, "actor", "id"),
        sa.Index(None, "at"),
    )

    at: datetime
    actor: str = Field(max_length=60, description="`person:<id>` or `system:<what>`")
    function: str = Field(max_length=80, description="the function in which the actor acted, as it was called then")
    subject_kind: str = Field(max_length=40)
    subject_id: int
    move: str = Field(max_length=40)
    was: str | None = Field(default=None, max_length=24)
    now: str | None = Field(default=None, max_length=24)
    reason: str = Field(default="", max_length=4000)
    details: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
