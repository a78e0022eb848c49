"""Requests in the database: drafts, sending, steps and their clocks, blocks, merging, and who finds what."""

import io
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from catalogue.titles.models import Title
from portal.access import ANYONE, Actor, Grant, system
from portal.db import Database
from portal.enclosures.keeping import enclose, take_in
from portal.enclosures.models import Enclosure
from portal.enclosures.store import Store
from portal.errors import NotAllowed, OutOfDate, Refused, Unknown
from portal.people.models import Accreditation, Person, Role
from tests.data.asking_for import (
    ANSWER_DAYS,
    AT,
    BLOCK_DAYS,
    COLLEGE,
    ELSEWHERE,
    FIRST,
    INSTRUCTION_DAYS,
    KEY,
    POLICY,
    RELAY_DAYS,
    SECOND,
    VISA_DAYS,
    accredit,
    actor,
    block_of,
    discard_at_once,
    fill_at_once,
    fill_block,
    held,
    keep_at_once,
    keep_draft,
    merge_at_once,
    move,
    person,
    reach_instruction,
    request_of,
    send_at_once,
    send_draft,
    sent,
    settle,
    territory,
    told,
)
from tests.data.contenders import at_once
from workflows.requests import steps
from workflows.requests.access import FILLS, May
from workflows.requests.blocks import FILLED_MEANWHILE, OWED_NOTHING, QUESTIONS, Filling
from workflows.requests.drafting import LONGEST_TYPED, MOST_DRAFTS, NO_SCHOOL, NOT_SERVED, NOT_YOURS, TOO_MANY, discard, find_draft
from workflows.requests.holders import holders
from workflows.requests.models import (
    Block,
    BlockKind,
    BlockState,
    RequestCampaign,
    RequestKind,
    RequestStatus,
    RequestSteps,
    SoftwareRequest,
)
from workflows.requests.passing import NOT_ASKED, OWN
from workflows.requests.queries import find_block, find_request
from workflows.requests.timing import LEAST, NO_DELAY

R = RequestStatus
OTHER_KEY = "fedcba9876543210"
TODAY = AT.date()
DAY = timedelta(days=1)
AFTER_CHRISTMAS = date(2026, 12, 28)


@pytest.fixture
def settled(database: Database) -> Database:
    database.write(settle)
    return database


def after(days: int, first: date = TODAY) -> date:
    """That many days from Monday to Friday later: none of these tests goes beyond Christmas, but the one that says so."""
    day = first
    while days:
        day += DAY
        days -= day.isoweekday() < 6
    return day


def on(day: date) -> datetime:
    return datetime.combine(day, AT.timetz())


def drafts(database: Database) -> list[tuple[int, str]]:
    with database.read() as session:
        return [(one.key, one.key_of_draft) for one in session.exec(select(SoftwareRequest).order_by(col(SoftwareRequest.id)))]


def change(database: Database, model: type[Any], *where: Any, **values: Any) -> None:
    database.write(lambda session: session.execute(sa.update(model).where(*where).values(**values)))


def change_steps(database: Database, code: str = "aura", **values: Any) -> None:
    with database.read() as session:
        key = territory(session, code).key
    change(database, RequestSteps, col(RequestSteps.territory_id) == key, **values)


# Drafts


def test_two_forms_with_the_same_key_begin_one_draft_and_the_last_is_kept(settled: Database) -> None:
    first = keep_draft(settled, title_name="OnShape", need="Dessiner")
    assert keep_draft(settled, title_name="OnShape", need="Dessiner en 3D", at=AT + DAY) == first
    assert drafts(settled) == [(first, KEY)]
    one = held(settled, first)
    assert (one.status, one.sent_at, one.requester.given_name) == (R.DRAFT, None, "teacher")
    assert (one.scope, one.within, one.territory.code) == (f"school:{FIRST}", "territory:aura", "aura")
    assert (one.typed["need"], one.need, one.kept_at, one.begun_at) == ("Dessiner en 3D", "", AT + DAY, AT)
    assert told(settled, first) == [], "a draft is nobody else's, nor the trail's"


def test_two_forms_with_the_same_key_at_once_begin_one_draft(settled: Database) -> None:
    url = settled.engine.url.render_as_string(hide_password=False)
    first, second = at_once(keep_at_once, [(url, "teacher", KEY)] * 2)
    assert first == second
    assert drafts(settled) == [(first, KEY)]


def test_keeping_what_has_not_changed_writes_nothing(settled: Database) -> None:
    number = keep_draft(settled, title_name="OnShape")
    before = held(settled, number)
    keep_draft(settled, title_name="OnShape", at=AT + DAY)
    assert (held(settled, number).kept_at, held(settled, number).version) == (before.kept_at, before.version)


def test_a_stranger_s_key_is_not_found(settled: Database) -> None:
    number = keep_draft(settled, need="Dessiner")
    for name in ("colleague", "head", "instructor"):
        with pytest.raises(Unknown):
            keep_draft(settled, name, need="Le mien")
        with pytest.raises(Unknown):
            settled.write(lambda session, name=name: discard(session, person(session, name), KEY))
    assert held(settled, number).typed["need"] == "Dessiner"


@pytest.mark.parametrize("key", ["", "short", "a" * 33, "0123456789abcde/", "0123456789abcdef\n"])
def test_a_key_that_no_page_made_begins_nothing(settled: Database, key: str) -> None:
    with pytest.raises(Unknown):
        keep_draft(settled, key=key)
    assert drafts(settled) == []


def test_linked_accounts_keep_the_same_draft_for_the_schools_of_both(settled: Database) -> None:
    linked = "teacher elsewhere in the ENT"
    number = keep_draft(settled, linked, uai=FIRST)
    assert keep_draft(settled, "teacher", uai=SECOND, need="Dessiner") == number
    assert (held(settled, number).scope, held(settled, number).typed["need"]) == (f"school:{SECOND}", "Dessiner")
    send_draft(settled, "teacher")
    assert held(settled, number).status is R.RELAY


