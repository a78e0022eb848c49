"""What the rules of an edition need beyond it, read while holding it: two moves at once wait for each other."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from catalogue.lists.models import SEATED, Edition, EditionStatus, Entry, EntryStatus
from portal.db import lock


def seats(session: Session, entry: Entry) -> dict[str, Any]:
    """Seats taken and total of the entry's edition."""
    lock(session, entry.edition)
    return _seats(session, entry.edition)


def room(session: Session, edition: Edition) -> dict[str, Any]:
    """Seats, and how many proposals and proposed exits wait for a decision."""
    lock(session, edition)
    waiting = _count(session, edition, (EntryStatus.PROPOSED, EntryStatus.LEAVING))
    return {**_seats(session, edition), "undecided": waiting}


def succession(session: Session, edition: Edition) -> dict[str, Any]:
    """Whether a later version of the list is in force: an amendment or the year after."""
    lock(session, edition)
    later = sa.or_(
        col(Edition.starts_on) > edition.starts_on,
        sa.and_(col(Edition.school_year) == edition.school_year, col(Edition.amendment) > edition.amendment),
    )
    found = select(Edition.id).where(Edition.list_id == edition.list_id, Edition.status == EditionStatus.CURRENT, later)
    return {"amended": session.exec(found.limit(1)).first() is not None}


def this_year(session: Session, edition: Edition) -> dict[str, Any]:
    """The amendment of this year that is being prepared or waits for its day, if there is one."""
    lock(session, edition)
    waiting = (EditionStatus.DRAFT, EditionStatus.VOTED)
    found = select(Edition).where(
        Edition.list_id == edition.list_id,
        Edition.id != edition.id,
        Edition.school_year == edition.school_year,
        col(Edition.status).in_(waiting),
    )
    return _named(session.exec(found).first())


def next_year(session: Session, edition: Edition) -> dict[str, Any]:
    """The edition of the year after, if there is one."""
    lock(session, edition)
    found = select(Edition).where(Edition.list_id == edition.list_id, col(Edition.starts_on) > edition.ends_on)
    return _named(session.exec(found.order_by(col(Edition.amendment).desc())).first())


def _named(edition: Edition | None) -> dict[str, Any]:
    return {"drafted": edition.label if edition else "", "drafted_status": edition.status if edition else None}


def _seats(session: Session, edition: Edition) -> dict[str, Any]:
    return {"used": _count(session, edition, SEATED), "capacity": edition.software_list.capacity}


def _count(session: Session, edition: Edition, statuses: Iterable[EntryStatus]) -> int:
    counted = select(sa.func.count()).select_from(Entry).where(Entry.edition_id == edition.id, col(Entry.status).in_(statuses))
    return session.exec(counted).one()
