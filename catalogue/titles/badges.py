"""How licences, platforms and confidence are said, and what happens to titles."""

from catalogue.titles.models import Confidence, LicenceType
from portal.text import Sentence
from portal.trail.words import Words
from portal.web.language import lazy as _l

LICENCES = {
    LicenceType.FREE: _l("Libre"),
    LicenceType.GRATIS: _l("Gratuit"),
    LicenceType.PROPRIETARY: _l("Propriétaire"),
    LicenceType.UNKNOWN: _l("Licence inconnue"),
}
WHO_MAY_USE = {
    LicenceType.FREE: _l("Chacun·e peut l’utiliser, l’étudier, le copier, y compris chez soi."),
    LicenceType.GRATIS: _l(
        "Gratuit, mais pas libre : l’éditeur fixe les conditions d’usage. Lisez-les avant de le faire installer chez les élèves."
    ),
    LicenceType.PROPRIETARY: _l("Une licence est nécessaire pour chaque usage. Demandez qui la détient avant de compter dessus."),
    LicenceType.UNKNOWN: _l("Nous ne savons pas à quelles conditions on peut l’utiliser. Demandez avant de l’installer."),
}
PLATFORMS = {"windows": "Windows", "linux": "Linux", "macos": "macOS", "android": "Android", "ios": "iOS", "web": _l("Web")}
# Proper names of repositories and directories: the same in every language.
IDENTIFIERS = {
    "winget_id": "winget",
    "scoop_id": "Scoop",
    "choco_id": "Chocolatey",
    "debian_package": "Debian",
    "wikidata": "Wikidata",
    "comptoir_du_libre": "Comptoir du Libre",
    "sill_status": "SILL",
}
CONFIDENCE = {
    Confidence.HIGH: (_l("Recoupé"), "good"),
    Confidence.MEDIUM: (_l("Une seule source"), "neutral"),
    Confidence.UNVERIFIED: (_l("Non vérifié"), "warn"),
}
TRAIL = Words(
    {"title": Sentence("Titre")},
    {
        "imported": Sentence("Importer"),
        "reimported": Sentence("Importer à nouveau"),
        "left-sources": Sentence("Quitter les sources"),
        "words-imported": Sentence("Importer des mots"),
        "installers-imported": Sentence("Importer des installateurs"),
        "edited": Sentence("Corriger à la main"),
        "alternative-added": Sentence("Ajouter un équivalent"),
        "alternative-removed": Sentence("Retirer un équivalent"),
    },
)
