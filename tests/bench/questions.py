"""Addresses of real questions: what teachers type, the names and the needs of the catalogue, and its facets."""

import csv
from itertools import product
from pathlib import Path

from catalogue.search.question import Question

ROOT = Path(__file__).parents[2]
FILTERS = ({}, {"support": ("maintained",)}, {"platform": ("linux",), "licence": ("libre",)})
BROWSED = (
    *FILTERS,
    {"support": ("known",)},
    {"list": ("socle",)},
    {"list": ("sti2d", "batiment")},
    {"level": ("bts",)},
    {"discipline": ("mathematiques",)},
    {"discipline": ("musique",), "licence": ("libre",)},
    {"category": ("cao-dao",)},
)
SORTS = ("relevance", "name", "changed")


def questions() -> list[Question]:
    """At least 2,000, all different: one in eight is a query written by a teacher, misspelt or not, with and without filters."""
    asked = [Question(text, filters) for text, filters in product(_column("tests/data/queries.csv", "query"), FILTERS)]
    asked += [Question(text) for text in _column("catalogue/data/titles.csv", "name")]
    needs = [need for needs in _column("catalogue/data/words.csv", "needs") for need in needs.split("|")]
    asked += [Question(text) for text in needs]
    asked += [Question("", filters, sort, page) for filters, sort, page in product(BROWSED, SORTS, (1, 2, 3))]
    return list({question.url(): question for question in asked}.values())


def _column(path: str, name: str) -> list[str]:
    with (ROOT / path).open(encoding="utf-8", newline="") as file:
        return [row[name] for row in csv.DictReader(file)]
