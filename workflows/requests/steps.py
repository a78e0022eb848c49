"""The steps that a territory asks for and the delays it gives itself: read, and brought in from the demonstration's file."""

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from portal.territories.models import Territory
from workflows.requests.models import RequestCampaign, RequestStatus, RequestSteps

FILE = Path(__file__).parents[1] / "data" / "steps.toml"
R = RequestStatus
QUESTIONS = {R.RELAY_QUESTION: R.RELAY, R.VISA_QUESTION: R.VISA, R.INSTRUCTION_QUESTION: R.INSTRUCTION}  # and the step that waits


@dataclass(frozen=True, slots=True)
class Steps:
    """Delays are in working days; None: the territory has set none, and nothing is promised."""

    relay_required: bool = True
    visa_required: bool = True
    relay_days: int | None = None
    visa_days: int | None = None
    instruction_days: int | None = None
    answer_days: int | None = None
    block_days: int | None = None
    remind_days: int | None = None
    escalate_days: int | None = None
    receipt: str = ""

    def days(self, status: RequestStatus) -> int | None:
        """How long whoever holds a request has it; None for a state that waits for nobody, too."""
        if status in QUESTIONS:
            return self.answer_days
        return {R.RELAY: self.relay_days, R.VISA: self.visa_days, R.INSTRUCTION: self.instruction_days}.get(status)


def steps_of(session: Session, territory_id: int) -> Steps:
    """A territory that has set nothing asks for both steps, and promises no delay."""
    held = session.exec(select(RequestSteps).where(RequestSteps.territory_id == territory_id)).one_or_none()
    return Steps(**{name: getattr(held, name) for name in Steps.__dataclass_fields__}) if held else Steps()


def campaigns_of(session: Session, territory_id: int, today: date) -> list[RequestCampaign]:
    """Those that are open or to come, the first to open first."""
    return list(
        session.exec(
            select(RequestCampaign)
            .where(RequestCampaign.territory_id == territory_id, RequestCampaign.closes_on >= today)
            .order_by(col(RequestCampaign.opens_on), col(RequestCampaign.id))
        )
    )


def load_demonstration(session: Session, territory: Territory) -> None:
    """What is there already is the territory's own: it stays."""
    told: dict[str, Any] = tomllib.loads(FILE.read_text(encoding="utf-8")).get(territory.code, {})
    campaigns = told.pop("campaigns", [])
    if told and session.exec(select(RequestSteps.id).where(RequestSteps.territory_id == territory.key)).first() is None:
        session.add(RequestSteps(territory_id=territory.key, **told))
    known = set(session.exec(select(RequestCampaign.name).where(RequestCampaign.territory_id == territory.key)))
    for one in campaigns:
        if one["name"] not in known:
            session.add(RequestCampaign(territory_id=territory.key, fictitious=True, **one))
    session.flush()
