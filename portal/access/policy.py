"""All rules of the portal, joined once at start from each noun's and each procedure's `access.py`."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement

from portal.access.actors import Actor
from portal.access.rules import Rule
from portal.errors import NotAllowed
from portal.text import Sentence


class Policy:
    """What may be asked of the rules; a permission without a rule, or with two, fails at start."""

    def __init__(self, *declared: Mapping[str, Rule]) -> None:
        rules: dict[str, Rule] = {}
        for part in declared:
            for permission, rule in part.items():
                if permission in rules:
                    raise RuntimeError(f"Permission {permission!r} is declared twice: keep the rule of its own noun.")
                rules[str(permission)] = rule
        self.rules: Mapping[str, Rule] = MappingProxyType(rules)

    def may(self, actor: Actor, permission: str, subject: Any) -> bool:
        return self._rule(permission).holds(actor, subject)

    def demand(self, actor: Actor, permission: str, subject: Any) -> None:
        if not self.may(actor, permission, subject):
            raise NotAllowed(
                Sentence("Cette action ne vous est pas ouverte : elle revient à %(who)s.", who=self._rule(permission).says)
            )

    def visible(self, actor: Actor, permission: str) -> ColumnElement[bool]:
        """The condition that every list and every lookup carries: a stranger's lookup finds nothing."""
        return self._rule(permission).where(actor)

    def _rule(self, permission: str) -> Rule:
        try:
            return self.rules[permission]
        except KeyError:
            raise RuntimeError(f"Permission {permission!r} has no rule: declare it in its noun's access.py.") from None
