"""`flask people`: identity providers, and who may do what, from the command line."""

import tomllib
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from sqlmodel import select

from portal.access import system
from portal.errors import DomainError
from portal.people.loading import ROLES, BadRoles, load_roles
from portal.people.models import Accreditation
from portal.signin.expecting import Asked, grant_from_outside
from portal.signin.loading import declare
from portal.signin.models import Protocol, Provider, TokenAuth, Validation
from portal.signin.queries import may_demonstrate
from portal.signin.refusals import SignInRefused
from portal.signin.rules import faults
from portal.signin.secrets import client_secret
from portal.text import french
from portal.web.kit import Portal
from portal.web.language import day as in_words

group = AppGroup("people", help="People, the ENTs they come from, and what they may do.")
provider_group = AppGroup("provider", help="Identity providers: the ENTs.")
group.add_command(provider_group)


def here() -> Portal:
    return cast("Portal", current_app.extensions["logitheque"])


@provider_group.command("add")
@click.argument("slug")
@click.option("--label", required=True, help="As people call it.")
@click.option("--protocol", type=click.Choice([str(one) for one in Protocol]), required=True)
@click.option("--base-url", required=True, help="CAS: the address before /login. OpenID: the issuer, to the letter.")
@click.option("--serves", multiple=True, help="territory:CODE, academy:NAME, school:UAI or *; repeat it.")
@click.option("--contact", default="", help="Whom to ask when it does not work.")
@click.option("--validation", type=click.Choice([str(one) for one in Validation]), default=str(Validation.P3), show_default=True)
@click.option("--exact-service", is_flag=True, help="CAS: it registers one exact address, without our state in it.")
@click.option("--client-id", default="")
@click.option("--secret-env", default="", help="The environment variable that holds the client's secret.")
@click.option("--token-auth", type=click.Choice([str(one) for one in TokenAuth]), default=str(TokenAuth.BASIC), show_default=True)
@click.option("--scopes", default="openid profile email", show_default=True)
@click.option("--no-pkce", is_flag=True)
@click.option("--subject-attribute", default="", help="Instead of cas:user or sub.")
@click.option("--attribute", multiple=True, help="FIELD=NAME,NAME: what this ENT calls what we read; repeat it.")
@click.option("--academy", default="", help="Of join keys sent without one.")
@click.option("--gives-join-key", is_flag=True, help="It is declared to send the person's AAF key.")
@click.option("--adults-only", is_flag=True, help="Pupils and parents have no account there.")
@click.option("--names-heads", is_flag=True, help="The State's window: it says who is head of which school.")
@click.option("--proves-fresh", is_flag=True, help="It can ask the password again and prove it.")
@click.option("--keeps-its-session", is_flag=True, help="Signing out here does not sign out there.")
def add(
    *, exact_service: bool, no_pkce: bool, keeps_its_session: bool, attribute: Sequence[str], serves: Sequence[str], **traits: Any
) -> None:
    """Declare the provider SLUG, or correct it. The secret stays in the environment."""
    wanted = Provider.model_validate(
        {
            **traits,
            "serves": list(serves),
            "attributes": dict(_mapped(attribute)),
            "state_in_service": not exact_service,
            "pkce": not no_pkce,
            "ends_its_session": not keeps_its_session,
        }
    )
    portal = here()
    if found := faults(wanted, client_secret(wanted), may_demonstrate=may_demonstrate(portal.settings)):
        raise SystemExit("\n".join(found))
    slug, is_new = wanted.slug, portal.database.write(lambda session: declare(session, wanted))
    click.echo(
        french(
            f"ENT « {slug} » {'ajouté' if is_new else 'corrigé'}. Adresse à lui donner : {portal.settings.public_url}/connexion/{slug}/retour/"
        )
    )


