"""`flask people retention` and `flask people forget`: accounts that are closed, and no longer say whose they were."""

import click
from flask import Flask, current_app
from sqlmodel import select

from portal.access import Actor, system
from portal.account.commands import group, here
from portal.people.models import Person
from portal.signin.forgetting import KEPT_FOR, forget, forget_unseen, unseen
from portal.signin.models import Identity, Provider
from portal.text import french


@group.command("retention")
@click.option("--dry-run", is_flag=True, help="Say how many, and close none.")
def retention(*, dry_run: bool) -> None:
    """Close accounts unseen for a year, and rewrite what says whose they were. To be run each night."""
    portal, now = here(), here().clock.now()
    if dry_run:
        with portal.database.read() as session:
            found = len(unseen(session, now))
        click.echo(french(f"Comptes à fermer, sans connexion depuis {KEPT_FOR.days} jours : {found}."))
        return
    closed, failed = forget_unseen(portal.database, portal.policy, _operator("retention"), now, also=portal.about_people)
    click.echo(french(f"Comptes fermés, sans connexion depuis {KEPT_FOR.days} jours : {closed}."))
    if failed:
        raise SystemExit(french(f"Comptes qui n’ont pas pu l’être : {failed}. Le journal dit pourquoi ; recommencez."))


@group.command("forget")
@click.argument("provider")
@click.argument("subject")
@click.confirmation_option(prompt=french("Fermer ce compte et tout oublier de la personne ?"))
def forget_one(*, provider: str, subject: str) -> None:
    """Close at once the account that PROVIDER knows as SUBJECT: the person asked to be erased."""
    portal, now = here(), here().clock.now()
    with portal.database.read() as session:
        person = session.exec(
            select(Person).join(Identity).join(Provider).where(Provider.slug == provider, Identity.subject == subject)
        ).one_or_none()
    if person is None:
        raise SystemExit(
            french(f"Aucun compte « {subject} » à « {provider} ». L’identifiant se lit sur la page « Mon compte » de la personne.")
        )
    portal.database.write(
        lambda writing: forget(writing, portal.policy, _operator("erasure"), person.key, now=now, also=portal.about_people)
    )
    click.echo(french("Compte fermé : son nom, son adresse et ses identifiants sont effacés."))


def _operator(what: str) -> Actor:
    return system(what, *current_app.extensions["logitheque"].policy.rules)


def start(_app: Flask) -> None:
    """Importing this module adds its commands to `flask people`, which is registered with the others."""
