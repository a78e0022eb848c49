"""The index as a server worker reads it: mapped from disk, replaced when a newer one is there."""

import hashlib
import time
from collections.abc import Callable, Hashable, Mapping
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

import orjson
import tantivy

from catalogue.search.editions import NAME as EDITIONS
from catalogue.search.store import Reader
from catalogue.search.writing import META, WORDS

T = TypeVar("T")
POINTER = "current"
MOST_KEPT = 2000
ROWS_KEPT = 2000  # of some 3 KiB
EDITIONS_KEPT = 12  # of some 300 KiB


def home(var: Path) -> Path:
    """Where this release keeps its indexes: one written by other code is not read, it is built anew.

    The code that writes says how the index must be read, so its digest names the folder: nobody can forget to.
    """
    code = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        code.update(path.read_bytes())
    return var / "index" / code.hexdigest()[:8]


class Volume:
    """One index, open: `name` is its revision and day, and stands in ETags."""

    def __init__(self, folder: Path) -> None:
        self.name = folder.name
        self.meta: Mapping[str, Any] = orjson.loads((folder / META).read_bytes())
        index = tantivy.Index.open(str(folder))
        self.schema = index.schema
        self.searcher = index.searcher()
        vocabulary = tantivy.Index.open(str(folder / WORDS))
        self._word_schema, self._words = vocabulary.schema, vocabulary.searcher()
        self._spelling = Reader(folder, "words")
        self._kept: dict[Hashable, Any] = {}
        self._keeping = Lock()
        self._row = lru_cache(ROWS_KEPT)(Reader(folder, "rows").at)
        self._sheets = Reader(folder, "sheets")
        self._edition = lru_cache(EDITIONS_KEPT)(Reader(folder, EDITIONS).at)

    def kept(self, key: Hashable, make: Callable[[], T]) -> T:
        """What follows from this index alone is made once, and goes with it when a newer one comes; the longest unused leaves."""
        with self._keeping:
            found = key in self._kept
            made: Any = self._kept.pop(key) if found else None
            if found:
                self._kept[key] = made
        if not found:  # two threads may both make it: they make the same
            made = make()
            with self._keeping:
                self._kept[key] = made
                while len(self._kept) > MOST_KEPT:
                    del self._kept[next(iter(self._kept))]
        return made  # type: ignore[no-any-return]

    def ranks(self, addresses: list[tantivy.DocAddress]) -> list[int]:
        return [int(rank or 0) for rank in self.searcher.fast_field_values("name_rank", addresses)]

    def rows(self, addresses: list[tantivy.DocAddress]) -> list[dict[str, Any]]:
        return [self._row(rank) for rank in self.ranks(addresses)]

    def sheet(self, address: tantivy.DocAddress) -> dict[str, Any]:
        found: dict[str, Any] = self._sheets.at(self.ranks([address])[0])
        return found

    def edition(self, at: int) -> dict[str, Any]:
        """An edition as a document (see `catalogue.lists.document`), with the status it has now."""
        found: dict[str, Any] = self._edition(at)
        return found

    def near(self, word: str, errors: int, *, prefix: bool, most: int = 20) -> list[str]:
        """Known words within that many typing errors (an exchange of neighbours is one), or that begin so."""
        query = tantivy.Query.fuzzy_term_query(self._word_schema, "word", word, errors, transposition_cost_one=True, prefix=prefix)
        hits = self._words.search(query, limit=most, count=False).hits
        ranks = self._words.fast_field_values("rank", [address for _score, address in hits])
        return [self._spelling.at(int(rank or 0)) for rank in ranks]

    def has(self, field: str, term: str) -> bool:
        return bool(self.searcher.doc_freq(field, term))

    def beginning(self, field: str, prefix: str, most: int = 12) -> list[str]:
        return [term for term, _count in self.searcher.terms_with_prefix(field, prefix, limit=most)]


class NotIndexedYet(Exception):
    """No index on this host yet, or no territory in it: the answer is a 503 that says to come back."""


class Shelf:
    """Looks at the pointer at most once every `look`: one system call, no query."""

    def __init__(self, folder: Path, look: timedelta, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._look = look.total_seconds()
        self._monotonic = monotonic
        self._looked = float("-inf")
        self._volume: Volume | None = None

    def volume(self) -> Volume:
        now = self._monotonic()
        if self._volume is None or now - self._looked >= self._look:
            self._looked = now
            self._volume = self._newest()
        return self._volume

    def _newest(self) -> Volume:
        try:
            name = (self._folder / POINTER).readlink().name
        except FileNotFoundError:
            if self._volume is None:
                raise NotIndexedYet from None
            return self._volume  # still mapped: the indexer is about to build another
        if self._volume is not None and self._volume.name == name:
            return self._volume
        return Volume(self._folder / name)
