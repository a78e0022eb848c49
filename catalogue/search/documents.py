"""What the index holds of each title: read from the database in a fixed number of queries, whatever the size."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
import sqlalchemy as sa
from sqlmodel import Session, col, select

from catalogue.lists.models import SEATED, Edition, EditionStatus, Entry, SoftwareList
from catalogue.search.analysis import text_stems, words
from catalogue.support.models import Decision
from catalogue.support.rules import Decided, Listed
from catalogue.titles.models import Alias, Category, Discipline, Level, Need, Title, TitleDiscipline, TitleLevel, TitleNeed
from portal.territories.models import Territory


class Record(NamedTuple):
    """A title's own columns, plain: a hundred thousand mapped objects would cost more than the index itself."""

    id: int
    slug: str
    name: str
    publisher: str
    purpose: str
    licence: str
    licence_type: str
    homepage: str
    platforms: list[str]
    identifiers: dict[str, str]
    latest_version: str
    usage: int
    eol_product: str
    confidence: str
    source: str
    source_date: date | None
    withdrawn_from_sources: bool
    changed_at: datetime
    category_id: int


class Named(NamedTuple):
    """A discipline, a level, a need or a category, with the words by which it is found."""

    slug: str
    name: str
    rank: int
    acronyms: frozenset[str]
    stems: frozenset[str]
    words: frozenset[str]


Links = Mapping[int, list[Named]]


@dataclass(frozen=True)
class Source:
    """All that documents are made of, keyed by title id."""

    day: Mapping[str, date]
    territories: tuple[Territory, ...]
    categories: Mapping[int, Named]
    lists: Mapping[int, SoftwareList]
    disciplines: Links
    levels: Links
    needs: Links
    aliases: Mapping[int, list[str]]
    listed: Mapping[tuple[str, int], list[Listed]]
    decided: Mapping[tuple[str, int], list[Decided]]


def gather(session: Session, days: Mapping[str, date]) -> Source:
    """`days`: the day it is in each territory, by code."""
    territories = tuple(session.exec(select(Territory).order_by(col(Territory.id))).all())
    lists = {one.key: one for one in session.exec(select(SoftwareList).order_by(col(SoftwareList.rank), col(SoftwareList.id)))}
    codes = {territory.id: territory.code for territory in territories}
    return Source(
        day=days,
        territories=territories,
        categories={one.key: named(one.slug, one.name, acronyms=one.acronyms) for one in session.exec(select(Category))},
        lists=lists,
        disciplines=_disciplines(session),
        levels=_levels(session),
        needs=_needs(session),
        aliases=_aliases(session),
        listed=_listed(session, days, codes, lists),
        decided=_decided(session, codes),
    )


def titles(session: Session) -> Iterator[Record]:
    """Every title by name: the order in which equal answers are given."""
    plain: dict[str, Any] = {
        "platforms": sa.cast(col(Title.platforms), sa.Text),
        "identifiers": sa.cast(col(Title.identifiers), sa.Text),
    }
    plain |= {name: sa.type_coerce(getattr(Title, name), sa.String) for name in ("licence_type", "confidence")}
    columns = [plain.get(name, getattr(Title, name)) for name in Record._fields]
    query = sa.select(*columns).order_by(col(Title.sort_key), col(Title.id)).execution_options(yield_per=2000)
    platforms, identifiers = Record._fields.index("platforms"), Record._fields.index("identifiers")
    for row in session.connection().execute(query):
        values = list(row)
        values[platforms], values[identifiers] = _unpacked(row[platforms]), _unpacked(row[identifiers])
        yield Record._make(values)


@lru_cache(maxsize=65536)
def _unpacked(stored: str) -> Any:
    """Few lists of systems are ever written: the values are shared, and only read."""
    return orjson.loads(stored)


def named(slug: str, name: str, *, rank: int = 0, acronyms: str = "") -> Named:
    known = frozenset(words(name))
    return Named(slug, name, rank, frozenset(words(acronyms)), frozenset(text_stems(name)), known)


def _disciplines(session: Session) -> Links:
    things = {one.key: named(one.slug, one.name, acronyms=one.acronyms) for one in session.exec(select(Discipline))}
    return _links(session, TitleDiscipline.title_id, TitleDiscipline.discipline_id, things)


def _levels(session: Session) -> Links:
    things = {one.key: named(one.code, one.name, rank=one.rank) for one in session.exec(select(Level))}
    return _links(session, TitleLevel.title_id, TitleLevel.level_id, things)


def _needs(session: Session) -> Links:
    things = {one.key: named(one.slug, one.name) for one in session.exec(select(Need))}
    return _links(session, TitleNeed.title_id, TitleNeed.need_id, things)


def _links(session: Session, title: Any, other: Any, things: Mapping[int, Named]) -> Links:
    found: dict[int, list[Named]] = defaultdict(list)
    for title_id, key in session.connection().execute(sa.select(title, other).order_by(title, other)):
        found[title_id].append(things[key])
    return found


def _aliases(session: Session) -> Mapping[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for title_id, name in session.exec(select(Alias.title_id, Alias.name).order_by(col(Alias.id))):
        found[title_id].append(name)
    return found


def _listed(
    session: Session, days: Mapping[str, date], codes: Mapping[int | None, str], lists: Mapping[int, SoftwareList]
) -> dict[tuple[str, int], list[Listed]]:
    """Entries that hold a seat of the latest amendment of each list whose edition is in force today."""
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
        select(Entry).where(col(Entry.edition_id).in_(of), col(Entry.status).in_(SEATED)).order_by(col(Entry.id))
    ):
        held = of[entry.edition_id]
        found[codes[held.territory_id], entry.title_id].append(Listed(held.slug, entry.since, entry.ends_on, entry.version_label))
    return found


def _decided(session: Session, codes: Mapping[int | None, str]) -> dict[tuple[str, int], list[Decided]]:
    found: dict[tuple[str, int], list[Decided]] = defaultdict(list)
    for one in session.exec(select(Decision).order_by(col(Decision.since), col(Decision.id))):
        found[codes[one.territory_id], one.title_id].append(Decided(one.level, one.since, one.until))
    return found
