"""The file of installers: hashes and silent switches; a hash is only current for the newest version known."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from catalogue.titles.models import Installer, Title
from portal.access import Actor
from portal.errors import Refused
from portal.imports import Column, Importer, Plan, Row, Table, plan_import, write_rows
from portal.imports.cells import excerpt, one_of, slug
from portal.text import Sentence
from portal.trail.trail import record

SHA256 = 64


def sha256(text: str) -> str:
    if len(text) != SHA256 or not set(text.lower()) <= set("0123456789abcdef"):
        raise Refused([Sentence("« %(cell)s » n’est pas une empreinte SHA-256. Recopiez ses 64 caractères.", cell=excerpt(text))])
    return text.lower()


COLUMNS = (
    Column("slug", 80, required=True, parse=slug),
    Column("winget_id", 120),
    Column("version", 60, required=True),
    Column("architecture", 20, required=True),
    Column("scope", 20),
    Column("installer_type", 20, required=True),
    Column("silent_switch", 300, opens_with="-"),
    Column("silent_origin", 40),
    Column("sha256", 64, required=True, parse=sha256),
    Column("url_host", 120),
    Column("url_file_ext", 20),
    Column("product_code", 120),
    Column("installer_locale", 20),
    Column("release_date", 10),
    Column("min_os", 40),
    Column("latest_version_2026_08", 60),
    Column("up_to_date", 1, required=True, parse=one_of("0", "1")),
    Column("manifest_snapshot", 60, required=True),
)
KEY = ("slug", "version", "architecture", "scope", "installer_type", "installer_locale", "sha256")
# What an installer stores, and the column it comes from.
FIELDS = {
    "version_label": "version",
    "architecture": "architecture",
    "scope": "scope",
    "type": "installer_type",
    "silent_switch": "silent_switch",
    "silent_origin": "silent_origin",
    "sha256": "sha256",
    "host": "url_host",
    "min_os": "min_os",
}


def compare(session: Session, table: Table) -> Plan:
    newest = dict(session.exec(select(Title.slug, Title.latest_version)).all())
    rows: dict[str, dict[str, Any]] = {}
    for row in table.rows:
        if row["slug"] not in newest:
            table.faults.add(
                row.line, Sentence("aucun titre ne s’appelle « %(slug)s ». Importez d’abord les titres.", slug=row["slug"]), "slug"
            )
            continue
        values = _values(row, newest[row["slug"]])
        rows[_key(row["slug"], values)] = values
    stored = {key: installer.model_dump() for key, installer in _stored(session).items()}
    return plan_import(stored, rows, absent={"present": False})


def write(session: Session, plan: Plan, actor: Actor, at: datetime) -> None:
    titles = {title.slug: title for title in session.exec(select(Title))}
    write_rows(session, plan, _stored(session), lambda key, values: Installer(title_id=titles[_slug(key)].key, **values))
    for key in sorted({_slug(key) for key in (*plan.created, *plan.changed, *plan.missing)}):
        titles[key].changed_at = at
        record(session, actor, titles[key], "installers-imported", at=at)


INSTALLERS = Importer("installers", COLUMNS, KEY, compare, write)


def retire_installers(session: Session, latest: Mapping[int, str]) -> None:
    """Where a title's newest version is now another, its installers of older versions stop being current."""
    if not latest:
        return
    for installer in session.exec(select(Installer).where(col(Installer.current))):
        newest = latest.get(installer.title_id)
        if newest is not None and not same_version(installer.version_label, newest):
            installer.current = False


def same_version(one: str, other: str) -> bool:
    """`3.2.4.0` is `3.2.4`: repositories pad version numbers with zeros."""
    return re.sub(r"(\.0)+$", "", one) == re.sub(r"(\.0)+$", "", other)


def _values(row: Row, newest: str) -> dict[str, Any]:
    current = row["up_to_date"] == "1" and same_version(row["version"], newest or row["latest_version_2026_08"])
    return {field: row[column] for field, column in FIELDS.items()} | {
        "snapshot": row["manifest_snapshot"].split(" ")[0],
        "current": current,
    }


def _stored(session: Session) -> dict[str, Installer]:
    query = select(Installer, Title.slug).join(Title, col(Installer.title_id) == Title.id)
    return {_key(slug_, installer.model_dump()): installer for installer, slug_ in session.exec(query)}


def _key(title: str, values: Mapping[str, Any]) -> str:
    return " ".join((title, *(values[field] or "-" for field in ("version_label", "architecture", "scope", "type", "sha256"))))


def _slug(key: str) -> str:
    return key.split(" ", 1)[0]
