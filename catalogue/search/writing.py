"""Writing one index, whole, into a folder of its own."""

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import tantivy
from sqlmodel import Session

from catalogue.packages.queries import packages_of
from catalogue.search.analysis import joins, text_stems, words
from catalogue.search.documents import Record, Source, gather, titles
from catalogue.search.editions import write_editions
from catalogue.search.prose import prose
from catalogue.search.schema import FAVOURED, facets_field, off_list, on_list, reach_field, schema, vocabulary, weight, weight_field
from catalogue.search.sheets import Sheets
from catalogue.search.store import Writer
from catalogue.support.seen import UNDECIDED, Seen, for_territory, off_lists
from portal.text import french

HEAP = 128 * 1024 * 1024  # bytes tantivy may hold before it writes a segment
WORDS = "vocabulary"
SHORTEST_CORRECTED = 2  # letters: shorter words are not corrected, so need not be known
META = "labels.json"  # tantivy keeps a meta.json of its own
FAVOURED_LEVELS = {level.value for level in FAVOURED}


def write(session: Session, folder: Path, days: Mapping[str, date], revision: int) -> int:
    """Index every title; return how many. One writing thread keeps documents in the order of names."""
    with _without_cycles():
        source, sheets = gather(session, days), Sheets(session)
        index = tantivy.Index(schema([territory.code for territory in source.territories]), path=str(folder))
        writer = index.writer(heap_size=HEAP, num_threads=1)
        rows, details = Writer(folder, "rows"), Writer(folder, "sheets")
        documents = Documents(source)
        held = write_editions(session, folder, source.lists.values(), {one.id: one.code for one in source.territories})
        count = 0
        for title in titles(session):
            row = _row(title, source)
            writer.add_json(documents.of(title, count, row))
            rows.add(row)
            details.add(sheets.of(title, source.aliases.get(title.id, [])))
            count += 1
        writer.commit()
        writer.wait_merging_threads()
        rows.close()
        details.close()
        _write_vocabulary(folder, documents.known)
    meta = {
        "revision": revision,
        "days": {code: day.isoformat() for code, day in days.items()},
        "count": count,
        "lists": held,
        "packages": packages_of(session),
        **_labels(source),
    }
    (folder / META).write_bytes(orjson.dumps(meta))
    return count


@contextmanager
def _without_cycles() -> Iterator[None]:
    """Millions of small values and no cycle among them: looking for cycles would cost a fifth of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _row(title: Record, source: Source) -> dict[str, Any]:
    """What a line of results shows, and what programs are given."""
    key = title.id
    return {
        "slug": title.slug,
        "name": title.name,
        "publisher": title.publisher,
        "purpose": french(title.purpose),
        "platforms": title.platforms,
        "licence": title.licence,
        "licence_type": title.licence_type,
        "category": source.categories[title.category_id].slug,
        "disciplines": [one.slug for one in source.disciplines.get(key, ())],
        "levels": [one.slug for one in sorted(source.levels.get(key, ()), key=lambda one: one.rank)],
        "needs": [[one.slug, one.name] for one in source.needs.get(key, ())],
        "latest": title.latest_version,
        "confidence": title.confidence,
        "changed": title.changed_at,
        "at": _standings(key, source),
    }


class Subject(NamedTuple):
    """What titles of one category, some subjects and some levels have in common: made once, there are few."""

    stems: str
    acronyms: list[str]
    facets: list[str]
    words: frozenset[str]


class Documents:
    """Makes documents; `known` gathers the words of names and uses, among which typing errors are looked up."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._subjects: dict[tuple[str, ...], Subject] = {}
        self._fields = [
            (one.code, facets_field(one.code), reach_field(one.code), weight_field(one.code)) for one in source.territories
        ]
        self.known: set[str] = set()

    def of(self, title: Record, rank: int, row: Mapping[str, Any]) -> str:
        """As JSON, which the index reads quicker than our objects."""
        needs = self._source.needs.get(title.id, ())
        subject = self._subject(title, row)
        plain = subject.words.union(words(title.purpose), *[one.words for one in needs])
        if needs or title.purpose:
            self.known |= plain
        common = [*subject.facets, "licence:" + title.licence_type, *["platform:" + code for code in title.platforms]]
        by_territory: dict[str, Any] = {}
        favoured = []
        for code, facets, reach, weighted in self._fields:
            held = row["at"][code]
            maintained = held["level"] in FAVOURED_LEVELS
            by_territory[facets] = [*common, "support:" + held["level"], *["list:" + slug for slug in held["lists"]]]
            by_territory[reach] = _reach_terms(held)
            by_territory[weighted] = weight(maintained=maintained, usage=title.usage)
            if maintained:
                favoured.append(code)
        document = {
            "slug": title.slug,
            **_names([title.name, *self._source.aliases.get(title.id, ())], self.known),
            "publisher": " ".join(words(title.publisher)),
            "subject": subject.stems,
            "need": " ".join(set().union(*[one.stems for one in needs])),
            "about": " ".join(text_stems(title.purpose)),
            "word": " ".join(plain),
            "acronym": subject.acronyms,
            "answers": [one.slug for one in needs],
            **by_territory,
            "favoured": favoured,
            "name_rank": rank,
            "changed": int(title.changed_at.timestamp()),
        }
        return orjson.dumps(document).decode()

    def _subject(self, title: Record, row: Mapping[str, Any]) -> Subject:
        key = (row["category"], *row["disciplines"], *row["levels"])
        if key not in self._subjects:
            source = self._source
            disciplines, levels = source.disciplines.get(title.id, ()), source.levels.get(title.id, ())
            named = [source.categories[title.category_id], *disciplines, *levels]
            facets = [f"category:{row['category']}", *(f"discipline:{one.slug}" for one in disciplines)]
            self._subjects[key] = Subject(
                stems=" ".join(set().union(*(one.stems for one in named))),
                acronyms=list(set().union(*(one.acronyms for one in named))),
                facets=[*facets, *(f"level:{one.slug}" for one in levels)],
                words=frozenset().union(*(one.words for one in named)),
            )
            self.known |= self._subjects[key].words
        return self._subjects[key]


