"""Correcting a role: its words, its rank, what it permits. What was granted keeps the word of its day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm.attributes import flag_modified
from sqlmodel import Session, col, select

from portal.access import Actor, Policy
from portal.errors import OutOfDate, Refused, Unknown
from portal.people.access import May
from portal.people.holding import is_held_everywhere
from portal.people.models import Role, RoleLabel
from portal.territories.models import Territory
from portal.text import Sentence
from portal.trail.trail import record

NO_SUCH_ROLE = Sentence("Aucune fonction ne porte ce code. Revenez à la liste des fonctions.")
CHANGED = Sentence(
    "Une autre personne a corrigé cette fonction pendant que vous la corrigiez. Rien de ce que vous avez tapé n’est encore "
    "enregistré : comparez, puis enregistrez à nouveau."
)
LAST_WAY = Sentence(
    "Plus personne ne pourrait régler les fonctions. Donnez d’abord cette permission à une autre fonction, que quelqu’un tient aujourd’hui."
)


@dataclass(frozen=True, slots=True)
class Correction:
    """A role as it should be. `version`: that of the row when it was read; `called`: by code of territory, empty for no word of its own."""

    code: str
    version: int
    label: str
    rank: int
    permissions: Sequence[str]
    called: Mapping[str, str]


def words_of(session: Session, role: Role) -> dict[str, str]:
    """What territories call it, by their code."""
    rows = session.execute(
        select(Territory.code, RoleLabel.label)
        .join(RoleLabel, col(RoleLabel.territory_id) == Territory.id)
        .where(RoleLabel.role_id == role.key)
    ).all()
    return dict(rows)


def correct(session: Session, policy: Policy, actor: Actor, wanted: Correction, now: datetime) -> None:
    """All roles are held meanwhile: two corrections, each right alone, could take the last way to set roles away together."""
    held = {one.code: one for one in session.exec(select(Role).order_by(col(Role.id)).with_for_update())}
    role = held.get(wanted.code)
    if role is None:
        raise Unknown(NO_SUCH_ROLE)
    policy.demand(actor, May.MANAGE_ROLES, role)
    if role.version != wanted.version:
        raise OutOfDate(CHANGED)
    lost, gained = (
        sorted(set(a) - set(b)) for a, b in ((role.permissions, wanted.permissions), (wanted.permissions, role.permissions))
    )
    if May.MANAGE_ROLES in lost and not is_held_everywhere(session, May.MANAGE_ROLES, now, but=role):
        raise Refused([LAST_WAY])
    changed = [name for name in ("label", "rank") if getattr(role, name) != getattr(wanted, name)]
    changed += ["permissions"] if lost or gained else []
    changed += [f"called.{one}" for one in _call(session, role, wanted.called)]
    if not changed:
        return
    role.label, role.rank, role.permissions = wanted.label, wanted.rank, sorted(wanted.permissions)
    flag_modified(role, "label")  # words are rows of their own: the role's version counts them too
    event = record(session, actor, role, "corrected", at=now, role=role.code, changed=changed)
    if lost or gained:
        event.details |= {"gained": gained, "lost": lost}


def _call(session: Session, role: Role, called: Mapping[str, str]) -> list[str]:
    """Codes of the territories whose word changed."""
    territories = session.exec(select(Territory).where(col(Territory.code).in_(called)).order_by(col(Territory.code))).all()
    rows = {one.territory_id: one for one in session.exec(select(RoleLabel).where(RoleLabel.role_id == role.key))}
    changed = []
    for one in territories:
        row, word = rows.get(one.key), called[one.code]
        if (row.label if row else "") == word:
            continue
        changed.append(one.code)
        if row is None:
            session.add(RoleLabel(role_id=role.key, territory_id=one.key, label=word))
        elif word:
            row.label = word
        else:
            session.delete(row)
    return changed
