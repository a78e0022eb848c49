"""Beginning, keeping, sending and discarding a draft: what the table of moves cannot do, since nothing was sent yet."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from catalogue.titles.models import Title
from portal.access import Actor
from portal.db import lock
from portal.enclosures.models import Enclosure
from portal.errors import Refused, Unknown
from portal.moves import Desk
from portal.people.models import Person
from portal.people.queries import is_account_of, schools_of
from portal.territories.models import School, Territory
from portal.text import Sentence, clean, clean_lines, fold
from workflows.requests.models import RequestKind, RequestStatus, SoftwareRequest
from workflows.requests.queries import whole
from workflows.requests.table import REQUESTS

SHAPE_OF_KEY = re.compile(r"[A-Za-z0-9_-]{16,32}")
MOST_DRAFTS = 20
LONGEST_TYPED = 4000  # of one answer: more than any of them may hold once it is sent
FIELDS = (
    "kind", "title_name", "slug", "website", "wanted_version", "list_id", "discipline_id", "audience", "pupils", "need", "exam",
    "places", "workstations", "needed_on", "considered",
)  # fmt: skip
IN_LINES = {"need", "considered"}
NO_SUCH_DRAFT = Sentence(
    "Ce brouillon n’existe pas, ou n’est pas à vous. Retrouvez les vôtres parmi vos brouillons, sur la page « Demandes »."
)
NO_SCHOOL = Sentence(
    "Vous n’êtes rattaché·e à aucun établissement. Demandez votre rattachement depuis « Mon compte », puis revenez."
)
TOO_MANY = Sentence("Vous avez déjà %(n)s brouillons. Envoyez-en un ou supprimez-en un, puis recommencez.", n=MOST_DRAFTS)


@dataclass(frozen=True, slots=True)
class Answers:
    """The six answers of a request, checked: `title_id` None is a title that the catalogue does not hold."""

    kind: RequestKind
    title_id: int | None
    title_name: str
    discipline_id: int
    audience: str
    need: str
    places: str
    needed_on: date
    considered: str
    pupils: int | None = None
    workstations: int | None = None
    exam: str = ""
    website: str = ""
    wanted_version: str = ""
    list_id: int | None = None


@dataclass(frozen=True, slots=True)
class Typed:
    """What a page sent of a draft: from which school, and each field as it was typed."""

    key: str
    uai: str
    fields: Mapping[str, str]


def find_draft(session: Session, requester: Person, key: str) -> SoftwareRequest | None:
    """A person's own, sent or not; None when nothing has that key yet; a stranger's is not found."""
    if not SHAPE_OF_KEY.fullmatch(key):
        raise Unknown(NO_SUCH_DRAFT)
    found = session.exec(select(SoftwareRequest).where(SoftwareRequest.key_of_draft == key).options(*whole())).one_or_none()
    if found and found.requester.account_id != requester.account_id:
        raise Unknown(NO_SUCH_DRAFT)
    return found


def keep(session: Session, requester: Person, typed: Typed, at: datetime) -> SoftwareRequest:
    """Begin the draft, or keep what was typed since. What is already sent is left as it was sent."""
    lock(session, requester)
    draft = find_draft(session, requester, typed.key) or _begun(session, requester, typed, at)
    lock(session, draft)
    if draft.status is not RequestStatus.DRAFT:
        return draft
    said = {name: (clean_lines if name in IN_LINES else clean)(typed.fields.get(name, ""))[:LONGEST_TYPED] for name in FIELDS}
    kind, typed_before = said["kind"], draft.typed
    draft.kind = RequestKind(kind) if kind in set(RequestKind) else draft.kind
    draft.title = titled(session, said["slug"], said["title_name"])
    said["title_name"] = said["title_name"] or (draft.title.name if draft.title else "")
    draft.title_name, draft.title_key = said["title_name"][:120], fold(said["title_name"])[:120]
    if typed.uai and typed.uai != draft.scope.removeprefix("school:"):
        _place(session, requester, draft, typed.uai)
    if said != typed_before:
        draft.typed, draft.kept_at = said, at
    return draft


def send(session: Session, desk: Desk, draft: SoftwareRequest, actor: Actor, answers: Answers) -> None:
    """Write the answers in their places, and hand the request to the school."""
    for name in Answers.__dataclass_fields__:
        setattr(draft, name, getattr(answers, name))
    draft.title_key = fold(answers.title_name)[:120]
    today = desk.clock.today(draft.territory.zone)
    desk.carry_out(session, REQUESTS, "submit", draft, actor, today=today)


def discard(session: Session, requester: Person, key: str) -> None:
    """A draft was nobody else's: it goes, with what was joined to it. A second click finds nothing, and that is well."""
    lock(session, requester)
    draft = find_draft(session, requester, key)
    if draft is None:
        return
    lock(session, draft)
    if draft.status is not RequestStatus.DRAFT:
        raise Refused([Sentence("Cette demande est déjà envoyée. Pour l’arrêter, renoncez-y depuis sa page.")])
    joined = sa.and_(col(Enclosure.subject_kind) == SoftwareRequest.__tablename__, col(Enclosure.subject_id) == draft.key)
    session.execute(sa.delete(Enclosure).where(joined))
    session.delete(draft)


