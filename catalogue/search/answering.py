"""Answering a question from the index: rows, total, and counts that never lie."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from tantivy import DocAddress, Occur, Order, Query

from catalogue.search.analysis import question
from catalogue.search.matching import Matcher, errors_allowed
from catalogue.search.question import FACETS, Chosen, Question
from catalogue.search.schema import FAVOURED, facets_field, weight_field
from catalogue.search.shelf import Volume
from catalogue.support.models import Support
from catalogue.support.rules import Reach
from catalogue.support.seen import Seen, for_school

NEAREST = 5
BEGINNINGS = (12, 7, 4)  # letters
VALUES_SHOWN = 1000  # of all facets together: more than there are


class Answer(NamedTuple):
    """`how` says how the words were understood: exact, mistyped or partial. `nearest` only when nothing was found."""

    how: str
    total: int
    rows: list[dict[str, Any]]
    counts: Mapping[str, Mapping[str, int]]
    page: int
    nearest: list[dict[str, Any]]


Counts = dict[str, dict[str, int]]


class Found(NamedTuple):
    """One page of what a query finds."""

    total: int
    addresses: list[DocAddress]
    page: int


class Understood(NamedTuple):
    """One way of reading the words of a question."""

    how: str
    query: Query


def seen(volume: Volume, row: Mapping[str, Any], territory: str, reach: Reach | None) -> Seen:
    """A title's level of support, with its dates and lists: the territory's, or that of a school of it."""
    at: Seen = row["at"][territory]
    return at if reach is None else for_school(at, reach, date.fromisoformat(volume.meta["days"][territory]))


def answer(volume: Volume, asked: Question, territory: str, reach: Reach | None = None) -> Answer:
    """The strictest reading of the words that finds something, whatever the filters: counts must not depend on them.

    `reach`: what of the territory reaches the school that asks; levels of support are then that school's.
    """
    matcher = Matcher(volume, territory, reach)
    for understood in _readings(matcher, asked):
        found = _found(volume, matcher.filtered(understood.query, asked.chosen), asked, territory)
        if found.total or (asked.chosen and _gives_something(volume, understood.query)):
            break
    rows = volume.rows(found.addresses)
    counting = _Counting(volume, matcher, asked.text, understood.query)
    # When all that was found is on the page, counting it costs less than asking again.
    whole = (
        _counted(rows, [seen(volume, row, territory, reach) for row in rows], territory)
        if len(rows) == found.total
        else counting.of(asked.chosen)
    )
    counts = counting.around(whole, asked.chosen) if asked.chosen else whole
    nearest = [] if rows else _nearest(volume, matcher, understood.query, asked)
    return Answer(understood.how, found.total, rows, counts, found.page, nearest)


def find(volume: Volume, slug: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """A title's row and sheet by its slug."""
    hits = volume.searcher.search(Query.term_query(volume.schema, "slug", slug), limit=1, count=False).hits
    return (volume.rows([hits[0][1]])[0], volume.sheet(hits[0][1])) if hits else None


def alternatives(
    volume: Volume,
    row: Mapping[str, Any],
    corrections: Sequence[Mapping[str, Any]],
    territory: str,
    reach: Reach | None = None,
    *,
    most: int = 6,
) -> list[dict[str, Any]]:
    """Titles added by hand, then those that share needs with this one, less those taken off by hand; maintained ones first."""
    added = [found[0] for one in corrections if one["shown"] and (found := find(volume, one["slug"]))]
    corrected = {one["slug"] for one in corrections}
    needs = [slug for slug, _ in row["needs"]]
    query = Matcher(volume, territory).sharing(needs, row["slug"]) if needs else Query.empty_query()
    computed = [other for other in _first(volume, query, most + len(corrected)) if other["slug"] not in corrected]
    return sorted([*added, *computed], key=lambda other: seen(volume, other, territory, reach)["level"] not in FAVOURED)[:most]


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


def _found(volume: Volume, query: Query, asked: Question, territory: str) -> Found:
    """A page beyond the last one shows the last one."""
    offset = (asked.page - 1) * asked.per_page
    result = _search(volume, query, asked, territory, offset)
    total, page = int(result.count or 0), asked.page
    if total and offset >= total:
        page = -(-total // asked.per_page)
        result = _search(volume, query, asked, territory, (page - 1) * asked.per_page)
    return Found(total, [address for _, address in result.hits], page if total else 1)


def _search(volume: Volume, query: Query, asked: Question, territory: str, offset: int) -> Any:
    order = {"name": ("name_rank", Order.Asc), "changed": ("changed", Order.Desc)}.get(asked.sort)
    if order is None:
        return volume.searcher.search(query, limit=asked.per_page, offset=offset, weight_by_field=weight_field(territory))
    return volume.searcher.search(query, limit=asked.per_page, offset=offset, order_by_field=order[0], order=order[1])


class _Counting(NamedTuple):
    """Counts of one reading of some words, kept by filters: next pages, other orders and neighbouring questions share them."""

    volume: Volume
    matcher: Matcher
    text: str
    query: Query

    def of(self, chosen: Chosen) -> Counts:
        """How many of the titles found have each value."""
        key = ("counts", self.matcher.territory, self.matcher.reach, self.text, *chosen.items())
        return self.volume.kept(key, lambda: _aggregated(self.volume, self.matcher, self.query, chosen))

    def around(self, whole: Counts, chosen: Chosen) -> Counts:
        """In a facet already used, how many titles each value would give with the other filters as they are."""
        return whole | {
            facet: self.of({other: values for other, values in chosen.items() if other != facet})[facet] for facet in chosen
        }


def _aggregated(volume: Volume, matcher: Matcher, query: Query, chosen: Chosen) -> Counts:
    counts: Counts = {facet: {} for facet in FACETS}
    narrowed = matcher.filtered(query, chosen)
    counted = {"all": {"terms": {"field": facets_field(matcher.territory), "size": VALUES_SHOWN}}}
    for bucket in volume.searcher.aggregate(narrowed, counted)["all"]["buckets"]:
        facet, _, value = bucket["key"].partition(":")
        counts[facet][value] = int(bucket["doc_count"])
    if matcher.reach:
        counts["support"] = _levels(volume, matcher, narrowed, matcher.reach)
    return counts


def _levels(volume: Volume, matcher: Matcher, query: Query, reach: Reach) -> dict[str, int]:
    """For a school, a level is a question of its lists rather than a value stored: each is counted by asking it."""
    found: dict[str, int] = {}
    for level in Support:
        both = Query.boolean_query([(Occur.Must, query), (Occur.Must, matcher.of_level(level.value, reach))])
        result: Any = volume.searcher.search(both, limit=1)
        if count := int(result.count or 0):
            found[level.value] = count
    return found


def _counted(rows: list[dict[str, Any]], here: list[Seen], territory: str) -> Counts:
    """`here`: the level of each. Lists are the territory's, whoever they serve."""
    return {
        "support": _tally([at["level"] for at in here]),
        "list": _tally([slug for row in rows for slug in row["at"][territory]["lists"]]),
        "discipline": _tally([slug for row in rows for slug in row["disciplines"]]),
        "level": _tally([code for row in rows for code in row["levels"]]),
        "category": _tally([row["category"] for row in rows]),
        "platform": _tally([code for row in rows for code in row["platforms"]]),
        "licence": _tally([row["licence_type"] for row in rows]),
    }


def _tally(values: list[str]) -> dict[str, int]:
    """Plain: the library's counter costs more than these few values."""
    counts: dict[str, int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    return counts


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
