"""A request's table, guards, rights, blocks and clock, on plain objects."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from portal.access import ANYONE, Actor, Grant, Policy, system
from portal.calendars.rules import Area, Calendar, Holiday, Span
from portal.errors import NotAllowed, OutOfDate, Refused
from portal.moves import Move, Moved
from portal.people.models import Person
from portal.text import Sentence, french
from workflows.requests import badges
from workflows.requests.access import FILLS, RULES, May
from workflows.requests.blocks import LONGEST_ANSWER, NO_REASON, QUESTIONS, YES_NO, Filling, faults
from workflows.requests.guards import (
    OPEN,
    goes_on_with_another,
    is_about_a_title_of_the_catalogue,
    is_asked_once_in_the_school,
    is_for_a_day_to_come,
    names_the_list,
    names_the_version,
    stands_for_no_other,
)
from workflows.requests.models import BlockKind, BlockState, RequestKind, RequestStatus, SoftwareRequest
from workflows.requests.passing import PORTAL
from workflows.requests.steps import QUESTIONS as WAITS_FOR
from workflows.requests.steps import Steps
from workflows.requests.table import REQUESTS
from workflows.requests.timing import NO_DELAY, due, remaining

R = RequestStatus
POLICY = Policy(RULES)
AT = datetime(2026, 11, 26, 9, tzinfo=UTC)
TODAY, YESTERDAY = date(2026, 11, 26), date(2026, 11, 25)
SCHOOL, OTHER_SCHOOL, AURA, ISERE = "school:0261505V", "school:0260037Z", "territory:aura", "territory:isere"
REQUESTER, LINKED, SOMEBODY_ELSE = 1, 9, 10


def holding(person: int, function: str, *where: str, permissions: tuple[str, ...] = tuple(May)) -> Actor:
    return Actor(f"person:{person}", function, frozenset(Grant(one, scope) for one in permissions for scope in where))


TEACHER = Actor(f"person:{REQUESTER}", "Enseignant·e")
WHO: dict[str, Actor] = {
    May.WRITE: TEACHER,
    May.RELAY: holding(2, "Référent·e numérique", SCHOOL, permissions=(May.RELAY,)),
    May.ENDORSE: holding(3, "Proviseur·e", SCHOOL, permissions=(May.ENDORSE,)),
    May.INSTRUCT: holding(4, "Responsable des listes", AURA, permissions=(May.INSTRUCT,)),
    May.PASS: PORTAL,
}
STRANGERS = {
    "a visitor": ANYONE,
    "a colleague": Actor(f"person:{SOMEBODY_ELSE}", "Enseignant·e"),
    "an import": system("import"),
    "the référent of another school": holding(5, "Référent·e numérique", OTHER_SCHOOL),
    "the instructor of another territory": holding(6, "Responsable des listes", ISERE),
}


def request_(
    status: RequestStatus = R.DRAFT, *, number: int = 7, requester: Person | None = None, **different: Any
) -> SoftwareRequest:
    said: dict[str, Any] = {
        "id": number, "key_of_draft": f"key-of-number-{number}", "kind": RequestKind.NEW_TITLE, "requester_id": REQUESTER, "school_id": 1,
        "territory_id": 1, "scope": SCHOOL, "within": AURA, "title_name": "OnShape", "needed_on": date(2027, 9, 1), "begun_at": AT,
        "kept_at": AT, "since": AT,
    }  # fmt: skip
    made = SoftwareRequest(status=status, **{**said, **different})
    made.requester = requester or Person(id=REQUESTER, first_seen_at=AT, seen_at=AT)
    if status is R.MERGED:
        made.merged_into_id = 8
    return made


def nothing_in_the_way() -> dict[str, Any]:
    return {"twin": None, "stands_for": 0, "today": TODAY, "into": request_(R.INSTRUCTION, number=8)}


def perform(
    name: str, request: SoftwareRequest, actor: Actor, *, reason: str = "Parce que", **given: Any
) -> Moved[SoftwareRequest]:
    return REQUESTS.perform(POLICY, name, request, actor, at=AT, reason=reason, given={**nothing_in_the_way(), **given})


def holder(move: Move) -> Actor:
    return WHO[move.permission]


# Guards

Guard = Callable[[SoftwareRequest, Actor, dict[str, Any]], Sentence | None]


def says(guard: Guard, request: SoftwareRequest, **given: Any) -> str | None:
    said = guard(request, TEACHER, given)
    assert said is None or isinstance(said, Sentence), "it must be translatable"
    return said


@pytest.mark.parametrize("kind", RequestKind)
def test_only_a_new_title_may_be_unknown_to_the_catalogue(kind: RequestKind) -> None:
    assert says(is_about_a_title_of_the_catalogue, request_(kind=kind, title_id=3)) is None
    said = says(is_about_a_title_of_the_catalogue, request_(kind=kind, title_id=None))
    if kind is RequestKind.NEW_TITLE:
        assert said is None
    else:
        assert said == (
            "Cette demande porte sur un logiciel que le catalogue connaît. Choisissez-le parmi ceux qui sont proposés, "
            "ou demandez un nouveau logiciel."
        )


@pytest.mark.parametrize("kind", RequestKind)
def test_a_new_version_says_which_and_the_others_need_none(kind: RequestKind) -> None:
    assert says(names_the_version, request_(kind=kind, wanted_version="24.8")) is None
    said = says(names_the_version, request_(kind=kind))
    asked = french("Quelle version vous faut-il ? Écrivez-la, par exemple « 24.8 » ou « la dernière ».")
    assert said == (asked if kind is RequestKind.NEW_VERSION else None)


@pytest.mark.parametrize("kind", RequestKind)
def test_a_change_of_list_says_which_and_the_others_need_none(kind: RequestKind) -> None:
    assert says(names_the_list, request_(kind=kind, list_id=1)) is None
    said = says(names_the_list, request_(kind=kind))
    assert said == (
        french("Sur quelle liste ce logiciel doit-il être ? Choisissez-la.") if kind is RequestKind.LIST_CHANGE else None
    )


@pytest.mark.parametrize(("day", "passes"), [(TODAY, True), (date(2027, 9, 1), True), (None, True), (YESTERDAY, False)])
def test_what_is_needed_yesterday_is_asked_for_too_late(day: date | None, *, passes: bool) -> None:
    """A day that is missing is the form's to ask for."""
    said = says(is_for_a_day_to_come, request_(needed_on=day), today=TODAY)
    assert said == (None if passes else "Le jour où il vous le faut est passé. Choisissez-en un à venir.")


