"""« Renouveler l’équipe »: the September page of a head of school, what it offers, what it answers, and who never sees it."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlmodel import Session, col, select
from werkzeug.test import TestResponse

from portal.clock import Clock
from portal.db import Database
from portal.people.models import Accreditation, Attachment, Person, Role, Standing
from tests.conftest import Counting
from tests.http.administering import COLLEGE, ELSEWHERE, FIRST, SECOND, comes_in, granted, install, portal_of, proves, send
from tests.http.coming_in import Browser
from tests.http.reading import Read, words

LAST_SEPTEMBER, SEPTEMBER, WINTER = (datetime(*day, 9, tzinfo=UTC) for day in ((2025, 9, 3), (2026, 9, 10), (2027, 1, 12)))
LAST_YEAR, THIS_YEAR, NEXT_YEAR = date(2026, 8, 31), date(2027, 8, 31), date(2028, 8, 31)


def path(uai: str = FIRST) -> str:
    return f"/etablissements/{uai}/equipe/renouvellement"


@pytest.fixture
def at(app: Flask) -> Callable[[datetime], None]:
    """Stop the portal's clock."""

    def stop(moment: datetime) -> None:
        object.__setattr__(portal_of(app), "clock", Clock(real=lambda: moment))

    return stop


@pytest.fixture
def database(app: Flask, ent: str, at: Any) -> Database:
    """What the demonstration's people hold was granted a year ago, until the end of August; it is September."""
    at(LAST_SEPTEMBER)
    install(app, ent)
    database = portal_of(app).database
    # The head and the region are those of today.
    heads = sa.select(col(Role.id)).where(col(Role.code).in_(["head", "decider"]))
    still = sa.update(Accreditation).where(col(Accreditation.role_id).in_(heads)).values(until=NEXT_YEAR)
    database.write(lambda session: session.execute(still))
    at(SEPTEMBER)
    return database


@pytest.fixture
def arrive(app: Flask, ent: str, database: Database) -> Any:
    return lambda login, proved=False: comes_in(Browser(app, ent), login, proved=proved)


def boxes(shown: TestResponse) -> dict[str, bool]:
    """By key of accreditation, whether it is ticked."""
    return {one.attrib["value"]: "checked" in one.attrib for one in Read(shown).all("input", name="ligne")}


def lines(shown: TestResponse) -> dict[str, list[str]]:
    """By person, what the line says."""
    rows = [[words(cell) for cell in row] for table in Read(shown).all("table") for row in table.iter("tr")]
    return {name: rest for name, *rest in rows[1:]}


def held(database: Database, uai: str = FIRST) -> list[tuple[date, date, str]]:
    with database.read() as session:
        found = session.exec(select(Accreditation).where(Accreditation.scope == f"school:{uai}").order_by(col(Accreditation.id)))
        return [(one.starts_on, one.until, one.letter) for one in found if one.until != NEXT_YEAR]


def person(database: Database, login: str) -> Person:
    with database.read() as session:
        return session.exec(select(Person).where(Person.email == f"{login}@demonstration.example")).one()


def crowd(database: Database, app: Flask, number: int, until: date = LAST_YEAR, uai: str = FIRST) -> None:
    for index in range(number):
        granted(
            database, app, "teacher", f"school:{uai}", starts_on=date(2025, 9, 1), until=max(until, THIS_YEAR), name=f"Collègue {index:03}"
        )  # fmt: skip
    shorten = sa.update(Accreditation).where(col(Accreditation.until) == THIS_YEAR, col(Accreditation.scope) == f"school:{uai}")
    database.write(lambda session: session.execute(shorten.values(until=until)))


