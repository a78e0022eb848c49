"""`flask demo`: what moves, shows and starts a demonstration."""

from collections.abc import Iterator
from datetime import datetime
from typing import cast

import click
from flask import current_app
from flask.cli import AppGroup
from sqlmodel import Session, col, select

from portal.demo import ent, mailbox, running
from portal.settings import Environment
from portal.signin.loading import (
    COLLEGES,
    DEMONSTRATION,
    PATHS,
    WINDOW,
    declare_demonstration,
    declare_other_demonstrations,
)
from portal.territories.models import Territory
from portal.text import french
from portal.web.kit import Portal
from portal.web.language import day as in_words

group = AppGroup("demo", help="The demonstration: its data, its date, its processes.")
ZONE = "Europe/Paris"


def here() -> Portal:
    """The portal, refusing everywhere but in a demonstration."""
    portal = cast("Portal", current_app.extensions["logitheque"])
    if portal.settings.environment is not Environment.DEMONSTRATION:
        raise SystemExit(french("Cette commande n’existe que dans une démonstration (LOGITHEQUE_ENVIRONMENT=demonstration)."))
    return portal


@group.command("clock")
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]))
def clock(day: datetime) -> None:
    """Make DAY today, for all processes of the demonstration."""
    portal = here()
    with portal.database.read() as session:
        zone = session.exec(select(Territory.zone).order_by(col(Territory.id))).first() or ZONE
    portal.clock.move_to(day.date(), zone)
    click.echo(french(f"La démonstration est au {in_words(day.date())}."))


@group.command("mailbox")
@click.option("--smtp", type=int, required=True)
@click.option("--page", type=int, required=True)
@click.option("--portal", "address", required=True)
def mail(smtp: int, page: int, address: str) -> None:
    """Receive letters and show them."""
    here()
    mailbox.serve(smtp, page, address)


@group.command("ent")
@click.option("--port", type=int, required=True)
@click.option("--portal", "address", required=True)
def signing_in(port: int, address: str) -> None:
    """Let the demonstration's people sign in."""
    here()
    ent.serve(port, address)


@group.command("run")
@click.option("--port", type=int, default=8000, show_default=True)
def run(port: int) -> None:
    """Start the portal, its ENTs, its worker and its mailbox; Ctrl-C ends them."""
    portal = here()
    ports = running.Ports(port)
    if busy := running.taken(ports):
        raise SystemExit(
            french(f"Un autre programme occupe déjà : {', '.join(busy)}. Choisissez un autre port : make demo PORT=8100.")
        )
    portal.database.write(lambda session: _declare(session, f"http://127.0.0.1:{ports.ent}{PATHS[DEMONSTRATION]}"))
    click.echo(french("\n".join(_addresses(ports))))
    raise SystemExit(running.run(ports))


def _declare(session: Session, base_url: str) -> None:
    declare_demonstration(session, base_url)
    declare_other_demonstrations(session, base_url)


def _addresses(ports: running.Ports) -> Iterator[str]:
    """What to open: the portal, each provider's own page, the letters."""
    at_ent = f"http://127.0.0.1:{ports.ent}"
    yield f"Portail : http://127.0.0.1:{ports.portal}"
    yield f"ENT : {at_ent}{PATHS[DEMONSTRATION]}/login"
    yield f"ENT des collèges : {at_ent}{PATHS[COLLEGES]}/login"
    yield f"Guichet de l’État : {at_ent}{PATHS[WINDOW]}/login"
    yield f"Courrier : http://127.0.0.1:{ports.mail_page}"
    yield "Ctrl-C pour tout arrêter."
