"""What a person should know before sending: whether they have it already, what answers the same need, who asks too, what was refused, when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select

from catalogue.browse.answers import for_school
from catalogue.browse.place import Place
from catalogue.browse.rows import Row, lines
from catalogue.browse.sheet import decision_in_force, in_force
from catalogue.browse.standpoint import answer_for
from catalogue.search.answering import alternatives, answer, find
from catalogue.search.question import Question
from catalogue.support.badges import Badge, badge
from catalogue.support.models import Support
from portal.db import related
from portal.text import fold, french
from portal.trail.models import Event
from portal.web.language import day, say
from portal.web.language import gettext as _
from workflows.requests.badges import KINDS
from workflows.requests.guards import OPEN
from workflows.requests.models import CoSignature, RequestCampaign, RequestKind, RequestStatus, SoftwareRequest

NEAR, SIMILAR, ALTERNATIVES = 4, 5, 4
MAINTAINED = {"good", "ending"}  # tones of the levels that a list gives
MAINTAINED_LEVELS = {Support.MAINTAINED, Support.ENDING}
REFUSED = {Support.REFUSED, Support.FORBIDDEN}


@dataclass(frozen=True)
class Similar:
    """An open request for the same thing, without any name. `supporters`: whoever asks is one."""

    number: int
    kind: str
    school: str
    city: str
    supporters: int
    is_of_school: bool


@dataclass(frozen=True)
class Refusal:
    """What was said no to, by whom, and what would change it."""

    by: str
    on: str
    reason: str
    change: str = ""
    again: str = ""


@dataclass(frozen=True)
class Advice:
    """What `requests/_advice.html` shows. `title`: None for what the catalogue does not hold; `is_there`: a new one is asked, and it is not new."""

    named: str
    school: str
    title: Row | None = None
    support: Badge | None = None
    is_there: bool = False
    answer: list[str] = field(default_factory=list)
    near: list[Row] = field(default_factory=list)
    same_need: list[Row] = field(default_factory=list)
    similar: list[Similar] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    dates: list[str] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)


def advice(
    session: Session, request: SoftwareRequest, place: Place, campaigns: Sequence[RequestCampaign], wanted: date | None
) -> Advice:
    """`place`: the catalogue as the request's school sees it. `wanted`: the day by which it is needed, when it is said."""
    found = _find(place, request)
    shown: dict[str, Any] = _known(place, *found) if found else {"near": _near(place, request.title_name)}
    shown["is_there"] = shown.get("is_there", False) and request.kind is RequestKind.NEW_TITLE
    refused = shown.pop("refusals", []) + _declined(session, request)
    return Advice(
        named=request.title_name,
        school=place.school.name if place.school else "",
        similar=similar(session, request),
        refusals=refused,
        dates=dates(campaigns, place.today, wanted),
        **shown,
    )


def dates(campaigns: Sequence[RequestCampaign], today: date, wanted: date | None) -> list[str]:
    """What a request sent today may hope for; a day that the territory did not set is said to be unknown."""
    running = [one for one in campaigns if one.opens_on <= today]
    coming = next((one for one in campaigns if one.opens_on > today), None)
    if not running and coming is None:
        return [_("Ce territoire n’a pas publié de dates pour les demandes : on ne sait pas quand celle-ci sera examinée.")]
    said = [_promise(one, wanted) for one in running]
    if not running and coming:
        said.append(_("Aucune campagne n’est ouverte. Vous pouvez envoyer quand même : la demande sera prête pour la prochaine."))
    if coming and all(_is_too_late(one, wanted) for one in running):
        said.append(_("Ensuite : %(promise)s", promise=_promise(coming, wanted)))
    return said


def _promise(one: RequestCampaign, wanted: date | None) -> str:
    unknown = _("date non fixée")
    said = _(
        "« %(name)s », jusqu’au %(closes)s : visa de l’établissement (%(visa)s), avis de la commission (%(advice)s), "
        "décision (%(decision)s), sur les postes (%(ready)s).",
        name=french(one.name), closes=day(one.closes_on), visa=day(one.endorsed_by) or unknown, advice=day(one.advised_by) or unknown,
        decision=day(one.decided_by) or unknown, ready=day(one.ready_on) or unknown,
    )  # fmt: skip
    return said + " " + _("C’est après le jour où il vous le faut.") if _is_too_late(one, wanted) else said


def _is_too_late(one: RequestCampaign, wanted: date | None) -> bool:
    return wanted is not None and one.ready_on is not None and one.ready_on > wanted


def _find(place: Place, request: SoftwareRequest) -> tuple[dict[str, Any], dict[str, Any]] | None:
    return find(place.volume, request.title.slug) if request.title else None


