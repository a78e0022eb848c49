"""The pages of requests: the lists, one request, its moves, what is said of it, what was joined to it, who supports it."""

from typing import Any

from flask import Blueprint, Response, g, redirect, request, send_file
from sqlmodel import Session

from portal.errors import DomainError, OutOfDate, Refused
from portal.people.models import Person
from portal.text import clean, clean_lines
from portal.web import forms  # routes call the number of a request `number`
from portal.web.kit import access, close_session, portal, private, private_page, session
from portal.web.language import say
from portal.web.pagination import page_number
from portal.web.rates import searched
from portal.web.reading import actor, reader
from workflows.requests import lists, talking
from workflows.requests.access import TALKS, May
from workflows.requests.handing import hand_over
from workflows.requests.models import RequestStatus, SoftwareRequest, Thread
from workflows.requests.moving import Moving, perform
from workflows.requests.queries import find_piece, find_request
from workflows.requests.request_page import Asked, request_page
from workflows.requests.support_form import SupportForm
from workflows.requests.supporting import support, take_back
from workflows.requests.thread_page import Typed, correcting, said_by

bp = Blueprint("requests", __name__)
ONE = "/demandes/<int:number>"


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
    corrected = forms.number(request.args.get("corriger"))
    typed = correcting(session(), actor(), held, corrected)
    return _shown(held, asked=Asked(whole=request.args.get("histoire") == "entiere", typed=typed))


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


@bp.post(f"{ONE}/echanges")
@access(May.DISCUSS)
def talk_aloud(number: int) -> Any:
    return _talked(number, Thread.PUBLIC)


@bp.post(f"{ONE}/instruction")
@access(May.DISCUSS_INTERNALLY)
def talk_within(number: int) -> Any:
    return _talked(number, Thread.INTERNAL)


@bp.get(f"{ONE}/pieces/<int:piece>")
@access(May.READ)
def download(number: int, piece: int) -> Response:
    """Never shown by us: what it holds is somebody else's."""
    held = find_request(session(), portal().policy, actor(), May.READ, number)
    found = find_piece(session(), portal().store, held, piece)
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


def _talked(number: int, thread: Thread) -> Any:
    """Refused, it is shown again as it was typed, in a form that can be sent."""
    said, now = said_by(request.form, thread), portal().clock.now()

    def work(writing: Session) -> int:
        held = find_request(writing, portal().policy, actor(), TALKS[thread], number)
        return talking.say(writing, portal().policy, actor(), held, said, at=now).key

    try:
        key = portal().database.write(work)
    except (OutOfDate, Refused) as refused:
        close_session()
        typed = Typed(thread, said.text, said.mentions, said.corrects)
        status = 409 if isinstance(refused, OutOfDate) else 422
        return _shown(_held(number), asked=Asked(typed=typed), refused=refused, status=status)
    return redirect(f"/demandes/{number}#message-{key}", 303)


def _support_form(held: SoftwareRequest, typed: Any = None) -> SupportForm:
    return SupportForm.about(session(), held, _me(session()), typed)


def _given(writing: Session, number: int, to: int, reason: str) -> None:
    held = find_request(writing, portal().policy, actor(), May.SEE, number)
    hand_over(writing, portal().policy, actor(), held, to, reason=reason, at=portal().clock.now())


def _signed(writing: Session, number: int, form: SupportForm) -> None:
    held = find_request(writing, portal().policy, actor(), May.SEE, number)
    support(writing, portal().policy, actor(), held, form.support(_me(writing)), at=portal().clock.now())


def _shown(
    held: SoftwareRequest, *, asked: Asked | None = None, form: SupportForm | None = None, refused: DomainError | None = None,
    kept: Moving | None = None, status: int = 200,
) -> Response:  # fmt: skip
    shown = request_page(session(), portal(), held, actor(), asked or Asked())
    return private_page(
        "requests/request.html",
        status=status,
        request_=shown,
        form=form or (_support_form(held) if shown.may_support else None),
        refused=[say(one) for one in refused.reasons] if refused else [],
        kept=kept if kept and kept.reason else None,
    )
