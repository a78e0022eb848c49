"""What was due over the demonstration's years, and what people were told long ago: reminded, read, and not written to again."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.letters.models import Notice
from portal.letters.pacing import MONDAY, MORNING
from portal.people.access import PERSON
from workflows.requests.reminding import due

ZONE = ZoneInfo("Europe/Paris")
RECENT = timedelta(days=14)  # what is late since is for the worker to find


def remind_until(session: Session, day: date, until: date) -> date:
    """Each Monday, of what was late by then; the day from which to go on."""
    while day < until:
        if day.weekday() == MONDAY:
            at = _morning(day)
            for work, key in due(session, at):
                work(session, key=key, now=at)
        day += timedelta(days=1)
    return day


def see_to(session: Session, recent: date) -> None:
    """What people were told before, they have read; no letter of another year leaves now."""
    past = sa.update(Notice).where(col(Notice.at) < _morning(recent), col(Notice.person_id).is_not(None))
    oneself = sa.literal(PERSON).concat(sa.cast(col(Notice.person_id), sa.String))
    session.execute(past.where(col(Notice.settled_at).is_(None)).values(settled_at=Notice.at, settled_by=oneself))
    session.execute(past.values(post_at=None))


def _morning(day: date) -> datetime:
    return datetime.combine(day, MORNING, ZONE).astimezone(UTC)