def test_nobody_begins_more_drafts_than_they_can_follow(settled: Database) -> None:
    keys = [f"{KEY}-{number}" for number in range(MOST_DRAFTS)]
    for key in keys:
        keep_draft(settled, key=key)
    with pytest.raises(Refused, match=str(TOO_MANY)):
        keep_draft(settled)
    keep_draft(settled, key=keys[3], need="On continue celui-là")
    keep_draft(settled, "colleague")
    send_draft(settled, key=keys[0])
    keep_draft(settled, key=OTHER_KEY)
    settled.write(lambda session: discard(session, person(session, "teacher"), keys[1]))
    keep_draft(settled, key="another-key-of-the-page")


@pytest.mark.parametrize(
    ("name", "uai", "said"),
    [
        ("teacher", "0000000X", NOT_YOURS),
        ("teacher", COLLEGE, NOT_YOURS),
        ("stranger", ELSEWHERE, NOT_SERVED),
        ("stranger", "", NOT_SERVED),
        ("nobody's", "", NO_SCHOOL),
    ],
)
def test_one_asks_for_a_school_of_one_s_own_that_somebody_maintains(settled: Database, name: str, uai: str, said: str) -> None:
    with pytest.raises(Refused, match=str(said)):
        keep_draft(settled, name, uai=uai)
    assert drafts(settled) == []


def test_a_draft_that_exists_does_not_move_to_a_school_that_is_not_one_s_own(settled: Database) -> None:
    number = keep_draft(settled, need="Dessiner")
    with pytest.raises(Refused):
        keep_draft(settled, uai=COLLEGE, need="Autre chose")
    assert (held(settled, number).scope, held(settled, number).typed["need"]) == (f"school:{FIRST}", "Dessiner")


def test_whoever_has_one_school_need_not_say_which(settled: Database) -> None:
    assert held(settled, keep_draft(settled, "teacher of the collège", uai="")).within == "territory:isere"


@pytest.mark.parametrize(
    ("typed", "title", "name"),
    [
        ({"title_name": "freecad"}, "freecad", "freecad"),  # its name, whatever the case
        ({"title_name": "FreeCAD", "slug": "freecad"}, "freecad", "FreeCAD"),
        ({"slug": "freecad"}, "freecad", "FreeCAD"),
        ({"title_name": "OnShape", "slug": "freecad"}, None, "OnShape"),  # chosen, then typed over
        ({"title_name": "OnShape", "slug": "unheard-of"}, None, "OnShape"),
        ({}, None, ""),
    ],
)
def test_a_title_of_the_catalogue_is_recognised_as_long_as_its_name_stands(
    settled: Database, typed: dict[str, str], title: str | None, name: str
) -> None:
    one = held(settled, keep_draft(settled, **typed))
    assert (one.title.slug if one.title else None, one.title_name) == (title, name)


def test_what_no_column_holds_is_kept_without_failing(settled: Database) -> None:
    """A page keeps as one types, before anything is judged."""
    number = keep_draft(
        settled, title_name="O" * 5000, need="\x00é" * 9000, pupils="trente", kind="nothing-known", needed_on="demain"
    )
    one = held(settled, number)
    assert (len(one.title_name), one.kind, one.typed["pupils"]) == (120, RequestKind.NEW_TITLE, "trente")
    assert one.typed["need"] == "é" * LONGEST_TYPED


def test_what_is_sent_is_no_longer_kept_over(settled: Database) -> None:
    number = sent(settled)
    assert keep_draft(settled, title_name="Autre chose", need="Autre chose", at=AT + DAY) == number
    one = held(settled, number)
    assert (one.status, one.title_name, one.need, one.typed, one.kept_at) == (R.RELAY, "OnShape", "Dessiner", {}, AT)


# Sending


def test_sending_writes_the_answers_in_their_places_and_says_until_when_they_wait(settled: Database) -> None:
    number = keep_draft(settled, title_name="OnShape", need="Dessiner")
    send_draft(settled, at=AT + timedelta(hours=1), exam="Épreuve de projet", website="https://www.onshape.com")
    one = held(settled, number)
    assert (one.status, one.kind, one.title_name, one.title_key) == (R.RELAY, RequestKind.NEW_TITLE, "OnShape", "onshape")
    assert (one.audience, one.need, one.places, one.considered) == ("Première STI2D", "Dessiner", "B12", "Rien")
    assert (one.needed_on, one.pupils, one.workstations) == (date(2027, 9, 1), 30, 15)
    assert (one.exam, one.website) == ("Épreuve de projet", "https://www.onshape.com")
    assert one.discipline is not None
    assert (one.discipline.slug, one.typed) == ("sti2d", {})
    assert one.sent_at == one.since == AT + timedelta(hours=1)
    assert (one.due_on, one.due_doubt, one.days_left) == (after(RELAY_DAYS), "", None)
    (event,) = told(settled, number)
    assert (event.move, event.was, event.now, event.actor) == ("submit", "draft", "relay", f"person:{one.requester_id}")
    assert (event.function, event.at, event.details) == ("Enseignant·e", one.sent_at, {"procedure": "request"})


def test_what_others_owe_is_owed_from_the_day_it_is_sent(settled: Database) -> None:
    number = keep_draft(settled)
    assert held(settled, number).blocks == [], "nobody owes anything to a draft"
    send_draft(settled)
    blocks = held(settled, number).blocks
    assert [one.kind for one in blocks] == list(BlockKind)
    assert {(one.state, one.due_on, one.due_doubt, one.filled_at) for one in blocks} == {
        (BlockState.OWED, after(BLOCK_DAYS), "", None)
    }


def test_sending_twice_sends_once(settled: Database) -> None:
    number = sent(settled)
    with pytest.raises(OutOfDate):
        send_draft(settled, need="Autre chose", at=AT + DAY)
    one = held(settled, number)
    assert (one.need, one.sent_at, len(one.blocks), len(told(settled, number))) == ("Dessiner", AT, len(BlockKind), 1)


