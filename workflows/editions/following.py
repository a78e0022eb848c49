"""What an amendment decides this year is proposed at once to next year's draft, where people answer it before they vote."""

from typing import Any

from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, col, select

from catalogue.lists.models import SEATED, Edition, EditionStatus, Entry, EntryStatus
from catalogue.lists.queries import previous
from portal.access import system
from portal.moves import Desk, Moved
from portal.moves.desk import Listener
from workflows.editions.access import May
from workflows.editions.drafting import propose
from workflows.editions.table import ENTRIES
from workflows.editions.turning import UP

AMENDMENT = system("amendment", May.PREPARE)


def following(desk: Desk) -> Listener:
    """A listener. A title withdrawn for a flaw would otherwise come back in September, because next year was drafted before."""

    def propose_to_drafts(session: Session, moved: Moved[Edition]) -> None:
        voted = moved.subject
        if (moved.procedure, moved.move) != ("edition", "vote") or not voted.amendment:
            return
        later = select(Edition).where(
            Edition.list_id == voted.list_id, Edition.starts_on > voted.ends_on, Edition.status == EditionStatus.DRAFT
        )
        for draft in session.exec(later.options(UP)).all():
            _follow(session, desk.at(moved.at), voted, draft)

    return propose_to_drafts


def _follow(session: Session, desk: Desk, voted: Edition, draft: Edition) -> None:
    """What people have already answered in the draft is left as they answered it."""
    drafted, before = _entries(session, draft), _entries(session, previous(session, voted))
    today = desk.clock.today(voted.software_list.territory.zone)
    for title, entry in _entries(session, voted).items():
        other, gone = drafted.get(title), _is_gone(entry, draft)
        if other is None and entry.status in SEATED and not gone:
            given = entry.version_label
            new = propose(session, desk, draft, title, AMENDMENT, since=entry.since, reason=entry.reason, version_label=given)
            new.ends_on, new.exit_reason, new.replacement_id = entry.ends_on, entry.exit_reason, entry.replacement_id
        if other is None or other.status is not EntryStatus.ADMITTED:
            continue
        if _is_new(entry, before.get(title)) and before[title].version_label == other.version_label:
            desk.carry_out(session, ENTRIES, "update_version", other, AMENDMENT, version_label=entry.version_label)
        if gone:
            desk.carry_out(session, ENTRIES, "propose_exit", other, AMENDMENT, **_exit(entry))
        elif entry.ends_on and not other.ends_on:
            said = {**_exit(entry), "ends_on": entry.ends_on, "today": today, "urgent": True}
            desk.carry_out(session, ENTRIES, "announce_exit", other, AMENDMENT, **said)


def _is_new(entry: Entry, was: Entry | None) -> bool:
    return was is not None and entry.version_label not in {"", was.version_label}


def _exit(entry: Entry) -> dict[str, Any]:
    return {"reason": entry.exit_reason, "replacement_id": entry.replacement_id}


def _is_gone(entry: Entry, draft: Edition) -> bool:
    return entry.status is EntryStatus.WITHDRAWN or (entry.ends_on is not None and entry.ends_on < draft.starts_on)


def _entries(session: Session, edition: Edition | None) -> dict[int, Entry]:
    """By title, in order."""
    if edition is None:
        return {}
    found = session.exec(select(Entry).where(Entry.edition_id == edition.key).order_by(col(Entry.id))).all()
    for entry in found:
        set_committed_value(entry, "edition", edition)
    return {entry.title_id: entry for entry in found}
