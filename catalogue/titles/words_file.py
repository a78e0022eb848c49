"""The file of our own words: what each title is for, which needs it answers, what people call it, at which levels, how commonly."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, select

from catalogue.titles.links import join, linked
from catalogue.titles.models import Alias, Level, Need, Title
from catalogue.titles.titles_file import edited_fields
from portal.access import Actor
from portal.imports import Column, Importer, Plan, Row, Table, plan_import
from portal.imports.cells import excerpt, one_of, several, short, slug
from portal.text import Sentence, slugify
from portal.trail.trail import record


def degree(text: str) -> int:
    """How widely a title is used in class, as `Title.usage` counts it."""
    return int(one_of("0", "1", "2", "3")(text))


COLUMNS = (
    Column("slug", 80, required=True, parse=slug),
    Column("purpose", 140, required=True),
    Column("needs", 600, parse=several(short(80))),
    Column("aliases", 600, parse=several(short(120))),
    Column("levels", 300, parse=several()),
    Column("usage", 1, required=True, parse=degree),
)


def compare(session: Session, table: Table) -> Plan:
    levels = set(session.exec(select(Level.code)))
    stored = _stored(session)
    needs = {need.slug: need.name for need in session.exec(select(Need))}
    rows = {row["slug"]: _values(row, needs) for row in table.rows if _is_known(row, stored, levels, table)}
    return plan_import(stored, rows, edited=edited_fields(session))


def write(session: Session, plan: Plan, actor: Actor, at: datetime) -> None:
    titles = {title.slug: title for title in session.exec(select(Title))}
    changed = {titles[key].key: {field: new for field, (_old, new) in fields.items()} for key, fields in plan.changed.items()}
    for key, fields in plan.changed.items():
        titles[key].changed_at = at
        for field in ("purpose", "usage"):
            if field in fields:
                setattr(titles[key], field, fields[field][1])
        record(session, actor, titles[key], "words-imported", at=at, changes={f: [old, new] for f, (old, new) in fields.items()})
    needs = _store_needs(session, {name for values in changed.values() for name in values.get("needs", ())})
    levels = {level.code: level.key for level in session.exec(select(Level))}
    join(
        session,
        Need,
        {key: [needs[slugify(name)] for name in values["needs"]] for key, values in changed.items() if "needs" in values},
    )
    join(
        session, Level, {key: [levels[code] for code in values["levels"]] for key, values in changed.items() if "levels" in values}
    )
    _replace_aliases(session, {key: values["aliases"] for key, values in changed.items() if "aliases" in values})


WORDS = Importer("words", COLUMNS, ("slug",), compare, write)


def _is_known(row: Row, stored: Mapping[str, Any], levels: set[str], table: Table) -> bool:
    if row["slug"] not in stored:
        table.faults.add(
            row.line, Sentence("aucun titre ne s’appelle « %(slug)s ». Importez d’abord les titres.", slug=row["slug"]), "slug"
        )
        return False
    unknown = [code for code in row["levels"] if code not in levels]
    if unknown:
        table.faults.add(
            row.line,
            Sentence(
                "« %(code)s » n’est pas un niveau connu. Niveaux : %(levels)s.",
                code=excerpt(unknown[0]),
                levels=", ".join(sorted(levels)),
            ),
            "levels",
        )
    return not unknown


def _values(row: Row, needs: dict[str, str]) -> dict[str, Any]:
    """A need keeps the spelling under which it was first met."""
    for name in row["needs"]:
        needs.setdefault(slugify(name), name)
    return {
        "purpose": row["purpose"],
        "usage": row["usage"],
        "needs": sorted({needs[slugify(name)] for name in row["needs"]}),
        "aliases": sorted(row["aliases"]),
        "levels": sorted(row["levels"]),
    }


def _stored(session: Session) -> dict[str, dict[str, Any]]:
    needs, levels = linked(session, Need), linked(session, Level)
    need_names = {need.key: need.name for need in session.exec(select(Need))}
    level_codes = {level.key: level.code for level in session.exec(select(Level))}
    aliases: dict[int, list[str]] = {}
    for alias in session.exec(select(Alias)):
        aliases.setdefault(alias.title_id, []).append(alias.name)
    return {
        title.slug: {
            "purpose": title.purpose,
            "usage": title.usage,
            "needs": sorted(need_names[key] for key in needs.get(title.key, ())),
            "aliases": sorted(aliases.get(title.key, ())),
            "levels": sorted(level_codes[key] for key in levels.get(title.key, ())),
        }
        for title in session.exec(select(Title))
    }


def _store_needs(session: Session, names: Iterable[str]) -> dict[str, int]:
    known = {need.slug: need for need in session.exec(select(Need))}
    for name in sorted(names):
        if slugify(name) not in known:
            known[slugify(name)] = Need(slug=slugify(name), name=name)
            session.add(known[slugify(name)])
    session.flush()
    return {key: need.key for key, need in known.items()}


def _replace_aliases(session: Session, wanted: Mapping[int, Iterable[str]]) -> None:
    if not wanted:
        return
    connection = session.connection()
    table = Alias.__table__  # type: ignore[attr-defined]
    connection.execute(sa.delete(table).where(table.c.title_id == sa.bindparam("title")), [{"title": key} for key in wanted])
    rows = [{"version": 1, "title_id": key, "name": name} for key, names in wanted.items() for name in names]
    if rows:
        connection.execute(sa.insert(table), rows)
