"""Asking for a school, and its head's answer: on the pages of both, and beyond the reach of anybody else."""

from typing import Any

import pytest
from flask import Flask
from sqlmodel import Session, col, select

from portal.db import Database
from portal.people.models import Attachment, Person, Standing
from portal.text import fold
from tests.conftest import Counting
from tests.http.administering import COLLEGE, ELSEWHERE, FIRST, SECOND, comes_in, events, install, portal_of, send
from tests.http.coming_in import Browser
from tests.http.reading import Read, words

OWN = "/mon-compte/rattachements"


def of(uai: str) -> str:
    return f"/etablissements/{uai}/rattachements"


@pytest.fixture
def database(app: Flask, ent: str) -> Database:
    install(app, ent)
    return portal_of(app).database


@pytest.fixture
def arrive(app: Flask, ent: str, database: Database) -> Any:
    return lambda login: comes_in(Browser(app, ent), login)


def person(database: Database, login: str) -> int:
    with database.read() as session:
        return session.exec(select(Person).where(Person.email == f"{login}@demonstration.example")).one().key


def standings(database: Database, login: str) -> dict[str, Standing]:
    with database.read() as session:
        held = session.exec(select(Attachment).where(Attachment.person_id == person(database, login)))
        return {one.uai: one.standing for one in held}


def crowd(database: Database, number: int, uai: str = FIRST) -> None:
    """People whom the ENT says to be of that school."""

    def work(session: Session) -> None:
        now = session.exec(select(Person)).first().seen_at  # type: ignore[union-attr]
        for index in range(number):
            name = f"Collègue {index:03}"
            one = Person(family_name=name, sort_key=fold(name), first_seen_at=now, seen_at=now)
            session.add(one)
            session.flush()
            session.add(Attachment(person_id=one.key, uai=uai, source="demonstration", first_seen_at=now, seen_at=now))

    database.write(work)


def test_who_asks_is_seen_by_the_head_who_answers_and_the_person_reads_the_answer(arrive: Any, database: Database) -> None:
    teacher, head = arrive("enseignante"), arrive("proviseur2")
    found = teacher.client.get(OWN, query_string={"q": "port romans"})
    assert "Lycée professionnel du Port" in found.text
    assert "Demander mon rattachement" in found.text
    assert send(teacher, OWN, uai=SECOND, q="port").headers["Location"] == "/mon-compte#ecoles"
    assert standings(database, "enseignante")[SECOND] is Standing.ASKED
    assert "demandé, à confirmer" in teacher.client.get("/mon-compte").text
    assert "Demande envoyée" in teacher.client.get(OWN, query_string={"q": "port"}).text

    assert "1 demande de rattachement attend votre réponse" in head.client.get("/mon-compte").text.replace("\xa0", " ")
    assert "Répondre à 1 demande" in head.client.get(f"/etablissements/{SECOND}/equipe").text.replace("\xa0", " ")
    key = person(database, "enseignante")
    waiting = head.client.get(f"{of(SECOND)}?voir=demandes")
    assert "la personne elle-même" in waiting.text
    answered = send(head, f"{of(SECOND)}/{key}?voir=demandes", decision="confirmer")
    assert (answered.status_code, answered.headers["Location"]) == (303, f"{of(SECOND)}?voir=demandes")
    assert standings(database, "enseignante")[SECOND] is Standing.CONFIRMED
    assert "réglé par Proviseur" in teacher.client.get("/mon-compte").text
    assert "Aucune demande n’attend." in head.client.get(f"{of(SECOND)}?voir=demandes").text


def test_a_refusal_says_why_and_may_be_examined_anew(arrive: Any, database: Database) -> None:
    teacher, head = arrive("enseignante"), arrive("proviseur2")
    send(teacher, OWN, uai=SECOND)
    key = person(database, "enseignante")
    send(head, f"{of(SECOND)}/{key}", decision="terminer", raison="Vous n’êtes pas de l’équipe cette année")
    own = teacher.client.get("/mon-compte").text
    assert "Vous n’êtes pas de l’équipe cette année" in own
    assert "Demander un nouvel examen" in own
    assert "Vous n’êtes pas de l’équipe cette année" in head.client.get(f"{of(SECOND)}?voir=termines").text
    send(teacher, OWN, uai=SECOND)
    assert standings(database, "enseignante")[SECOND] is Standing.ASKED
    assert [one.move for one in [*events(database, "attachment", "asked"), *events(database, "attachment", "ended")]] == [
        "asked",
        "asked",
        "ended",
    ]