def test_a_school_asks_once_and_is_told_which_request_to_support() -> None:
    assert says(is_asked_once_in_the_school, request_(), twin=None) is None
    assert says(is_asked_once_in_the_school, request_(), twin=12) == french(
        "Votre établissement le demande déjà : c’est la demande n° 12. Soutenez-la, elle comptera vos classes avec les siennes."
    )


@pytest.mark.parametrize("status", RequestStatus)
def test_a_request_is_merged_into_one_that_is_in_instruction(status: RequestStatus) -> None:
    said = says(goes_on_with_another, request_(R.INSTRUCTION), into=request_(status, number=8))
    closed = french("La demande n° 8 n’est pas en instruction : réunissez celle-ci à une autre, ou attendez qu’elle y soit.")
    assert said == (None if status in {R.INSTRUCTION, R.INSTRUCTION_QUESTION} else closed)


def test_a_request_is_merged_into_another_of_its_territory() -> None:
    refusal = "Une demande se réunit à une autre, du même territoire. Vérifiez le numéro."
    request = request_(R.INSTRUCTION)
    assert says(goes_on_with_another, request, into=request) == refusal
    assert says(goes_on_with_another, request, into=request_(R.INSTRUCTION, number=8, within=ISERE)) == refusal
    assert says(goes_on_with_another, request, into=request_(R.INSTRUCTION, number=8, scope=OTHER_SCHOOL)) is None
    assert says(goes_on_with_another, request) is None, "a page that only offers the move has not asked which"


def test_a_request_that_stands_for_others_does_not_leave_them_alone() -> None:
    assert says(stands_for_no_other, request_(R.INSTRUCTION), stands_for=0) is None
    assert says(stands_for_no_other, request_(R.INSTRUCTION), stands_for=2) == (
        "D’autres demandes ont été réunies à celle-ci, qui parle pour elles. La collectivité doit d’abord les séparer."
    )


