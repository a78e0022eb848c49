"""The form by which a colleague joins a request."""

from collections.abc import Iterable
from typing import Any

from sqlmodel import Session
from wtforms import IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import NumberRange

from portal.people.models import Person
from portal.text import french
from portal.web.forms import Form, at_most, required
from portal.web.language import lazy as _l
from workflows.requests.drafting import places_of
from workflows.requests.models import CoSignature, SoftwareRequest
from workflows.requests.supporting import Support, signature_of


class SupportForm(Form):
    """Four facts that the committee will add up, and a word if one wishes."""

    uai = SelectField(_l("Mon établissement"), [required(_l("l’établissement"))])
    audience = StringField(
        _l("Quelles classes"), [required(_l("les classes")), at_most(200, _l("Le texte"))],
        description=_l("« Terminale STL, un groupe », par exemple."),
    )  # fmt: skip
    pupils = IntegerField(
        _l("Combien d’élèves"), [required(_l("le nombre d’élèves")), NumberRange(1, 5000, _l("Écrivez un nombre entier de 1 à %(most)s.", most=5000))],
        render_kw={"inputmode": "numeric"},
    )  # fmt: skip
    weeks = IntegerField(
        _l("Combien de semaines par an"), [required(_l("le nombre de semaines")), NumberRange(1, 52, _l("Écrivez un nombre entier de 1 à %(most)s.", most=52))],
        render_kw={"inputmode": "numeric"},
    )  # fmt: skip
    note = StringField(_l("Un mot"), [at_most(600, _l("Le texte"))])

    @classmethod
    def of(cls, schools: Iterable[tuple[str, str]], mine: CoSignature | None, typed: Any = None) -> "SupportForm":
        """What was signed before, if it was; `schools`: those for which the person may sign."""
        said = {name: getattr(mine, name) for name in ("audience", "pupils", "weeks", "note")} if mine else {}
        if mine:
            said["uai"] = mine.scope.removeprefix("school:")
        form = cls(typed, data=said)
        form.uai.choices = [SelectChoice(*one) for one in schools]
        return form

    @classmethod
    def about(cls, session: Session, request: SoftwareRequest, person: Person, typed: Any = None) -> "SupportForm":
        """For one request: from the schools of the person that depend on its territory, with what they signed."""
        signed = signature_of(session, request, person)
        schools = [
            (one.uai, f"{french(one.name)}, {one.city}")
            for one, by in places_of(session, person)
            if by and by.scope == request.within
        ]
        return cls.of(schools, signed if signed and signed.taken_back_at is None else None, typed)

    def support(self, person: Person) -> Support:
        """Of a form that is valid."""
        return Support(
            person, self.uai.data, self.audience.data or "", self.pupils.data or 0, self.weeks.data or 0, self.note.data or ""
        )
