"""How an edition lives and how entries take its seats: read these tables, there is nothing else."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from catalogue.lists.models import Edition, EditionStatus, Entry, EntryStatus
from portal.db import lock
from portal.moves import Move, Moved, Procedure
from portal.text import Sentence
from workflows.editions.access import May
from workflows.editions.guards import has_a_seat, has_begun, has_ended, has_entries, is_still_a_draft
from workflows.editions.letters import tell_territory


def seats(session: Session, entry: Entry) -> dict[str, Any]:
    """Taken and total, holding the edition: two admissions at once wait for each other."""
    lock(session, entry.edition)
    return {"used": _admitted(session, entry.edition), "capacity": entry.edition.software_list.capacity}


def size(session: Session, edition: Edition) -> dict[str, Any]:
    lock(session, edition)
    return {"used": _admitted(session, edition)}


def _admitted(session: Session, edition: Edition) -> int:
    counted = (
        select(sa.func.count()).select_from(Entry).where(Entry.edition_id == edition.id, col(Entry.status) == EntryStatus.ADMITTED)
    )
    return session.exec(counted).one()


def _date_the_vote(edition: Edition, moved: Moved[Edition]) -> None:
    edition.voted_on = moved.given["today"]


E, N = EditionStatus, EntryStatus
# fmt: off
EDITIONS: Procedure[Edition] = Procedure("edition", E, (
    Move("vote",    Sentence("Voter l’édition"),           {E.DRAFT},   E.VOTED,    May.VOTE, (has_entries,), size, _date_the_vote, (tell_territory,)),
    Move("open",    Sentence("Mettre en vigueur"),         {E.VOTED},   E.CURRENT,  May.VOTE, (has_begun,)),
    Move("archive", Sentence("Archiver"),                  {E.CURRENT}, E.ARCHIVED, May.VOTE, (has_ended,)),
))
ENTRIES: Procedure[Entry] = Procedure("entry", N, (
    Move("admit",     Sentence("Admettre sur la liste"),   {N.PROPOSED}, N.ADMITTED,  May.PREPARE, (is_still_a_draft, has_a_seat), seats),
    Move("set_aside", Sentence("Écarter la proposition"),  {N.PROPOSED}, N.SET_ASIDE, May.PREPARE, (is_still_a_draft,), seats, needs_reason=True),
))
# fmt: on