def test_all_that_is_wrong_with_a_request_is_told_together_and_it_stays_a_draft() -> None:
    draft = request_(kind=RequestKind.NEW_VERSION, needed_on=YESTERDAY)
    draft.typed = {"need": "Dessiner"}
    with pytest.raises(Refused) as refusal:
        perform("submit", draft, TEACHER, twin=12)
    assert [said.split()[0] for said in refusal.value.reasons] == ["Cette", "Quelle", "Le", "Votre"]
    assert (draft.status, draft.sent_at, draft.typed) == (R.DRAFT, None, {"need": "Dessiner"})


@pytest.mark.parametrize("name", ["reconsider", "submit"])
def test_whatever_opens_a_request_anew_looks_for_its_twin(name: str) -> None:
    (source,) = REQUESTS.move(name).sources
    with pytest.raises(Refused, match="demande n° 12"):
        perform(name, request_(RequestStatus(source)), TEACHER, twin=12)


# The table


@pytest.mark.parametrize("status", RequestStatus)
@pytest.mark.parametrize("move", REQUESTS.moves, ids=lambda move: move.name)
def test_each_move_from_each_state_lands_or_is_out_of_date(move: Move, status: RequestStatus) -> None:
    request = request_(status)
    if status in move.sources:
        moved = perform(move.name, request, holder(move))
        assert (moved.was, moved.now, request.status) == (status, move.target, move.target)
    elif status is R.DRAFT and move.permission != May.WRITE:
        with pytest.raises(NotAllowed):  # a draft is nobody else's: they are not even told that it moved
            perform(move.name, request, holder(move))
        assert request.status == status
    else:
        with pytest.raises(OutOfDate):
            perform(move.name, request, holder(move))
        assert request.status == status
    assert (request.merged_into_id is None) == (request.status is not R.MERGED)


def test_every_state_is_reached_from_a_draft_and_none_leads_back_to_it() -> None:
    reached, met = {R.DRAFT}, {R.DRAFT}
    while met:
        met = {RequestStatus(move.target) for move in REQUESTS.moves if move.sources & met} - reached
        reached |= met
    assert reached == set(RequestStatus)
    assert R.DRAFT not in {move.target for move in REQUESTS.moves}


def test_whoever_asks_may_give_up_as_long_as_somebody_may_act() -> None:
    assert REQUESTS.move("give_up").sources == OPEN
    assert REQUESTS.move("give_up").permission == May.WRITE


@pytest.mark.parametrize(("question", "step"), WAITS_FOR.items())
def test_a_question_goes_back_to_the_step_that_asked_it_and_nowhere_else(question: RequestStatus, step: RequestStatus) -> None:
    ways = {(move.permission, move.target) for move in REQUESTS.moves if question in move.sources and move.name != "give_up"}
    assert ways == {(May.WRITE, step)}


@pytest.mark.parametrize("move", [move for move in REQUESTS.moves if move.needs_reason], ids=lambda move: move.name)
@pytest.mark.parametrize("reason", ["", " \n\t"])
def test_what_sends_back_stops_or_skips_says_why(move: Move, reason: str) -> None:
    status = RequestStatus(min(move.sources))
    request = request_(status)
    with pytest.raises(Refused, match="Il manque la raison"):
        perform(move.name, request, holder(move), reason=reason)
    assert request.status == status


def test_only_what_goes_forward_and_giving_up_need_no_reason() -> None:
    assert {move.name for move in REQUESTS.moves if not move.needs_reason} == {"submit", "relay", "endorse", "give_up"}
    for name in ("submit", "relay", "endorse", "give_up"):
        move = REQUESTS.move(name)
        perform(name, request_(RequestStatus(min(move.sources))), holder(move), reason="")


def test_merging_asks_into_which_and_a_button_does_not() -> None:
    request, region = request_(R.INSTRUCTION), WHO[May.INSTRUCT]
    for missing in (None, "", " "):
        with pytest.raises(Refused, match="Il manque le numéro"):
            perform("merge", request, region, into=missing)
    assert (request.status, request.merged_into_id) == (R.INSTRUCTION, None)
    assert REQUESTS.offer(REQUESTS.move("merge"), request, region, {"stands_for": 0}).reasons == ()


def test_merging_says_where_it_went_and_separating_takes_it_back() -> None:
    request, region = request_(R.INSTRUCTION), WHO[May.INSTRUCT]
    perform("merge", request, region)
    assert (request.status, request.merged_into_id) == (R.MERGED, 8)
    perform("separate", request, region)
    assert (request.status, request.merged_into_id) == (R.INSTRUCTION, None)