def test_a_whole_school_is_renewed_in_one_screen(arrive: Any, database: Database) -> None:
    head = arrive("proviseure", proved=True)
    shown = head.client.get(path())
    assert list(lines(shown)) == [
        "DDFPT (lycée polyvalent)", "Référent numérique (lycée polyvalent)", "Documentaliste (lycée polyvalent)", "Enseignante (lycée polyvalent)",
    ]  # fmt: skip
    assert all("31 août 2026" in line[1] and "terminée" in line[1] for line in lines(shown).values())
    offered = boxes(shown)
    assert list(offered.values()) == [True] * 4
    assert Read(shown).all("input", name="until")[0].get("value") == "2027-08-31"
    assert len(Read(shown).all("button", type="submit")) >= 1
    answered = send(head, path(), ligne=list(offered), until="2027-08-31", letter="LM-2026-9")
    assert answered.status_code == 200
    assert "4 fonctions renouvelées" in answered.text.replace("\xa0", " ")
    assert answered.text.count("renouvelée jusqu’au 31 août 2027") == 4
    assert held(database)[4:] == [(SEPTEMBER.date(), THIS_YEAR, "LM-2026-9")] * 4
    again = head.client.get(path())
    assert boxes(again) == {}
    assert "Rien n’est à renouveler" in again.text
    assert {line[-1] for line in lines(again).values()} == {"déjà renouvelée"}
    assert "Rien n’est à renouveler" in answered.text, "what remains is said with the answer"


def test_the_page_is_reached_from_the_teams(arrive: Any, database: Database) -> None:
    assert f'href="{path()}"' in arrive("proviseure").client.get(f"/etablissements/{FIRST}/equipe").text


def test_a_second_click_grants_nothing_and_says_so_line_by_line(arrive: Any, database: Database) -> None:
    head = arrive("proviseure", proved=True)
    offered = list(boxes(head.client.get(path())))
    first, second = (send(head, path(), ligne=offered, until="2027-08-31") for _time in range(2))
    assert (first.status_code, second.status_code) == (200, 422)
    assert second.text.count("a déjà cette fonction ici à ces dates") == 4
    assert "fonction renouvelée" not in second.text
    assert len(held(database)) == 8


def test_what_is_not_ticked_stays_ended(arrive: Any, database: Database) -> None:
    head = arrive("proviseure", proved=True)
    kept, *others = boxes(head.client.get(path()))
    answered = send(head, path(), ligne=kept, until="2027-08-31")
    assert "1 fonction renouvelée" in answered.text.replace("\xa0", " ")
    assert boxes(answered) == dict.fromkeys(others, False), "the choice not to renew them stands"
    assert len(held(database)) == 5


