"""Addresses of real questions: what teachers type, the names and the needs of the catalogue, and its facets."""

import csv
from itertools import product
from pathlib import Path

from catalogue.search.question import Question
from portal.text import slugify

ROOT = Path(__file__).parents[2]
FILTERS = ({}, {"support": ("maintained",)}, {"platform": ("linux",), "licence": ("libre",)})
SORTS = ("relevance", "name", "changed")
WITH = (("support", "maintained"), ("support", "known"), ("licence", "libre"), ("platform", "linux"))
EVERY = 2  # of the names of titles and of the needs, one in two


def questions() -> list[Question]:
    """At least 2,000, all different: half type words (teachers' queries, names, needs), half browse the facets."""
    asked = [Question(text, filters) for text, filters in product(_column("tests/data/queries.csv", "query"), FILTERS)]
    asked += [Question(text) for text in _column("catalogue/data/titles.csv", "name")[::EVERY]]
    needs = sorted({need for needs in _column("catalogue/data/words.csv", "needs") for need in needs.split("|")})
    asked += [Question(text) for text in needs[::EVERY]]
    asked += [Question("", filters, sort) for filters, sort in product(_browsed(), SORTS)]
    return list({question.url(): question for question in asked}.values())


def _browsed() -> list[dict[str, tuple[str, ...]]]:
    """Each subject, category, level and list, alone, with a level of support, with a licence."""
    values = [("discipline", slugify(name)) for name in _column("catalogue/data/disciplines.csv", "name")]
    values += [("category", slugify(name)) for name in sorted(set(_column("catalogue/data/titles.csv", "category")))]
    values += [("level", code) for code in _column("catalogue/data/levels.csv", "code")]
    values += [("list", slug) for slug in ("socle", "sti2d", "sio-ciel", "std2a", "stmg", "batiment")]
    alone: list[dict[str, tuple[str, ...]]] = [{facet: (value,)} for facet, value in values]
    return [*alone, *({**one, facet: (value,)} for one, (facet, value) in product(alone[::2], WITH))]


def _column(path: str, name: str) -> list[str]:
    with (ROOT / path).open(encoding="utf-8", newline="") as file:
        return [row[name] for row in csv.DictReader(file)]