def test_what_is_refused_stays_a_draft_with_what_was_typed(settled: Database) -> None:
    number = keep_draft(settled, title_name="OnShape", need="Dessiner")
    for wrong, said in (
        ({"kind": RequestKind.NEW_VERSION}, "Quelle version"),
        ({"kind": RequestKind.LIST_CHANGE}, "Sur quelle liste"),
        ({"kind": RequestKind.WITHDRAWAL}, "que le catalogue connaît"),
        ({"needed_on": TODAY - DAY}, "est passé"),
    ):
        with pytest.raises(Refused, match=said):
            send_draft(settled, **wrong)
    one = held(settled, number)
    assert (one.status, one.typed["need"], one.need, one.blocks, told(settled, number)) == (R.DRAFT, "Dessiner", "", [], [])
    send_draft(settled, needed_on=TODAY)


def test_nobody_sends_another_person_s_draft(settled: Database) -> None:
    number = keep_draft(settled)
    for name in ("colleague", "lead", "head", "instructor"):
        with pytest.raises(NotAllowed):
            move(settled, number, "submit", name)
    assert held(settled, number).status is R.DRAFT


def test_a_school_asks_once_for_the_same_thing_whoever_asks_and_however_it_is_spelt(settled: Database) -> None:
    number = sent(settled)
    keep_draft(settled, "colleague", OTHER_KEY)
    with pytest.raises(Refused, match=f"n° {number}"):
        send_draft(settled, "colleague", OTHER_KEY, title_name="  ONSHAPE ")
    send_draft(settled, "colleague", OTHER_KEY, title_name="OnShape Éducation")


@pytest.mark.parametrize("different", ["school", "kind", "version", "given up", "declined"])
def test_what_is_not_the_same_thing_or_no_longer_open_is_asked_anew(settled: Database, different: str) -> None:
    with settled.read() as session:
        title = session.exec(select(Title.id)).one()
    known: dict[str, Any] = {"title_id": title, "title_name": "FreeCAD", "kind": RequestKind.NEW_VERSION, "wanted_version": "1.0"}
    number = sent(settled, **known)
    if different == "given up":
        move(settled, number, "give_up", "teacher")
    if different == "declined":
        move(settled, number, "relay", "lead")
        move(settled, number, "decline", "head")
    other = {"kind": {"kind": RequestKind.EXTENSION}, "version": {"wanted_version": "1.1"}}.get(different, {})
    name, uai = ("neighbour", SECOND) if different == "school" else ("colleague", FIRST)
    assert held(settled, sent(settled, name, OTHER_KEY, uai, **{**known, **other})).status is R.RELAY


def test_a_request_that_was_declined_is_not_examined_anew_once_a_colleague_asks(settled: Database) -> None:
    number = sent(settled)
    move(settled, number, "relay", "lead")
    move(settled, number, "decline", "head")
    other = sent(settled, "colleague", OTHER_KEY)
    with pytest.raises(Refused, match=f"n° {other}"):
        move(settled, number, "reconsider", "teacher")
    move(settled, other, "give_up", "colleague")
    move(settled, number, "reconsider", "teacher")
    assert held(settled, number).status is R.VISA


def test_two_colleagues_who_send_the_same_thing_at_once_are_told_of_each_other(settled: Database) -> None:
    numbers = [keep_draft(settled, "teacher", KEY), keep_draft(settled, "colleague", OTHER_KEY)]
    url = settled.engine.url.render_as_string(hide_password=False)
    said = at_once(send_at_once, [(url, "teacher", KEY), (url, "colleague", OTHER_KEY)])
    assert said.count("sent") == 1
    first = numbers[said.index("sent")]
    (refused,) = (one for one in said if one != "sent")
    assert f"Votre établissement le demande déjà\u00a0: c’est la demande n° {first}." in refused
    assert sorted(str(held(settled, number).status) for number in numbers) == ["draft", "relay"]


# What the database refuses


IMPOSSIBLE = [
    *((f"{name} = ' '", "six_answers") for name in ("need", "title_name", "audience", "places", "considered")),
    *((f"{name} = NULL", "six_answers") for name in ("needed_on", "discipline_id")),
    ("sent_at = NULL", "sent_or_draft"),
    ("status = 'draft'", "sent_or_draft"),
    ("status = 'merged'", "merged_somewhere"),
    ("status = 'merged', merged_into_id = id", "not_into_itself"),
    ("merged_into_id = (SELECT max(id) FROM software_request)", "merged_somewhere"),
    ("status = 'on-its-way'", "status_known"),
    ("kind = 'a-wish'", "kind_known"),
    ("pupils = 0", "pupils_counted"),
    ("workstations = -1", "workstations_counted"),
    ("school_rank = 0", "ranked_from_one"),
    ("requester_id = 1000000", "foreign key"),
    (f"key_of_draft = '{OTHER_KEY}'", "unique"),
]
NEVER_FILLED = [
    ("state = 'filled', filled_at = CURRENT_TIMESTAMP", "filled_by_someone"),
    ("state = 'filled', filled_at = CURRENT_TIMESTAMP, filled_as = ' '", "filled_by_someone"),
    ("state = 'filled', filled_as = 'DDFPT'", "filled_when"),
    ("filled_at = CURRENT_TIMESTAMP", "filled_when"),
    ("state = 'not-needed', filled_at = CURRENT_TIMESTAMP, filled_as = 'DDFPT'", "reason_said"),
    ("state = 'late', filled_at = CURRENT_TIMESTAMP, filled_as = 'DDFPT'", "state_known"),
    ("kind = 'humour'", "kind_known"),
]


def refuses(database: Database, statement: str, rule: str) -> None:
    with pytest.raises(IntegrityError, match=f"(?i){rule}"):
        database.write(lambda session: session.execute(sa.text(statement)))


def test_a_request_that_cannot_be_is_refused_by_the_database_itself(settled: Database) -> None:
    number = sent(settled)
    keep_draft(settled, "colleague", OTHER_KEY)
    for values, rule in IMPOSSIBLE:
        refuses(settled, f"UPDATE software_request SET {values} WHERE id = {number}", rule)


