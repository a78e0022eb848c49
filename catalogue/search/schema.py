"""The fields of the index. One index serves all territories: what depends on one carries its code."""

from collections.abc import Sequence
from functools import lru_cache

import tantivy

from catalogue.support.models import Support

# How each kind of match counts. The gaps are wider than the shares below.
SCORES = {
    "whole": 12.0,
    "acronym": 9.0,
    "name": 8.0,
    "joined": 7.0,
    "name_begins": 5.0,
    "subject": 4.6,
    "need": 4.5,
    "publisher": 3.5,
    "about": 2.5,
    "word_begins": 2.0,
    "typo": 2.0,
}
FAVOURED = frozenset({Support.MAINTAINED, Support.ENDING})
MAINTAINED = 0.04  # share added to the score of a maintained title: it only parts those that match equally well
USAGE = 0.01  # the same for each degree of usage in class


@lru_cache
def facets_field(territory: str) -> str:
    """One field holds all facets of a territory, as `support:maintained`: counting one field costs a fifth of counting seven."""
    return f"facets_{territory.replace('-', '_')}"


@lru_cache
def reach_field(territory: str) -> str:
    """What levels of support are computed from for a school: apart from facets, whose counting it would slow."""
    return f"reach_{territory.replace('-', '_')}"


def on_list(slug: str, *, ends: bool) -> str:
    """A term of the field above: an entry in force, whose exit is announced or not."""
    return f"on:{slug}:{'ending' if ends else 'maintained'}"


def off_list(level: str) -> str:
    """A term of the field above: the level that the title would have were it on no list."""
    return f"decided:{level}"


@lru_cache
def weight_field(territory: str) -> str:
    return f"weight_{territory.replace('-', '_')}"


@lru_cache
def weight(*, maintained: bool, usage: int) -> float:
    """The value w for which the index multiplies a score by log2(2 + w): 1, plus the shares above."""
    share: float = 1.0 + MAINTAINED * maintained + USAGE * usage
    return float(2.0**share - 2.0)


def schema(territories: Sequence[str]) -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in ("slug", "whole", "acronym"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in ("name", "joined", "subject", "need", "about", "publisher", "word"):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="basic")
    builder.add_text_field("answers", tokenizer_name="raw", index_option="basic")
    for territory in territories:
        builder.add_text_field(facets_field(territory), tokenizer_name="raw", index_option="basic", fast=True)
        builder.add_text_field(reach_field(territory), tokenizer_name="raw", index_option="basic")
    builder.add_text_field("favoured", tokenizer_name="raw", index_option="basic")
    for territory in territories:
        builder.add_float_field(weight_field(territory), fast=True)
    builder.add_integer_field("name_rank", fast=True)
    builder.add_integer_field("changed", fast=True)
    return builder.build()


def vocabulary() -> tantivy.Schema:
    """A second, small index whose documents are words: a typing error is looked up once, not in every field."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("word", tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("rank", fast=True)
    return builder.build()
