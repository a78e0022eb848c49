"""The clock of a request: at each move, since when its new holder has it and until when, in working days of the territory."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from portal.calendars.queries import read_calendar
from portal.calendars.rules import Calendar, NotKnown
from portal.moves import Moved
from portal.territories.models import Territory
from portal.text import Sentence
from workflows.requests.guards import OPEN
from workflows.requests.models import Block, BlockKind, Reminder, RequestStatus, SoftwareRequest
from workflows.requests.steps import QUESTIONS, steps_of

NO_DELAY = Sentence("Ce territoire n’a pas fixé de délai pour cette étape.")
AHEAD = timedelta(days=500)  # a delay of 250 working days is the longest that a territory may give itself
LEAST = 2  # working days that remain for a step after an answer, however late the question was asked
Clocked = tuple[date | None, str]  # a due date, or why there is none


def due(calendar: Calendar, first: date, days: int | None) -> Clocked:
    """The last working day of a delay, or the sentence that says why nobody knows it."""
    if days is None:
        return None, str(NO_DELAY)
    found = calendar.add_working_days(first, days)
    return (None, str(found.reason)) if isinstance(found, NotKnown) else (found, "")


def remaining(calendar: Calendar, today: date, until: date | None) -> int | None:
    """Working days from the day after `today` to `until`, included; 0 when it is past, None when it is not known."""
    if until is None:
        return None
    count, day = 0, today
    while day < until:
        following = calendar.add_working_days(day, 1)
        if isinstance(following, NotKnown):
            return None
        count, day = count + (following <= until), following
    return count


def clock_on_move(session: Session, moved: Moved[SoftwareRequest]) -> None:
    """A listener. The clock of a step stops while its question waits for the requester, and goes on from there.

    What others owe begins to be owed when the request is sent.
    """
    if moved.procedure != "request":
        return
    request: SoftwareRequest = moved.subject
    territory = session.get_one(Territory, request.territory_id)
    steps, today = steps_of(session, territory.key), moved.at.astimezone(ZoneInfo(territory.zone)).date()
    calendar = read_calendar(session, territory, today, today + AHEAD)
    was, now = RequestStatus(moved.was), RequestStatus(moved.now)
    kept = request.days_left if was in QUESTIONS else None
    request.days_left = remaining(calendar, today, request.due_on) if now in QUESTIONS else None
    request.since, request.reminded = moved.at, Reminder.NONE
    request.due_on, request.due_doubt = None, ""
    if now in OPEN:
        days = max(kept, LEAST) if kept is not None else steps.days(now)
        request.due_on, request.due_doubt = due(calendar, today, days)
    if moved.move == "submit":
        request.receipt = steps.receipt
        until, doubt = due(calendar, today, steps.block_days)
        session.add_all(Block(request_id=request.key, kind=kind, due_on=until, due_doubt=doubt) for kind in BlockKind)
        session.flush()