def test_a_block_that_nobody_filled_is_not_filled(settled: Database) -> None:
    number = sent(settled)
    for values, rule in NEVER_FILLED:
        refuses(settled, f"UPDATE request_block SET {values} WHERE request_id = {number} AND kind = 'licence'", rule)


def test_a_territory_gives_itself_no_delay_that_the_calendar_cannot_count(settled: Database) -> None:
    for days in (0, -1, 251):
        refuses(settled, f"UPDATE request_steps SET visa_days = {days}", "visa_days_possible")


# Steps that nobody takes


def passed(database: Database, number: int) -> list[tuple[str, str, str]]:
    return [(one.move, one.actor, one.reason) for one in told(database, number) if one.move.startswith("pass_")]


def pass_of(name: str, why: str) -> tuple[str, str, str]:
    return (name, "system:steps", str(why))


def test_a_step_that_a_territory_does_not_ask_for_is_passed_at_the_same_instant_and_said(settled: Database) -> None:
    number = sent(settled, "teacher of the collège", uai=COLLEGE)
    assert (held(settled, number).status, passed(settled, number)) == (R.RELAY, [])
    move(settled, number, "relay", "lead of the collège", at=AT + DAY)
    assert held(settled, number).status is R.INSTRUCTION
    assert passed(settled, number) == [pass_of("pass_visa", NOT_ASKED[R.VISA])]
    assert [(one.at, one.was, one.now) for one in told(settled, number)[1:]] == [
        (AT + DAY, "relay", "visa"),
        (AT + DAY, "visa", "instruction"),
    ]
    assert held(settled, number).since == AT + DAY


def test_a_territory_that_asks_for_neither_step_receives_at_once(settled: Database) -> None:
    change_steps(settled, relay_required=False, visa_required=False)
    number = sent(settled)
    one = held(settled, number)
    assert (one.status, one.due_on, len(one.blocks)) == (R.INSTRUCTION, after(INSTRUCTION_DAYS), len(BlockKind))
    assert passed(settled, number) == [pass_of("pass_relay", NOT_ASKED[R.RELAY]), pass_of("pass_visa", NOT_ASKED[R.VISA])]
    assert {event.at for event in told(settled, number)} == {AT}


def test_a_head_who_asks_neither_relays_nor_endorses_to_herself(settled: Database) -> None:
    number = sent(settled, "head")
    assert held(settled, number).status is R.INSTRUCTION
    assert passed(settled, number) == [pass_of("pass_relay", OWN[R.RELAY]), pass_of("pass_visa", OWN[R.VISA])]


def test_a_lead_who_asks_does_not_relay_to_themselves_and_the_head_still_endorses(settled: Database) -> None:
    number = sent(settled, "lead")
    assert (held(settled, number).status, held(settled, number).due_on) == (R.VISA, after(VISA_DAYS))
    assert passed(settled, number) == [pass_of("pass_relay", OWN[R.RELAY])]


@pytest.mark.parametrize(("name", "uai"), [("lead", SECOND), ("lead of the neighbours", FIRST)])
def test_what_one_holds_over_another_school_passes_nothing_here(settled: Database, name: str, uai: str) -> None:
    number = sent(settled, name, uai=uai)
    assert (held(settled, number).status, passed(settled, number)) == (R.RELAY, [])


def test_what_one_holds_over_a_territory_speaks_for_no_school(settled: Database) -> None:
    def work(session: Session) -> None:
        role = session.exec(select(Role).where(Role.code == "decider")).one()
        role.permissions = [*role.permissions, May.RELAY, May.ENDORSE]

    settled.write(work)
    assert held(settled, sent(settled, "instructor")).status is R.RELAY


@pytest.mark.parametrize("ended", ["revoked", "over", "to come"])
def test_what_one_no_longer_holds_passes_nothing(settled: Database, ended: str) -> None:
    with settled.read() as session:
        mine = col(Accreditation.person_id) == person(session, "lead").key
    values: dict[str, Any] = {
        "revoked": {"revoked_at": AT, "revoked_by": "person:1"},
        "over": {"starts_on": TODAY - 9 * DAY, "until": TODAY - DAY},
        "to come": {"starts_on": TODAY + DAY},
    }[ended]
    change(settled, Accreditation, mine, **values)
    assert held(settled, sent(settled, "lead")).status is R.RELAY


def test_what_a_linked_account_holds_passes_a_step_too(settled: Database) -> None:
    settled.write(lambda session: accredit(session, "teacher elsewhere in the ENT", "digital-lead", f"school:{FIRST}"))
    assert held(settled, sent(settled, "teacher")).status is R.VISA


def test_a_lead_s_own_question_is_answered_and_then_relayed_by_hand(settled: Database) -> None:
    """Who asked reads the answer, even if the territory stops asking for relays meanwhile."""
    number = sent(settled)
    move(settled, number, "ask", "lead")
    change_steps(settled, relay_required=False)
    move(settled, number, "answer", "teacher")
    assert (held(settled, number).status, passed(settled, number)) == (R.RELAY, [])


def test_nobody_passes_a_step_by_hand(settled: Database) -> None:
    number = sent(settled)
    for name in ("teacher", "lead", "head", "instructor"):
        with pytest.raises(NotAllowed):
            move(settled, number, "pass_relay", name)


# The clock


def test_each_step_begins_with_a_whole_delay_of_its_own(settled: Database) -> None:
    number = sent(settled)
    move(settled, number, "relay", "lead", at=AT + DAY)
    assert (held(settled, number).since, held(settled, number).due_on) == (AT + DAY, after(VISA_DAYS, TODAY + DAY))
    move(settled, number, "decline", "head", at=AT + DAY)
    assert (held(settled, number).due_on, held(settled, number).due_doubt) == (None, ""), "nobody has it any more"
    move(settled, number, "reconsider", "teacher", at=on(after(7)))
    assert held(settled, number).due_on == after(VISA_DAYS, after(7))


