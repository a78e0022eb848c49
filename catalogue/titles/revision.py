"""The number that tells search when to look again."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from catalogue.titles.models import Revision
from portal.moves import Moved


def bump(session: Session) -> None:
    """Say, once per unit of work, that something search shows has changed."""
    session.exec(sa.update(Revision).values(number=col(Revision.number) + 1))


def bump_on_move(session: Session, _moved: Moved[Any]) -> None:
    """Listener: what moves (an edition, an entry) may change a level of support that search shows."""
    bump(session)
