"""Who may let something pass over a freeze: each freeze names the permission that its territory requires."""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlmodel import col, select

from portal.access import Actor, Rule
from portal.calendars.models import Freeze
from portal.territories.models import Territory
from portal.text import Sentence

OVERRIDE_FREEZE = "freeze.override"
TERRITORY = "territory:"


def _holds(actor: Actor, freeze: Freeze) -> bool:
    return freeze.overridable and actor.has(freeze.override_permission, freeze.territory.scope)


def _where(actor: Actor) -> sa.ColumnElement[bool]:
    held = (
        sa.and_(col(Freeze.override_permission) == grant.permission, _over(grant.scope))
        for grant in sorted(actor.grants, key=lambda grant: (grant.permission, grant.scope))
        if grant.scope == "*" or grant.scope.startswith(TERRITORY)
    )
    return sa.and_(col(Freeze.overridable), sa.or_(sa.false(), *held))


def _over(scope: str) -> sa.ColumnElement[bool]:
    if scope == "*":
        return sa.true()
    return col(Freeze.territory_id).in_(select(Territory.id).where(Territory.code == scope.removeprefix(TERRITORY)))


RULES: Mapping[str, Rule] = {
    OVERRIDE_FREEZE: Rule(Sentence("qui a reçu l’accréditation que ce gel demande sur son territoire"), _holds, _where),
}
