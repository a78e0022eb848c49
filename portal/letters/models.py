"""The outbox."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from portal.db import Model


class Letter(Model, table=True):
    """A letter to send once. `sent_at` empty: still to send; `attempts` and `trouble` say why not yet."""

    __tablename__ = "letter"
    __table_args__ = (sa.Index(None, "sent_at", "not_before"),)

    recipient: str = Field(max_length=254)
    subject: str = Field(max_length=200)
    body: str = Field(sa_type=sa.Text)
    written_at: datetime
    not_before: datetime
    sent_at: datetime | None = Field(default=None)
    attempts: int = Field(default=0)
    trouble: str = Field(default="", max_length=500)
