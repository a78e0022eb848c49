"""Commands of the catalogue: import files, correct a sheet, keep the index."""

from pathlib import Path
from typing import cast

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from catalogue.packages.packages_file import PACKAGES
from catalogue.search.building import Builder
from catalogue.titles import importing
from catalogue.titles.access import May
from catalogue.titles.editing import EDITABLE, correct_alternative, edit
from portal.access import system
from portal.errors import DomainError
from portal.imports import load, report
from portal.web.kit import Portal

KINDS = {**importing.KINDS, PACKAGES.kind: PACKAGES}  # packages stand on titles
catalogue_group = AppGroup("catalogue", help="The titles.")
index_group = AppGroup("index", help="The search index of this host.")


def here() -> Portal:
    return cast("Portal", current_app.extensions["logitheque"])


def builder() -> Builder:
    return cast("Builder", current_app.extensions["builder"])


@catalogue_group.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--kind", type=click.Choice(list(KINDS)), help="What the file holds; recognised by its columns otherwise.")
@click.option("--dry-run", is_flag=True, help="Show what would change, change nothing.")
def import_file(file: Path, kind: str | None, *, dry_run: bool) -> None:
    """Take in a CSV file: all of it, or nothing."""
    portal = here()
    try:
        importer = KINDS[kind] if kind else importing.recognise(file, KINDS)
        plan = portal.database.write(
            lambda session: load(session, importer, file, actor=system("import"), at=portal.clock.now(), dry_run=dry_run)
        )
    except DomainError as refusal:
        raise SystemExit("\n".join(refusal.reasons)) from None
    click.echo(report(plan))


@catalogue_group.command("edit")
@click.argument("slug")
@click.argument("field", type=click.Choice(sorted(EDITABLE)))
@click.argument("value")
@click.option("--source", required=True, help="Where the value comes from.")
@click.option("--reason", required=True, help="Why it changes: shown in the history of the sheet.")
def edit_title(slug: str, field: str, value: str, source: str, reason: str) -> None:
    """Correct one field of a title; later imports will keep the correction."""
    portal = here()
    actor = system("command-line", May.EDIT)
    try:
        portal.database.write(
            lambda session: edit(
                session, portal.policy, actor, slug, field=field, value=value, source=source, reason=reason, at=portal.clock.now()
            )
        )
    except DomainError as refusal:
        raise SystemExit("\n".join(refusal.reasons)) from None
    click.echo("Fiche corrigée.")


@catalogue_group.command("alternative")
@click.argument("slug")
@click.argument("other")
@click.option("--show/--hide", "shown", default=True, help="Add it, or take off one computed wrongly.")
@click.option("--reason", required=True, help="Shown on the sheet.")
def alternative(slug: str, other: str, *, shown: bool, reason: str) -> None:
    """Correct the alternatives of a title."""
    portal = here()
    actor = system("command-line", May.EDIT)
    try:
        portal.database.write(
            lambda session: correct_alternative(
                session, portal.policy, actor, slug, other, shown=shown, reason=reason, at=portal.clock.now()
            )
        )
    except DomainError as refusal:
        raise SystemExit("\n".join(refusal.reasons)) from None
    click.echo("Équivalents corrigés.")


@index_group.command("build")
def build() -> None:
    """Build the index if it is not the newest and nobody on this host keeps it."""
    with builder().alone(wait=False) as free:
        if not free:
            click.echo("Un autre processus tient déjà l’index à jour sur cette machine.")
        else:
            click.echo("Index construit." if builder().build_if_needed() else "Index déjà à jour.")


@index_group.command("keep")
@click.option("--parent", type=int, required=True, help="Process whose end is ours.")
def keep(parent: int) -> None:
    """Keep the index the newest; started by a server worker."""
    with builder().alone(wait=False) as free:
        if free:
            builder().keep_building(parent)


def start(app: Flask) -> None:
    app.cli.add_command(catalogue_group)
    app.cli.add_command(index_group)
