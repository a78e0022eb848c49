"""The small files that titles refer to: disciplines, categories, levels of teaching, upstream release cycles."""

from datetime import date, datetime
from typing import Any

from sqlmodel import Session, select

from catalogue.titles.models import Category, Discipline, Level, ReleaseCycle
from portal.access import Actor
from portal.errors import Refused
from portal.imports import Column, Importer, Plan, Table, plan_import, write_rows
from portal.imports.cells import day, excerpt, slug, whole
from portal.imports.plans import Values
from portal.text import Sentence, french, slugify

SEPARATOR = " "


def day_or_answer(text: str) -> date | bool | None:
    """The end-of-life directory writes a day when it knows one, else True or False."""
    if text in {"True", "False"}:
        return text == "True"
    try:
        return day(text)
    except Refused:
        sentence = Sentence("« %(cell)s » n’est ni une date, ni True, ni False. Écrivez l’un des trois.", cell=excerpt(text))
        raise Refused([sentence]) from None


DISCIPLINE_COLUMNS = (Column("name", 80, required=True), Column("acronyms", 200))
CATEGORY_COLUMNS = (Column("category", 80, required=True), Column("acronyms", 200, required=True))
LEVEL_COLUMNS = (
    Column("code", 40, required=True, parse=slug),
    Column("name", 80, required=True),
    Column("rank", 4, required=True, parse=whole),
)
CYCLE_COLUMNS = (
    Column("product", 60, required=True, parse=slug),
    Column("cycle", 60, required=True),
    Column("label", 120),
    Column("release_date", 10, parse=day),
    Column("active_support_end", 10, parse=day_or_answer),
    Column("eol", 10, required=True, parse=day_or_answer),
    Column("extended_support_end", 10, parse=day_or_answer),
    Column("discontinued", 10, parse=day_or_answer),
    Column("latest", 60),
    Column("latest_release_date", 10, parse=day),
    Column("lts", 10, parse=day_or_answer),
)


def compare_disciplines(session: Session, table: Table) -> Plan:
    rows = {slugify(row["name"]): {"name": french(row["name"]), "acronyms": row["acronyms"]} for row in table.rows}
    return plan_import({key: discipline.model_dump() for key, discipline in _disciplines(session).items()}, rows)


def write_disciplines(session: Session, plan: Plan, _actor: Actor, _at: datetime) -> None:
    write_rows(session, plan, _disciplines(session), lambda key, values: Discipline(slug=key, **values))


def compare_categories(session: Session, table: Table) -> Plan:
    rows = {slugify(row["category"]): {"name": row["category"], "acronyms": row["acronyms"]} for row in table.rows}
    return plan_import({key: category.model_dump() for key, category in _categories(session).items()}, rows)


def write_categories(session: Session, plan: Plan, _actor: Actor, _at: datetime) -> None:
    write_rows(session, plan, _categories(session), lambda key, values: Category(slug=key, **values))


def compare_levels(session: Session, table: Table) -> Plan:
    rows = {row["code"]: {"name": french(row["name"]), "rank": row["rank"]} for row in table.rows}
    return plan_import({key: level.model_dump() for key, level in _levels(session).items()}, rows)


def write_levels(session: Session, plan: Plan, _actor: Actor, _at: datetime) -> None:
    write_rows(session, plan, _levels(session), lambda key, values: Level(code=key, **values))


def compare_cycles(session: Session, table: Table) -> Plan:
    rows = {SEPARATOR.join((row["product"], row["cycle"])): _cycle(row.values) for row in table.rows}
    return plan_import({key: cycle.model_dump() for key, cycle in _cycles(session).items()}, rows, absent={"present": False})


def write_cycles(session: Session, plan: Plan, _actor: Actor, _at: datetime) -> None:
    def new(key: str, values: Values) -> ReleaseCycle:
        product, cycle = key.split(SEPARATOR, 1)
        return ReleaseCycle(product=product, cycle=cycle, **values)

    write_rows(session, plan, _cycles(session), new)


DISCIPLINES = Importer("disciplines", DISCIPLINE_COLUMNS, ("name",), compare_disciplines, write_disciplines)
CATEGORIES = Importer("categories", CATEGORY_COLUMNS, ("category",), compare_categories, write_categories)
LEVELS = Importer("levels", LEVEL_COLUMNS, ("code",), compare_levels, write_levels)
CYCLES = Importer("cycles", CYCLE_COLUMNS, ("product", "cycle"), compare_cycles, write_cycles)


def _cycle(values: dict[str, Any]) -> dict[str, Any]:
    end, long_term = values["eol"], values["lts"]
    return {
        "released_on": values["release_date"],
        "ends_on": end if isinstance(end, date) else None,
        "ended": end if isinstance(end, bool) else None,
        "latest": values["latest"],
        "long_term": long_term is True or isinstance(long_term, date),
    }


def _disciplines(session: Session) -> dict[str, Discipline]:
    return {discipline.slug: discipline for discipline in session.exec(select(Discipline))}


def _categories(session: Session) -> dict[str, Category]:
    return {category.slug: category for category in session.exec(select(Category))}


def _levels(session: Session) -> dict[str, Level]:
    return {level.code: level for level in session.exec(select(Level))}


def _cycles(session: Session) -> dict[str, ReleaseCycle]:
    return {SEPARATOR.join((cycle.product, cycle.cycle)): cycle for cycle in session.exec(select(ReleaseCycle))}