@pytest.mark.parametrize(
    ("asked_after", "answered_after"), [(0, 0), (1, 4), (3, 0), (RELAY_DAYS - 1, 4), (RELAY_DAYS, 0), (RELAY_DAYS + 3, 4)]
)
def test_the_clock_of_a_step_stops_while_its_question_waits_and_leaves_two_days_at_least(
    settled: Database, asked_after: int, answered_after: int
) -> None:
    number = sent(settled)
    asked = after(asked_after)
    move(settled, number, "ask", "lead", at=on(asked))
    left = max(RELAY_DAYS - asked_after, 0)
    waiting = held(settled, number)
    assert (waiting.status, waiting.days_left, waiting.due_on) == (R.RELAY_QUESTION, left, after(ANSWER_DAYS, asked))
    answered = after(answered_after, asked)
    move(settled, number, "answer", "teacher", at=on(answered))
    one = held(settled, number)
    assert (one.status, one.days_left, one.due_on) == (R.RELAY, None, after(max(left, LEAST), answered))


def test_a_second_question_stops_what_the_first_one_left(settled: Database) -> None:
    number = sent(settled)
    move(settled, number, "ask", "lead", at=on(after(1)))
    move(settled, number, "answer", "teacher", at=on(after(6)))
    move(settled, number, "ask", "lead", at=on(after(7)))
    assert held(settled, number).days_left == RELAY_DAYS - 2


@pytest.mark.parametrize(
    ("ask", "answer", "by", "step"),
    [
        ("ask_before_visa", "answer_before_visa", "head", R.VISA),
        ("ask_in_instruction", "answer_in_instruction", "instructor", R.INSTRUCTION),
    ],
)
def test_every_step_keeps_its_clock_over_a_question(settled: Database, ask: str, answer: str, by: str, step: RequestStatus) -> None:
    change_steps(settled, instruction_days=10)
    number = sent(settled)
    move(settled, number, "relay", "lead")
    if step is R.INSTRUCTION:
        move(settled, number, "endorse", "head")
    move(settled, number, ask, by, at=on(after(4)))
    move(settled, number, answer, "teacher", at=on(after(6)))
    assert (held(settled, number).status, held(settled, number).due_on) == (step, after(6, after(6)))


def test_a_question_that_ends_with_a_renunciation_keeps_no_day(settled: Database) -> None:
    number = sent(settled)
    move(settled, number, "ask", "lead")
    move(settled, number, "give_up", "teacher", at=AT + DAY)
    one = held(settled, number)
    assert (one.status, one.due_on, one.days_left, one.since) == (R.GIVEN_UP, None, None, AT + DAY)


def test_a_delay_goes_over_a_public_holiday(settled: Database) -> None:
    at = on(date(2026, 12, 24))
    assert held(settled, sent(settled, at=at)).due_on == after(RELAY_DAYS - 1, AFTER_CHRISTMAS) + 3 * DAY  # 1 January, a week-end


def test_beyond_the_days_that_are_known_there_is_no_date_and_the_page_can_say_why(settled: Database) -> None:
    number = sent(settled, at=on(date(2028, 12, 28)), needed_on=date(2029, 9, 1))
    one = held(settled, number)
    assert (one.status, one.due_on) == (R.RELAY, None)
    assert one.due_doubt.startswith("Les jours fériés ne sont pas connus le 01/01/2029")
    assert {(block.due_on, block.due_doubt) for block in one.blocks} == {(None, one.due_doubt)}


def test_a_question_asked_when_no_day_is_known_gives_the_step_its_delay_again(settled: Database) -> None:
    number = sent(settled)
    change(settled, SoftwareRequest, due_on=None, due_doubt="On ne sait pas.")
    move(settled, number, "ask", "lead")
    assert held(settled, number).days_left is None
    move(settled, number, "answer", "teacher", at=on(after(3)))
    assert held(settled, number).due_on == after(RELAY_DAYS, after(3))


def test_a_territory_that_has_set_no_delay_promises_none(settled: Database) -> None:
    change_steps(settled, relay_days=None, block_days=None)
    one = held(settled, sent(settled))
    assert (one.due_on, one.due_doubt) == (None, str(NO_DELAY))
    assert {(block.due_on, block.due_doubt) for block in one.blocks} == {(None, str(NO_DELAY))}
    settled.write(lambda session: session.execute(sa.delete(RequestSteps)))
    other = held(settled, sent(settled, "neighbour", OTHER_KEY, SECOND))
    assert (other.status, other.due_on, other.due_doubt) == (R.RELAY, None, str(NO_DELAY)), "both steps are asked for"


def test_a_delay_is_counted_from_the_day_that_it_is_there(settled: Database) -> None:
    late = datetime(2026, 11, 26, 23, 30, tzinfo=AT.tzinfo)  # already Friday in Paris
    assert held(settled, sent(settled, at=late)).due_on == after(RELAY_DAYS, TODAY + DAY)


def test_the_demonstration_s_steps_are_brought_in_once_and_leave_a_territory_s_own_alone(settled: Database) -> None:
    for _ in range(2):
        settled.write(lambda session: steps.load_demonstration(session, territory(session)))
    with settled.read() as session:
        key = territory(session).key
        assert steps.steps_of(session, key).relay_days == RELAY_DAYS
        campaigns = session.exec(select(RequestCampaign).where(RequestCampaign.territory_id == key)).all()
        assert len({one.name for one in campaigns}) == len(campaigns) > 0
        found = steps.campaigns_of(session, key, TODAY)
        assert all(one.fictitious and one.closes_on >= TODAY for one in found)
        assert [one.closes_on for one in found] == sorted(one.closes_on for one in found)


# Merging


@pytest.fixture
def two(settled: Database) -> tuple[Database, int, int]:
    """The same thing asked for in two schools of the region, both in instruction."""
    number, other = sent(settled), sent(settled, "neighbour", OTHER_KEY, SECOND)
    reach_instruction(settled, number)
    move(settled, other, "relay", "lead of the neighbours")
    settled.write(lambda session: accredit(session, "nobody's", "head", f"school:{SECOND}"))
    move(settled, other, "endorse", "nobody's")
    return settled, number, other


