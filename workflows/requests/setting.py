"""Setting a territory's steps, delays and campaigns: data, changed by whoever runs the territory, and remembered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, select

from portal.access import Actor, Policy
from portal.db import lock
from portal.errors import OutOfDate, Refused, Unknown
from portal.territories.access import May
from portal.territories.models import Territory
from portal.text import Sentence, clean
from portal.trail.trail import record
from workflows.requests.models import RequestCampaign, RequestSteps
from workflows.requests.steps import Steps

LONGEST_REASON = 1000
CHANGED = Sentence("Quelqu’un a changé ces réglages pendant que vous écriviez. Comparez, puis enregistrez à nouveau.")
NO_REASON = Sentence("Il manque la raison de ce changement. Écrivez-la en une phrase.")
NO_SUCH_CAMPAIGN = Sentence("Cette campagne n’existe plus. Revenez aux réglages du territoire.")
ENDS_FIRST = Sentence("Une campagne se ferme après s’être ouverte. Corrigez l’un des deux jours.")
OUT_OF_ORDER = Sentence("Le visa, l’avis, la décision et la mise à disposition se suivent, après l’ouverture. Corrigez ces jours.")
SAME_NAME = Sentence("Une autre campagne de ce territoire porte ce nom. Choisissez-en un autre.")


@dataclass(frozen=True, slots=True)
class Window:
    """A campaign as somebody wants it; the days that follow its closing may stay unknown."""

    name: str
    opens_on: date
    closes_on: date
    endorsed_by: date | None = None
    advised_by: date | None = None
    decided_by: date | None = None
    ready_on: date | None = None

    def faults(self) -> list[Sentence]:
        """All that forbids it: pure."""
        following = [day for day in (self.opens_on, self.endorsed_by, self.advised_by, self.decided_by, self.ready_on) if day]
        found = [] if self.opens_on <= self.closes_on else [ENDS_FIRST]
        return found if following == sorted(following) else [*found, OUT_OF_ORDER]


def set_steps(
    session: Session, policy: Policy, actor: Actor, territory: Territory, wanted: Steps, *, read: int, reason: str, at: datetime
) -> None:  # fmt: skip
    """`read`: the version of the row that was read; 0 when there was none. Requests under way keep the dates they were given."""
    policy.demand(actor, May.MANAGE_TERRITORY, territory)
    lock(session, territory)
    held = session.exec(select(RequestSteps).where(RequestSteps.territory_id == territory.key)).one_or_none()
    if read != (held.version if held else 0):
        raise OutOfDate(CHANGED)
    reason = _reason(reason)
    values = {name: getattr(wanted, name) for name in Steps.__dataclass_fields__}
    was: Mapping[str, Any] = {name: getattr(held, name) for name in values} if held else {}
    changes = {name: [was.get(name), value] for name, value in values.items() if was.get(name) != value}
    if held is None:
        held = RequestSteps(territory_id=territory.key)
        session.add(held)
    for name, (_was, value) in changes.items():
        setattr(held, name, value)
    session.flush()
    if changes:
        record(session, actor, territory, "request-steps-set", at=at, reason=reason, changes=changes)


def put_campaign(
    session: Session, policy: Policy, actor: Actor, territory: Territory, window: Window, *, key: int, reason: str, at: datetime
) -> None:  # fmt: skip
    """`key`: the campaign that is corrected; 0 for a new one. The same one twice is one."""
    policy.demand(actor, May.MANAGE_TERRITORY, territory)
    lock(session, territory)
    reason = _reason(reason)
    if problems := window.faults():
        raise Refused(problems)
    held = find_campaign(session, territory, key) if key else None
    same = session.exec(
        select(RequestCampaign).where(RequestCampaign.territory_id == territory.key, RequestCampaign.name == window.name)
    ).one_or_none()
    values = {name: getattr(window, name) for name in Window.__dataclass_fields__}
    if same is not None and (held is None or same.id != held.id):
        if held is None and all(getattr(same, name) == value for name, value in values.items()):  # a second click
            return
        raise Refused([SAME_NAME])
    if held is None:
        session.add(RequestCampaign(territory_id=territory.key, fictitious=territory.is_demonstration, **values))
    else:
        for name, value in values.items():
            setattr(held, name, value)
    session.flush()
    record(session, actor, territory, "campaign-set", at=at, reason=reason, campaign=window.name)


def drop_campaign(
    session: Session, policy: Policy, actor: Actor, territory: Territory, key: int, *, reason: str, at: datetime
) -> None:
    """Nothing depends on it: it only tells what may be hoped for."""
    policy.demand(actor, May.MANAGE_TERRITORY, territory)
    lock(session, territory)
    reason, held = _reason(reason), find_campaign(session, territory, key)
    session.delete(held)
    record(session, actor, territory, "campaign-dropped", at=at, reason=reason, campaign=held.name)


def find_campaign(session: Session, territory: Territory, key: int) -> RequestCampaign:
    found = session.exec(
        select(RequestCampaign).where(RequestCampaign.id == key, RequestCampaign.territory_id == territory.key)
    ).one_or_none()
    if found is None:
        raise Unknown(NO_SUCH_CAMPAIGN)
    return found


def _reason(typed: str) -> str:
    reason = clean(typed)[:LONGEST_REASON]
    if not reason:
        raise Refused([NO_REASON])
    return reason
