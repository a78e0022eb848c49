"""The stored files of voted editions: one query each."""

from typing import NamedTuple

from sqlmodel import Session, col, select

from catalogue.lists.models import Edition, Frozen, FrozenFormat, SoftwareList
from portal.territories.models import Territory


class Stored(NamedTuple):
    """Bytes as they were voted, and their SHA-256 in hexadecimal."""

    body: bytes
    sha256: str


def stored_file(session: Session, territory: str, slug: str, label: str, kind: FrozenFormat) -> Stored | None:
    """`label`: `2026-2027`, or `2026-2027.1`; None for an unknown edition, and for a draft."""
    year, _, amendment = label.partition(".")
    if amendment and (not amendment.isdecimal() or amendment.startswith("0") or len(amendment) > 4):
        return None  # one address for one version
    found = session.exec(
        select(Frozen.body, Frozen.sha256)
        .join(Edition, col(Frozen.edition_id) == col(Edition.id))
        .join(SoftwareList, col(Edition.list_id) == col(SoftwareList.id))
        .join(Territory, col(SoftwareList.territory_id) == col(Territory.id))
        .where(Territory.code == territory, SoftwareList.slug == slug)
        .where(Edition.school_year == year, Edition.amendment == int(amendment or 0), Frozen.format == kind)
    ).one_or_none()
    return Stored(*found) if found else None
