"""A school from what somebody types to name their own: its code, or words of its name and town."""

from collections.abc import Sequence

from sqlmodel import Session, select

from portal.territories.asked import Asked
from portal.territories.models import School, Territory
from portal.territories.queries import schools_around, search_schools, served_by, towns
from portal.territories.uai import as_written, looks_like_one


def find_schools(session: Session, q: str, territories: Sequence[Territory], most: int) -> tuple[Sequence[School], int]:
    """The first `most`, and how many there are. Words of a town also find what is around it."""
    if looks_like_one(q):
        named = session.exec(select(School).where(School.uai == as_written(q))).all()
        return named, len(named)
    asked, served = Asked.of(q, ""), served_by(territories)
    known = towns(session, asked.possible_towns) if asked.possible_towns else []
    town = next((one for one in known if asked.is_about(one.key, one.department_code)), None)
    if town:
        words = asked.besides(town.key, town.department_code)
        found = schools_around(session, town, words, asked.words, served, page=1, per_page=most)
    elif asked.words:
        found = search_schools(session, asked.words, served, page=1, per_page=most)
    else:
        return [], 0
    return found.schools, found.total
