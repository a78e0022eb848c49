"""Rules with two faces: `holds` judges one object in Python, `where` chooses rows in SQL; tests prove they agree."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from portal.access.actors import Actor
from portal.text import Sentence

# What rules ask for SQL: a condition on the noun's own columns.
Where = Callable[[Actor], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Rule:
    """`a | b` and `a & b` compose both faces at once."""

    says: Sentence
    holds: Callable[[Actor, Any], bool]
    where: Where

    def __or__(self, other: "Rule") -> "Rule":
        return Rule(
            Sentence("%(one)s ou %(other)s", one=self.says, other=other.says),
            lambda actor, subject: self.holds(actor, subject) or other.holds(actor, subject),
            lambda actor: sa.or_(self.where(actor), other.where(actor)),
        )

    def __and__(self, other: "Rule") -> "Rule":
        return Rule(
            Sentence("%(one)s et %(other)s", one=self.says, other=other.says),
            lambda actor, subject: self.holds(actor, subject) and other.holds(actor, subject),
            lambda actor: sa.and_(self.where(actor), other.where(actor)),
        )


everyone = Rule(Sentence("tout le monde"), lambda _actor, _subject: True, lambda _actor: sa.true())
nobody = Rule(Sentence("personne"), lambda _actor, _subject: False, lambda _actor: sa.false())


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
    )
