"""Who may do what with territories, and with what their schools declared. Permissions are held over a territory."""

from collections.abc import Mapping
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import col

from portal.access import Actor, Rule
from portal.territories.models import Territory
from portal.text import Sentence

PREFIX = "territory:"


class May(StrEnum):
    """Permissions of this noun, `noun:verb`."""

    MANAGE_TERRITORY = "territory:manage"
    WITHDRAW_TEACHING = "teaching:withdraw"


def over_territory(permission: str, says: Sentence, act: Sentence) -> Rule:
    """The rule of a permission that is held over a territory, or everywhere; it judges territories."""

    def holds(actor: Actor, territory: Territory) -> bool:
        return actor.has(permission, territory.scope)

    def where(actor: Actor) -> sa.ColumnElement[bool]:
        scopes = actor.scopes(permission)
        if "*" in scopes:
            return sa.true()
        return col(Territory.code).in_(sorted(one.removeprefix(PREFIX) for one in scopes if one.startswith(PREFIX)))

    return Rule(says, holds, where, lambda actor: bool(actor.scopes(permission))).to(act)


RUNS_IT = Sentence("qui tient les réglages de ce territoire")
RULES: Mapping[str, Rule] = {
    May.MANAGE_TERRITORY: over_territory(
        May.MANAGE_TERRITORY, RUNS_IT, Sentence("corriger le nom, le contact et les règles affichées d’un territoire")
    ),
    May.WITHDRAW_TEACHING: over_territory(
        May.WITHDRAW_TEACHING, RUNS_IT, Sentence("voir et retirer les formations que les établissements déclarent")
    ),
}
