"""What a program learns of the person whose token it shows, and of the token itself."""

from typing import Any

from flask import Blueprint, Response, jsonify, request
from pydantic import Field
from sqlmodel import col, select

from portal.people.access import May
from portal.people.models import Standing
from portal.people.queries import accreditations_of, attachments_of
from portal.territories.models import School
from portal.text import french
from portal.web.api import Answered, Asked, answers, read
from portal.web.kit import access, portal, session
from portal.web.language import say
from portal.web.reading import reader, token

bp = Blueprint("account_api", __name__, url_prefix="/api/v1")


class OwnSchool(Answered):
    """Un établissement auquel on est dit rattaché."""

    uai: str
    name: str | None = Field(description="null si l’annuaire ne le connaît pas.")
    standing: Standing


class Granted(Answered):
    """Une fonction confiée, en vigueur ou à venir."""

    role: str
    scope: str = Field(description="school:UAI, territory:CODE, ou * pour tout le portail.")
    until: str = Field(description="Le dernier jour, compris.")


class ShownToken(Answered):
    """Le jeton qui a servi à demander."""

    label: str
    scopes: list[str]
    expires_at: str


class Me(Answered):
    """La personne que le jeton désigne."""

    name: str
    function: str = Field(description="Ce dont ses décisions seraient signées.")
    schools: list[OwnSchool]
    accreditations: list[Granted]
    token: ShownToken


@bp.get("/me")
@access(May.USE_ACCOUNT)
@answers("Lire qui l’on est, et ce que permet le jeton", Me)
def me() -> Response:
    read(Asked, request.args)
    who, shown = reader(), token()
    return jsonify(
        name=who.name,
        function=say(who.actor.function),
        schools=_schools(who.person_id),
        accreditations=_accreditations(who.person_id),
        token={"label": shown.label, "scopes": list(shown.scopes), "expires_at": shown.expires_at.isoformat()},
    )


def _schools(person_id: int) -> list[dict[str, Any]]:
    held = attachments_of(session(), person_id)
    schools = session().exec(select(School).where(col(School.uai).in_([one.uai for one in held])))
    known = {one.uai: french(one.name) for one in schools}
    return [{"uai": one.uai, "name": known.get(one.uai), "standing": one.standing} for one in held]


def _accreditations(person_id: int) -> list[dict[str, str]]:
    held = accreditations_of(session(), person_id, portal().clock.now())
    return [{"role": one.called, "scope": one.scope, "until": one.until.isoformat()} for one in held]
