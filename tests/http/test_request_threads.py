"""Talking about a request: who reads what, whom one may call, what was said is never lost nor said twice."""

from collections.abc import Iterator

import pytest
from sqlmodel import Session, col, select

from portal.db import Database
from portal.trail.models import Event
from tests.conftest import Counting
from tests.http.administering import send
from tests.http.asking import ANSWERS, Arrive, app, arrive, asks, database, drafts_of, moves, new_key, types
from tests.http.coming_in import Browser
from tests.http.reading import Read, words
from workflows.requests.models import Message, Thread

pytest_plugins = ("tests.data.catalogue_data",)
__all__ = ["app", "arrive", "database"]
SUPPORT = {"uai": "0260037Z", "audience": "Bac pro AGORA", "pupils": "22", "weeks": "8"}
ALOUD, WITHIN = "echanges", "instruction"
AUTHOR_NAME = "Enseignante (lycée polyvalent)"


@pytest.fixture
def number(arrive: Arrive) -> int:
    """A request in instruction, that a colleague of another school supports."""
    asked = asks(arrive("enseignante"))
    moves(arrive("referent"), asked, "relay")
    moves(arrive("proviseure"), asked, "endorse")
    assert send(arrive("enseignant2"), f"/demandes/{asked}/soutien", **SUPPORT).status_code == 303
    return asked


def page(browser: Browser, number: int, query: str = "") -> Read:
    return Read(browser.client.get(f"/demandes/{number}{query}"))


def form(read: Read, number: int, thread: str) -> dict[str, str]:
    """By name, what the form holds but for its boxes; nothing when it is not there."""
    held: dict[str, str] = {}
    for one in read.all("form"):
        if one.get("action", "").partition("#")[0] == f"/demandes/{number}/{thread}":
            held |= {field.attrib["name"]: field.get("value", "") for field in one.iter("input") if field.get("type") == "hidden"}
            held |= {field.attrib["name"]: (field.text or "").strip() for field in one.iter("textarea")}
    return held


def people(read: Read, number: int, thread: str = ALOUD) -> dict[str, str]:
    """By their words, the value of the boxes of those whom one may call."""
    return dict(_people(read, number, thread))


def _people(read: Read, number: int, thread: str) -> Iterator[tuple[str, str]]:
    for one in read.all("form"):
        if one.get("action", "").partition("#")[0] == f"/demandes/{number}/{thread}":
            labels = {label.get("for"): words(label) for label in one.iter("label")}
            for box in one.iter("input"):
                if box.get("type") == "checkbox":
                    yield labels[box.get("id")], box.attrib["value"]


def writes(browser: Browser, number: int, message: str, thread: str = ALOUD, **typed: str) -> str:
    """As the page sends it; the address to which it leads."""
    sent = send(
        browser, f"/demandes/{number}/{thread}", **form(page(browser, number), number, thread) | {"message": message} | typed
    )
    assert sent.status_code == 303, Read(sent).html
    return sent.headers["Location"]


def stored(database: Database, number: int) -> list[Message]:
    with database.read() as session:
        return list(session.exec(select(Message).where(Message.request_id == number).order_by(col(Message.id))))


def test_each_reads_and_writes_what_is_theirs(arrive: Arrive, number: int) -> None:
    parties = {
        login: arrive(login) for login in ("enseignante", "referent", "proviseure", "region", "technicien", "dpd", "enseignant2")
    }
    for login in ("enseignante", "referent", "technicien", "enseignant2"):
        writes(parties[login], number, f"De {login}.")
    writes(parties["technicien"], number, "Entre nous.", WITHIN)
    writes(parties["region"], number, "Vu, entre nous.", WITHIN)
    for login, browser in parties.items():
        read = page(browser, number)
        within = login in {"region", "technicien", "dpd"}
        for writer in ("enseignante", "referent", "technicien", "enseignant2"):
            assert f"De {writer}." in read.html, login
        assert ("Entre nous." in read.html) == ("Vu, entre nous." in read.html) == within, login
        assert bool(form(read, number, WITHIN)) == within, login
        assert form(read, number, ALOUD), login
    read = page(parties["enseignante"], number)
    assert "Enseignant·e, qui demande" in read.html
    assert "Enseignant·e, qui soutient" in read.html


