"""The number that tells search and pages when to look again."""

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.db import Model


class Revision(Model, table=True):
    """One row: a number that grows with each change that a public page must show."""

    __tablename__ = "catalogue_revision"

    number: int


def bump(session: Session) -> None:
    """Say, once per unit of work, that something public has changed."""
    session.exec(sa.update(Revision).values(number=col(Revision.number) + 1))


def bump_on_move(session: Session, _moved: object) -> None:
    """Listener: what moves (an edition, an entry) may change a level of support that search shows."""
    bump(session)
