"""A procedure is its table: each move lands where the table says, or nothing changes and the reason is said."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import pytest

from portal.access import ANYONE, Actor, Grant, Policy, everyone, granted, nobody
from portal.errors import NotAllowed, OutOfDate, Refused
from portal.moves import Move, Moved, Procedure
from portal.text import Sentence

NOW = datetime(2026, 9, 1, 8, tzinfo=UTC)


class Status(StrEnum):
    """The life of a loan."""

    ASKED = "asked"
    LENT = "lent"
    LOST = "lost"
    BACK = "back"


@dataclass
class Loan:
    """A row that moves."""

    status: Status = Status.ASKED
    asked_by: str = "person:1"
    happened: list[str] = field(default_factory=list)


def not_to_oneself(loan: Loan, actor: Actor, _given: dict[str, Any]) -> Sentence | None:
    return Sentence("Une autre personne doit prêter.") if loan.asked_by == actor.key else None


def with_a_date(_loan: Loan, _actor: Actor, given: dict[str, Any]) -> Sentence | None:
    return None if given.get("until") else Sentence("Il manque la date de retour.")


def note(loan: Loan, moved: Moved[Loan]) -> None:
    # An effect sees the loan where it has landed, and where it came from.
    loan.happened.append(f"{moved.was}→{loan.status}")


LENDING: Procedure[Loan] = Procedure(
    "lending",
    Status,
    (
        Move("lend", "Prêter", {Status.ASKED}, Status.LENT, "loan.lend", guards=(not_to_oneself, with_a_date), effect=note),
        Move("lose", "Déclarer perdu", {Status.LENT}, Status.LOST, "loan.lend", needs_reason=True),
        Move("return", "Rendre", {Status.LENT, Status.LOST}, Status.BACK, "loan.return"),
        Move("burn", "Brûler", set(Status), Status.LOST, "loan.burn"),
    ),
)
POLICY = Policy(
    {
        "loan.lend": granted("lend", lambda _loan: "*", lambda _scopes: nobody.where(ANYONE)),
        "loan.return": everyone,
        "loan.burn": nobody,
    }
)
LENDER = Actor("person:2", "Documentaliste", frozenset({Grant("lend")}))
SELF_LENDER = Actor("person:1", "Documentaliste", frozenset({Grant("lend")}))
GIVEN = {"until": "2026-12-01"}


def perform(
    name: str, loan: Loan, actor: Actor = LENDER, *, reason: str = "Égaré en salle 12", given: dict[str, Any] = GIVEN
) -> Moved[Loan]:
    return LENDING.perform(POLICY, name, loan, actor, at=NOW, reason=reason, given=given)


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("move", [move for move in LENDING.moves if move.name != "burn"], ids=lambda move: move.name)
def test_each_move_from_each_state_lands_or_is_out_of_date(move: Move, status: Status) -> None:
    loan = Loan(status)
    if status in move.sources:
        moved = perform(move.name, loan)
        assert (moved.was, moved.now, loan.status) == (status, move.target, move.target)
    else:
        with pytest.raises(OutOfDate):
            perform(move.name, loan)
        assert (loan.status, loan.happened) == (status, [])


def test_what_happened_is_told_whole() -> None:
    loan = Loan()
    moved = perform("lend", loan, reason="Pour la chorale")
    assert moved == Moved("lending", "lend", loan, LENDER, Status.ASKED, Status.LENT, NOW, "Pour la chorale", GIVEN)
    assert loan.happened == ["asked→lent"]


def test_right_comes_before_state_so_that_a_stranger_learns_nothing() -> None:
    for status in Status:
        loan = Loan(status)
        with pytest.raises(NotAllowed):
            perform("lend", loan, ANYONE, given={})
        assert loan.status == status


def test_state_comes_before_rules_so_that_a_second_click_is_told_the_truth() -> None:
    loan = Loan(Status.LENT)
    with pytest.raises(OutOfDate):
        perform("lend", loan, SELF_LENDER, given={})


def test_every_rule_that_refuses_is_heard_and_nothing_moves() -> None:
    loan = Loan()
    with pytest.raises(Refused) as refusal:
        perform("lend", loan, SELF_LENDER, given={})
    assert refusal.value.reasons == ("Une autre personne doit prêter.", "Il manque la date de retour.")
    assert (loan.status, loan.happened) == (Status.ASKED, [])


@pytest.mark.parametrize("reason", ["", "   ", "\n\t"])
def test_a_reason_that_is_required_cannot_be_blank(reason: str) -> None:
    loan = Loan(Status.LENT)
    with pytest.raises(Refused) as refusal:
        perform("lose", loan, reason=reason)
    assert "raison" in refusal.value.reasons[0]
    assert loan.status == Status.LENT


def test_a_move_that_nobody_may_make_is_refused_even_to_its_holder() -> None:
    with pytest.raises(NotAllowed):
        perform("burn", Loan(), LENDER)


def test_an_unknown_move_is_an_error_in_the_code() -> None:
    with pytest.raises(RuntimeError, match="'lending' has no move 'steal'"):
        perform("steal", Loan())


def names(loan: Loan, actor: Actor) -> list[str]:
    return [move.name for move in LENDING.open_moves(POLICY, loan, actor)]


def test_only_moves_that_lead_from_here_and_are_theirs_are_open() -> None:
    assert names(Loan(), LENDER) == ["lend"]
    assert names(Loan(), ANYONE) == []
    assert names(Loan(Status.LENT), LENDER) == ["lose", "return"]
    assert names(Loan(Status.LENT), ANYONE) == ["return"]
    assert names(Loan(Status.BACK), LENDER) == []


def test_an_offer_says_what_holds_it_back() -> None:
    lend = LENDING.move("lend")
    assert LENDING.offer(lend, Loan(), LENDER, GIVEN).reasons == ()
    assert LENDING.offer(lend, Loan(), SELF_LENDER, GIVEN).reasons == ("Une autre personne doit prêter.",)
    assert LENDING.offer(lend, Loan(), SELF_LENDER, {}).reasons == (
        "Une autre personne doit prêter.",
        "Il manque la date de retour.",
    )


def test_an_offer_is_not_held_back_by_a_reason_nobody_has_asked_for_yet() -> None:
    assert LENDING.offer(LENDING.move("lose"), Loan(Status.LENT), LENDER, {}).reasons == ()


def test_looking_at_offers_moves_nothing() -> None:
    loan = Loan()
    for move in LENDING.open_moves(POLICY, loan, LENDER):
        LENDING.offer(move, loan, LENDER, GIVEN)
    assert loan == Loan()
