"""The forms of granting a role, of choosing letters and of making a token."""

from typing import Any

from wtforms import DateField, HiddenField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.widgets import CheckboxInput, ListWidget

from portal.account.team import Team
from portal.people.models import Digest
from portal.signin import tokens
from portal.web.forms import Form, at_most, required
from portal.web.language import lazy as _l


class GrantForm(Form):
    """Whom, what, from when, until when, and on what ground."""

    person = SelectField(_l("À qui"), [required(_l("la personne"))])
    role = SelectField(_l("Quelle fonction"), [required(_l("la fonction"))])
    starts_on = DateField(_l("À partir du"), [required(_l("le premier jour"))])
    until = DateField(_l("Jusqu’au"), [required(_l("le dernier jour"))], description=_l("Ce jour compris ; le 31 août par défaut."))
    letter = StringField(_l("Référence de la lettre de mission"), [at_most(120, _l("La référence"))])
    reason = StringField(
        _l("Raison"), [at_most(1000, _l("La raison"))], description=_l("En une phrase, si elle est utile à qui la lira.")
    )

    @classmethod
    def of(cls, team: Team, typed: Any = None) -> "GrantForm":
        form = cls(typed, data={"starts_on": team.today, "until": team.until})
        form.person.choices = [SelectChoice("", _l("Choisissez une personne")), *(SelectChoice(*one) for one in team.members)]
        form.role.choices = [SelectChoice("", _l("Choisissez une fonction")), *(SelectChoice(*one) for one in team.roles)]
        return form


class LettersForm(Form):
    """How often the portal writes."""

    often = RadioField(
        _l("Ce que le portail m’écrit"),
        [required(_l("la fréquence des lettres"))],
        choices=[
            SelectChoice(Digest.EACH, _l("chaque lettre dès qu’elle part")),
            SelectChoice(Digest.DAILY, _l("un résumé par jour")),
            SelectChoice(Digest.WEEKLY, _l("un résumé par semaine")),
        ],
        description=_l("Ce choix vaudra pour les lettres à venir, à l’adresse que donne l’ENT."),
    )


class TokenForm(Form):
    """What a program may do for its owner, and how long. `key` makes of each form shown one token at most."""

    key = HiddenField()
    label = StringField(
        _l("Nom du jeton"),
        [required(_l("le nom du jeton")), at_most(60, _l("Le nom"))],
        description=_l("À quoi il sert, pour le reconnaître dans la liste : « tableur des salles »."),
    )
    scopes = SelectMultipleField(
        _l("Ce qu’il permet"),
        [required(_l("au moins une permission"))],
        widget=ListWidget(),
        option_widget=CheckboxInput(),
        description=_l("Rien d’autre, et jamais plus que ce que vous pouvez vous-même."),
    )
    days = RadioField(
        _l("Durée"),
        choices=[
            SelectChoice(30, _l("30 jours")),
            SelectChoice(tokens.USUAL, _l("90 jours")),
            SelectChoice(tokens.LONGEST, _l("366 jours")),
        ],
        coerce=int,
        default=tokens.USUAL,
    )

    @classmethod
    def of(cls, offered: list[tuple[str, str]], key: str, typed: Any = None) -> "TokenForm":
        form = cls(typed, data={"key": key})
        form.scopes.choices = [SelectChoice(*one) for one in offered]
        return form

    def wish(self) -> tokens.Wish:
        return tokens.Wish(self.label.data or "", self.scopes.data or [], self.days.data)
