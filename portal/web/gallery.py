"""The page `/ui`, in development only: every component in every state."""

from types import SimpleNamespace as Sample
from typing import Any

from flask import Blueprint, Response
from wtforms import SelectChoice, SelectField, StringField, TextAreaField  # type: ignore[attr-defined]

from portal.text import french
from portal.web.forms import Form, at_most, required
from portal.web.kit import EVERYONE, access, page
from portal.web.language import lazy as _l
from portal.web.pagination import Page

bp = Blueprint("gallery", __name__)
TONES = {
    "good": "Maintenu",
    "ending": "Maintenu, fin de vie annoncée",
    "warn": "Installé sans garantie",
    "neutral": "Recensé, non pris en charge",
    "test": "En expérimentation",
    "refused": "Refusé",
    "forbidden": "Interdit",
}


class SampleForm(Form):
    """A form as a procedure would have it."""

    name = StringField(
        _l("Nom du logiciel"),
        [required(_l("le nom du logiciel")), at_most(20, _l("Le nom"))],
        description=_l("Tel qu’on l’appelle."),
    )
    level = SelectField(_l("Niveau"), choices=[SelectChoice("seconde", "Seconde"), SelectChoice("bts", "BTS")])
    need = TextAreaField(_l("Votre besoin"), [required(_l("le besoin"))])


def samples() -> dict[str, Any]:
    wrong = SampleForm(prefix="faux", data={"name": "un nom de logiciel bien trop long"})
    wrong.validate()
    wrong.form_errors = [french("La campagne est close depuis le 31 mars. Écrivez à votre référent·e numérique.")]
    options = [Sample(value=str(n), label=f"Choix {n}", count=n * 7, active=n == 2, url="/ui") for n in range(1, 5)]
    return {
        "badges": [Sample(code=tone, tone=tone, label=label) for tone, label in TONES.items()],
        "forms": [SampleForm(), wrong],
        "columns": [{"label": "Liste", "key": "name"}, {"label": "Places", "key": "used", "numeric": True}],
        "tables": [[{"name": "Socle", "used": 196}, {"name": "BTS CIEL", "used": 39}], []],
        "definitions": [("Éditeur", "Une association"), ("Licence", ""), ("Format", "MSI")],
        "copyables": [("Empreinte SHA-256", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")],
        "meters": [
            Sample(label="Socle", used=196, capacity=200, note="4 places restent."),
            Sample(label="Socle plein", used=200, capacity=200, note="Une entrée demande une sortie."),
            Sample(label="BTS CIEL", used=39, capacity=None, note="Sans limite."),
        ],
        "tabs": [Sample(key=key, label=key, url="/ui") for key in ("En vigueur", "En préparation", "Archives")],
        "groups": [
            Sample(name="g", label="Groupe", folded=False, options=options),
            Sample(name="h", label="Groupe replié", folded=True, options=options),
        ],
        "pages": [Page(number, 1307, 25, lambda n: f"/ui?page={n}") for number in (1, 12, 53)],
        "events": [
            Sample(at="24 novembre 2026", iso="2026-11-24", title="Voté", text="Édition 2026-2027.", by="Région"),
            Sample(at="2 mai 2026", iso="2026-05-02", title="Proposé", text="", by=""),
        ],
    }


@bp.get("/ui")
@access(EVERYONE)
def components() -> Response:
    return page("ui_gallery.html", **samples())
