"""An edition as a document: what is stored at the vote, served as files, and shown as a page. Pure.

The same document, whatever becomes of the titles afterwards: names, publishers and subjects are written in it.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

Document = dict[str, Any]
LICENCE = "etalab-2.0"
COLUMNS = (
    "slug", "name", "publisher", "version", "disciplines", "category", "since", "reason", "ends_on", "exit_reason", "replacement",
)  # fmt: skip


def canonical(document: Mapping[str, Any]) -> bytes:
    """The bytes that are signed: UTF-8 JSON, keys in order, two spaces, one line end."""
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def as_csv(document: Mapping[str, Any]) -> bytes:
    """One line an entry, RFC 4180, UTF-8; several subjects are parted by `|`, a replacement is its slug."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for entry in document["entries"]:
        cells = {
            **entry,
            "disciplines": "|".join(entry["disciplines"]),
            "replacement": (entry["replacement"] or {}).get("slug", ""),
        }
        writer.writerow([cells[name] or "" for name in COLUMNS])
    return text.getvalue().encode()


def changes(before: Iterable[Mapping[str, Any]], after: Iterable[Mapping[str, Any]], left: Sequence[Mapping[str, Any]]) -> Document:
    """What differs between the entries of two versions. `left`: the exits decided, with their reasons and replacements."""
    was, now = {one["slug"]: one for one in before}, {one["slug"]: one for one in after}
    said = {one["slug"]: one for one in left}
    return {
        "entered": [_named(one, reason=one["reason"]) for slug, one in now.items() if slug not in was],
        "left": [
            _named(
                one,
                reason=said.get(slug, one)["exit_reason"],
                replacement=said.get(slug, one)["replacement"],
            )
            for slug, one in was.items()
            if slug not in now
        ],
        "updated": [
            _named(one, was=was[slug]["version"], now=one["version"])
            for slug, one in now.items()
            if slug in was and was[slug]["version"] != one["version"]
        ],
    }


def _named(entry: Mapping[str, Any], **more: Any) -> Document:
    return {"slug": entry["slug"], "name": entry["name"], **more}
