"""The page by which a head of school renews the whole team, after a sign-in less than ten minutes old and proved."""

from typing import Any

from flask import Blueprint, Response, g, request
from sqlmodel import Session

from portal.account import renewal, team
from portal.account.renewal import Outcome, RenewalForm, Shown
from portal.people.access import May
from portal.people.places import Place
from portal.people.renewing import Again, Renewal, renew
from portal.people.renewing import renewal as renewal_of
from portal.text import clean
from portal.web.kit import access, portal, private_page, session
from portal.web.proving import is_fresh, stopped
from portal.web.reading import actor

bp = Blueprint("renewal", __name__)
PATH = "/etablissements/<uai>/equipe/renouvellement"
LINES = "ligne"


@bp.get(PATH)
@access(May.GRANT)
def lines(uai: str) -> Response:
    place = _place(uai)
    found = _found(session(), place)
    return _page(renewal.shown(place, found), RenewalForm.of(found))


@bp.post(PATH)
@access(May.GRANT)
def renew_team(uai: str) -> Any:
    place, ticked = _place(uai), renewal.keys_of(request.form.getlist(LINES))
    found = _found(session(), place)
    form = RenewalForm.of(found, request.form)
    if not (form.validate() and ticked):
        if not ticked:
            form.refuse_without_a_line()
        return _page(renewal.shown(place, found, ticked), form, status=422)
    return stopped() or _renewed(place, form, ticked)


def _place(uai: str) -> Place:
    place = team.place_for(session(), portal().policy, actor(), uai, May.GRANT)
    g.zone = place.zone
    return place


def _found(reading: Session, place: Place) -> Renewal:
    return renewal_of(reading, portal().policy, actor(), place, portal().clock.now())


def _renewed(place: Place, form: RenewalForm, ticked: list[int]) -> Response:
    """The answer says what became of each line, above those that remain; sent again, it grants nothing more."""
    until: Any = form.until.data  # the form refuses itself without a day
    asked, who, now = Again(ticked, until, clean(form.letter.data or "")), actor(), portal().clock.now()

    def work(writing: Session) -> tuple[Shown, Outcome]:
        judged = renew(writing, portal().policy, who, place, asked, now=now)
        others = len(judged) < len(ticked)
        return renewal.shown(place, _found(writing, place), ticked), renewal.outcome(judged, others=others)

    after, outcome = portal().database.write(work)
    return _page(after, form, outcome=outcome, status=200 if outcome.renewed else 422)


def _page(found: Shown, form: RenewalForm, *, outcome: Outcome | None = None, status: int = 200) -> Response:
    return private_page(
        "account/renewal.html", status=status, renewal=found, form=form, outcome=outcome, lines=LINES, is_fresh=is_fresh()
    )
