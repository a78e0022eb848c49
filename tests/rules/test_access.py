"""One rule per permission, joined without gap or double; what it says is read by people."""

from dataclasses import dataclass, replace

import pytest
import sqlalchemy as sa

from portal.access import ANYONE, Actor, Grant, Policy, Rule, everyone, granted, nobody, system
from portal.errors import NotAllowed

SHELVES = sa.table("shelf", sa.column("territory"))


@dataclass(frozen=True)
class Shelf:
    """Something that belongs to a territory."""

    territory: str


def scope(shelf: Shelf) -> str:
    return f"territory:{shelf.territory}"


def rows(scopes: frozenset[str]) -> sa.ColumnElement[bool]:
    return (sa.literal("territory:") + SHELVES.c.territory).in_(sorted(scopes))


keeps = granted("shelf.keep", scope, rows)
AURA, ISERE = Shelf("aura"), Shelf("isere")
KEEPER = Actor("person:1", "Technicienne", frozenset({Grant("shelf.keep", "territory:aura"), Grant("shelf.read", "*")}))
EVERYWHERE = system("import", "shelf.keep")


def test_a_grant_covers_its_scope_and_no_other() -> None:
    assert KEEPER.has("shelf.keep", "territory:aura")
    assert not KEEPER.has("shelf.keep", "territory:isere")
    assert not KEEPER.has("shelf.burn", "territory:aura")


def test_a_grant_without_limit_covers_everything() -> None:
    assert KEEPER.has("shelf.read", "territory:isere")
    assert EVERYWHERE.has("shelf.keep", "territory:isere")


def test_scopes_are_those_of_one_permission() -> None:
    assert KEEPER.scopes("shelf.keep") == {"territory:aura"}
    assert KEEPER.scopes("shelf.read") == {"*"}
    assert ANYONE.scopes("shelf.keep") == frozenset()


def test_an_accreditation_is_judged_on_the_object() -> None:
    assert keeps.holds(KEEPER, AURA)
    assert not keeps.holds(KEEPER, ISERE)
    assert not keeps.holds(ANYONE, AURA)
    assert keeps.holds(EVERYWHERE, ISERE)


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        (everyone | nobody, True), (nobody | everyone, True), (nobody | nobody, False),
        (everyone & nobody, False), (nobody & everyone, False), (everyone & everyone, True),
        (keeps | nobody, True), (keeps & nobody, False), (nobody | keeps & everyone, True),
    ],
)  # fmt: skip
def test_rules_compose(rule: Rule, holds: bool) -> None:
    assert rule.holds(KEEPER, AURA) is holds


def test_a_composed_rule_says_both_parts() -> None:
    assert (everyone | nobody).says == "tout le monde ou personne"
    assert (everyone & nobody).says == "tout le monde et personne"


def test_a_policy_joins_what_each_noun_declares() -> None:
    policy = Policy({"shelf.keep": keeps}, {"shelf.read": everyone})
    assert set(policy.rules) == {"shelf.keep", "shelf.read"}
    assert policy.may(ANYONE, "shelf.read", AURA)
    assert not policy.may(ANYONE, "shelf.keep", AURA)


def test_a_permission_declared_twice_stops_the_start() -> None:
    with pytest.raises(RuntimeError, match=r"'shelf\.keep' is declared twice"):
        Policy({"shelf.keep": keeps}, {"shelf.keep": everyone})


def test_a_permission_without_a_rule_is_an_error_and_not_a_refusal() -> None:
    policy = Policy({"shelf.keep": keeps})
    for ask in (policy.may, policy.demand):
        with pytest.raises(RuntimeError, match=r"'shelf\.burn' has no rule"):
            ask(KEEPER, "shelf.burn", AURA)
    with pytest.raises(RuntimeError, match=r"'shelf\.burn' has no rule"):
        policy.visible(KEEPER, "shelf.burn")


def test_a_policy_does_not_change_once_joined() -> None:
    with pytest.raises(TypeError):
        Policy({"shelf.keep": keeps}).rules["shelf.keep"] = everyone  # type: ignore[index]


def test_a_refusal_says_whose_right_it_is() -> None:
    policy = Policy({"shelf.keep": keeps})
    policy.demand(KEEPER, "shelf.keep", AURA)
    with pytest.raises(NotAllowed) as refusal:
        policy.demand(KEEPER, "shelf.keep", ISERE)
    [sentence] = refusal.value.reasons
    assert "shelf.keep" in sentence
    assert sentence.endswith("sur ce périmètre.")


SHELF_RULES = Policy({"shelf.keep": keeps, "shelf.read": everyone, "shelf.see": keeps | nobody})


@pytest.mark.parametrize(
    ("only", "keeps_it", "sees_it"),
    [
        (None, True, True),
        (frozenset(), False, False),
        (frozenset({"shelf.see"}), False, True),
        (frozenset({"shelf.keep"}), True, False),
    ],
)
def test_a_limited_actor_is_a_visitor_beyond_its_limits(only: frozenset[str] | None, keeps_it: bool, sees_it: bool) -> None:
    actor = replace(KEEPER, only=only)
    for permission, holds in (("shelf.keep", keeps_it), ("shelf.see", sees_it), ("shelf.read", True)):
        assert SHELF_RULES.ever(actor, permission) is holds
        assert SHELF_RULES.may(actor, permission, AURA) is holds
        where = str(SHELF_RULES.visible(actor, permission).compile(compile_kwargs={"literal_binds": True}))
        assert (where != str(sa.false())) is holds, where


def test_a_rule_that_is_wrong_about_visitors_does_not_open_to_a_limited_actor() -> None:
    """Beyond its limits it gets what is open to all, and nothing that is open to all by mistake."""
    careless = Rule(everyone.says, everyone.holds, everyone.where, lambda actor: actor.key != ANYONE.key)
    policy = Policy({"shelf.keep": careless})
    assert not policy.may(replace(KEEPER, only=frozenset()), "shelf.keep", AURA)


def test_a_refusal_says_when_it_is_the_token_that_lacks_the_permission() -> None:
    with pytest.raises(NotAllowed, match="Ce jeton n’a pas la permission"):
        SHELF_RULES.demand(replace(KEEPER, only=frozenset({"shelf.see"})), "shelf.keep", AURA)
    with pytest.raises(NotAllowed, match="elle revient à"):
        SHELF_RULES.demand(replace(KEEPER, only=frozenset({"shelf.keep"})), "shelf.keep", ISERE)


def test_a_part_of_the_portal_acts_under_its_own_name() -> None:
    assert (EVERYWHERE.key, EVERYWHERE.function) == ("system:import", "Administration du portail")
    assert not EVERYWHERE.has("shelf.read", "*")