def test_sending_is_dated_and_what_was_typed_goes() -> None:
    draft = request_()
    draft.typed = {"need": "Dessiner"}
    perform("submit", draft, TEACHER)
    assert (draft.sent_at, draft.typed) == (AT, {})


# Who may


@pytest.mark.parametrize("status", RequestStatus)
@pytest.mark.parametrize("move", REQUESTS.moves, ids=lambda move: move.name)
def test_strangers_and_neighbours_move_nothing_whatever_the_state(move: Move, status: RequestStatus) -> None:
    request = request_(status)
    for who, actor in STRANGERS.items():
        with pytest.raises(NotAllowed):
            perform(move.name, request, actor)
        assert request.status == status, who


@pytest.mark.parametrize("move", REQUESTS.moves, ids=lambda move: move.name)
def test_a_move_is_its_holder_s_alone(move: Move) -> None:
    """Else who relays would endorse, and who asks would instruct."""
    for permission, actor in WHO.items():
        request = request_(RequestStatus(min(move.sources)))
        if permission == move.permission:
            perform(move.name, request, actor)
        else:
            with pytest.raises(NotAllowed):
                perform(move.name, request, actor)


@pytest.mark.parametrize("permission", May)
@pytest.mark.parametrize("scope", ["*", SCHOOL, AURA])
def test_a_draft_is_nobody_else_s(permission: May, scope: str) -> None:
    somebody = holding(SOMEBODY_ELSE, "Responsable des listes", scope)
    assert not POLICY.may(somebody, permission, request_(R.DRAFT))
    assert not POLICY.may(system("worker", *May), permission, request_(R.DRAFT))
    of_school_alone = {May.DISCUSS_INTERNALLY} if scope == SCHOOL else set()
    assert POLICY.may(somebody, permission, request_(R.RELAY)) == (permission not in {May.WRITE, May.PASS, *of_school_alone}), (
        "only the portal passes a step, and what a school grants opens nothing of the instruction"
    )


@pytest.mark.parametrize("status", RequestStatus)
def test_who_asks_sees_reads_writes_and_discusses_their_own_and_nothing_more(status: RequestStatus) -> None:
    own = {May.SEE, May.READ, May.WRITE, May.DISCUSS}
    assert {one for one in May if POLICY.may(TEACHER, one, request_(status))} == own
    everything = holding(REQUESTER, "Responsable des listes", AURA)
    assert not POLICY.may(everything, May.DISCUSS_INTERNALLY, request_(status)), "whatever they hold"


@pytest.mark.parametrize("status", [one for one in RequestStatus if one is not R.DRAFT])
def test_people_see_that_a_request_exists_and_visitors_do_not(status: RequestStatus) -> None:
    """SEE is without any name: who only sees does not read."""
    assert {one for one in May if POLICY.may(STRANGERS["a colleague"], one, request_(status))} == {May.SEE}
    for actor in (ANYONE, system("import")):
        assert not [one for one in May if POLICY.may(actor, one, request_(status))]


@pytest.mark.parametrize("permission", [May.SEE, May.READ, May.WRITE])
@pytest.mark.parametrize("status", [R.DRAFT, R.RELAY_QUESTION])
def test_the_account_that_stands_for_a_linked_one_speaks_for_it(permission: May, status: RequestStatus) -> None:
    linked = Person(id=LINKED, linked_to_id=REQUESTER, first_seen_at=AT, seen_at=AT)
    begun = request_(status, requester=linked, requester_id=LINKED)
    assert POLICY.may(TEACHER, permission, begun)
    if status is R.DRAFT:
        assert not POLICY.may(STRANGERS["a colleague"], permission, begun)


def test_a_key_that_only_begins_alike_is_another_person_s() -> None:
    for key in (f"person:{REQUESTER}0", f"system:{REQUESTER}", str(REQUESTER), "person:"):
        assert not POLICY.may(Actor(key, "Enseignant·e"), May.WRITE, request_())


def test_each_block_is_owed_by_whoever_holds_its_own_permission() -> None:
    assert set(FILLS) == set(BlockKind)
    for kind, permission in FILLS.items():
        filler = holding(SOMEBODY_ELSE, "Cellule", AURA, permissions=(permission,))
        assert {one for one in BlockKind if POLICY.may(filler, FILLS[one], request_(R.VISA))} == {kind}


