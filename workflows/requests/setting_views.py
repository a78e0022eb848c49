"""The section of the administration where a territory sets the steps, delays and campaigns of its requests."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, g, redirect, request
from sqlmodel import Session, col, select

from portal.administration.sections import Section
from portal.errors import OutOfDate, Refused
from portal.territories.access import May
from portal.territories.editing import find_territory, territories_of
from portal.territories.models import Territory
from portal.text import clean, french
from portal.web.forms import Form, number
from portal.web.kit import access, close_session, page, portal, session
from portal.web.language import lazy as _l
from portal.web.reading import actor
from workflows.requests.models import RequestCampaign, RequestSteps
from workflows.requests.setting import drop_campaign, find_campaign, put_campaign, set_steps
from workflows.requests.setting_forms import CampaignForm, StepsForm

bp = Blueprint("request_settings", __name__)
SECTION = Section(
    "/administration/demandes",
    _l("Étapes des demandes"),
    _l("Qui relaie et vise, en combien de jours, et quand chaque territoire reçoit les demandes."),
    May.MANAGE_TERRITORY,
)
PATH = "/administration/demandes"
ONE = f"{PATH}/<territory>"
Work = Callable[[Session, Territory], None]


@bp.get(PATH)
@access(May.MANAGE_TERRITORY)
def all_territories() -> Response:
    mine = territories_of(session(), portal().policy, actor(), May.MANAGE_TERRITORY)
    lines = [(french(one.name), f"{PATH}/{one.code}") for one in mine]
    return page("administration/by_territory.html", section=SECTION, territories=lines)


@bp.get(ONE)
@access(May.MANAGE_TERRITORY)
def settings(territory: str) -> Response:
    return _shown(territory)


@bp.post(ONE)
@access(May.MANAGE_TERRITORY)
def write_steps(territory: str) -> Any:
    form = StepsForm.of(_steps(_held(session(), territory)), request.form)
    read, policy, who, now = number(form.read.data or ""), portal().policy, actor(), portal().clock.now()

    def work(writing: Session, held: Territory) -> None:
        set_steps(writing, policy, who, held, form.steps(), read=read, reason=form.reason.data or "", at=now)

    return _carried_out(territory, form, work) or _shown(territory, steps=form, status=g.get("refused", 422))


@bp.post(f"{ONE}/campagnes")
@access(May.MANAGE_TERRITORY)
def write_campaign(territory: str) -> Any:
    """To put one, or with `faire=supprimer` to take one away."""
    form = CampaignForm.of(None, request.form)
    key, policy, who, now = number(form.key.data or ""), portal().policy, actor(), portal().clock.now()

    def work(writing: Session, held: Territory) -> None:
        if request.form.get("faire", "") == "supprimer":
            drop_campaign(writing, policy, who, held, key, reason=form.why.data or "", at=now)
        else:
            put_campaign(writing, policy, who, held, form.window(), key=key, reason=form.why.data or "", at=now)

    return _carried_out(territory, form, work) or _shown(territory, campaign=form, status=g.get("refused", 422))


@bp.get(f"{ONE}/campagnes/<int:campaign>")
@access(May.MANAGE_TERRITORY)
def one_campaign(territory: str, campaign: int) -> Response:
    held = find_campaign(session(), _held(session(), territory), campaign)
    return _shown(territory, campaign=CampaignForm.of(held))


def _held(reading: Session, code: str) -> Territory:
    held = find_territory(reading, portal().policy, actor(), May.MANAGE_TERRITORY, code)
    g.zone = held.zone
    return held


def _steps(territory: Territory) -> RequestSteps | None:
    return session().exec(select(RequestSteps).where(RequestSteps.territory_id == territory.key)).one_or_none()


def _carried_out(code: str, form: Form, work: Work) -> Any:
    """The way back; None when a rule refuses, which the form then says, with all that was typed."""
    if not form.validate():
        return None
    try:
        portal().database.write(lambda writing: work(writing, _held(writing, code)))
    except (OutOfDate, Refused) as refused:
        close_session()
        form.refuse(refused.reasons)
        g.refused = 409 if isinstance(refused, OutOfDate) else 422
        return None
    return redirect(f"{PATH}/{clean(code)}", 303)


def _shown(code: str, *, steps: StepsForm | None = None, campaign: CampaignForm | None = None, status: int = 200) -> Response:
    held = _held(session(), code)
    stored = _steps(held)
    if steps is not None and status == 409:
        steps.read.data = str(stored.version if stored else 0)
        steps.refuse(steps.differing(stored))
    campaigns = session().exec(
        select(RequestCampaign).where(RequestCampaign.territory_id == held.key).order_by(col(RequestCampaign.opens_on).desc())
    )
    return page(
        "requests/settings.html",
        status=status,
        name=french(held.name),
        url=f"{PATH}/{held.code}",
        steps=steps or StepsForm.of(stored),
        campaign=campaign or CampaignForm.of(None),
        campaigns=campaigns.all(),
    )
