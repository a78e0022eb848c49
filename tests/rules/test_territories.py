"""What may be written of a territory by hand, and over which territories a permission holds: without a database."""

from types import SimpleNamespace as Some
from typing import Any

import pytest

from portal.access import ANYONE, Actor, Grant, Policy
from portal.calendars import access as calendars_access
from portal.territories import access as territories_access
from portal.territories.rules import LONGEST_CONTACT, LONGEST_NAME, LONGEST_REASON, LONGEST_TEXT, PROCESS, faults
from portal.text import french

GOOD = {"name": "La Région", "contact": "logiciels@region.example", **dict.fromkeys(PROCESS, "Huit semaines.")}
LONG = french("Un des textes est trop long. Raccourcissez-le.")
PERMISSIONS = [*territories_access.May, calendars_access.MANAGE_CALENDAR]
POLICY = Policy(territories_access.RULES, calendars_access.RULES)
AURA, ISERE = Some(scope="territory:aura"), Some(scope="territory:isere")


@pytest.mark.parametrize(
    "said",
    [{}, {"contact": ""}, dict.fromkeys(PROCESS, ""), {"name": "n" * LONGEST_NAME}, {"who": "w" * LONGEST_TEXT},
     {"contact": "a" * (LONGEST_CONTACT - 10) + "@b.example"}],
)  # fmt: skip
def test_what_a_territory_may_say(said: dict[str, str]) -> None:
    assert faults(GOOD | said, "Faute de frappe") == []


@pytest.mark.parametrize(
    ("said", "reason", "sentence"),
    [
        ({"name": ""}, "r", "Un territoire a un nom. Écrivez-le."),
        ({}, "", "Il manque la raison de la correction. Écrivez-la en une phrase."),
        ({"name": "n" * (LONGEST_NAME + 1)}, "r", LONG),
        ({"effect": "n" * (LONGEST_TEXT + 1)}, "r", LONG),
        ({}, "r" * (LONGEST_REASON + 1), LONG),
        *(
            ({"contact": contact}, "r", "L’adresse électronique n’est pas complète. Écrivez-la en entier, avec ce qui suit l’arobase.")
            for contact in ("region", "@region.example", "a@region", "a@b@c.example", "a b@c.example", "a@c.example, d@e.example", "<a@b.example>")
        ),
    ],
)  # fmt: skip
def test_each_fault_is_said_with_what_to_do(said: dict[str, str], reason: str, sentence: str) -> None:
    assert faults(GOOD | said, reason) == [french(sentence)]


def test_faults_are_told_together() -> None:
    assert len(faults(GOOD | {"name": "", "contact": "x"}, "")) == 3


@pytest.mark.parametrize("permission", PERMISSIONS)
def test_a_permission_holds_over_its_territory_alone(permission: str) -> None:
    def who(*grants: Any) -> Actor:
        return Actor("person:1", "Responsable des listes", frozenset(Grant(*one) for one in grants))

    mine, everywhere = who((permission, "territory:aura")), who((permission, "*"))
    assert [POLICY.may(mine, permission, one) for one in (AURA, ISERE)] == [True, False]
    assert [POLICY.may(everywhere, permission, one) for one in (AURA, ISERE)] == [True, True]
    for stranger in (ANYONE, who(), who((permission, "school:aura")), who(("trail:read", "territory:aura"))):
        assert not POLICY.may(stranger, permission, AURA)
    assert not POLICY.ever(ANYONE, permission)
    assert POLICY.act(permission)
