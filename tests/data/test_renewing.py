"""A whole school goes on for another year, each line by itself: never twice, never beyond what one may grant. On both databases."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from portal.access import Actor, Grant
from portal.db import Database
from portal.people.access import May
from portal.people.granting import Wish, grant, revoke
from portal.people.loading import load_roles
from portal.people.models import Accreditation, Attachment, Person, Role, Standing
from portal.people.places import Place, place_of
from portal.people.renewing import Again, Obstacle, Renewal, renew, renewal
from portal.territories.models import Territory, TerritoryLevel
from portal.trail.models import Event
from tests.data.contenders import at_once, connected, everyone_is_ready
from tests.data.test_granting import ELSEWHERE, FIRST, OF_A_HEAD, OPERATOR, POLICY, REGION, SECOND, school

THIS_YEAR, LAST_YEAR, NEXT_YEAR = date(2027, 8, 31), date(2026, 8, 31), date(2028, 8, 31)
SEPTEMBER, WINTER, JUNE = (datetime(year, month, 10, 9, tzinfo=UTC) for year, month in ((2026, 9), (2027, 1), (2027, 6)))
BEFORE = datetime(2025, 9, 3, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Team:
    """A school's team in a database, and who reads it."""

    database: Database
    head: Actor
    head_key: int

    def new(self, name: str, *, linked_to: int | None = None, standing: Standing | None = Standing.CLAIMED) -> int:
        def work(session: Session) -> int:
            one = Person(given_name=name, sort_key=name.lower(), first_seen_at=BEFORE, seen_at=BEFORE, linked_to_id=linked_to)
            session.add(one)
            session.flush()
            if standing:
                settled_at = BEFORE if standing is Standing.ENDED else None
                session.add(
                    Attachment(
                        person_id=one.key, uai=FIRST, source="ent", standing=standing, first_seen_at=BEFORE, seen_at=BEFORE, settled_at=settled_at
                    )
                )  # fmt: skip
            return one.key

        return self.database.write(work)

    def holds(
        self, person: int | str, until: date, role: str = "digital-lead", *, starts_on: date | None = None, uai: str = FIRST
    ) -> int:
        key = self.new(person) if isinstance(person, str) else person

        def work(session: Session) -> int:
            held = session.exec(select(Role).where(Role.code == role)).one()
            begins = starts_on or date(until.year - 1, 9, 1)
            wish = Wish(session.get_one(Person, key), held, place(session, uai), begins, until, "LM-1")
            return grant(session, POLICY, OPERATOR, wish, datetime(begins.year, begins.month, begins.day, 9, tzinfo=UTC)).key

        return self.database.write(work)

    def listed(self, now: datetime, actor: Actor | None = None) -> Renewal:
        with self.database.read() as session:
            return renewal(session, POLICY, actor or self.head, place(session), now)

    def lines(self, now: datetime, actor: Actor | None = None) -> dict[str, Obstacle | None]:
        return {one.person.given_name: one.obstacle for one in self.listed(now, actor).lines}

    def renews(self, now: datetime, *keys: int, until: date = THIS_YEAR, actor: Actor | None = None, letter: str = "") -> Any:
        """By name: the new end, or what was said."""

        def work(session: Session) -> dict[str, Any]:
            judged = renew(session, POLICY, actor or self.head, place(session), Again(keys, until, letter), now=now)
            return {one.person.given_name: one.until or " ".join(one.reasons) for one in judged}

        return self.database.write(work)

    def held(self) -> list[Accreditation]:
        with self.database.read() as session:
            return list(session.exec(select(Accreditation).order_by(col(Accreditation.id))))


def place(session: Session, uai: str = FIRST) -> Place:
    found = place_of(session, f"school:{uai}")
    assert found is not None
    return found


def actor(key: int, function: str, *permissions: str, scope: str = f"school:{FIRST}") -> Actor:
    return Actor(f"person:{key}", function, frozenset(Grant(one, scope) for one in permissions))


@pytest.fixture
def team(database: Database) -> Team:
    def work(session: Session) -> int:
        session.add(
            Territory(
                code="aura", name="La Région", level=TerritoryLevel.REGION, area="Ici", school_types=["lycée"], zone="Europe/Paris"
            )
        )
        session.add_all([school(FIRST, "Ici"), school(SECOND, "Ici"), school(ELSEWHERE, "Ailleurs")])
        session.flush()
        load_roles(session, POLICY.rules)
        head = Person(given_name="Tête", sort_key="tete", first_seen_at=BEFORE, seen_at=BEFORE)
        session.add(head)
        session.flush()
        return head.key

    key = database.write(work)
    return Team(database, actor(key, "Proviseure", May.GRANT, May.DELEGATE, May.READ_ACCREDITATIONS, May.SETTLE, *OF_A_HEAD), key)


