"""Where the data come from, and on what terms: shown on `/donnees-ouvertes` as each licence asks."""

from portal.web.language import lazy as _l

LICENCE_OUVERTE = "Licence Ouverte 2.0"
SCHOOLS_MINISTRY = _l("Licence Ouverte 2.0, ministère de l’Éducation nationale")
_ROWS = [
    (
        "Dépôt de paquets winget",
        _l("Noms, éditeurs, versions, installateurs et leurs empreintes"),
        "MIT, © Microsoft Corporation",
        _l("avril 2024 – août 2026"),
        "https://github.com/microsoft/winget-pkgs",
    ),
    (
        "Scoop (Main, Extras, Nonportable)",
        _l("Licences et sites des éditeurs"),
        "Unlicense",
        _l("août 2026"),
        "https://github.com/ScoopInstaller",
    ),
    (
        "Chocolatey",
        _l("Licences et versions"),
        "Apache-2.0, © Chocolatey community",
        _l("août 2026"),
        "https://github.com/chocolatey-community/chocolatey-packages",
    ),
    (
        "Socle interministériel de logiciels libres (SILL)",
        _l("Statut et identifiants des logiciels libres"),
        LICENCE_OUVERTE,
        _l("mai 2022"),
        "https://github.com/etalab/sill-data",
    ),
    (
        "Debian 12",
        _l("Noms de paquets et versions (faits)"),
        _l("faits, sans texte repris"),
        "2023",
        "https://www.debian.org",
    ),
    (
        "Nomenclature des formations (N_MEF)",
        _l("Intitulés de bacs professionnels"),
        "MIT, © betagouv/aplypro",
        _l("2025 – 2026"),
        "https://github.com/betagouv/aplypro",
    ),
    (
        "endoflife.date",
        _l("Fins de vie des versions"),
        "MIT, © endoflife.date contributors",
        _l("août 2026"),
        "https://endoflife.date",
    ),
    (
        "Annuaire de l’éducation",
        _l("Établissements, voies, effectifs"),
        SCHOOLS_MINISTRY,
        _l("mars 2024 – février 2026"),
        "https://data.education.gouv.fr",
    ),
    (
        "Parcoursup, carte des formations",
        _l("BTS par lycée"),
        _l("Licence Ouverte 2.0, ministère de l’Enseignement supérieur"),
        "2025",
        "https://data.enseignementsup-recherche.gouv.fr",
    ),
    (
        "Calendrier scolaire",
        _l("Vacances des zones A, B et C"),
        SCHOOLS_MINISTRY,
        "2023 – 2027",
        "https://data.education.gouv.fr",
    ),
    (
        "Jours fériés",
        _l("Jours fériés de métropole"),
        LICENCE_OUVERTE + ", Etalab",
        "2024 – 2028",
        "https://github.com/etalab/jours-feries-france-data",
    ),
    (
        "Logithèque",
        _l("Phrases « À quoi ça sert », besoins, autres noms ; listes et décisions de démonstration (fictives)"),
        LICENCE_OUVERTE,
        "2026",
        "",
    ),
]
SOURCES = [{"name": name, "what": what, "licence": licence, "date": date, "url": url} for name, what, licence, date, url in _ROWS]
