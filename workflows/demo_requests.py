"""The demonstration's requests: sent, relayed, endorsed, questioned, joined and merged by the moves that people make."""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from catalogue.lists.models import SoftwareList
from catalogue.titles.models import Discipline, Title
from portal.access import Actor, Grant, system
from portal.clock import Clock
from portal.moves import Desk
from portal.people.access import PERSON
from portal.people.granting import Wish, grant, usual_end
from portal.people.models import Attachment, Person, Role, Standing
from portal.people.places import place_of
from portal.signin.loading import DEMONSTRATION
from portal.territories.models import School, Territory
from portal.text import fold, french, slugify
from portal.web.kit import Portal
from workflows.demo_reminders import RECENT, remind_until, see_to
from workflows.requests.access import FILLS, May
from workflows.requests.blocks import Filling, fill
from workflows.requests.drafting import Answers, Typed, keep, send, titled
from workflows.requests.models import BlockKind, Message, RequestKind, SoftwareRequest, Thread
from workflows.requests.parties import parties
from workflows.requests.queries import whole
from workflows.requests.supporting import Support, support
from workflows.requests.table import REQUESTS
from workflows.requests.talking import Said, say

FOLDER = Path(__file__).parent / "data" / "demonstration"
FILES = ("requests_2025_2026.toml", "requests_2026_2027.toml")
MESSAGES = "messages.toml"
FIRST_HOUR = time(8, 30)  # of the place, on each day that the files name
ZONE = ZoneInfo("Europe/Paris")
WHY = "Démonstration : accordé avant qu’elle ne commence."
MARK = "demonstration-"  # begins the key of each draft, and tells what is loaded already
# Who signs in at the demonstration's ENT asks for some of these; the others are colleagues whom nobody plays.
PLAYED = {
    ("0261505V", "Documentaliste"): "documentaliste",
    ("0261505V", "DDFPT"): "ddfpt",
    ("0261505V", "Référent·e numérique"): "referent",
    ("0261505V", "Enseignant·e"): "enseignante",
    ("0260037Z", "Référent·e numérique"): "referent2",
    ("0260037Z", "Enseignant·e"): "enseignant2",
}
HELD = (("digital-lead", "Référent·e numérique"), ("head", "Chef·fe d’établissement"))
FILLERS = {
    BlockKind.TECHNICAL: ("technicien", "Technicien·ne"),
    BlockKind.DATA: ("dpd", "Délégué·e à la protection des données"),
    BlockKind.ACCESSIBILITY: ("inspectrice", "Inspecteur·rice"),
    BlockKind.LICENCE: ("region", "Responsable des listes"),
}


SPEAKERS = {
    "lead": May.RELAY,
    "head": May.ENDORSE,
    "region": May.INSTRUCT,
    "technicien": May.FILL_TECHNICAL,
    "dpd": May.FILL_DATA,
    "inspectrice": May.FILL_ACCESSIBILITY,
}  # who speaks, as whoever does it there; the others are of the request itself


class Happening(NamedTuple):
    """Something that happened one day to a request of the files; `order` parts what the same day brought."""

    on: date
    order: int
    code: str
    make: Callable[[datetime], object]


def told() -> list[dict[str, Any]]:
    """In the order in which they were sent, or begun."""
    found = [one for name in FILES for one in tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))["requests"]]
    return sorted(found, key=lambda one: (one.get("sent_on") or one["begun_on"], one["code"]))