def test_in_september_what_the_last_school_year_ended_goes_on_from_today(team: Team) -> None:
    keys = [team.holds(name, LAST_YEAR) for name in ("Alix", "Bilal", "Chloé")]
    found = team.listed(SEPTEMBER)
    assert (found.ends, found.until, found.is_return) == (THIS_YEAR, THIS_YEAR, True)
    assert team.lines(SEPTEMBER) == {"Alix": None, "Bilal": None, "Chloé": None}
    assert team.renews(SEPTEMBER, *keys, letter="LM-2026-9") == dict.fromkeys(("Alix", "Bilal", "Chloé"), THIS_YEAR)
    new = team.held()[3:]
    assert {(one.starts_on, one.until, one.letter, one.granted_as) for one in new} == {
        (date(2026, 9, 10), THIS_YEAR, "LM-2026-9", "Proviseure")
    }
    with team.database.read() as session:
        events = session.exec(select(Event).where(Event.move == "granted", Event.actor == team.head.key)).all()
    assert [one.subject_id for one in events] == [one.key for one in new]
    assert {one.reason for one in events} == {"Renouvellement de la fonction, d’une année scolaire à l’autre."}
    assert set(team.lines(SEPTEMBER).values()) == {Obstacle.RENEWED}


@pytest.mark.parametrize("now", [WINTER, JUNE])
def test_before_the_end_of_the_year_it_goes_on_from_the_day_after(team: Team, now: datetime) -> None:
    key = team.holds("Alix", THIS_YEAR)
    assert (team.listed(now).until, team.listed(now).is_return) == (NEXT_YEAR, False)
    assert team.renews(now, key, until=NEXT_YEAR) == {"Alix": NEXT_YEAR}
    assert (team.held()[-1].starts_on, team.held()[-1].until) == (date(2027, 9, 1), NEXT_YEAR)
    assert team.lines(now) == {"Alix": Obstacle.RENEWED}


@pytest.mark.parametrize("now", [SEPTEMBER, JUNE])
def test_a_second_click_grants_nothing_and_says_so(team: Team, now: datetime) -> None:
    ended, until = (LAST_YEAR, THIS_YEAR) if now is SEPTEMBER else (THIS_YEAR, NEXT_YEAR)
    key = team.holds("Alix", ended)
    team.renews(now, key, key, until=until)
    before = len(team.held())
    assert "a déjà cette fonction ici à ces dates" in team.renews(now, key, until=until)["Alix"]
    both = team.renews(now, key, team.held()[-1].key, until=until)
    assert len(both) == 1
    assert len(team.held()) == before == 2


def test_what_runs_to_the_end_of_the_year_that_has_begun_is_not_offered_in_september(team: Team) -> None:
    """Else a whole team would be granted two years at once."""
    team.holds("Alix", LAST_YEAR)
    team.holds("Nouvelle", THIS_YEAR)
    assert team.lines(SEPTEMBER) == {"Alix": None, "Nouvelle": Obstacle.RUNNING}


def test_when_nothing_of_last_year_waits_the_next_one_can_be_prepared(team: Team) -> None:
    team.holds("Nouvelle", THIS_YEAR)
    assert team.lines(SEPTEMBER) == {"Nouvelle": None}
    assert team.listed(SEPTEMBER).until == NEXT_YEAR


def test_who_has_left_does_not_keep_the_others_in_last_year(team: Team) -> None:
    team.holds(team.new("Partie", standing=Standing.ENDED), LAST_YEAR)
    team.holds("Nouvelle", THIS_YEAR)
    assert team.lines(SEPTEMBER) == {"Nouvelle": None, "Partie": Obstacle.DETACHED}
    assert team.listed(SEPTEMBER).until == NEXT_YEAR


@pytest.mark.parametrize(
    ("now", "is_there"), [(datetime(2026, 12, 31, 9, tzinfo=UTC), True), (datetime(2027, 1, 1, 9, tzinfo=UTC), False)]
)
def test_what_ended_in_august_waits_until_the_end_of_december(team: Team, now: datetime, is_there: bool) -> None:
    team.holds("Alix", LAST_YEAR)
    assert ("Alix" in team.lines(now)) is is_there


