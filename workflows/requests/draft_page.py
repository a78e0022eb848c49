"""The page of a draft: what was typed, what was joined, and what to know before sending."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from flask import g
from sqlmodel import Session, col, select

from catalogue.browse.place import Place, home_place, whole
from catalogue.lists.models import SoftwareList
from catalogue.titles.models import Discipline
from portal.enclosures.keeping import enclosures_of
from portal.enclosures.models import Enclosure
from portal.text import fold, french
from portal.web.language import hour, local
from workflows.requests.advice import Advice, advice
from workflows.requests.drafting import places_of, titled
from workflows.requests.forms import Choices, RequestForm
from workflows.requests.models import RequestKind, SoftwareRequest
from workflows.requests.steps import campaigns_of

DRAFTS = "/demandes/brouillons"


@dataclass(frozen=True)
class DraftPage:
    """What `requests/draft.html` shows. `kept_at`: an hour; empty when nothing was kept yet."""

    key: str
    url: str
    number: int
    form: RequestForm
    school: str
    has_choice: bool
    enclosures: Sequence[Enclosure]
    advice: Advice
    kept_at: str


def new_key() -> str:
    """Of a draft that begins when something is kept under it."""
    return secrets.token_urlsafe(16)


def begun_with(session: Session, draft: SoftwareRequest, slug: str, kind: str) -> dict[str, str]:
    """What the address says of a new request: which title, and what is asked of it."""
    title = draft.title = titled(session, slug, "")
    draft.title_name, draft.title_key = (title.name, fold(title.name)) if title else ("", "")
    said = {"kind": kind if kind in set(RequestKind) else RequestKind.NEW_TITLE.value}
    return said | ({"slug": title.slug, "title_name": title.name} if title else {})


def draft_page(session: Session, draft: SoftwareRequest, form: RequestForm | None = None) -> DraftPage:
    """`form`: when it was judged and refused; else what the draft holds."""
    choices = _choices(session, draft)
    form = form or RequestForm.of(draft.typed | {"uai": draft.scope.removeprefix("school:")}, choices)
    place = place_for(draft)
    campaigns = campaigns_of(session, draft.territory_id, place.today)
    wanted = form.needed_on.data
    return DraftPage(
        key=draft.key_of_draft,
        url=DRAFTS,
        number=draft.id or 0,
        form=form,
        school=french(draft.school.name),
        has_choice=len(choices.schools) > 1 or draft.school.uai not in dict(choices.schools),
        enclosures=enclosures_of(session, draft) if draft.id else [],
        advice=advice(session, draft, place, campaigns, wanted),
        kept_at=hour(local(draft.kept_at, draft.territory.zone).time()) if draft.id else "",
    )


def judged(session: Session, draft: SoftwareRequest) -> RequestForm:
    """The form as it would be sent."""
    return RequestForm.of(draft.typed | {"uai": draft.scope.removeprefix("school:")}, _choices(session, draft))


def place_for(request: SoftwareRequest) -> Place:
    """The catalogue as the request's school sees it, whatever school the reader has chosen for the rest of the portal."""
    volume, uai = home_place().volume, request.scope.removeprefix("school:")
    g.zone = request.territory.zone
    known = whole(volume, uai)
    return Place(volume, request.territory.code, known.seen if known else None)


def _choices(session: Session, draft: SoftwareRequest) -> Choices:
    """Lists are those of the territory; disciplines in the order of French."""
    schools = [(one.uai, f"{french(one.name)}, {one.city}") for one, by in places_of(session, draft.requester) if by is not None]
    disciplines = sorted(session.exec(select(Discipline)), key=lambda one: fold(one.name))
    lists = session.exec(
        select(SoftwareList).where(SoftwareList.territory_id == draft.territory_id).order_by(col(SoftwareList.rank))
    )
    return Choices(
        schools, [(str(one.key), french(one.name)) for one in disciplines], [(str(one.key), french(one.name)) for one in lists]
    )
