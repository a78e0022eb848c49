"""What a walk through requests expects of each step, said from the table and from plain rows, without asking the portal's rules."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session

from portal.access import Actor, Grant
from portal.db import Database
from portal.letters.models import Notice
from portal.people.models import Accreditation, Attachment, Person, Role
from portal.trail.models import Event
from tests.data.asking_for import PEOPLE, person
from workflows.requests.access import FILLS, May
from workflows.requests.models import Block, CoSignature, Message, RequestStatus, RequestSteps, SoftwareRequest
from workflows.requests.table import REQUESTS

R = RequestStatus
Row = Mapping[str, Any]
TABLES = (SoftwareRequest, CoSignature, Block, Message, Notice, Event, RequestSteps, Accreditation, Attachment, Person, Role)
OPEN = {R.RELAY, R.RELAY_QUESTION, R.VISA, R.VISA_QUESTION, R.INSTRUCTION, R.INSTRUCTION_QUESTION}
QUESTIONS = {R.RELAY_QUESTION, R.VISA_QUESTION, R.INSTRUCTION_QUESTION}
WAITS_FOR = {R.RELAY: May.RELAY, R.VISA: May.ENDORSE, R.INSTRUCTION: May.INSTRUCT}
# Whom each move is told to: who asks, who has it now, who supports it, who owes a block of it.
TOLD = {
    "submit": "requester holder owners", "relay": "requester holder", "endorse": "requester holder supporters",
    **dict.fromkeys(("ask", "ask_before_visa", "ask_in_instruction"), "requester"), "separate": "requester holder owners",
    **dict.fromkeys(("answer", "answer_before_visa", "answer_in_instruction", "pass_relay", "pass_visa"), "holder"),
    "reconsider": "holder owners",
    **dict.fromkeys(("decline", "merge"), "requester supporters"), "give_up": "supporters",
}  # fmt: skip
SPEAKS_FOR_THE_SCHOOL = (May.RELAY, May.ENDORSE, May.INSTRUCT)


def keys_of_people(database: Database) -> dict[str, int]:
    """By name: who closes their account has none any more."""
    with database.read() as session:
        return {name: person(session, name).key for name in PEOPLE}


@dataclass(frozen=True)
class World:
    """All rows of what a request is made of, at one moment. Two that are equal: nothing happened in between."""

    rows: Mapping[str, list[Row]]

    @classmethod
    def of(cls, session: Session) -> "World":
        read = {table: session.execute(sa.select(table.__table__).order_by("id")).mappings() for table in TABLES}  # type: ignore[attr-defined]
        return cls({str(table.__tablename__): [dict(row) for row in found] for table, found in read.items()})

    @property
    def requests(self) -> dict[int, Row]:
        return {row["id"]: row for row in self.rows["software_request"]}

    def account(self, key: int) -> int:
        return next(row["linked_to_id"] or key for row in self.rows["person"] if row["id"] == key)

    def is_closed(self, key: int) -> bool:
        return next(row["closed_at"] is not None for row in self.rows["person"] if row["id"] == key)

    def schools(self, key: int) -> set[str]:
        """Scopes of the schools of a person, whichever of their accounts belongs there."""
        return {f"school:{row['uai']}" for row in self.rows["attachment"] if self.account(row["person_id"]) == self.account(key)}

    def held(self, now: datetime) -> list[tuple[int, str, str, list[str]]]:
        """What is in force: account, function, scope, permissions."""
        roles = {row["id"]: row["permissions"] for row in self.rows["role"]}
        return [
            (self.account(row["person_id"]), row["called"], row["scope"], roles[row["role_id"]])
            for row in self.rows["accreditation"]
            if row["revoked_at"] is None
            and not self.is_closed(row["person_id"])
            and row["starts_on"] <= now.astimezone(ZoneInfo(row["zone"])).date() <= row["until"]
        ]

    def actor(self, key: int, now: datetime) -> Actor:
        account = self.account(key)
        held = [(called, scope, permissions) for who, called, scope, permissions in self.held(now) if who == account]
        grants = frozenset(Grant(permission, scope) for _called, scope, permissions in held for permission in permissions)
        return Actor(f"person:{account}", held[0][0] if held else "Enseignant·e", grants)

    def holds(self, key: int, permission: str, request: Row, now: datetime) -> bool:
        """Over the school of what was sent, or over its territory."""
        places = {request["scope"], request["within"], "*"}
        return request["status"] is not R.DRAFT and any(
            who == self.account(key) and permission in permissions and scope in places
            for who, _called, scope, permissions in self.held(now)
        )

    def is_own(self, key: int, request: Row) -> bool:
        return self.account(key) == self.account(request["requester_id"])

    def may(self, key: int, permission: str, request: Row, now: datetime) -> bool:
        if permission == May.WRITE:
            return self.is_own(key, request)
        return permission != May.PASS and self.holds(key, permission, request, now)

    def stands_for(self, number: int) -> list[int]:
        return [key for key, row in self.requests.items() if row["merged_into_id"] == number]

    def twin(self, request: Row) -> bool:
        """Whether the school has another open request for the same thing."""
        same = ("school_id", "title_key", "kind", "wanted_version", "list_id")
        return any(
            row["status"] in OPEN and row["id"] != request["id"] and all(row[name] == request[name] for name in same)
            for row in self.requests.values()
        )

    def supporters(self, number: int) -> set[int]:
        """Accounts that asked for it or signed it, for it or for what was merged into it."""
        family = {number, *self.stands_for(number)}
        asked = {self.account(self.requests[one]["requester_id"]) for one in family}
        signed = (row for row in self.rows["co_signature"] if row["request_id"] in family and row["taken_back_at"] is None)
        return asked | {self.account(row["person_id"]) for row in signed}

    def able(self, permission: str, places: Collection[str], now: datetime) -> set[int]:
        return {who for who, _called, scope, permissions in self.held(now) if permission in permissions and scope in places}

    def holder(self, request: Row, now: datetime) -> set[int]:
        """The accounts for which it waits; a head is asked to relay when nobody else is there to."""
        if request["status"] in QUESTIONS:
            return {self.account(request["requester_id"])}
        needed = WAITS_FOR[request["status"]]
        able = self.able(needed, {request["within"] if needed is May.INSTRUCT else request["scope"]}, now)
        return (able - self.able(May.ENDORSE, {request["scope"]}, now) or able) if needed is May.RELAY else able

    def told(self, event: Row) -> list[tuple[int, str]]:
        """Whom, of which row."""
        return sorted((row["person_id"], row["about_kind"]) for row in self.rows["notice"] if row["event_id"] == event["id"])

    def should_be_told(self, number: int, event: Row, now: datetime) -> list[tuple[int, str]]:
        """Of a move: whoever it concerns and did not make it; who asks is given a receipt, even of what they sent themselves."""
        request, concerned, owners = self.requests[number], set[int](), list[tuple[int, str]]()
        requester, actor = self.account(request["requester_id"]), event["actor"].removeprefix("person:")
        if "holder" in TOLD[event["move"]] and request["status"] == event["now"]:
            concerned |= self.holder(request, now)
        if "supporters" in TOLD[event["move"]]:
            concerned |= self.supporters(number) - {requester}
        if "owners" in TOLD[event["move"]]:
            owed = [row["kind"] for row in self.rows["request_block"] if (row["request_id"], row["state"]) == (number, "owed")]
            places = {request["scope"], request["within"]}
            owners = [(who, "request_block") for kind in owed for who in self.able(FILLS[kind], places, now)]
        if "requester" in TOLD[event["move"]]:
            concerned.add(requester)
        heard = {who for who in concerned if str(who) != actor and not self.is_closed(who)}
        heard |= {requester} if event["move"] == "submit" else set()
        return sorted([*((who, "software_request") for who in heard), *owners])

    def events(self, number: int) -> list[Row]:
        return [row for row in self.rows["trail_event"] if (row["subject_kind"], row["subject_id"]) == ("software_request", number)]

    def moves(self, number: int) -> list[Row]:
        """What changed its status, the first first."""
        return [row for row in self.events(number) if row["now"] is not None]


@dataclass(frozen=True)
class Attempt:
    """A move that somebody makes; `into`: 0 for no number; `is_stale`: over a version that is not the last."""

    who: int
    number: int
    move: str
    reason: str = "Parce que"
    into: int = 0
    is_stale: bool = False

    def outcome(self, world: World, now: datetime) -> str:
        """What should come of it: the name of the error that refuses it, or « done »."""
        request, move = world.requests[self.number], REQUESTS.move(self.move)
        if request["status"] is R.DRAFT and not world.is_own(self.who, request):
            return "Unknown"
        if not world.may(self.who, move.permission, request, now):
            return "NotAllowed"
        if self.is_stale:
            return "OutOfDate"
        if self.move == "merge" and self.into and not self._may_be_named(world, now):
            return "Refused"
        if request["status"] not in move.sources:
            return "OutOfDate"
        return "done" if self._is_well_asked(world, request) else "Refused"

    def _may_be_named(self, world: World, now: datetime) -> bool:
        other = world.requests.get(self.into)
        return other is not None and world.may(self.who, May.INSTRUCT, other, now)

    def _is_well_asked(self, world: World, request: Row) -> bool:
        if REQUESTS.move(self.move).needs_reason and not self.reason.strip():
            return False
        if self.move in {"reconsider", "separate"}:
            return not world.twin(request)
        if self.move in {"merge", "give_up"} and world.stands_for(self.number):
            return False
        return self.move != "merge" or self._goes_on_with_another(world, request)

    def _goes_on_with_another(self, world: World, request: Row) -> bool:
        other = world.requests.get(self.into)
        return (
            other is not None
            and other["id"] != request["id"]
            and other["within"] == request["within"]
            and other["status"] in {R.INSTRUCTION, R.INSTRUCTION_QUESTION}
        )
