"""The forms of a freeze: to decide or correct it, to end it early, to withdraw it."""

from typing import Any

from wtforms import BooleanField, DateField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from portal.administration.freezes import WHAT
from portal.calendars.freeze_rules import LONGEST_NAME, LONGEST_REASON, LONGEST_WHY, WantedFreeze
from portal.calendars.models import Freeze, FreezeTarget, Frozen
from portal.web.forms import Form, at_most, required
from portal.web.language import lazy as _l

WHY = _l("Raison de ce changement")
KEPT = _l("En une phrase : elle est conservée avec votre fonction et le jour.")


class FreezeForm(Form):
    """A freeze before it begins. The school is asked when it is decided, the reason of the change when it is corrected."""

    version = HiddenField()
    name = StringField(
        _l("Nom"), [required(_l("le nom du gel")), at_most(LONGEST_NAME, _l("Le nom"))],
        description=_l("Ce qui se passe ces jours-là : « Épreuves du brevet », par exemple."),
    )  # fmt: skip
    first = DateField(_l("Premier jour"), [required(_l("le premier jour"))])
    last = DateField(_l("Dernier jour"), [required(_l("le dernier jour"))], description=_l("Ce jour compris."))
    what = SelectField(
        _l("Ce qui s’arrête"),
        [required(_l("ce qui s’arrête"))],
        choices=[SelectChoice(one.value, words) for one, words in WHAT.items()],
    )
    school = StringField(
        _l("Un seul établissement"), [at_most(8, _l("L’UAI"))], description=_l("Son UAI. Vide : tout le territoire.")
    )
    reason = TextAreaField(
        _l("Raison du gel"), [required(_l("la raison du gel")), at_most(LONGEST_REASON, _l("La raison"))],
        description=_l("Les personnes qu’il arrête la liront."),
    )  # fmt: skip
    overridable = BooleanField(_l("Une dérogation motivée peut être accordée"))
    why = StringField(WHY, [required(_l("la raison de ce changement")), at_most(LONGEST_WHY, _l("La raison"))], description=KEPT)

    @classmethod
    def new(cls, typed: Any = None) -> "FreezeForm":
        form = cls(typed)
        del form.why, form.version
        return form

    @classmethod
    def of(cls, freeze: Freeze, typed: Any = None) -> "FreezeForm":
        stored = freeze.model_dump() | {"first": freeze.starts_on, "last": freeze.ends_on, "version": str(freeze.version)}
        form = cls(typed, data=stored)
        del form.school
        return form

    def wanted(self, school_id: int | None = None) -> WantedFreeze:
        """As the rules judge it, once the form itself is right."""
        first: Any = self.first.data
        last: Any = self.last.data
        return WantedFreeze(
            name=self.name.data or "",
            first=first,
            last=last,
            what=Frozen(self.what.data),
            reason=self.reason.data or "",
            overridable=bool(self.overridable.data),
            target=FreezeTarget.SCHOOL if school_id else FreezeTarget.TERRITORY,
            target_id=school_id,
        )


class EndForm(Form):
    """A freeze under way ends before its day."""

    last = DateField(
        _l("Nouveau dernier jour"), [required(_l("le nouveau dernier jour"))],
        description=_l("Aujourd’hui au plus tôt : le gel a encore lieu ce jour-là."),
    )  # fmt: skip
    why = StringField(WHY, [required(_l("la raison de ce changement")), at_most(LONGEST_WHY, _l("La raison"))], description=KEPT)


class WithdrawForm(Form):
    """A freeze that has not begun is withdrawn; its prefix keeps it apart from the form that corrects, on the same page."""

    why = StringField(
        _l("Raison du retrait"), [required(_l("la raison du retrait")), at_most(LONGEST_WHY, _l("La raison"))], description=KEPT
    )

    @classmethod
    def of(cls, typed: Any = None) -> "WithdrawForm":
        return cls(typed, prefix="retrait-")
