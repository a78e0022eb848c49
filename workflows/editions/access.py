"""Who prepares and who votes an edition."""

from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlmodel import col, select

from catalogue.lists.models import Edition, SoftwareList
from portal.access import Rule, granted
from portal.territories.models import Territory
from portal.text import Sentence


class May(StrEnum):
    """Permissions of this procedure, `noun:verb`, held over a territory."""

    PREPARE = "edition:prepare"
    VOTE = "edition:vote"


def _scope(subject: Any) -> str:
    """Of an edition, or of an entry of one; the caller loaded the way up to the territory."""
    edition = subject if isinstance(subject, Edition) else subject.edition
    scope: str = edition.software_list.territory.scope
    return scope


def _where(scopes: frozenset[str]) -> ColumnElement[bool]:
    codes = [scope.removeprefix("territory:") for scope in scopes if scope.startswith("territory:")]
    lists = select(SoftwareList.id).join(Territory).where(col(Territory.code).in_(codes))
    return sa.and_(col(Edition.list_id).in_(lists))


RULES: dict[str, Rule] = {
    May.PREPARE: granted(May.PREPARE, _scope, _where).to(Sentence("préparer les éditions des listes")),
    May.VOTE: granted(May.VOTE, _scope, _where).to(Sentence("inscrire le vote d’une édition, et l’ouvrir")),
}
