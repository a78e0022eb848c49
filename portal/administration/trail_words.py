"""How the ground's own events are said; upper floors say theirs, and `app.py` joins them."""

from flask import current_app

from portal.text import Sentence
from portal.trail.words import Words

TRAIL = "trail_words"
GROUND = Words(
    kinds={
        "person": Sentence("Compte"),
        "attachment": Sentence("Rattachement"),
        "accreditation": Sentence("Accréditation"),
        "role": Sentence("Fonction"),
        "provider": Sentence("ENT"),
        "token": Sentence("Jeton"),
        "territory": Sentence("Territoire"),
        "school": Sentence("Établissement"),
        "freeze_period": Sentence("Gel du parc"),
    },
    moves={
        "arrived": Sentence("Arriver pour la première fois"),
        "expected": Sentence("Attendre la première arrivée"),
        "asked": Sentence("Demander un rattachement"),
        "taken-back": Sentence("Retirer sa demande"),
        "confirmed": Sentence("Confirmer un rattachement"),
        "ended": Sentence("Terminer un rattachement"),
        "linked": Sentence("Relier deux comptes"),
        "unlinked": Sentence("Délier deux comptes"),
        "forgotten": Sentence("Fermer un compte et l’oublier"),
        "granted": Sentence("Confier une fonction"),
        "revoked": Sentence("Retirer"),
        "declared": Sentence("Déclarer"),
        "corrected": Sentence("Corriger"),
        "opened": Sentence("Ouvrir"),
        "closed": Sentence("Fermer"),
        "made": Sentence("Créer"),
        "override": Sentence("Passer outre"),
        "withdrawn": Sentence("Retirer avant son début"),
        "ended-early": Sentence("Terminer plus tôt"),
        "teaching-withdrawn": Sentence("Retirer une formation déclarée"),
        "enclosed": Sentence("Joindre une pièce"),
        "enclosure-removed": Sentence("Retirer une pièce"),
    },
)


def words() -> Words:
    found: Words = current_app.extensions[TRAIL]
    return found
