"""A code that is no school's: what is wrong with it, and the schools that may have been meant."""

from dataclasses import dataclass

from sqlmodel import Session

from catalogue.browse.place import Place
from catalogue.browse.schools import Line, line_of
from portal.territories.models import School
from portal.territories.queries import NEAREST, neighbours, schools_of
from portal.territories.uai import DIGITS, SHAPE, as_written, expected_letter, is_possible, slips
from portal.text import clean
from portal.web.language import gettext as _

LONGEST = 60


@dataclass(frozen=True)
class WrongUai:
    """What `schools/unknown.html` shows. `typed`: what was asked, empty when it is a code and the sentence says it."""

    sentence: str
    help: str
    typed: str
    nearest_title: str
    nearest: list[Line]


def wrong_uai(session: Session, text: str, place: Place) -> WrongUai:
    code = as_written(text)
    typed = clean(text)[:LONGEST]
    if is_possible(code):
        title = _("Les codes les plus proches")
        said = _("Aucun établissement ne porte ce code : %(code)s.", code=code)
        return _wrong(said, "", title, neighbours(session, code), place)
    if SHAPE.fullmatch(code):
        right = expected_letter(code[:7])
        said = _("La lettre de contrôle de %(code)s devrait être %(letter)s.", code=code, letter=right)
        return _wrong(said, "", _("Vous cherchez peut-être"), schools_of(session, slips(code))[:NEAREST], place)
    if DIGITS.fullmatch(code):
        right = code + expected_letter(code)
        said = _("Il manque la lettre de contrôle de ce code : ce serait %(code)s.", code=right)
        return _wrong(said, "", _("Vous cherchez peut-être"), schools_of(session, [right]), place)
    said = _("Ce n’est pas le code d’un établissement : il faut sept chiffres et une lettre, par exemple 0261505V.")
    return _wrong(said, typed, "", [], place)


def _wrong(sentence: str, typed: str, title: str, nearest: list[School], place: Place) -> WrongUai:
    helping = _(
        "Un code UAI (ancien RNE) a sept chiffres, puis une lettre qui les contrôle. Cherchez plutôt par le nom ou la ville."
    )
    return WrongUai(sentence, helping, typed, title, [line_of(one, place) for one in nearest])
