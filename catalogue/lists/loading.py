"""The demonstration's lists, as proposals: admitting, voting and opening them are moves, made afterwards like anybody's."""

import csv
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from sqlmodel import Session, select

from catalogue.lists.models import Edition, Entry, SoftwareList
from catalogue.titles.models import Title
from portal.territories.models import Territory

DATA = Path(__file__).parents[1] / "data" / "demonstration"
SCHOOL_YEAR = "2026-2027"
STARTS, ENDS = date(2026, 9, 1), date(2027, 8, 31)


def load_demonstration(session: Session, territory: Territory) -> list[Edition]:
    """One draft edition for each list of the territory that is not stored yet, with its proposed entries."""
    titles: dict[str, int] = {title.slug: title.key for title in session.exec(select(Title))}
    known = set(session.exec(select(SoftwareList.slug).where(SoftwareList.territory_id == territory.key)))
    lists = [_list(row, territory) for row in _rows("lists.csv") if row["territory"] == territory.code and row["slug"] not in known]
    session.add_all(lists)
    session.flush()
    editions = {each.slug: Edition(list_id=each.key, school_year=SCHOOL_YEAR, starts_on=STARTS, ends_on=ENDS) for each in lists}
    session.add_all(editions.values())
    session.flush()
    session.add_all(_entry(row, editions[row["list"]], titles) for row in _rows("entries.csv") if row["list"] in editions)
    session.flush()
    return list(editions.values())


def _list(row: Mapping[str, str], territory: Territory) -> SoftwareList:
    return SoftwareList(
        territory_id=territory.key,
        slug=row["slug"],
        name=row["name"],
        short_name=row["short_name"],
        rank=int(row["rank"]),
        capacity=int(row["capacity"]) if row["capacity"] else None,
        audience=row["audience"],
        audience_codes=[code for code in row["audience_codes"].split("|") if code],
    )


def _entry(row: Mapping[str, str], edition: Edition, titles: Mapping[str, int]) -> Entry:
    return Entry(
        edition_id=edition.key,
        title_id=titles[row["slug"]],
        version_label=row["version"],
        since=date.fromisoformat(row["since"]),
        reason=row["reason"],
        ends_on=date.fromisoformat(row["ends_on"]) if row["ends_on"] else None,
        exit_reason=row["exit_reason"],
        replacement_id=titles[row["replacement"]] if row["replacement"] else None,
    )


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
