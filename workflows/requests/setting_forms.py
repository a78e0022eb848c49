"""The forms of a territory's steps and of a campaign."""

from typing import Any

from wtforms import BooleanField, DateField, HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import NumberRange, Optional

from portal.text import clean
from portal.web.forms import Form, at_most, required
from portal.web.language import lazy as _l
from workflows.requests.models import RequestCampaign, RequestSteps
from workflows.requests.setting import LONGEST_REASON, Window
from workflows.requests.steps import Steps

WHY = _l("Raison de ce changement")
KEPT = _l("En une phrase : elle est conservée avec votre fonction et le jour.")
MOST_DAYS = 250


def _days(label: Any) -> IntegerField:
    between = NumberRange(1, MOST_DAYS, _l("Écrivez un nombre entier de 1 à %(most)s.", most=MOST_DAYS))
    return IntegerField(label, [Optional(), between], render_kw={"inputmode": "numeric"})


def _reason() -> StringField:
    return StringField(
        WHY, [required(_l("la raison de ce changement")), at_most(LONGEST_REASON, _l("La raison"))], description=KEPT
    )


def _shown(value: Any) -> Any:
    return {True: _l("oui"), False: _l("non"), None: _l("rien"), "": _l("rien")}.get(value, value)


class StepsForm(Form):
    """Which steps are asked for, how long each lasts, what the receipt says. `read`: the version that was read."""

    read = HiddenField()
    relay_required = BooleanField(_l("Le ou la référent·e numérique relaie la demande"))
    visa_required = BooleanField(_l("Le ou la chef·fe d’établissement vise la demande"))
    relay_days = _days(_l("Pour relayer"))
    visa_days = _days(_l("Pour viser"))
    instruction_days = _days(_l("Pour instruire"))
    answer_days = _days(_l("Pour que la personne qui demande réponde à une question"))
    block_days = _days(_l("Pour compléter un volet"))
    remind_days = _days(_l("Rappeler, avant une échéance"))
    escalate_days = _days(_l("Signaler un retard plus haut, après une échéance"))
    receipt = TextAreaField(
        _l("Mention de l’accusé de réception"), [at_most(1200, _l("La mention"))],
        description=_l("Ce que vaut le silence, et comment demander un nouvel examen."), render_kw={"rows": 4},
    )  # fmt: skip
    reason = _reason()

    @classmethod
    def of(cls, held: RequestSteps | None, typed: Any = None) -> "StepsForm":
        steps = Steps() if held is None else held
        said = {name: getattr(steps, name) for name in Steps.__dataclass_fields__}
        return cls(typed, data=said | {"read": str(held.version if held else 0)})

    def groups(self) -> list[tuple[Any, list[str]]]:
        return [
            (_l("Les étapes de l’établissement"), ["relay_required", "visa_required"]),
            (_l("Les délais, en jours ouvrés"), ["relay_days", "visa_days", "instruction_days", "answer_days", "block_days"]),
            (_l("Les rappels, en jours ouvrés ; vide : aucun"), ["remind_days", "escalate_days"]),
            (_l("L’accusé de réception"), ["receipt"]),
            (_l("Ce changement"), ["reason"]),
        ]

    def differing(self, held: RequestSteps | None) -> list[Any]:
        """What another person has set meanwhile, where it is not what was typed here."""
        stored = Steps() if held is None else held
        return [
            _l("%(field)s, enregistré entre-temps : %(value)s", field=self[name].label.text, value=_shown(getattr(stored, name)))
            for name in Steps.__dataclass_fields__
            if (self[name].data or None) != (getattr(stored, name) or None)
        ]

    def steps(self) -> Steps:
        """Of a form that is valid; an empty delay is none."""
        return Steps(
            **{name: self[name].data for name in Steps.__dataclass_fields__ if name != "receipt"},
            receipt=clean(self.receipt.data or ""),
        )


class CampaignForm(Form):
    """A window, and the days that it lets hope for. `key`: the campaign that is corrected, empty for a new one."""

    key = HiddenField()
    name = StringField(_l("Nom de la campagne"), [required(_l("le nom")), at_most(80, _l("Le nom"))])
    opens_on = DateField(_l("Ouvre le"), [required(_l("le premier jour"))])
    closes_on = DateField(_l("Dernier jour pour envoyer"), [required(_l("le dernier jour"))], description=_l("Ce jour compris."))
    endorsed_by = DateField(_l("Visa de l’établissement au plus tard le"), [Optional()])
    advised_by = DateField(_l("Avis de la commission le"), [Optional()])
    decided_by = DateField(_l("Décision le"), [Optional()])
    ready_on = DateField(_l("Sur les postes le"), [Optional()])
    why = _reason()

    @classmethod
    def of(cls, held: RequestCampaign | None, typed: Any = None) -> "CampaignForm":
        said = {name: getattr(held, name) for name in Window.__dataclass_fields__} if held else {}
        return cls(typed, data=said | {"key": str(held.key) if held else ""})

    def window(self) -> Window:
        """Of a form that is valid."""
        return Window(**{name: self[name].data for name in Window.__dataclass_fields__})
