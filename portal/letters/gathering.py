"""Making letters of what people were told: one at once, or one for all that waited, at each one's pace."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import sqlalchemy as sa
from sqlmodel import Session, col, select

from portal.access import system
from portal.clock import Clock
from portal.db import Database
from portal.letters.models import LONGEST_SUBJECT, Letter, Notice
from portal.people.models import Person
from portal.text import french
from portal.trail.trail import record

log = logging.getLogger(__name__)
POST = system("post")
MOST_PEOPLE = 100  # in a round: the next begins a second later
MOST_NOTICES = 60  # in a letter: the others follow in the next one


@dataclass(frozen=True, slots=True)
class Dressed:
    """A letter as programs show it: plain text, HTML, and the address where one click changes its pace."""

    plain: str
    html: str
    settings_url: str


# The subject, and what is told to one reader: the web knows addresses and templates.
Dress = Callable[[str, Sequence[Notice]], Dressed]


def gather(database: Database, clock: Clock, dress: Dress) -> int:
    """A round of the worker: how many letters it wrote. What was told and the letter that says it are of one unit of work."""
    with database.read() as session:
        due = session.execute(
            select(Notice.person_id, Notice.address)
            .where(col(Notice.letter_id).is_(None), col(Notice.post_at) <= clock.now())
            .distinct()
            .order_by(col(Notice.person_id))
            .limit(MOST_PEOPLE)
        ).all()
    return sum(
        _tried(database, partial(_gather_for, reader=person, address=address, clock=clock, dress=dress)) for person, address in due
    )


def _tried(database: Database, work: Callable[[Session], int]) -> int:
    """One person whose letter cannot be made keeps nobody else from theirs."""
    try:
        return database.write(work)
    except Exception:
        log.exception("a letter could not be made")
        return 0


def _gather_for(session: Session, reader: int | None, address: str, clock: Clock, dress: Dress) -> int:
    """Two workers at once: the second finds nothing left. What was seen to meanwhile, or has no address to go to, is in no letter."""
    now = clock.now()
    waiting = session.exec(
        select(Notice)
        .where(
            col(Notice.person_id).is_not_distinct_from(reader),
            Notice.address == address,
            col(Notice.letter_id).is_(None),
            col(Notice.post_at) <= now,
        )
        .order_by(col(Notice.id))
        .limit(MOST_NOTICES)
        .with_for_update(skip_locked=True)
    ).all()
    person = session.get(Person, reader) if reader else None
    recipient = address if person is None else person.email
    letters = list(_letters(waiting)) if recipient else []
    for told in letters:
        letter = _letter(recipient, told, dress, now)
        session.add(letter)
        session.flush()
        record(session, POST, letter, "letter-written", at=now, about=[letter.about_kind, letter.about_id], told=len(told))
        for one in told:
            one.letter_id = letter.key
    for one in waiting:
        if one.letter_id is None:
            one.post_at = None
    return len(letters)


def _letters(waiting: Sequence[Notice]) -> Iterator[list[Notice]]:
    """What goes alone, then all the rest together."""
    left = [one for one in waiting if one.settled_at is None or one.is_alone]
    yield from ([one] for one in left if one.is_alone)
    if together := [one for one in left if not one.is_alone]:
        yield together


def _letter(recipient: str, told: Sequence[Notice], dress: Dress, now: datetime) -> Letter:
    """Of one subject, it joins the other letters about it; of several, it stands by itself."""
    subjects = {(one.about_kind, one.about_id) for one in told}
    kind, number = subjects.pop() if len(subjects) == 1 else ("", None)
    subject = told[0].subject if len(told) == 1 else french(f"{len(told)} nouvelles : {told[0].subject}, …")
    dressed = dress(subject, told)
    return Letter(
        person_id=told[0].person_id,
        recipient=recipient,
        subject=subject[:LONGEST_SUBJECT],
        body=dressed.plain,
        html=dressed.html,
        settings_url=dressed.settings_url,
        about_kind=kind,
        about_id=number,
        written_at=now,
        not_before=now,
    )


def waiting_for_letters(session: Session) -> int:
    """How much of what was told waits to be written."""
    return session.exec(
        select(sa.func.count()).select_from(Notice).where(col(Notice.letter_id).is_(None), col(Notice.post_at).is_not(None))
    ).one()
