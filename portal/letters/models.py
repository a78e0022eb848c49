"""Tables of what people are told, of the outbox, and of how each wants to be written to."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from portal.db import Model, choice, one_of

LONGEST_SUBJECT = 200


class Kind(StrEnum):
    """Why somebody is told."""

    TODO = "todo"
    OWN = "own"
    FOLLOWED = "followed"
    SAID = "said"


class Pace(StrEnum):
    """How often letters come. NEVER: what would be in them is read in the portal alone."""

    EACH = "each"
    DAILY = "daily"
    WEEKLY = "weekly"
    NEVER = "never"


class Letter(Model, table=True):
    """A letter to send once. `sent_at` empty: still to send; `attempts` and `trouble` say why not yet."""

    __tablename__ = "letter"
    __table_args__ = (
        sa.Index(None, "sent_at", "not_before"),
        sa.Index(None, "written_at"),
        sa.CheckConstraint("sent_at IS NULL OR given_up_at IS NULL", name="sent_or_given_up"),
    )

    person_id: int | None = Field(default=None, foreign_key="person.id", index=True, description="None: the address of a service")
    recipient: str = Field(max_length=254)
    subject: str = Field(max_length=LONGEST_SUBJECT)
    body: str = Field(sa_type=sa.Text)
    html: str = Field(default="", sa_type=sa.Text)
    settings_url: str = Field(default="", max_length=300, description="where one click changes how often letters come")
    about_kind: str = Field(default="", max_length=40, description="table of the row it is about; empty: of several")
    about_id: int | None = Field(default=None)
    written_at: datetime
    not_before: datetime
    sent_at: datetime | None = Field(default=None)
    given_up_at: datetime | None = Field(default=None)
    attempts: int = Field(default=0)
    trouble: str = Field(default="", max_length=500)


class Notice(Model, table=True):
    """What one person, or the address of a service, is told of one thing that happened: a line of the portal, and of a letter.

    `post_at`: from when it goes into a letter; empty, into none. `settled_at`: when it was seen to (« traité »).
    """

    __tablename__ = "notice"
    __table_args__ = (
        one_of("kind", Kind),
        sa.UniqueConstraint("event_id", "person_id", "about_kind", "about_id"),  # told twice is one time too many
        sa.CheckConstraint("(person_id IS NULL) = (length(address) > 0)", name="told_to_someone"),
        sa.CheckConstraint("(settled_at IS NULL) = (length(settled_by) = 0)", name="settled_by_someone"),
        sa.Index(None, "letter_id", "post_at"),
        sa.Index(None, "person_id", "settled_at", "id"),
        sa.Index(None, "about_kind", "about_id", "settled_at"),
        sa.Index(None, "at"),
    )

    person_id: int | None = Field(default=None, foreign_key="person.id", description="the account that stands for the person")
    address: str = Field(default="", max_length=254, description="of a service, when it is no person")
    kind: Kind = Field(sa_type=choice(Kind))
    code: str = Field(max_length=60, description="of its words: procedure, move, whom")
    event_id: int = Field(foreign_key="trail_event.id")
    about_kind: str = Field(max_length=40)
    about_id: int
    territory_id: int = Field(foreign_key="territory.id")
    subject: str = Field(max_length=LONGEST_SUBJECT)
    text: str = Field(sa_type=sa.Text)
    url: str = Field(max_length=200, description="a path of the portal")
    at: datetime
    is_alone: bool = Field(default=False, description="goes at once, in a letter of its own: a receipt")
    post_at: datetime | None = Field(default=None)
    letter_id: int | None = Field(default=None, foreign_key="letter.id")
    settled_at: datetime | None = Field(default=None)
    settled_by: str = Field(default="", max_length=60, description="key of who saw to it: the reader, or whoever did it for all")


class LetterPace(Model, table=True):
    """How often a person wants letters of a kind; without a row, as `pacing.USUAL` has it."""

    __tablename__ = "letter_pace"
    __table_args__ = (sa.UniqueConstraint("person_id", "kind"), one_of("kind", Kind), one_of("pace", Pace))

    person_id: int = Field(foreign_key="person.id")
    kind: Kind = Field(sa_type=choice(Kind))
    pace: Pace = Field(sa_type=choice(Pace))


class LetterWords(Model, table=True):
    """What a territory writes instead of the words that come with the portal."""

    __tablename__ = "letter_words"
    __table_args__ = (
        sa.UniqueConstraint("territory_id", "code"),
        sa.CheckConstraint("length(trim(subject)) > 0 AND length(trim(text)) > 0", name="not_empty"),
    )

    territory_id: int = Field(foreign_key="territory.id")
    code: str = Field(max_length=60)
    subject: str = Field(max_length=150)
    text: str = Field(max_length=3000)
