"""The form of a request: six answers on one screen. Pages and programs are judged by the same one."""

from collections.abc import Iterable, Mapping
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import DateField, HiddenField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import NumberRange, Optional, Regexp

from portal.web.forms import Form, at_most, required
from portal.web.language import lazy as _l
from portal.web.language import say
from workflows.requests.badges import KINDS, MEANINGS
from workflows.requests.drafting import Answers
from workflows.requests.models import RequestKind

SIX = (
    (_l("Quoi"), ("kind", "title_name", "slug", "website", "wanted_version", "list_id")),
    (_l("Pour qui"), ("discipline_id", "audience", "pupils")),
    (_l("Pourquoi"), ("need", "exam")),
    (_l("Où"), ("places", "workstations")),
    (_l("Pour quand"), ("needed_on",)),
    (_l("Ce que vous avez déjà regardé"), ("considered",)),
)  # in the order in which they are asked

TEXTS = ("title_name", "website", "wanted_version", "audience", "need", "exam", "places", "considered")
VALUES = ("needed_on", "pupils", "workstations")


def _count(label: Any, most: int, hint: Any = "") -> IntegerField:
    between = NumberRange(1, most, _l("Écrivez un nombre entier de 1 à %(most)s.", most=most))
    return IntegerField(label, [Optional(), between], description=hint, render_kw={"inputmode": "numeric", "min": 1, "max": most})


class RequestForm(Form):
    """`uai`: the school for which one asks, shown when there are several. `slug`: the title that was chosen, if it was."""

    uai = SelectField(_l("Pour quel établissement"), [Optional()])
    kind = RadioField(_l("Ce que vous demandez"), [required(_l("ce que vous demandez"))], default=RequestKind.NEW_TITLE.value)
    title_name = StringField(
        _l("Nom du logiciel"), [required(_l("le nom du logiciel")), at_most(120, _l("Le nom"))],
        render_kw={"autocomplete": "off"},
    )  # fmt: skip
    slug = HiddenField()
    website = StringField(
        _l("Adresse de son site"),
        [Optional(), at_most(300, _l("L’adresse")), Regexp(r"https?://[^\s/]+\.\S+", message=_l("Écrivez l’adresse entière, avec « https:// »."))],
        description=_l("Si le catalogue ne le connaît pas : c’est là que l’on ira voir."), render_kw={"inputmode": "url"},
    )  # fmt: skip
    wanted_version = StringField(_l("Version souhaitée"), [at_most(60, _l("La version"))])
    list_id = SelectField(_l("Sur quelle liste"), [Optional()])
    discipline_id = SelectField(_l("Discipline"), [required(_l("la discipline"))])
    audience = StringField(
        _l("Quelles classes"), [required(_l("les classes")), at_most(200, _l("Le texte"))],
        description=_l("« Première STI2D, deux groupes », par exemple."),
    )  # fmt: skip
    pupils = _count(_l("Combien d’élèves"), 5000)
    need = TextAreaField(
        _l("Ce que vos élèves en feront"), [required(_l("ce que vos élèves en feront")), at_most(2000, _l("Le texte"))],
        description=_l("En quelques phrases, comme à un·e collègue d’une autre discipline."), render_kw={"rows": 4},
    )  # fmt: skip
    exam = StringField(_l("Épreuve d’examen qui le demande"), [at_most(200, _l("Le texte"))])
    places = StringField(
        _l("Dans quelles salles"), [required(_l("les salles")), at_most(300, _l("Le texte"))],
        description=_l("« B12 et B14 », « toutes les salles informatiques », « la classe mobile »…"),
    )  # fmt: skip
    workstations = _count(_l("Sur combien de postes"), 5000)
    needed_on = DateField(_l("Il le faut pour le"), [required(_l("le jour où il vous le faut"))])
    considered = TextAreaField(
        _l("Autres logiciels regardés, et pourquoi ils ne suffisent pas"),
        [required(_l("ce que vous avez déjà regardé")), at_most(1500, _l("Le texte"))],
        description=_l("« Rien » est une réponse : les équivalents maintenus sont proposés à côté."), render_kw={"rows": 3},
    )  # fmt: skip

    @classmethod
    def of(cls, typed: Mapping[str, str], choices: "Choices") -> "RequestForm":
        form = cls(MultiDict(typed))
        form.uai.choices = [SelectChoice(*one) for one in choices.schools]
        form.kind.choices = [
            SelectChoice(kind.value, _l("%(kind)s : %(meaning)s", kind=say(word), meaning=say(MEANINGS[kind])))
            for kind, word in KINDS.items()
        ]
        form.discipline_id.choices = [
            SelectChoice("", _l("Choisissez une discipline")),
            *(SelectChoice(*one) for one in choices.disciplines),
        ]
        form.list_id.choices = [SelectChoice("", _l("Choisissez une liste")), *(SelectChoice(*one) for one in choices.lists)]
        return form

    def groups(self) -> list[tuple[Any, list[Any]]]:
        return [(title, [self[name] for name in names]) for title, names in SIX]

    def answers(self, title_id: int | None) -> Answers:
        """Of a form that is valid; what another kind would have asked is left out."""
        said: dict[str, Any] = {name: self[name].data or "" for name in TEXTS} | {name: self[name].data for name in VALUES}
        kind = RequestKind(self.kind.data)
        said["website"] = said["website"] if kind is RequestKind.NEW_TITLE else ""
        said["wanted_version"] = said["wanted_version"] if kind is RequestKind.NEW_VERSION else ""
        return Answers(
            kind=kind,
            title_id=title_id,
            discipline_id=int(self.discipline_id.data),
            list_id=int(self.list_id.data) if self.list_id.data and kind is RequestKind.LIST_CHANGE else None,
            **said,
        )


class Choices:
    """What the lists of a form offer: (value, words) of each."""

    def __init__(
        self, schools: Iterable[tuple[str, str]], disciplines: Iterable[tuple[str, str]], lists: Iterable[tuple[str, str]]
    ) -> None:
        self.schools, self.disciplines, self.lists = list(schools), list(disciplines), list(lists)
