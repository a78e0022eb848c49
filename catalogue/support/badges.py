"""How each level of support is said and shown."""

from typing import NamedTuple

from catalogue.support.models import Support
from portal.web.language import lazy as _l


class Badge(NamedTuple):
    """A word and a tone; the style sheet gives each tone a colour and a shape."""

    code: str
    label: str
    tone: str


SHOWN = {
    Support.MAINTAINED: (_l("Maintenu"), "good"),
    Support.ENDING: (_l("Maintenu, fin de vie annoncée"), "ending"),
    Support.UNSUPPORTED: (_l("Installé sans garantie"), "warn"),
    Support.SCHOOL: (_l("Sous la responsabilité de l’établissement"), "warn"),
    Support.EXPERIMENTAL: (_l("En expérimentation"), "test"),
    Support.KNOWN: (_l("Recensé, non pris en charge"), "neutral"),
    Support.REFUSED: (_l("Refusé"), "refused"),
    Support.FORBIDDEN: (_l("Interdit"), "forbidden"),
}
MEANING = {
    Support.MAINTAINED: _l("Installé, mis à jour et dépanné sur les ordinateurs des établissements que la liste sert."),
    Support.ENDING: _l("Encore maintenu, jusqu’à une date annoncée."),
    Support.UNSUPPORTED: _l("Un paquet existe, aucune correction n’est promise."),
    Support.SCHOOL: _l("L’établissement l’installe et le paie lui-même ; il ne doit pas gêner les logiciels maintenus."),
    Support.EXPERIMENTAL: _l("À l’essai dans l’espace d’expérimentation seulement."),
    Support.KNOWN: _l("Connu, mais personne ne l’a demandé ou rien n’a encore été décidé."),
    Support.REFUSED: _l("Une décision motivée l’a refusé ; elle peut être réexaminée."),
    Support.FORBIDDEN: _l("Il doit être retiré des postes, pour une raison de sécurité ou de droit."),
}


def badge(level: Support) -> Badge:
    label, tone = SHOWN[level]
    return Badge(level.value, str(label), tone)


def meaning(level: Support) -> str:
    return str(MEANING[level])
