"""Writing one index, whole, into a folder of its own."""

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import tantivy
from sqlmodel import Session

from catalogue.search.analysis import joins, text_stems, words
from catalogue.search.documents import Record, Source, gather, titles
from catalogue.search.schema import FAVOURED, facets_field, schema, vocabulary, weight, weight_field
from catalogue.search.sheets import Sheets
from catalogue.search.store import Writer
from catalogue.support.models import Support
from catalogue.support.rules import standing

HEAP = 128 * 1024 * 1024  # bytes tantivy may hold before it writes a segment
WORDS = "vocabulary"
SHORTEST_CORRECTED = 2  # letters: shorter words are not corrected, so need not be known
META = "labels.json"  # tantivy keeps a meta.json of its own
UNDECIDED: dict[str, Any] = {"level": Support.KNOWN.value, "since": None, "until": None, "lists": [], "version": ""}
FAVOURED_LEVELS = {level.value for level in FAVOURED}


def write(session: Session, folder: Path, days: Mapping[str, date], revision: int) -> int:
    """Index every title; return how many. One writing thread keeps documents in the order of names."""
    with _without_cycles():
        source, sheets = gather(session, days), Sheets(session)
        index = tantivy.Index(schema([territory.code for territory in source.territories]), path=str(folder))
        writer = index.writer(heap_size=HEAP, num_threads=1)
        rows, details = Writer(folder, "rows"), Writer(folder, "sheets")
        known: set[str] = set()
        count = 0
        for title in titles(session):
            row = _row(title, source)
            writer.add_document(_document(title, count, row, source, known))
            rows.add(row)
            details.add(sheets.of(title, source.aliases.get(title.id, [])))
            count += 1
        writer.commit()
        writer.wait_merging_threads()
        rows.close()
        details.close()
        _write_vocabulary(folder, known)
    meta = {"revision": revision, "days": {code: day.isoformat() for code, day in days.items()}, "count": count, **_labels(source)}
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
        "purpose": title.purpose,
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


def _document(title: Record, rank: int, row: Mapping[str, Any], source: Source, known: set[str]) -> tantivy.Document:
    """`known` gathers the words of names and uses, among which typing errors are looked up."""
    key = title.id
    needs, category = source.needs.get(key, ()), source.categories[title.category_id]
    about = [category, *source.disciplines.get(key, ()), *source.levels.get(key, ())]
    plain = set(words(title.purpose)).union(*(one.words for one in needs), *(one.words for one in about))
    known |= plain
    everywhere = [f"discipline:{slug}" for slug in row["disciplines"]] + [f"level:{code}" for code in row["levels"]]
    everywhere += [f"platform:{code}" for code in title.platforms]
    everywhere += [f"category:{row['category']}", f"licence:{title.licence_type}"]
    facets = {
        facets_field(code): [*everywhere, f"support:{held['level']}", *(f"list:{slug}" for slug in held["lists"])]
        for code, held in row["at"].items()
    }
    return tantivy.Document(
        slug=title.slug,
        **_names([title.name, *source.aliases.get(key, ())], known),
        publisher=" ".join(words(title.publisher)),
        need=" ".join(set().union(*(one.stems for one in needs))),
        subject=" ".join(set().union(*(one.stems for one in about))),
        about=" ".join(set(text_stems(title.purpose))),
        word=" ".join(plain),
        acronym=list(set().union(*(one.acronyms for one in about))),
        answers=[one.slug for one in needs],
        **facets,
        favoured=[code for code, held in row["at"].items() if held["level"] in FAVOURED_LEVELS],
        **{
            weight_field(code): weight(maintained=held["level"] in FAVOURED_LEVELS, usage=title.usage)
            for code, held in row["at"].items()
        },
        name_rank=rank,
        changed=int(title.changed_at.timestamp()),
    )


def _names(names: list[str], known: set[str]) -> dict[str, Any]:
    """A title's names by word, without their spaces, and whole."""
    tokens = {word for name in names for word in words(name)}
    joined = {one for name in names for one in joins(name)} - tokens
    known |= tokens
    known |= joined
    return {"name": " ".join(tokens), "joined": " ".join(joined), "whole": list({"".join(words(name)) for name in names})}


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


def _standings(key: int, source: Source) -> dict[str, dict[str, Any]]:
    """The level of the title in each territory, today there."""
    at: dict[str, dict[str, Any]] = {}
    for territory in source.territories:
        code = territory.code
        listed, decided = source.listed.get((code, key)), source.decided.get((code, key))
        at[code] = UNDECIDED
        if listed or decided:
            held = standing(listed or (), decided or (), source.day[code])
            at[code] = {
                "level": held.level.value,
                "since": held.since,
                "until": held.until,
                "lists": [one.list_slug for one in held.listed],
                "version": next((one.version_label for one in held.listed if one.version_label), ""),
            }
    return at


def _labels(source: Source) -> dict[str, Any]:
    """What facets need to say their values, in the order in which they are shown."""
    disciplines = {one.slug: one.name for held in source.disciplines.values() for one in held}
    levels = {one.slug: (one.rank, one.name) for held in source.levels.values() for one in held}
    codes = {territory.id: territory.code for territory in source.territories}
    return {
        "territories": {
            territory.code: {"name": territory.name, "process": territory.process, "demonstration": territory.is_demonstration}
            for territory in source.territories
        },
        "labels": {
            "discipline": dict(sorted(disciplines.items())),
            "level": {code: name for code, (_, name) in sorted(levels.items(), key=lambda pair: pair[1])},
            "category": {one.slug: one.name for one in sorted(source.categories.values(), key=lambda one: one.slug)},
        },
        "lists": {
            code: {
                one.slug: {"name": one.name, "short": one.short_name}
                for one in source.lists.values()
                if codes[one.territory_id] == code
            }
            for code in codes.values()
        },
    }
