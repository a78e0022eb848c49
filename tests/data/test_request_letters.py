"""Who is told what of a request: each move to whom it concerns, once; reminders on their days, once."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from portal.clock import Clock
from portal.db import Database
from portal.letters.models import Kind, Notice
from portal.people.models import Person
from portal.trail.models import Event
from tests.data.asking_for import (
    ANSWER_DAYS,
    AT,
    FIRST,
    POLICY,
    SECOND,
    accredit,
    actor,
    fill_block,
    held,
    move,
    person,
    reach_instruction,
    request_of,
    sent,
    settle,
    territory,
    told,
)
from tests.data.contenders import at_once, remind_at_once
from workflows.requests.blocks import Filling
from workflows.requests.handing import hand_over
from workflows.requests.models import BlockKind, Reminder, RequestStatus, RequestSteps
from workflows.requests.reminding import Reminding
from workflows.requests.supporting import Support, support, take_back

DAY = timedelta(days=1)
OTHER_KEY = "fedcba9876543210"
Said = list[tuple[str, str]]


@pytest.fixture
def settled(database: Database) -> Database:
    database.write(settle)
    return database


@pytest.fixture
def reminded(settled: Database) -> Database:
    """The territory reminds two working days before, and tells who stands above three after."""

    def work(session: Session) -> None:
        steps = session.exec(select(RequestSteps).where(RequestSteps.territory_id == territory(session).key)).one()
        steps.remind_days, steps.escalate_days = 2, 3

    settled.write(work)
    return settled


def said(database: Database, since: int = 0) -> Said:
    """What was told after that notice, each as (whom, code without « request. »), by name."""
    with database.read() as session:
        rows = session.execute(
            select(Person.given_name, Notice.code).join(Person, col(Person.id) == Notice.person_id).where(col(Notice.id) > since)
        ).all()
    return sorted((name, code.removeprefix("request.")) for name, code in rows)


def last(database: Database) -> int:
    with database.read() as session:
        return max(session.exec(select(Notice.id)).all(), default=0) or 0


def waiting(database: Database, name: str) -> list[str]:
    """What waits for somebody: the codes of what they have not seen to."""
    with database.read() as session:
        query = select(Notice.code).where(
            Notice.person_id == person(session, name).account_id, Notice.kind == Kind.TODO, col(Notice.settled_at).is_(None)
        )
        return [one.removeprefix("request.") for one in session.exec(query.order_by(col(Notice.id)))]


def sign(database: Database, number: int, name: str, uai: str = SECOND, pupils: int = 20) -> None:
    def work(session: Session) -> None:
        given = Support(person(session, name), uai, "Terminale", pupils, 10)
        support(session, POLICY, actor(session, name), request_of(session, number), given, at=AT)

    database.write(work)


def look(database: Database, day: date, hour: int = 6) -> int:
    """A round of the worker that day."""
    return Reminding(database, Clock(real=lambda: datetime(day.year, day.month, day.day, hour, tzinfo=UTC)))()


def test_sending_gives_a_receipt_and_tells_who_relays_and_who_owes_a_block(settled: Database) -> None:
    number = sent(settled)
    assert said(settled) == [
        ("head", "owed.owner"),
        *[("instructor", "owed.owner")] * 2,  # accessibility, licence
        ("lead", "owed.owner"),
        ("lead", "submit.holder"),
        ("packager", "owed.owner"),
        ("teacher", "submit.requester"),
    ]
    with settled.read() as session:
        receipt = session.exec(select(Notice).where(Notice.code == "request.submit.requester")).one()
    assert (receipt.is_alone, receipt.post_at, receipt.url) == (True, AT, f"/demandes/{number}")
    assert f"Votre demande n° {number}" in receipt.text.replace("\u00a0", " ")
    assert "jusqu’au 3 décembre 2026" in receipt.text


def test_a_receipt_says_what_silence_means(settled: Database) -> None:
    def work(session: Session) -> None:
        session.exec(
            select(RequestSteps).where(RequestSteps.territory_id == territory(session).key)
        ).one().receipt = "Silence vaut refus."

    settled.write(work)
    sent(settled)
    with settled.read() as session:
        text = session.exec(select(Notice.text).where(Notice.code == "request.submit.requester")).one()
    assert text.endswith("Silence vaut refus.")


# After a request was sent: by whom each move is made, and who is told what of it.
OWNERS: Said = [("head", "owed.owner"), *[("instructor", "owed.owner")] * 2, ("lead", "owed.owner"), ("packager", "owed.owner")]
STORY: list[tuple[str, str, Said]] = [
    ("ask", "lead", [("teacher", "ask.requester")]),
    ("answer", "teacher", [("lead", "answer.holder")]),
    ("relay", "lead", [("head", "relay.holder"), ("teacher", "relay.requester")]),
    ("ask_before_visa", "head", [("teacher", "ask.requester")]),
    ("answer_before_visa", "teacher", [("head", "answer.holder")]),
    ("decline", "head", [("neighbour", "decline.supporters"), ("teacher", "decline.requester")]),
    ("reconsider", "teacher", [("head", "reconsider.holder"), *OWNERS]),
    ("endorse", "head", [("instructor", "endorse.holder"), ("neighbour", "endorse.supporters"), ("teacher", "endorse.requester")]),
    ("ask_in_instruction", "instructor", [("teacher", "ask.requester")]),
    ("answer_in_instruction", "teacher", [("instructor", "answer.holder")]),
    ("give_up", "teacher", [("neighbour", "give_up.supporters")]),
]


def test_each_move_is_told_to_whom_it_concerns_and_to_nobody_else(settled: Database) -> None:
    number = sent(settled)
    sign(settled, number, "neighbour")
    for name, by, expected in STORY:
        before = last(settled)
        move(settled, number, name, by)
        assert said(settled, before) == sorted(expected), name


def test_the_letter_of_a_move_is_of_the_event_that_the_trail_keeps(settled: Database) -> None:
    number = sent(settled)
    move(settled, number, "relay", "lead")
    with settled.read() as session:
        events = session.exec(
            select(Event.move).join(Notice, col(Notice.event_id) == Event.id).where(Notice.code == "request.relay.holder")
        )
        assert list(events) == ["relay"]


def test_what_was_asked_of_somebody_waits_until_anybody_does_it(settled: Database) -> None:
    settled.write(lambda session: accredit(session, "colleague", "digital-lead", f"school:{FIRST}"))
    number = sent(settled)
    assert waiting(settled, "lead") == waiting(settled, "colleague") == ["submit.holder", "owed.owner"]
    move(settled, number, "relay", "lead")
    assert waiting(settled, "lead") == waiting(settled, "colleague") == ["owed.owner"], "the block of the school is still owed"
    assert "relay.holder" in waiting(settled, "head")
    move(settled, number, "endorse", "head")
    assert waiting(settled, "head") == ["owed.owner"]


def test_a_block_that_is_filled_waits_for_nobody(settled: Database) -> None:
    number = sent(settled)
    assert waiting(settled, "packager") == ["owed.owner"]
    fill_block(settled, number, BlockKind.TECHNICAL, "packager", Filling(1, {"silent": "yes", "rights": "no"}))
    assert waiting(settled, "packager") == []


def test_nothing_is_owed_to_a_request_that_is_over(settled: Database) -> None:
    number = sent(settled)
    move(settled, number, "give_up", "teacher")
    assert waiting(settled, "packager") == waiting(settled, "lead") == waiting(settled, "head") == []


def test_a_step_that_is_passed_tells_who_has_it_now_and_nobody_of_the_step(settled: Database) -> None:
    """The department asks for no visa: whoever relays sends straight to it."""
    number = sent(settled, "teacher of the collège", uai="0380002W")
    before = last(settled)
    move(settled, number, "relay", "lead of the collège")
    assert said(settled, before) == [
        ("instructor of the department", "endorse.holder"),
        ("teacher of the collège", "relay.requester"),
    ]


def test_merging_and_separating_are_told_to_who_asked_and_to_who_supports(settled: Database) -> None:
    one, other = sent(settled), sent(settled, "neighbour", OTHER_KEY, SECOND)
    reach_instruction(settled, one)
    move(settled, other, "relay", "lead of the neighbours")
    settled.write(lambda session: accredit(session, "nobody's", "head", f"school:{SECOND}"))
    move(settled, other, "endorse", "nobody's")
    sign(settled, other, "colleague", FIRST)
    before = last(settled)
    move(settled, other, "merge", "instructor", into=one)
    assert said(settled, before) == [("colleague", "merge.supporters"), ("neighbour", "merge.requester")]
    with settled.read() as session:
        text = session.exec(select(Notice.text).where(Notice.code == "request.merge.requester")).one()
    assert f"demande n°\u00a0{one}" in text or f"demande n° {one}" in text
    before = last(settled)
    move(settled, other, "separate", "instructor")
    assert [one for one in said(settled, before) if one[1] != "owed.owner"] == [
        ("neighbour", "separate.requester"),
    ], "whoever separates has it already"
    assert waiting(settled, "packager") == ["owed.owner", "owed.owner"], "what is owed is owed again"


def test_who_only_supports_is_not_told_why(settled: Database) -> None:
    """The reason of a refusal is for whoever reads the file."""
    number = sent(settled)
    sign(settled, number, "neighbour")
    move(settled, number, "relay", "lead")
    move(settled, number, "decline", "head", reason="Un secret de famille")
    with settled.read() as session:
        texts = dict(session.execute(select(Notice.code, Notice.text).where(col(Notice.code).startswith("request.decline"))).all())
    assert "Un secret de famille" in texts["request.decline.requester"]
    assert "secret" not in texts["request.decline.supporters"]


def text_of(database: Database, code: str) -> str:
    with database.read() as session:
        found: str = session.exec(
            select(Notice.text).where(Notice.code == f"request.{code}").order_by(col(Notice.id).desc())
        ).first()
    return found.replace("\u00a0", " ").replace("\u202f", " ")


def test_a_letter_says_what_the_request_waits_for_once_all_that_followed_has_followed(settled: Database) -> None:
    """The department asks for no visa: it must not be said to wait for one."""
    number = sent(settled, "teacher of the collège", uai="0380002W")
    assert "Elle attend maintenant le relais" in text_of(settled, "submit.requester")
    move(settled, number, "relay", "lead of the collège")
    assert "visa" not in text_of(settled, "relay.requester")
    assert "La collectivité l’instruit maintenant, sans date promise." in text_of(settled, "relay.requester")
    assert "n’a pas fixé de délai" in text_of(settled, "relay.requester"), "why no date is promised"


def test_a_support_is_told_to_who_asks_and_the_same_click_again_is_not(settled: Database) -> None:
    number = sent(settled)
    before = last(settled)
    sign(settled, number, "neighbour")
    sign(settled, number, "neighbour")
    sign(settled, number, "neighbour", pupils=21)  # a correction is no other support
    assert said(settled, before) == [("teacher", "co-signed.requester")]


def test_a_support_that_was_taken_back_is_told_nothing_more(settled: Database) -> None:
    number = sent(settled)
    sign(settled, number, "neighbour")
    settled.write(
        lambda session: take_back(
            session, actor(session, "neighbour"), person(session, "neighbour"), request_of(session, number), at=AT
        )
    )
    before = last(settled)
    move(settled, number, "give_up", "teacher")
    assert said(settled, before) == []


def test_whoever_takes_a_request_over_is_told_and_the_question_waits_for_them(settled: Database) -> None:
    number = sent(settled)
    move(settled, number, "ask", "lead")

    def give(session: Session) -> None:
        to = person(session, "colleague").key
        hand_over(session, POLICY, actor(session, "teacher"), request_of(session, number), to, reason="Je pars", at=AT)

    before = last(settled)
    settled.write(give)
    assert said(settled, before) == [("colleague", "handed-over.holder")]
    assert (waiting(settled, "teacher"), waiting(settled, "colleague")) == ([], ["handed-over.holder"])


def test_whoever_a_request_is_taken_from_is_told(settled: Database) -> None:
    number = sent(settled)

    def give(session: Session) -> None:
        to = person(session, "colleague").key
        hand_over(session, POLICY, actor(session, "head"), request_of(session, number), to, reason="", at=AT)

    before = last(settled)
    settled.write(give)
    assert said(settled, before) == [("colleague", "handed-over.requester"), ("teacher", "handed-over.former")]
    move(settled, number, "relay", "lead")
    with settled.read() as session:
        notice = session.exec(select(Notice).where(Notice.code == "request.handed-over.requester")).one()
    assert notice.settled_at is None, "the next step does not see to it for them"


def test_a_refusal_tells_nobody(settled: Database) -> None:
    number = sent(settled)
    before = last(settled)
    with pytest.raises(Exception, match=r"raison|réponse"):
        move(settled, number, "ask", "lead", reason="")
    assert last(settled) == before


# Reminders: five working days to relay, from Thursday 26 November: until Thursday 3 December.


def moves_of(database: Database, number: int) -> list[tuple[str, list[str] | None]]:
    return [(one.move, one.details.get("blocks")) for one in told(database, number) if one.move.startswith("reminded")]


def test_a_holder_is_reminded_before_the_last_day_then_of_lateness_then_who_stands_above_hears_of_it(reminded: Database) -> None:
    number, before = sent(reminded), last(reminded)
    assert held(reminded, number).due_on == date(2026, 12, 3)
    assert [look(reminded, date(2026, 11, 30)), said(reminded, before)] == [0, []]
    assert look(reminded, date(2026, 12, 1)) == 1
    assert said(reminded, before) == [("lead", "soon.holder")]
    before = last(reminded)
    assert [look(reminded, day) for day in (date(2026, 12, 1), date(2026, 12, 3))] == [0, 0], "once"
    assert look(reminded, date(2026, 12, 4)) == 1
    assert said(reminded, before) == [("lead", "late.holder"), ("teacher", "late.requester")]
    before = last(reminded)
    assert [look(reminded, day) for day in (date(2026, 12, 5), date(2026, 12, 8))] == [0, 0], "Tuesday is the third working day"
    assert look(reminded, date(2026, 12, 9)) == 1
    assert said(reminded, before) == [("head", "escalated.above")]
    assert [name for name, _blocks in moves_of(reminded, number)] == ["reminded-soon", "reminded-late", "reminded-escalated"]
    assert look(reminded, date(2026, 12, 10)) == 0
    assert waiting(reminded, "lead") == ["owed.owner", "late.holder"], "a reminder takes the place of what it reminds of"


def test_a_day_that_nobody_looked_at_is_told_first_to_who_is_late_then_above(reminded: Database) -> None:
    number, before = sent(reminded), last(reminded)
    look(reminded, date(2026, 12, 10))
    assert said(reminded, before) == [("lead", "late.holder"), ("teacher", "late.requester")]
    before = last(reminded)
    look(reminded, date(2026, 12, 10), hour=7)
    assert said(reminded, before) == [("head", "escalated.above")]
    assert held(reminded, number).reminded is Reminder.ESCALATED


def test_nothing_is_said_to_have_been_told_above_when_nobody_is_there(reminded: Database) -> None:
    number = sent(reminded)
    reach_instruction(reminded, number)
    for hour in (6, 7, 8):
        look(reminded, date(2027, 3, 10), hour)
    assert "reminded-escalated" not in [name for name, _blocks in moves_of(reminded, number)], (
        "only the instructor runs the territory"
    )
    assert held(reminded, number).reminded is Reminder.ESCALATED


def test_a_move_begins_the_reminders_again(reminded: Database) -> None:
    number = sent(reminded)
    look(reminded, date(2026, 12, 4))
    move(reminded, number, "relay", "lead", at=datetime(2026, 12, 4, 9, tzinfo=UTC))
    assert held(reminded, number).reminded is Reminder.NONE
    before = last(reminded)
    look(reminded, date(2026, 12, 17))
    assert ("head", "soon.holder") in said(reminded, before)


def test_a_question_is_reminded_to_who_must_answer_and_its_delay_to_the_school(reminded: Database) -> None:
    number = sent(reminded)
    move(reminded, number, "ask", "lead")
    due = held(reminded, number).due_on
    assert due == date(2026, 12, 8)
    assert ANSWER_DAYS == 8
    before = last(reminded)
    look(reminded, due)
    assert ("teacher", "soon.holder") in said(reminded, before)
    before = last(reminded)
    look(reminded, due + DAY)
    assert ("teacher", "late.holder") in said(reminded, before)
    assert ("teacher", "late.requester") not in said(reminded, before), "it is late because of them"
    before = last(reminded)
    look(reminded, due + 7 * DAY)
    assert ("lead", "escalated.above") in said(reminded, before)


def test_a_visa_that_is_late_is_told_to_the_territory(reminded: Database) -> None:
    number = sent(reminded)
    move(reminded, number, "relay", "lead")
    before = last(reminded)
    for hour in (6, 7):
        look(reminded, date(2026, 12, 20), hour)
    assert ("instructor", "escalated.above") in said(reminded, before)


def test_blocks_are_reminded_together_each_to_its_owner_and_only_those_that_are_owed(reminded: Database) -> None:
    number = sent(reminded)
    fill_block(reminded, number, BlockKind.TECHNICAL, "packager", Filling(1, {"silent": "yes", "rights": "no"}))
    reach_instruction(reminded, number)
    before = last(reminded)
    assert look(reminded, date(2026, 12, 17)) == 1
    owners = ["head", "instructor", "instructor", "lead"]
    assert said(reminded, before) == [(name, "soon.owner") for name in owners]
    assert moves_of(reminded, number) == [("reminded-soon", ["school", "data", "accessibility", "licence"])]
    before = last(reminded)
    look(reminded, date(2026, 12, 18))
    assert said(reminded, before) == [(name, "late.owner") for name in owners]
    assert look(reminded, date(2026, 12, 18), hour=7) == 0


def test_what_is_over_is_reminded_of_no_more(reminded: Database) -> None:
    number, before = sent(reminded), last(reminded)
    move(reminded, number, "give_up", "teacher")
    assert look(reminded, date(2027, 1, 10)) == 0
    assert said(reminded, before) == []


def test_without_a_delay_there_is_nothing_to_remind_of(reminded: Database) -> None:
    def work(session: Session) -> None:
        for one in session.exec(select(RequestSteps)):
            one.relay_days = one.block_days = None

    reminded.write(work)
    number = sent(reminded)
    assert held(reminded, number).due_on is None
    assert look(reminded, date(2027, 6, 1)) == 0


def test_a_territory_that_wants_no_reminder_still_says_lateness(settled: Database) -> None:
    number, before = sent(settled), last(settled)
    assert look(settled, date(2026, 12, 3)) == 0
    assert [look(settled, day) for day in (date(2026, 12, 10), date(2026, 12, 12))] == [1, 0]
    assert said(settled, before) == [("lead", "late.holder"), ("teacher", "late.requester")]
    assert held(settled, number).status is RequestStatus.RELAY


def test_two_workers_at_once_remind_once(reminded: Database, database_url: str) -> None:
    number, before = sent(reminded), last(reminded)
    at_once(remind_at_once, [(database_url, datetime(2026, 12, 4, 6, tzinfo=UTC))] * 4)
    assert said(reminded, before) == [("lead", "late.holder"), ("teacher", "late.requester")]
    assert [name for name, _blocks in moves_of(reminded, number)] == ["reminded-late"]


def test_a_worker_looks_once_a_minute(reminded: Database) -> None:
    sent(reminded)
    at = datetime(2026, 12, 4, 6, 0, 5, tzinfo=UTC)
    now = [at]
    worker = Reminding(reminded, Clock(real=lambda: now[0]))
    assert worker() == 1
    sent(reminded, "colleague", OTHER_KEY, title_name="Scribus")
    now[0] = at + timedelta(seconds=50)
    assert worker() == 0
    now[0] = at + timedelta(seconds=60)
    assert worker() == 1
