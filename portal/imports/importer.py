"""One kind of file: its columns, how it compares with what is stored, how it is written."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from portal.access import Actor
from portal.db import Model
from portal.imports.cells import Column
from portal.imports.plans import Plan, Values
from portal.imports.reading import Source, Table, read_table
from portal.trail.revision import bump


@dataclass(frozen=True, slots=True)
class Importer:
    """`compare` reads the database and adds its faults to the table's; `write` is only called when the plan has something to do."""

    kind: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    compare: Callable[[Session, Table], Plan]
    write: Callable[[Session, Plan, Actor, datetime], None]


def load(session: Session, importer: Importer, source: Source, *, actor: Actor, at: datetime, dry_run: bool = False) -> Plan:
    """Take a whole file or nothing of it: Refused, with its faults by line."""
    table = read_table(source, importer.columns, key=importer.key)
    table.faults.refuse()
    plan = importer.compare(session, table)
    table.faults.refuse()
    if plan and not dry_run:
        importer.write(session, plan, actor, at)
        bump(session)
    return plan


def write_rows(session: Session, plan: Plan, stored: Mapping[str, Model], new: Callable[[str, Values], Model]) -> None:
    """Write a plan whose fields are plain columns of one table; what is missing from the file is deleted."""
    session.add_all(new(key, values) for key, values in plan.created.items())
    for key, fields in plan.changed.items():
        for field, (_old, value) in fields.items():
            setattr(stored[key], field, value)
    for key in plan.missing:
        session.delete(stored[key])
    session.flush()