def test_what_was_revoked_or_lasts_beyond_the_year_is_not_listed(team: Team) -> None:
    key = team.holds("Retirée", THIS_YEAR)
    team.holds("Longue", date(2027, 12, 31), starts_on=date(2026, 9, 1))
    team.database.write(
        lambda session: revoke(
            session, POLICY, team.head, session.get_one(Accreditation, key), reason="Change de mission.", now=SEPTEMBER
        )
    )
    assert team.lines(WINTER) == {}
    assert "a été retirée entre-temps" in team.renews(WINTER, key, until=NEXT_YEAR)["Retirée"]
    assert len(team.held()) == 2


def test_a_line_stands_once_by_what_ends_last(team: Team) -> None:
    alix = team.new("Alix")
    team.holds(alix, date(2027, 1, 31), starts_on=date(2026, 9, 1))
    last = team.holds(alix, THIS_YEAR, starts_on=date(2027, 2, 1))
    team.holds(alix, THIS_YEAR, "librarian")
    found = team.listed(datetime(2027, 3, 1, 9, tzinfo=UTC))
    assert [(one.role.code, one.obstacle) for one in found.lines] == [("digital-lead", None), ("librarian", None)]
    assert found.lines[0].accreditation.key == last


def test_what_was_given_for_less_than_the_year_and_is_over_is_not_offered_again(team: Team) -> None:
    """A delegation of three months would come back for more than a year, by a click among others."""
    team.holds("Alix", date(2027, 5, 31), starts_on=date(2026, 9, 1))
    running = team.holds("Bilal", date(2027, 6, 30), starts_on=date(2026, 9, 1))
    assert team.lines(JUNE) == {"Bilal": None}
    team.renews(JUNE, running, until=NEXT_YEAR)
    assert (team.held()[-1].starts_on, team.held()[-1].until) == (date(2027, 7, 1), NEXT_YEAR)


def test_one_refused_line_stops_no_other_and_says_why(team: Team) -> None:
    own = team.holds(team.head_key, LAST_YEAR)
    left = team.holds(team.new("Partie", standing=Standing.ENDED), LAST_YEAR)
    closed, alix = team.holds("Fermée", LAST_YEAR), team.holds("Alix", LAST_YEAR)
    team.database.write(
        lambda session: session.execute(sa.update(Person).where(col(Person.given_name) == "Fermée").values(closed_at=BEFORE))
    )
    assert team.lines(SEPTEMBER) == {
        "Alix": None,
        "Fermée": Obstacle.CLOSED,
        "Partie": Obstacle.DETACHED,
        "Tête": Obstacle.OWN,
    }
    said = team.renews(SEPTEMBER, own, left, closed, alix)
    assert said.pop("Alix") == THIS_YEAR
    assert {name: text.split(".")[0] for name, text in said.items()} == {
        "Fermée": "Ce compte est fermé",
        "Partie": "Le rattachement de cette personne à l’établissement est terminé",
        "Tête": "Personne ne s’accorde une fonction à soi-même",
    }
    assert len(team.held()) == 5


@pytest.mark.parametrize(
    ("until", "said"),
    [(date(2026, 8, 1), "La fin vient avant le début"), (date(2026, 9, 9), "La fin vient avant le début"), (date(2026, 9, 10), "")],
)
def test_an_end_that_makes_no_sense_is_refused_of_each_line(team: Team, until: date, said: str) -> None:
    key = team.holds("Alix", LAST_YEAR)
    answered = team.renews(SEPTEMBER, key, until=until)["Alix"]
    assert (said in str(answered)) if said else answered == until


@pytest.mark.parametrize(("attached", "is_offered"), [(None, True), (Standing.ASKED, True), (Standing.CONFIRMED, True), (Standing.ENDED, False)])  # fmt: skip
def test_only_an_attachment_that_was_ended_bars(team: Team, attached: Standing | None, is_offered: bool) -> None:
    """Who was named before ever coming has none yet."""
    team.holds(team.new("Alix", standing=attached), LAST_YEAR)
    assert team.lines(SEPTEMBER) == {"Alix": None if is_offered else Obstacle.DETACHED}


def test_asking_anew_after_an_end_does_not_reopen_the_door(team: Team) -> None:
    key = team.holds(team.new("Alix", standing=Standing.ENDED), LAST_YEAR)
    team.database.write(lambda session: session.execute(sa.update(Attachment).values(standing=Standing.ASKED)))
    assert team.lines(SEPTEMBER) == {"Alix": Obstacle.DETACHED}
    assert "rattachement" in team.renews(SEPTEMBER, key)["Alix"]


