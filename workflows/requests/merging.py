"""What a merge leaves on both requests: the one that goes on for the other says so too, and by which number."""

from sqlmodel import Session

from portal.moves import Moved
from portal.trail.trail import record
from workflows.requests.models import SoftwareRequest

TOLD = {"merge": ("into", "goes-on-for"), "separate": ("was_into", "goes-on-without")}


def tell_both(session: Session, moved: Moved[SoftwareRequest]) -> None:
    """A listener: the trail of each keeps the number of the other, which a separation takes off the row."""
    if moved.procedure != "request" or moved.move not in TOLD:
        return
    name, said = TOLD[moved.move]
    given = moved.given[name]
    other = given if isinstance(given, SoftwareRequest) else session.get_one(SoftwareRequest, given)
    record(session, moved.actor, other, said, at=moved.at, reason=moved.reason, other=moved.subject.key)
