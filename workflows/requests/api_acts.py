"""What else is done about a request by program: supporting it, filling a block, handing it over, ranking a school's own."""

from flask import Blueprint, Response, g, jsonify, request
from sqlmodel import Session, col, select
from werkzeug.datastructures import MultiDict

from portal.errors import Refused
from portal.people.models import Person
from portal.people.places import Place
from portal.territories.uai import as_written
from portal.text import Sentence, clean_lines
from portal.web.api import Asked, answers, read
from portal.web.bodies import written
from portal.web.kit import access, portal, session
from portal.web.once import Made, once
from portal.web.reading import actor, reader
from workflows.requests import school_page
from workflows.requests.access import FILLS, May
from workflows.requests.api_models import NO_SUCH, ONE, BlockFilled, HandedOver, Order, Ranking, SupportGiven, WholeRequest
from workflows.requests.api_telling import told_whole
from workflows.requests.blocks import QUESTIONS, Filling, faults, fill
from workflows.requests.guards import OPEN
from workflows.requests.handing import hand_over
from workflows.requests.models import Block, SoftwareRequest
from workflows.requests.moving import faults as form_faults
from workflows.requests.queries import find_block, find_request
from workflows.requests.school_page import rank, school_for
from workflows.requests.support_form import SupportForm
from workflows.requests.supporting import support, take_back

bp = Blueprint("acts", __name__)
NO_SUCH_SCHOOL = {404: "Les demandes de cet établissement ne vous sont pas ouvertes."}


@bp.post(f"{ONE}/support")
@access(May.SEE)
@answers("Soutenir une demande, ou corriger son soutien", WholeRequest, takes=SupportGiven, refuses=NO_SUCH)
def sign(number: int) -> Response:
    read(Asked, request.args)
    _seen(session(), number)
    given = written(SupportGiven)
    return once(lambda writing: _signed(writing, number, given))


@bp.delete(f"{ONE}/support")
@access(May.SEE)
@answers("Retirer son soutien", None, media="", status=204, refuses=NO_SUCH)
def take_signature_back(number: int) -> Response:
    read(Asked, request.args)
    portal().database.write(lambda writing: _taken_back(writing, number))
    return Response(status=204)


@bp.post(f"{ONE}/blocks/<block>")
@access(May.READ)
@answers("Compléter un volet, ou le dire sans objet", WholeRequest, takes=BlockFilled, refuses=NO_SUCH)
def fill_block(number: int, block: str) -> Response:
    read(Asked, request.args)
    held = find_block(session(), portal().policy, actor(), number, block)
    portal().policy.demand(actor(), FILLS[held.kind], held.request)
    given = written(BlockFilled)
    return once(lambda writing: _filled(writing, number, block, given))


@bp.post(f"{ONE}/handover")
@access(May.SEE)
@answers("Confier la demande à une autre personne de l’établissement", WholeRequest, takes=HandedOver, refuses=NO_SUCH)
def give(number: int) -> Response:
    read(Asked, request.args)
    _seen(session(), number)
    given = written(HandedOver)
    return once(lambda writing: _given(writing, number, given))


@bp.put("/schools/<uai>/ranks")
@access(May.ENDORSE)
@answers("Classer les demandes d’un établissement", Order, takes=Ranking, refuses=NO_SUCH_SCHOOL)
def write_ranks(uai: str) -> Response:
    read(Asked, request.args)
    place = school_for(session(), portal().policy, actor(), as_written(uai))
    portal().policy.demand(actor(), May.ENDORSE, place)
    given = written(Ranking)
    return jsonify(order=portal().database.write(lambda writing: _ranked(writing, place, given)))


def _me(reading: Session) -> Person:
    return reading.get_one(Person, reader().person_id)


def _seen(reading: Session, number: int) -> SoftwareRequest:
    held = find_request(reading, portal().policy, actor(), May.SEE, number)
    g.zone = held.territory.zone
    return held


def _whole(writing: Session, number: int) -> Made:
    return Made(told_whole(writing, portal(), actor(), number))


def _signed(writing: Session, number: int, given: SupportGiven) -> Made:
    held, me = _seen(writing, number), _me(writing)
    said = {name: str(value) for name, value in given.model_dump(exclude={"school"}).items() if value is not None}
    form = SupportForm.about(writing, held, me, MultiDict({**said, "uai": as_written(given.school)}))
    if not form.validate():
        raise Refused(form_faults(form, {name: name for name in SupportGiven.model_fields} | {"uai": "school"}))
    support(writing, portal().policy, actor(), held, form.support(me), at=portal().clock.now())
    return _whole(writing, number)


def _taken_back(writing: Session, number: int) -> None:
    take_back(writing, actor(), _me(writing), _seen(writing, number), at=portal().clock.now())


def _filled(writing: Session, number: int, kind: str, given: BlockFilled) -> Made:
    block = find_block(writing, portal().policy, actor(), number, kind)
    filling = _filling(block, given)
    fill(writing, portal().policy, actor(), block, filling, at=portal().clock.now())
    return _whole(writing, number)


def _filling(block: Block, given: BlockFilled) -> Filling:
    """A question that is not asked is a misspelling; each answer that is wrong is named."""
    questions = [one.key for one in QUESTIONS[block.kind]]
    unknown = [
        Sentence("Le champ « %(name)s » n’existe pas ici. Champs connus : %(known)s.", name=name[:60], known=", ".join(questions))
        for name in given.answers
        if name not in questions
    ]
    answers = {name: clean_lines(said) for name, said in given.answers.items()}
    filling = Filling(
        block.version if given.version is None else given.version, answers, clean_lines(given.reason), is_needed=given.needed
    )
    wrong = [
        Sentence("%(field)s : %(fault)s", field=name if name == "reason" else f"answers.{name}", fault=fault)
        for name, fault in faults(block.kind, filling).items()
    ]
    if said := unknown + (wrong if block.request.status in OPEN else []):
        raise Refused(said)
    return filling


def _given(writing: Session, number: int, given: HandedOver) -> Made:
    held = _seen(writing, number)
    hand_over(writing, portal().policy, actor(), held, given.person, reason=clean_lines(given.reason), at=portal().clock.now())
    return _whole(writing, number)


def _ranked(writing: Session, place: Place, given: Ranking) -> list[int]:
    """All of the school's, so that those that are left out lose their rank."""
    ranked = select(SoftwareRequest.id).where(
        SoftwareRequest.scope == place.scope, col(SoftwareRequest.status).in_(OPEN), col(SoftwareRequest.school_rank).is_not(None)
    )
    typed = dict.fromkeys((key for key in writing.exec(ranked) if key is not None), "")
    typed |= {key: str(at) for at, key in enumerate(dict.fromkeys(given.order), 1)}
    in_order = ranked.order_by(col(SoftwareRequest.school_rank))
    read_over = [key for key in writing.exec(in_order) if key] if given.read is None else given.read
    rank(writing, portal().policy, actor(), place, school_page.Ranking(typed, read_over), at=portal().clock.now())
    return [key for key in writing.exec(in_order) if key]
