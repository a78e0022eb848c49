"""Reading editions: as documents, in a number of queries that does not depend on their entries."""

from collections import defaultdict
from collections.abc import Mapping

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from catalogue.lists.document import LICENCE, Document, changes
from catalogue.lists.models import SEATED, Edition, EditionStatus, Entry, EntryStatus, Frozen, FrozenFormat, SoftwareList
from catalogue.titles.models import Category, Discipline, Title, TitleDiscipline
from portal.territories.models import Programme, Territory


def document_of(session: Session, edition: Edition) -> Document:
    """The edition as it is now. A voted one has its stored document: read that instead (`frozen`)."""
    held, territory = _list_of(session, edition)
    entries = _entries(session, edition)
    seated = [entry for status in SEATED for entry in entries[status]]
    seated.sort(key=lambda entry: entry[0])
    before = _before(session, edition)
    document: Document = {
        **identity(held, territory),
        "edition": edition.label,
        "school_year": edition.school_year,
        "amendment": edition.amendment,
        "status": edition.status.value,
        "starts_on": edition.starts_on.isoformat(),
        "ends_on": edition.ends_on.isoformat(),
        "voted_on": edition.voted_on.isoformat() if edition.voted_on else None,
        "used": len(seated),
        "programmes": programmes(session, held.audience_codes),
        "entries": [entry for _key, entry in seated],
        "licence": LICENCE,
        "demonstration": territory.is_demonstration,
    }
    withdrawn = [entry for _key, entry in entries[EntryStatus.WITHDRAWN]]
    document["changes"] = {
        "since": before["edition"] if before else None,
        **changes(before["entries"] if before else document["entries"], document["entries"], withdrawn),
    }
    if edition.status is EditionStatus.DRAFT:
        document["candidates"] = [entry for _key, entry in entries[EntryStatus.PROPOSED]]
        document["leaving"] = [entry for _key, entry in entries[EntryStatus.LEAVING]]
    return document


def frozen(session: Session, edition: Edition) -> Document:
    """What was voted, read from what is stored; what was voted before anything was stored is read as it is now."""
    stored = select(Frozen.body).where(Frozen.edition_id == edition.key, col(Frozen.format) == FrozenFormat.JSON)
    body = session.exec(stored).one_or_none()
    return orjson.loads(body) if body else document_of(session, edition)


def previous(session: Session, edition: Edition) -> Edition | None:
    """The version before: the last one voted of the same year, else of an earlier one."""
    return session.exec(
        select(Edition)
        .where(earlier_than(edition), col(Edition.status) != EditionStatus.DRAFT)
        .order_by(col(Edition.starts_on).desc(), col(Edition.amendment).desc())
        .limit(1)
    ).first()


def earlier_than(edition: Edition) -> sa.ColumnElement[bool]:
    """Versions of the same list that this one follows: its year's earlier amendments, and earlier years."""
    return sa.and_(
        col(Edition.list_id) == edition.list_id,
        sa.or_(
            col(Edition.starts_on) < edition.starts_on,
            sa.and_(col(Edition.school_year) == edition.school_year, col(Edition.amendment) < edition.amendment),
        ),
    )


def programmes(session: Session, codes: list[str]) -> list[dict[str, str]]:
    """Names for the codes of an audience, in their order; a code nobody knows yet keeps its own."""
    names = dict(session.exec(select(Programme.code, Programme.name).where(col(Programme.code).in_(codes))).all())
    return [{"code": code, "name": names.get(code, code)} for code in codes]


def identity(held: SoftwareList, territory: Territory) -> Document:
    return {
        "slug": held.slug,
        "name": held.name,
        "short_name": held.short_name,
        "territory": {"code": territory.code, "name": territory.name},
        "capacity": held.capacity,
        "audience": held.audience,
    }


def _list_of(session: Session, edition: Edition) -> tuple[SoftwareList, Territory]:
    found = select(SoftwareList, Territory).join(Territory).where(SoftwareList.id == edition.list_id)
    held, territory = session.exec(found).one()
    return held, territory


def _before(session: Session, edition: Edition) -> Document | None:
    found = previous(session, edition)
    return frozen(session, found) if found else None


def _entries(session: Session, edition: Edition) -> Mapping[EntryStatus, list[tuple[str, Document]]]:
    """By status, each with the key by which names are sorted."""
    other = aliased(Title)
    rows = session.execute(
        sa.select(Entry, Title, col(Category.name), col(other.slug), col(other.name))
        .join(Title, col(Entry.title_id) == col(Title.id))
        .join(Category, col(Title.category_id) == col(Category.id))
        .outerjoin(other, col(Entry.replacement_id) == col(other.id))
        .where(col(Entry.edition_id) == edition.key)
        .order_by(col(Title.sort_key), col(Title.id))
    ).all()
    subjects = _disciplines(session, edition)
    found: dict[EntryStatus, list[tuple[str, Document]]] = defaultdict(list)
    for entry, title, category, slug, name in rows:
        document = {
            "slug": title.slug,
            "name": title.name,
            "publisher": title.publisher,
            "disciplines": subjects.get(title.key, []),
            "category": category,
            "version": entry.version_label,
            "since": entry.since.isoformat(),
            "reason": entry.reason,
            "ends_on": entry.ends_on.isoformat() if entry.ends_on else None,
            "exit_reason": entry.exit_reason,
            "replacement": {"slug": slug, "name": name} if slug else None,
        }
        found[entry.status].append((f"{title.sort_key} {title.key:09}", document))
    return found


def _disciplines(session: Session, edition: Edition) -> Mapping[int, list[str]]:
    rows = session.exec(
        select(TitleDiscipline.title_id, Discipline.name)
        .join(Discipline, col(TitleDiscipline.discipline_id) == col(Discipline.id))
        .join(Entry, col(Entry.title_id) == col(TitleDiscipline.title_id))
        .where(Entry.edition_id == edition.key)
        .order_by(col(Discipline.slug))
    ).all()
    found: dict[int, list[str]] = defaultdict(list)
    for title_id, name in rows:
        found[title_id].append(name)
    return found


def count_by_territory(session: Session) -> Mapping[int, int]:
    """How many lists each territory has, by its id; one that has none is left out."""
    counted = sa.select(col(SoftwareList.territory_id), sa.func.count()).group_by(col(SoftwareList.territory_id))
    return {row[0]: row[1] for row in session.execute(counted)}