def test_an_end_without_a_reason_changes_nothing_and_keeps_what_was_typed(arrive: Any, database: Database) -> None:
    head, key = arrive("proviseure"), person(database, "enseignante")
    for typed, said in (("", "Il manque la raison"), ("x" * 1001, "dépasse 1000 caractères")):
        refused = send(head, f"{of(FIRST)}/{key}", decision="terminer", raison=typed)
        assert refused.status_code == 422
        assert said in refused.text
        opened = [one for one in Read(refused).all("details") if "open" in one.attrib]
        assert len(opened) == 1
        assert next(opened[0].iter("input")).get("value") == typed
    assert standings(database, "enseignante")[FIRST] is Standing.CLAIMED


def test_a_form_that_says_nothing_is_told_what_is_missing(arrive: Any, database: Database) -> None:
    head = arrive("proviseure")
    refused = send(head, f"{of(FIRST)}/{person(database, 'enseignante')}", decision="peut-être")
    assert refused.status_code == 422
    assert "Il manque la décision" in refused.text


def test_who_holds_a_role_is_not_detached_by_the_way(arrive: Any, database: Database) -> None:
    head, key = arrive("proviseure"), person(database, "referent")
    refused = send(head, f"{of(FIRST)}/{key}", decision="terminer", raison="Mutation")
    assert refused.status_code == 422
    assert "Référent·e numérique" in refused.text
    assert standings(database, "referent")[FIRST] is Standing.CLAIMED


def test_a_double_click_says_that_it_was_done(arrive: Any, database: Database) -> None:
    head, key = arrive("proviseure"), person(database, "enseignante")
    first, second = (send(head, f"{of(FIRST)}/{key}", decision="confirmer") for _time in range(2))
    assert (first.status_code, second.status_code) == (303, 409)
    assert "déjà été réglé" in second.text


def test_oneself_is_shown_without_a_button(arrive: Any, database: Database) -> None:
    head = arrive("proviseure")
    mine = next(row for row in Read(head.client.get(of(FIRST))).all("tr") if "Proviseure" in words(row))
    assert "par une autre personne" in words(mine)
    assert not list(mine.iter("button"))
    refused = send(head, f"{of(FIRST)}/{person(database, 'proviseure')}", decision="confirmer")
    assert refused.status_code == 422


@pytest.mark.parametrize("login", ["enseignante", "referent", "proviseur2", "packageuse"])
def test_a_stranger_finds_no_such_page_and_changes_nothing(arrive: Any, database: Database, login: str) -> None:
    stranger, before = arrive(login), standings(database, "enseignante")
    key = person(database, "enseignante")
    expected = 404 if login == "proviseur2" else 403
    for answer in (stranger.client.get(of(FIRST)), send(stranger, f"{of(FIRST)}/{key}", decision="terminer", raison="Non")):
        assert answer.status_code == expected
        assert "Enseignante" not in words(Read(answer).all("main")[0])
    assert standings(database, "enseignante") == before


def test_a_head_reaches_nobody_of_another_school_by_a_number(arrive: Any, database: Database) -> None:
    head = arrive("proviseure")
    for key in (person(database, "enseignant2"), 99_999, 2**40):
        refused = send(head, f"{of(FIRST)}/{key}", decision="confirmer")
        assert refused.status_code == 404
    assert standings(database, "enseignant2") == {SECOND: Standing.CLAIMED}
    for uai in (SECOND, COLLEGE, ELSEWHERE, "0000000X", "%00"):
        assert head.client.get(of(uai)).status_code == 404


def test_the_region_settles_in_its_own_schools(arrive: Any, database: Database) -> None:
    region = arrive("region")
    assert region.client.get(of(FIRST)).status_code == 200
    assert region.client.get(of(COLLEGE)).status_code == 404
    assert send(region, f"{of(FIRST)}/{person(database, 'enseignante')}", decision="confirmer").status_code == 303


