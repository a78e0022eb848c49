"""Passing over a freeze: the exception that a territory allows, in writing."""

from datetime import datetime

from sqlmodel import Session, select

from portal.access import Actor, Policy
from portal.calendars.access import OVERRIDE_FREEZE
from portal.calendars.models import Freeze, FreezeOverride
from portal.errors import Refused
from portal.text import Sentence
from portal.trail.trail import record


def override_for_title(
    session: Session, policy: Policy, actor: Actor, freeze: Freeze, title_id: int, *, at: datetime, reason: str
) -> FreezeOverride:
    """Let one title through, in every school that the freeze reaches."""
    override = FreezeOverride(freeze_id=freeze.key, title_id=title_id, signed_by=actor.function, at=at, reason=reason.strip())
    return _override(session, policy, actor, freeze, override)


def override_for_school(
    session: Session, policy: Policy, actor: Actor, freeze: Freeze, school_id: int, *, at: datetime, reason: str
) -> FreezeOverride:
    """Let one school through, for all its titles and rooms."""
    override = FreezeOverride(freeze_id=freeze.key, school_id=school_id, signed_by=actor.function, at=at, reason=reason.strip())
    return _override(session, policy, actor, freeze, override)


def _override(session: Session, policy: Policy, actor: Actor, freeze: Freeze, override: FreezeOverride) -> FreezeOverride:
    if not freeze.overridable:
        raise Refused([Sentence("Ce gel n’admet pas de dérogation : choisissez un jour après le dernier jour du gel.")])
    policy.demand(actor, OVERRIDE_FREEZE, freeze)
    if not override.reason:
        raise Refused([Sentence("Il manque la raison de la dérogation. Écrivez-la en une phrase : elle sera lue et conservée.")])
    if _is_there(session, override):
        raise Refused([Sentence("Cette dérogation existe déjà : il n’y a rien à faire de plus.")])
    session.add(override)
    session.flush()
    subject = {"title_id": override.title_id, "school_id": override.school_id}
    record(session, actor, freeze, "override", at=override.at, reason=override.reason, **subject)
    return override


def _is_there(session: Session, override: FreezeOverride) -> bool:
    same = select(FreezeOverride.id).where(
        FreezeOverride.freeze_id == override.freeze_id,
        FreezeOverride.title_id == override.title_id,
        FreezeOverride.school_id == override.school_id,
    )
    return session.exec(same).first() is not None