def test_what_may_happen_to_no_request_yet_opens_no_page() -> None:
    assert POLICY.ever(TEACHER, May.WRITE)
    assert not POLICY.ever(TEACHER, May.INSTRUCT)
    assert not any(POLICY.ever(ANYONE, one) for one in May)


# Blocks


def complete(kind: BlockKind) -> dict[str, str]:
    return {one.key: one.choices[0][0] if one.choices else "Vu." for one in QUESTIONS[kind]}


def wrong(kind: BlockKind, answers: dict[str, str]) -> dict[str, Sentence]:
    return faults(kind, Filling(1, answers))


@pytest.mark.parametrize("kind", BlockKind)
def test_a_block_that_says_all_it_is_asked_has_no_fault(kind: BlockKind) -> None:
    assert wrong(kind, complete(kind)) == {}
    assert len({one.key for one in QUESTIONS[kind]}) == len(QUESTIONS[kind])


@pytest.mark.parametrize("kind", BlockKind)
def test_a_block_asks_for_what_it_cannot_do_without_and_nothing_else(kind: BlockKind) -> None:
    required = {one.key for one in QUESTIONS[kind] if one.required}
    assert required, "an empty block would count as filled"
    assert set(wrong(kind, {})) == required
    assert set(map(str, wrong(kind, {}).values())) == {
        "Il manque une réponse. Complétez cette case, ou dites que l’on ne sait pas."
    }
    assert wrong(kind, {key: said for key, said in complete(kind).items() if key in required}) == {}


@pytest.mark.parametrize(
    ("kind", "question"),
    [pytest.param(kind, one, id=f"{kind}-{one.key}") for kind, asked in QUESTIONS.items() for one in asked if one.choices],
)
def test_an_answer_that_was_not_proposed_is_refused(kind: BlockKind, question: Any) -> None:
    assert set(wrong(kind, complete(kind) | {question.key: "maybe"})) == {question.key}
    for code, _label in question.choices:
        assert wrong(kind, complete(kind) | {question.key: code}) == {}
    assert "unknown" in dict(question.choices), "one may not know yet"


@pytest.mark.parametrize(("length", "passes"), [(LONGEST_ANSWER, True), (LONGEST_ANSWER + 1, False)])
def test_an_answer_that_no_column_would_hold_says_how_long_it_may_be(length: int, *, passes: bool) -> None:
    found = wrong(BlockKind.SCHOOL, complete(BlockKind.SCHOOL) | {"council": "a" * length})
    assert list(found) == ([] if passes else ["council"])
    assert passes or str(LONGEST_ANSWER) in found["council"]


@pytest.mark.parametrize("kind", BlockKind)
def test_a_block_that_is_not_needed_says_why_and_is_asked_nothing(kind: BlockKind) -> None:
    assert faults(kind, Filling(1, {}, "Logiciel libre, sans compte.", is_needed=False)) == {}
    assert faults(kind, Filling(1, complete(kind), is_needed=False)) == {"reason": NO_REASON}


def test_yes_no_may_be_not_yet() -> None:
    assert [code for code, _ in YES_NO] == ["yes", "no", "unknown"]


# The clock

DECEMBER = Span(date(2026, 12, 1), date(2026, 12, 31))
CALENDAR = Calendar(
    period=DECEMBER,
    areas=(
        Area(
            zone="A", part="metropole",
            holidays=(Holiday("Vacances de Noël", date(2026, 12, 19), date(2027, 1, 3)),),
            holidays_known=(DECEMBER,),
            public_holidays={date(2026, 12, 25): "Jour de Noël"},
            public_holidays_known=(DECEMBER,),
        ),
    ),
)  # fmt: skip
THURSDAY, FRIDAY, SATURDAY = date(2026, 12, 17), date(2026, 12, 18), date(2026, 12, 19)
CHRISTMAS_EVE = date(2026, 12, 24)