def test_merging_is_said_and_undone(two: tuple[Database, int, int]) -> None:
    database, number, other = two
    move(database, number, "merge", "instructor", into=other, reason="La même chose")
    one = held(database, number)
    assert (one.status, one.merged_into_id, one.due_on) == (R.MERGED, other, None)
    assert held(database, other).status is R.INSTRUCTION, "the other goes on as it was"
    assert told(database, other)[-1].move == "goes-on-for"
    assert told(database, other)[-1].details["other"] == number
    move(database, number, "separate", "instructor", at=AT + DAY, reason="Pas la même version")
    one = held(database, number)
    assert (one.status, one.merged_into_id) == (R.INSTRUCTION, None)
    assert one.since == AT + DAY
    assert [(event.move, event.reason) for event in told(database, number)][-2:] == [
        ("merge", "La même chose"),
        ("separate", "Pas la même version"),
    ]
    assert told(database, other)[-1].move == "goes-on-without", "and it says without which, for good"


def test_a_request_is_not_merged_into_itself_nor_into_another_territory_s(two: tuple[Database, int, int]) -> None:
    database, number, _other = two
    elsewhere = sent(database, "teacher of the collège", "key-of-the-college", COLLEGE)
    for into in (number, elsewhere):
        with pytest.raises(Refused, match="Vérifiez le numéro"):
            move(database, number, "merge", "instructor", into=into)
    assert held(database, number).status is R.INSTRUCTION


def test_a_request_is_not_merged_into_one_that_is_closed(two: tuple[Database, int, int]) -> None:
    database, number, other = two
    move(database, other, "give_up", "neighbour")
    with pytest.raises(Refused, match=f"n° {other} n’est pas en instruction"):
        move(database, number, "merge", "instructor", into=other)


def test_chains_are_refused_from_both_ends(two: tuple[Database, int, int]) -> None:
    database, number, other = two
    third = sent(database, "colleague", "a-third-key-of-page", title_name="OnShape Éducation")
    reach_instruction(database, third)
    move(database, number, "merge", "instructor", into=third)
    with pytest.raises(Refused, match="D’autres demandes ont été réunies"):
        move(database, third, "merge", "instructor", into=other)
    with pytest.raises(Refused, match="D’autres demandes ont été réunies"):
        move(database, third, "give_up", "colleague")
    fourth = sent(database, "lead", "a-fourth-key-of-page", title_name="OnShape 3D")
    move(database, fourth, "endorse", "head")
    with pytest.raises(Refused, match=f"n° {number} n’est pas en instruction"):
        move(database, fourth, "merge", "instructor", into=number)
    move(database, number, "separate", "instructor")
    move(database, third, "merge", "instructor", into=other)


def test_only_the_territory_merges_its_own(two: tuple[Database, int, int]) -> None:
    database, number, other = two
    for name in ("teacher", "lead", "head", "packager", "instructor of the department", "neighbour"):
        with pytest.raises(NotAllowed):
            move(database, number, "merge", name, into=other)


def test_two_requests_that_are_merged_into_each_other_at_once_do_not_both_disappear(two: tuple[Database, int, int]) -> None:
    database, number, other = two
    url = database.engine.url.render_as_string(hide_password=False)
    said = at_once(merge_at_once, [(url, number, other), (url, other, number)])
    assert said.count("merged") == 1
    assert sorted(str(held(database, one).status) for one in (number, other)) == ["instruction", "merged"]


def test_a_school_does_not_come_to_ask_twice_by_separating(two: tuple[Database, int, int]) -> None:
    """While its own was merged, a colleague asked for the same thing: there was nothing to support in their school."""
    database, number, other = two
    move(database, number, "merge", "instructor", into=other)
    again = "a-third-key-of-page"
    keep_draft(database, "colleague", again)
    try:
        send_draft(database, "colleague", again)
        move(database, number, "separate", "instructor")
    except Refused:
        pass
    with database.read() as session:
        mine = select(SoftwareRequest.id).where(
            SoftwareRequest.scope == f"school:{FIRST}",
            SoftwareRequest.title_key == "onshape",
            col(SoftwareRequest.status).in_([R.RELAY, R.INSTRUCTION]),
        )
        assert len(session.exec(mine).all()) <= 1


def test_a_request_that_its_school_still_holds_is_not_merged_into(two: tuple[Database, int, int]) -> None:
    """Else one school's head could close, by declining, what another school's request was merged into."""
    database, number, _other = two
    waiting = sent(database, "colleague", "a-third-key-of-page", title_name="OnShape Éducation")
    with pytest.raises(Refused, match=f"n° {waiting} n’est pas en instruction"):
        move(database, number, "merge", "instructor", into=waiting)


# Blocks


def filling(database: Database, number: int, kind: BlockKind, **different: Any) -> Filling:
    """All that is asked, over the version that is there."""
    with database.read() as session:
        read = block_of(session, number, kind).version
    said = {one.key: one.choices[0][0] if one.choices else "Vu." for one in QUESTIONS[kind]}
    return Filling(**{"read": read, "answers": said, **different})


@pytest.mark.parametrize(
    ("kind", "by", "function"),
    [
        (BlockKind.SCHOOL, "lead", "Référent·e numérique"),
        (BlockKind.SCHOOL, "head", "Proviseur·e"),
        (BlockKind.TECHNICAL, "packager", "Packageur·se"),
        (BlockKind.LICENCE, "instructor", "Responsable des listes de la Région"),
    ],
)
def test_who_owes_a_block_fills_it_and_signs(settled: Database, kind: BlockKind, by: str, function: str) -> None:
    number = sent(settled)
    given = filling(settled, number, kind)
    fill_block(settled, number, kind, by, given, at=AT + DAY)
    with settled.read() as session:
        block = block_of(session, number, kind)
        assert (block.state, block.answers, block.reason) == (BlockState.FILLED, given.answers, "")
        assert (block.filled_by, block.filled_as, block.filled_at) == (actor(session, by).key, function, AT + DAY)
        assert {one.state for one in request_of(session, number).blocks if one.kind is not kind} == {BlockState.OWED}
    event = told(settled, number)[-1]
    assert (event.move, event.function, event.details) == ("filled", function, {"block": kind.value, "was": {}})


