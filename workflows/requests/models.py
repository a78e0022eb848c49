"""Tables of software requests, of what is said about them and owed to them, and of each territory's steps and campaigns."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, Relationship

from catalogue.lists.models import SoftwareList
from catalogue.titles.models import Discipline, Title
from portal.db import Model, choice, one_of
from portal.people.models import Person
from portal.territories.models import School, Territory

RAISE = {"lazy": "raise_on_sql"}


class RequestKind(StrEnum):
    """What is asked for."""

    NEW_TITLE = "new-title"
    NEW_VERSION = "new-version"
    EXTENSION = "extension"
    LIST_CHANGE = "list-change"
    RENEWAL = "renewal"
    WITHDRAWAL = "withdrawal"


class RequestStatus(StrEnum):
    """Where a request is. In a `…-question`, the step waits for the requester's answer."""

    DRAFT = "draft"
    RELAY = "relay"
    RELAY_QUESTION = "relay-question"
    VISA = "visa"
    VISA_QUESTION = "visa-question"
    INSTRUCTION = "instruction"
    INSTRUCTION_QUESTION = "instruction-question"
    DECLINED = "declined"
    GIVEN_UP = "given-up"
    MERGED = "merged"


class Reminder(StrEnum):
    """How far the reminders of a due date have gone."""

    NONE = "none"
    SOON = "soon"
    LATE = "late"
    ESCALATED = "escalated"


class SoftwareRequest(Model, table=True):
    """What a school's subject team asks for, in six answers. It outlives its author: `requester` is who speaks for it now.

    A draft keeps what was typed, as it was typed, in `typed`; the columns are filled when it is sent.
    """

    __tablename__ = "software_request"
    __table_args__ = (
        one_of("kind", RequestKind),
        one_of("status", RequestStatus),
        one_of("reminded", Reminder),
        sa.CheckConstraint("(status = 'draft') = (sent_at IS NULL)", name="sent_or_draft"),
        sa.CheckConstraint(
            "status = 'draft' OR (length(trim(title_name)) > 0 AND length(trim(need)) > 0 AND length(trim(audience)) > 0 "
            "AND length(trim(places)) > 0 AND length(trim(considered)) > 0 AND needed_on IS NOT NULL AND discipline_id IS NOT NULL)",
            name="six_answers",
        ),
        sa.CheckConstraint("(status = 'merged') = (merged_into_id IS NOT NULL)", name="merged_somewhere"),
        sa.CheckConstraint("merged_into_id IS NULL OR merged_into_id <> id", name="not_into_itself"),
        sa.CheckConstraint("pupils IS NULL OR pupils > 0", name="pupils_counted"),
        sa.CheckConstraint("school_rank IS NULL OR school_rank > 0", name="ranked_from_one"),
        sa.CheckConstraint("workstations IS NULL OR workstations > 0", name="workstations_counted"),
        sa.Index(None, "within", "status", "since"),
        sa.Index(None, "scope", "status", "since"),
        sa.Index(None, "since"),
        sa.Index(None, "due_on"),
        sa.Index(None, "title_key", "within"),
        {"sqlite_autoincrement": True},  # the trail of a draft that was deleted is never that of another
    )

    key_of_draft: str = Field(max_length=32, unique=True, description="made by the page: a form sent twice begins one draft")
    kind: RequestKind = Field(default=RequestKind.NEW_TITLE, sa_type=choice(RequestKind))
    status: RequestStatus = Field(default=RequestStatus.DRAFT, sa_type=choice(RequestStatus))
    requester_id: int = Field(foreign_key="person.id", index=True)
    school_id: int = Field(foreign_key="school.id", index=True)
    territory_id: int = Field(foreign_key="territory.id")
    scope: str = Field(max_length=60, description="school:UAI, as accreditations write it")
    within: str = Field(max_length=60, description="territory:code, on which the school depended when it was begun")
    discipline_id: int | None = Field(default=None, foreign_key="discipline.id")
    title_id: int | None = Field(default=None, foreign_key="title.id", index=True, description="None: not in the catalogue")
    title_name: str = Field(default="", max_length=120)
    title_key: str = Field(default="", max_length=120, index=True, description="its name folded: the same thing under one key")
    website: str = Field(default="", max_length=300)
    wanted_version: str = Field(default="", max_length=60)
    list_id: int | None = Field(default=None, foreign_key="software_list.id")
    audience: str = Field(default="", max_length=200)
    pupils: int | None = Field(default=None)
    need: str = Field(default="", max_length=2000)
    exam: str = Field(default="", max_length=200)
    places: str = Field(default="", max_length=300)
    workstations: int | None = Field(default=None)
    needed_on: date | None = Field(default=None)
    considered: str = Field(default="", max_length=1500)
    typed: dict[str, str] = Field(default_factory=dict, sa_type=sa.JSON)
    begun_at: datetime
    kept_at: datetime
    sent_at: datetime | None = Field(default=None)
    since: datetime = Field(description="when the status began")
    due_on: date | None = Field(default=None, description="until when its holder has it")
    due_doubt: str = Field(default="", max_length=400, description="why `due_on` is unknown")
    school_rank: int | None = Field(default=None, description="the head's order among the school's own; 1 comes first")
    merged_into_id: int | None = Field(
        default=None, foreign_key="software_request.id", index=True, description="which goes on for both"
    )
    receipt: str = Field(default="", max_length=1200, description="the legal mention, as the territory worded it that day")
    days_left: int | None = Field(default=None, description="working days that a step keeps while the requester answers")
    reminded: Reminder = Field(default=Reminder.NONE, sa_type=choice(Reminder), description="of `due_on`")

    requester: Person = Relationship(sa_relationship_kwargs=RAISE)
    school: School = Relationship(sa_relationship_kwargs=RAISE)
    territory: Territory = Relationship(sa_relationship_kwargs=RAISE)
    discipline: Discipline | None = Relationship(sa_relationship_kwargs=RAISE)
    title: Title | None = Relationship(sa_relationship_kwargs=RAISE)
    wanted_list: SoftwareList | None = Relationship(sa_relationship_kwargs=RAISE)
    blocks: list["Block"] = Relationship(
        back_populates="request", sa_relationship_kwargs={**RAISE, "order_by": "Block.id", "cascade": "all, delete-orphan"}
    )
    signatures: list["CoSignature"] = Relationship(
        back_populates="request", sa_relationship_kwargs={**RAISE, "order_by": "CoSignature.id", "passive_deletes": "all"}
    )