@pytest.mark.parametrize(
    ("first", "days", "until"),
    [
        (THURSDAY, 1, FRIDAY),
        (FRIDAY, 1, date(2026, 12, 21)),  # over a week-end
        (SATURDAY, 1, date(2026, 12, 21)),
        (THURSDAY, 4, date(2026, 12, 23)),  # administrations work during the holidays
        (CHRISTMAS_EVE, 1, date(2026, 12, 28)),  # over a public holiday and a week-end
        (date(2026, 12, 30), 1, date(2026, 12, 31)),
    ],
)
def test_a_delay_is_counted_in_working_days_the_day_itself_aside(first: date, days: int, until: date) -> None:
    assert due(CALENDAR, first, days) == (until, "")


def test_a_delay_that_the_territory_has_not_set_is_not_made_up() -> None:
    assert due(CALENDAR, THURSDAY, None) == (None, str(NO_DELAY))


@pytest.mark.parametrize(("first", "days"), [(date(2026, 12, 30), 2), (THURSDAY, 250), (date(2027, 2, 1), 1)])
def test_days_that_nobody_knows_give_no_date_and_a_sentence(first: date, days: int) -> None:
    until, doubt = due(CALENDAR, first, days)
    assert until is None
    assert doubt.startswith("Les jours fériés ne sont pas connus le ")
    assert len(doubt) <= 400, "the column that keeps it"


@pytest.mark.parametrize("days", range(1, 8))
def test_what_remains_on_the_first_day_is_the_whole_delay(days: int) -> None:
    until, _doubt = due(CALENDAR, THURSDAY, days)
    assert remaining(CALENDAR, THURSDAY, until) == days


@pytest.mark.parametrize(
    ("today", "until", "left"),
    [
        (THURSDAY, FRIDAY, 1),
        (FRIDAY, FRIDAY, 0),
        (SATURDAY, FRIDAY, 0),  # past
        (FRIDAY, date(2026, 12, 21), 1),
        (SATURDAY, date(2026, 12, 21), 1),
        (CHRISTMAS_EVE, date(2026, 12, 28), 1),
        (FRIDAY, date(2026, 12, 20), 0),  # nothing but a week-end
        (THURSDAY, None, None),
        (date(2026, 12, 30), date(2027, 1, 5), None),  # days between that nobody knows
    ],
)
def test_what_remains_is_counted_the_same_way(today: date, until: date | None, left: int | None) -> None:
    assert remaining(CALENDAR, today, until) == left


@pytest.mark.parametrize(("today", "left"), [(date(2026, 12, 29), 2), (date(2026, 12, 31), 0)])
def test_what_is_known_up_to_the_last_day_is_enough_to_count_what_remains(today: date, left: int) -> None:
    """Of the day after nobody asks anything."""
    assert due(CALENDAR, date(2026, 12, 29), 2) == (DECEMBER.last, "")
    assert remaining(CALENDAR, today, DECEMBER.last) == left


@pytest.mark.parametrize("status", RequestStatus)
def test_a_state_that_waits_for_somebody_has_the_delay_of_whom_it_waits_for(status: RequestStatus) -> None:
    steps = Steps(relay_days=1, visa_days=2, instruction_days=3, answer_days=4, block_days=5)
    expected = {R.RELAY: 1, R.VISA: 2, R.INSTRUCTION: 3, **dict.fromkeys(WAITS_FOR, 4)}
    assert steps.days(status) == expected.get(status)
    assert (status in OPEN) == (status in expected)
    assert Steps().days(status) is None


# Words


def test_everything_that_a_page_may_show_has_its_words() -> None:
    assert set(badges.KINDS) == set(badges.MEANINGS) == set(RequestKind)
    assert set(badges.STATUSES) == set(RequestStatus)
    assert set(badges.BLOCKS) == set(BlockKind)
    assert set(badges.BLOCK_STATES) == set(BlockState)
    assert {move.name for move in REQUESTS.moves} <= set(badges.PAST)
    said = [*badges.KINDS.values(), *badges.MEANINGS.values(), *badges.BLOCKS.values(), *badges.PAST.values()]
    said += [word for word, _tone in (*badges.STATUSES.values(), *badges.BLOCK_STATES.values())]
    assert all(isinstance(word, Sentence) and word.strip() for word in said)


@pytest.mark.parametrize("words", [badges.KINDS, badges.BLOCKS, badges.BLOCK_STATES], ids=["kinds", "blocks", "states of a block"])
def test_two_things_are_never_called_the_same(words: dict[Any, Any]) -> None:
    assert len(set(words.values())) == len(words)
