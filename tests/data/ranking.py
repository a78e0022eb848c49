"""The head of a school who ranks its requests: over the order that was read, in this process or in one of several."""

from sqlmodel import Session

from portal.db import Database
from portal.errors import DomainError
from portal.people.places import place_of
from tests.data.asking_for import AT, FIRST, POLICY, actor
from tests.data.contenders import connected, everyone_is_ready
from workflows.requests.school_page import Ranking, rank


def rank_all(database: Database, ranks: dict[int, str], read: list[int], by: str = "head") -> None:
    def work(session: Session) -> None:
        place = place_of(session, f"school:{FIRST}")
        assert place is not None
        rank(session, POLICY, actor(session, by), place, Ranking(ranks, read), at=AT)

    database.write(work)


def rank_at_once(url: str, ranks: dict[int, str], read: list[int]) -> str:
    """« ranked », or the sentence that refuses it."""
    database = connected(url)
    everyone_is_ready()
    try:
        rank_all(database, ranks, read)
    except DomainError as refused:
        return str(refused)
    finally:
        database.close()
    return "ranked"
