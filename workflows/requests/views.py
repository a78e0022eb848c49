"""The pages of requests: the lists, one request, its moves, what was joined to it, who supports it."""

from typing import Any

from flask import Blueprint, Response, g, redirect, request, send_file
from sqlmodel import Session, select

from portal.enclosures.models import Enclosure
from portal.errors import DomainError, OutOfDate, Refused, Unknown
from portal.people.models import Person
from portal.text import Sentence, clean, clean_lines, french
from portal.web import forms  # routes call the number of a request `number`
from portal.web.kit import access, close_session, portal, private, private_page, session
from portal.web.language import say
from portal.web.pagination import page_number
from portal.web.rates import searched
from portal.web.reading import actor, reader
from workflows.requests import lists
from workflows.requests.access import May
from workflows.requests.drafting import places_of
from workflows.requests.handing import hand_over
from workflows.requests.models import RequestStatus, SoftwareRequest
from workflows.requests.moving import Moving, perform
from workflows.requests.queries import find_request
from workflows.requests.request_page import request_page
from workflows.requests.support_form import SupportForm
from workflows.requests.supporting import signature_of, support, take_back

bp = Blueprint("requests", __name__)
ONE = "/demandes/<int:number>"
NO_SUCH_PIECE = Sentence("Cette pièce n’est plus jointe à la demande. Revenez à la demande.")


@bp.get("/demandes")
@access(May.WRITE)
@searched
def index() -> Response:
    asked = {name: clean(request.args.get(name, "")) for name in ("voir", "q", "page")}
    wanted = lists.Asked(asked["voir"], asked["q"], page_number(asked["page"]))
    return private_page("requests/index.html", requests=lists.requests(session(), portal(), actor(), wanted))


@bp.get(ONE)
@access(May.SEE)
def one(number: int) -> Any:
    held = _held(number)
    if held.status is RequestStatus.DRAFT:
        return redirect(f"/demandes/brouillons/{held.key_of_draft}", 303)
    return _shown(held)


@bp.post(f"{ONE}/etapes/<move>")
@access(May.SEE)
def make_move(number: int, move: str) -> Any:
    """Whoever comes second sees what changed, and what they wrote."""
    read = request.form.get("lu", "")
    asked = Moving(move, clean_lines(request.form.get("raison", "")), request.form.get("into", ""), forms.number(read))
    try:
        portal().database.write(lambda writing: perform(writing, portal().desk, actor(), number, asked))
    except (OutOfDate, Refused) as refused:
        return _refused(number, refused, asked)
    return redirect(f"/demandes/{number}", 303)


@bp.get(f"{ONE}/pieces/<int:piece>")
@access(May.READ)
def download(number: int, piece: int) -> Response:
    """Never shown by us: what it holds is somebody else's."""
    held = find_request(session(), portal().policy, actor(), May.READ, number)
    found = _piece(session(), held, piece)
    path = portal().store.path(found.sha256)
    return private(send_file(path, mimetype=found.media_type, as_attachment=True, download_name=found.name, max_age=0))


@bp.post(f"{ONE}/soutien")
@access(May.SEE)
def sign(number: int) -> Any:
    held = _held(number)
    form = _support_form(held, request.form)
    if not form.validate():
        return _shown(held, form=form, status=422)
    try:
        portal().database.write(lambda writing: _signed(writing, number, form))
    except Refused as refused:
        close_session()
        return _shown(_held(number), form=form, refused=refused, status=422)
    return redirect(f"/demandes/{number}#soutiens", 303)


@bp.post(f"{ONE}/main")
@access(May.SEE)
def give(number: int) -> Any:
    """To a colleague of the school; the rule of who may is asked of the request itself."""
    to, reason = request.form.get("person", ""), clean_lines(request.form.get("raison", ""))
    try:
        portal().database.write(lambda writing: _given(writing, number, forms.number(to), reason))
    except Refused as refused:
        return _refused(number, refused, Moving("main", reason))
    return redirect(f"/demandes/{number}", 303)


@bp.post(f"{ONE}/soutien/retrait")
@access(May.SEE)
def take_signature_back(number: int) -> Any:
    now = portal().clock.now()

    def work(writing: Session) -> None:
        held = find_request(writing, portal().policy, actor(), May.SEE, number)
        take_back(writing, actor(), _me(writing), held, at=now)

    portal().database.write(work)
    return redirect(f"/demandes/{number}#soutiens", 303)


def _me(reading: Session) -> Person:
    return reading.get_one(Person, reader().person_id)


def _held(number: int) -> SoftwareRequest:
    held = find_request(session(), portal().policy, actor(), May.SEE, number)
    g.zone = held.territory.zone
    return held


def _refused(number: int, refused: DomainError, asked: Moving) -> Response:
    close_session()
    status = 409 if isinstance(refused, OutOfDate) else 422
    return _shown(_held(number), refused=refused, kept=asked, status=status)


def _piece(reading: Session, held: SoftwareRequest, key: int) -> Enclosure:
    found = reading.exec(
        select(Enclosure).where(Enclosure.id == key, Enclosure.subject_kind == held.__tablename__, Enclosure.subject_id == held.key)
    ).one_or_none()
    if found is None or found.removed_at is not None or not portal().store.holds(found.sha256):
        raise Unknown(NO_SUCH_PIECE)
    return found


def _support_form(held: SoftwareRequest, typed: Any = None) -> SupportForm:
    me = _me(session())
    mine = signature_of(session(), held, me)
    schools = [
        (one.uai, f"{french(one.name)}, {one.city}") for one, by in places_of(session(), me) if by and by.scope == held.within
    ]
    return SupportForm.of(schools, mine if mine and mine.taken_back_at is None else None, typed)


def _given(writing: Session, number: int, to: int, reason: str) -> None:
    held = find_request(writing, portal().policy, actor(), May.SEE, number)
    hand_over(writing, portal().policy, actor(), held, to, reason=reason, at=portal().clock.now())


def _signed(writing: Session, number: int, form: SupportForm) -> None:
    held = find_request(writing, portal().policy, actor(), May.SEE, number)
    support(writing, portal().policy, actor(), held, form.support(_me(writing)), at=portal().clock.now())


def _shown(
    held: SoftwareRequest, *, form: SupportForm | None = None, refused: DomainError | None = None, kept: Moving | None = None, status: int = 200
) -> Response:  # fmt: skip
    shown = request_page(session(), portal(), held, actor())
    return private_page(
        "requests/request.html",
        status=status,
        request_=shown,
        form=form or _support_form(held),
        refused=[say(one) for one in refused.reasons] if refused else [],
        kept=kept if kept and kept.reason else None,
    )
