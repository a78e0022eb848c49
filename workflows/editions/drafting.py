"""New editions and new entries: what moves cannot make, since there is nothing to move yet."""

from datetime import date, timedelta

from sqlmodel import Session, col, select

from catalogue.lists.models import SEATED, Edition, EditionStatus, Entry, EntryStatus
from portal.access import Actor
from portal.db import lock
from portal.errors import Refused
from portal.moves import Desk, Moved
from portal.text import Sentence
from portal.trail.revision import bump
from portal.trail.trail import record
from workflows.editions.access import May

CARRIED = ("title_id", "version_label", "since", "reason", "ends_on", "exit_reason", "replacement_id")


def draft_on_move(session: Session, moved: Moved[Edition]) -> None:
    """A listener: preparing an amendment or the year after makes the draft, in the same unit of work."""
    if moved.procedure != "edition" or moved.move not in {"amend", "amend_ahead", "renew"}:
        return
    edition = moved.subject
    if moved.move == "renew":
        edition, drafted = _latest(session, edition), _year_after(edition)
    else:
        drafted = _amendment(edition, moved.given.get("starts_on"))
    session.add(drafted)
    session.flush()
    held = session.exec(
        select(Entry).where(Entry.edition_id == edition.key, col(Entry.status).in_(SEATED)).order_by(col(Entry.id))
    ).all()
    session.add_all(_carried(entry, drafted) for entry in held if not entry.ends_on or entry.ends_on >= drafted.starts_on)
    record(session, moved.actor, drafted, "drafted", at=moved.at, reason=moved.reason, origin=edition.key)
    session.flush()


def propose(
    session: Session,
    desk: Desk,
    edition: Edition,
    title_id: int,
    actor: Actor,
    *,
    since: date,
    reason: str,
    version_label: str = "",
) -> Entry:
    """Add a candidate to a draft; it takes no seat until it is admitted."""
    desk.policy.demand(actor, May.PREPARE, edition)
    lock(session, edition)
    if edition.status != EditionStatus.DRAFT:
        raise Refused([Sentence("Cette édition est votée : elle ne change plus. Préparez un avenant.")])
    known = session.exec(select(Entry.status).where(Entry.edition_id == edition.key, Entry.title_id == title_id)).first()
    if known in {EntryStatus.SET_ASIDE, EntryStatus.WITHDRAWN}:
        raise Refused([Sentence("Ce titre a déjà été écarté ou retiré de cette édition. Réexaminez-le.")])
    if known:
        raise Refused([Sentence("Ce titre est déjà dans cette édition, proposé ou inscrit. Modifiez sa ligne.")])
    entry = Entry(edition_id=edition.key, title_id=title_id, since=since, reason=reason, version_label=version_label)
    entry.edition = edition
    session.add(entry)
    session.flush()
    record(session, actor, entry, "proposed", at=desk.clock.now(), reason=reason)
    bump(session)  # the pages of a draft show its candidates
    return entry


def _amendment(edition: Edition, starts_on: date | None) -> Edition:
    """The same year, from a day of it; until then the version before stays in force."""
    return Edition(
        list_id=edition.list_id,
        school_year=edition.school_year,
        amendment=edition.amendment + 1,
        starts_on=starts_on or edition.starts_on,
        ends_on=edition.ends_on,
    )


def _latest(session: Session, edition: Edition) -> Edition:
    """An amendment that was voted and waits for its day already decides what the year after takes over."""
    return session.exec(
        select(Edition)
        .where(
            Edition.list_id == edition.list_id, Edition.school_year == edition.school_year, Edition.status != EditionStatus.DRAFT
        )
        .order_by(col(Edition.amendment).desc())
        .limit(1)
    ).one()


def _year_after(edition: Edition) -> Edition:
    """From the day after this one's last day, whenever this amendment began."""
    first = int(edition.school_year[:4]) + 1
    starts_on = edition.ends_on + timedelta(days=1)
    return Edition(
        list_id=edition.list_id,
        school_year=f"{first}-{first + 1}",
        starts_on=starts_on,
        ends_on=_a_year_later(starts_on) - timedelta(days=1),
    )


def _a_year_later(day: date) -> date:
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # a 29 February
        return date(day.year + 1, 3, 1)


def _carried(entry: Entry, drafted: Edition) -> Entry:
    """It keeps its seat and what was said of it."""
    return Entry(edition_id=drafted.key, status=EntryStatus.ADMITTED, **{name: getattr(entry, name) for name in CARRIED})