def test_who_supports_reads_the_exchanges_alone(arrive: Arrive, number: int) -> None:
    writes(arrive("enseignante"), number, "Merci de votre soutien.")
    read = page(arrive("enseignant2"), number)
    assert "Merci de votre soutien." in read.html
    assert [text for text in (ANSWERS["need"], AUTHOR_NAME, "Demande relayée", "Demande visée") if text in read.html] == []
    (told,) = read.all("ol", class_="timeline")
    assert len(list(told.iter("li"))) == 1
    send(arrive("enseignant2"), f"/demandes/{number}/soutien/retrait")
    assert "Merci de votre soutien." not in page(arrive("enseignant2"), number).html


def test_who_is_no_party_finds_nothing_there(arrive: Arrive, number: int, database: Database) -> None:
    for login in ("documentaliste", "referent2", "proviseur2", "inspectrice"):
        browser = arrive(login)
        is_party = login == "inspectrice"
        for thread in (ALOUD, WITHIN):
            answered = send(browser, f"/demandes/{number}/{thread}", message="Bonjour.", cle=new_key())
            assert answered.status_code == 303 if is_party else answered.status_code in {403, 404}, (login, thread)
        assert bool(page(browser, number).all("ol", class_="timeline")) == is_party
    assert len(stored(database, number)) == 2
    for login in ("enseignante", "referent", "proviseure", "enseignant2"):
        answered = send(arrive(login), f"/demandes/{number}/{WITHIN}", message="Bonjour.", cle=new_key())
        assert answered.status_code in {403, 404}, login
    assert len(stored(database, number)) == 2


def test_one_calls_those_who_read_by_function_and_name_for_who_reads_the_file(arrive: Arrive, number: int) -> None:
    lead, colleague = arrive("referent"), arrive("enseignant2")
    offered = people(page(lead, number), number)
    author = f"La personne qui demande, {AUTHOR_NAME}"
    assert author in offered
    assert any(one.startswith("Enseignant·e, ") and one.endswith("qui soutient (Bac pro AGORA)") for one in offered)
    assert any(one.startswith("Technicien·ne, ") for one in offered)
    assert not [one for one in offered if one.startswith("Référent·e numérique")], "nobody calls oneself"
    seen = set(people(page(colleague, number), number))
    assert {"La personne qui demande", "Référent·e numérique", "Technicien·ne"} <= seen
    assert not [one for one in seen if "," in one], "and by function alone for who does not"
    within = people(page(arrive("technicien"), number), number, WITHIN)
    assert within
    assert not [one for one in within if one.startswith(("La personne qui demande", "Référent·e", "Proviseur·e"))]
    writes(lead, number, "Pour quelle salle ?", prevenir=offered[author])
    assert "Pour : la personne qui demande" in page(colleague, number).html.replace("\u00a0", " ")


def test_what_is_wrong_is_said_and_what_was_typed_stays(arrive: Arrive, number: int, database: Database) -> None:
    lead = arrive("referent")
    box = people(page(lead, number), number)[f"La personne qui demande, {AUTHOR_NAME}"]
    for typed, said in (
        ({"message": " "}, "Il manque le message"),
        ({"message": "a" * 4001}, "4000"),
        ({"message": "Bonjour.", "cle": ""}, "incomplet"),
        ({"message": "Bonjour.", "prevenir": "999999"}, "ne lit pas ces échanges"),
        ({"message": "Bonjour.", "prevenir": "n’importe"}, "ne lit pas ces échanges"),
        ({"message": "Bonjour.", "corrige": "999999"}, "vos propres messages"),
    ):
        refused = send(lead, f"/demandes/{number}/{ALOUD}", **{"cle": new_key(), **typed})
        assert refused.status_code == 422, typed
        assert said in Read(refused).html.replace("\u202f", ""), typed
        assert form(Read(refused), number, ALOUD)["message"] == typed["message"].strip()
        (writing,) = [one for one in Read(refused).all("details") if one.get("id") == "ecrire"]
        assert "Le message n’est pas envoyé" in words(writing), "beside the form, far below the top of the page"
    kept = Read(send(lead, f"/demandes/{number}/{ALOUD}", cle=new_key(), message="", prevenir=box))
    assert [one.attrib["value"] for one in kept.all("input", name="prevenir") if one.get("checked") is not None] == [box]
    assert stored(database, number) == []


def test_a_form_sent_twice_says_it_once_and_another_text_is_not_lost(arrive: Arrive, number: int, database: Database) -> None:
    teacher, key = arrive("enseignante"), new_key()
    led = {send(teacher, f"/demandes/{number}/{ALOUD}", cle=key, message="Une fois.").headers["Location"] for _click in range(2)}
    assert len(led) == len(stored(database, number)) == 1
    again = send(teacher, f"/demandes/{number}/{ALOUD}", cle=key, message="Autre chose.")
    assert again.status_code == 409
    held = form(Read(again), number, ALOUD)
    assert held["message"] == "Autre chose."
    assert send(teacher, f"/demandes/{number}/{ALOUD}", **held).status_code == 303
    assert [one.text for one in stored(database, number)] == ["Une fois.", "Autre chose."]


