"""Words for people: what someone without any accreditation is called, the standing of an attachment, what a role is held over."""

from portal.people.models import ScopeKind, Standing
from portal.text import Sentence

# By code of signin.claims.Profile, the most telling first: an ENT may give several.
FUNCTIONS = {
    "head": Sentence("Personnel de direction"),
    "librarian": Sentence("Documentaliste"),
    "teacher": Sentence("Enseignant·e"),
    "school_life": Sentence("Personnel de vie scolaire"),
    "staff": Sentence("Personnel de l’établissement"),
    "academy": Sentence("Personnel académique"),
    "authority": Sentence("Agent·e de la collectivité"),
}
SOMEBODY = Sentence("Personne connectée")

STANDINGS = {
    Standing.ASKED: Sentence("demandé, à confirmer"),
    Standing.CLAIMED: Sentence("déclaré par l’ENT"),
    Standing.CONFIRMED: Sentence("confirmé"),
    Standing.ENDED: Sentence("terminé"),
}

SCOPES = {
    ScopeKind.EVERYWHERE: Sentence("Tout le portail"),
    ScopeKind.TERRITORY: Sentence("Un territoire"),
    ScopeKind.SCHOOL: Sentence("Un établissement"),
    ScopeKind.COMMITTEE: Sentence("Une commission"),
    ScopeKind.SPACE: Sentence("Un espace"),
}


def function_of(profile: str) -> Sentence:
    """Said by the ENT, so it grants nothing: it only names."""
    return FUNCTIONS.get(profile, SOMEBODY)