def places_of(session: Session, requester: Person) -> list[tuple[School, Territory | None]]:
    """The schools for which a person may ask, each with the territory that serves it here; None: none does."""
    codes = schools_of(session, requester.account_id)
    schools = session.exec(select(School).where(col(School.uai).in_(codes)).order_by(col(School.name_key))).all()
    territories = session.exec(select(Territory).order_by(col(Territory.id))).all()
    return [(one, next((held for held in territories if one.open and held.serves(one)), None)) for one in schools]


def titled(session: Session, slug: str, name: str) -> Title | None:
    """The title that was chosen, as long as its name stands; else the one of exactly that name."""
    key = fold(name)
    if slug:
        chosen = session.exec(select(Title).where(Title.slug == slug)).one_or_none()
        if chosen and key in {"", fold(chosen.name)}:
            return chosen
    return session.exec(select(Title).where(Title.sort_key == key).order_by(col(Title.id))).first() if key else None


def blank(session: Session, requester: Person, key: str, uai: str, at: datetime) -> SoftwareRequest:
    """A draft that is not stored: a page shows it until something is kept."""
    draft = SoftwareRequest(
        key_of_draft=key, requester_id=requester.key, school_id=0, territory_id=0, scope="", within="", begun_at=at, kept_at=at, since=at,
    )  # fmt: skip
    draft.title = None
    _place(session, requester, draft, uai)
    return draft


def _begun(session: Session, requester: Person, typed: Typed, at: datetime) -> SoftwareRequest:
    mine = (
        select(sa.func.count(col(SoftwareRequest.id)))
        .join(Person, col(Person.id) == SoftwareRequest.requester_id)
        .where(is_account_of(requester.account_id), SoftwareRequest.status == RequestStatus.DRAFT)
    )
    if session.exec(mine).one() >= MOST_DRAFTS:
        raise Refused([TOO_MANY])
    draft = blank(session, requester, typed.key, typed.uai, at)
    session.add(draft)
    session.flush()
    return draft


def _place(session: Session, requester: Person, draft: SoftwareRequest, uai: str) -> None:
    """For which school; the first that is served, when the page does not say."""
    held: list[tuple[School, Territory]] = [(one, by) for one, by in places_of(session, requester) if by is not None]
    found: Any = next((one for one in held if one[0].uai == uai), None) if uai else next(iter(held), None)
    if found is None:
        mine = schools_of(session, requester.account_id)
        raise Refused([NO_SCHOOL if not mine else NOT_YOURS if uai and uai not in mine else NOT_SERVED])
    school, territory = found
    draft.school_id, draft.territory_id, draft.scope, draft.within = school.key, territory.key, school.scope, territory.scope
    draft.school, draft.territory, draft.requester = school, territory, requester


NOT_YOURS = Sentence("Cet établissement n’est pas l’un des vôtres. Choisissez-en un auquel vous êtes rattaché·e.")
NOT_SERVED = Sentence(
    "Aucune collectivité de ce portail ne maintient les ordinateurs de cet établissement. Choisissez-en un autre auquel vous êtes rattaché·e."
)