def test_one_says_again_what_was_wrong_and_both_are_read(arrive: Arrive, number: int) -> None:
    technician, teacher = arrive("technicien"), arrive("enseignante")
    first = writes(technician, number, "Le 12 mars.").rpartition("-")[2]
    assert f"corriger={first}" in page(technician, number).html
    assert "corriger=" not in page(teacher, number).html
    correcting = page(technician, number, f"?corriger={first}")
    assert form(correcting, number, ALOUD)["message"] == "Le 12 mars."
    assert form(page(teacher, number, f"?corriger={first}"), number, ALOUD)["message"] == "", "it is somebody else's"
    held = form(correcting, number, ALOUD) | {"message": "Le 13 mars."}
    assert send(technician, f"/demandes/{number}/{ALOUD}", **held).status_code == 303
    read = page(teacher, number)
    assert "Le 12 mars." in read.html
    assert "Le 13 mars." in read.html
    assert "corrigé depuis" in read.html
    assert f"corriger={first}" not in page(technician, number).html
    for wrong in ("999999999", "0", "abc", "-1", "9" * 30):
        assert technician.client.get(f"/demandes/{number}?corriger={wrong}").status_code == 200


def test_what_is_given_up_is_read_and_said_no_more(arrive: Arrive, number: int) -> None:
    teacher = arrive("enseignante")
    writes(teacher, number, "Finalement, non.")
    moves(teacher, number, "give_up", raison="Plus besoin.")
    read = page(teacher, number)
    assert "Finalement, non." in read.html
    assert "ne continuent pas" in read.html
    assert not form(read, number, ALOUD)
    late = send(teacher, f"/demandes/{number}/{ALOUD}", cle=new_key(), message="Encore un mot.")
    assert late.status_code == 422


def test_nothing_is_said_of_a_draft(arrive: Arrive, database: Database) -> None:
    teacher, key = arrive("enseignante"), new_key()
    types(teacher, key, title_name="Un brouillon")
    draft = drafts_of(database, "enseignante")[-1].key
    assert send(teacher, f"/demandes/{draft}/{ALOUD}", cle=new_key(), message="Bonjour.").status_code == 422
    assert send(arrive("referent"), f"/demandes/{draft}/{ALOUD}", cle=new_key(), message="Bonjour.").status_code == 404


def test_a_long_discussion_costs_as_many_queries_as_a_short_one(
    arrive: Arrive, number: int, database: Database, count_queries: Counting
) -> None:
    technician = arrive("technicien")
    writes(technician, number, "Le premier de tous.")
    asked = []
    for more in (2, 200):
        _talk(database, number, more)
        page(technician, number)
        with count_queries(database) as sent:
            read = page(technician, number)
        asked.append(len(sent))
    assert asked[0] == asked[1], asked
    assert "Le premier de tous." not in read.html
    assert "Lire aussi" in read.html
    assert "Le premier de tous." in page(technician, number, "?histoire=entiere").html


def _talk(database: Database, number: int, more: int) -> None:
    """As many messages, half of them within, each told by the trail."""

    def work(session: Session) -> None:
        first = session.exec(select(Message).where(Message.request_id == number)).first()
        assert first is not None
        for index in range(more):
            values = {
                **first.model_dump(exclude={"id", "version"}),
                "key_of_page": f"talk-{more:06}-{index:06}",
                "text": f"Mot {index}",
            }
            one = Message(**values | {"thread": Thread.INTERNAL if index % 2 else Thread.PUBLIC})
            session.add(one)
            session.flush()
            move = "said-internally" if index % 2 else "said"
            session.add(
                Event(
                    at=one.written_at, actor=one.author, function=one.written_as, subject_kind="software_request", subject_id=number,
                    move=move, details={"message": one.key},
                )
            )  # fmt: skip

    database.write(work)


def test_the_page_is_said_in_english_too(arrive: Arrive, number: int) -> None:
    teacher = arrive("enseignante")
    writes(teacher, number, "Bonjour à toutes et à tous.")
    teacher.client.set_cookie("langue", "en")
    assert "Bonjour à toutes et à tous." in page(teacher, number).html
