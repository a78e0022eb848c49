"""Due dates that come near or have passed: their holder is reminded, who asks is told honestly, and who stands above hears of it."""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload
from sqlmodel import Session, col, select

from portal.access import system
from portal.calendars.queries import read_calendar
from portal.calendars.rules import Calendar, NotKnown
from portal.clock import Clock
from portal.db import Database, lock, related
from portal.letters.telling import settle, tell
from portal.people.holding import held_over
from portal.territories import access as territories
from portal.territories.models import Territory
from portal.trail.trail import record
from workflows.requests.access import May
from workflows.requests.guards import OPEN
from workflows.requests.holders import people_who_have
from workflows.requests.letters import tell_of, told_of_blocks
from workflows.requests.models import Block, BlockState, Reminder, RequestStatus, SoftwareRequest
from workflows.requests.steps import QUESTIONS, Steps, steps_of

log = logging.getLogger(__name__)
REMINDERS = system("reminders")
EVERYWHERE = "*"
ORDER = list(Reminder)
Remind = Callable[..., None]
R = RequestStatus
# Who is told that a step is late: whoever the one before it may turn to.
ABOVE: Mapping[RequestStatus, str] = {
    R.RELAY: May.ENDORSE,
    R.VISA: May.INSTRUCT,
    R.INSTRUCTION: territories.May.MANAGE_TERRITORY,
    **dict.fromkeys(QUESTIONS, May.RELAY),
}


def stage(due_on: date | None, today: date, calendar: Calendar, steps: Steps) -> Reminder:
    """How far reminders should have gone on that day. Where the calendar is unknown, no day is guessed: only a past date is late."""
    if due_on is None:
        return Reminder.NONE
    if due_on < today:
        last = calendar.add_working_days(due_on, steps.escalate_days) if steps.escalate_days else None
        return Reminder.ESCALATED if isinstance(last, date) and last < today else Reminder.LATE
    first = calendar.add_working_days(today, steps.remind_days) if steps.remind_days else None
    return Reminder.SOON if isinstance(first, date) and due_on <= first else Reminder.NONE


@dataclass
class Reminding:
    """A round of the worker, which looks once a minute."""

    database: Database
    clock: Clock
    looked: datetime | None = field(default=None)

    def __call__(self) -> int:
        """How many were reminded, each by itself."""
        now = self.clock.now()
        minute = now.replace(second=0, microsecond=0)
        if minute == self.looked:
            return 0
        self.looked = minute
        with self.database.read() as session:
            found = due(session, now)
        return sum(_tried(self.database, partial(work, key=key, now=now)) for work, key in found)


def due(session: Session, now: datetime) -> list[tuple[Remind, int]]:
    """What to do, and on which row: to be judged again when it is done."""
    places = session.exec(select(Territory).order_by(col(Territory.id))).all()
    return [one for place in places for one in _due(session, place, now)]


def remind_of_request(session: Session, key: int, now: datetime) -> None:
    """Judged again under lock: a move, or another worker, may have come first."""
    up = (joinedload(related(SoftwareRequest.requester)), joinedload(related(SoftwareRequest.territory)))
    request = session.exec(select(SoftwareRequest).where(SoftwareRequest.id == key).options(*up)).one()
    lock(session, request)
    wanted = _judge(session, request.territory, now)(request.due_on)
    if request.status not in OPEN or ORDER.index(wanted) <= ORDER.index(request.reminded):
        return
    if ORDER.index(request.reminded) < ORDER.index(Reminder.LATE):  # who is late hears of it before others do
        wanted = min(wanted, Reminder.LATE, key=ORDER.index)
    request.reminded = wanted
    above = _above(session, request, now) if wanted is Reminder.ESCALATED else []
    if wanted is Reminder.ESCALATED and not above:  # there is nobody to tell: nothing is said to have been told
        return
    event = record(session, REMINDERS, request, f"reminded-{wanted}", at=now, due_on=str(request.due_on))
    if above:
        tell_of(session, request, event, {"escalated.above": above})
        return
    settle(session, request, REMINDERS.key, now)  # the reminder takes the place of what it reminds of
    told = {f"{wanted}.holder": people_who_have(session, request, now)}
    if wanted is Reminder.LATE and request.status not in QUESTIONS:
        told["late.requester"] = [request.requester_id]
    tell_of(session, request, event, told)


