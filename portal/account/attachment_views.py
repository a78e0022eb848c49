"""Attachments: a person asks for a school, and its head settles who belongs there."""

from typing import Any

from flask import Blueprint, Response, g, redirect, request
from sqlmodel import Session

from portal.account import attachments, team
from portal.account.asking import Asking, asking
from portal.errors import OutOfDate, Refused
from portal.people.access import May
from portal.people.attaching import Verdict, ask, settle, take_back
from portal.people.models import Person, Standing
from portal.people.places import Place
from portal.text import Sentence, clean
from portal.web.kit import access, portal, private_page, session
from portal.web.language import say
from portal.web.pagination import page_number
from portal.web.rates import searched
from portal.web.reading import actor, reader

bp = Blueprint("attachments", __name__)
OWN = "/mon-compte/rattachements"
SCHOOL = "/etablissements/<uai>/rattachements"
MOST_REASON = 1000
DECISIONS = {"confirmer": Standing.CONFIRMED, "terminer": Standing.ENDED}
NO_DECISION = Sentence("Il manque la décision : confirmer le rattachement, ou le terminer. Choisissez l’un des deux boutons.")


@bp.get(OWN)
@access(May.USE_ACCOUNT)
@searched
def find() -> Response:
    return _asking(_found())


@bp.post(OWN)
@access(May.USE_ACCOUNT)
def ask_for() -> Any:
    return _changed(ask)


@bp.post(f"{OWN}/retrait")
@access(May.USE_ACCOUNT)
def give_up() -> Any:
    return _changed(take_back)


@bp.get(SCHOOL)
@access(May.SETTLE)
def of_school(uai: str) -> Response:
    return _shown(_place(uai))


@bp.post(f"{SCHOOL}/<int:person>")
@access(May.SETTLE)
def decide(uai: str, person: int) -> Any:
    place, reason = _place(uai), clean(request.form.get("raison", ""))
    try:
        _settled(place, person, reason)
    except (OutOfDate, Refused) as refused:
        status = 409 if isinstance(refused, OutOfDate) else 422
        return _shown(place, refused=refused.reasons, about=person, reason=reason, status=status)
    return redirect(_list(uai), 303)


def _list(uai: str) -> str:
    """Where the reader was in it."""
    said = _asked()
    return attachments.address(f"/etablissements/{uai}/rattachements", said["voir"], said["q"], page_number(said["page"]))


def _asked() -> dict[str, str]:
    return {name: clean(request.args.get(name, "")) for name in ("voir", "q", "page")}


def _settled(place: Place, person: int, reason: str) -> None:
    standing = DECISIONS.get(request.form.get("decision", ""))
    if standing is None:
        raise Refused([NO_DECISION])
    if len(reason) > MOST_REASON:
        raise Refused([Sentence("La raison dépasse %(n)s caractères. Raccourcissez-la.", n=MOST_REASON)])
    who, now, verdict = actor(), portal().clock.now(), Verdict(person, place, standing, reason)
    portal().database.write(lambda writing: settle(writing, portal().policy, who, verdict, now=now))


def _changed(change: Any) -> Any:
    """Ask, or take back; either way one's page of schools shows what stands now, and what was refused."""
    who, now, uai = reader(), portal().clock.now(), clean(request.form.get("uai", "")).upper()

    def work(writing: Session) -> None:
        change(writing, who.actor, writing.get_one(Person, who.person_id), uai, now)

    try:
        portal().database.write(work)
    except (OutOfDate, Refused) as refused:
        return _asking(_found(), refused=refused.reasons, status=409 if isinstance(refused, OutOfDate) else 422)
    return redirect("/mon-compte#ecoles", 303)


def _found() -> Asking:
    return asking(session(), reader(), clean(request.values.get("q", "")))


def _place(uai: str) -> Place:
    place = team.place_for(session(), portal().policy, actor(), uai, May.SETTLE)
    g.zone = place.zone
    return place


def _asking(found: Asking, *, refused: Any = (), status: int = 200) -> Response:
    return private_page("account/asking.html", status=status, asking=found, refused=[say(one) for one in refused])


def _shown(place: Place, *, refused: Any = (), about: int = 0, reason: str = "", status: int = 200) -> Response:
    said = _asked()
    shown = attachments.attachments(session(), actor(), place, view=said["voir"], q=said["q"], page=page_number(said["page"]))
    return private_page(
        "account/attachments.html",
        status=status,
        shown=shown,
        refused=[say(one) for one in refused],
        about=about,
        reason=reason,
    )
