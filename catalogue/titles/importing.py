"""Every kind of file that the catalogue takes, and how a file is recognised by its columns."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from catalogue.titles.installers_file import INSTALLERS
from catalogue.titles.nomenclatures_file import CATEGORIES, CYCLES, DISCIPLINES, LEVELS
from catalogue.titles.titles_file import TITLES
from catalogue.titles.words_file import WORDS
from portal.access import Actor
from portal.errors import Refused
from portal.imports import Importer, Plan, Source, load, read_header
from portal.territories.loading import OFFERS, SCHOOLS
from portal.text import Sentence

# In the order in which they need each other.
KINDS: Mapping[str, Importer] = {
    importer.kind: importer for importer in (DISCIPLINES, LEVELS, TITLES, CATEGORIES, WORDS, INSTALLERS, CYCLES, SCHOOLS, OFFERS)
}
DATA = Path(__file__).parents[1] / "data"
FILES = {
    "disciplines": DATA / "disciplines.csv",
    "levels": DATA / "levels.csv",
    "titles": DATA / "titles.csv",
    "categories": DATA / "categories.csv",
    "words": DATA / "words.csv",
    "installers": DATA / "installers.csv",
    "cycles": DATA / "eol_cycles.csv",
}


def recognise(source: Source, kinds: Mapping[str, Importer] = KINDS) -> Importer:
    """The kind whose columns are the nearest to the file's: reading it then names what is missing or too much."""
    header = read_header(source)

    def nearness(importer: Importer) -> float:
        names = {column.name for column in importer.columns}
        return len(names & header) / len(names | header)

    nearest = max(kinds.values(), key=nearness)
    if nearness(nearest) < 1 / 2:
        expected = " ; ".join(
            f"{kind} ({', '.join(column.name for column in importer.columns[:4])}…)" for kind, importer in kinds.items()
        )
        raise Refused([Sentence("Les colonnes de ce fichier ne sont d’aucun genre connu. Genres : %(kinds)s.", kinds=expected)])
    return nearest


def load_catalogue(session: Session, *, actor: Actor, at: datetime) -> dict[str, Plan]:
    """Take in the catalogue that comes with the portal; schools and what they teach are loaded by their territory."""
    return {kind: load(session, KINDS[kind], path, actor=actor, at=at) for kind, path in FILES.items()}
