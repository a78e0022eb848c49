"""Answering a question from the index: rows, total, and counts that never lie."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from tantivy import DocAddress, Order, Query

from catalogue.search.analysis import question
from catalogue.search.matching import Matcher, errors_allowed
from catalogue.search.question import FACETS, Question
from catalogue.search.schema import FAVOURED
from catalogue.search.schema import field as field_of
from catalogue.search.shelf import Volume

NEAREST = 5
BEGINNINGS = (12, 7, 4)  # letters
VALUES_SHOWN = 200


@dataclass(frozen=True)
class Answer:
    """`how` says how the words were understood: exact, mistyped or partial. `nearest` only when nothing was found."""

    how: str
    total: int
    rows: list[dict[str, Any]]
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    page: int = 1
    nearest: list[dict[str, Any]] = field(default_factory=list)


class Understood(NamedTuple):
    """One way of reading the words of a question."""

    how: str
    query: Query


def answer(volume: Volume, asked: Question, territory: str) -> Answer:
    """The strictest reading of the words that finds something, whatever the filters: counts must not depend on them."""
    matcher = Matcher(volume, territory)
    for understood in _readings(matcher, asked):
        filtered = matcher.filtered(understood.query, asked)
        total, addresses, page = _found(volume, filtered, asked)
        if total or (asked.chosen and _gives_something(volume, understood.query)):
            break
    counts = _counts(volume, matcher, understood.query, filtered, asked)
    rows = volume.rows(addresses)
    nearest = [] if rows else _nearest(volume, matcher, understood.query, asked)
    return Answer(understood.how, total, rows, counts, page, nearest)


def find(volume: Volume, slug: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """A title's row and sheet by its slug."""
    hits = volume.searcher.search(Query.term_query(volume.schema, "slug", slug), limit=1, count=False).hits
    return (volume.rows([hits[0][1]])[0], volume.sheet(hits[0][1])) if hits else None


def alternatives(
    volume: Volume, row: Mapping[str, Any], corrections: Sequence[Mapping[str, Any]], territory: str, *, most: int = 6
) -> list[dict[str, Any]]:
    """Titles added by hand, then those that share needs with this one, less those taken off by hand; maintained ones first."""
    added = [found[0] for one in corrections if one["shown"] and (found := find(volume, one["slug"]))]
    corrected = {one["slug"] for one in corrections}
    needs = [slug for slug, _ in row["needs"]]
    query = Matcher(volume, territory).sharing(needs, row["slug"]) if needs else Query.empty_query()
    computed = [other for other in _first(volume, query, most + len(corrected)) if other["slug"] not in corrected]
    return sorted([*added, *computed], key=lambda other: other["at"][territory]["level"] not in FAVOURED)[:most]


def _readings(matcher: Matcher, asked: Question) -> Iterator[Understood]:
    if not asked.text:
        yield Understood("exact", matcher.everything())
        return
    readings = matcher.readings(asked.text)
    corrected = any(word.corrected for word in readings[0])
    yield Understood("mistyped" if corrected else "exact", matcher.all_words(asked.text, readings))
    yield Understood("partial", matcher.some_words(readings))
    yield Understood("nothing", Query.empty_query())


def _gives_something(volume: Volume, query: Query) -> bool:
    return bool(volume.searcher.search(query, limit=1, count=False).hits)


def _found(volume: Volume, query: Query, asked: Question) -> tuple[int, list[DocAddress], int]:
    """A page beyond the last one shows the last one."""
    offset = (asked.page - 1) * asked.per_page
    result = _search(volume, query, asked, offset)
    total, page = int(result.count or 0), asked.page
    if total and offset >= total:
        page = -(-total // asked.per_page)
        result = _search(volume, query, asked, (page - 1) * asked.per_page)
    return total, [address for _, address in result.hits], page if total else 1


def _search(volume: Volume, query: Query, asked: Question, offset: int) -> Any:
    order = {"name": ("name_rank", Order.Asc), "changed": ("changed", Order.Desc)}.get(asked.sort)
    if order is None:
        return volume.searcher.search(query, limit=asked.per_page, offset=offset, count=True)
    return volume.searcher.search(query, limit=asked.per_page, offset=offset, count=True, order_by_field=order[0], order=order[1])


def _counts(volume: Volume, matcher: Matcher, query: Query, filtered: Query, asked: Question) -> dict[str, dict[str, int]]:
    """For each facet, how many titles each of its values would give with the other filters as they are."""
    if not asked.text and not asked.chosen:
        return _counts_of_all(volume, matcher.territory)
    free = [facet for facet in FACETS if not asked.chosen.get(facet)]
    counts = _aggregated(volume, matcher.territory, filtered, free)
    for facet in FACETS:
        if asked.chosen.get(facet):
            counts |= _aggregated(volume, matcher.territory, matcher.filtered(query, asked, but=facet), [facet])
    return counts


@lru_cache(maxsize=8)
def _counts_of_all(volume: Volume, territory: str) -> dict[str, dict[str, int]]:
    """The whole catalogue is asked for most often and counted longest, and does not change within a volume."""
    return _aggregated(volume, territory, Query.all_query(), list(FACETS))


def _aggregated(volume: Volume, territory: str, query: Query, facets: list[str]) -> dict[str, dict[str, int]]:
    if not facets:
        return {}
    terms = {facet: {"terms": {"field": field_of(facet, territory), "size": VALUES_SHOWN}} for facet in facets}
    found = volume.searcher.aggregate(query, terms)
    return {facet: {bucket["key"]: int(bucket["doc_count"]) for bucket in found[facet]["buckets"]} for facet in facets}


def _nearest(volume: Volume, matcher: Matcher, query: Query, asked: Question) -> list[dict[str, Any]]:
    """With nothing found: the same words without the filters, else the titles whose names look most like them."""
    rows = _first(volume, query, NEAREST)
    if rows or not asked.text:
        return rows
    near = [word for typed in question(asked.text) for word in _resembling(volume, typed)]
    spelt = [matcher.all_words(word, matcher.readings(word)) for word in near[:NEAREST]]
    return _first(volume, Query.disjunction_max_query(spelt), NEAREST) if spelt else []


def _resembling(volume: Volume, typed: str) -> list[str]:
    """Known words that begin like this one, typing errors allowed: the longest beginning that some of them share."""
    beginnings = (typed[:length] for length in BEGINNINGS)
    found = (volume.near(one, errors_allowed(one), prefix=True, most=NEAREST) for one in beginnings if errors_allowed(one))
    return next(filter(None, found), [])


def _first(volume: Volume, query: Query, most: int) -> list[dict[str, Any]]:
    return volume.rows([address for _score, address in volume.searcher.search(query, limit=most, count=False).hits])
