"""The file of titles: who publishes what, under which licence, for which machines and subjects."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from catalogue.titles.installers_file import retire_installers
from catalogue.titles.links import join, linked
from catalogue.titles.models import Category, Confidence, Discipline, Fact, LicenceType, Title
from catalogue.titles.sources import newest
from portal.access import Actor
from portal.imports import Column, Importer, Plan, Row, Table, plan_import
from portal.imports.cells import address, excerpt, one_of, several, slug
from portal.text import Sentence, fold, slugify
from portal.trail.trail import record

PLATFORMS = ("windows", "linux", "macos", "android", "ios", "web")
IDENTIFIERS = ("wikidata", "winget_id", "scoop_id", "choco_id", "debian_package", "comptoir_du_libre", "sill_status")
PLAIN = (
    "name",
    "publisher",
    "licence",
    "licence_type",
    "homepage",
    "platforms",
    "latest_version",
    "eol_product",
    "confidence",
    "source",
)
STORED = (*PLAIN, "identifiers", "source_date", "withdrawn_from_sources")

COLUMNS = (
    Column("slug", 80, required=True, parse=slug),
    Column("name", 120, required=True),
    Column("publisher", 120),
    Column("licence", 80),
    Column("licence_raw", 300),
    Column("licence_type", 20, required=True, parse=one_of(*LicenceType)),
    Column("homepage", 300, parse=address),
    Column("platforms", 80, parse=several(one_of(*PLATFORMS))),
    Column("category", 80, required=True),
    Column("disciplines", 300, parse=several()),
    Column("tier", 1),
    Column("category_by", 40),
    Column("latest_version", 60),
    Column("wikidata", 20),
    Column("winget_id", 120),
    Column("scoop_id", 80),
    Column("choco_id", 80),
    Column("debian_package", 80),
    Column("comptoir_du_libre", 20),
    Column("sill_status", 40),
    Column("eol_product", 60),
    Column("tags", 300),
    Column("confidence", 20, required=True, parse=one_of(*Confidence)),
    Column("source", 200, required=True, parse=several()),
)


def edited_fields(session: Session) -> dict[str, set[str]]:
    """For each slug, the fields that a person edited: no import overwrites them."""
    edited: dict[str, set[str]] = {}
    for key, field in session.exec(select(Title.slug, Fact.field).join(Fact, col(Fact.title_id) == Title.id)):
        edited.setdefault(key, set()).add(field)
    return edited


def compare(session: Session, table: Table) -> Plan:
    names = {slugify(name): name for name in session.exec(select(Discipline.name))}
    rows = {row["slug"]: _values(row, names, table) for row in table.rows}
    plan = plan_import(_stored(session), rows, edited=edited_fields(session), absent={"withdrawn_from_sources": True})
    return _without_strangers(session, plan, table)


def write(session: Session, plan: Plan, actor: Actor, at: datetime) -> None:
    changes = plan.changed | plan.missing
    categories = _categories(session, plan)
    titles = {title.slug: title for title in session.exec(select(Title))} if changes else {}
    created = {key: _new(values, key, categories, at) for key, values in plan.created.items()}
    session.add_all(created.values())
    for key, fields in changes.items():
        _change(titles[key], {field: new for field, (_old, new) in fields.items()}, categories, at)
    session.flush()
    for key, title in created.items():
        record(session, actor, title, "imported", at=at, source=plan.created[key]["source"])
    for key, fields in changes.items():
        move = "left-sources" if key in plan.missing else "reimported"
        record(
            session, actor, titles[key], move, at=at, changes={f: [_plain(old), _plain(new)] for f, (old, new) in fields.items()}
        )
    _join_disciplines(session, plan, created | titles)
    retire_installers(
        session, {titles[key].key: titles[key].latest_version for key in plan.changed if "latest_version" in plan.changed[key]}
    )


TITLES = Importer("titles", COLUMNS, ("slug",), compare, write)


def _values(row: Row, disciplines: Mapping[str, str], table: Table) -> dict[str, Any]:
    """A row as a title stores it."""
    unknown = [name for name in row["disciplines"] if slugify(name) not in disciplines]
    if unknown:
        table.faults.add(
            row.line,
            Sentence("« %(name)s » n’est pas une discipline connue. Importez-la d’abord.", name=excerpt(unknown[0])),
            "disciplines",
        )
    values = {field: row[field] for field in PLAIN}
    return values | {
        "source": "|".join(row["source"]),
        "source_date": newest(row["source"]),
        "identifiers": {name: row[name] for name in IDENTIFIERS if row[name]},
        "category": row["category"],
        "disciplines": sorted(disciplines.get(slugify(name), name) for name in row["disciplines"]),
        "withdrawn_from_sources": False,
    }


def _stored(session: Session) -> dict[str, dict[str, Any]]:
    names = {discipline.key: discipline.name for discipline in session.exec(select(Discipline))}
    joined = linked(session, Discipline)
    columns = [getattr(Title, field) for field in STORED]
    query = sa.select(Title.id, Title.slug, Category.name, *columns).join(Category, col(Title.category_id) == Category.id)  # type: ignore[call-overload]
    stored = {}
    for title_id, key, category, *values in session.exec(query):
        stored[key] = dict(zip(STORED, values, strict=True)) | {
            "category": category,
            "disciplines": sorted(names[other] for other in joined.get(title_id, ())),
        }
    return stored


def _without_strangers(session: Session, plan: Plan, table: Table) -> Plan:
    """A file speaks for its own sources: a title that came from none of them is not missing from it."""
    spoken = {token for row in table.rows for token in row["source"]}
    sources = dict(session.exec(select(Title.slug, Title.source)).all())
    missing = {key: gone for key, gone in plan.missing.items() if spoken & set(sources[key].split("|"))}
    return Plan(plan.created, plan.changed, plan.kept, plan.unchanged, missing)


def _categories(session: Session, plan: Plan) -> dict[str, int]:
    """The ids of all categories, after storing those that the file is first to name."""
    known = {category.slug: category for category in session.exec(select(Category))}
    named = [values["category"] for values in plan.created.values()]
    named += [fields["category"][1] for fields in plan.changed.values() if "category" in fields]
    for name in dict.fromkeys(named):
        if slugify(name) not in known:
            known[slugify(name)] = Category(slug=slugify(name), name=name)
            session.add(known[slugify(name)])
    session.flush()
    return {key: category.key for key, category in known.items()}


def _new(values: Mapping[str, Any], key: str, categories: Mapping[str, int], at: datetime) -> Title:
    return Title(
        slug=key,
        sort_key=fold(values["name"]),
        category_id=categories[slugify(values["category"])],
        changed_at=at,
        **{field: values[field] for field in STORED},
    )


def _change(title: Title, values: dict[str, Any], categories: Mapping[str, int], at: datetime) -> None:
    for field in STORED:
        if field in values:
            setattr(title, field, values[field])
    if "name" in values:
        title.sort_key = fold(values["name"])
    if "category" in values:
        title.category_id = categories[slugify(values["category"])]
    title.changed_at = at


def _join_disciplines(session: Session, plan: Plan, titles: Mapping[str, Title]) -> None:
    ids = {discipline.name: discipline.key for discipline in session.exec(select(Discipline))}
    wanted = {key: values["disciplines"] for key, values in plan.created.items()}
    wanted |= {key: fields["disciplines"][1] for key, fields in plan.changed.items() if "disciplines" in fields}
    join(session, Discipline, {titles[key].key: [ids[name] for name in names] for key, names in wanted.items()})


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
