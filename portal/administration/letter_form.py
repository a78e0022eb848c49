"""The form of a letter's words."""

from typing import Any

from wtforms import HiddenField, StringField, TextAreaField

from portal.letters.models import LetterWords
from portal.letters.wording import LONGEST_REASON, Wording
from portal.letters.words import LONGEST_SUBJECT, LONGEST_TEXT, Words
from portal.web.forms import Form, at_most, number, required
from portal.web.language import lazy as _l


class LetterForm(Form):
    """`read`: the version that was read; 0 for the words that come with the portal."""

    read = HiddenField()
    subject = StringField(_l("Objet"), [required(_l("l’objet")), at_most(LONGEST_SUBJECT, _l("L’objet"))])
    text = TextAreaField(
        _l("Texte"), [required(_l("le texte")), at_most(LONGEST_TEXT, _l("Le texte"))],
        description=_l("« Bonjour », le lien et la signature s’ajoutent d’eux-mêmes. Un paragraphe dont les valeurs sont vides disparaît."),
        render_kw={"rows": 9},
    )  # fmt: skip
    reason = StringField(
        _l("Raison de ce changement"), [required(_l("la raison de ce changement")), at_most(LONGEST_REASON, _l("La raison"))],
        description=_l("En une phrase : elle est conservée avec votre fonction et le jour."),
    )  # fmt: skip

    @classmethod
    def of(cls, words: Words, own: LetterWords | None, typed: Any = None) -> "LetterForm":
        said = own or words
        return cls(typed, data={"subject": said.subject, "text": said.text, "read": str(own.version if own else 0)})

    def wording(self, words: Words) -> Wording:
        """Of a form that is valid."""
        return Wording(words, number(self.read.data or ""), self.subject.data or "", self.text.data or "", self.reason.data or "")
