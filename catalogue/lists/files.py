"""The stored files of voted editions: one query each."""

import re
from typing import NamedTuple

from sqlmodel import Session, select

from catalogue.lists.models import Frozen, FrozenFormat

SLUG = re.compile(r"[a-z0-9-]{1,60}")
LABEL = re.compile(r"[0-9]{4}-[0-9]{4}(?:\.[1-9][0-9]{0,3})?")


class Stored(NamedTuple):
    """Bytes as they were voted, and their SHA-256 in hexadecimal."""

    body: bytes
    sha256: str


def stored_file(session: Session, slug: str, label: str, kind: FrozenFormat) -> Stored | None:
    """By the address of the day of the vote; None for an unknown edition, and for a draft. What is no address is not looked for."""
    if not (SLUG.fullmatch(slug) and LABEL.fullmatch(label)):
        return None
    asked = select(Frozen.body, Frozen.sha256).where(Frozen.list_slug == slug, Frozen.label == label, Frozen.format == kind)
    found = session.exec(asked).one_or_none()
    return Stored(*found) if found else None
