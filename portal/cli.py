"""Commands of an operator: database, letters, settings, health, and the worker."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext
from sqlmodel import select

from portal.db import schema
from portal.imports import report
from portal.letters.gathering import gather, waiting_for_letters
from portal.letters.post import GIVEN_UP_AFTER, given_up_count, send_waiting, waiting_count
from portal.moves.printing import as_markdown
from portal.settings import Environment, Settings
from portal.signin.queries import troubles as sign_in_troubles
from portal.signin.rules import is_loopback
from portal.territories.loading import load_territories
from portal.territories.models import Territory
from portal.web.dressing import dresser
from portal.web.kit import Portal
from portal.web.printing import as_markdown as access_as_markdown
from portal.web.rates import troubles as rate_troubles

log = logging.getLogger("logitheque.worker")
territory_group = AppGroup("territory", help="Regions and departments.")
db_group = AppGroup("db", help="The shape of the database.")
mail_group = AppGroup("mail", help="Letters.")
ROUND = 1.0


def here() -> Portal:
    return cast("Portal", current_app.extensions["logitheque"])


@territory_group.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def import_territories(file: Path) -> None:
    """Create or correct territories from a TOML file (see portal/data/territories/territories.toml)."""
    click.echo(report(here().database.write(lambda session: load_territories(session, file))))


@db_group.command("upgrade")
def upgrade() -> None:
    """Bring the database to the shape this version expects."""
    schema.upgrade(here().database.engine)
    click.echo("Base de données à jour.")


@db_group.command("downgrade")
def downgrade() -> None:
    """Undo the last migration."""
    schema.downgrade(here().database.engine)
    click.echo("Dernière migration annulée.")


@mail_group.command("send")
def send() -> None:
    """Write the letters that are due, and send those that wait."""
    gather(here().database, here().clock, dresser(current_app, here().settings))
    click.echo(f"Lettres parties : {send_waiting(here().database, here().settings, here().clock)}.")


@click.command("worker")
@with_appcontext
def worker() -> None:
    """Write and send letters as they come, and do what falls due on its day, until interrupted."""
    while True:
        go_round(current_app.extensions["rounds"])
        time.sleep(ROUND)


def go_round(rounds: Iterable[Callable[[], object]]) -> None:
    """Each in turn, whatever becomes of the others."""
    for work in rounds:
        try:
            work()
        except Exception:
            log.exception("the worker met an error and goes on")


@click.command("workflows")
@with_appcontext
def workflows() -> None:
    """Print the procedures as docs/workflows.md holds them."""
    click.echo(as_markdown(current_app.extensions["procedures"]), nl=False)


@click.command("access")
@with_appcontext
def access() -> None:
    """Print who may do what as docs/access.md holds it."""
    click.echo(access_as_markdown(current_app, here().policy), nl=False)


@click.command("settings")
@with_appcontext
def settings() -> None:
    """Show the settings in force, secrets masked."""
    for name, value in here().settings.shown().items():
        click.echo(f"{name}={value}")


@click.command("doctor")
@with_appcontext
def doctor() -> None:
    """Say what is wrong with this installation; exit 1 when something is."""
    portal = here()
    troubles = []
    if not schema.is_current(portal.database.engine):
        troubles.append("La base n’est pas à jour : lancez « flask db upgrade ».")
    else:
        with portal.database.read() as session:
            if session.exec(select(Territory.id)).first() is None:
                troubles.append("Aucun territoire : lancez « flask territory import FICHIER ».")
            troubles += sign_in_troubles(session, portal.settings)
            click.echo(f"Lettres en attente : {waiting_count(session)}.")
            click.echo(f"Nouvelles à mettre en lettres : {waiting_for_letters(session)}.")
            if lost := given_up_count(session, portal.clock.now() - GIVEN_UP_AFTER):
                troubles.append(f"Lettres auxquelles le portail a renoncé ces derniers jours : {lost}. La trace dit lesquelles.")
    troubles += [*_setting_troubles(portal.settings), *rate_troubles(portal.settings)]
    for trouble in troubles:
        click.echo(trouble, err=True)
    if troubles:
        raise SystemExit(1)
    click.echo("Tout va bien.")


def _setting_troubles(settings: Settings) -> Iterator[str]:
    """Over http the session's cookie goes in clear: only a machine that speaks to itself may."""
    in_production = settings.environment is Environment.PRODUCTION
    host = urlsplit(settings.public_url).hostname or ""
    if not settings.public_url.startswith("https://") and (in_production or not is_loopback(host)):
        yield "L’adresse publique n’est pas en https : réglez LOGITHEQUE_PUBLIC_URL."
    if in_production and not settings.contact:
        yield "Aucune adresse de contact : réglez LOGITHEQUE_CONTACT."


def start(app: Flask) -> None:
    for command in (territory_group, db_group, mail_group, worker, workflows, access, settings, doctor):
        app.cli.add_command(command)
