"""`flask people token`: a token for somebody who cannot make it in a browser, or for a demonstration."""

from collections.abc import Sequence
from datetime import datetime

import click
from flask import Flask
from sqlmodel import Session, select

from portal.access import system
from portal.account.commands import group, here
from portal.errors import DomainError, Refused
from portal.people.access import May
from portal.people.models import Person
from portal.signin import tokens
from portal.signin.loading import DEMONSTRATION
from portal.signin.models import Identity, Provider
from portal.signin.queries import usable
from portal.signin.tokens import Wish, make
from portal.text import Sentence, french
from portal.web.kit import Portal
from portal.web.language import day as in_words


@group.command("token")
@click.argument("login")
@click.option("--provider", default="", help="The ENT that knows LOGIN; needless when there is one, or in a demonstration.")
@click.option("--scope", multiple=True, default=(str(May.USE_ACCOUNT),), show_default=True, help="A permission; repeat it.")
@click.option("--days", default=tokens.USUAL, show_default=True, help="How long it lives.")
@click.option("--label", default="ligne de commande", show_default=True, help="What its owner will call it.")
def token(login: str, provider: str, scope: Sequence[str], days: int, label: str) -> None:
    """Make a token for whoever an ENT knows as LOGIN, and print its value once. It never opens more than its owner may."""
    portal, wish = here(), Wish(label, scope, days)
    try:
        value, until = portal.database.write(lambda session: _made(session, portal, provider, login, wish))
    except DomainError as refused:
        raise SystemExit(str(refused)) from refused
    click.echo(value)
    click.echo(french(f"Jeton « {label} » valable jusqu’au {in_words(until.date())}. Cette valeur ne sera plus montrée."), err=True)


def _made(session: Session, portal: Portal, provider: str, login: str, wish: Wish) -> tuple[str, datetime]:
    found = _provider(session, portal, provider)
    person = session.exec(
        select(Person).join(Identity).where(Identity.provider_id == found.key, Identity.subject == login)
    ).one_or_none()
    if person is None:
        raise Refused(
            [Sentence("« %(login)s » n’est jamais venu·e par « %(slug)s ». Vérifiez l’identifiant.", login=login, slug=found.slug)]
        )
    if person.linked_to_id is not None:
        person = session.get_one(Person, person.linked_to_id)
    made, value = make(session, portal.policy, system("command line"), person, wish, now=portal.clock.now())
    return value, made.expires_at


def _provider(session: Session, portal: Portal, slug: str) -> Provider:
    known = {one.slug: one for one in usable(session, portal.settings)}
    wanted = slug or (DEMONSTRATION if portal.settings.is_demonstration else "") or (next(iter(known)) if len(known) == 1 else "")
    if not wanted:
        raise Refused([Sentence("Quel ENT ? Nommez-le par --provider ; « flask people provider list » les donne.")])
    if wanted not in known:
        raise Refused([Sentence("Aucun ENT « %(slug)s ». Voyez « flask people provider list ».", slug=wanted)])
    return known[wanted]


def start(_app: Flask) -> None:
    """Importing this module adds the command to `flask people`, which is registered with the others."""
