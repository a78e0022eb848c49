"""Freezes by hand: declared, corrected or withdrawn before they begin, ended early once they have, each with its trace."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import selectinload
from sqlmodel import Session, col, select

from portal.access import Actor, Policy
from portal.calendars.access import MANAGE_CALENDAR, OVERRIDE_FREEZE
from portal.calendars.freeze_rules import WantedFreeze, faults, why_faults, why_not_change, why_not_end
from portal.calendars.models import Freeze, FreezeTarget
from portal.calendars.queries import read_calendar
from portal.calendars.rules import FreezePeriod, Span
from portal.db import lock, related
from portal.errors import OutOfDate, Refused, Unknown
from portal.territories.models import School, Territory
from portal.territories.queries import served_by
from portal.text import Sentence, clean
from portal.trail.trail import record

NO_SUCH_FREEZE = Sentence("Ce gel n’existe plus, ou n’est pas de ce territoire. Revenez à la liste des gels.")
CHANGED = Sentence("Quelqu’un a corrigé ce gel pendant que vous écriviez. Comparez, puis enregistrez à nouveau.")


def today_in(territory: Territory, now: datetime) -> date:
    return now.astimezone(ZoneInfo(territory.zone)).date()


def served_school(session: Session, territory: Territory, uai: str) -> School | None:
    """An open school that a freeze of this territory may reach."""
    return session.exec(select(School).where(School.uai == uai, col(School.open), served_by([territory]))).one_or_none()


def find_freeze(session: Session, territory: Territory, key: int) -> Freeze:
    asked = (
        select(Freeze)
        .where(Freeze.id == key, Freeze.territory_id == territory.key)
        .options(selectinload(related(Freeze.overrides)))
    )
    found = session.exec(asked).one_or_none()
    if found is None:
        raise Unknown(NO_SUCH_FREEZE)
    return found


def declare(session: Session, policy: Policy, actor: Actor, territory: Territory, wanted: WantedFreeze, *, now: datetime) -> Freeze:
    policy.demand(actor, MANAGE_CALENDAR, territory)
    lock(session, territory)  # of two that repeat each other, the second sees the first
    if problems := faults(wanted, _others(session, territory, wanted), today_in(territory, now)):
        raise Refused(problems)
    freeze = Freeze(
        territory_id=territory.key,
        **_values(wanted, OVERRIDE_FREEZE),
        target=wanted.target,
        school_id=wanted.target_id if wanted.target is FreezeTarget.SCHOOL else None,
        fictitious=territory.is_demonstration,
    )
    session.add(freeze)
    session.flush()
    record(session, actor, freeze, "declared", at=now, reason=wanted.reason, **_told(freeze))
    return freeze


def correct(
    session: Session,
    policy: Policy,
    actor: Actor,
    territory: Territory,
    key: int,
    *,
    wanted: WantedFreeze,
    read: int,
    why: str,
    now: datetime,
) -> None:
    """What it reaches does not change: another reach is another freeze. `read`: the version that was corrected."""
    freeze, today = _held(session, policy, actor, territory, key), today_in(territory, now)
    if freeze.version != read:
        raise OutOfDate(CHANGED)
    if said := why_not_change(Span(freeze.starts_on, freeze.ends_on), today):
        raise Refused([said])
    others = [one for one in _others(session, territory, wanted) if one.id != freeze.id]
    if problems := [*faults(wanted, others, today), *why_faults(clean(why))]:
        raise Refused(problems)
    was = _told(freeze)
    values = _values(wanted, freeze.override_permission or OVERRIDE_FREEZE)
    for name, value in values.items():
        setattr(freeze, name, value)
    changes = {name: [was[name], value] for name, value in _told(freeze).items() if was[name] != value}
    if changes:
        record(session, actor, freeze, "corrected", at=now, reason=clean(why), changes=changes)


def withdraw(session: Session, policy: Policy, actor: Actor, territory: Territory, key: int, *, why: str, now: datetime) -> None:
    """It never was: its exceptions go with it, and the trail tells what it would have been."""
    freeze, today = _held(session, policy, actor, territory, key), today_in(territory, now)
    said = why_not_change(Span(freeze.starts_on, freeze.ends_on), today)
    if problems := [said] if said else why_faults(clean(why)):
        raise Refused(problems)
    record(session, actor, freeze, "withdrawn", at=now, reason=clean(why), **_told(freeze))
    for override in freeze.overrides:
        session.delete(override)
    session.delete(freeze)


def end(
    session: Session, policy: Policy, actor: Actor, territory: Territory, key: int, *, last: date, why: str, now: datetime
) -> None:
    freeze, today = _held(session, policy, actor, territory, key), today_in(territory, now)
    said = why_not_end(Span(freeze.starts_on, freeze.ends_on), last, today)
    if problems := [said] if said else why_faults(clean(why)):
        raise Refused(problems)
    was, freeze.ends_on = freeze.ends_on, last
    record(session, actor, freeze, "ended-early", at=now, reason=clean(why), changes={"ends_on": [str(was), str(last)]})


def _held(session: Session, policy: Policy, actor: Actor, territory: Territory, key: int) -> Freeze:
    """Right first; then the territory is held, under which no freeze changes, and the freeze is as the last one left it."""
    policy.demand(actor, MANAGE_CALENDAR, territory)
    lock(session, territory)
    return find_freeze(session, territory, key)


def _others(session: Session, territory: Territory, wanted: WantedFreeze) -> tuple[FreezePeriod, ...]:
    """Those that touch the days asked for; none when the days are not in order, which the rules say."""
    if wanted.last < wanted.first:
        return ()
    return read_calendar(session, territory, wanted.first, wanted.last).freezes


def _values(wanted: WantedFreeze, permission: str) -> dict[str, Any]:
    return {
        "name": wanted.name,
        "starts_on": wanted.first,
        "ends_on": wanted.last,
        "what": wanted.what,
        "reason": wanted.reason,
        "overridable": wanted.overridable,
        "override_permission": permission if wanted.overridable else "",
    }


def _told(freeze: Freeze) -> dict[str, Any]:
    """For the trail."""
    return {
        "name": freeze.name,
        "starts_on": str(freeze.starts_on),
        "ends_on": str(freeze.ends_on),
        "what": freeze.what.value,
        "overridable": freeze.overridable,
        "why": freeze.reason,
    }
