"""On its day: a voted edition comes into force, the one before is archived."""

from datetime import date

from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from catalogue.lists.models import Edition, EditionStatus, SoftwareList
from catalogue.lists.queries import earlier_than
from portal.access import system
from portal.clock import Clock
from portal.db import Database, related
from portal.moves import Desk, Moved
from portal.moves.desk import Listener
from workflows.editions.access import May
from workflows.editions.table import EDITIONS

CALENDAR = system("calendar", May.VOTE)
UP = joinedload(related(Edition.software_list)).joinedload(related(SoftwareList.territory))


def turn_on_time(database: Database, desk: Desk, clock: Clock) -> None:
    """A round of the worker: one query when no edition waits for a day."""
    with database.read() as session:
        due = any(_is_due(edition, _today(edition, clock)) for edition in session.exec(_waiting()))
    if due:
        database.write(lambda session: turn(session, desk, clock))


def turn(session: Session, desk: Desk, clock: Clock) -> None:
    """Open what has begun, oldest first, then archive what has ended; another worker waits, then finds nothing to do."""
    held = _waiting().with_for_update(of=Edition)
    for name, status in (("open", EditionStatus.VOTED), ("archive", EditionStatus.CURRENT)):
        for edition in session.exec(held).all():
            today = _today(edition, clock)
            if edition.status is status and _is_due(edition, today):
                desk.carry_out(session, EDITIONS, name, edition, CALENDAR, today=today)


def archiving(desk: Desk) -> Listener:
    """A listener: what comes into force archives what it follows, in the same unit of work and at the same instant."""

    def archive_before(session: Session, moved: Moved[Edition]) -> None:
        if (moved.procedure, moved.move) != ("edition", "open"):
            return
        followed = select(Edition).where(earlier_than(moved.subject), Edition.status == EditionStatus.CURRENT).options(UP)
        for edition in session.exec(followed).all():
            desk.at(moved.at).carry_out(session, EDITIONS, "archive", edition, moved.actor, today=moved.given["today"])

    return archive_before


def _waiting() -> SelectOfScalar[Edition]:
    """Editions that a day may move, oldest first."""
    status, oldest = col(Edition.status), (col(Edition.starts_on), col(Edition.amendment))
    return select(Edition).where(status.in_((EditionStatus.VOTED, EditionStatus.CURRENT))).order_by(*oldest).options(UP)


def _today(edition: Edition, clock: Clock) -> date:
    """Days are those of the place."""
    return clock.today(edition.software_list.territory.zone)


def _is_due(edition: Edition, today: date) -> bool:
    return edition.starts_on <= today if edition.status is EditionStatus.VOTED else edition.ends_on < today