def _known(place: Place, row: dict[str, Any], details: dict[str, Any]) -> dict[str, Any]:
    at, rows = place.at(row), lines(place)
    level = Support(at["level"])
    listed = in_force(details, place.territory, at["lists"], place.today)
    decision = decision_in_force(details, place.territory, place.today)
    others = alternatives(place.volume, row, details["alternatives"], place.territory, place.reach, most=3 * ALTERNATIVES)
    asked = (
        answer_for(place.school, row["at"][place.territory]["lists"], place.territory, place.volume.meta) if place.school else None
    )
    shown = rows.of(row)
    return {
        "title": shown,
        "support": badge(level),
        "is_there": level in MAINTAINED_LEVELS and bool(at["lists"]),
        "answer": for_school(asked, level, at, listed, decision if level not in MAINTAINED_LEVELS else None) if asked else [],
        "same_need": [one for one in map(rows.of, others) if one.support.tone in MAINTAINED][:ALTERNATIVES],
        "refusals": [_refused(decision)] if decision and Support(decision["level"]) in REFUSED else [],
        "facts": _facts(shown, row, details),
    }


def _facts(shown: Row, row: dict[str, Any], details: dict[str, Any]) -> list[tuple[str, str]]:
    """What nobody has to write: the catalogue knows it."""
    newest = row["latest"] or _("inconnue")
    silent = next((one["silent_switch"] for one in details["installers"] if one["current"] and one["silent_switch"]), "")
    return [
        (_("Éditeur"), shown.publisher or _("inconnu")),
        (_("Licence"), shown.licence),
        (_("Systèmes"), shown.platforms or _("inconnus")),
        (_("Dernière version publiée"), newest),
        (_("Installation sans question"), _("connue") if silent else _("inconnue")),
    ]


def _near(place: Place, name: str) -> list[Row]:
    """Titles that what was typed may mean."""
    if len(fold(name)) < 2:
        return []
    found = answer(place.volume, Question(name, per_page=NEAR), place.territory, place.reach)
    rows = lines(place)
    return [rows.of(row) for row in (found.rows or found.nearest)[:NEAR]]


def _refused(decision: Mapping[str, Any]) -> Refusal:
    return Refusal(
        decision["signed_by"], day(decision["since"]), decision["reason"], decision["what_would_change"], decision["ask_again"]
    )


def _declined(session: Session, request: SoftwareRequest) -> list[Refusal]:
    """By the school itself, the last time."""
    if not request.title_key:
        return []
    last = session.execute(
        sa.select(col(Event.function), col(Event.at), col(Event.reason))
        .join(SoftwareRequest, col(SoftwareRequest.id) == Event.subject_id)
        .where(
            col(Event.subject_kind) == SoftwareRequest.__tablename__,
            col(Event.move) == "decline",
            col(SoftwareRequest.scope) == request.scope,
            col(SoftwareRequest.title_key) == request.title_key,
            col(SoftwareRequest.status) == RequestStatus.DECLINED,
        ).order_by(col(Event.id).desc()).limit(1)
    ).all()  # fmt: skip
    return [Refusal(function, day(at.isoformat()), french(reason)) for function, at, reason in last]


def _says_alike(kind: RequestKind) -> sa.ColumnElement[bool]:
    """Who wants a title gone is not joined by who wants it, nor the other way."""
    gone = col(SoftwareRequest.kind) == RequestKind.WITHDRAWAL
    return gone if kind is RequestKind.WITHDRAWAL else sa.not_(gone)


def similar(session: Session, request: SoftwareRequest) -> list[Similar]:
    """Open ones of the same territory for the same title: those of the school, then those that most people support."""
    if not request.title_key:
        return []
    supporters = (
        select(sa.func.count(col(CoSignature.id)))
        .where(CoSignature.request_id == SoftwareRequest.id, col(CoSignature.taken_back_at).is_(None))
        .correlate(SoftwareRequest)
        .scalar_subquery()
    )
    of_school = col(SoftwareRequest.scope) == request.scope
    return [
        Similar(one.key, say(KINDS[one.kind]), french(one.school.name), one.school.city, count + 1, one.scope == request.scope)
        for one, count in session.execute(
            select(SoftwareRequest, supporters)
            .options(joinedload(related(SoftwareRequest.school)))
            .where(
                SoftwareRequest.title_key == request.title_key,
                SoftwareRequest.within == request.within,
                col(SoftwareRequest.status).in_(OPEN),
                _says_alike(request.kind),
                col(SoftwareRequest.id) != (request.id or 0),
            )
            .order_by(of_school.desc(), supporters.desc(), col(SoftwareRequest.id))
            .limit(SIMILAR)
        ).all()
    ]