@pytest.mark.parametrize("kind", BlockKind)
def test_nobody_fills_what_others_owe(settled: Database, kind: BlockKind) -> None:
    number = sent(settled)
    given = filling(settled, number, kind)
    for name in ("teacher", "colleague", "lead of the neighbours", "instructor of the department", "stranger", "packager", "lead"):
        with settled.read() as session:
            owes = POLICY.may(actor(session, name), FILLS[kind], request_of(session, number))
        assert owes == ((name, kind) in {("packager", BlockKind.TECHNICAL), ("lead", BlockKind.SCHOOL)})
        if not owes:
            with pytest.raises(NotAllowed):
                fill_block(settled, number, kind, name, given)
    with settled.read() as session:
        assert block_of(session, number, kind).state is BlockState.OWED


def test_who_wrote_over_a_version_that_changed_is_told_and_loses_nothing_of_the_other_s(settled: Database) -> None:
    number = sent(settled)
    read_by_both = filling(settled, number, BlockKind.SCHOOL)
    fill_block(settled, number, BlockKind.SCHOOL, "lead", read_by_both)
    late = Filling(read_by_both.read, {**read_by_both.answers, "rooms": "C3"})
    with pytest.raises(OutOfDate, match=str(FILLED_MEANWHILE)):
        fill_block(settled, number, BlockKind.SCHOOL, "head", late)
    with settled.read() as session:
        block = block_of(session, number, BlockKind.SCHOOL)
        assert (block.answers["rooms"], block.filled_as) == ("Vu.", "Référent·e numérique")
    assert [event.move for event in told(settled, number)] == ["submit", "filled"]


def test_two_who_fill_a_block_at_once_are_told_of_each_other(settled: Database) -> None:
    number = sent(settled)
    given = filling(settled, number, BlockKind.SCHOOL)
    url = settled.engine.url.render_as_string(hide_password=False)
    said = at_once(fill_at_once, [(url, number, BlockKind.SCHOOL, by, given) for by in ("lead", "head")])
    assert sorted(said) == sorted(["filled", str(FILLED_MEANWHILE)])
    assert [event.move for event in told(settled, number)] == ["submit", "filled"]


def test_what_a_block_said_before_stays_in_the_trail(settled: Database) -> None:
    number, kind = sent(settled), BlockKind.SCHOOL
    first = filling(settled, number, kind)
    fill_block(settled, number, kind, "lead", first)
    fill_block(settled, number, kind, "head", filling(settled, number, kind, answers={**first.answers, "rooms": "C3"}))
    fill_block(
        settled, number, kind, "head", filling(settled, number, kind, answers={}, reason="Rien à vérifier.", is_needed=False)
    )
    fill_block(settled, number, kind, "lead", filling(settled, number, kind))
    events = told(settled, number)[1:]
    assert [event.move for event in events] == ["filled", "filled", "not-needed", "filled"]
    assert [event.details["was"].get("rooms") for event in events] == [None, "Vu.", "C3", None]
    assert [event.reason for event in events] == ["", "", "Rien à vérifier.", ""]
    with settled.read() as session:
        assert (block_of(session, number, kind).state, block_of(session, number, kind).reason) == (BlockState.FILLED, "")


def test_a_block_without_object_keeps_the_reason_and_no_answer(settled: Database) -> None:
    number, kind = sent(settled), BlockKind.LICENCE
    with pytest.raises(Refused, match="Il manque la raison"):
        fill_block(settled, number, kind, "instructor", filling(settled, number, kind, reason=" \n", is_needed=False))
    fill_block(settled, number, kind, "instructor", filling(settled, number, kind, reason=" Logiciel libre. ", is_needed=False))
    with settled.read() as session:
        block = block_of(session, number, kind)
        assert (block.state, block.reason, block.answers) == (BlockState.NOT_NEEDED, "Logiciel libre.", {})


def test_a_block_that_lacks_an_answer_is_still_owed(settled: Database) -> None:
    number, kind = sent(settled), BlockKind.DATA
    settled.write(lambda session: accredit(session, "nobody's", "dpd", "territory:aura"))
    for said in ({}, {"accounts": "perhaps"}, dict.fromkeys((one.key for one in QUESTIONS[kind]), " ")):
        with pytest.raises(Refused):
            fill_block(settled, number, kind, "nobody's", filling(settled, number, kind, answers=said))
    with settled.read() as session:
        assert block_of(session, number, kind).state is BlockState.OWED


def test_nothing_is_owed_once_a_request_is_closed(settled: Database) -> None:
    number = sent(settled)
    given = filling(settled, number, BlockKind.SCHOOL)
    move(settled, number, "give_up", "teacher")
    with pytest.raises(Refused, match=str(OWED_NOTHING)):
        fill_block(settled, number, BlockKind.SCHOOL, "lead", given)


def test_a_request_has_one_block_of_each_kind(settled: Database) -> None:
    number = sent(settled)
    with pytest.raises(IntegrityError):
        settled.write(lambda session: session.add(Block(request_id=number, kind=BlockKind.DATA)))


# Discarding


def test_a_draft_goes_with_what_was_joined_to_it_and_a_second_click_does_nothing(settled: Database, tmp_path: Path) -> None:
    mine, other = keep_draft(settled), keep_draft(settled, "colleague", OTHER_KEY)
    store = Store(tmp_path / "enclosures")
    for number, name in ((mine, "teacher"), (other, "colleague")):
        taken = take_in(store, "devis.pdf", io.BytesIO(b"%PDF-1.7\nun"))
        settled.write(
            lambda session, number=number, name=name, taken=taken: enclose(
                session, request_of(session, number), actor(session, name), taken, AT
            )
        )
    for _ in range(2):
        settled.write(lambda session: discard(session, person(session, "teacher"), KEY))
    assert drafts(settled) == [(other, OTHER_KEY)]
    with settled.read() as session:
        assert [one.subject_id for one in session.exec(select(Enclosure))] == [other]
    assert keep_draft(settled) > other, "the trail of what was deleted is never that of another"