@provider_group.command("list")
def show() -> None:
    """Providers, and what is wrong with each."""
    portal = here()
    with portal.database.read() as session:
        for one in session.exec(select(Provider).order_by(Provider.slug)):
            state = "ouvert" if one.enabled else "fermé"
            click.echo(french(f"{one.slug} : {one.label} ({one.protocol}, {state}), {one.base_url}"))
            for fault in faults(one, client_secret(one), may_demonstrate=may_demonstrate(portal.settings)):
                click.echo(f"  {fault}", err=True)


@provider_group.command("close")
@click.argument("slug")
def close(slug: str) -> None:
    """Let nobody in by SLUG any more; accounts stay."""
    _switch(slug, enabled=False)


@provider_group.command("open")
@click.argument("slug")
def reopen(slug: str) -> None:
    """Let people in by SLUG again."""
    _switch(slug, enabled=True)


@group.command("roles")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False), default=ROLES)
def roles(file: Path) -> None:
    """Create or correct roles from a TOML file; without one, those that come with the portal."""
    portal = here()
    try:
        counts = portal.database.write(lambda session: load_roles(session, portal.policy.rules, file))
    except (BadRoles, tomllib.TOMLDecodeError, KeyError, ValueError) as bad:
        raise SystemExit(french(f"Ce fichier de fonctions ne convient pas : {bad} Corrigez-le, puis recommencez.")) from bad
    click.echo(french(f"Fonctions : {counts['roles']}."))


@group.command("grant")
@click.argument("provider")
@click.argument("subject")
@click.argument("role")
@click.argument("scope", default="*")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Last day; 31 August by default.")
@click.option("--letter", default="", help="Reference of the lettre de mission.")
@click.option("--reason", default="", help="Why, in a sentence.")
def grant_role(*, provider: str, subject: str, role: str, scope: str, until: datetime | None, letter: str, reason: str) -> None:
    """Grant ROLE over SCOPE (school:UAI, territory:CODE or *) to whoever PROVIDER knows as SUBJECT: the first administrator, a head.

    The person need not have come yet.
    """
    portal = here()
    operator = system("command line", *portal.policy.rules)
    asked = Asked(provider, subject, role, scope, until.date() if until else None, letter, reason)
    try:
        said = portal.database.write(
            lambda session: _granted(grant_from_outside(session, portal.policy, operator, asked, portal.clock.now()))
        )
    except DomainError as refused:
        raise SystemExit(str(refused)) from refused
    except SignInRefused as refused:
        raise SystemExit(
            french(
                f"« {subject} » ne désigne personne. Donnez l’identifiant que l’ENT envoie : ni code d’établissement, ni adresse."
            )
        ) from refused
    click.echo(said)


def _granted(one: Accreditation) -> str:
    return french(f"« {one.called} » accordé ({one.scope}), jusqu’au {in_words(one.until)}.")


def _switch(slug: str, *, enabled: bool) -> None:
    def work(session: Any) -> bool:
        one = session.exec(select(Provider).where(Provider.slug == slug)).one_or_none()
        if one is not None:
            if enabled and (found := faults(one, client_secret(one), may_demonstrate=may_demonstrate(here().settings))):
                raise SystemExit("\n".join(found))
            one.enabled = enabled
        return one is not None

    if not here().database.write(work):
        raise SystemExit(french(f"Aucun ENT « {slug} ». Voyez « flask people provider list »."))
    click.echo(french(f"ENT « {slug} » {'ouvert' if enabled else 'fermé'}."))


def _mapped(said: Iterable[str]) -> Iterable[tuple[str, list[str]]]:
    for one in said:
        field, equals, names = one.partition("=")
        if not equals or not names.strip():
            raise SystemExit(french(f"« {one} » ne se lit pas. Écrivez CHAMP=NOM,NOM, par exemple profiles=ENTPersonProfils."))
        yield field.strip(), [name.strip() for name in names.split(",") if name.strip()]


def start(app: Flask) -> None:
    app.cli.add_command(group)
