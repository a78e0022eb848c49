"""Roles as a page shows them: what each permits, over what, who grants it and how many hold it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from portal.access import Actor, Grant, Policy
from portal.people.badges import SCOPES
from portal.people.correcting import words_of
from portal.people.holding import holders
from portal.people.models import Role
from portal.territories.models import Territory
from portal.text import french
from portal.web.language import gettext as _
from portal.web.language import say

PATH = "/administration/fonctions"


@dataclass(frozen=True)
class Permission:
    """`words` follow « peut »."""

    code: str
    words: str


@dataclass(frozen=True)
class Shown:
    """A role in the list, and above its form."""

    code: str
    label: str
    url: str
    scope: str
    permissions: list[Permission]
    granted_by: str
    holders: int


def lines(session: Session, policy: Policy, now: datetime) -> list[Shown]:
    roles = session.exec(select(Role).order_by(col(Role.rank), col(Role.code))).all()
    counts = holders(session, now)
    return [_shown(one, roles, policy, counts.get(one.key, 0)) for one in roles]


def shown(session: Session, policy: Policy, now: datetime, code: str) -> Shown | None:
    return next((one for one in lines(session, policy, now) if one.code == code), None)


def one(session: Session, code: str) -> Role | None:
    return session.exec(select(Role).where(Role.code == code)).one_or_none()


def territories(session: Session) -> Sequence[Territory]:
    return session.exec(select(Territory).order_by(col(Territory.name), col(Territory.id))).all()


def offered(policy: Policy, role: Role) -> list[Permission]:
    """What a role can give: a permission that holding it changes nothing to is no choice. What the role already has stays visible."""
    given = {one for one in policy.rules if not policy.is_open(one) and policy.ever(_holder(one), one)}
    return _in_words(given | set(role.permissions), policy)


def differences(
    session: Session, policy: Policy, role: Role, typed: dict[str, str], permissions: Iterable[str]
) -> list[tuple[str, str]]:
    """What is stored and is not what was typed, each under its label: two people corrected the same role."""
    stored = {"label": role.label, "rank": str(role.rank)} | {
        f"called.{code}": word for code, word in words_of(session, role).items()
    }
    names = {"label": _("Nom de la fonction"), "rank": _("Rang")}
    names |= {f"called.{one.code}": french(one.name) for one in territories(session)}
    found = [
        (label, stored.get(name) or _("aucun")) for name, label in names.items() if stored.get(name, "") != typed.get(name, "")
    ]
    if set(permissions) != set(role.permissions):
        found.append(
            (_("Permissions"), french(" ; ".join(one.words for one in _in_words(role.permissions, policy))) or _("aucune"))
        )
    return found


def _holder(permission: str) -> Actor:
    return Actor("role", "", frozenset({Grant(permission)}))


def _in_words(permissions: Iterable[str], policy: Policy) -> list[Permission]:
    unknown = _("inconnue de cette version du portail")
    return [Permission(one, say(policy.act(one)) if one in policy.rules else unknown) for one in sorted(permissions)]


def _shown(role: Role, roles: Sequence[Role], policy: Policy, held: int) -> Shown:
    granters = [one.label for one in roles if role.granted_with in one.permissions]
    known = policy.rules.get(role.granted_with)
    return Shown(
        code=role.code,
        label=role.label,
        url=f"{PATH}/{role.code}",
        scope=say(SCOPES[role.scope_kind]),
        permissions=_in_words(role.permissions, policy),
        granted_by=", ".join(granters) or (say(known.says) if known else role.granted_with),
        holders=held,
    )
