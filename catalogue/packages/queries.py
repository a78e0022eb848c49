"""Reading packages: one query for all territories."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from catalogue.packages.models import Package
from catalogue.packages.rules import in_order
from catalogue.titles.models import Title
from portal.territories.models import Territory
from portal.text import french


def packages_of(session: Session) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """By territory, then by title's slug; the package that speaks for the title is the first."""
    found: dict[str, dict[str, list[dict[str, Any]]]] = {code: {} for code in session.scalars(sa.select(col(Territory.code)))}
    rows = session.execute(sa.select(col(Territory.code), col(Title.slug), Package).join_from(Package, Territory).join(Title))
    for code, slug, package in rows:
        told = {
            "version": package.version_label,
            "number": package.number,
            "status": package.status.value,
            "since": package.since.isoformat(),
            "reason": french(package.reason),
            "waits_for": french(package.waits_for),
        }
        found[code].setdefault(slug, []).append(told)
    return {code: {slug: [dict(one) for one in in_order(held)] for slug, held in titles.items()} for code, titles in found.items()}
