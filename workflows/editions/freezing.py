"""What is voted is kept as it was voted, in the same unit of work as the vote."""

from hashlib import sha256

from sqlmodel import Session

from catalogue.lists.document import as_csv, canonical
from catalogue.lists.models import Edition, Frozen, FrozenFormat
from catalogue.lists.queries import document_of
from portal.moves import Moved


def freeze_on_vote(session: Session, moved: Moved[Edition]) -> None:
    """A listener: it hears every procedure, and answers to the vote of an edition."""
    if (moved.procedure, moved.move) != ("edition", "vote"):
        return
    edition = moved.subject
    document = document_of(session, edition)
    for kind, body in ((FrozenFormat.JSON, canonical(document)), (FrozenFormat.CSV, as_csv(document))):
        session.add(
            Frozen(
                edition_id=edition.key,
                list_slug=edition.software_list.slug,
                label=edition.label,
                format=kind,
                body=body,
                sha256=sha256(body).hexdigest(),
                frozen_at=moved.at,
            )
        )
    session.flush()
