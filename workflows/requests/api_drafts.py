"""What a program writes of a request, turned into what a page would have typed: the same form then judges both."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from sqlmodel import Session, col, select

from catalogue.lists.models import SoftwareList
from catalogue.titles.models import Discipline, Title
from portal.errors import Refused
from portal.people.models import Person
from portal.territories.models import Territory
from portal.territories.uai import as_written
from portal.text import Sentence, clean
from workflows.requests.api_models import Asking, NewRequest
from workflows.requests.draft_page import new_key
from workflows.requests.drafting import Typed, places_of
from workflows.requests.models import RequestStatus, SoftwareRequest

FIELDS = {
    "uai": "school",
    "kind": "kind",
    "title_name": "title_name",
    "slug": "title",
    "website": "website",
    "wanted_version": "wanted_version",
    "list_id": "list",
    "discipline_id": "discipline",
    "audience": "audience",
    "pupils": "pupils",
    "need": "need",
    "exam": "exam",
    "places": "places",
    "workstations": "workstations",
    "needed_on": "needed_on",
    "considered": "considered",
}  # by field of the form, what the API calls it
TWO_NAMES = Sentence("Donnez « title » pour un titre du catalogue, ou « title_name » pour un autre logiciel : pas les deux.")
NO_TITLE = Sentence("« title » : le catalogue ne connaît pas ce titre. Cherchez-le : /api/v1/titles?q=…, ou donnez « title_name ».")
NO_LIST = Sentence("« list » : le territoire n’a pas cette liste. Voyez-les toutes : /api/v1/lists.")


def key_for(session: Session, me: Person, given: NewRequest, told: str) -> str:
    """Of the draft that begins. A program that gave no key and sends the same again finds its draft, as long as it is one."""
    if told:
        return new_key()
    made = sha256(f"{me.account_id} {given.model_dump_json()}".encode()).hexdigest()[:32]
    status = session.exec(select(SoftwareRequest.status).where(SoftwareRequest.key_of_draft == made)).one_or_none()
    return made if status in {None, RequestStatus.DRAFT} else new_key()  # sent since, and perhaps somebody else's


def typed(session: Session, me: Person, given: Asking, key: str) -> Typed:
    """As a page would have sent it, or all that names nothing here."""
    uai, wrong = as_written(given.school), list[Sentence]()
    served = [(one, by) for one, by in places_of(session, me) if by is not None]
    if not uai and len(served) > 1:
        known = ", ".join(one.uai for one, _by in served)
        wrong.append(Sentence("« school » : dites pour lequel de vos établissements : %(known)s.", known=known))
    within = next((by.key for one, by in served if one.uai == uai or not uai), None)
    discipline, held = (
        _discipline(session, clean(given.discipline), wrong.append),
        _list(session, clean(given.list), within, wrong.append),
    )
    slug = clean(given.title)
    if slug and clean(given.title_name):
        wrong.append(TWO_NAMES)
    elif slug and session.exec(select(Title.id).where(Title.slug == slug)).first() is None:
        wrong.append(NO_TITLE)
    if wrong:
        raise Refused(wrong)
    said = {form: _text(getattr(given, name)) for form, name in FIELDS.items() if form not in {"uai", "discipline_id", "list_id"}}
    return Typed(key, uai, {**said, "discipline_id": discipline, "list_id": held})


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _discipline(session: Session, slug: str, refuse: Callable[[Sentence], None]) -> str:
    """The key that the form holds; empty when none is said."""
    known = dict(session.execute(select(Discipline.slug, Discipline.id).order_by(col(Discipline.slug))).all()) if slug else {}
    if slug and slug not in known:
        refuse(Sentence("« %(name)s » vaut l’un de : %(values)s.", name="discipline", values=", ".join(known)))
    return _text(known.get(slug))


def _list(session: Session, slug: str, within: int | None, refuse: Callable[[Sentence], None]) -> str:
    """One of the territory's own."""
    asked = select(SoftwareList.id).join(Territory, col(Territory.id) == SoftwareList.territory_id)
    found = session.exec(asked.where(SoftwareList.slug == slug, Territory.id == within)).first() if slug else None
    if slug and found is None:
        refuse(NO_LIST)
    return _text(found)