class CoSignature(Model, table=True):
    """That a colleague needs it too: from which school, for whom, how long. Taken back, it stays, and counts no more."""

    __tablename__ = "co_signature"
    __table_args__ = (
        sa.UniqueConstraint("request_id", "person_id"),
        sa.CheckConstraint("pupils > 0", name="pupils_counted"),
        sa.CheckConstraint("weeks BETWEEN 1 AND 52", name="weeks_of_a_year"),
    )

    request_id: int = Field(foreign_key="software_request.id", index=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    school_id: int = Field(foreign_key="school.id")
    scope: str = Field(max_length=60)
    audience: str = Field(max_length=200, description="the classes")
    pupils: int
    weeks: int = Field(description="of use in a school year")
    note: str = Field(default="", max_length=600)
    signed_at: datetime
    signed_as: str = Field(max_length=80, description="the function in which it was signed")
    taken_back_at: datetime | None = Field(default=None)

    request: SoftwareRequest = Relationship(back_populates="signatures", sa_relationship_kwargs=RAISE)
    person: Person = Relationship(sa_relationship_kwargs=RAISE)
    school: School = Relationship(sa_relationship_kwargs=RAISE)


class BlockKind(StrEnum):
    """What the requester does not have to know."""

    SCHOOL = "school"
    TECHNICAL = "technical"
    DATA = "data"
    ACCESSIBILITY = "accessibility"
    LICENCE = "licence"


class BlockState(StrEnum):
    """Whether somebody still owes it."""

    OWED = "owed"
    FILLED = "filled"
    NOT_NEEDED = "not-needed"


class Block(Model, table=True):
    """A part of the file (volet) that somebody else than the requester fills. `answers` is by question, see `blocks.py`."""

    __tablename__ = "request_block"
    __table_args__ = (
        sa.UniqueConstraint("request_id", "kind"),
        one_of("kind", BlockKind),
        one_of("state", BlockState),
        one_of("reminded", Reminder),
        sa.CheckConstraint("(state = 'owed') = (filled_at IS NULL)", name="filled_when"),
        sa.CheckConstraint("state = 'owed' OR length(trim(filled_as)) > 0", name="filled_by_someone"),
        sa.CheckConstraint("state <> 'not-needed' OR length(trim(reason)) > 0", name="reason_said"),
    )

    request_id: int = Field(foreign_key="software_request.id", index=True)
    kind: BlockKind = Field(sa_type=choice(BlockKind))
    state: BlockState = Field(default=BlockState.OWED, sa_type=choice(BlockState))
    answers: dict[str, str] = Field(default_factory=dict, sa_type=sa.JSON)
    reason: str = Field(default="", max_length=600, description="why it is not needed")
    due_on: date | None = Field(default=None)
    due_doubt: str = Field(default="", max_length=400)
    reminded: Reminder = Field(default=Reminder.NONE, sa_type=choice(Reminder), description="of `due_on`")
    filled_at: datetime | None = Field(default=None)
    filled_by: str = Field(default="", max_length=60, description="`person:<id>`")
    filled_as: str = Field(default="", max_length=80, description="the function in which it was filled")

    request: SoftwareRequest = Relationship(back_populates="blocks", sa_relationship_kwargs=RAISE)


class Thread(StrEnum):
    """Who reads a message: every party of the request, or those alone who treat it for the territory."""

    PUBLIC = "public"
    INTERNAL = "internal"


class Message(Model, table=True):
    """What one party says to the others. Both databases refuse to change or delete it: what was wrong is said again."""

    __tablename__ = "request_message"
    __table_args__ = (
        sa.UniqueConstraint("request_id", "author", "key_of_page"),
        one_of("thread", Thread),
        sa.CheckConstraint("length(trim(text)) > 0", name="something_said"),
        sa.CheckConstraint("corrects_id IS NULL OR corrects_id < id", name="corrects_an_earlier_one"),
        sa.Index(None, "request_id", "thread", "id"),
    )

    request_id: int = Field(foreign_key="software_request.id")
    key_of_page: str = Field(max_length=32, description="made by the page: a form sent twice says it once")
    thread: Thread = Field(sa_type=choice(Thread))
    author: str = Field(max_length=60, index=True, description="`person:<id>`")
    written_as: str = Field(max_length=80, description="the function in which it was written")
    written_at: datetime
    text: str = Field(max_length=4000)
    mentions: list[str] = Field(default_factory=list, sa_type=sa.JSON, description="`person:<id>` of whom it calls")
    corrects_id: int | None = Field(
        default=None, foreign_key="request_message.id", index=True, description="an earlier one of its author"
    )


class RequestSteps(Model, table=True):
    """What a territory asks of its schools, and the delays it gives itself, in working days; None: it has set none."""

    __tablename__ = "request_steps"
    __table_args__ = tuple(
        sa.CheckConstraint(f"{name} IS NULL OR {name} BETWEEN 1 AND 250", name=f"{name}_possible")
        for name in ("relay_days", "visa_days", "instruction_days", "answer_days", "block_days", "remind_days", "escalate_days")
    )

    territory_id: int = Field(foreign_key="territory.id", unique=True)
    relay_required: bool = Field(default=True)
    visa_required: bool = Field(default=True)
    relay_days: int | None = Field(default=None)
    visa_days: int | None = Field(default=None)
    instruction_days: int | None = Field(default=None)
    answer_days: int | None = Field(default=None, description="for the requester to answer a question")
    block_days: int | None = Field(default=None, description="for whoever owes a block, from the day the request is sent")
    remind_days: int | None = Field(default=None, description="before a due date, to remind its holder; None: no reminder")
    escalate_days: int | None = Field(default=None, description="after it, to tell who stands above; None: nobody is told")
    receipt: str = Field(default="", max_length=1200, description="legal mention of the acknowledgement: what silence means")


class RequestCampaign(Model, table=True):
    """A window of a territory: what is sent within it may hope for these days. A day that was not set is unknown."""

    __tablename__ = "request_campaign"
    __table_args__ = (
        sa.UniqueConstraint("territory_id", "name"),
        sa.CheckConstraint("closes_on >= opens_on", name="closes_after_it_opens"),
    )

    territory_id: int = Field(foreign_key="territory.id", index=True)
    name: str = Field(max_length=80)
    opens_on: date
    closes_on: date = Field(description="last day to send, included")
    endorsed_by: date | None = Field(default=None, description="last day for the school's visa")
    advised_by: date | None = Field(default=None, description="meeting that gives the opinion")
    decided_by: date | None = Field(default=None)
    ready_on: date | None = Field(default=None, description="on machines")
    fictitious: bool = Field(default=False)