@pytest.mark.parametrize("uai", ["0000000X", "", "x" * 300, "0261505v ;--"])
def test_a_school_that_does_not_exist_is_not_asked_for(arrive: Any, database: Database, uai: str) -> None:
    teacher, before = arrive("enseignante"), standings(database, "enseignante")
    assert send(teacher, OWN, uai=uai).status_code == 404
    assert standings(database, "enseignante") == before


def test_asking_for_what_one_has_or_taking_back_what_one_did_not_ask_says_so(arrive: Any, database: Database) -> None:
    teacher = arrive("enseignante")
    assert send(teacher, OWN, uai=FIRST).status_code == 409
    assert send(teacher, f"{OWN}/retrait", uai=SECOND).status_code == 409
    send(teacher, OWN, uai=SECOND)
    assert send(teacher, f"{OWN}/retrait", uai=SECOND).status_code == 303
    assert SECOND not in standings(database, "enseignante")


def test_an_empty_school_an_empty_search_and_no_school_at_all_say_what_to_do(arrive: Any, database: Database) -> None:
    region, agent = arrive("administratrice"), arrive("packageuse")
    assert "Personne n’est encore venu" in region.client.get(of(ELSEWHERE)).text
    assert "Aucune personne ne correspond à cette recherche." in region.client.get(f"{of(FIRST)}?q=zzz").text
    assert "Aucun rattachement n’a été terminé." in region.client.get(f"{of(FIRST)}?voir=termines").text
    assert "Demander un rattachement" in agent.client.get("/mon-compte").text
    assert "Aucun établissement ne correspond." in agent.client.get(f"{OWN}?q=zzzzzz").text


def test_a_long_list_is_searched_and_paged_and_answers_where_one_was(arrive: Any, database: Database) -> None:
    crowd(database, 95)
    head = arrive("proviseure")
    last = head.client.get(f"{of(FIRST)}?q=collegue&page=3")
    rows = [words(row) for row in Read(last).all("tr")][1:]
    assert len(rows) == 15
    assert "Collègue 080" in rows[0]
    with database.read() as session:
        key = session.exec(select(Person).where(Person.family_name == "Collègue 081")).one().key
    done = send(head, f"{of(FIRST)}/{key}?q=collegue&page=3", decision="confirmer")
    assert done.headers["Location"] == f"{of(FIRST)}?q=collegue&page=3"
    for odd in ("?page=999", "?page=-1", "?page=x", "?voir=x", "?q=" + "y" * 5000, "?q=%25", "?q=_"):
        assert head.client.get(of(FIRST) + odd).status_code == 200
    assert len(Read(head.client.get(f"{of(FIRST)}?q=%25")).all("tr")) == len(Read(head.client.get(of(FIRST))).all("tr")), (
        "no wildcard: nothing is asked"
    )


def test_thirty_people_cost_no_more_queries_than_three(arrive: Any, database: Database, count_queries: Counting) -> None:
    crowd(database, 3, SECOND)
    region, counts = arrive("region"), []
    for more in (0, 27):
        crowd(database, more, SECOND)
        region.client.get(of(SECOND))
        with count_queries(database) as sent:
            region.client.get(of(SECOND))
        counts.append(len(sent))
    assert counts[0] == counts[1]


def test_linked_accounts_are_one_person_in_the_list_and_in_the_choice_of_whom_to_grant(arrive: Any, database: Database) -> None:
    main, other = person(database, "enseignante"), person(database, "parent-enseignant")
    database.write(lambda session: setattr(session.get_one(Person, other), "linked_to_id", main))
    head = arrive("proviseure")
    listed = [words(row) for row in Read(head.client.get(of(FIRST))).all("tr")]
    assert len([row for row in listed if "Enseignant et parent" in row]) == 0
    assert len([row for row in listed if row.startswith("Enseignante (lycée polyvalent)")]) == 1
    offered = [one.get("value") for one in Read(head.client.get(f"/etablissements/{FIRST}/equipe")).all("option")]
    assert (str(main) in offered, str(other) in offered) == (True, False)
    with database.read() as session:
        assert session.exec(select(Attachment).where(col(Attachment.person_id).in_([main, other]), Attachment.uai == FIRST)).all()
