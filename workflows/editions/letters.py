"""Who is told, and in which words."""

from collections.abc import Iterable

from sqlmodel import Session

from catalogue.lists.models import Edition
from portal.letters.models import Kind
from portal.letters.telling import Told
from portal.letters.words import Words, written
from portal.moves import Moved
from portal.text import Sentence

VOTED = Words(
    "edition.vote.service",
    Kind.OWN,
    Sentence("Une édition est votée : au service de la collectivité"),
    "« {liste} » : édition {edition} votée",
    "L’édition {edition} de « {liste} » a été votée.\n\nElle entre en vigueur le {debut} et court jusqu’au {fin}.",
    {
        "liste": Sentence("le nom de la liste"),
        "edition": Sentence("l’édition, par exemple « 2026-2027 »"),
        "debut": Sentence("son premier jour"),
        "fin": Sentence("son dernier jour"),
    },
)
WORDS = (VOTED,)


def tell_territory(_session: Session, moved: Moved[Edition]) -> Iterable[Told]:
    """The territory's service, when an edition has been voted."""
    edition, held = moved.subject, moved.subject.software_list
    if not held.territory.contact:
        return
    yield Told(
        VOTED,
        edition,
        held.territory,
        f"/listes/{held.slug}/{edition.label}",
        address=held.territory.contact,
        values={
            "liste": held.name,
            "edition": edition.label,
            "debut": written(edition.starts_on),
            "fin": written(edition.ends_on),
        },
    )
