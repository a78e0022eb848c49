"""The number that tells search and pages when to look again."""

from collections.abc import Callable
from typing import Any

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


def bumping(*procedures: str) -> Callable[[Session, Any], None]:
    """A listener: what moves in these procedures may change a level of support that search shows."""

    def bump_on_move(session: Session, moved: Any) -> None:
        if moved.procedure in procedures:
            bump(session)

    return bump_on_move