def test_linked_accounts_are_one_person(team: Team) -> None:
    """What either holds, what either is attached by, and who they are."""
    main = team.new("Alix", standing=Standing.ENDED)
    other = team.new("Alix bis", linked_to=main)
    own = team.new("Moi bis", linked_to=team.head_key)
    key, mine = team.holds(other, LAST_YEAR), team.holds(own, LAST_YEAR)
    assert team.lines(SEPTEMBER) == {"Alix": None, "Tête": Obstacle.OWN}
    said = team.renews(SEPTEMBER, key, mine)
    assert said["Alix"] == THIS_YEAR
    assert "à soi-même" in said["Tête"]
    assert team.held()[-1].person_id == other, "who belongs there"
    assert team.lines(SEPTEMBER)["Alix"] is Obstacle.RENEWED
    assert "a déjà cette fonction" in team.renews(SEPTEMBER, key)["Alix"]


def test_each_sees_and_renews_what_they_may_grant(team: Team) -> None:
    lead, delegate, head = (
        team.holds(name, LAST_YEAR, role) for name, role in (("Alix", "digital-lead"), ("Bilal", "delegate"), ("Chloé", "head"))
    )
    deputy = actor(team.new("Déléguée"), "Délégataire", May.GRANT, May.READ_ACCREDITATIONS, May.SETTLE, *OF_A_HEAD)
    assert set(team.lines(SEPTEMBER, deputy)) == {"Alix"}
    assert set(team.lines(SEPTEMBER)) == {"Alix", "Bilal"}
    assert set(team.lines(SEPTEMBER, REGION)) == {"Alix", "Bilal", "Chloé"}
    assert team.renews(SEPTEMBER, delegate, head, actor=deputy) == {}
    assert team.renews(SEPTEMBER, head) == {}
    assert len(team.held()) == 3
    assert team.renews(SEPTEMBER, lead, delegate, head, actor=REGION) == dict.fromkeys(("Chloé", "Bilal", "Alix"), THIS_YEAR)


def test_nobody_renews_beyond_their_own_rights(team: Team) -> None:
    key = team.holds("Bilal", LAST_YEAR, "delegate")
    half = actor(team.new("Moitié"), "Adjointe", May.DELEGATE, May.GRANT)
    assert "permet plus que ce que vous pouvez" in team.renews(SEPTEMBER, key, actor=half)["Bilal"]


@pytest.mark.parametrize("uai", [SECOND, ELSEWHERE])
def test_a_number_of_another_school_is_not_reached(team: Team, uai: str) -> None:
    theirs, ours = team.holds("Ailleurs", LAST_YEAR, uai=uai), team.holds("Alix", LAST_YEAR)
    assert set(team.lines(SEPTEMBER)) == {"Alix"}
    assert team.renews(SEPTEMBER, theirs, 999_999_999, 0, ours) == {"Alix": THIS_YEAR}
    assert [one.scope for one in team.held()][2:] == [f"school:{FIRST}"]


def test_a_stranger_finds_and_renews_nothing(team: Team) -> None:
    key = team.holds("Alix", LAST_YEAR)
    for stranger in (
        actor(team.head_key, "Proviseure", *May, scope=f"school:{SECOND}"),
        actor(team.new("Alia"), "Enseignante", May.READ_ACCREDITATIONS),
    ):
        assert team.lines(SEPTEMBER, stranger) == {}
        assert team.renews(SEPTEMBER, key, actor=stranger) == {}
    assert len(team.held()) == 1


def renew_with_others(url: str, head: Actor, keys: list[int]) -> int:
    """In a process of its own: how many lines it renewed."""
    database = connected(url)
    everyone_is_ready()
    try:
        judged = database.write(lambda session: renew(session, POLICY, head, place(session), Again(keys, THIS_YEAR), now=SEPTEMBER))
    finally:
        database.close()
    return sum(one.until is not None for one in judged)


def test_two_who_renew_at_once_renew_each_line_once(team: Team, database_url: str) -> None:
    """In opposite orders: neither waits for the other for ever."""
    keys = [team.holds(f"Collègue {number}", LAST_YEAR) for number in range(8)]
    turns = [(database_url, team.head, order) for order in (keys, keys[::-1], keys, keys[::-1])]
    assert sum(at_once(renew_with_others, turns)) == len(keys)
    assert len(team.held()) == 2 * len(keys)
