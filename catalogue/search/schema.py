"""The fields of the index. One index serves all territories: what depends on one carries its code."""

from collections.abc import Sequence
from functools import lru_cache

import tantivy

from catalogue.search.question import FACETS
from catalogue.support.models import Support

# How each kind of match counts. The gaps are wider than FAVOUR, so that being maintained only parts equals.
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
FAVOUR = 0.4
FAVOURED = frozenset({Support.MAINTAINED, Support.ENDING})
USAGE = 0.12  # per degree of usage in class
BY_TERRITORY = ("support", "list")


@lru_cache
def field(facet: str, territory: str) -> str:
    return f"{facet}_{territory.replace('-', '_')}" if facet in BY_TERRITORY else facet


def schema(territories: Sequence[str]) -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in ("slug", "whole", "acronym"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in ("name", "joined", "subject", "need", "about", "publisher", "word"):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="basic")
    builder.add_text_field("answers", tokenizer_name="raw", index_option="basic")
    for facet in FACETS:
        for territory in territories if facet in BY_TERRITORY else ("",):
            builder.add_text_field(field(facet, territory), tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_text_field("favoured", tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("usage", indexed=True)
    builder.add_integer_field("name_rank", fast=True)
    builder.add_integer_field("changed", fast=True)
    return builder.build()


def vocabulary() -> tantivy.Schema:
    """A second, small index whose documents are words: a typing error is looked up once, not in every field."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("word", stored=True, tokenizer_name="raw", index_option="basic")
    return builder.build()