def remind_of_blocks(session: Session, key: int, now: datetime) -> None:
    """One reminder a request, whatever it is owed; each owner is told of theirs."""
    up = (joinedload(related(SoftwareRequest.territory)), selectinload(related(SoftwareRequest.blocks)))
    request = session.exec(select(SoftwareRequest).where(SoftwareRequest.id == key).options(*up)).one()
    lock(session, request)
    if request.status not in OPEN:
        return
    reached, by_stage = _judge(session, request.territory, now), dict[Reminder, list[Block]]()
    for block in request.blocks:
        lock(session, block)
        wanted = min(reached(block.due_on), Reminder.LATE, key=ORDER.index)
        if block.state is BlockState.OWED and ORDER.index(wanted) > ORDER.index(block.reminded):
            block.reminded = wanted
            by_stage.setdefault(wanted, []).append(block)
    for wanted, blocks in by_stage.items():
        kinds = [one.kind.value for one in blocks]
        event = record(session, REMINDERS, request, f"reminded-{wanted}", at=now, due_on=str(blocks[0].due_on), blocks=kinds)
        for block in blocks:
            settle(session, block, REMINDERS.key, now)
        tell(session, told_of_blocks(session, request, blocks, f"{wanted}.owner", now), event)


def _above(session: Session, request: SoftwareRequest, now: datetime) -> list[int]:
    """But those who have it already."""
    needed, have = ABOVE[request.status], people_who_have(session, request, now)
    held = held_over(session, (request.scope, request.within, EVERYWHERE), now)
    able = (one.account for found in held.values() for one in found if needed in one.permissions)
    return [one for one in able if one not in have]


def _tried(database: Database, work: Callable[[Session], None]) -> int:
    """One that fails stops no other."""
    try:
        database.write(work)
    except Exception:
        log.exception("a due date could not be reminded of")
        return 0
    return 1


def _due(session: Session, territory: Territory, now: datetime) -> Iterator[tuple[Remind, int]]:
    """What a territory's dates ask for now: three queries besides its calendar, however many requests there are."""
    today, calendar, steps = _today(now, territory), _calendar(session, territory, now), steps_of(session, territory.key)
    soon = calendar.add_working_days(today, steps.remind_days) if steps.remind_days else today
    near = today if isinstance(soon, NotKnown) else soon
    to_come = (Reminder.NONE, Reminder.SOON, *([Reminder.LATE] if steps.escalate_days else []))
    mine = sa.and_(col(SoftwareRequest.territory_id) == territory.key, col(SoftwareRequest.status).in_(OPEN))
    requests = sa.select(col(SoftwareRequest.id), col(SoftwareRequest.due_on), col(SoftwareRequest.reminded)).where(
        mine, col(SoftwareRequest.due_on) <= near, col(SoftwareRequest.reminded).in_(to_come)
    )
    blocks = (
        sa.select(col(Block.request_id), col(Block.due_on), col(Block.reminded))
        .join(SoftwareRequest, col(SoftwareRequest.id) == col(Block.request_id))
        .where(
            mine,
            col(Block.state) == BlockState.OWED,
            col(Block.due_on) <= near,
            col(Block.reminded).in_((Reminder.NONE, Reminder.SOON)),
        )
    )
    for work, asked in ((remind_of_request, requests), (remind_of_blocks, blocks)):
        rows = session.execute(asked.order_by(sa.text("1"))).all()
        late = (key for key, due_on, reminded in rows if ORDER.index(stage(due_on, today, calendar, steps)) > ORDER.index(reminded))
        yield from ((work, key) for key in dict.fromkeys(late))


def _judge(session: Session, territory: Territory, now: datetime) -> Callable[[date | None], Reminder]:
    """`stage`, for the dates of a territory: what it stands on is read once."""
    today, calendar, steps = _today(now, territory), _calendar(session, territory, now), steps_of(session, territory.key)
    return lambda due_on: stage(due_on, today, calendar, steps)


def _calendar(session: Session, territory: Territory, now: datetime) -> Calendar:
    """Of working days: freezes and exams, the only things read between two days, do not count here."""
    today = _today(now, territory)
    return read_calendar(session, territory, today, today)


def _today(now: datetime, territory: Territory) -> date:
    return now.astimezone(ZoneInfo(territory.zone)).date()
