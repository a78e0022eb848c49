"""`flask demo`: what moves, shows and starts a demonstration."""

from datetime import datetime
from typing import cast

import click
from flask import current_app
from flask.cli import AppGroup
from sqlmodel import col, select

from portal.demo import ent, mailbox, running
from portal.settings import Environment
from portal.signin.loading import declare_demonstration
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
    """Start the portal, its ENT, its worker and its mailbox; Ctrl-C ends them."""
    portal = here()
    ports = running.Ports(port)
    if busy := running.taken(ports):
        raise SystemExit(
            french(f"Un autre programme occupe déjà : {', '.join(busy)}. Choisissez un autre port : make demo PORT=8100.")
        )
    portal.database.write(lambda session: declare_demonstration(session, f"http://127.0.0.1:{ports.ent}/cas"))
    click.echo(
        french(
            f"Portail : http://127.0.0.1:{port}\nENT : http://127.0.0.1:{ports.ent}/cas/login\nCourrier : http://127.0.0.1:{ports.mail_page}\nCtrl-C pour tout arrêter."
        )
    )
    raise SystemExit(running.run(ports))
