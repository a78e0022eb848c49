"""What the index holds of each title: read from the database in a fixed number of queries, whatever the size."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from catalogue.lists.models import Edition, EditionStatus, Entry, EntryStatus, SoftwareList
from catalogue.support.models import Decision
from catalogue.support.rules import Decided, Listed
from catalogue.titles.models import Alias, Category, Discipline, Level, Need, Title, TitleDiscipline, TitleLevel, TitleNeed
from portal.territories.models import Territory

Links = Mapping[int, list[Any]]


@dataclass(frozen=True)
class Source:
    """All that documents are made of, keyed by title id; labels are kept for facets."""

    day: Mapping[str, date]
    territories: tuple[Territory, ...]
    categories: Mapping[int, Category]
    lists: Mapping[int, SoftwareList]
    disciplines: Links
    levels: Links
    needs: Links
    aliases: Links
    listed: Mapping[tuple[str, int], list[Listed]] = field(default_factory=dict)
    decided: Mapping[tuple[str, int], list[Decided]] = field(default_factory=dict)


def gather(session: Session, days: Mapping[str, date]) -> Source:
    """`days`: the day it is in each territory, by code."""
    territories = tuple(session.exec(select(Territory).order_by(col(Territory.id))).all())
    lists = {one.key: one for one in session.exec(select(SoftwareList).order_by(col(SoftwareList.rank), col(SoftwareList.id)))}
    codes = {territory.id: territory.code for territory in territories}
    return Source(
        day=days,
        territories=territories,
        categories={one.key: one for one in session.exec(select(Category))},
        lists=lists,
        disciplines=_links(session, TitleDiscipline, Discipline, TitleDiscipline.discipline_id),
        levels=_links(session, TitleLevel, Level, TitleLevel.level_id),
        needs=_links(session, TitleNeed, Need, TitleNeed.need_id),
        aliases=_aliases(session),
        listed=_listed(session, days, codes, lists),
        decided=_decided(session, codes),
    )


def titles(session: Session) -> Iterator[Title]:
    """Every title by name: the order in which equal answers are given."""
    return iter(session.exec(select(Title).order_by(col(Title.sort_key), col(Title.id)).execution_options(yield_per=2000)))


def _links(session: Session, link: Any, thing: Any, key: Any) -> Links:
    things = {one.key: one for one in session.exec(select(thing))}
    found: dict[int, list[Any]] = defaultdict(list)
    for title_id, other in session.exec(select(link.title_id, key).order_by(link.title_id, key)):
        found[title_id].append(things[other])
    return found


def _aliases(session: Session) -> Links:
    found: dict[int, list[Any]] = defaultdict(list)
    for title_id, name in session.exec(select(Alias.title_id, Alias.name).order_by(col(Alias.id))):
        found[title_id].append(name)
    return found


def _listed(
    session: Session, days: Mapping[str, date], codes: Mapping[int | None, str], lists: Mapping[int, SoftwareList]
) -> dict[tuple[str, int], list[Listed]]:
    """Admitted entries of the latest amendment of each list whose edition is in force today."""
    editions: dict[int, Edition] = {}
    for edition in session.exec(
        select(Edition).where(Edition.status != EditionStatus.DRAFT).order_by(col(Edition.list_id), col(Edition.amendment))
    ):
        day = days[codes[lists[edition.list_id].territory_id]]
        if edition.starts_on <= day <= edition.ends_on:
            editions[edition.list_id] = edition
    of = {edition.id: lists[edition.list_id] for edition in editions.values()}
    found: dict[tuple[str, int], list[Listed]] = defaultdict(list)
    for entry in session.exec(
        select(Entry).where(col(Entry.edition_id).in_(of), Entry.status == EntryStatus.ADMITTED).order_by(col(Entry.id))
    ):
        held = of[entry.edition_id]
        found[codes[held.territory_id], entry.title_id].append(Listed(held.slug, entry.since, entry.ends_on, entry.version_label))
    return found


def _decided(session: Session, codes: Mapping[int | None, str]) -> dict[tuple[str, int], list[Decided]]:
    found: dict[tuple[str, int], list[Decided]] = defaultdict(list)
    for one in session.exec(select(Decision).order_by(col(Decision.since), col(Decision.id))):
        found[codes[one.territory_id], one.title_id].append(Decided(one.level, one.since, one.until))
    return found
