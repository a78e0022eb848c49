"""On its day: a voted edition comes into force, the one before is archived."""

from datetime import date

from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select

from catalogue.lists.models import Edition, EditionStatus, SoftwareList
from portal.access import Actor, system
from portal.clock import Clock
from portal.db import Database, related
from portal.moves import Desk
from workflows.editions.access import May
from workflows.editions.table import EDITIONS

CALENDAR = system("calendar", May.VOTE)


def turn_on_time(database: Database, desk: Desk, clock: Clock) -> None:
    """A round of the worker: one query when no edition waits for a day."""
    with database.read() as session:
        due = any(_is_due(edition, clock.today(zone)) for edition, zone in _waiting(session))
    if due:
        database.write(lambda session: turn(session, desk, clock))


def turn(session: Session, desk: Desk, clock: Clock) -> None:
    """Open what has begun, oldest first, then archive what has ended or was replaced."""
    for edition, zone in _waiting(session):
        if edition.status is EditionStatus.VOTED and edition.starts_on <= clock.today(zone):
            open_edition(session, desk, edition, CALENDAR, clock.today(zone))
    for edition, zone in _waiting(session):
        if edition.status is EditionStatus.CURRENT and edition.ends_on < clock.today(zone):
            desk.carry_out(session, EDITIONS, "archive", edition, CALENDAR, today=clock.today(zone))


def open_edition(session: Session, desk: Desk, edition: Edition, actor: Actor, today: date) -> None:
    """Put it in force, and archive the version that it replaces."""
    desk.carry_out(session, EDITIONS, "open", edition, actor, today=today)
    up = joinedload(related(Edition.software_list)).joinedload(related(SoftwareList.territory))
    before = select(Edition).where(
        Edition.list_id == edition.list_id, Edition.id != edition.id, Edition.status == EditionStatus.CURRENT
    )
    for replaced in session.exec(before.options(up)).all():
        desk.carry_out(session, EDITIONS, "archive", replaced, actor, today=today)


def _waiting(session: Session) -> list[tuple[Edition, str]]:
    """Editions that a day may move, with the zone in which that day is read; oldest first."""
    up = joinedload(related(Edition.software_list)).joinedload(related(SoftwareList.territory))
    query = (
        select(Edition)
        .where(col(Edition.status).in_((EditionStatus.VOTED, EditionStatus.CURRENT)))
        .order_by(col(Edition.starts_on), col(Edition.amendment))
        .options(up)
    )
    return [(edition, edition.software_list.territory.zone) for edition in session.exec(query)]


def _is_due(edition: Edition, today: date) -> bool:
    return edition.starts_on <= today if edition.status is EditionStatus.VOTED else edition.ends_on < today
