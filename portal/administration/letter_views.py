"""The section where a territory words its letters."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, redirect, request
from sqlmodel import Session

from portal.administration import letters
from portal.administration.letter_form import LetterForm
from portal.administration.letters import PATH
from portal.administration.sections import Section
from portal.errors import OutOfDate, Refused
from portal.letters.wording import Wording, go_back, own_words, put_words
from portal.territories.access import May
from portal.territories.editing import find_territory, territories_of
from portal.territories.models import Territory
from portal.text import clean, french
from portal.web.kit import access, close_session, page, portal, session
from portal.web.language import lazy as _l
from portal.web.reading import actor

bp = Blueprint("letter_words", __name__)
SECTION = Section(
    "/administration/lettres",
    _l("Mots des lettres"),
    _l("Les mots que chaque territoire emploie pour dire ce qui se passe."),
    May.MANAGE_TERRITORY,
)
OF_ONE = f"{PATH}/<territory>"
ONE = f"{OF_ONE}/<letter>"


@bp.get(PATH)
@access(May.MANAGE_TERRITORY)
def all_territories() -> Response:
    mine = territories_of(session(), portal().policy, actor(), May.MANAGE_TERRITORY)
    return page(
        "administration/by_territory.html", section=SECTION, territories=[(french(one.name), f"{PATH}/{one.code}") for one in mine]
    )


@bp.get(OF_ONE)
@access(May.MANAGE_TERRITORY)
def of_territory(territory: str) -> Response:
    held = _held(session(), territory)
    return page("administration/letters.html", name=french(held.name), letters=letters.lines(session(), held))


@bp.get(ONE)
@access(May.MANAGE_TERRITORY)
def one(territory: str, letter: str) -> Response:
    return _shown(territory, letter)


@bp.post(ONE)
@access(May.MANAGE_TERRITORY)
def write(territory: str, letter: str) -> Any:
    """To put words, or with `faire=revenir` to go back to those of the portal."""
    words = letters.find(letter)
    form = LetterForm.of(words, None, request.form)
    back = request.form.get("faire") == "revenir"
    if not (form.reason.validate(form) if back else form.validate()):
        return _shown(territory, letter, form, 422)
    try:
        _write(territory, form.wording(words), go_back if back else put_words)
    except (OutOfDate, Refused) as refused:
        return _refused(territory, letter, form, refused)
    return redirect(f"{PATH}/{clean(territory)}/{words.code}", 303)


def _write(territory: str, wording: Wording, work: Callable[..., None]) -> None:
    policy, who, now = portal().policy, actor(), portal().clock.now()
    portal().database.write(lambda writing: work(writing, policy, who, _held(writing, territory), wording, at=now))


def _held(reading: Session, code: str) -> Territory:
    return find_territory(reading, portal().policy, actor(), May.MANAGE_TERRITORY, code)


def _refused(territory: str, letter: str, form: LetterForm, refused: OutOfDate | Refused) -> Response:
    close_session()
    form.refuse(refused.reasons)
    if not isinstance(refused, OutOfDate):
        return _shown(territory, letter, form, 422)
    own = own_words(session(), _held(session(), territory), letter)
    form.read.data = str(own.version if own else 0)  # what is stored is shown above: sent again, it is meant over that
    return _shown(territory, letter, form, 409)


def _shown(territory: str, letter: str, form: LetterForm | None = None, status: int = 200) -> Response:
    held, words = _held(session(), territory), letters.find(letter)
    own = own_words(session(), held, words.code)
    return page(
        "administration/letter.html",
        status=status,
        name=french(held.name),
        back=f"{PATH}/{held.code}",
        letter=letters.shown(held, words, own),
        form=form or LetterForm.of(words, own),
    )
