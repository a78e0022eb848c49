"""What is said of a request, by program: the threads of the page and no other, called people who are told, and words kept once."""

import pytest
from flask import Flask
from sqlmodel import col, select

from portal.db import Database
from portal.letters.models import Notice
from portal.people.models import Person
from portal.text import french
from tests.http.asking import app, database
from tests.http.programming import Program
from workflows.requests.api_talking import Addressees, MessageShown

pytest_plugins = ("tests.data.catalogue_data",)
__all__ = ["app", "database"]
SECOND = "0260037Z"


@pytest.fixture
def teacher(app: Flask) -> Program:
    return Program(app, "enseignante")


@pytest.fixture
def number(app: Flask, teacher: Program) -> int:
    """In instruction, and supported by a colleague of another school."""
    asked: int = teacher.sends()["id"]
    Program(app, "referent").moves(asked, "relay")
    Program(app, "proviseure").moves(asked, "endorse")
    support = {"school": SECOND, "audience": "Bac pro", "pupils": 12, "weeks": 8}
    Program(app, "enseignant2").post(f"/requests/{asked}/support", support)
    return asked


def says(program: Program, number: int, text: str, status: int = 201, **more: object) -> dict[str, object]:
    found: dict[str, object] = program.post(f"/requests/{number}/messages", {"text": text, **more}, status)
    return found


def read(program: Program, number: int) -> list[str]:
    return [one["text"] for one in program.get(f"/requests/{number}/messages")["items"]]


def told(database: Database, number: int, code: str) -> list[str]:
    with database.read() as session:
        rows = session.execute(
            select(Person.email, Notice.text)
            .join(Person, col(Person.id) == Notice.person_id)
            .where(Notice.code == f"request.{code}", Notice.about_id == number)
        ).all()
    return sorted(f"{mail.partition('@')[0]} {text.splitlines()[2]}" for mail, text in rows)


def test_the_parties_talk_and_who_asks_is_told(app: Flask, teacher: Program, number: int, database: Database) -> None:
    supporter, region = Program(app, "enseignant2"), Program(app, "region")
    first = says(supporter, number, "Et en salle B14 ?")
    MessageShown.model_validate(first)
    says(teacher, number, "Oui, aussi.")
    assert read(teacher, number) == read(supporter, number) == read(region, number) == [french("Et en salle B14 ?"), "Oui, aussi."]
    assert told(database, number, "said.requester") == [french("enseignante « Et en salle B14 ? »")]
    assert [one["own"] for one in teacher.get(f"/requests/{number}/messages")["items"]] == [False, True]


def test_what_is_said_within_is_read_by_those_who_instruct_and_its_trace_too(
    app: Flask, teacher: Program, number: int, database: Database
) -> None:
    region, technician = Program(app, "region"), Program(app, "technicien")
    says(region, number, "Le paquet existe déjà.", thread="internal")
    assert read(technician, number) == ["Le paquet existe déjà."]
    assert read(teacher, number) == read(Program(app, "proviseure"), number) == read(Program(app, "enseignant2"), number) == []
    assert "said-internally" in [one["move"] for one in technician.get(f"/requests/{number}")["timeline"]]
    for login in ("enseignante", "referent", "proviseure"):
        assert "said-internally" not in [one["move"] for one in Program(app, login).get(f"/requests/{number}")["timeline"]]
    assert told(database, number, "said.requester") == told(database, number, "said.named") == []


def test_nobody_writes_where_they_do_not_read(app: Flask, teacher: Program, number: int) -> None:
    for login in ("enseignante", "referent", "enseignant2"):
        refused = Program(app, login).asks("POST", f"/requests/{number}/messages", json={"text": "Bonjour.", "thread": "internal"})
        assert refused.status_code in {403, 404}, login
    assert Program(app, "proviseur2").asks("POST", f"/requests/{number}/messages", json={"text": "Bonjour."}).status_code == 404
    assert read(Program(app, "region"), number) == []


def test_whom_one_may_call_is_listed_and_told(app: Flask, teacher: Program, number: int, database: Database) -> None:
    listed = teacher.get(f"/requests/{number}/addressees")
    Addressees.model_validate(listed)
    assert listed["internal"] is None
    region = next(one for one in listed["public"] if "Responsable" in one["who"])
    says(teacher, number, "Faut-il un devis ?", mentions=[region["id"]])
    assert told(database, number, "said.named") == [french("region « Faut-il un devis ? »")]
    assert "ne lit pas ces échanges" in str(says(teacher, number, "Et vous ?", 422, mentions=["p999999"]))
    within = Program(app, "region").get(f"/requests/{number}/addressees")
    assert within["internal"]
    assert all("qui soutient" not in one["who"] for one in within["internal"])


def test_the_same_key_says_it_once(teacher: Program, number: int) -> None:
    body, key = {"text": "Une seule fois."}, {"Idempotency-Key": "une-cle-de-message"}
    first = teacher.asks("POST", f"/requests/{number}/messages", json=body, headers=key)
    again = teacher.asks("POST", f"/requests/{number}/messages", json=body, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json == again.json
    assert read(teacher, number) == ["Une seule fois."]


def test_a_message_is_corrected_by_another_of_its_author(app: Flask, teacher: Program, number: int) -> None:
    first = says(teacher, number, "Salle B12.")
    second = says(teacher, number, "Salle B13.", corrects=first["id"])
    assert second["corrects"] == first["id"]
    assert read(teacher, number) == ["Salle B12.", "Salle B13."]
    assert "vos propres messages" in str(says(Program(app, "referent"), number, "Non.", 422, corrects=first["id"]))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "Il manque le message"),
        ({"text": "   "}, "Il manque le message"),
        ({"text": "x" * 4001}, "4000"),
        ({"text": "Oui", "thread": "secret"}, "thread"),
        ({"text": "Oui", "mentions": [1]}, "mentions"),
        ({"text": "Oui", "to": 1}, "to"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(teacher: Program, number: int, body: dict[str, object], said: str) -> None:
    assert said in str(teacher.post(f"/requests/{number}/messages", body, 422))
    assert read(teacher, number) == []