def load(session: Session, portal: Portal) -> int:
    """Everything that has happened by today, in the order of days; nothing a second time. Returns how many requests."""
    if session.exec(select(SoftwareRequest.id).where(col(SoftwareRequest.key_of_draft).startswith(MARK)).limit(1)).first():
        return 0
    school_life, today = Requests(session, portal), portal.clock.today(ZONE.key)
    lived = [one for told_one in told() for one in school_life.happenings(told_one)]
    happened = sorted([*lived, *school_life.words(today)], key=lambda one: one[:3])
    reminded = happened[0].on
    for minute, one in enumerate(happened):
        if one.on <= today:
            reminded = remind_until(session, reminded, min(one.on, today - RECENT))
            at = datetime.combine(one.on, FIRST_HOUR, ZONE) + timedelta(minutes=minute % 480)
            one.make(at.astimezone(UTC))
            session.flush()
    see_to(session, today - RECENT)
    return len(school_life.keys)


@dataclass
class Requests:
    """The requests as they are told, and the people who made them."""

    session: Session
    portal: Portal
    keys: dict[str, int] = field(default_factory=dict)  # by code, once sent or begun
    people: dict[tuple[str, ...], int] = field(default_factory=dict)
    asked_as: dict[int, str] = field(default_factory=dict)  # by key, in which function

    def __post_init__(self) -> None:
        found = self.session.exec(select(Discipline)).all()
        self.disciplines = {slugify(one.name): one.key for one in found}
        self.subjects = {slugify(one.name): one.name for one in found}
        self.lists = {(one.territory_id, one.slug): one.key for one in self.session.exec(select(SoftwareList))}
        self.roles = {one.code: one for one in self.session.exec(select(Role))}
        self.schools = {one.uai: one for one in self.session.exec(select(School).where(col(School.uai).in_(self._uais())))}
        territories = self.session.exec(select(Territory)).all()
        self.served = {uai: next(one for one in territories if one.serves(school)) for uai, school in self.schools.items()}

    def happenings(self, one: Mapping[str, Any]) -> Iterator[Happening]:
        code = one["code"]
        if "begun_on" in one:
            yield Happening(one["begun_on"], 0, code, lambda at: self._begin(one, at))
            return
        yield Happening(one["sent_on"], 0, code, lambda at: self._send(one, at))
        for order, step in enumerate(one.get("steps", ()), 1):
            yield Happening(step["on"], order, code, lambda at, step=step: self._move(code, step, at))  # type: ignore[misc]
        for block in one.get("blocks", ()):
            yield Happening(block["on"], 50, code, lambda at, block=block: self._fill(code, block, at))  # type: ignore[misc]
        for number, joined in enumerate(one.get("supporters", ())):
            yield Happening(joined["on"], 60 + number, code, lambda at, joined=joined: self._join(code, joined, at))  # type: ignore[misc]

    def words(self, today: date) -> Iterator[Happening]:
        """What is said around them; what waits for an answer is said on the day the demonstration begins."""
        for number, one in enumerate(tomllib.loads((FOLDER / MESSAGES).read_text(encoding="utf-8"))["messages"]):
            make: Callable[[datetime], object] = partial(self._say, one, f"{MARK}{number:05}")
            yield Happening(one.get("on", today), number + (80 if "on" in one else 1000), one["request"], make)

    def _say(self, one: Mapping[str, Any], key: str, at: datetime) -> None:
        if one["request"] not in self.keys:  # what waits for an answer waits for its request first
            return
        request, thread = self._found(one["request"]), Thread.INTERNAL if one.get("internal") else Thread.PUBLIC
        actor, called = self._speaker(request, one["by"]), [self._speaker(request, who) for who in one.get("to", ())]
        before = select(Message.id).where(Message.request_id == request.key, Message.author == actor.key)
        corrects = self.session.exec(before.order_by(col(Message.id).desc())).first() if one.get("corrects") else None
        handles = {each.actor_key: each.handle for each in parties(self.session, request, self.portal.clock.now())}
        said = Said(one["text"], key, thread, [handles[who.key] for who in called], corrects)
        say(self.session, self.portal.policy, actor, request, said, at=at if "on" in one else self.portal.clock.now())

    def _speaker(self, request: SoftwareRequest, who: str) -> Actor:
        if who == "author":
            return Actor(f"{PERSON}{request.requester.account_id}", self.asked_as[request.key])
        if who == "supporter":
            return Actor(f"{PERSON}{request.signatures[0].person.account_id}", request.signatures[0].signed_as)
        there = Actor(self._played(who).actor_key, "Packageur·se") if who == "packageuse" else self._actor(request, SPEAKERS[who])
        scope = request.scope if who in {"lead", "head"} else request.within
        return replace(there, grants=frozenset(Grant(permission, scope) for permission in (May.READ, May.DISCUSS_INTERNALLY)))

    def _begin(self, one: Mapping[str, Any], at: datetime) -> SoftwareRequest:
        said = {
            "kind": one["kind"], "slug": one["slug"], "title_name": one["title"], "website": one["website"],
            "wanted_version": one["version"], "discipline_id": str(self.disciplines[one["discipline"]]), "audience": one["audience"],
            "pupils": str(one.get("pupils", "")), "need": one["need"], "exam": one["exam"], "places": one["places"],
            "workstations": str(one.get("workstations", "")), "needed_on": one["needed_on"].isoformat(), "considered": one["considered"],
        }  # fmt: skip
        requester = self._person(one["school"], one["role"], one["discipline"], at, one["code"])
        draft = keep(self.session, requester, Typed(MARK + one["code"], one["school"], said), at)
        self.session.flush()
        self.keys[one["code"]], self.asked_as[draft.key] = draft.key, one["role"]
        return draft

    def _send(self, one: Mapping[str, Any], at: datetime) -> None:
        self._school(one["school"], at)
        draft = self._begin(one, at)
        title: Title | None = titled(self.session, one["slug"], one["title"])
        territory = self.served[one["school"]]
        answers = Answers(
            kind=RequestKind(one["kind"]), title_id=title.key if title else None, title_name=title.name if title else one["title"],
            discipline_id=self.disciplines[one["discipline"]], audience=one["audience"], need=one["need"], places=one["places"],
            needed_on=one["needed_on"], considered=one["considered"], pupils=one.get("pupils"), workstations=one.get("workstations"),
            exam=one["exam"], website=one["website"], wanted_version=one["version"],
            list_id=self.lists[territory.key, one["list"]] if one["list"] else None,
        )  # fmt: skip
        send(self.session, self._desk(at), self._found(one["code"]), Actor(draft.requester.actor_key, one["role"]), answers)

    def _move(self, code: str, step: Mapping[str, Any], at: datetime) -> None:
        request, name = self._found(code), step["move"]
        permission = REQUESTS.move(name).permission
        given: dict[str, Any] = {"today": at.astimezone(ZONE).date()}
        if "into" in step:
            given["into"] = self._found(step["into"])
        actor = self._actor(request, permission)
        self._desk(at).carry_out(self.session, REQUESTS, name, request, actor, reason=french(step.get("reason", "")), **given)

    def _fill(self, code: str, block: Mapping[str, Any], at: datetime) -> None:
        request, kind = self._found(code), BlockKind(block["kind"])
        held = next(one for one in request.blocks if one.kind is kind)
        actor = self._actor(request, FILLS[kind])
        fill(self.session, self.portal.policy, actor, held, Filling(held.version, block["answers"]), at=at)

    def _join(self, code: str, joined: Mapping[str, Any], at: datetime) -> None:
        person = self._person(joined["school"], joined["role"], joined["audience"], at)
        given = Support(person, joined["school"], joined["audience"], joined["pupils"], joined["weeks"], joined.get("note", ""))
        actor = Actor(person.actor_key, joined["role"])
        support(self.session, self.portal.policy, actor, self._found(code), given, at=at)

    def _found(self, code: str) -> SoftwareRequest:
        return self.session.exec(select(SoftwareRequest).where(SoftwareRequest.id == self.keys[code]).options(*whole())).one()

    def _actor(self, request: SoftwareRequest, permission: str) -> Actor:
        """Whoever does it in that place: the requester, the school's digital lead or head, or the territory's people."""
        uai = request.scope.removeprefix("school:")
        if permission == May.WRITE:
            return Actor(request.requester.actor_key, "Enseignant·e")
        if permission in {May.RELAY, May.FILL_SCHOOL}:
            return Actor(
                f"person:{self.people[uai, 'digital-lead']}", "Référent·e numérique", frozenset({Grant(permission, request.scope)})
            )
        if permission == May.ENDORSE:
            called = "Proviseur·e" if self.schools[uai].kind == "lycée" else "Principal·e"
            return Actor(f"person:{self.people[uai, 'head']}", called, frozenset({Grant(permission, request.scope)}))
        login, called = next(
            (who for kind, who in FILLERS.items() if FILLS[kind] == permission), ("region", "Responsable des listes")
        )
        key = self._played(login).actor_key if request.within == "territory:aura" else "system:demonstration"
        return Actor(key, called, frozenset({Grant(permission, request.within)}))

    def _school(self, uai: str, at: datetime) -> None:
        """Its digital lead and its head hold their functions, as they would have been given: who has a request can act."""
        for code, function in HELD:
            if (uai, code) in self.people:
                continue
            place, role = place_of(self.session, f"school:{uai}"), self.roles[code]
            played = {
                "digital-lead": {"0261505V": "referent", "0260037Z": "referent2"},
                "head": {"0261505V": "proviseure", "0260037Z": "proviseur2"},
            }[code]
            if uai in played or place is None:
                self.people[uai, code] = self._played(played[uai]).key
                continue
            person = self._new(uai, function, "", at)
            today = self.portal.clock.today(ZONE.key)
            wish = Wish(person, role, place, today, usual_end(today), reason=WHY)
            grant(
                self.session, self.portal.policy, system("demonstration", *self.portal.policy.rules), wish, self.portal.clock.now()
            )
            self.people[uai, code] = person.key

    def _person(self, uai: str, role: str, what: str, at: datetime, code: str = "") -> Person:
        """One that signs in, for every other request of a school that one of them knows; else a colleague of that subject."""
        login = PLAYED.get((uai, role))
        if login and code and (role != "Enseignant·e" or int(code[-1]) % 2 == 0):
            return self._played(login)
        if role == "Référent·e numérique":
            self._school(uai, at)
            return self.session.get_one(Person, self.people[uai, "digital-lead"])
        if (uai, role, what) not in self.people:
            self.people[uai, role, what] = self._new(uai, role, what, at).key
        return self.session.get_one(Person, self.people[uai, role, what])

    def _new(self, uai: str, role: str, what: str, at: datetime) -> Person:
        name = ", ".join(part for part in (self.subjects.get(what, ""), self.schools[uai].name) if part)
        now = self.portal.clock.now()
        person = Person(
            given_name=role,
            family_name=f"({name})"[:80],
            sort_key=fold(f"{name} {role}")[:170],
            profile="teacher",
            first_seen_at=at,
            seen_at=now,
        )
        self.session.add(person)
        self.session.flush()
        self.session.add(
            Attachment(person_id=person.key, uai=uai, source=DEMONSTRATION, standing=Standing.CONFIRMED, first_seen_at=at, seen_at=now,
                       settled_at=at, settled_by="Démonstration")
        )  # fmt: skip
        self.session.flush()
        return person

    def _played(self, login: str) -> Person:
        return self.session.exec(select(Person).where(Person.email == f"{login}@demonstration.example")).one()

    def _uais(self) -> set[str]:
        return {one["school"] for one in told()} | {joined["school"] for one in told() for joined in one.get("supporters", ())}

    def _desk(self, at: datetime) -> Desk:
        """The portal's own, at that instant."""
        return Desk(self.portal.policy, Clock(None, lambda: at), self.portal.desk.listeners)
