"""The schools whose pages are asked: all over the territory, and some that it does not serve."""

from collections.abc import Sequence

from sqlalchemy import ColumnExpressionArgument
from sqlmodel import Session, col, select

from portal.territories.models import School, Territory
from portal.territories.queries import served_by

SERVED, ELSEWHERE = 36, 12
SEARCH = "/etablissements?q=lycee+valence"


def some_schools(session: Session, territory: str) -> list[str]:
    """UAIs, the same ones in every run since the directory is a file; the few schools that declared rooms are among them."""
    served = served_by(session.exec(select(Territory).where(Territory.code == territory)))
    every = served_by(session.exec(select(Territory)))
    has_rooms = col(School.rooms).any()
    found = (_spread(session, SERVED, served), _spread(session, SERVED, served, has_rooms), _spread(session, ELSEWHERE, ~every))
    return list(dict.fromkeys(code for codes in found for code in codes))


def _spread(session: Session, most: int, *wanted: ColumnExpressionArgument[bool]) -> Sequence[str]:
    codes = session.exec(select(School.uai).where(*wanted).order_by(col(School.uai))).all()
    return codes[:: max(1, len(codes) // most)][:most]
