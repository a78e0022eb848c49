"""Writing one index, whole, into a folder of its own."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import tantivy
from sqlmodel import Session

from catalogue.search.analysis import joins, text_stems, words
from catalogue.search.documents import Source, gather, titles
from catalogue.search.schema import field, schema, vocabulary
from catalogue.search.sheets import Sheets
from catalogue.search.store import Writer
from catalogue.support.models import Support
from catalogue.support.rules import standing
from catalogue.titles.models import Title

FAVOURED = {Support.MAINTAINED, Support.ENDING}
HEAP = 128 * 1024 * 1024  # bytes tantivy may hold before it writes a segment
WORDS = "vocabulary"
SHORTEST_CORRECTED = 2  # letters: shorter words are not corrected, so need not be known
META = "labels.json"  # tantivy keeps a meta.json of its own


def write(session: Session, folder: Path, days: Mapping[str, date], revision: int) -> int:
    """Index every title; return how many. One writing thread keeps documents in the order of names."""
    source = gather(session, days)
    sheets = Sheets(session)
    index = tantivy.Index(schema([territory.code for territory in source.territories]), path=str(folder))
    writer = index.writer(heap_size=HEAP, num_threads=1)
    rows, details = Writer(folder, "rows"), Writer(folder, "sheets")
    known: set[str] = set()
    count = 0
    for title in titles(session):
        row = _row(title, source)
        writer.add_document(_document(title, count, row, source, known))
        rows.add(row)
        details.add(sheets.of(title, source.aliases.get(title.key, [])))
        count += 1
    writer.commit()
    writer.wait_merging_threads()
    rows.close()
    details.close()
    _write_vocabulary(folder / WORDS, known)
    meta = {"revision": revision, "days": {code: day.isoformat() for code, day in days.items()}, "count": count, **_labels(source)}
    (folder / META).write_bytes(orjson.dumps(meta))
    return count


def _row(title: Title, source: Source) -> dict[str, Any]:
    """What a line of results shows, and what programs are given."""
    key = title.key
    return {
        "slug": title.slug,
        "name": title.name,
        "publisher": title.publisher,
        "purpose": title.purpose,
        "platforms": title.platforms,
        "licence": title.licence,
        "licence_type": title.licence_type.value,
        "category": source.categories[title.category_id].slug,
        "disciplines": [one.slug for one in source.disciplines.get(key, ())],
        "levels": [one.code for one in source.levels.get(key, ())],
        "needs": [[one.slug, one.name] for one in source.needs.get(key, ())],
        "latest": title.latest_version,
        "confidence": title.confidence.value,
        "changed": title.changed_at.isoformat(),
        "at": _standings(key, source),
    }


def _document(title: Title, rank: int, row: Mapping[str, Any], source: Source, known: set[str]) -> tantivy.Document:
    """`known` gathers the words of names and uses, among which typing errors are looked up."""
    key = title.key
    disciplines, category = source.disciplines.get(key, []), source.categories[title.category_id]
    document = tantivy.Document()
    document.add_text("slug", title.slug)
    _add_names(document, [title.name, *source.aliases.get(key, ())], title.publisher, known)
    needs = [name for _slug, name in row["needs"]]
    about = [title.purpose, category.name, *(one.name for one in disciplines), *(one.name for one in source.levels.get(key, ()))]
    _add_words(document, needs, about, known)
    for acronym in {word for text in (category.acronyms, *(one.acronyms for one in disciplines)) for word in words(text)}:
        document.add_text("acronym", acronym)
    for slug, _name in row["needs"]:
        document.add_text("answers", slug)
    facets = {"discipline": row["disciplines"], "level": row["levels"], "category": [row["category"]], "platform": title.platforms}
    for name, values in {**facets, "licence": [row["licence_type"]]}.items():
        for value in values:
            document.add_text(name, value)
    for code, held in row["at"].items():
        document.add_text(field("support", code), held["level"])
        for slug in held["lists"]:
            document.add_text(field("list", code), slug)
        if held["level"] in FAVOURED:
            document.add_text("favoured", code)
    document.add_unsigned("usage", title.usage)
    document.add_unsigned("name_rank", rank)
    document.add_integer("changed", int(title.changed_at.timestamp()))
    return document


def _write_vocabulary(folder: Path, known: set[str]) -> None:
    folder.mkdir()
    index = tantivy.Index(vocabulary(), path=str(folder))
    writer = index.writer(heap_size=HEAP // 4, num_threads=1)
    for word in sorted(known):
        writer.add_document(tantivy.Document(word=word))
    writer.commit()
    writer.wait_merging_threads()


def _standings(key: int, source: Source) -> dict[str, dict[str, Any]]:
    """The level of the title in each territory, today there."""
    at = {}
    for territory in source.territories:
        held = standing(
            source.listed.get((territory.code, key), ()), source.decided.get((territory.code, key), ()), source.day[territory.code]
        )
        at[territory.code] = {
            "level": held.level.value,
            "since": held.since.isoformat() if held.since else None,
            "until": held.until.isoformat() if held.until else None,
            "lists": [one.list_slug for one in held.listed],
            "version": next((one.version_label for one in held.listed if one.version_label), ""),
        }
    return at


def _add_names(document: tantivy.Document, names: list[str], publisher: str, known: set[str]) -> None:
    tokens = {word for name in names for word in words(name)}
    joined = {one for name in names for one in joins(name)} - tokens
    document.add_text("name", " ".join(sorted(tokens)))
    document.add_text("joined", " ".join(sorted(joined)))
    for whole in {"".join(words(name)) for name in names}:
        document.add_text("whole", whole)
    document.add_text("publisher", " ".join(words(publisher)))
    known |= {word for word in tokens | joined if len(word) > SHORTEST_CORRECTED}


def _add_words(document: tantivy.Document, needs: list[str], about: list[str], known: set[str]) -> None:
    document.add_text("need", " ".join({stem for text in needs for stem in text_stems(text)}))
    document.add_text("about", " ".join({stem for text in about for stem in text_stems(text)}))
    plain = {word for text in (*needs, *about) for word in words(text) if len(word) > SHORTEST_CORRECTED}
    document.add_text("word", " ".join(sorted(plain)))
    known |= plain


def _labels(source: Source) -> dict[str, Any]:
    """What facets need to say their values, in the order in which they are shown."""
    disciplines = {one.slug: one.name for held in source.disciplines.values() for one in held}
    levels = {one.code: (one.rank, one.name) for held in source.levels.values() for one in held}
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
