"""What was joined to what; the content itself is in the store, under its SHA-256."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from portal.db import Model


class Enclosure(Model, table=True):
    """A file that a person joined. Removed, its row stays and says so: a thread that quotes it still makes sense."""

    __tablename__ = "enclosure"
    __table_args__ = (
        sa.Index(None, "subject_kind", "subject_id", "id"),
        sa.CheckConstraint("size > 0", name="not_empty"),
        sa.CheckConstraint("length(sha256) = 64", name="digest_whole"),
        sa.CheckConstraint("(removed_at IS NULL) = (removed_by = '')", name="removed_by_someone"),
    )

    subject_kind: str = Field(max_length=40, description="the table of what it is joined to, as the trail names subjects")
    subject_id: int
    name: str = Field(max_length=120, description="as it is downloaded: made safe, its ending says its true type")
    media_type: str = Field(max_length=100)
    size: int = Field(description="bytes")
    sha256: str = Field(max_length=64, index=True)
    added_at: datetime
    added_by: str = Field(max_length=60, description="`person:<id>` or `system:<what>`")
    added_as: str = Field(max_length=80, description="the function in which it was joined")
    removed_at: datetime | None = Field(default=None)
    removed_by: str = Field(default="", max_length=60)
