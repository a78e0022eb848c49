"""Rules with two faces: `holds` judges one object in Python, `where` chooses rows in SQL; tests prove they agree."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from portal.access.actors import ANYONE, Actor
from portal.text import Sentence

# What rules ask for SQL: a condition on the noun's own columns.
Where = Callable[[Actor], ColumnElement[bool]]


def _is_somebody(actor: Actor) -> bool:
    return actor.key != ANYONE.key


@dataclass(frozen=True, slots=True)
class Rule:
    """`a | b` and `a & b` compose both faces at once.

    `ever` tells, before any object is looked up, whether the rule may hold for something: who it turns away there may
    not even open the page. It is never the last word. `act`: what the permission lets one do, in words that follow « peut ».
    """

    says: Sentence
    holds: Callable[[Actor, Any], bool]
    where: Where
    ever: Callable[[Actor], bool] = _is_somebody
    act: str = ""

    def to(self, act: Sentence) -> "Rule":
        """The same rule, with what it opens: each `access.py` says it where it joins rule and permission."""
        return replace(self, act=act)

    def __or__(self, other: "Rule") -> "Rule":
        return Rule(
            Sentence("%(one)s ou %(other)s", one=self.says, other=other.says),
            lambda actor, subject: self.holds(actor, subject) or other.holds(actor, subject),
            lambda actor: sa.or_(self.where(actor), other.where(actor)),
            lambda actor: self.ever(actor) or other.ever(actor),
        )

    def __and__(self, other: "Rule") -> "Rule":
        return Rule(
            Sentence("%(one)s et %(other)s", one=self.says, other=other.says),
            lambda actor, subject: self.holds(actor, subject) and other.holds(actor, subject),
            lambda actor: sa.and_(self.where(actor), other.where(actor)),
            lambda actor: self.ever(actor) and other.ever(actor),
        )


everyone = Rule(Sentence("tout le monde"), lambda _actor, _subject: True, lambda _actor: sa.true(), lambda _actor: True)
nobody = Rule(Sentence("personne"), lambda _actor, _subject: False, lambda _actor: sa.false(), lambda _actor: False)


def granted(permission: str, scope: Callable[[Any], str], where: Callable[[frozenset[str]], ColumnElement[bool]]) -> Rule:
    """Holders of an accreditation whose scope covers the object.

    `scope` names the object's scope; `where` turns the scopes held into a condition: both stand side by side in
    the noun's `access.py`.
    """

    def rows(actor: Actor) -> ColumnElement[bool]:
        scopes = actor.scopes(permission)
        return sa.true() if "*" in scopes else where(scopes)

    return Rule(
        Sentence("qui a reçu l’accréditation « %(permission)s » sur ce périmètre", permission=permission),
        lambda actor, subject: actor.has(permission, scope(subject)),
        rows,
        lambda actor: bool(actor.scopes(permission)),
    )
