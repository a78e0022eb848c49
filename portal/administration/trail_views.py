"""The section of the trail, which only reads."""

from flask import Blueprint, Response, request

from portal.administration import trail
from portal.administration.sections import Section
from portal.administration.trail_file import MOST, file_of
from portal.administration.trail_form import TrailForm
from portal.administration.trail_words import words
from portal.errors import Refused
from portal.people.access import May
from portal.territories.queries import home_zone
from portal.text import Sentence
from portal.web.kit import access, portal, private, private_page, session
from portal.web.language import lazy as _l
from portal.web.reading import actor

bp = Blueprint("trail", __name__)
SECTION = Section(
    "/administration/trace",
    _l("Trace"),
    _l("Ce qui s’est passé : par qui, quand, sur quoi et pourquoi."),
    May.READ_TRAIL,
)
HIGHEST, LONGEST_NUMBER = 2**31 - 1, 20  # PostgreSQL holds no higher number of an event
NOT_A_QUESTION = Sentence("Cette adresse demande à la trace ce qu’elle ne sait pas chercher. Repartez de sa page.")


@bp.get("/administration/trace")
@access(May.READ_TRAIL)
def events() -> Response:
    form, zone = _form(), _zone()
    is_right = form.validate()
    asked = form.filter(zone) if is_right else None
    shown = trail.trail(session(), asked, words(), before=_number("avant"), after=_number("apres")) if asked else None
    return private_page("administration/trail.html", status=200 if is_right else 422, form=form, trail=shown, most=MOST)


@bp.get("/administration/trace.csv")
@access(May.READ_TRAIL)
def as_csv() -> Response:
    form, zone = _form(), _zone()
    if not form.validate():
        raise Refused([NOT_A_QUESTION])
    response = Response(file_of(portal().database, form.filter(zone)), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="trace-{portal().clock.today(zone).isoformat()}.csv"'
    return private(response)


def _form() -> TrailForm:
    portal().policy.demand(actor(), May.READ_TRAIL, None)
    return TrailForm.of(words(), request.args)


def _zone() -> str:
    return home_zone(session(), portal().settings.home_territory)


def _number(name: str) -> int:
    """Of an event, or 0: an address that was cut shows the newest."""
    typed = request.args.get(name, "")
    return min(int(typed), HIGHEST) if typed.isascii() and typed.isdecimal() and len(typed) < LONGEST_NUMBER else 0