def test_the_password_is_asked_first_and_what_was_ticked_waits(arrive: Any, database: Database) -> None:
    head = arrive("proviseure")
    shown = head.client.get(path())
    assert "Votre mot de passe sera redemandé" in shown.text
    first, second, *_others = boxes(shown)
    stopped = send(head, path(), ligne=[first, second], until="2027-06-30", letter="LM-9")
    assert stopped.status_code == 403
    assert len(held(database)) == 4
    waiting = [(one.get("name"), one.get("value")) for one in Read(stopped).all("input", type="hidden")]
    assert [one for one in waiting if one[0] in {"ligne", "until", "letter"}] == [
        ("ligne", first), ("ligne", second), ("until", "2027-06-30"), ("letter", "LM-9"),
    ]  # fmt: skip
    answered = send(proves(head, "proviseure"), path(), ligne=[first, second], until="2027-06-30", letter="LM-9")
    assert answered.status_code == 200
    assert held(database)[4:] == [(SEPTEMBER.date(), date(2027, 6, 30), "LM-9")] * 2


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"until": ""}, "Il manque le dernier jour"),
        ({"until": "31/08/2027"}, "Cette valeur ne convient pas"),
        ({"letter": "x" * 121}, "dépasse 120 caractères"),
        ({"ligne": []}, "Aucune ligne n’est cochée"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(arrive: Any, database: Database, typed: dict[str, Any], said: str) -> None:
    head = arrive("proviseure", proved=True)
    first, second, third, _fourth = boxes(head.client.get(path()))
    right = {"ligne": [second, third], "until": "2027-06-30", "letter": "LM-9"}
    refused = send(head, path(), **{**right, **typed})
    assert refused.status_code == 422
    assert said in refused.text
    wanted = {**right, **typed}
    assert [key for key, is_ticked in boxes(refused).items() if is_ticked] == wanted["ligne"]
    assert Read(refused).all("input", name="until")[0].get("value", "") == wanted["until"]
    assert Read(refused).all("input", name="letter")[0].get("value", "") == wanted["letter"]
    assert first in boxes(refused)
    assert len(held(database)) == 4


def test_a_refused_line_says_its_own_reason_and_the_others_are_renewed(arrive: Any, database: Database, app: Flask) -> None:
    head, lead = arrive("proviseure", proved=True), person(database, "referent")
    offered = boxes(head.client.get(path()))
    ended = {"standing": Standing.ENDED, "settled_at": SEPTEMBER, "settled_by": "Proviseure", "settle_reason": "Mutation"}
    database.write(
        lambda session: session.execute(sa.update(Attachment).where(col(Attachment.person_id) == lead.key).values(**ended))
    )
    answered = send(head, path(), ligne=list(offered), until="2027-08-31")
    assert answered.status_code == 200
    assert "3 fonctions renouvelées" in answered.text.replace("\xa0", " ")
    assert "1 fonction n’est pas renouvelée" in answered.text.replace("\xa0", " ")
    assert "Rétablissez-le d’abord" in answered.text
    assert lines(answered)[lead.name][-1] == "rattachement terminé"
    assert len(held(database)) == 7


def test_ones_own_a_closed_account_and_somebody_detached_are_shown_without_a_box(
    arrive: Any, database: Database, app: Flask
) -> None:
    head, ddfpt, librarian = (person(database, login) for login in ("proviseure", "ddfpt", "documentaliste"))

    def work(session: Session) -> None:
        to_head = sa.select(col(Role.id)).where(col(Role.code) == "teacher").scalar_subquery()
        session.execute(sa.update(Accreditation).where(col(Accreditation.role_id) == to_head).values(person_id=head.key))
        session.execute(sa.update(Person).where(col(Person.id) == ddfpt.key).values(closed_at=SEPTEMBER))
        session.execute(sa.update(Attachment).where(col(Attachment.person_id) == librarian.key).values(standing=Standing.ENDED))

    database.write(work)
    shown = arrive("proviseure").client.get(path())
    assert {name: line[-1] for name, line in lines(shown).items()} == {
        ddfpt.name: "compte fermé",
        "Référent numérique (lycée polyvalent)": "",
        librarian.name: "rattachement terminé",
        head.name: "à renouveler par une autre personne",
    }
    assert len(boxes(shown)) == 1


def test_a_number_of_another_school_is_left_aside_and_tells_nothing(arrive: Any, database: Database) -> None:
    head, before = arrive("proviseure", proved=True), held(database, SECOND)
    with database.read() as session:
        theirs = session.exec(select(Accreditation.id).where(Accreditation.scope == f"school:{SECOND}")).all()
    own = next(iter(boxes(head.client.get(path()))))
    answers = [
        send(head, path(), ligne=keys, until="2027-08-31")
        for keys in ([str(one) for one in theirs], ["999999999"], ["x", "²", "-1", "9" * 30])
    ]
    for answered in answers:
        assert answered.status_code == 422
        assert "n’est pas de cet établissement" in answered.text
        assert "lycée professionnel" not in answered.text
    mixed = send(head, path(), ligne=[own, str(theirs[0])], until="2027-08-31")
    assert mixed.status_code == 200
    assert "1 fonction renouvelée" in mixed.text.replace("\xa0", " ")
    assert "n’est pas de cet établissement" in mixed.text
    assert held(database, SECOND) == before


@pytest.mark.parametrize(("login", "status"), [("proviseur2", 404), ("enseignante", 403), ("referent", 403), ("packageuse", 403)])
def test_a_stranger_finds_no_such_page_and_renews_nothing(arrive: Any, database: Database, login: str, status: int) -> None:
    keys = list(boxes(arrive("proviseure").client.get(path())))
    stranger = arrive(login, proved=True)
    assert stranger.client.get(path()).status_code == status
    assert send(stranger, path(), ligne=keys, until="2027-08-31").status_code == status
    assert len(held(database)) == 4


def test_a_head_finds_the_page_of_no_other_school(arrive: Any, database: Database) -> None:
    head = arrive("proviseure")
    for uai in (SECOND, COLLEGE, ELSEWHERE, "0000000X", "%00"):
        assert head.client.get(path(uai)).status_code == 404


def test_the_region_renews_in_its_own_schools_and_nowhere_else(arrive: Any, database: Database) -> None:
    region = arrive("region", proved=True)
    shown = region.client.get(path())
    assert send(region, path(), ligne=list(boxes(shown)), until="2027-08-31").status_code == 200
    assert len(held(database)) == 8
    assert region.client.get(path(COLLEGE)).status_code == 404


def test_in_winter_it_says_that_nothing_changes_before_the_end_of_august(
    arrive: Any, database: Database, app: Flask, at: Any
) -> None:
    crowd(database, app, 1, THIS_YEAR)
    at(WINTER)
    head = arrive("proviseure", proved=True)
    shown = head.client.get(path())
    assert "Pour l’année scolaire suivante" in shown.text
    assert "Rien ne change avant" in shown.text
    assert "le 31 août 2027 au plus tard" in shown.text
    assert Read(shown).all("input", name="until")[0].get("value") == "2028-08-31"
    assert "1 fonction" in words(Read(shown).all("caption")[0]).replace("\xa0", " ")
    answered = send(head, path(), ligne=list(boxes(shown)), until="2028-08-31")
    assert "renouvelée jusqu’au 31 août 2028" in answered.text
    with database.read() as session:
        last = session.exec(select(Accreditation).order_by(col(Accreditation.id).desc()).limit(1)).one()
    assert (last.starts_on, last.until) == (date(2027, 9, 1), NEXT_YEAR)
    assert {line[-1] for line in lines(head.client.get(path())).values()} == {"déjà renouvelée"}


def test_in_september_what_has_just_been_granted_is_not_offered_for_a_second_year(
    arrive: Any, database: Database, app: Flask
) -> None:
    granted(database, app, "teacher", f"school:{FIRST}", until=THIS_YEAR, name="Nouvelle")
    shown = arrive("proviseure").client.get(path())
    assert lines(shown)["Nouvelle"][-1] == "en cours, rien à renouveler"
    assert len(boxes(shown)) == 4


def test_a_school_where_nothing_ends_says_so(arrive: Any, database: Database) -> None:
    region = arrive("region")
    database.write(
        lambda session: session.execute(
            sa.delete(Accreditation).where(col(Accreditation.scope) == f"school:{SECOND}", col(Accreditation.until) != NEXT_YEAR)
        )
    )
    empty = region.client.get(path(SECOND))
    assert "Aucune fonction n’est à renouveler." in empty.text
    assert not Read(empty).all("form", action=path(SECOND))


def test_sixty_lines_are_renewed_at_once_each_with_its_answer(arrive: Any, database: Database, app: Flask) -> None:
    crowd(database, app, 60)
    head = arrive("proviseure", proved=True)
    offered = boxes(head.client.get(path()))
    assert len(offered) == 64
    answered = send(head, path(), ligne=list(offered), until="2027-08-31")
    assert "64 fonctions renouvelées" in answered.text.replace("\xa0", " ")
    assert answered.text.count("renouvelée jusqu’au") == 64
    assert len(held(database)) == 128


def test_thirty_lines_cost_no_more_queries_than_three(arrive: Any, database: Database, app: Flask, count_queries: Counting) -> None:
    head, counts = arrive("proviseure"), []
    for more in (3, 27):
        crowd(database, app, more)
        head.client.get(path())
        with count_queries(database) as sent:
            shown = head.client.get(path())
        counts.append(len(sent))
    assert len(boxes(shown)) == 34
    assert counts[0] == counts[1]


def test_no_shared_machine_keeps_the_page(arrive: Any, database: Database) -> None:
    head = arrive("proviseure", proved=True)
    for answered in (head.client.get(path()), send(head, path(), ligne=["1"], until="2027-08-31")):
        assert answered.headers["Cache-Control"] == "no-store"
