"""The section of territories: seen, and corrected in what they say of themselves."""

from typing import Any

from flask import Blueprint, Response, g, redirect, request

from portal.administration import territories
from portal.administration.sections import Section
from portal.administration.territory_form import TerritoryForm
from portal.errors import OutOfDate, Refused
from portal.territories.access import May
from portal.territories.editing import correct, find_territory, territories_of
from portal.territories.models import Territory
from portal.web.kit import access, page, portal, session
from portal.web.language import lazy as _l
from portal.web.reading import actor

bp = Blueprint("territories", __name__)
SECTION = Section(
    "/administration/territoires",
    _l("Territoires"),
    _l("Qui chaque collectivité sert, avec quoi, et les règles qu’elle affiche."),
    May.MANAGE_TERRITORY,
)


@bp.get(territories.PATH)
@access(May.MANAGE_TERRITORY)
def all_territories() -> Response:
    mine = territories_of(session(), portal().policy, actor(), May.MANAGE_TERRITORY)
    return page("administration/territories.html", territories=territories.lines(session(), mine))


@bp.get(f"{territories.PATH}/<territory>")
@access(May.MANAGE_TERRITORY)
def one_territory(territory: str) -> Response:
    return _shown(territory, TerritoryForm.of(_held(territory)))


@bp.post(f"{territories.PATH}/<territory>")
@access(May.MANAGE_TERRITORY)
def correct_territory(territory: str) -> Any:
    form = TerritoryForm.of(_held(territory), request.form)
    return _kept(territory, form) if form.validate() else _shown(territory, form, status=422)


def _held(code: str) -> Territory:
    held = find_territory(session(), portal().policy, actor(), May.MANAGE_TERRITORY, code)
    g.zone = held.zone
    return held


def _kept(code: str, form: TerritoryForm) -> Any:
    policy, who, now = portal().policy, actor(), portal().clock.now()
    try:
        portal().database.write(lambda writing: correct(writing, policy, who, code, form.typed(), at=now))
    except Refused as refused:
        form.refuse(refused.reasons)
        return _shown(code, form, status=422)
    except OutOfDate as late:
        return _compared(code, form, late)
    return redirect(f"{territories.PATH}/{code}", 303)


def _compared(code: str, form: TerritoryForm, late: OutOfDate) -> Response:
    """What was typed stays, beside what is now stored: to save again is then to have seen it."""
    session().expire_all()
    held = _held(code)
    form.refuse(late.reasons)
    form.version.data = str(held.version)
    return _shown(code, form, stored=form.differing(held), status=409)


def _shown(code: str, form: TerritoryForm, *, stored: list[tuple[str, str]] | None = None, status: int = 200) -> Response:
    held = _held(code)
    (line,) = territories.lines(session(), [held])
    return page(
        "administration/territory.html",
        status=status,
        form=form,
        territory=line,
        facts=territories.facts(held, line),
        corrections=territories.corrections(session(), held),
        stored=stored or [],
    )
