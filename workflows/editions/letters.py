"""Who is told, and in which words."""

from collections.abc import Iterable

from catalogue.lists.models import Edition
from portal.moves import Moved, Outgoing
from portal.text import french


def tell_territory(moved: Moved[Edition]) -> Iterable[Outgoing]:
    """The territory's service, when an edition has been voted."""
    edition, held = moved.subject, moved.subject.software_list
    if not held.territory.contact:
        return
    yield Outgoing(
        recipient=held.territory.contact,
        subject=french(f"« {held.name} » : édition {edition.label} votée"),
        body=french(
            f"Bonjour,\n\nL’édition {edition.label} de « {held.name} » a été votée.\n"
            f"Elle entre en vigueur le {edition.starts_on:%d/%m/%Y} et court jusqu’au {edition.ends_on:%d/%m/%Y}.\n\n"
            "Logithèque"
        ),
    )
