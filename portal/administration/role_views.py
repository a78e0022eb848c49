"""The section of roles. Correcting one touches everybody who holds it: the password is asked again first."""

from typing import Any

from flask import Blueprint, Response, redirect, request
from sqlmodel import Session

from portal.administration import roles
from portal.administration.role_form import RoleForm
from portal.administration.sections import Section
from portal.errors import OutOfDate, Refused
from portal.people.access import May
from portal.people.correcting import NO_SUCH_ROLE, correct, words_of
from portal.people.models import Role
from portal.web.kit import access, found, page, portal, private_page, session
from portal.web.language import lazy as _l
from portal.web.proving import is_fresh, stopped
from portal.web.reading import actor

bp = Blueprint("roles", __name__)
SECTION = Section(
    "/administration/fonctions",
    _l("Fonctions"),
    _l("Ce que chacune permet, comment chaque territoire l’appelle, et qui la confie."),
    May.MANAGE_ROLES,
)


@bp.get("/administration/fonctions")
@access(May.MANAGE_ROLES)
def all_roles() -> Response:
    return page("administration/roles.html", roles=roles.lines(session(), portal().policy, portal().clock.now()))


@bp.get("/administration/fonctions/<code>")
@access(May.MANAGE_ROLES)
def role(code: str) -> Response:
    return _shown(session(), code, _form(session(), code))


@bp.post("/administration/fonctions/<code>")
@access(May.MANAGE_ROLES)
def correct_role(code: str) -> Any:
    form = _form(session(), code, request.form)
    if not form.validate():
        return _shown(session(), code, form, 422)
    return stopped() or _corrected(code, form)


def _role(reading: Session, code: str) -> Role:
    held: Role = found(roles.one(reading, code), NO_SUCH_ROLE)
    portal().policy.demand(actor(), May.MANAGE_ROLES, held)
    return held


def _form(reading: Session, code: str, typed: Any = None) -> RoleForm:
    held = _role(reading, code)
    offered = roles.offered(portal().policy, held)
    return RoleForm.of(held, words_of(reading, held), roles.territories(reading), offered, typed)


def _shown(reading: Session, code: str, form: RoleForm, status: int = 200, **context: Any) -> Response:
    shown = roles.shown(reading, portal().policy, portal().clock.now(), code)
    context = {"stored": [], "is_fresh": is_fresh(), **context}
    return private_page("administration/role.html", status=status, role=shown, form=form, **context)


def _corrected(code: str, form: RoleForm) -> Any:
    who, now, wanted = actor(), portal().clock.now(), form.correction(code)
    try:
        portal().database.write(lambda writing: correct(writing, portal().policy, who, wanted, now))
    except Refused as refused:
        form.refuse(refused.reasons)
        return _shown(session(), code, form, 422)
    except OutOfDate as late:
        form.refuse(late.reasons)
        return _compared(code, form)
    return redirect(roles.PATH, 303)


def _compared(code: str, form: RoleForm) -> Response:
    """What was typed stays, beside what another stored meanwhile; sent again, it is meant over that."""
    with portal().database.read() as reading:  # this request's own may still see the role as it was
        held = _role(reading, code)
        stored = roles.differences(reading, portal().policy, held, form.typed(), form.permissions.data or [])
        form.version.data = str(held.version)
        return _shown(reading, code, form, 409, stored=stored)
