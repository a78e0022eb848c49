"""Demonstration data, made by performing the moves that people will make: it cannot be impossible."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from functools import partial
from zoneinfo import ZoneInfo

import click
from flask import Flask
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from catalogue.lists import loading as lists
from catalogue.lists.loading import Change, Chapter, Seated
from catalogue.lists.models import Edition, EditionStatus, Entry, SoftwareList
from catalogue.packages import loading as packages
from catalogue.support import loading as decisions
from catalogue.titles.importing import load_catalogue
from catalogue.titles.models import Title
from portal.access import system
from portal.calendars import loading as calendars
from portal.clock import Clock
from portal.db import related
from portal.demo.commands import group, here
from portal.demo.people_loading import load_people
from portal.letters.models import Notice
from portal.moves import Desk, Moved
from portal.territories.loading import load_declarations, load_offers, load_programmes, load_schools, load_territories
from portal.territories.models import Territory
from portal.trail.trail import record
from portal.web.kit import Portal
from workflows import demo_requests
from workflows.editions.access import May
from workflows.editions.drafting import propose
from workflows.editions.table import EDITIONS, ENTRIES
from workflows.editions.turning import UP
from workflows.requests import steps

ACTOR = system("demonstration", May.PREPARE, May.VOTE)
HOUR = time(10, 30)  # of the place, on each day that the files name


@group.command("load")
def load() -> None:
    """Load the real data, then the demonstration's own; what is already there is left alone."""
    portal = here()
    load_everything(portal)
    click.echo("Données de démonstration chargées.")


def load_everything(portal: Portal) -> None:
    """Each part is a unit of work of its own: an interruption leaves whole parts, and the next run goes on."""
    at = portal.clock.now()
    write = portal.database.write
    for part in (load_territories, load_programmes, calendars.load_calendars):
        write(part)
    write(lambda session: load_catalogue(session, actor=ACTOR, at=at))
    write(lambda session: load_schools(session, actor=ACTOR, at=at))
    write(lambda session: load_offers(session, actor=ACTOR, at=at))
    write(load_declarations)
    write(_territories)
    write(lambda session: load_people(session, portal.policy, at=at))
    write(lambda session: packages.load_demonstration(session, actor=ACTOR, at=at))
    live(portal)
    write(lambda session: demo_requests.load(session, portal))


def live(portal: Portal) -> None:
    """The lists' years so far, an edition at a time, each on the days when it was drafted, voted and opened."""
    for chapter in lists.chapters():
        portal.database.write(partial(_tell, portal=portal, chapter=chapter))


def _territories(session: Session) -> None:
    for territory in session.exec(select(Territory).order_by(col(Territory.id))).all():
        calendars.load_demonstration(session, territory)
        decisions.load_demonstration(session, territory)
        lists.load_demonstration(session, territory)
        steps.load_demonstration(session, territory)


def _tell(session: Session, portal: Portal, chapter: Chapter) -> None:
    """Nothing that is stored is told again, nor what the day has not brought yet."""
    held = session.exec(
        select(SoftwareList)
        .join(Territory)
        .where(Territory.code == chapter.territory, SoftwareList.slug == chapter.list_slug)
        .options(joinedload(related(SoftwareList.territory)))
    ).one()
    life = Life(session, portal, held)
    if not life.edition(chapter) and chapter.told_on <= portal.clock.today(held.territory.zone):
        life.tell(chapter)


