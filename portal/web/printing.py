"""Who may do what as a page to read: `flask access > docs/access.md`, so that the page never says anything but the portal itself."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from flask import Flask

from portal.access import Policy
from portal.people.loading import ROLES
from portal.web.kit import EVERYONE

HEAD = """# Access

Printed from the rules, the roles and the routes by `flask access`, outside production: change one of them, then print this page
again. What is in French is what the portal says.
"""
ROLES_SAY = """## Roles

The portal comes with these (`portal/data/roles.toml`); an installation corrects them under `/administration/fonctions`. A role is held
over one place of its kind, until a day, and gives its permissions there (×). Whoever grants it holds, over the same place, what it is
granted with and each permission that it gives.
"""
PERMISSIONS_SAY = """## Permissions

One rule each, which judges one object and chooses rows alike. A role of the kind named holds the permission over a place; the rule says
over which objects that carries.
"""
ROUTES_SAY = """## Routes

What the gate asks before a view runs: without it, visitors are asked to sign in and others are refused (403). The object that the
address names is judged inside: to whoever may not see it, it does not exist (404).
"""
Row = Mapping[str, Any]


def as_markdown(app: Flask, policy: Policy, roles: Path = ROLES) -> str:
    """Three tables: roles by permissions, permissions in words, routes."""
    held = tomllib.loads(roles.read_text(encoding="utf-8"))["roles"]
    parts = (HEAD, *_roles(held, policy), *_permissions(held, policy), *_routes(app, policy))
    return "\n".join(parts) + "\n"


def _roles(roles: Iterable[Row], policy: Policy) -> Iterator[str]:
    rows = sorted(roles, key=lambda role: (role["rank"], role["code"]))
    given = [one for one in sorted(policy.rules) if any(one in role["permissions"] for role in rows)]
    yield ROLES_SAY
    yield _line("Role", "Called", "Held over", "Granted with", *map(_code, given))
    yield _line(*["---"] * 4, *[":-:"] * len(given))
    for role in rows:
        marks = ("×" if one in role["permissions"] else "" for one in given)
        yield _line(_code(role["code"]), _called(role), role["scope"], _code(role["granted_with"]), *marks)
    yield ""


def _called(role: Row) -> str:
    others = (f"{label} ({territory})" for territory, label in sorted(role.get("labels", {}).items()))
    return "<br>".join([role["label"], *others])


def _permissions(roles: Iterable[Row], policy: Policy) -> Iterator[str]:
    yield PERMISSIONS_SAY
    yield _line("Permission", "What it opens: on peut…", "Whom its rule names", "Given by roles over")
    yield _line(*["---"] * 4)
    for one, rule in sorted(policy.rules.items()):
        kinds = dict.fromkeys(role["scope"] for role in roles if one in role["permissions"])
        yield _line(_code(one), rule.act, rule.says, ", ".join(kinds))
    yield ""


def _routes(app: Flask, policy: Policy) -> Iterator[str]:
    yield ROUTES_SAY
    yield _line("Address", "Methods", "Permission", "Open to everybody")
    yield _line(*["---"] * 4)
    said = (
        (rule.rule, _methods(rule.methods), str(getattr(app.view_functions[rule.endpoint], "access", "")))
        for rule in app.url_map.iter_rules()
    )
    for address, methods, asked in sorted(said):
        is_open = asked == EVERYONE or policy.is_open(asked)
        yield _line(_code(address), methods, "" if asked == EVERYONE else _code(asked), "yes" if is_open else "")


def _methods(answered: set[str] | None) -> str:
    """Those that a view answers itself."""
    return ", ".join(sorted((answered or set()) - {"HEAD", "OPTIONS"}))


def _code(name: str) -> str:
    return f"`{name}`"


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |".replace("  ", " ")
