"""How often somebody is written to: by kind of news, as they chose, or as is usual. No digest on a Saturday or a Sunday."""

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col, select

from portal.db import lock
from portal.letters.models import Kind, LetterPace, Notice, Pace
from portal.people.models import Person
from portal.people.queries import accounts_of
from portal.territories.models import Territory

USUAL: Mapping[Kind, Pace] = {Kind.TODO: Pace.DAILY, Kind.OWN: Pace.DAILY, Kind.FOLLOWED: Pace.WEEKLY, Kind.SAID: Pace.EACH}
MORNING = time(7)  # of the place: read before the first lesson
MONDAY, SATURDAY = 0, 5
DAY = timedelta(days=1)
Paces = Mapping[tuple[int, Kind], Pace]


def next_post(pace: Pace, at: datetime, zone: str) -> datetime | None:
    """When news of that instant leaves; None: never by letter. A digest leaves on a working morning, a weekly one on Monday."""
    if pace is Pace.NEVER:
        return None
    if pace is Pace.EACH:
        return at
    place = ZoneInfo(zone)
    morning = datetime.combine(at.astimezone(place).date(), MORNING, place)
    while morning <= at or not _is_day_of(pace, morning):
        morning = datetime.combine(morning.date() + DAY, MORNING, place)
    return morning.astimezone(at.tzinfo)


def _is_day_of(pace: Pace, day: datetime) -> bool:
    return day.weekday() == MONDAY if pace is Pace.WEEKLY else day.weekday() < SATURDAY


def paces_of(session: Session, accounts: Iterable[int]) -> Paces:
    """By account and kind, what was chosen."""
    found = session.exec(select(LetterPace).where(col(LetterPace.person_id).in_(sorted(accounts))))
    return {(one.person_id, one.kind): one.pace for one in found}


def pace(chosen: Paces, account: int, kind: Kind) -> Pace:
    return chosen.get((account, kind), USUAL[kind])


def choose(session: Session, account: int, wanted: Mapping[Kind, Pace], *, now: datetime) -> None:
    """From now on, and for what still waits to be written: it leaves at the new pace, or not at all. Two at once take turns."""
    lock(session, session.get_one(Person, account))
    held = {one.kind: one for one in session.exec(select(LetterPace).where(LetterPace.person_id == account))}
    for kind, chosen in wanted.items():
        if kind in held:
            held[kind].pace = chosen
        else:
            session.add(LetterPace(person_id=account, kind=kind, pace=chosen))
    session.flush()
    for territory, zone in session.execute(select(Territory.id, Territory.zone).order_by(col(Territory.id))).all():
        for kind, chosen in wanted.items():
            waiting = (
                *(col(Notice.person_id).in_(accounts_of(account)), col(Notice.territory_id) == territory, col(Notice.kind) == kind),
                *(col(Notice.letter_id).is_(None), col(Notice.post_at).is_not(None), col(Notice.is_alone).is_(sa.false())),
            )
            session.execute(sa.update(Notice).where(*waiting).values(post_at=next_post(chosen, now, zone)))
