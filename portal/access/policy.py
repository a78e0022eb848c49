"""All rules of the portal, joined once at start from each noun's and each procedure's `access.py`."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement

from portal.access.actors import ANYONE, Actor
from portal.access.rules import Rule, nobody
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
        rule, judged = self._judged(actor, permission)
        return rule.holds(judged, subject)

    def ever(self, actor: Actor, permission: str) -> bool:
        """Whether the person might do it to something: what a page is opened by, before it looks anything up."""
        rule, judged = self._judged(actor, permission)
        return rule.ever(judged)

    def is_open(self, permission: str) -> bool:
        """Whether everyone has it, for something at least."""
        return self._rule(permission).ever(ANYONE)

    def demand(self, actor: Actor, permission: str, subject: Any) -> None:
        if not self.may(actor, permission, subject):
            raise self.refusal(permission, actor)

    def refusal(self, permission: str, actor: Actor) -> NotAllowed:
        if actor.only is not None and permission not in actor.only:
            return NotAllowed(
                Sentence(
                    "Ce jeton n’a pas la permission « %(permission)s ». Créez-en un qui l’a, puis recommencez.",
                    permission=permission,
                )
            )
        return NotAllowed(
            Sentence("Cette action ne vous est pas ouverte : elle revient à %(who)s.", who=self._rule(permission).says)
        )

    def act(self, permission: str) -> str:
        """What the permission lets one do, in words."""
        return self._rule(permission).act

    def visible(self, actor: Actor, permission: str) -> ColumnElement[bool]:
        """The condition that every list and every lookup carries: a stranger's lookup finds nothing."""
        rule, judged = self._judged(actor, permission)
        return rule.where(judged)

    def _judged(self, actor: Actor, permission: str) -> tuple[Rule, Actor]:
        """The rule and whom it judges: outside of the permissions it is limited to, an actor is a visitor."""
        rule = self._rule(permission)
        if actor.only is None or permission in actor.only:
            return rule, actor
        return (rule if rule.ever(ANYONE) else nobody), ANYONE

    def _rule(self, permission: str) -> Rule:
        try:
            return self.rules[permission]
        except KeyError:
            raise RuntimeError(f"Permission {permission!r} has no rule: declare it in its noun's access.py.") from None