@dataclass
class Life:
    """One list's life, told as its committee and its territory live it."""

    session: Session
    portal: Portal
    held: SoftwareList
    titles: Mapping[str, int] = field(default_factory=dict)

    def tell(self, chapter: Chapter) -> None:
        draft = self._draft(chapter)
        if draft is None:
            return
        self.titles = {slug: key for slug, key in self.session.exec(select(Title.slug, Title.id)) if key is not None}
        for one in chapter.first:
            self._seat(draft, chapter.drafted_on, one)
        entries = {entry.title_id: entry for entry in self._entries(draft)}
        for change in chapter.changes:
            self._change(draft, change, entries)
        if chapter.voted_on:
            self._vote(draft, chapter.voted_on)
            if draft.starts_on <= self.portal.clock.today(self.held.territory.zone):
                self._desk(draft.starts_on).carry_out(self.session, EDITIONS, "open", draft, ACTOR, today=draft.starts_on)

    def edition(self, chapter: Chapter) -> Edition | None:
        """As it is stored, if it is."""
        return self.session.exec(
            self._editions().where(Edition.school_year == chapter.school_year, Edition.amendment == chapter.amendment)
        ).one_or_none()

    def _editions(self) -> SelectOfScalar[Edition]:
        return select(Edition).where(Edition.list_id == self.held.key).options(UP)

    def _draft(self, chapter: Chapter) -> Edition | None:
        """Prepared from the edition in force; none, when the list has gone another way than its files."""
        editions = self.session.exec(self._editions()).all()
        if chapter.first:
            return None if editions else self._first(chapter)
        current = next((one for one in editions if one.status is EditionStatus.CURRENT and chapter.follows(one)), None)
        if current is None:
            return None
        name, given = ("amend", {"starts_on": chapter.starts_on}) if chapter.amendment else ("renew", {})
        self._desk(chapter.drafted_on).carry_out(self.session, EDITIONS, name, current, ACTOR, reason=chapter.reason, **given)
        return self.edition(chapter)

    def _first(self, chapter: Chapter) -> Edition:
        edition = Edition(
            list_id=self.held.key, school_year=chapter.school_year, starts_on=chapter.starts_on, ends_on=chapter.ends_on
        )
        edition.software_list = self.held
        self.session.add(edition)
        self.session.flush()
        record(self.session, ACTOR, edition, "drafted", at=self._at(chapter.drafted_on))
        return edition

    def _seat(self, draft: Edition, day: date, one: Seated) -> None:
        entry = self._propose(draft, day, one)
        self._desk(day).carry_out(self.session, ENTRIES, "admit", entry, ACTOR)

    def _propose(self, draft: Edition, day: date, one: Seated) -> Entry:
        return propose(
            self.session, self._desk(day), draft, self.titles[one.slug], ACTOR,
            version_label=one.version, since=one.since, reason=one.reason,
        )  # fmt: skip

    def _entries(self, draft: Edition) -> list[Entry]:
        entries = list(self.session.exec(select(Entry).where(Entry.edition_id == draft.key)))
        for entry in entries:
            set_committed_value(entry, "edition", draft)
        return entries

    def _change(self, draft: Edition, change: Change, entries: dict[int, Entry]) -> None:
        key = self.titles[change.slug]
        if change.move == "propose":
            asked = Seated(change.slug, change.version, draft.starts_on, change.reason)
            entries[key] = self._propose(draft, change.on, asked)
            return
        self._desk(change.on).carry_out(
            self.session, ENTRIES, change.move, entries[key], ACTOR,
            reason=change.reason, today=change.on, version_label=change.version, ends_on=change.ends_on,
            replacement_id=self.titles.get(change.replacement),
        )  # fmt: skip

    def _vote(self, draft: Edition, day: date) -> None:
        """Of the letters that the votes wrote, those of amendments leave now; the others left in their time."""
        voted = self._desk(day).carry_out(self.session, EDITIONS, "vote", draft, ACTOR, today=day)
        if not draft.amendment:
            self._sent(voted)

    def _sent(self, voted: Moved[Edition]) -> None:
        for told in self.session.exec(select(Notice).where(Notice.at == voted.at)):
            told.post_at = None

    def _desk(self, day: date) -> Desk:
        """The portal's own, on that day."""
        return Desk(self.portal.desk.policy, Clock(None, partial(self._at, day)), self.portal.desk.listeners)

    def _at(self, day: date) -> datetime:
        return datetime.combine(day, HOUR, ZoneInfo(self.held.territory.zone)).astimezone(UTC)


def start(app: Flask) -> None:
    app.cli.add_command(group)
