"""What a title's sheet shows beyond its row, as plain values: the sheet then costs no query either."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlmodel import Session, col, select

from catalogue.lists.models import SEATED, Edition, EditionStatus, Entry, SoftwareList
from catalogue.search.documents import Record
from catalogue.search.prose import prose
from catalogue.support.models import Decision
from catalogue.titles.models import Alternative, Fact, Installer, ReleaseCycle, Title
from portal.territories.models import Territory
from portal.trail.models import Event

HISTORY_SHOWN = 30
Key = TypeVar("Key")
Details = Mapping[Key, list[dict[str, Any]]]


class Sheets:
    """Read once for all titles, a fixed number of queries; `of` then costs none."""

    def __init__(self, session: Session) -> None:
        names = {id_: (slug, name) for id_, slug, name in session.exec(select(Title.id, Title.slug, Title.name))}
        self._names: Mapping[int | None, tuple[str, str]] = names
        self._installers = _by_title(
            session,
            Installer,
            (
                "version_label",
                "architecture",
                "type",
                "silent_switch",
                "silent_origin",
                "sha256",
                "host",
                "min_os",
                "snapshot",
                "current",
            ),
        )
        self._facts = _by_title(session, Fact, ("field", "source", "reason", "confidence", "at", "by"))
        self._decisions = self._with_territory(session)
        self._entries = self._all_entries(session)
        self._corrections = self._alternatives(session)
        self._cycles = _cycles(session)
        self._history = _history(session)

    def of(self, title: Record, aliases: Sequence[str]) -> dict[str, Any]:
        key = title.id
        return {
            "aliases": list(aliases),
            "homepage": title.homepage,
            "identifiers": title.identifiers,
            "source": title.source,
            "source_date": title.source_date,
            "withdrawn": title.withdrawn_from_sources,
            "cycles": self._cycles.get(title.eol_product, []),
            "installers": self._installers.get(key, []),
            "facts": self._facts.get(key, []),
            "decisions": [prose(one) for one in self._decisions.get(key, ())],
            "entries": [prose(one) for one in self._entries.get(key, ())],
            "alternatives": [prose(one) for one in self._corrections.get(key, ())],
            "history": [prose(one) for one in self._history.get(key, ())],
        }

    def _with_territory(self, session: Session) -> Details[int]:
        found: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for one, code in session.exec(
            select(Decision, Territory.code).join(Territory).order_by(col(Decision.since).desc(), col(Decision.id).desc())
        ):
            found[one.title_id].append(
                {
                    "territory": code,
                    **_values(
                        one,
                        (
                            "level",
                            "since",
                            "until",
                            "signed_by",
                            "reason",
                            "what_would_change",
                            "trial_possible",
                            "ask_again",
                            "paid_by",
                        ),
                    ),
                }
            )
        return found

    def _all_entries(self, session: Session) -> Details[int]:
        found: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for entry, edition, held, code in session.exec(
            select(Entry, Edition, SoftwareList, Territory.code)
            .join(Edition, col(Entry.edition_id) == col(Edition.id))
            .join(SoftwareList, col(Edition.list_id) == col(SoftwareList.id))
            .join(Territory, col(SoftwareList.territory_id) == col(Territory.id))
            .where(col(Entry.status).in_(SEATED), Edition.status != EditionStatus.DRAFT)
            .order_by(col(Edition.starts_on).desc(), col(SoftwareList.rank), col(Edition.amendment).desc(), col(Entry.id))
        ):
            slug, name = self._names.get(entry.replacement_id, ("", ""))
            found[entry.title_id].append(
                {
                    "territory": code,
                    "list": held.slug,
                    "list_name": held.name,
                    "audience": held.audience,
                    "edition": edition.school_year,
                    "amendment": edition.amendment,
                    "from": _iso(edition.starts_on),
                    "to": _iso(edition.ends_on),
                    "replacement": slug,
                    "replacement_name": name,
                    **_values(entry, ("since", "version_label", "reason", "ends_on", "exit_reason")),
                }
            )
        return found

    def _alternatives(self, session: Session) -> Details[int]:
        found: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for one in session.exec(select(Alternative).order_by(col(Alternative.id))):
            found[one.title_id].append({"slug": self._names[one.other_id][0], "shown": one.shown, "reason": one.reason})
        return found


def _cycles(session: Session) -> Details[str]:
    newest = (col(ReleaseCycle.released_on).desc().nulls_last(), col(ReleaseCycle.id))
    return _grouped(session, ReleaseCycle, "product", ("cycle", "ends_on", "ended", "latest", "long_term"), order=newest)


def _history(session: Session) -> Details[int]:
    """What happened to each title, newest first; ids and functions only, as the trail holds them."""
    names = ("at", "move", "function", "reason", "details")
    found = _grouped(session, Event, "subject_id", names, Event.subject_kind == Title.__tablename__, order=(col(Event.id).desc(),))
    return {title_id: events[:HISTORY_SHOWN] for title_id, events in found.items()}


def _by_title(session: Session, model: Any, names: tuple[str, ...]) -> Details[int]:
    return _grouped(session, model, "title_id", names, order=(model.id,))


def _grouped(session: Session, model: Any, by: str, names: tuple[str, ...], *where: Any, order: tuple[Any, ...]) -> Details[Any]:
    """Plain values by what they belong to. Columns rather than objects: ten thousand objects would cost a third of a build."""
    found: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    columns = [getattr(model, name) for name in (by, *names)]
    for owner, *values in session.execute(sa.select(*columns).where(*where).order_by(*order)):
        found[owner].append(dict(zip(names, map(_iso, values), strict=True)))
    return found


def _values(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: _iso(getattr(row, name)) for name in names}


def _iso(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
