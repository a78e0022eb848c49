"""The pages by which a head of school grants and revokes, after a sign-in less than ten minutes old and proved."""

from typing import Any

from flask import Blueprint, Response, redirect, request
from sqlmodel import Session

from portal.access import Actor
from portal.account import team
from portal.account.forms import GrantForm
from portal.errors import Refused, Unknown
from portal.people.access import May
from portal.people.granting import Wish, grant, revoke
from portal.people.places import Place
from portal.text import Sentence, clean
from portal.web.kit import access, portal, private_page, session
from portal.web.proving import is_fresh, stopped
from portal.web.reading import actor

bp = Blueprint("team", __name__)
NO_SUCH_MEMBER = Sentence("Cette personne n’est pas rattachée à l’établissement. Choisissez-la dans la liste.")
NO_SUCH_ROLE = Sentence("Cette fonction n’existe pas dans un établissement. Choisissez-la dans la liste.")
NO_SUCH_ACCREDITATION = Sentence("Cette accréditation n’est pas de cet établissement. Revenez à la liste de l’équipe.")


@bp.get("/etablissements/<uai>/equipe")
@access(May.READ_ACCREDITATIONS)
def members(uai: str) -> Response:
    return _shown(_place(uai), None)


@bp.post("/etablissements/<uai>/equipe")
@access(May.GRANT)
def grant_role(uai: str) -> Any:
    place = _place(uai)
    form = _form(place, request.form)
    if not form.validate():
        return _shown(place, form, 422)
    return stopped() or _granted(place, form)


@bp.post("/etablissements/<uai>/equipe/<int:accreditation>/retrait")
@access(May.GRANT)
def revoke_role(uai: str, accreditation: int) -> Any:
    place, reason = _place(uai), clean(request.form.get("raison", ""))[:1000]
    if asked_first := stopped():
        return asked_first
    portal().database.write(lambda writing: _revoke(writing, place, accreditation, reason, actor()))
    return redirect(f"/etablissements/{uai}/equipe", 303)


def _place(uai: str) -> Place:
    return team.place_for(session(), portal().policy, actor(), uai)


def _form(place: Place, typed: Any) -> GrantForm:
    shown = team.team(session(), portal().policy, actor(), place, portal().clock.now(), is_fresh=is_fresh())
    return GrantForm.of(shown, typed)


def _shown(place: Place, form: GrantForm | None, status: int = 200) -> Response:
    shown = team.team(session(), portal().policy, actor(), place, portal().clock.now(), is_fresh=is_fresh())
    return private_page("account/team.html", status=status, team=shown, form=form or GrantForm.of(shown))


def _granted(place: Place, form: GrantForm) -> Any:
    who, now = actor(), portal().clock.now()
    try:
        portal().database.write(lambda writing: grant(writing, portal().policy, who, _wish(writing, place, form), now))
    except Refused as refused:
        form.refuse(refused.reasons)
        return _shown(place, form, 422)
    return redirect(f"/etablissements/{place.scope.removeprefix('school:')}/equipe", 303)


def _wish(writing: Session, place: Place, form: GrantForm) -> Wish:
    person, role = team.member(writing, place, form.person.data), team.role_of(writing, form.role.data)
    if person is None or role is None:
        raise Refused([NO_SUCH_MEMBER if person is None else NO_SUCH_ROLE])
    starts_on: Any = form.starts_on.data  # the form refuses itself without days
    until: Any = form.until.data
    return Wish(person, role, place, starts_on, until, form.letter.data or "", form.reason.data or "")


def _revoke(writing: Session, place: Place, key: int, reason: str, who: Actor) -> None:
    held = team.accreditation_at(writing, place, key)
    if held is None:
        raise Unknown(NO_SUCH_ACCREDITATION)
    revoke(writing, portal().policy, who, held, reason=reason, now=portal().clock.now())
