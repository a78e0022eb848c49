"""The section of calendars: what is known of the days of a territory, and its freezes, decided and undone."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, g, redirect, request
from sqlmodel import Session

from portal.administration import calendars
from portal.administration.freeze_form import EndForm, FreezeForm, WithdrawForm
from portal.administration.freezes import freeze_lines
from portal.administration.sections import Section
from portal.calendars import declaring
from portal.calendars.access import MANAGE_CALENDAR
from portal.errors import OutOfDate, Refused
from portal.territories.editing import find_territory, territories_of
from portal.territories.models import Territory
from portal.text import Sentence
from portal.web.forms import Form, number
from portal.web.kit import access, page, portal, session
from portal.web.language import lazy as _l
from portal.web.language import say
from portal.web.reading import actor

bp = Blueprint("calendars", __name__)
SECTION = Section(
    "/administration/calendriers",
    _l("Calendriers et gels"),
    _l("Les jours connus et inconnus, et les périodes où rien ne doit bouger."),
    MANAGE_CALENDAR,
)
NO_SUCH_SCHOOL = Sentence("Ce territoire ne sert aucun établissement ouvert de cet UAI. Vérifiez-le dans l’annuaire.")
Work = Callable[[Session, Territory], Any]


@bp.get(calendars.PATH)
@access(MANAGE_CALENDAR)
def all_calendars() -> Response:
    mine = territories_of(session(), portal().policy, actor(), MANAGE_CALENDAR)
    return page("administration/calendars.html", calendars=calendars.lines(session(), mine, portal().clock.now()))


@bp.get(f"{calendars.PATH}/<territory>")
@access(MANAGE_CALENDAR)
def one_calendar(territory: str) -> Response:
    held, now = _held(session(), territory), portal().clock.now()
    shown = calendars.calendar_page(session(), held, now, number(request.args.get("page")))
    return page("administration/calendar.html", calendar=shown)


@bp.get(f"{calendars.PATH}/<territory>/gels/nouveau")
@access(MANAGE_CALENDAR)
def new_freeze(territory: str) -> Response:
    return _new(_held(session(), territory), FreezeForm.new())


@bp.post(f"{calendars.PATH}/<territory>/gels/nouveau")
@access(MANAGE_CALENDAR)
def decide_freeze(territory: str) -> Any:
    held, form = _held(session(), territory), FreezeForm.new(request.form)
    form.validate()
    school_id, who, now = _school_id(held, form), actor(), portal().clock.now()
    if form.errors:
        return _new(held, form, status=422)

    def decide(writing: Session, there: Territory) -> Any:
        return declaring.declare(writing, portal().policy, who, there, form.wanted(school_id), now=now)

    return _carried_out(territory, form, decide) or _new(held, form, status=422)


@bp.get(f"{calendars.PATH}/<territory>/gels/<int:freeze>")
@access(MANAGE_CALENDAR)
def one_freeze(territory: str, freeze: int) -> Response:
    return _shown(territory, freeze)


@bp.post(f"{calendars.PATH}/<territory>/gels/<int:freeze>")
@access(MANAGE_CALENDAR)
def correct_freeze(territory: str, freeze: int) -> Any:
    form = FreezeForm.of(declaring.find_freeze(session(), _held(session(), territory), freeze), request.form)
    try:
        return (form.validate() and _corrected(territory, freeze, form)) or _shown(territory, freeze, form, status=422)
    except OutOfDate as late:
        form.refuse(late.reasons)
        session().expire_all()
        return _shown(territory, freeze, form, status=409)


@bp.post(f"{calendars.PATH}/<territory>/gels/<int:freeze>/fin")
@access(MANAGE_CALENDAR)
def end_freeze(territory: str, freeze: int) -> Any:
    _held(session(), territory)
    form = EndForm(request.form)
    return (form.validate() and _ended(territory, freeze, form)) or _shown(territory, freeze, form, status=422)


@bp.post(f"{calendars.PATH}/<territory>/gels/<int:freeze>/retrait")
@access(MANAGE_CALENDAR)
def withdraw_freeze(territory: str, freeze: int) -> Any:
    _held(session(), territory)
    form = WithdrawForm.of(request.form)
    return (form.validate() and _withdrawn(territory, freeze, form)) or _shown(territory, freeze, form, status=422)


def _held(reading: Session, code: str) -> Territory:
    held = find_territory(reading, portal().policy, actor(), MANAGE_CALENDAR, code)
    g.zone = held.zone
    return held


def _school_id(territory: Territory, form: FreezeForm) -> int | None:
    """None when no school was asked for, or when nobody here has that code, which its field then says."""
    uai = (form.school.data or "").upper()
    school = declaring.served_school(session(), territory, uai) if uai else None
    if uai and school is None and not form.school.errors:
        form.school.errors = [say(NO_SUCH_SCHOOL)]
    return school.key if school else None


def _carried_out(code: str, form: Form, work: Work) -> Any:
    """The way back to the calendar; None when a rule refuses, which the form then says."""
    try:
        portal().database.write(lambda writing: work(writing, _held(writing, code)))
    except Refused as refused:
        form.refuse(refused.reasons)
        return None
    return redirect(f"{calendars.PATH}/{code}", 303)


def _corrected(code: str, key: int, form: FreezeForm) -> Any:
    policy, who, now = portal().policy, actor(), portal().clock.now()
    said: Any = {"wanted": form.wanted(), "read": number(form.version.data), "why": form.why.data or "", "now": now}
    return _carried_out(code, form, lambda writing, there: declaring.correct(writing, policy, who, there, key, **said))


def _ended(code: str, key: int, form: EndForm) -> Any:
    policy, who, now = portal().policy, actor(), portal().clock.now()
    said: Any = {"last": form.last.data, "why": form.why.data or "", "now": now}
    return _carried_out(code, form, lambda writing, there: declaring.end(writing, policy, who, there, key, **said))


def _withdrawn(code: str, key: int, form: WithdrawForm) -> Any:
    policy, who, now = portal().policy, actor(), portal().clock.now()
    said: Any = {"why": form.why.data or "", "now": now}
    return _carried_out(code, form, lambda writing, there: declaring.withdraw(writing, policy, who, there, key, **said))


def _new(territory: Territory, form: FreezeForm, status: int = 200) -> Response:
    url = f"{calendars.PATH}/{territory.code}"
    return page("administration/new_freeze.html", status=status, form=form, name=territory.name, url=url)


def _shown(code: str, key: int, form: Form | None = None, status: int = 200) -> Response:
    """Only the forms that its phase allows; the one that was refused keeps what was typed."""
    held = _held(session(), code)
    freeze = declaring.find_freeze(session(), held, key)
    (line,) = freeze_lines(session(), held, [freeze], declaring.today_in(held, portal().clock.now()))
    if status == 409 and isinstance(form, FreezeForm):
        form.version.data = str(freeze.version)
    return page(
        "administration/freeze.html",
        status=status,
        freeze=line,
        territory=held.name,
        back=f"{calendars.PATH}/{code}",
        form=form if isinstance(form, FreezeForm) else FreezeForm.of(freeze),
        ending=form if isinstance(form, EndForm) else EndForm(),
        withdrawal=form if isinstance(form, WithdrawForm) else WithdrawForm.of(),
        refused=form,
    )
