"""The section of what schools declared that they teach: found, and withdrawn with a reason when it is wrong."""

from typing import Any

from flask import Blueprint, Response, redirect, request

from portal.administration.programmes import PATH, Asked, programmes
from portal.administration.sections import Section
from portal.territories.access import May
from portal.territories.editing import territories_of, withdraw
from portal.web.kit import access, page, portal, session
from portal.web.language import lazy as _l
from portal.web.reading import actor

bp = Blueprint("programmes", __name__)
SECTION = Section(
    "/administration/formations",
    _l("Formations déclarées"),
    _l("Ce que les établissements disent enseigner, et ce qui en est retiré."),
    May.WITHDRAW_TEACHING,
)


@bp.get(PATH)
@access(May.WITHDRAW_TEACHING)
def all_programmes() -> Response:
    asked = Asked.of(*(request.args.get(name, "") for name in ("q", "type", "territoire", "page")))
    mine = territories_of(session(), portal().policy, actor(), May.WITHDRAW_TEACHING)
    return page("administration/programmes.html", found=programmes(session(), mine, asked))


@bp.post(f"{PATH}/<int:teaching>/retrait")
@access(May.WITHDRAW_TEACHING)
def withdraw_programme(teaching: int) -> Any:
    policy, who, now = portal().policy, actor(), portal().clock.now()
    reason = request.form.get("raison", "")
    portal().database.write(lambda writing: withdraw(writing, policy, who, teaching, reason=reason, at=now))
    asked = Asked.of(*(request.args.get(name, "") for name in ("q", "type", "territoire", "page")))
    return redirect(asked.url(), 303)
