"""Roles: data that comes with the portal, which an installation corrects in its own file."""

import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from sqlmodel import Session, select

from portal.people.models import Role, RoleLabel, ScopeKind
from portal.territories.models import Territory

ROLES = Path(__file__).resolve().parent.parent / "data" / "roles.toml"


class BadRoles(ValueError):
    """What is wrong in a file of roles, for the operator who wrote it."""


def load_roles(session: Session, known: Collection[str], path: Path = ROLES) -> dict[str, int]:
    """Create or correct roles and what territories call them. `known`: the permissions that have a rule."""
    territories = {one.code: one.key for one in session.exec(select(Territory))}
    held = {one.code: one for one in session.exec(select(Role))}
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["roles"]
    for row in rows:
        _check(row, known)
        role = held.get(row["code"]) or Role(code=row["code"], label="", scope_kind=ScopeKind(row["scope"]), granted_with="")
        role.label, role.rank, role.granted_with = row["label"], row["rank"], row["granted_with"]
        role.scope_kind, role.permissions = ScopeKind(row["scope"]), sorted(row["permissions"])
        session.add(role)
        session.flush()
        for code, label in row.get("labels", {}).items():
            if code in territories:
                _call(session, role, territories[code], label)
    return {"roles": len(rows)}


def _check(row: Mapping[str, Any], known: Collection[str]) -> None:
    if unknown := sorted({*row["permissions"], row["granted_with"]} - set(known)):
        raise BadRoles(f"Role {row['code']!r} names permissions without a rule: {', '.join(unknown)}.")


def _call(session: Session, role: Role, territory_id: int, label: str) -> None:
    found = session.exec(
        select(RoleLabel).where(RoleLabel.role_id == role.key, RoleLabel.territory_id == territory_id)
    ).one_or_none()
    if found is None:
        session.add(RoleLabel(role_id=role.key, territory_id=territory_id, label=label))
    else:
        found.label = label
