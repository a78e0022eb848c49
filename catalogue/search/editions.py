"""The editions of every list beside the index, so that their pages make no query either."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson
from sqlmodel import Session, col, select

from catalogue.lists.models import Edition, Frozen, FrozenFormat, SoftwareList
from catalogue.lists.queries import document_of, programmes
from catalogue.search.prose import prose
from catalogue.search.store import Writer

NAME = "editions"
Shown = dict[str, dict[str, Any]]
Files = Mapping[FrozenFormat, tuple[bytes, str]]  # bytes, and their SHA-256


def write_editions(
    session: Session, folder: Path, lists: Iterable[SoftwareList], codes: Mapping[int | None, str]
) -> dict[str, Shown]:
    """Store each document; return, for each territory and list, what says where to find its editions, newest first."""
    store = Writer(folder, NAME)
    stored = _stored(session)
    found: dict[str, Shown] = {code: {} for code in codes.values()}
    of: dict[int, list[dict[str, Any]]] = {}
    newest = select(Edition).order_by(col(Edition.starts_on).desc(), col(Edition.amendment).desc())
    for at, edition in enumerate(session.exec(newest)):
        files = stored.get(edition.key, {})
        document = orjson.loads(files[FrozenFormat.JSON][0]) if files else document_of(session, edition)
        document["status"] = edition.status.value
        store.add(_set(document))
        of.setdefault(edition.list_id, []).append(_summary(document, files, at))
    store.close()
    for held in lists:
        found[codes[held.territory_id]][held.slug] = prose(
            {
                "name": held.name,
                "short": held.short_name,
                "rank": held.rank,
                "capacity": held.capacity,
                "audience": held.audience,
                "codes": held.audience_codes,
                "programmes": programmes(session, held.audience_codes),
                "editions": of.get(held.key, []),
            }
        )
    return found


def _stored(session: Session) -> Mapping[int, Files]:
    found: dict[int, dict[FrozenFormat, tuple[bytes, str]]] = {}
    for one in session.exec(select(Frozen)):
        found.setdefault(one.edition_id, {})[one.format] = (one.body, one.sha256)
    return found


def _set(document: dict[str, Any]) -> dict[str, Any]:
    """Its sentences set as French is."""
    lines: dict[str, Any] = {
        name: [prose(one) for one in document[name]] for name in ("entries", "candidates", "leaving") if name in document
    }
    changes = {name: [prose(one) for one in held] if isinstance(held, list) else held for name, held in document["changes"].items()}
    return prose({**document, **lines, "changes": changes})


def _summary(document: Mapping[str, Any], files: Files, at: int) -> dict[str, Any]:
    names = ("slug", "edition", "school_year", "amendment", "status", "starts_on", "ends_on", "voted_on", "used")
    return {
        **{name: document[name] for name in names},
        "announced": sum(1 for entry in document["entries"] if entry["ends_on"]),
        "asked": len(document.get("candidates", ())),
        "sha256": {kind.value: sha256 for kind, (_body, sha256) in files.items()},
        "size": {kind.value: len(body) for kind, (body, _sha256) in files.items()},
        "at": at,
    }
