"""docs/workflows.md says what the tables say, and every table is printed there."""

import importlib
from dataclasses import replace

import pytest
from flask import Flask

import app as roof
from portal.moves import Procedure
from portal.moves.printing import as_markdown, sentences
from portal.text import Sentence
from tests.house.tree import ROOT
from workflows.editions.guards import gives_notice
from workflows.editions.table import EDITIONS

PAGE = ROOT / "docs" / "workflows.md"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


def test_the_page_of_procedures_is_the_tables(app: Flask) -> None:
    printed = app.test_cli_runner().invoke(args=["workflows"])
    assert printed.exit_code == 0
    assert printed.output == PAGE.read_text(encoding="utf-8"), "print it again: flask workflows > docs/workflows.md"


def test_every_table_is_printed() -> None:
    tables = [path.relative_to(ROOT).with_suffix("").parts for path in (ROOT / "workflows").glob("*/table.py")]
    found = [value for parts in tables for value in vars(importlib.import_module(".".join(parts))).values()]
    procedures = [value for value in found if isinstance(value, Procedure)]
    assert procedures
    assert {procedure.name for procedure in procedures} == {procedure.name for procedure in roof.PROCEDURES}
    assert set(map(id, procedures)) == set(map(id, roof.PROCEDURES))


@pytest.mark.parametrize(
    "different", [{"name": "ballot"}, {"label": Sentence("Adopter")}, {"permission": "edition:prepare"}, {"guards": ()}, {"needs_reason": True}]
)  # fmt: skip
def test_a_table_that_has_changed_is_seen(different: dict[str, object]) -> None:
    first, *others = EDITIONS.moves
    changed = replace(EDITIONS, moves=(replace(first, **different), *others))  # type: ignore[arg-type]
    assert as_markdown([changed]) != as_markdown([EDITIONS])


def test_every_rule_says_why() -> None:
    guards = {guard for procedure in roof.PROCEDURES for move in procedure.moves for guard in move.guards}
    assert [guard.__name__ for guard in guards if not sentences(guard)] == []
    assert len(sentences(gives_notice)) == 2
