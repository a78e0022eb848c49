"""Making a move from a page or a program: the request as it was read, what was written, and the move of the table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session

from portal.access import Actor
from portal.db import lock
from portal.errors import OutOfDate, Refused, Unknown
from portal.moves import Desk
from portal.text import Sentence, clean, clean_lines
from portal.web.forms import Form, number
from workflows.requests.access import May
from workflows.requests.draft_page import judged
from workflows.requests.drafting import send
from workflows.requests.models import SoftwareRequest
from workflows.requests.queries import find_request
from workflows.requests.table import REQUESTS

LONGEST_REASON = 2000
NO_SUCH_MOVE = Sentence("Cette étape n’existe pas. Revenez à la demande.")
CHANGED = Sentence("Cette demande a changé pendant que vous la lisiez. Voyez ce qui s’est passé, puis recommencez s’il le faut.")
TOO_LONG = Sentence("Ce texte dépasse %(n)s caractères. Raccourcissez-le.", n=LONGEST_REASON)
NO_SUCH_OTHER = Sentence("Il n’y a pas de demande de ce numéro dans ce territoire. Vérifiez-le, puis recommencez.")


@dataclass(frozen=True, slots=True)
class Moving:
    """`read`: the version of the request that was read; None when it does not matter. `into`: the number of another.

    `fields`: what a program calls the fields of a form, which a page names by their labels.
    """

    name: str
    reason: str = ""
    into: str = ""
    read: int | None = None
    fields: Mapping[str, str] = field(default_factory=dict)


def perform(session: Session, desk: Desk, actor: Actor, number: int, asked: Moving) -> SoftwareRequest:
    """Twice the same form does it once: the first changes the version that the second says it read. Right first, as the engine has it."""
    if asked.name not in {move.name for move in REQUESTS.moves}:
        raise Unknown(NO_SUCH_MOVE)
    request = find_request(session, desk.policy, actor, May.SEE, number)
    desk.policy.demand(actor, REQUESTS.move(asked.name).permission, request)
    lock(session, request)
    if asked.read is not None and request.version != asked.read:
        raise OutOfDate(CHANGED)
    reason = clean_lines(asked.reason)
    if len(reason) > LONGEST_REASON:
        raise Refused([TOO_LONG])
    if asked.name == "submit":
        send_judged(session, desk, actor, request, asked.fields)
    else:
        given: dict[str, Any] = {"today": desk.clock.today(request.territory.zone)}
        if into := clean(asked.into):
            given["into"] = _other(session, desk, actor, into)
        desk.carry_out(session, REQUESTS, asked.name, request, actor, reason=reason, **given)
    return request


def send_judged(session: Session, desk: Desk, actor: Actor, request: SoftwareRequest, fields: Mapping[str, str]) -> None:
    """A draft is judged as its page would judge it."""
    form = judged(session, request)
    if not form.validate():
        raise Refused(faults(form, fields))
    send(session, desk, request, actor, form.answers(request.title_id))


def faults(form: Form, fields: Mapping[str, str]) -> list[Sentence]:
    """What is wrong with each field of a form, under the name that whoever sent it knows."""
    return [
        Sentence("%(field)s : %(fault)s", field=fields.get(name) or str(form[name].label.text), fault=" ".join(map(str, said)))
        for name, said in form.errors.items()
        if name is not None
    ]


def _other(session: Session, desk: Desk, actor: Actor, typed: str) -> SoftwareRequest:
    """Locked, so that it is still open when the other goes on with it."""
    try:
        other = find_request(session, desk.policy, actor, May.INSTRUCT, number(typed))
    except Unknown:
        raise Refused([NO_SUCH_OTHER]) from None
    lock(session, other)
    return other
