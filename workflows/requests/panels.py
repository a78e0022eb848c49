"""What requests bring to « À voir ensemble »: the questions that wait, what the school owes, what its territory owes, the campaigns."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload
from sqlmodel import Session, col, select

from catalogue.browse.panels import NEAR, dates_panel
from portal.access import Actor
from portal.db import related
from portal.people.places import Place
from portal.text import Sentence, french
from portal.trail.models import Event
from portal.web.kit import Portal
from portal.web.language import day, local, ngettext, say
from portal.web.language import gettext as _
from portal.web.language import lazy as _l
from portal.web.panels import Line, Panel, SchoolPage
from workflows.requests.access import FILLS, TALKS, May
from workflows.requests.badges import BLOCKS, KINDS
from workflows.requests.guards import OPEN
from workflows.requests.holders import holders, owners
from workflows.requests.models import Block, BlockKind, BlockState, Message, RequestCampaign, RequestStatus, SoftwareRequest, Thread
from workflows.requests.parties import those_who_hold
from workflows.requests.steps import QUESTIONS, campaigns_of

REQUEST_PAGES = (
    SchoolPage("a-voir-ensemble", _l("À voir ensemble"), May.READ),
    SchoolPage("demandes", _l("Demandes de l’établissement"), May.READ),
)
R = RequestStatus
MOST_READ = 200
MOST_QUOTED = 160
OF_SCHOOL, OF_TERRITORY = {R.RELAY, R.VISA}, {R.INSTRUCTION}
DAYS = {
    "closes_on": Sentence("dernier jour pour envoyer"),
    "endorsed_by": Sentence("dernier jour du visa"),
    "advised_by": Sentence("avis rendus"),
    "decided_by": Sentence("décisions rendues"),
    "ready_on": Sentence("sur les postes"),
}  # of a campaign, as they are said


def request_panels(session: Session, joined: Portal, actor: Actor, place: Place, now: datetime) -> Iterator[Panel]:
    """For whoever reads the requests of the school, in a number of queries that does not depend on them."""
    if not joined.policy.may(actor, May.READ, place):
        return
    waiting = Waiting(session, place, now)
    whole = f"/etablissements/{place.scope.removeprefix('school:')}/demandes"
    aloud = [*waiting.calls()] if joined.policy.may(actor, TALKS[Thread.PUBLIC], place) else []
    yield Panel(_("Questions ouvertes"), _("Aucune question n’attend de réponse."), [*waiting.questions(), *aloud], whole)
    yield Panel(
        _("Ce que l’établissement doit"),
        _("L’établissement ne doit rien : tout est relayé, visé et complété."),
        [*waiting.steps(OF_SCHOOL), *waiting.blocks({BlockKind.SCHOOL})],
        whole,
    )
    yield Panel(
        _("Ce que la collectivité doit"),
        _("La collectivité ne doit rien à cet établissement."),
        [*waiting.steps(OF_TERRITORY), *waiting.blocks(set(BlockKind) - {BlockKind.SCHOOL})],
        whole,
    )
    yield dates_panel([*_campaigns(session, place, waiting.today)])


class Waiting:
    """The open requests of a school, read once for all the panels."""

    def __init__(self, session: Session, place: Place, now: datetime) -> None:
        self.session, self.place, self.now = session, place, now
        self.today = now.astimezone(ZoneInfo(place.zone)).date()
        asked = (
            select(SoftwareRequest)
            .where(SoftwareRequest.scope == place.scope, col(SoftwareRequest.status).in_(OPEN))
            .options(
                joinedload(related(SoftwareRequest.requester)),
                joinedload(related(SoftwareRequest.territory)),
                selectinload(related(SoftwareRequest.blocks)),
            )
            .order_by(col(SoftwareRequest.due_on).asc().nulls_last(), col(SoftwareRequest.id))
            .limit(MOST_READ)
        )
        self.open = {one.key: one for one in session.exec(asked)}

    @cached_property
    def _holders(self) -> Mapping[int, str]:
        return holders(self.session, self.open.values(), self.now)

    @cached_property
    def _owners(self) -> Mapping[May, str]:
        return owners(self.session, self.place, FILLS.values(), self.now)

    def questions(self) -> Iterator[Line]:
        asked = [one for one in self.open.values() if one.status in QUESTIONS]
        said = self._reasons([one.key for one in asked])
        for one in asked:
            yield replace(self._line(one, say(KINDS[one.kind])), quote=said.get(one.key, ""))

    def calls(self) -> Iterator[Line]:
        """The last word of an exchange that calls somebody: nobody has answered it."""
        called = [one for one in self._last_messages() if one.mentions]
        held = {one.actor_key: one.function for one in those_who_hold(self.session, self.place, self.now)} if called else {}
        for one in called:
            request = self.open[one.request_id]
            known = held | {f"person:{request.requester.account_id}": _("La personne qui demande")}
            who = dict.fromkeys(french(known.get(key, "")) or _("Une autre personne") for key in one.mentions)
            yield Line(
                what=request.title_name,
                url=f"/demandes/{request.key}#message-{one.key}",
                quote=_quoted(one.text),
                who=_(" et ").join(who),
                since=day(local(one.written_at, self.place.zone).date()),
            )

    def steps(self, statuses: set[RequestStatus]) -> Iterator[Line]:
        for one in self.open.values():
            if one.status in statuses:
                note = {R.RELAY: _("À relayer"), R.VISA: _("À viser"), R.INSTRUCTION: _("À instruire")}[one.status]
                yield self._line(one, _("%(step)s · %(kind)s", step=note, kind=say(KINDS[one.kind])))

    def blocks(self, kinds: set[BlockKind]) -> Iterator[Line]:
        """A line for each request: what is still to fill of it, by whom, and by when the first of it is due."""
        for request in self.open.values():
            owed = [one for one in request.blocks if one.kind in kinds and one.state is BlockState.OWED]
            if owed:
                yield self._blocks(request, owed)

    def _blocks(self, request: SoftwareRequest, owed: Sequence[Block]) -> Line:
        due = min((one.due_on for one in owed if one.due_on), default=None)
        blocks = ", ".join(say(BLOCKS[one.kind]) for one in owed)
        return Line(
            what=request.title_name,
            url=f"/demandes/{request.key}#volets",
            note=ngettext("Volet à compléter : %(blocks)s", "Volets à compléter : %(blocks)s", len(owed), blocks=blocks),
            who=", ".join(dict.fromkeys(self._owners[FILLS[one.kind]] for one in owed)),
            since=day(local(request.sent_at or request.since, self.place.zone).date()),
            until=day(due),
            is_late=due is not None and due < self.today,
            due=due,
        )

    def _line(self, one: SoftwareRequest, note: str) -> Line:
        return Line(
            what=one.title_name,
            url=f"/demandes/{one.key}",
            note=note,
            who=self._holders[one.key],
            since=day(local(one.since, self.place.zone).date()),
            until=day(one.due_on),
            is_late=one.due_on is not None and one.due_on < self.today,
            due=one.due_on,
        )

    def _reasons(self, keys: Sequence[int]) -> dict[int, str]:
        """By request, the question that waits: the last of its trail."""
        rows = self.session.execute(
            select(Event.subject_id, Event.reason)
            .where(
                Event.subject_kind == SoftwareRequest.__tablename__,
                col(Event.subject_id).in_(keys),
                col(Event.now).in_([status.value for status in QUESTIONS]),
            )
            .order_by(col(Event.id))
        ).all()
        return {key: _quoted(reason) for key, reason in rows}

    def _last_messages(self) -> Sequence[Message]:
        last = (
            select(sa.func.max(col(Message.id)))
            .where(col(Message.request_id).in_(self.open), Message.thread == Thread.PUBLIC)
            .group_by(col(Message.request_id))
        )
        return self.session.exec(select(Message).where(col(Message.id).in_(last)).order_by(col(Message.id))).all()


def _quoted(text: str) -> str:
    """The beginning, on one line."""
    said = " ".join(text.split())
    return french(said if len(said) <= MOST_QUOTED else f"{said[:MOST_QUOTED].rsplit(' ', 1)[0]}…")


def _campaigns(session: Session, place: Place, today: date) -> Iterator[Line]:
    running: Sequence[RequestCampaign] = campaigns_of(session, place.territory_id, today) if place.territory_id else []
    for one in running:
        for name, words in DAYS.items():
            on: date | None = getattr(one, name)
            if on and today <= on <= today + NEAR:
                yield Line(what=_("%(campaign)s : %(day)s", campaign=french(one.name), day=say(words)), until=day(on), due=on)
