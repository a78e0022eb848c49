"""A rule's two faces agree: what it lets a person do to an object is what it lets them see in a list."""

from collections.abc import Iterator
from itertools import chain, combinations

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from portal.access import ANYONE, Actor, Grant, Policy, Rule, everyone, granted, nobody, system
from portal.db import Database
from portal.territories.models import Territory, TerritoryLevel

CODES = ("aura", "isere", "rhone")
KEEP = "territory.keep"

kept = granted(
    KEEP,
    scope=lambda territory: territory.scope,
    where=lambda scopes: (sa.literal("territory:") + col(Territory.code)).in_(sorted(scopes)),
)
fictitious = Rule(
    "sur un territoire de démonstration",
    lambda _actor, territory: territory.is_demonstration,
    lambda _actor: col(Territory.is_demonstration).is_(True),
)
RULES = {
    "everyone": everyone, "nobody": nobody, "kept": kept, "fictitious": fictitious, "kept or fictitious": kept | fictitious,
    "kept and fictitious": kept & fictitious, "nested": (kept | nobody) & (fictitious | everyone),
}  # fmt: skip


def actors() -> Iterator[Actor]:
    """Anyone, everywhere, each set of territories, and holders of something else."""
    yield ANYONE
    yield system("import", KEEP)
    for some in chain.from_iterable(combinations(CODES, size) for size in range(1, len(CODES) + 1)):
        yield Actor("person:1", "Technicienne", frozenset(Grant(KEEP, f"territory:{code}") for code in some))
    yield Actor("person:2", "Enseignant", frozenset({Grant("territory.burn"), Grant(KEEP, "school:aura")}))


@pytest.fixture
def territories(database: Database) -> None:
    rows = [
        Territory(
            code=code, name=code, level=TerritoryLevel.REGION, area=code, zone="Europe/Paris", is_demonstration=code == "isere"
        )
        for code in CODES
    ]
    database.write(lambda session: session.add_all(rows))


def codes(session: Session, condition: sa.ColumnElement[bool]) -> set[str]:
    return set(session.exec(select(Territory.code).where(condition)).all())


@pytest.mark.usefixtures("territories")
@pytest.mark.parametrize("rule", RULES)
def test_both_faces_agree(database: Database, rule: str) -> None:
    policy = Policy({"asked": RULES[rule]})
    with database.read() as session:
        everything = session.exec(select(Territory)).all()
        assert len(everything) == len(CODES)
        for actor in actors():
            held = {territory.code for territory in everything if policy.may(actor, "asked", territory)}
            assert codes(session, policy.visible(actor, "asked")) == held, actor
