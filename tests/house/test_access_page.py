"""docs/access.md says what the rules, the roles and the routes say, and leaves out none of them."""

import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from portal.access import Policy, Rule, everyone
from portal.people.loading import ROLES
from portal.text import Sentence
from portal.web.kit import EVERYONE, access
from portal.web.printing import as_markdown
from tests.house.tree import ROOT

PAGE = ROOT / "docs" / "access.md"
READ, GRANT = "title:read", "accreditation:grant"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
def policy(app: Flask) -> Policy:
    found: Policy = app.extensions["logitheque"].policy
    return found


def table(title: str) -> list[list[str]]:
    """The cells of the one table under that heading, its own heading first."""
    part = PAGE.read_text(encoding="utf-8").partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    assert lines[1].replace("|", "").replace(":", "").replace("-", "").strip() == ""
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in (lines[0], *lines[2:])]


def test_the_page_of_access_is_what_is_in_force(app: Flask) -> None:
    printed = app.test_cli_runner().invoke(args=["access"])
    assert printed.exit_code == 0
    assert printed.output == PAGE.read_text(encoding="utf-8"), "print it again: flask access > docs/access.md"


def test_it_is_printed_the_same_each_time(app: Flask, policy: Policy) -> None:
    backwards = Policy(dict(reversed(policy.rules.items())))
    assert as_markdown(app, backwards) == as_markdown(app, policy)


def test_every_permission_stands_there_with_its_words(policy: Policy) -> None:
    rows = {row[0]: row for row in table("Permissions")[1:]}
    assert set(rows) == set(policy.rules)
    for permission, rule in policy.rules.items():
        assert rows[permission][1:3] == [rule.act, rule.says]
        assert rule.act, f"{permission} does not say what it opens"


def test_every_route_stands_there_with_what_it_asks(app: Flask, policy: Policy) -> None:
    rows = {
        (address, method): (asked, is_open) for address, said, asked, is_open in table("Routes")[1:] for method in said.split(", ")
    }
    routes = {
        (rule.rule, method): getattr(app.view_functions[rule.endpoint], "access", "")
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert set(rows) == set(routes)
    for route, asked in routes.items():
        if asked == EVERYONE:
            assert rows[route] == ("", "yes"), route
        else:
            assert rows[route] == (asked, "yes" if policy.is_open(asked) else ""), route


def test_every_role_stands_there_with_what_it_gives() -> None:
    titles, *rows = table("Roles")
    shown = {row[0]: dict(zip(titles, row, strict=True)) for row in rows}
    roles = {role["code"]: role for role in tomllib.loads(ROLES.read_text(encoding="utf-8"))["roles"]}
    assert set(shown) == set(roles)
    for code, role in roles.items():
        assert (shown[code]["Held over"], shown[code]["Granted with"]) == (role["scope"], role["granted_with"])
        assert {name for name, cell in shown[code].items() if cell == "×"} == set(role["permissions"]), code
        assert all(word in shown[code]["Called"] for word in (role["label"], *role.get("labels", {}).values()))


@pytest.mark.parametrize(
    "change",
    [
        lambda rule: replace(rule, act=Sentence("brûler les fiches")),
        lambda rule: replace(rule, says=Sentence("qui le veut")),
        lambda rule: replace(rule, ever=lambda _actor: False),
    ],
    ids=["what it opens", "whom it names", "open to all"],
)
def test_a_rule_that_has_changed_is_seen(app: Flask, policy: Policy, change: Callable[[Rule], Rule]) -> None:
    changed = Policy({**policy.rules, READ: change(policy.rules[READ])})
    assert as_markdown(app, changed) != as_markdown(app, policy)
    assert as_markdown(app, Policy({**policy.rules, "title:burn": everyone})) != as_markdown(app, policy)


@pytest.mark.parametrize("asked", [READ, GRANT, EVERYONE])
def test_a_route_that_has_come_is_seen(app: Flask, policy: Policy, asked: str) -> None:
    before = as_markdown(app, policy)
    app.add_url_rule("/nouvelle", endpoint="new", view_func=access(asked)(lambda: ""))
    assert as_markdown(app, policy) != before


def test_a_route_that_asks_for_something_else_is_seen(app: Flask, policy: Policy, monkeypatch: pytest.MonkeyPatch) -> None:
    before = as_markdown(app, policy)
    monkeypatch.setattr(app.view_functions["team.members"], "access", GRANT)
    assert as_markdown(app, policy) != before


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ('scope = "committee"', 'scope = "space"'),
        ('"trail:read", ', ""),
        ('granted_with = "head:name"', 'granted_with = "role:manage"'),
        ("Proviseur·e", "Directeur·rice"),
        ('code = "dpd"', 'code = "dpo"'),
    ],
)
def test_a_role_that_has_changed_is_seen(app: Flask, policy: Policy, tmp_path: Path, was: Any, now: Any) -> None:
    said, file = ROLES.read_text(encoding="utf-8"), tmp_path / "roles.toml"
    assert was in said
    file.write_text(said.replace(was, now), encoding="utf-8")
    assert as_markdown(app, policy, file) != as_markdown(app, policy)
