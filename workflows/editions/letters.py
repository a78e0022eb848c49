"""Who is told, and in which words."""

from collections.abc import Iterable

from catalogue.lists.models import Edition
from portal.moves import Moved, Outgoing
from portal.text import french


def tell_territory(moved: Moved[Edition]) -> Iterable[Outgoing]:
    """The territory's service, when an edition has been voted."""
    held = moved.subject.software_list
    if not held.territory.contact:
        return
    yield Outgoing(
        recipient=held.territory.contact,
        subject=french(f"« {held.name} » : édition {moved.subject.school_year} votée"),
        body=french(
            f"Bonjour,\n\nL’édition {moved.subject.school_year} de « {held.name} » a été votée.\n"
            f"Elle entre en vigueur le {moved.subject.starts_on:%d/%m/%Y} et court jusqu’au {moved.subject.ends_on:%d/%m/%Y}.\n\n"
            "Logithèque"
        ),
    )
