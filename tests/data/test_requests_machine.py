"""Random people at random moves, as time goes by and functions come and go: what must hold of requests holds after each step."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlmodel import Session, select

from portal.access import system
from portal.db import Database
from portal.errors import DomainError
from portal.letters.models import Kind
from portal.people.granting import Wish, grant, revoke
from portal.people.models import Accreditation, Person, Role
from portal.people.places import place_of
from portal.signin.forgetting import forget
from tests import postgres
from tests.conftest import SERVER
from tests.data.asking_for import (
    AT,
    COLLEGE,
    FIRST,
    PEOPLE,
    POLICY,
    SECOND,
    answers,
    block_of,
    desk_at,
    move,
    request_of,
    sent,
    settle,
    territory,
)
from tests.data.walking import OPEN, QUESTIONS, SPEAKS_FOR_THE_SCHOOL, WAITS_FOR, Attempt, World, keys_of_people
from workflows.requests.about_people import REQUESTS_OF
from workflows.requests.access import FILLS, May
from workflows.requests.blocks import QUESTIONS as ASKED
from workflows.requests.blocks import Filling, fill
from workflows.requests.drafting import Typed, discard, find_draft, keep, send
from workflows.requests.handing import hand_over
from workflows.requests.holders import holders
from workflows.requests.models import BlockKind, RequestStatus, RequestSteps
from workflows.requests.moving import Moving, perform
from workflows.requests.queries import find_request
from workflows.requests.reminding import due
from workflows.requests.school_page import Ranking, rank
from workflows.requests.setting import set_steps
from workflows.requests.steps import Steps
from workflows.requests.supporters import supporters_of
from workflows.requests.supporting import Support, support, take_back
from workflows.requests.table import REQUESTS

R = RequestStatus
Open = Callable[[], AbstractContextManager[Database]]
NAMES = [name for name in PEOPLE if name not in {"stranger", "nobody's"}]
GRANTED = [(name, role, scope) for name, (_schools, held) in PEOPLE.items() for role, scope in held]
GRANTED += [("neighbour", "head", f"school:{SECOND}"), ("colleague", "digital-lead", f"school:{FIRST}")]
TITLES = ("OnShape", "Carnet des vents")
RELAYED, ENDORSED = ("relay", "lead"), ("endorse", "head")
BEGUN = (
    ("teacher", FIRST, "OnShape", ()),
    ("neighbour", SECOND, "OnShape", [("relay", "lead of the neighbours")]),
    ("colleague", FIRST, "Carnet des vents", [RELAYED, ENDORSED]),
    ("teacher elsewhere in the ENT", FIRST, "Herbier des dunes", [RELAYED, ENDORSED]),
    ("teacher of the collège", COLLEGE, "OnShape", ()),
)  # by whom, for which school, what, and the moves made since
PORTAL = system("walk", *POLICY.rules)
WALKS, STEPS = 14, 60
MOST = 12  # requests of a walk: enough to meet each other
SELDOM = {"submit", "give_up", "decline"}  # else every walk is soon over; whoever tries any move makes these too
CLOCK = {"version", "since", "due_on", "due_doubt", "days_left"}  # what a merge that is undone does not give back as it was
anybody, anything = st.sampled_from(NAMES), st.integers(0, MOST - 1)


class Walk(RuleBasedStateMachine):
    """One database, its people, and the day it is."""

    def __init__(self, opened: Open) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.database = self.stack.enter_context(opened())
        self.people = keys_of_people(self.database)
        self.now = AT
        self.keys = (f"{number:016}" for number in count())
        self.merged: dict[int, dict[str, Any]] = {}
        self.world = self.checked = self.look()
        self.told: tuple[World, datetime] | None = None
        self.turn = 0

    def teardown(self) -> None:
        self.stack.close()

    def look(self) -> World:
        with self.database.read() as session:
            return World.of(session)

    def tries(self, work: Callable[[Session], object]) -> str:
        """« done », or the name of the refusal, which leaves everything as it was."""
        try:
            self.database.write(work)
        except DomainError as refused:
            said = type(refused).__name__
        else:
            said = "done"
        self.world, before = self.look(), self.world
        assert said == "done" or self.world == before, f"{said} left something behind"
        return said

    def who(self, name: str) -> int:
        """Who has no account any more does nothing: a colleague does."""
        key = self.people[name]
        return self.people["colleague" if name != "colleague" else "neighbour"] if self.world.is_closed(key) else key

    def rarely(self, turns: int) -> bool:
        """Else the walk is over before it began: everybody is gone."""
        return self.turn % turns == 0

    def number(self, one: int) -> int:
        numbers = sorted(self.world.requests)
        return numbers[one % len(numbers)] if numbers else 0

    def acting(self, key: int) -> Any:
        return self.world.actor(key, self.now)

    @precondition(lambda self: self.rarely(2))
    @rule(days=st.sampled_from([0, 1, 3, 30]))
    def time_goes_by(self, days: int) -> None:
        self.now += timedelta(days=days, minutes=7)

    @rule(
        name=anybody, uai=st.sampled_from([FIRST, SECOND, COLLEGE]), title=st.sampled_from(TITLES), is_known=st.booleans(),
        sends=st.booleans(),
    )  # fmt: skip
    def begins(self, name: str, uai: str, title: str, *, is_known: bool, sends: bool) -> None:
        """For what others ask for too, or for what nobody has asked for yet."""
        who, key = self.who(name), next(self.keys)
        title = title if is_known else f"{title} {len(self.world.requests)}"
        if len(self.world.requests) >= MOST:
            return
        kept = self.tries(
            lambda session: keep(session, session.get_one(Person, who), Typed(key, uai, {"title_name": title}), self.now)
        )
        assert kept == ("done" if f"school:{uai}" in self.world.schools(who) else "Refused")
        if kept == "done" and sends:
            self.sends(who, key, title)

    def sends(self, who: int, key: str, title: str) -> None:
        draft = next(row for row in self.world.requests.values() if row["key_of_draft"] == key)
        twin = self.world.twin({**draft, "title_key": title.lower()})
        actor = self.acting(who)

        def work(session: Session) -> None:
            held = find_draft(session, session.get_one(Person, who), key)
            assert held is not None
            given = answers(session, title_name=title, needed_on=self.now.date() + timedelta(days=90))
            send(session, desk_at(self.now), held, actor, given)

        status = draft["status"]
        said = self.tries(work)
        assert said == ("OutOfDate" if status is not R.DRAFT else "Refused" if twin else "done")
        if said == "done":
            self.waits_where_somebody_must_act(draft["id"])
            self.is_told(draft["id"], self.world.moves(draft["id"]))

    @rule(one=anything, title=st.sampled_from(TITLES))
    def what_was_begun_is_sent(self, one: int, title: str) -> None:
        drafts = [row for row in self.world.requests.values() if row["status"] is R.DRAFT]
        if drafts:
            draft = drafts[one % len(drafts)]
            self.sends(draft["requester_id"], draft["key_of_draft"], title)

    @precondition(lambda self: self.rarely(3))
    @rule(name=anybody, one=anything)
    def discards(self, name: str, one: int) -> None:
        who, number = self.who(name), self.number(one)
        if number:
            draft = self.world.requests[number]
            said = self.tries(lambda session: discard(session, session.get_one(Person, who), draft["key_of_draft"]))
            is_own, is_draft = self.world.is_own(who, draft), draft["status"] is R.DRAFT
            assert said == ("Unknown" if not is_own else "done" if is_draft else "Refused")

    @rule(
        name=anybody, one=anything, other=anything, move=st.sampled_from([one.name for one in REQUESTS.moves if one.name != "submit"]),
        reason=st.sampled_from(["Parce que", " "]), is_stale=st.booleans(),
    )  # fmt: skip
    def tries_a_move(self, name: str, one: int, other: int, move: str, reason: str, *, is_stale: bool) -> None:
        if self.world.requests:
            into = self.number(other) if move == "merge" else 0
            self.attempts(Attempt(self.who(name), self.number(one), move, reason, into, is_stale))

    @rule(data=st.data())
    def makes_a_move_that_is_theirs(self, data: st.DataObject) -> None:
        numbers = sorted(self.world.requests)
        possible = [
            attempt
            for number in numbers
            for who in sorted({self.who(name) for name in NAMES})
            for move in REQUESTS.moves
            for into in (numbers if move.name == "merge" else [0])
            if move.name not in SELDOM
            and (attempt := Attempt(who, number, move.name, into=into)).outcome(self.world, self.now) == "done"
        ]
        if possible:
            self.attempts(data.draw(st.sampled_from(possible)))

    def attempts(self, attempt: Attempt) -> None:
        before, actor = self.world.requests[attempt.number], self.acting(attempt.who)
        known, expected = len(self.world.moves(attempt.number)), attempt.outcome(self.world, self.now)
        asked = Moving(
            attempt.move, attempt.reason, str(attempt.into or ""), before["version"] - 1 if attempt.is_stale else before["version"]
        )
        said = self.tries(lambda session: perform(session, desk_at(self.now), actor, attempt.number, asked))
        assert said == expected, attempt
        if said == "done":
            first, *passed = self.world.moves(attempt.number)[known:]
            assert (first["move"], first["now"]) == (attempt.move, REQUESTS.move(attempt.move).target)
            assert all(one["move"].startswith("pass_") and one["reason"] for one in passed)
            self.remembers(attempt, before)
            self.is_told(attempt.number, [first, *passed])
            if attempt.move == "relay":
                self.waits_where_somebody_must_act(attempt.number)

    def waits_where_somebody_must_act(self, number: int) -> None:
        """A step that the territory does not ask for, or that whoever asks would take themselves, is passed at once."""
        request = self.world.requests[number]
        asked = next(row for row in self.world.rows["request_steps"] if row["territory_id"] == request["territory_id"])
        if request["status"] in {R.RELAY, R.VISA}:
            assert asked[f"{request['status']}_required"]
            of_school = {**request, "within": request["scope"]}
            assert not self.world.holds(request["requester_id"], WAITS_FOR[request["status"]], of_school, self.now)

    def is_told(self, number: int, made: list[Any]) -> None:
        """Letters equal moves: each is told once to whom it concerns, and to nobody else."""
        for event in made:
            assert self.world.told(event) == self.world.should_be_told(number, event, self.now), event["move"]

    def remembers(self, attempt: Attempt, before: Any) -> None:
        if attempt.move == "merge":
            self.merged[attempt.number] = dict(before)
        if attempt.move == "separate":
            was, now = self.merged.pop(attempt.number), self.world.requests[attempt.number]
            assert {name for name in now if now[name] != was[name]} <= CLOCK, "a merge that is undone changes nothing else"

    @rule(name=anybody, one=anything, uai=st.sampled_from([FIRST, SECOND, COLLEGE]), pupils=st.integers(1, 3))
    def supports(self, name: str, one: int, uai: str, pupils: int) -> None:
        who, number = self.who(name), self.number(one)
        if not number:
            return
        request, actor = self.world.requests[number], self.acting(who)
        is_own, is_draft = self.world.is_own(who, request), request["status"] is R.DRAFT
        is_theirs = f"school:{uai}" in self.world.schools(who) and (uai == COLLEGE) == (request["within"] == "territory:isere")
        is_well_asked = request["status"] in OPEN and not is_own and is_theirs

        def work(session: Session) -> None:
            held = find_request(session, POLICY, actor, May.SEE, number)
            support(session, POLICY, actor, held, Support(session.get_one(Person, who), uai, "Première", pupils, 3), at=self.now)

        assert self.tries(work) == ("Unknown" if is_draft and not is_own else "done" if is_well_asked else "Refused")

    @rule(name=anybody, one=anything)
    def takes_it_back(self, name: str, one: int) -> None:
        who, number = self.who(name), self.number(one)
        if number and self.world.requests[number]["status"] is not R.DRAFT:
            actor = self.acting(who)
            self.tries(
                lambda session: take_back(session, actor, session.get_one(Person, who), request_of(session, number), at=self.now)
            )

    @rule(name=anybody, one=anything, to=anybody)
    def hands_over(self, name: str, one: int, to: str) -> None:
        who, number, other = self.who(name), self.number(one), self.world.account(self.people[to])
        if not number:
            return
        request, actor = self.world.requests[number], self.acting(who)
        speaks = self.world.is_own(who, request) and request["scope"] in self.world.schools(request["requester_id"])
        speaks = speaks or any(self.world.holds(who, permission, request, self.now) for permission in SPEAKS_FOR_THE_SCHOOL)
        is_given = request["status"] in OPEN | {R.DECLINED} and request["scope"] in self.world.schools(other)
        is_there = self.world.account(request["requester_id"]) == other

        def work(session: Session) -> None:
            held = find_request(session, POLICY, actor, May.SEE, number)
            hand_over(session, POLICY, actor, held, other, reason="", at=self.now)

        said = self.tries(work)
        if said == "done":
            assert is_there or (speaks and is_given and not self.world.is_closed(other))
            assert self.world.account(self.world.requests[number]["requester_id"]) == other
        else:
            assert not (speaks and (is_there or is_given)), said

    @rule(name=anybody, one=anything, kind=st.sampled_from(BlockKind), answer=st.sampled_from(["yes", ""]), is_stale=st.booleans())
    def fills(self, name: str, one: int, kind: BlockKind, answer: str, *, is_stale: bool) -> None:
        who, number = self.who(name), self.number(one)
        block = next((row for row in self.world.rows["request_block"] if (row["request_id"], row["kind"]) == (number, kind)), None)
        if block is None:
            return
        actor, request = self.acting(who), self.world.requests[number]
        given = {asked.key: asked.choices[0][0] if asked.choices and answer else answer for asked in ASKED[kind]}
        filling = Filling(block["version"] - is_stale, given)
        said = self.tries(lambda session: fill(session, POLICY, actor, block_of(session, number, kind), filling, at=self.now))
        if not self.world.holds(who, FILLS[kind], request, self.now):
            assert said == "NotAllowed"
        else:
            assert said == (
                "Refused" if request["status"] not in OPEN else "OutOfDate" if is_stale else "done" if answer else "Refused"
            )

    @rule(name=anybody, data=st.data(), is_stale=st.booleans())
    def ranks(self, name: str, data: st.DataObject, *, is_stale: bool) -> None:
        scope, who = f"school:{FIRST}", self.who(name)
        found = {key: row for key, row in self.world.requests.items() if row["scope"] == scope and row["status"] in OPEN}
        typed = {key: data.draw(st.sampled_from(["", "1", "2", "9"])) for key in sorted(found)}
        order = [key for _rank, key in sorted((row["school_rank"], key) for key, row in found.items() if row["school_rank"])]
        actor, read = self.acting(who), [*order, max(found, default=0)] if is_stale else order

        def work(session: Session) -> None:
            place = place_of(session, scope)
            assert place is not None
            rank(session, POLICY, actor, place, Ranking(typed, read), at=self.now)

        said, may_rank = (
            self.tries(work),
            self.world.holds(who, May.ENDORSE, {"scope": scope, "within": "", "status": R.RELAY}, self.now),
        )
        assert said == ("done" if may_rank else "NotAllowed") or (said, is_stale) == ("OutOfDate", True)
        if (said, is_stale) == ("done", False):
            given = sorted(self.world.requests[key]["school_rank"] for key, one in typed.items() if one)
            assert given == list(range(1, len(given) + 1))

    @precondition(lambda self: self.rarely(3))
    @rule(granted=st.sampled_from(GRANTED), days=st.sampled_from([0, 20, 200]))
    def is_granted(self, granted: tuple[str, str, str], days: int) -> None:
        name, code, scope = granted

        def work(session: Session) -> None:
            place, role = place_of(session, scope), session.exec(select(Role).where(Role.code == code)).one()
            assert place is not None
            day = self.now.date()
            grant(
                session,
                POLICY,
                PORTAL,
                Wish(session.get_one(Person, self.people[name]), role, place, day, day + timedelta(days)),
                self.now,
            )

        self.tries(work)

    @precondition(lambda self: self.rarely(5))
    @rule(one=st.integers(0, 9))
    def is_revoked(self, one: int) -> None:
        held = [row["id"] for row in self.world.rows["accreditation"] if row["revoked_at"] is None]
        if held:
            key = held[one % len(held)]
            said = self.tries(
                lambda session: revoke(session, POLICY, PORTAL, session.get_one(Accreditation, key), reason="Fin", now=self.now)
            )
            assert said == "done"

    @precondition(lambda self: self.rarely(11))
    @rule(name=st.sampled_from(["teacher", "lead", "head", "instructor"]))
    def closes_the_account(self, name: str) -> None:
        key = self.people[name]
        if not self.world.is_closed(key):
            self.tries(lambda session: forget(session, POLICY, PORTAL, key, now=self.now, also=[REQUESTS_OF]))
            assert self.world.is_closed(key)

    @precondition(lambda self: self.rarely(5))
    @rule(relay_required=st.booleans(), visa_required=st.booleans(), days=st.sampled_from([None, 3, 250]))
    def the_territory_changes_its_steps(self, *, relay_required: bool, visa_required: bool, days: int | None) -> None:
        wanted = Steps(relay_required, visa_required, days, days, days, days, days)

        def work(session: Session) -> None:
            here = territory(session)
            read = session.exec(select(RequestSteps.version).where(RequestSteps.territory_id == here.key)).one()
            set_steps(session, POLICY, PORTAL, here, wanted, read=read, reason="Essai", at=self.now)

        assert self.tries(work) == "done"

    @precondition(lambda self: self.rarely(3))
    @rule()
    def the_worker_reminds(self) -> None:
        """First who is late, then who stands above: a third look finds nothing more to say."""

        def work(session: Session) -> None:
            for remind, key in due(session, self.now):
                remind(session, key=key, now=self.now)

        assert [self.tries(work) for _look in range(2)] == ["done", "done"]
        with self.database.read() as session:
            assert due(session, self.now) == []

    @invariant()
    def what_is_over_waits_for_nobody(self) -> None:
        blocks = {row["id"]: row["request_id"] for row in self.world.rows["request_block"]}
        for row in self.world.rows["notice"]:
            if row["kind"] == Kind.TODO and row["settled_at"] is None:
                number = blocks[row["about_id"]] if row["about_kind"] == "request_block" else row["about_id"]
                assert self.world.requests[number]["status"] in OPEN, row["code"]

    @invariant()
    def the_trail_replayed_gives_the_status_and_since_when(self) -> None:
        for number, request in self.world.requests.items():
            status, since = R.DRAFT.value, None
            for one in self.world.moves(number):
                move = REQUESTS.move(one["move"])
                assert (one["was"], one["now"]) == (status, move.target.value)
                assert one["was"] in move.sources
                status, since = one["now"], one["at"]
            assert (request["status"], request["since"] if since else None) == (status, since), number

    @invariant()
    def what_is_merged_goes_on_with_one_that_goes_on_for_itself(self) -> None:
        for request in self.world.requests.values():
            assert (request["status"] is R.MERGED) == (request["merged_into_id"] is not None)
            if request["merged_into_id"]:
                assert self.world.requests[request["merged_into_id"]]["status"] is not R.MERGED

    @invariant()
    def a_turn_is_over(self) -> None:
        self.turn += 1

    @invariant()
    def each_supporter_is_counted_once(self) -> None:
        """Read again when something has changed."""
        numbers = (
            [] if self.world == self.checked else [key for key, row in self.world.requests.items() if row["status"] is not R.DRAFT]
        )
        self.checked = self.world
        with self.database.read() as session:
            for number in numbers:
                counted = supporters_of(session, request_of(session, number), PORTAL)
                family = [self.world.requests[one] for one in (number, *self.world.stands_for(number))]
                asked = {self.world.account(one["requester_id"]) for one in family}
                assert counted.people == len(self.world.supporters(number))
                assert len(counted.lines) + counted.more == counted.people - len(asked)
                assert counted.schools <= counted.people

    @invariant()
    def whoever_has_a_request_can_act(self) -> None:
        """Or it is said who must first be named, or that it must be given to somebody."""
        if self.told == (self.world, self.now):
            return
        self.told = (self.world, self.now)
        waiting = {number: row for number, row in self.world.requests.items() if row["status"] in OPEN}
        with self.database.read() as session:
            said = holders(session, [request_of(session, number) for number in waiting], self.now)
        for number, row in waiting.items():
            if row["status"] in QUESTIONS:
                gone = self.world.is_closed(row["requester_id"])
                assert ("doit confier" in said[number]) == gone, said[number]
                continue
            needed = WAITS_FOR[row["status"]]
            where = row["within"] if needed is May.INSTRUCT else row["scope"]
            able = {called for _who, called, scope, held in self.world.held(self.now) if scope == where and needed in held}
            named = set(said[number].split(" ou "))
            assert (named <= able) if able else ("doit d’abord" in said[number]), (said[number], able)

    @invariant()
    def what_is_open_has_a_day_or_says_why_it_has_none(self) -> None:
        for request in self.world.requests.values():
            clock = (request["due_on"], request["due_doubt"])
            assert (clock[0] is None) == bool(clock[1]) if request["status"] in OPEN else clock == (None, ""), clock


@contextmanager
def copied(of: Database, to: Path) -> Iterator[Database]:
    """A database of one's own, as this one is: a walk begins where the last one began."""
    if of.is_sqlite:
        url = f"sqlite:///{shutil.copy(str(of.engine.url.database), to / 'walk.sqlite')}"
        database = Database(url)
        yield database
        database.close()
        return
    with postgres.copy(os.environ[SERVER], of=str(of.engine.url.database)) as url:
        database = Database(url)
        yield database
        database.close()


def begin(database: Database) -> None:
    """Where all walks begin: two requests in instruction, and one at each step before."""
    database.write(settle)
    for number, (name, uai, title, moves) in enumerate(BEGUN):
        key = sent(database, name, f"begun-{number:010}", uai, title_name=title)
        for move_name, by in moves:
            move(database, key, move_name, by)


def test_whoever_moves_whatever_requests_hold_together(database: Database, tmp_path: Path) -> None:
    begin(database)
    database.close()  # nobody may be connected to what is copied
    # Without shrinking, which takes minutes: the same walk fails again, and may be shortened then.
    walks = settings(
        phases=[Phase.generate], max_examples=WALKS, stateful_step_count=STEPS, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(lambda: Walk(lambda: copied(database, tmp_path)), settings=walks)
