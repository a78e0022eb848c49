"""The forms by which one writes under the timeline of a request: aloud to its parties, or within to those who treat it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session

from portal.access import Actor
from portal.text import Sentence, clean, clean_lines, french
from portal.web.forms import number
from portal.web.language import gettext as _
from portal.web.language import say
from workflows.requests.access import May
from workflows.requests.draft_page import new_key
from workflows.requests.models import SoftwareRequest, Thread
from workflows.requests.parties import Part, Party
from workflows.requests.talking import Said, addressable, closed, own_message
from workflows.requests.timeline import Reading, form_of, read_by

PATHS = {Thread.PUBLIC: "echanges", Thread.INTERNAL: "instruction"}  # after the request's own
LABELS = {Thread.PUBLIC: Sentence("Votre message"), Thread.INTERNAL: Sentence("Votre message, pour l’instruction")}
HINTS = {
    Thread.PUBLIC: Sentence("Lu par la personne qui demande, celles qui soutiennent, l’établissement et celles qui traitent la demande."),
    Thread.INTERNAL: Sentence("Lu seulement par les personnes qui instruisent ou complètent la demande : ni l’établissement, ni la personne qui demande."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed in one of the forms, which was refused, or which one comes to correct."""

    thread: Thread
    text: str = ""
    mentions: Collection[str] = ()
    corrects: int | None = None


@dataclass(frozen=True)
class Writing:
    """One form. `people`: handle, words and whether it is ticked, of each one may call; `corrects`: the message that is corrected.

    `is_kept`: it holds what was typed, and says what is wrong with it.
    """

    id: str
    action: str
    key: str
    label: str
    hint: str
    text: str
    people: list[tuple[str, str, bool]]
    corrects: int | None
    is_internal: bool
    is_open: bool
    is_kept: bool


@dataclass(frozen=True)
class Talk:
    """What a reader may write, and why nothing more is written."""

    writings: list[Writing] = field(default_factory=list)
    closed: str = ""

    @property
    def is_kept(self) -> bool:
        return any(one.is_kept for one in self.writings)


def said_by(form: Any, thread: Thread) -> Said:
    """As a page sends it."""
    called = [clean(one) for one in form.getlist("prevenir")]
    return Said(clean_lines(form.get("message", "")), form.get("cle", ""), thread, called, number(form.get("corrige")) or None)


def correcting(session: Session, actor: Actor, request: SoftwareRequest, key: int) -> Typed | None:
    """The form filled with one's own message, to say it again. Whom it called is called again by who corrects."""
    found = own_message(session, actor, request, key) if key else None
    return Typed(found.thread, found.text, corrects=found.key) if found else None


def talk(request: SoftwareRequest, reading: Reading, typed: Typed | None = None) -> Talk:
    threads = [one for one in Thread if one in read_by(reading.policy, reading.actor, request)]
    if why := closed(request):
        return Talk(closed=say(why) if threads else "")
    named = reading.policy.may(reading.actor, May.READ, request)
    return Talk([_writing(one, request, reading, typed if typed and typed.thread is one else None, named=named) for one in threads])


def _writing(thread: Thread, request: SoftwareRequest, reading: Reading, typed: Typed | None, *, named: bool) -> Writing:
    kept = typed or Typed(thread)
    others: Sequence[Party] = addressable(reading.parties, reading.actor, thread)
    return Writing(
        id=form_of(thread),
        action=f"/demandes/{request.key}/{PATHS[thread]}",
        key=new_key(),
        label=say(LABELS[thread]),
        hint=say(HINTS[thread]),
        text=kept.text,
        people=[(one.handle, words(one, named=named), one.handle in kept.mentions) for one in others],
        corrects=kept.corrects,
        is_internal=thread is Thread.INTERNAL,
        is_open=typed is not None or thread is Thread.PUBLIC,
        is_kept=typed is not None,
    )


def words(party: Party, *, named: bool) -> str:
    """Who it is: by function and name for whoever reads the file, by function alone for whoever does not.

    Whoever supports is named to nobody, as beside the request.
    """
    if party.part is Part.AUTHOR:
        return _("La personne qui demande, %(name)s", name=party.name) if named else _("La personne qui demande")
    if party.part is Part.SUPPORTER:
        what, school, audience = (french(one) for one in (party.function, party.school, party.audience))
        return _("%(function)s, %(school)s, qui soutient (%(audience)s)", function=what, school=school, audience=audience)
    return _("%(function)s, %(name)s", function=french(party.function), name=party.name) if named else french(party.function)