def test_what_is_sent_is_not_discarded(settled: Database) -> None:
    number = sent(settled)
    with pytest.raises(Refused, match="déjà envoyée"):
        settled.write(lambda session: discard(session, person(session, "teacher"), KEY))
    assert held(settled, number).status is R.RELAY


def test_two_clicks_at_once_discard_once_and_neither_fails(settled: Database) -> None:
    keep_draft(settled)
    url = settled.engine.url.render_as_string(hide_password=False)
    assert at_once(discard_at_once, [(url, "teacher", KEY)] * 4) == ["discarded"] * 4
    assert drafts(settled) == []


# Who has it


def test_nobody_is_said_to_have_what_they_cannot_move(settled: Database) -> None:
    """A school without a head, then a territory where nobody instructs any more: it is said who must first be named."""
    number, other = sent(settled), sent(settled, "neighbour", OTHER_KEY, SECOND)
    move(settled, other, "relay", "lead of the neighbours")
    reach_instruction(settled, number)
    with settled.read() as session:
        gone = person(session, "instructor").key
    change(settled, Person, col(Person.id) == gone, closed_at=AT)
    with settled.read() as session:
        said = holders(session, [request_of(session, number), request_of(session, other)], AT)
    assert said == {
        number: "La Région, qui doit d’abord confier l’instruction à quelqu’un",
        other: "La Région, qui doit d’abord nommer le ou la chef·fe de cet établissement",
    }


# Who finds what

HOLDERS = (
    "teacher", "colleague", "neighbour", "lead", "lead of the neighbours", "head", "instructor", "packager",
    "instructor of the department", "lead of the collège", "stranger", "nobody's",
)  # fmt: skip


def fill_the_portal(database: Database) -> None:
    """Of two schools and of a collège, drafts and requests, one begun by a linked account."""
    keep_draft(database)
    keep_draft(database, "neighbour", OTHER_KEY, SECOND)
    sent(database, "colleague", "key-of-a-colleague")
    sent(database, "neighbour", "key-of-a-neighbour", SECOND)
    keep_draft(database, "teacher elsewhere in the ENT", "key-of-the-linked-1", SECOND)
    keep_draft(database, "teacher elsewhere in the ENT", "key-of-the-linked-2", SECOND)
    send_draft(database, "teacher elsewhere in the ENT", "key-of-the-linked-2", title_name="Autre chose")
    sent(database, "teacher of the collège", "key-of-the-college", COLLEGE)


def disagreements(session: Session, who: Actor) -> list[str]:
    every = {number: request_of(session, number) for number in session.exec(select(SoftwareRequest.id)) if number is not None}
    return [
        permission
        for permission in May
        if set(session.exec(select(SoftwareRequest.id).where(POLICY.visible(who, permission))))
        != {number for number, request in every.items() if POLICY.may(who, permission, request)}
    ]


def test_what_one_may_do_to_a_request_is_what_one_finds(settled: Database) -> None:
    fill_the_portal(settled)
    with settled.read() as session:
        scopes = ("*", "territory:aura", "territory:isere", f"school:{FIRST}", f"school:{SECOND}")
        actors = [actor(session, name) for name in HOLDERS]
        actors += [Actor("person:4000", "Commission", frozenset(Grant(one, scope) for one in May)) for scope in scopes]
        actors += [
            ANYONE,
            system("import"),
            system("worker", *May),
            Actor("person:4001", "Enseignant·e", only=frozenset({May.SEE})),
        ]
        assert {who.key: disagreements(session, who) for who in actors if disagreements(session, who)} == {}


def test_what_the_key_of_an_account_that_was_linked_may_do_is_what_it_finds(settled: Database) -> None:
    """A personal token goes on naming the account that it was made for, after another came to stand for both."""
    fill_the_portal(settled)
    with settled.read() as session:
        key = person(session, "teacher elsewhere in the ENT").actor_key
        assert disagreements(session, Actor(key, "Enseignant·e")) == []


@pytest.mark.parametrize("look", [May.SEE, May.READ, May.WRITE])
def test_a_draft_is_found_by_whoever_wrote_it_and_by_nobody_else(settled: Database, look: May) -> None:
    number = keep_draft(settled)
    with settled.read() as session:
        assert find_request(session, POLICY, actor(session, "teacher"), look, number).key == number
        for who in (*(actor(session, name) for name in HOLDERS if name != "teacher"), ANYONE, system("worker", *May)):
            with pytest.raises(Unknown):
                find_request(session, POLICY, who, look, number)
        assert find_draft(session, person(session, "teacher"), KEY) is not None
        assert find_draft(session, person(session, "teacher"), OTHER_KEY) is None


def test_a_block_is_found_by_the_parties_of_the_request_alone(settled: Database) -> None:
    number = sent(settled)
    with settled.read() as session:
        for name in ("teacher", "lead", "head", "instructor", "packager"):
            assert find_block(session, POLICY, actor(session, name), number, "data").kind is BlockKind.DATA
        for name in ("colleague", "neighbour", "lead of the neighbours", "instructor of the department"):
            with pytest.raises(Unknown):
                find_block(session, POLICY, actor(session, name), number, "data")
        with pytest.raises(Unknown):
            find_block(session, POLICY, actor(session, "teacher"), number, "humour")


@pytest.mark.parametrize("name", ["teacher", "lead"])
def test_a_refusal_leaves_no_trace(settled: Database, name: str) -> None:
    number = sent(settled)
    before = [one.move for one in told(settled, number)]
    tries: list[Callable[[], Any]] = [
        lambda: move(settled, number, "ask", name, reason=" "),
        lambda: move(settled, number, "endorse", name),
        lambda: move(settled, number, "answer", name),
    ]
    for one in tries:
        with pytest.raises((Refused, NotAllowed, OutOfDate)):
            one()
    assert [one.move for one in told(settled, number)] == before
    assert (held(settled, number).status, held(settled, number).since) == (R.RELAY, AT)
