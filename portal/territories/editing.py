"""Correcting by hand what a territory says of itself, and withdrawing what a school declared by mistake."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import contains_eager, joinedload
from sqlmodel import Session, col, select

from portal.access import Actor, Policy
from portal.db import lock, related
from portal.errors import OutOfDate, Refused, Unknown
from portal.territories.access import May
from portal.territories.models import Teaching, Territory
from portal.territories.queries import served_by
from portal.territories.rules import LONGEST_REASON, PROCESS, faults
from portal.text import Sentence, clean, fold
from portal.trail.revision import bump
from portal.trail.trail import record

NO_SUCH_TERRITORY = Sentence("Aucun territoire de ce nom ne vous est ouvert ici. Revenez à la liste des territoires.")
NO_SUCH_TEACHING = Sentence("Cette formation n’est plus déclarée, ou ne l’est pas dans votre territoire. Revenez à la liste.")
CHANGED = Sentence("Quelqu’un a corrigé ce territoire pendant que vous écriviez. Comparez, puis enregistrez à nouveau.")


class Correction(NamedTuple):
    """What somebody typed over the version of the territory that they read."""

    read: int
    said: Mapping[str, str]
    reason: str


def written(territory: Territory) -> dict[str, str]:
    """What may be corrected, as it stands."""
    sentences = {key: str(territory.process.get(key, "")) for key in PROCESS}
    return {"name": territory.name, "contact": territory.contact, **sentences}


def territories_of(session: Session, policy: Policy, actor: Actor, permission: str) -> list[Territory]:
    """Where this may be done, by name as French sorts it, whatever the database."""
    found = session.exec(select(Territory).where(policy.visible(actor, permission))).all()
    return sorted(found, key=lambda one: (fold(one.name), one.code))


def find_territory(session: Session, policy: Policy, actor: Actor, permission: str, code: str) -> Territory:
    """A territory where this may be done; for anybody else there is none."""
    asked = select(Territory).where(Territory.code == code, policy.visible(actor, permission))
    found = session.exec(asked).one_or_none() if clean(code) == code else None  # PostgreSQL does not even compare a NUL
    if found is None:
        raise Unknown(NO_SUCH_TERRITORY)
    return found


def correct(session: Session, policy: Policy, actor: Actor, code: str, typed: Correction, *, at: datetime) -> None:
    """All faults at once; nobody’s correction is erased by another that did not see it."""
    territory = find_territory(session, policy, actor, May.MANAGE_TERRITORY, code)
    lock(session, territory)
    if territory.version != typed.read:
        raise OutOfDate(CHANGED)
    said, reason = {field: clean(value) for field, value in typed.said.items()}, clean(typed.reason)
    was = written(territory)
    changes = {field: [was[field], value] for field, value in said.items() if was[field] != value}
    if problems := faults(said, reason):
        raise Refused(problems)
    if not changes:
        return
    territory.name, territory.contact = said["name"], said["contact"]
    territory.process = {**territory.process, **{key: said[key] for key in PROCESS if key in changes}}
    record(session, actor, territory, "corrected", at=at, reason=reason, changes=_told(changes))
    bump(session)


def withdraw(session: Session, policy: Policy, actor: Actor, key: int, *, reason: str, at: datetime) -> None:
    """The school no longer teaches it here; its history remembers that it was declared. What is published is not ours to withdraw."""
    mine = territories_of(session, policy, actor, May.WITHDRAW_TEACHING)
    teaching = session.exec(
        select(Teaching)
        .join(related(Teaching.school))
        .where(Teaching.id == key, col(Teaching.declared), served_by(mine))
        .options(contains_eager(related(Teaching.school)), joinedload(related(Teaching.programme)))
    ).one_or_none()
    if teaching is None:
        raise Unknown(NO_SUCH_TEACHING)
    reason = clean(reason)
    if not reason or len(reason) > LONGEST_REASON:
        raise Refused([Sentence("Il manque la raison du retrait, en une phrase de 1000 caractères au plus. Écrivez-la.")])
    school, programme = teaching.school, teaching.programme
    record(
        session, actor, school, "teaching-withdrawn", at=at, reason=reason, programme=programme.code, source=teaching.source,
    )  # fmt: skip
    session.delete(teaching)
    bump(session)


def _told(changes: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """For the trail, which nobody rewrites: an address may be somebody’s own, so that only its change is told."""
    return {field: [] if field == "contact" else values for field, values in changes.items()}
