"""The file of packages, as the technicians' tools give it: a state for each version; a line that is missing says nothing."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from catalogue.packages.models import Package, PackageStatus
from catalogue.titles.models import Title
from portal.access import Actor
from portal.imports import Column, Importer, Plan, Row, Table, plan_import, write_rows
from portal.imports.cells import day, one_of, slug, whole
from portal.territories.models import Territory
from portal.text import Sentence
from portal.trail.trail import record

COLUMNS = (
    Column("territory", 20, required=True),
    Column("slug", 80, required=True, parse=slug),
    Column("version", 60, required=True),
    Column("number", 4, required=True, parse=whole),
    Column("status", 12, required=True, parse=one_of(*PackageStatus)),
    Column("since", 10, required=True, parse=day),
    Column("reason", 600),
    Column("waits_for", 120),
)
KEY = ("territory", "slug", "version", "number")
SEPARATOR = " "  # neither codes nor slugs hold one


def compare(session: Session, table: Table) -> Plan:
    known = {"territory": set(session.exec(select(Territory.code))), "slug": set(session.exec(select(Title.slug)))}
    rows = {_key(*(row[name] for name in KEY)): _values(row) for row in table.rows if _is_right(row, known, table)}
    return plan_import({key: one.model_dump() for key, one in _stored(session).items()}, rows)


def write(session: Session, plan: Plan, actor: Actor, at: datetime) -> None:
    territories = {one.code: one.key for one in session.exec(select(Territory))}
    titles = {one.slug: one.key for one in session.exec(select(Title))}

    def new(key: str, values: Mapping[str, Any]) -> Package:
        territory, title, number, version = key.split(SEPARATOR, 3)
        return Package(
            territory_id=territories[territory], title_id=titles[title], version_label=version, number=int(number), **values
        )

    write_rows(session, plan, _stored(session), new)
    stored = _stored(session)
    for key in (*plan.created, *plan.changed):
        package = stored[key]
        told = {"status": package.status.value, "since": package.since.isoformat(), "waits_for": package.waits_for}
        record(session, actor, package, "reported", at=at, reason=package.reason, **told)


PACKAGES = Importer("packages", COLUMNS, KEY, compare, write)


def _is_right(row: Row, known: Mapping[str, set[str]], table: Table) -> bool:
    wrong = {
        "territory": Sentence("aucun territoire ne porte le code « %(code)s ». Importez-le d’abord.", code=row["territory"]),
        "slug": Sentence("aucun titre ne s’appelle « %(slug)s ». Importez d’abord les titres.", slug=row["slug"]),
    }
    faults = {name: said for name, said in wrong.items() if row[name] not in known[name]}
    if row["number"] < 1:
        faults["number"] = Sentence("le premier paquet d’une version a le numéro 1. Comptez à partir de là.")
    if row["status"] is PackageStatus.BLOCKED and not (row["reason"] and row["waits_for"]):
        faults["reason"] = Sentence("un paquet bloqué dit pourquoi (reason) et qui l’on attend (waits_for). Remplissez les deux.")
    for column, said in faults.items():
        table.faults.add(row.line, said, column)
    return not faults


def _values(row: Row) -> dict[str, Any]:
    return {name: row[name] for name in ("status", "since", "reason", "waits_for")}


def _key(territory: str, title: str, version: str, number: int) -> str:
    return SEPARATOR.join((territory, title, str(number), version))


def _stored(session: Session) -> dict[str, Package]:
    rows = session.exec(select(Package, Territory.code, Title.slug).join(Territory).join(Title))
    return {_key(code, title, package.version_label, package.number): package for package, code, title in rows}
