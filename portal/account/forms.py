"""The forms of granting a role, of choosing letters and of making a token."""

from collections.abc import Mapping
from typing import Any

from wtforms import DateField, HiddenField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.widgets import CheckboxInput, ListWidget

from portal.account.team import Team
from portal.letters.badges import KINDS, PACES
from portal.letters.models import Kind, Pace
from portal.letters.pacing import USUAL
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


def _pace(kind: Kind, label: Any, description: Any) -> RadioField:
    choices = [SelectChoice(one, PACES[one]) for one in Pace]
    return RadioField(label, [required(_l("la fréquence"))], choices=choices, default=USUAL[kind], description=description)


class PacesForm(Form):
    """How often letters come, by kind of news. Fields are named as `Kind` says."""

    todo = _pace(Kind.TODO, KINDS[Kind.TODO], _l("Une question à laquelle répondre, une demande à faire avancer, un rappel."))
    own = _pace(
        Kind.OWN, KINDS[Kind.OWN], _l("Ce que devient ce que vous avez demandé. Un accusé de réception part toujours aussitôt.")
    )
    followed = _pace(Kind.FOLLOWED, KINDS[Kind.FOLLOWED], _l("Ce que deviennent les demandes auxquelles vous vous êtes joint·e."))
    said = _pace(Kind.SAID, KINDS[Kind.SAID], _l("Quand quelqu’un vous demande de lire ce qu’il ou elle écrit."))

    @classmethod
    def of(cls, chosen: Mapping[Kind, Pace], typed: Any = None) -> "PacesForm":
        return cls(typed, data={kind.value: pace.value for kind, pace in chosen.items()})

    def wanted(self) -> dict[Kind, Pace]:
        """Of a form that is valid."""
        return {kind: Pace(self[kind.value].data) for kind in Kind}


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
