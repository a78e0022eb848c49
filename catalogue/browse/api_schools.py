"""Schools, which lists serve them and why, and the titles that they may use, as programs read them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, jsonify, request
from pydantic import Field
from sqlalchemy.orm import selectinload
from sqlmodel import Session, col, select

from catalogue.browse.api_lists import Coded
from catalogue.browse.api_standing import nobody, standing
from catalogue.browse.api_titles import Narrowed, Titles, page_of, refuse_unknown
from catalogue.browse.place import Place, known, whole
from catalogue.browse.schools import find_schools
from catalogue.browse.standpoint import Standpoint, standpoint_of
from catalogue.lists.applying import Serving, Verdict
from catalogue.search.answering import Answer, answer
from catalogue.titles.access import May
from portal.db import related
from portal.errors import Unknown
from portal.territories import asked as words
from portal.territories.models import School, Teaching
from portal.territories.queries import Found, schools_of
from portal.territories.uai import as_written, looks_like_one
from portal.web.api import NO_SUCH, Answered, Asked, Page, Paged, answer_page, answers, read
from portal.web.kit import EVERYONE, access, found, fresh, keep, session
from portal.web.language import chosen, say
from portal.web.rates import searched

bp = Blueprint("schools", __name__)


class SchoolsAsked(Paged):
    """`GET /schools`."""

    q: str = Field(
        "", max_length=words.LONGEST, description="Un nom, une ville, un code postal, un UAI.", examples=["lycée valence"]
    )


class ServingList(Answered):
    """Ce qu’une liste est pour l’établissement, et par quelles formations."""

    slug: str
    name: str
    verdict: Verdict
    because: list[Coded] = Field(description="Les formations qui la lui apportent, ou qui le feraient ; aucune : toutes.")


class SchoolShown(Answered):
    """Un établissement."""

    uai: str
    name: str
    type: str
    sector: str
    open: bool
    city: str
    postal_code: str
    department: str
    academy: str
    region: str
    territory: str | None = Field(description="Le code du territoire qui le sert ; null si ce n’est aucun de ceux d’ici.")
    competent: str | None = Field(description="Qui le sert, quand ce n’est aucun territoire d’ici.")
    programmes: list[Coded] = Field(description="Les formations connues.")
    lists: list[ServingList] = Field(description="Toutes les listes de son territoire.")


class Schools(Page):
    """Une page d’établissements."""

    items: list[SchoolShown]


@bp.get("/schools")
@access(EVERYONE)
@searched
@answers("Chercher des établissements", Schools, asks=SchoolsAsked)
def schools() -> Response:
    asked, place = read(SchoolsAsked, request.args), standing()
    if unchanged := fresh("api-schools", place.volume.name, chosen()):
        return unchanged
    some = _search(session(), asked, place)
    kept = _with_programmes(session(), some.schools if some.page == asked.page else [])
    items = [_school(one, standpoint_of(one, place.volume.meta), place) for one in kept]
    return keep(answer_page(asked, items, some.total))


@bp.get("/schools/<uai>")
@access(EVERYONE)
@answers("Lire un établissement : ses formations, les listes qui le servent et pourquoi", SchoolShown, refuses=NO_SUCH)
def school(uai: str) -> Response:
    read(Asked, request.args)
    place = _place(uai)
    if unchanged := fresh("api-school", place.volume.name, chosen(), place.uai):
        return unchanged
    held = found(whole(place.volume, place.uai), nobody(place.uai))
    return keep(jsonify(_school(held.school, held.seen, place)))


@bp.get("/schools/<uai>/titles")
@access(May.READ)
@searched
@answers("Les titres des listes qui servent sûrement un établissement", Titles, asks=Narrowed, refuses=NO_SUCH)
def titles(uai: str) -> Response:
    asked, place = read(Narrowed, request.args), _place(uai)
    if unchanged := fresh("api-school-titles", place.volume.name, place.territory, chosen(), place.uai):
        return unchanged
    given = _on_its_lists(asked, place)
    return keep(page_of(asked, given, place))


def _place(uai: str) -> Place:
    home = standing()
    held = known(home.volume, as_written(uai))
    if held is None:
        raise Unknown(nobody(as_written(uai)))
    return Place(home.volume, held.territory or home.territory, held)


def _on_its_lists(asked: Narrowed, place: Place) -> Answer:
    """Of the lists asked for, those that surely serve the school; nothing when there are none."""
    refuse_unknown(asked, place)
    question, lists = asked.question(), place.school.lists if place.school else frozenset()
    kept = tuple(sorted(lists & set(asked.list) if asked.list else lists))
    if not kept:
        return Answer("exact", 0, [], {}, question.page, [])
    return answer(place.volume, replace(question, chosen={**question.chosen, "list": kept}), place.territory, place.reach)


def _search(session: Session, asked: SchoolsAsked, place: Place) -> Found:
    """In the order of the page of schools."""
    if looks_like_one(asked.q):
        exact = schools_of(session, [as_written(asked.q)])
        return Found(len(exact), 1, exact)
    return find_schools(session, words.Asked.of(asked.q, ""), place, page=asked.page, per_page=asked.per_page)[0]


def _with_programmes(session: Session, schools: Sequence[School]) -> Sequence[School]:
    """The same schools, in the same order: two queries whatever their number."""
    teaches = selectinload(related(School.teaches)).joinedload(related(Teaching.programme))
    if schools:
        session.exec(select(School).where(col(School.uai).in_([one.uai for one in schools])).options(teaches)).all()
    return schools


def _school(held: School, seen: Standpoint, place: Place) -> dict[str, Any]:
    taught = {one.programme.code: one.programme.name for one in sorted(held.teaches, key=lambda one: one.programme.sort_key)}
    lists = place.volume.meta["lists"][seen.territory] if seen.territory else {}
    written = ("uai", "name", "type", "sector", "open", "city", "postal_code", "department", "academy", "region")
    return {
        **{name: getattr(held, name) for name in written},
        "territory": seen.territory,
        "competent": say(seen.competent) or None,
        "programmes": [{"code": code, "name": name} for code, name in taught.items()],
        "lists": [_serving(one, lists[one.list_slug]) for one in seen.serving],
    }


def _serving(one: Serving, held: Mapping[str, Any]) -> dict[str, Any]:
    names = {programme["code"]: programme["name"] for programme in held["programmes"]}
    because = [{"code": code, "name": names.get(code, code)} for code in one.because]
    return {"slug": one.list_slug, "name": held["name"], "verdict": one.verdict.value, "because": because}
