"""The file of schools: the official directory, with the tracks that each school teaches."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from portal.access import Actor
from portal.errors import Refused
from portal.imports import Column, Importer, Plan, Row, Table, plan_import
from portal.imports.cells import day, decimal, excerpt, one_of, whole
from portal.territories.models import Programme, ProgrammeKind, School, Teaching
from portal.territories.uai import expected_letter, is_possible
from portal.text import Sentence, fold

TRACKS = {
    "voie_generale": "track:general",
    "voie_technologique": "track:technological",
    "voie_professionnelle": "track:vocational",
    "post_bac": "track:post-bac",
    "apprentissage": "track:apprenticeship",
}
# The law shares schools by these two words; what begins otherwise is neither.
KINDS = {"lycée": "lycée", "section": "lycée", "établissement régional": "lycée", "collège": "collège"}
OTHER = "autre"


def uai(text: str) -> str:
    code = text.upper()
    if is_possible(code):
        return code
    digits = code[:7]
    if len(digits) == len(code) - 1 and digits.isascii() and digits.isdigit():
        sentence = Sentence(
            "« %(uai)s » n’est pas un UAI possible : la lettre serait %(letter)s. Vérifiez le code.",
            uai=excerpt(code),
            letter=expected_letter(digits),
        )
    else:
        sentence = Sentence(
            "« %(uai)s » n’est pas un UAI : il faut sept chiffres et une lettre. Vérifiez le code.", uai=excerpt(code)
        )
    raise Refused([sentence])


def optional_uai(text: str) -> str:
    return uai(text) if text else ""


YES_NO = one_of("", "0", "1")
COLUMNS = (
    Column("uai", 8, required=True, parse=uai),
    Column("name", 160),
    Column("type", 80, required=True),
    Column("nature_code", 10),
    Column("nature_label", 80),
    Column("sector", 10, required=True, parse=one_of("public", "prive")),
    Column("private_contract", 80),
    Column("postal_code", 5),
    Column("insee", 5),
    Column("city", 80, required=True),
    Column("department_code", 3, required=True),
    Column("department", 40, required=True),
    Column("academy", 40, required=True),
    Column("region", 60, required=True),
    Column("lat", 20, parse=decimal),
    Column("lon", 20, parse=decimal),
    *(Column(name, 1, parse=YES_NO) for name in TRACKS),
    Column("lycee_des_metiers", 1, parse=YES_NO),
    Column("lycee_agricole", 1, parse=YES_NO),
    Column("ministry", 80),
    Column("students", 5, parse=whole),
    Column("training_basin", 80),
    Column("parent_uai", 8, parse=optional_uai),
    Column("opened_on", 10, parse=day),
    Column("state", 20, required=True, parse=one_of("OUVERT", "A OUVRIR", "A FERMER", "FERME")),
    Column("row_updated_on", 10, parse=day),
    Column("still_listed_2025", 1, parse=YES_NO),
    Column("source", 80, required=True),
)
FIELDS = {
    "type": "type",
    "sector": "sector",
    "city": "city",
    "postal_code": "postal_code",
    "department_code": "department_code",
    "department": "department",
    "academy": "academy",
    "region": "region",
    "latitude": "lat",
    "longitude": "lon",
    "students": "students",
    "parent_uai": "parent_uai",
    "source": "source",
    "updated_on": "row_updated_on",
}
STORED = (*FIELDS, "name", "kind", "open")
SEARCHED = ("name", "city", "postal_code", "department", "type", "sector")


def compare(session: Session, table: Table) -> Plan:
    return plan_import(_stored(session), {row["uai"]: _values(row) for row in table.rows}, absent={"open": False})


def write(session: Session, plan: Plan, _actor: Actor, _at: datetime) -> None:
    if plan.created:
        session.connection().execute(sa.insert(School), [_new(key, values) for key, values in plan.created.items()])
    changes = plan.changed | plan.missing
    schools = {school.uai: school for school in session.exec(select(School))} if changes else {}
    for key, fields in changes.items():
        _change(schools[key], {field: new for field, (_old, new) in fields.items()})
    session.flush()
    _teach(session, plan)


SCHOOLS = Importer("schools", COLUMNS, ("uai",), compare, write)


def kind_of(kind: str) -> str:
    """Lycée, collège or autre, from the type that the directory words."""
    return next((known for start, known in KINDS.items() if kind.lower().startswith(start)), OTHER)


def _values(row: Row) -> dict[str, Any]:
    return {field: row[column] for field, column in FIELDS.items()} | {
        "name": row["name"] or f"{row['type'].capitalize()} de {row['city']}",
        "kind": kind_of(row["type"]),
        "open": row["state"] != "FERME",  # the directory is months old: what was to open has opened
        "tracks": sorted(code for column, code in TRACKS.items() if row[column] == "1"),
    }


def _stored(session: Session) -> dict[str, dict[str, Any]]:
    tracks: dict[str, list[str]] = {}
    query = (
        select(School.uai, Programme.code)
        .join(Teaching, col(Teaching.school_id) == School.id)
        .join(Programme, col(Teaching.programme_id) == Programme.id)
        .where(col(Programme.kind) == ProgrammeKind.TRACK, col(Teaching.declared).is_(False))
    )
    for key, code in session.exec(query):
        tracks.setdefault(key, []).append(code)
    columns = [getattr(School, field) for field in STORED]
    return {
        key: dict(zip(STORED, values, strict=True)) | {"tracks": sorted(tracks.get(key, ()))}
        for key, *values in session.exec(sa.select(School.uai, *columns))  # type: ignore[call-overload]
    }


def _new(key: str, values: Mapping[str, Any]) -> dict[str, Any]:
    plain = {field: values[field] for field in STORED}
    keys = {"name_key": fold(values["name"]), "city_key": fold(values["city"]), "search_key": search_key(**values)}
    return {"version": 1, "uai": key, **keys, **plain}


def _change(school: School, values: dict[str, Any]) -> None:
    for field in STORED:
        if field in values:
            setattr(school, field, values[field])
    school.name_key, school.city_key = fold(school.name), fold(school.city)
    school.search_key = search_key(**{field: getattr(school, field) for field in SEARCHED})


def search_key(**values: Any) -> str:
    return " " + fold(" ".join(str(values[field]) for field in SEARCHED))


def _teach(session: Session, plan: Plan) -> None:
    """Replace the published tracks of the schools whose tracks are new or different; declarations stay."""
    wanted = {key: values["tracks"] for key, values in plan.created.items()}
    wanted |= {key: fields["tracks"][1] for key, fields in plan.changed.items() if "tracks" in fields}
    if not wanted:
        return
    ids = dict(session.exec(select(School.uai, School.id)).all())
    sources = dict(session.exec(select(School.uai, School.source)).all())
    programmes = dict(session.exec(select(Programme.code, Programme.id).where(Programme.kind == ProgrammeKind.TRACK)).all())
    tracks = col(Teaching.programme_id).in_(programmes.values())
    _forget(session, tracks, [{"school": ids[key]} for key in wanted if key not in plan.created])
    declared = select(Teaching.school_id, Teaching.programme_id).where(col(Teaching.declared), tracks)
    taken = set(session.exec(declared).all())
    rows = [
        {
            "version": 1,
            "school_id": ids[key],
            "programme_id": programmes[code],
            "source": sources[key],
            "declared": False,
            "fictitious": False,
        }
        for key, codes in wanted.items()
        for code in codes
        if (ids[key], programmes[code]) not in taken
    ]
    if rows:
        session.connection().execute(sa.insert(Teaching), rows)


def _forget(session: Session, tracks: sa.ColumnElement[bool], schools: list[dict[str, Any]]) -> None:
    if schools:
        published = sa.delete(Teaching).where(
            col(Teaching.school_id) == sa.bindparam("school"), col(Teaching.declared).is_(False), tracks
        )
        session.connection().execute(published, schools)
