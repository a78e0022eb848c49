"""The form of a role: its words are those of the installation, one field for each territory."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wtforms import Field, HiddenField, SelectChoice, SelectMultipleField, StringField  # type: ignore[attr-defined]
from wtforms.validators import Regexp

from portal.administration.roles import Permission
from portal.people.correcting import Correction
from portal.people.models import Role
from portal.territories.models import Territory
from portal.text import french
from portal.web.forms import Form, at_most, number, required
from portal.web.language import lazy as _l

CALLED = "called."


class RoleForm(Form):
    """`offered` are the permissions one may tick, in words."""

    offered: Sequence[Permission] = ()

    version = HiddenField()
    label = StringField(_l("Nom de la fonction"), [required(_l("le nom de la fonction")), at_most(80, _l("Le nom"))])
    rank = StringField(
        _l("Rang"), [required(_l("le rang")), Regexp(r"[1-9][0-9]{0,2}\Z", message=_l("Le rang est un nombre de 1 à 999. Écrivez-le en chiffres."))],
        description=_l("Qui tient plusieurs fonctions signe avec celle du plus petit rang."), render_kw={"inputmode": "numeric"},
    )  # fmt: skip
    permissions = SelectMultipleField(_l("Ce qu’elle permet"))

    @classmethod
    def of(
        cls,
        role: Role,
        words: Mapping[str, str],
        territories: Iterable[Territory],
        offered: Sequence[Permission],
        typed: Any = None,
    ) -> "RoleForm":
        fields = {
            f"{CALLED}{one.code}": StringField(french(one.name), [at_most(80, _l("Le nom"))], default=words.get(one.code, ""))
            for one in territories
        }
        form: RoleForm = type("RoleFormHere", (cls,), fields)(
            typed,
            data={"version": role.version, "label": role.label, "rank": role.rank, "permissions": role.permissions},
        )
        form.offered = offered
        form.permissions.choices = [SelectChoice(one.code, one.words) for one in offered]
        return form

    @property
    def called(self) -> list[Field]:
        """The fields of territories."""
        return [field for field in self if field.name.startswith(CALLED)]

    def typed(self) -> dict[str, str]:
        """What was written, by name of field."""
        return {field.name: field.data or "" for field in (self.label, self.rank, *self.called)}

    def correction(self, code: str) -> Correction:
        """Once it is valid. A version that is no number is nobody's: the role has changed since."""
        return Correction(
            code=code,
            version=number(self.version.data),
            label=self.label.data or "",
            rank=int(self.rank.data or 0),
            permissions=self.permissions.data or [],
            called={field.name.removeprefix(CALLED): field.data or "" for field in self.called},
        )
