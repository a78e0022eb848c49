"""Demonstration data, made by performing the moves that people will make: it cannot be impossible."""

from datetime import date

import click
from flask import Flask
from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select

from catalogue.lists import loading as lists
from catalogue.lists.models import Edition, Entry, EntryStatus, SoftwareList
from catalogue.support import loading as decisions
from catalogue.titles.importing import load_catalogue
from portal.access import system
from portal.calendars import loading as calendars
from portal.db import related
from portal.demo.commands import group, here
from portal.territories.loading import load_declarations, load_offers, load_programmes, load_schools, load_territories
from portal.territories.models import Territory
from portal.web.kit import Portal
from workflows.editions.access import May
from workflows.editions.table import EDITIONS, ENTRIES

ACTOR = system("demonstration", May.PREPARE, May.VOTE)


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
    write(lambda session: _territories(session, portal))


def _territories(session: Session, portal: Portal) -> None:
    for territory in session.exec(select(Territory).order_by(col(Territory.id))).all():
        calendars.load_demonstration(session, territory)
        decisions.load_demonstration(session, territory)
        today = portal.clock.today(territory.zone)
        for edition in lists.load_demonstration(session, territory):
            _live(session, portal, edition.key, today)


def _live(session: Session, portal: Portal, edition_id: int, today: date) -> None:
    """Admit, vote and open an edition, as its committee and its region would."""
    up = joinedload(related(Edition.software_list)).joinedload(related(SoftwareList.territory))
    edition = session.exec(select(Edition).where(Edition.id == edition_id).options(up)).one()
    proposed = select(Entry).where(Entry.edition_id == edition_id, Entry.status == EntryStatus.PROPOSED).order_by(col(Entry.id))
    for entry in session.exec(proposed).all():
        entry.edition = edition
        portal.desk.carry_out(session, ENTRIES, "admit", entry, ACTOR)
    portal.desk.carry_out(session, EDITIONS, "vote", edition, ACTOR, today=today)
    if edition.starts_on <= today:
        portal.desk.carry_out(session, EDITIONS, "open", edition, ACTOR, today=today)


def start(app: Flask) -> None:
    app.cli.add_command(group)
