"""What is asked of the trail, as an address says it: a wrong word is told, and never changes what is shown."""

import re
from datetime import date
from typing import Any

from wtforms import DateField, Field, SelectChoice, SelectField, StringField  # type: ignore[attr-defined]
from wtforms.validators import Optional, Regexp, ValidationError

from portal.administration.trail import Filter
from portal.text import fold
from portal.trail.words import Words
from portal.web.forms import Form
from portal.web.language import gettext as _
from portal.web.language import lazy as _l
from portal.web.language import say

CODE = Regexp(r"[\w-]{1,40}\Z", re.ASCII, message=_l("Ce code n’existe pas. Choisissez dans la liste."))
FIRST, LAST = date(2000, 1, 1), date(2999, 12, 31)


def _is_a_day_of_ours(_form: Form, field: Field) -> None:
    if field.data and not FIRST <= field.data <= LAST:
        raise ValidationError(_("Ce jour est hors du calendrier du portail. Choisissez-en un autre."))


class TrailForm(Form):
    """Codes that nobody says in words are accepted: older events may hold some."""

    kind = SelectField(_l("Nature"), [Optional(), CODE], name="nature", validate_choice=False)
    move = SelectField(_l("Étape"), [Optional(), CODE], name="etape", validate_choice=False)
    since = DateField(_l("Du"), [Optional(), _is_a_day_of_ours], name="du")
    until = DateField(_l("Au"), [Optional(), _is_a_day_of_ours], name="au")
    actor = StringField(
        _l("Par qui"),
        [Optional(), Regexp(r"(person:[0-9]{1,9}|system:[\w .-]{1,50})\Z", message=_l("Écrivez « person:12 » pour un compte, ou « system:command line » pour le portail lui-même."))],
        name="acteur", description=_l("« person:12 » ou « system:… »"), render_kw={"autocomplete": "off", "spellcheck": "false"},
    )  # fmt: skip

    @classmethod
    def of(cls, words: Words, typed: Any) -> "TrailForm":
        form = cls(typed)
        for field, known in ((form.kind, words.kinds), (form.move, words.moves)):
            said = sorted((SelectChoice(code, say(sentence)) for code, sentence in known.items()), key=lambda one: fold(one.label))
            unsaid = [SelectChoice(field.data)] if field.data and field.data not in known else []
            field.choices = [SelectChoice("", _("Toutes")), *said, *unsaid]
        return form

    def validate_until(self, field: Field) -> None:
        """The library calls it: the second day is not before the first."""
        if field.data and self.since.data and field.data < self.since.data:
            raise ValidationError(_("Ce jour vient avant le premier. Corrigez l’un des deux."))

    def filter(self, zone: str) -> Filter:
        """Once it is valid."""
        return Filter(self.kind.data or "", self.move.data or "", self.actor.data or "", self.since.data, self.until.data, zone)
