"""Where the data come from, and on what terms: shown on `/donnees-ouvertes` as each licence asks."""

from portal.text import french

LICENCE_OUVERTE = "Licence Ouverte 2.0"
_ROWS = [
    (
        "Dépôt de paquets winget",
        "Noms, éditeurs, versions, installateurs et leurs empreintes",
        "MIT, © Microsoft Corporation",
        "avril 2024 – août 2026",
        "https://github.com/microsoft/winget-pkgs",
    ),
    (
        "Scoop (Main, Extras, Nonportable)",
        "Licences et sites des éditeurs",
        "Unlicense",
        "août 2026",
        "https://github.com/ScoopInstaller",
    ),
    (
        "Chocolatey",
        "Licences et versions",
        "Apache-2.0, © Chocolatey community",
        "août 2026",
        "https://github.com/chocolatey-community/chocolatey-packages",
    ),
    (
        "Socle interministériel de logiciels libres (SILL)",
        "Statut et identifiants des logiciels libres",
        LICENCE_OUVERTE,
        "mai 2022",
        "https://github.com/etalab/sill-data",
    ),
    ("Debian 12", "Noms de paquets et versions (faits)", "faits, sans texte repris", "2023", "https://www.debian.org"),
    ("endoflife.date", "Fins de vie des versions", "MIT, © endoflife.date contributors", "août 2026", "https://endoflife.date"),
    (
        "Annuaire de l’éducation",
        "Établissements, voies, effectifs",
        LICENCE_OUVERTE + ", ministère de l’Éducation nationale",
        "mars 2024 – février 2026",
        "https://data.education.gouv.fr",
    ),
    (
        "Parcoursup, carte des formations",
        "BTS par lycée",
        LICENCE_OUVERTE + ", ministère de l’Enseignement supérieur",
        "2025",
        "https://data.enseignementsup-recherche.gouv.fr",
    ),
    (
        "Calendrier scolaire",
        "Vacances des zones A, B et C",
        LICENCE_OUVERTE + ", ministère de l’Éducation nationale",
        "2023 – 2027",
        "https://data.education.gouv.fr",
    ),
    (
        "Jours fériés",
        "Jours fériés de métropole",
        LICENCE_OUVERTE + ", Etalab",
        "2024 – 2028",
        "https://github.com/etalab/jours-feries-france-data",
    ),
    (
        "Logithèque",
        "Phrases « À quoi ça sert », besoins, autres noms ; listes et décisions de démonstration (fictives)",
        LICENCE_OUVERTE,
        "2026",
        "",
    ),
]
SOURCES = [
    {"name": name, "what": french(what), "licence": french(licence), "date": date, "url": url}
    for name, what, licence, date, url in _ROWS
]
