"""An edition's tables and rules, on plain objects: the cap, the vote, the days, who may, and what is written to the territory."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from catalogue.lists.models import Edition, EditionStatus, Entry, EntryStatus, SoftwareList
from portal.access import ANYONE, Actor, Grant, Policy, system
from portal.errors import NotAllowed, OutOfDate, Refused
from portal.moves import HasStatus, Move, Moved, Procedure
from portal.territories.models import Territory, TerritoryLevel
from portal.text import french
from workflows.editions.access import RULES, May
from workflows.editions.guards import NOTICE
from workflows.editions.letters import tell_territory
from workflows.editions.table import EDITIONS, ENTRIES

POLICY = Policy(RULES)
AT = datetime(2026, 6, 20, 9, tzinfo=UTC)
STARTS, ENDS = date(2026, 9, 1), date(2027, 8, 31)
DAY_BEFORE, DAY_AFTER = date(2026, 8, 31), date(2027, 9, 1)
REGION = Actor("person:1", "Région", frozenset({Grant(May.PREPARE, "territory:aura"), Grant(May.VOTE, "territory:aura")}))
NEIGHBOUR = Actor("person:2", "Département", frozenset({Grant(May.PREPARE, "territory:isere"), Grant(May.VOTE, "territory:isere")}))
# What is read under lock, when nothing stands in the way.
FACTS: dict[str, Any] = {"used": 1, "capacity": 2, "undecided": 0, "amended": False, "drafted": ""}
PREPARER = Actor("person:3", "Commission", frozenset({Grant(May.PREPARE, "territory:aura")}))


def edition(
    status: EditionStatus = EditionStatus.DRAFT, *, capacity: int | None = 2, contact: str = "region@example.fr"
) -> Edition:
    territory = Territory(
        code="aura", name="Région", level=TerritoryLevel.REGION, area="Région", zone="Europe/Paris", contact=contact
    )
    held = SoftwareList(
        territory_id=1, slug="socle", name="Socle commun", short_name="Socle", rank=1, capacity=capacity, audience=""
    )
    held.territory = territory
    made = Edition(list_id=1, school_year="2026-2027", status=status, starts_on=STARTS, ends_on=ENDS)
    made.software_list = held
    return made


def entry(of: Edition, status: EntryStatus = EntryStatus.PROPOSED) -> Entry:
    made = Entry(edition_id=1, title_id=1, status=status, since=STARTS)
    made.edition = of
    return made


def perform(
    procedure: Procedure[Any], name: str, subject: HasStatus, actor: Actor = REGION, *, reason: str = "", **given: Any
) -> Moved[Any]:
    return procedure.perform(POLICY, name, subject, actor, at=AT, reason=reason, given={**FACTS, **given})


def refused(procedure: Procedure[Any], name: str, subject: HasStatus, *, reason: str = "", **given: Any) -> str:
    before = subject.status
    with pytest.raises(Refused) as refusal:
        perform(procedure, name, subject, reason=reason, **given)
    assert subject.status == before
    return str(refusal.value)


@pytest.mark.parametrize(("used", "capacity"), [(1, 2), (0, 1), (5000, None)])
def test_an_entry_takes_a_free_seat(used: int, capacity: int | None) -> None:
    proposed = entry(edition(capacity=capacity))
    perform(ENTRIES, "admit", proposed, used=used, capacity=capacity)
    assert proposed.status == EntryStatus.ADMITTED


@pytest.mark.parametrize(("used", "capacity"), [(2, 2), (3, 2)])
def test_a_full_list_says_how_full_it_is_and_what_to_do(used: int, capacity: int) -> None:
    assert refused(ENTRIES, "admit", entry(edition()), used=used, capacity=capacity) == french(
        f"La liste est complète : {used} places sur {capacity}. Proposez d’abord une sortie, puis recommencez."
    )


@pytest.mark.parametrize("status", [status for status in EditionStatus if status != EditionStatus.DRAFT])
@pytest.mark.parametrize("move", ENTRIES.moves, ids=lambda move: move.name)
def test_after_the_vote_an_edition_changes_by_an_amendment(move: Move, status: EditionStatus) -> None:
    source = min(move.sources)
    given = {"version_label": "24.8", "ends_on": ENDS, "today": STARTS, "urgent": True}
    sentence = refused(ENTRIES, move.name, entry(edition(status), EntryStatus(source)), reason="Trop tard", **given)
    assert sentence == french("Cette édition est votée : elle ne change plus. Préparez un avenant.")


def test_a_proposal_is_set_aside_with_a_reason() -> None:
    proposed = entry(edition())
    assert "raison" in refused(ENTRIES, "set_aside", proposed, used=0, capacity=2)
    perform(ENTRIES, "set_aside", proposed, reason="Doublon de GeoGebra", used=0, capacity=2)
    assert proposed.status == EntryStatus.SET_ASIDE


@pytest.mark.parametrize("status", [EntryStatus.ADMITTED, EntryStatus.SET_ASIDE])
@pytest.mark.parametrize("move", ["admit", "set_aside"])
def test_an_entry_is_judged_once(move: str, status: EntryStatus) -> None:
    with pytest.raises(OutOfDate):
        perform(ENTRIES, move, entry(edition(), status), reason="Encore", used=0, capacity=2)


def test_an_empty_edition_is_not_voted() -> None:
    assert refused(EDITIONS, "vote", edition(), used=0, today=STARTS) == french(
        "Cette édition est vide. Admettez au moins un titre avant le vote."
    )


def test_a_vote_is_dated() -> None:
    draft = edition()
    perform(EDITIONS, "vote", draft, used=1, today=DAY_BEFORE)
    assert (draft.status, draft.voted_on) == (EditionStatus.VOTED, DAY_BEFORE)


def test_an_edition_opens_on_its_first_day() -> None:
    voted = edition(EditionStatus.VOTED)
    assert refused(EDITIONS, "open", voted, today=DAY_BEFORE) == "Cette édition entre en vigueur le 01/09/2026. Attendez ce jour."
    perform(EDITIONS, "open", voted, today=STARTS)
    assert voted.status == EditionStatus.CURRENT


def test_an_edition_is_archived_after_its_last_day_or_once_amended() -> None:
    current = edition(EditionStatus.CURRENT)
    assert refused(EDITIONS, "archive", current, today=ENDS) == "Cette édition court jusqu’au 31/08/2027. Archivez-la ensuite."
    perform(EDITIONS, "archive", current, today=DAY_AFTER)
    assert current.status == EditionStatus.ARCHIVED
    amended = edition(EditionStatus.CURRENT)
    perform(EDITIONS, "archive", amended, today=STARTS, amended=True)
    assert amended.status == EditionStatus.ARCHIVED


@pytest.mark.parametrize("name", ["vote", "open", "archive"])
def test_an_edition_never_goes_back(name: str) -> None:
    (source,) = EDITIONS.move(name).sources
    for status in set(EditionStatus) - {source}:
        with pytest.raises(OutOfDate):
            perform(EDITIONS, name, edition(status), used=1, today=DAY_AFTER)


@pytest.mark.parametrize(
    ("procedure", "name"), [(procedure, move.name) for procedure in (EDITIONS, ENTRIES) for move in procedure.moves]
)
def test_strangers_and_neighbours_move_nothing_whatever_the_state(procedure: Procedure[Any], name: str) -> None:
    for status in procedure.states:
        subject = edition(EditionStatus(status)) if procedure is EDITIONS else entry(edition(), EntryStatus(status))
        for actor in (ANYONE, NEIGHBOUR, system("import")):
            with pytest.raises(NotAllowed):
                perform(procedure, name, subject, actor, reason="Pourquoi pas", used=0, capacity=2, today=STARTS)
        assert subject.status == status


def test_who_prepares_does_not_vote() -> None:
    draft = edition()
    perform(ENTRIES, "admit", entry(draft), PREPARER, used=0, capacity=2)
    with pytest.raises(NotAllowed):
        perform(EDITIONS, "vote", draft, PREPARER, used=1, today=STARTS)


def test_the_territory_is_told_of_a_vote_and_of_nothing_else() -> None:
    assert [move.name for procedure in (EDITIONS, ENTRIES) for move in procedure.moves if move.letters] == ["vote"]
    moved = perform(EDITIONS, "vote", edition(), used=1, today=DAY_BEFORE)
    (told,) = tell_territory(None, moved)  # type: ignore[arg-type]  # who is told stands in the edition
    assert (told.address, list(told.people)) == ("region@example.fr", [])
    subject, text = told.words.say(told.values)
    assert subject == french("« Socle commun » : édition 2026-2027 votée")
    assert "entre en vigueur le 1er septembre 2026 et court jusqu’au 31 août 2027" in text


def test_a_territory_without_an_address_is_told_nothing() -> None:
    assert list(tell_territory(None, perform(EDITIONS, "vote", edition(contact=""), used=1, today=DAY_BEFORE))) == []  # type: ignore[arg-type]


@pytest.mark.parametrize("waiting", [1, 12])
def test_a_vote_waits_for_every_proposal_to_be_answered(waiting: int) -> None:
    assert f"sans réponse\u00a0: {waiting}" in refused(EDITIONS, "vote", edition(), undecided=waiting, today=STARTS)


def test_a_vote_looks_at_the_cap_again() -> None:
    """A capacity may be lowered while a draft is being prepared."""
    assert "3 places pour 2" in refused(EDITIONS, "vote", edition(), used=3, today=STARTS)
    perform(EDITIONS, "vote", edition(capacity=None), used=5000, capacity=None, today=STARTS)


def test_an_exit_is_proposed_with_its_reason_and_what_replaces_the_title() -> None:
    seated = entry(edition(), EntryStatus.ADMITTED)
    assert "raison" in refused(ENTRIES, "propose_exit", seated)
    perform(ENTRIES, "propose_exit", seated, reason="Plus maintenu par son éditeur", replacement_id=7)
    assert (seated.status, seated.exit_reason, seated.replacement_id) == (
        EntryStatus.LEAVING,
        "Plus maintenu par son éditeur",
        7,
    )


def test_an_exit_that_is_not_followed_leaves_no_trace_on_the_entry() -> None:
    leaving = entry(edition(), EntryStatus.LEAVING)
    leaving.exit_reason, leaving.replacement_id, leaving.ends_on = "Doublon", 7, ENDS
    perform(ENTRIES, "keep", leaving, reason="Trois lycées en dépendent")
    assert (leaving.status, leaving.exit_reason, leaving.replacement_id, leaving.ends_on) == (
        EntryStatus.ADMITTED, "", None, None,
    )  # fmt: skip


def test_an_exit_decided_keeps_the_reason_it_was_proposed_with() -> None:
    leaving = entry(edition(), EntryStatus.LEAVING)
    leaving.exit_reason = "Doublon"
    perform(ENTRIES, "withdraw", leaving)
    assert (leaving.status, leaving.exit_reason) == (EntryStatus.WITHDRAWN, "Doublon")


@pytest.mark.parametrize(("ends", "urgent", "passes"), [
    (AT.date() + NOTICE, False, True),
    (AT.date() + NOTICE - timedelta(days=1), False, False),
    (AT.date() + timedelta(days=15), True, True),
])  # fmt: skip
def test_an_exit_is_announced_a_school_year_ahead_unless_it_is_urgent(ends: date, *, urgent: bool, passes: bool) -> None:
    seated = entry(edition(), EntryStatus.ADMITTED)
    given = {"ends_on": ends, "today": AT.date(), "urgent": urgent}
    if not passes:
        assert "près d’un an" in refused(ENTRIES, "announce_exit", seated, reason="Abandonné", **given)
        assert seated.ends_on is None
        return
    perform(ENTRIES, "announce_exit", seated, reason="Abandonné", **given)
    assert (seated.status, seated.ends_on, seated.exit_reason) == (EntryStatus.ADMITTED, ends, "Abandonné")


def test_a_change_of_version_says_which() -> None:
    seated = entry(edition(), EntryStatus.ADMITTED)
    assert "Il manque la version" in refused(ENTRIES, "update_version", seated, version_label=" ")
    perform(ENTRIES, "update_version", seated, version_label="24.8")
    assert (seated.status, seated.version_label) == (EntryStatus.ADMITTED, "24.8")


@pytest.mark.parametrize(("name", "status"), [("amend", "current"), ("renew", "current"), ("amend_ahead", "voted")])
def test_nothing_is_prepared_twice(name: str, status: str) -> None:
    held = edition(EditionStatus(status))
    for other, said in (
        (EditionStatus.DRAFT, "en préparation. Complétez-la."),
        (EditionStatus.VOTED, "votée. Préparez-en un avenant."),
    ):
        found = {"drafted": "2026-2027.1", "drafted_status": other}
        assert f"2026-2027.1 est déjà {said}" in refused(EDITIONS, name, held, reason="Une faille", **found)
    perform(EDITIONS, name, held, reason="Une faille")
    assert held.status == EditionStatus(status)


@pytest.mark.parametrize(("move", "asked"), [("update_version", "version_label"), ("announce_exit", "ends_on")])
@pytest.mark.parametrize("value", [None, "", " "])
def test_a_move_that_lacks_its_value_asks_for_it_and_a_button_does_not(move: str, asked: str, value: str | None) -> None:
    seated = entry(edition(), EntryStatus.ADMITTED)
    assert "Il manque" in refused(ENTRIES, move, seated, reason="Abandonné", today=STARTS, **{asked: value})
    assert "Il manque" in refused(ENTRIES, move, seated, reason="Abandonné", today=STARTS)
    assert ENTRIES.offer(ENTRIES.move(move), seated, REGION, {}).reasons == ()


@pytest.mark.parametrize(
    ("amendment", "voted_on", "begins"),
    [(0, STARTS + timedelta(days=9), STARTS), (1, STARTS + timedelta(days=9), STARTS + timedelta(days=9)), (1, DAY_BEFORE, STARTS)],
)
def test_an_amendment_begins_with_its_vote_at_the_earliest(amendment: int, voted_on: date, begins: date) -> None:
    """Days that are past stay as they were; the edition of a year that is voted late still says which year it is for."""
    draft = edition(EditionStatus.DRAFT)
    draft.amendment = amendment
    perform(EDITIONS, "vote", draft, today=voted_on, used=1, undecided=0, capacity=None)
    assert (draft.voted_on, draft.starts_on) == (voted_on, begins)


@pytest.mark.parametrize("status", [EntryStatus.SET_ASIDE, EntryStatus.WITHDRAWN])
def test_what_was_refused_can_be_examined_again(status: EntryStatus) -> None:
    closed = entry(edition(), status)
    closed.exit_reason = "Peu utilisé"
    assert "raison" in refused(ENTRIES, "reconsider", closed)
    perform(ENTRIES, "reconsider", closed, reason="Six lycées le demandent")
    assert (closed.status, closed.exit_reason) == (EntryStatus.PROPOSED, "")


@pytest.mark.parametrize(("day", "passes"), [(STARTS, True), (ENDS - timedelta(days=1), True), (DAY_BEFORE, False), (ENDS, False)])
def test_an_amendment_begins_within_the_year_that_it_amends(day: date, *, passes: bool) -> None:
    current = edition(EditionStatus.CURRENT)
    if passes:
        perform(EDITIONS, "amend", current, reason="Une faille", starts_on=day)
    else:
        said = refused(EDITIONS, "amend", current, reason="Une faille", starts_on=day)
        assert "du 01/09/2026 au 30/08/2027" in said


def test_an_exit_is_not_announced_for_a_day_that_is_past() -> None:
    seated = entry(edition(), EntryStatus.ADMITTED)
    given = {"ends_on": AT.date() - timedelta(days=1), "today": AT.date(), "urgent": True}
    assert "est passé" in refused(ENTRIES, "announce_exit", seated, reason="Une faille", **given)
