"""Who sets a territory’s freezes, and who may let something pass over one: each freeze names the permission it requires."""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlmodel import col, select

from portal.access import Actor, Grant, Rule
from portal.calendars.models import Freeze
from portal.territories.access import PREFIX, RUNS_IT, over_territory
from portal.territories.models import Territory
from portal.text import Sentence

OVERRIDE_FREEZE = "freeze:override"
MANAGE_CALENDAR = "calendar:manage"


def _holds(actor: Actor, freeze: Freeze) -> bool:
    return freeze.overridable and actor.has(freeze.override_permission, freeze.territory.scope)


def _where(actor: Actor) -> sa.ColumnElement[bool]:
    held = (
        sa.and_(col(Freeze.override_permission) == grant.permission, _over(grant.scope))
        for grant in sorted(actor.grants, key=lambda grant: (grant.permission, grant.scope))
        if _is_over_territory(grant)
    )
    return sa.and_(col(Freeze.overridable), sa.or_(sa.false(), *held))


def _ever(actor: Actor) -> bool:
    """Each freeze names what it asks for, which is held over a territory: who holds something in a school only passes over none."""
    return any(_is_over_territory(grant) for grant in actor.grants)


def _is_over_territory(grant: Grant) -> bool:
    return grant.scope == "*" or grant.scope.startswith(PREFIX)


def _over(scope: str) -> sa.ColumnElement[bool]:
    if scope == "*":
        return sa.true()
    return col(Freeze.territory_id).in_(select(Territory.id).where(Territory.code == scope.removeprefix(PREFIX)))


RULES: Mapping[str, Rule] = {
    OVERRIDE_FREEZE: Rule(Sentence("qui a reçu l’accréditation que ce gel demande sur son territoire"), _holds, _where, _ever).to(
        Sentence("passer outre un gel du parc")
    ),
    MANAGE_CALENDAR: over_territory(
        MANAGE_CALENDAR, RUNS_IT, Sentence("décider, corriger et terminer les gels d’un territoire, et voir ses calendriers")
    ),
}
