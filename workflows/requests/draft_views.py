"""The pages of a draft: begun from a title or from nothing, kept as one types, sent once."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, redirect, request
from sqlmodel import Session

from portal.db import lock
from portal.enclosures.keeping import enclose, remove, take_in
from portal.enclosures.models import Enclosure
from portal.errors import DomainError, OutOfDate, Refused, Unknown
from portal.people.models import Person
from portal.text import Sentence, clean, clean_lines
from portal.web.forms import number
from portal.web.kit import access, close_session, page, portal, private, private_page, session
from portal.web.language import say
from portal.web.reading import reader
from workflows.requests.access import May
from workflows.requests.draft_page import DRAFTS, begun_with, draft_page, judged, new_key
from workflows.requests.drafting import FIELDS, NO_SUCH_DRAFT, Typed, blank, discard, find_draft, keep, send
from workflows.requests.forms import RequestForm
from workflows.requests.models import RequestStatus, SoftwareRequest

bp = Blueprint("request_drafts", __name__)
NO_FILE = Sentence("Aucun fichier n’est choisi. Choisissez-le, puis joignez-le.")


@bp.get("/demandes/nouvelle")
@access(May.WRITE)
def new() -> Response:
    asked = {name: clean(request.args.get(name, "")) for name in ("titre", "type", "etablissement")}
    try:
        draft = blank(session(), _me(session()), new_key(), asked["etablissement"], portal().clock.now())
    except Refused as refused:
        return private_page("requests/nowhere.html", refused=[say(one) for one in refused.reasons])
    draft.typed = begun_with(session(), draft, asked["titre"], asked["type"])
    return _shown(draft)


@bp.get(f"{DRAFTS}/<key>")
@access(May.WRITE)
def draft(key: str) -> Any:
    held = find_draft(session(), _me(session()), key)
    if held is None:
        raise Unknown(NO_SUCH_DRAFT)
    portal().policy.demand(reader().actor, May.WRITE, held)
    return _shown(held) if held.status is RequestStatus.DRAFT else redirect(f"/demandes/{held.key}", 303)


@bp.post(DRAFTS)
@access(May.WRITE)
def write() -> Any:
    """Whatever the button, what was typed is kept first; one that was sent meanwhile is shown as it was sent."""
    if request.form.get("faire", "") == "supprimer":
        return _deleted()
    typed = _typed()
    try:
        sent_as, status = portal().database.write(lambda writing: _kept(writing, typed))
    except Refused as refused:
        return _unkept(typed, refused)
    close_session()
    if status is RequestStatus.DRAFT:
        return _action()(typed.key)
    return Response(status=400) if request.headers.get("HX-Request") else redirect(f"/demandes/{sent_as}", 303)


def _me(reading: Session) -> Person:
    return reading.get_one(Person, reader().person_id)


def _deleted() -> Any:
    portal().database.write(lambda writing: discard(writing, _me(writing), request.form.get("cle", "")))
    return redirect("/demandes?voir=brouillons", 303)


def _unkept(typed: Typed, refused: Refused) -> Response:
    """What was typed stays on the page, with why it is not kept; while one types, the page itself says that it is not."""
    if request.headers.get("HX-Request"):
        return Response(status=400)
    close_session()
    try:
        held = blank(session(), _me(session()), typed.key, "", portal().clock.now())
    except Refused:
        return private_page("requests/nowhere.html", status=422, refused=[say(one) for one in refused.reasons])
    held.typed = {name: clean_lines(value) for name, value in typed.fields.items()}
    held.title_name = held.typed["title_name"][:120]
    return _shown(held, refused=refused, status=422)


def _typed() -> Typed:
    """`cle`: made by the page, so that a form sent twice begins one draft. `titre`: a title that it proposed, instead of a name."""
    fields = {name: request.form.get(name, "") for name in FIELDS}
    if chosen := request.form.get("titre", ""):
        fields |= {"slug": chosen, "title_name": ""}
    return Typed(request.form.get("cle", ""), clean(request.form.get("uai", "")), fields)


def _action() -> Callable[[str], Any]:
    return _taken_away if request.form.get("retirer") else ACTIONS.get(request.form.get("faire", ""), _answered)


def _kept(writing: Session, typed: Typed) -> tuple[int, RequestStatus]:
    held = keep(writing, _me(writing), typed, portal().clock.now())
    writing.flush()
    return held.key, held.status


def _held(key: str) -> SoftwareRequest:
    held = find_draft(session(), _me(session()), key)
    if held is None:  # deleted in another tab, between two units of work
        raise Unknown(NO_SUCH_DRAFT)
    return held


def _answered(key: str) -> Any:
    """To htmx, what to know now and that it is kept; to a plain form, the page again."""
    if request.headers.get("HX-Target") != "conseils":
        return redirect(f"{DRAFTS}/{key}", 303)
    response = _shown(_held(key))
    response.headers["HX-Replace-Url"] = f"{DRAFTS}/{key}"
    return response


def _sent(key: str) -> Any:
    held = _held(key)
    form = judged(session(), held)
    if not form.validate():
        return _shown(held, form, status=422)
    answers, who = form.answers(held.title_id), reader().actor
    try:
        portal().database.write(lambda writing: send(writing, portal().desk, _found(writing, key), who, answers))
    except OutOfDate:  # a second click: it is sent
        return redirect(f"/demandes/{held.key}", 303)
    except Refused as refused:
        form.refuse(refused.reasons)
        return _shown(held, form, status=422)
    return redirect(f"/demandes/{held.key}", 303)


def _found(writing: Session, key: str) -> SoftwareRequest:
    held = find_draft(writing, _me(writing), key)
    if held is None:
        raise Unknown(NO_SUCH_DRAFT)
    lock(writing, held)
    return held


def _joined(key: str) -> Any:
    given = request.files.get("fichier")
    if given is None or not given.filename:
        return _shown(_held(key), refused=Refused([NO_FILE]), status=422)
    try:
        taken = take_in(portal().store, given.filename, given.stream)  # type: ignore[arg-type]
        who, now = reader().actor, portal().clock.now()
        portal().database.write(lambda writing: enclose(writing, _found(writing, key), who, taken, now))
    except Refused as refused:
        return _shown(_held(key), refused=refused, status=422)
    return redirect(f"{DRAFTS}/{key}#pieces", 303)


def _taken_away(key: str) -> Any:
    key_of_piece = number(request.form.get("retirer"))
    who, now = reader().actor, portal().clock.now()

    def work(writing: Session) -> None:
        held = _found(writing, key)
        piece = writing.get(Enclosure, key_of_piece)
        if piece is not None and (piece.subject_kind, piece.subject_id) == (held.__tablename__, held.key):
            remove(writing, held, who, piece, now)

    portal().database.write(work)
    return redirect(f"{DRAFTS}/{key}#pieces", 303)


def _shown(
    held: SoftwareRequest, form: RequestForm | None = None, *, refused: DomainError | None = None, status: int = 200
) -> Response:
    said = [say(one) for one in refused.reasons] if refused else []
    shown = draft_page(session(), held, form)
    answered = page(
        "requests/draft.html", fragment="requests/_kept.html", target="conseils", status=status, draft=shown, refused=said
    )
    return private(answered)


ACTIONS: dict[str, Callable[[str], Any]] = {"envoyer": _sent, "joindre": _joined}
