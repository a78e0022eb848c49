"""Writing requests by program: a draft or a request, each move of the table, what is joined to a draft."""

from io import BytesIO

from flask import Blueprint, Response, g, request
from sqlmodel import Session

from portal.db import lock
from portal.enclosures.keeping import enclose, remove, take_in
from portal.enclosures.kinds import Recognised
from portal.enclosures.store import Kept
from portal.errors import OutOfDate, Unknown
from portal.people.models import Person
from portal.text import Sentence, clean_lines
from portal.web.api import Asked, answers, read
from portal.web.bodies import written
from portal.web.kit import access, portal, session
from portal.web.once import Made, key, once
from portal.web.reading import actor, reader
from workflows.requests.access import May
from workflows.requests.api_drafts import FIELDS, key_for, typed
from workflows.requests.api_models import NO_SUCH, ONE, Asking, EnclosureShown, MoveMade, NewRequest, PieceNamed, WholeRequest
from workflows.requests.api_telling import PREFIX, piece, told_whole
from workflows.requests.drafting import discard, keep
from workflows.requests.models import RequestStatus, SoftwareRequest
from workflows.requests.moving import NO_SUCH_MOVE, Moving, perform, send_judged
from workflows.requests.queries import find_piece, find_request
from workflows.requests.table import REQUESTS

bp = Blueprint("writing", __name__)
FILE = "application/octet-stream"
SENT = Sentence("Cette demande est déjà envoyée : ce n’est plus un brouillon. Relisez-la.")


@bp.post("/requests")
@access(May.WRITE)
@answers("Demander un logiciel, ou garder un brouillon", WholeRequest, takes=NewRequest, status=201)
def create() -> Response:
    read(Asked, request.args)
    given = written(NewRequest)
    return once(lambda writing: _created(writing, given))


@bp.put(ONE)
@access(May.WRITE)
@answers("Réécrire un brouillon en entier", WholeRequest, takes=Asking, refuses=NO_SUCH)
def rewrite(number: int) -> Response:
    read(Asked, request.args)
    _demand_draft(_own(session(), number))
    given = written(Asking)
    return once(lambda writing: _kept(writing, number, given))


@bp.delete(ONE)
@access(May.WRITE)
@answers("Supprimer un brouillon, et ce qui y est joint", None, media="", status=204, refuses=NO_SUCH)
def delete(number: int) -> Response:
    read(Asked, request.args)
    held = _own(session(), number)
    portal().database.write(lambda writing: discard(writing, _me(writing), held.key_of_draft))
    return Response(status=204)


@bp.post(f"{ONE}/moves/<move>")
@access(May.SEE)
@answers("Faire une étape de la demande", WholeRequest, takes=MoveMade, refuses=NO_SUCH)
def make_move(number: int, move: str) -> Response:
    """Right first: whoever may not make it learns nothing of what it asks for."""
    read(Asked, request.args)
    if move not in {one.name for one in REQUESTS.moves}:
        raise Unknown(NO_SUCH_MOVE)
    held = find_request(session(), portal().policy, actor(), May.SEE, number)
    portal().policy.demand(actor(), REQUESTS.move(move).permission, held)
    given = written(MoveMade)
    asked = Moving(move, clean_lines(given.reason), str(given.into or ""), given.version, FIELDS)
    return once(lambda writing: _moved(writing, number, asked))


@bp.post(f"{ONE}/attachments")
@access(May.WRITE)
@answers(
    "Joindre une pièce à un brouillon : le corps est le fichier, jugé par son contenu", EnclosureShown, asks=PieceNamed, receives=FILE, status=201,
    refuses=NO_SUCH,
)  # fmt: skip
def join(number: int) -> Response:
    _own(session(), number)
    asked = read(PieceNamed, request.args)
    taken = take_in(portal().store, asked.name, BytesIO(request.get_data()))
    return once(lambda writing: _joined(writing, number, taken))


@bp.delete(f"{ONE}/attachments/<int:piece>")
@access(May.WRITE)
@answers("Retirer une pièce d’un brouillon", None, media="", status=204, refuses=NO_SUCH)
def take_away(number: int, piece: int) -> Response:
    read(Asked, request.args)
    portal().database.write(lambda writing: _taken_away(writing, number, piece))
    return Response(status=204)


def _me(reading: Session) -> Person:
    return reading.get_one(Person, reader().person_id)


def _own(reading: Session, number: int) -> SoftwareRequest:
    held = find_request(reading, portal().policy, actor(), May.WRITE, number)
    g.zone = held.territory.zone
    return held


def _demand_draft(held: SoftwareRequest) -> None:
    if held.status is not RequestStatus.DRAFT:
        raise OutOfDate(SENT)


def _whole(writing: Session, number: int) -> dict[str, object]:
    return told_whole(writing, portal(), actor(), number)


def _created(writing: Session, given: NewRequest) -> Made:
    me = _me(writing)
    lock(writing, me)
    draft = keep(writing, me, typed(writing, me, given, key_for(writing, me, given, key())), portal().clock.now())
    writing.flush()
    if not given.draft:
        send_judged(writing, portal().desk, actor(), draft, FIELDS)
    return Made(_whole(writing, draft.key), 201, f"{PREFIX}/requests/{draft.key}")


def _kept(writing: Session, number: int, given: Asking) -> Made:
    held = _own(writing, number)
    lock(writing, held)
    _demand_draft(held)
    keep(writing, _me(writing), typed(writing, held.requester, given, held.key_of_draft), portal().clock.now())
    return Made(_whole(writing, number))


def _moved(writing: Session, number: int, asked: Moving) -> Made:
    perform(writing, portal().desk, actor(), number, asked)
    return Made(_whole(writing, number))


def _joined(writing: Session, number: int, taken: tuple[Recognised, Kept]) -> Made:
    held = _own(writing, number)
    lock(writing, held)
    _demand_draft(held)
    made = piece(enclose(writing, held, actor(), taken, portal().clock.now()))
    return Made(made, 201, made["url"])


def _taken_away(writing: Session, number: int, key_of_piece: int) -> None:
    held = _own(writing, number)
    found = find_piece(writing, portal().store, held, key_of_piece)
    lock(writing, held)
    _demand_draft(held)
    remove(writing, held, actor(), found, portal().clock.now())
