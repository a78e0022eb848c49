"""The trail as a file, sent as it is read: a page of rows at a time, each by a short reading of its own."""

import csv
import io
from collections.abc import Iterable, Iterator

import orjson

from portal.administration.trail import Filter, older
from portal.db import Database
from portal.trail.models import Event

MOST = 10_000  # events
AT_ONCE = 500
COLUMNS = ("id", "at", "actor", "function", "subject_kind", "subject_id", "move", "was", "now", "reason", "details")
# A spreadsheet runs what begins so, whatever the quotes: an apostrophe makes it text.
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 – full-width signs are read as formulas too


def file_of(database: Database, asked: Filter, *, most: int = MOST, at_once: int = AT_ONCE) -> Iterator[bytes]:
    """The newest `most` events of those asked for."""
    yield _lines([COLUMNS])
    before, left = 0, most
    while left > 0:
        with database.read() as session:
            events = older(session, asked, before, min(at_once, left))
            rows = [_cells(one) for one in events]
            before = events[-1].key if events else 0
        if rows:
            yield _lines(rows)
        if len(rows) < min(at_once, left):
            return
        left -= len(rows)


def plain(cell: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.lstrip(" ").startswith(FORMULAS) else cell


def _cells(event: Event) -> list[str]:
    details = orjson.dumps(event.details, option=orjson.OPT_SORT_KEYS).decode() if event.details else ""
    said = [event.actor, event.function, event.subject_kind, str(event.subject_id), event.move, event.was or "", event.now or ""]
    return [plain(one) for one in (str(event.key), event.at.isoformat(timespec="seconds"), *said, event.reason, details)]


def _lines(rows: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()