def _names(names: list[str], known: set[str]) -> dict[str, Any]:
    """A title's names by word, without their spaces, and whole."""
    parts = [words(name) for name in names]
    tokens = set().union(*parts)
    joined = set().union(*map(joins, parts)) - tokens
    known |= tokens
    known |= joined
    return {"name": " ".join(tokens), "joined": " ".join(joined), "whole": list({"".join(part) for part in parts})}


def _write_vocabulary(folder: Path, known: set[str]) -> None:
    (folder / WORDS).mkdir()
    index = tantivy.Index(vocabulary(), path=str(folder / WORDS))
    writer = index.writer(heap_size=HEAP // 4, num_threads=1)
    spelling = Writer(folder, "words")
    for rank, word in enumerate(sorted(word for word in known if len(word) > SHORTEST_CORRECTED)):
        writer.add_document(tantivy.Document(word=word, rank=rank))
        spelling.add(word)
    writer.commit()
    writer.wait_merging_threads()
    spelling.close()


def _reach_terms(held: Seen) -> list[str]:
    """By which the level can be asked for some lists only: each list with what its entry says, and the level without lists."""
    on = [on_list(slug, ends=bool(ends_on)) for slug, _since, ends_on, _version in held.get("entries", ())]
    return [*on, off_list(off_lists(held)["level"])]


def _standings(key: int, source: Source) -> dict[str, Seen]:
    """The level of the title in each territory, today there."""
    at: dict[str, Seen] = {}
    for territory in source.territories:
        code = territory.code
        listed, decided = source.listed.get((code, key)), source.decided.get((code, key))
        at[code] = for_territory(listed or (), decided or (), source.day[code]) if listed or decided else UNDECIDED
    return at


def _labels(source: Source) -> dict[str, Any]:
    """What facets need to say their values, in the order in which they are shown."""
    disciplines = {one.slug: one.name for held in source.disciplines.values() for one in held}
    levels = {one.slug: (one.rank, one.name) for held in source.levels.values() for one in held}
    return {
        "territories": {
            territory.code: {
                "name": territory.name,
                "process": prose(territory.process),
                "demonstration": territory.is_demonstration,
                "zone": territory.zone,
                "level": territory.level.value,
                "area": territory.area,
                "school_types": territory.school_types,
            }
            for territory in source.territories
        },
        "labels": {
            "discipline": dict(sorted(disciplines.items())),
            "level": {code: name for code, (_, name) in sorted(levels.items(), key=lambda pair: pair[1])},
            "category": {one.slug: one.name for one in sorted(source.categories.values(), key=lambda one: one.slug)},
        },
    }
