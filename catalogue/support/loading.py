"""The demonstration's decisions about titles that are on no list: plausible, and made up."""

import csv
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from sqlmodel import Session, select

from catalogue.support.models import Decision, Support
from catalogue.titles.models import Title
from portal.territories.models import Territory
from portal.trail.revision import bump

FILE = Path(__file__).parents[1] / "data" / "demonstration" / "decisions.csv"


def load_demonstration(session: Session, territory: Territory) -> list[Decision]:
    """The decisions that are not stored yet: one is known by its title and its first day."""
    titles: dict[str, int] = {title.slug: title.key for title in session.exec(select(Title))}
    stored = session.exec(select(Decision).where(Decision.territory_id == territory.key))
    known = {(decision.title_id, decision.since) for decision in stored}
    with FILE.open(encoding="utf-8", newline="") as file:
        decisions = [_decision(row, territory, titles) for row in csv.DictReader(file) if row["territory"] == territory.code]
    added = [decision for decision in decisions if (decision.title_id, decision.since) not in known]
    if added:
        session.add_all(added)
        session.flush()
        bump(session)
    return added


def _decision(row: Mapping[str, str], territory: Territory, titles: Mapping[str, int]) -> Decision:
    return Decision(
        territory_id=territory.key,
        title_id=titles[row["slug"]],
        level=Support(row["level"]),
        since=date.fromisoformat(row["since"]),
        until=date.fromisoformat(row["until"]) if row["until"] else None,
        signed_by=row["signed_by"],
        motive=row["motive"],
        reason=row["reason"],
        what_would_change=row["what_would_change"],
        trial_possible=row["trial_possible"] == "oui",
        ask_again=row["ask_again"],
        paid_by=row["paid_by"],
    )
