"""The table of answers that were given under a key of the program's own."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from portal.db import Model


class KeptAnswer(Model, table=True):
    """One answer, whole: what it says of people goes with it, a day later or with the account that asked."""

    __tablename__ = "kept_answer"
    __table_args__ = (sa.UniqueConstraint("person_id", "key_digest"),)

    person_id: int = Field(foreign_key="person.id")
    key_digest: str = Field(max_length=64, description="SHA-256 of the key that the program made")
    fingerprint: str = Field(max_length=64, description="SHA-256 of what was asked: the same key must ask the same")
    status: int
    location: str = Field(default="", max_length=300)
    body: str = Field(sa_type=sa.Text)
    made_at: datetime = Field(index=True)
