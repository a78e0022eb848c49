"""Addresses of real questions: what teachers type, crossed with facets, each one distinct."""

import csv
from itertools import product
from pathlib import Path

from catalogue.search.question import Question

QUERIES = Path(__file__).parents[1] / "data" / "queries.csv"
FILTERS = [
    {},
    {"support": ("maintained",)},
    {"support": ("maintained", "ending")},
    {"licence": ("libre",)},
    {"platform": ("windows",)},
    {"platform": ("linux",), "licence": ("libre",)},
    {"support": ("known",)},
    {"list": ("socle",)},
    {"level": ("bts",)},
    {"discipline": ("mathematiques",)},
]
SORTS = ("relevance", "name", "changed")


def questions() -> list[Question]:
    """At least 2,000: each typed query with each set of filters and each order, and the pages of the whole catalogue."""
    with QUERIES.open(encoding="utf-8", newline="") as file:
        texts = [row["query"] for row in csv.DictReader(file)]
    typed = [Question(text, filters, sort) for text, filters, sort in product(texts, FILTERS, SORTS)]
    browsed = [Question("", filters, sort, page) for filters, sort, page in product(FILTERS, SORTS, range(1, 4))]
    return [*typed, *browsed]
