"""The form that corrects what a territory says of itself."""

from typing import Any

from wtforms import HiddenField, StringField, TextAreaField

from portal.administration.territories import WORDS
from portal.territories.editing import Correction, written
from portal.territories.models import Territory
from portal.territories.rules import LONGEST_CONTACT, LONGEST_NAME, LONGEST_REASON, LONGEST_TEXT, PROCESS
from portal.text import french
from portal.web.forms import Form, at_most, number, required
from portal.web.language import lazy as _l


class TerritoryForm(Form):
    """Lengths are the rules’ own; `version`: what was read, so that nobody’s correction is erased unseen."""

    version = HiddenField()
    name = StringField(WORDS["name"], [required(_l("le nom du territoire")), at_most(LONGEST_NAME, _l("Le nom"))])
    contact = StringField(
        WORDS["contact"], [at_most(LONGEST_CONTACT, _l("L’adresse"))],
        description=_l("Celle du service : elle reçoit les lettres du portail."),
    )  # fmt: skip
    who = TextAreaField(WORDS["who"], [at_most(LONGEST_TEXT, _l("Le texte"))])
    delay = TextAreaField(WORDS["delay"], [at_most(LONGEST_TEXT, _l("Le texte"))])
    payer = TextAreaField(WORDS["payer"], [at_most(LONGEST_TEXT, _l("Le texte"))])
    effect = TextAreaField(WORDS["effect"], [at_most(LONGEST_TEXT, _l("Le texte"))])
    notice = TextAreaField(
        WORDS["notice"], [at_most(LONGEST_TEXT, _l("La mention"))], description=_l("Montrée sous ces règles, s’il y a lieu.")
    )
    reason = StringField(
        _l("Raison de la correction"), [required(_l("la raison de la correction")), at_most(LONGEST_REASON, _l("La raison"))],
        description=_l("En une phrase : elle est conservée avec votre fonction et le jour."),
    )  # fmt: skip

    @classmethod
    def of(cls, territory: Territory, typed: Any = None) -> "TerritoryForm":
        return cls(typed, data={"version": str(territory.version), **written(territory)})

    def groups(self) -> list[tuple[Any, list[str]]]:
        return [
            (_l("Le territoire"), ["name", "contact"]),
            (_l("Ce que disent les fiches des titres hors liste"), list(PROCESS)),
            (_l("Cette correction"), ["reason"]),
        ]

    def typed(self) -> Correction:
        said = {field: self[field].data or "" for field in WORDS}
        return Correction(number(self.version.data), said, self.reason.data or "")

    def differing(self, territory: Territory) -> list[tuple[str, str]]:
        """What another person has written meanwhile, where it is not what was typed here."""
        return [
            (str(WORDS[field]), french(value)) for field, value in written(territory).items() if (self[field].data or "") != value
        ]
