"""Requests by program: what the pages say and do, under the same rules, with a token and never a cookie."""

import io
import itertools
from datetime import timedelta
from typing import Any

import hypothesis
import pytest
import schemathesis
from flask import Flask
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlmodel import Session, col, select

from portal.db import Database
from portal.enclosures.models import Enclosure
from portal.retries.models import KeptAnswer
from portal.signin.models import Token
from portal.text import french
from tests.conftest import Counting
from tests.http.asking import PDF, app, arriving, database
from tests.http.coming_in import SESSION, Browser
from tests.http.programming import API, SIX, Program
from workflows.requests.access import FILLS, May
from workflows.requests.api_models import EnclosureShown, Requests, WholeRequest
from workflows.requests.models import BlockKind, RequestStatus, SoftwareRequest
from workflows.requests.table import REQUESTS

pytest_plugins = ("tests.data.catalogue_data",)
__all__ = ["app", "database"]

EXAMPLES = 12  # of each address, in each manner
FIRST, SECOND = "0261505V", "0260037Z"


@pytest.fixture
def teacher(app: Flask) -> Program:
    return Program(app, "enseignante")


@pytest.fixture
def lead(app: Flask) -> Program:
    return Program(app, "referent")


@pytest.fixture
def head(app: Flask) -> Program:
    return Program(app, "proviseure")


@pytest.fixture
def region(app: Flask) -> Program:
    return Program(app, "region")


def rows(database: Database, table: Any) -> list[Any]:
    with database.read() as session:
        return list(session.exec(select(table).order_by(col(table.id))))


def names(told: Any) -> list[str]:
    return [one["name"] for one in told["moves"]]


# The whole way


def test_a_request_goes_from_the_teacher_to_the_region_by_program(
    teacher: Program, lead: Program, head: Program, region: Program
) -> None:
    answered = teacher.asks("POST", "/requests", json=SIX)
    sent = teacher.told(answered, 201)
    WholeRequest.model_validate(sent)
    number = sent["id"]
    assert answered.headers["Location"] == f"{API}/requests/{number}"
    assert (sent["status"], sent["school"]["uai"], sent["title"]) == ("relay", FIRST, {"slug": None, "name": SIX["title_name"]})
    assert sent["answers"]["discipline"] == "mathematiques"
    assert {name: sent["answers"][name] for name in SIX if name in sent["answers"]} == {
        n: v for n, v in SIX.items() if n in sent["answers"]
    }
    assert names(sent) == ["give_up"]
    assert sent["requester"]["name"].startswith("Enseignante")
    assert sent["holder"]
    assert sent["due_on"] or sent["due_doubt"]
    assert [one["move"] for one in sent["timeline"]] == ["submit"]
    assert teacher.get(f"/requests/{number}") == sent

    assert set(names(lead.get(f"/requests/{number}"))) == {"relay", "ask"}
    asked = lead.moves(number, "ask", reason="Pour quelle salle ?")
    assert (asked["status"], asked["question"]) == ("relay-question", french("Pour quelle salle ?"))
    teacher.moves(number, "answer", reason="La B12.")
    assert lead.moves(number, "relay")["status"] == "visa"
    assert head.moves(number, "endorse")["status"] == "instruction"
    assert region.get(f"/requests/{number}")["moves"] != []
    timeline = region.get(f"/requests/{number}")["timeline"]
    assert [one["move"] for one in timeline] == ["endorse", "relay", "answer", "ask", "submit"]
    assert (timeline[0]["was"], timeline[0]["now"]) == ("visa", "instruction")
    assert [one["at"] for one in timeline] == sorted((one["at"] for one in timeline), reverse=True)


def test_every_move_of_the_table_is_an_address_and_is_judged_as_its_page(app: Flask, ent: str, database: Database) -> None:
    """Who × move: the program and the page, on the same request, are told the same, and neither moves it when it may not."""
    number = Program(app, "enseignante").sends()["id"]
    arrives = arriving(app, ent)
    for login in ("enseignante", "enseignant2", "referent", "proviseure", "region", "packageuse"):
        program, browser = Program(app, login), arrives(login)
        for move in REQUESTS.moves:
            before = rows(database, SoftwareRequest)[-1].version
            # A version that is not there: whoever may make the move is told that it changed, and nothing moves.
            page = browser.client.post(
                f"/demandes/{number}/etapes/{move.name}",
                data={"lu": "999999", "raison": "Oui."},
                headers={"Origin": "http://localhost"},
            )
            api = program.asks("POST", f"/requests/{number}/moves/{move.name}", json={"version": 999999, "reason": "Oui."})
            assert api.status_code == page.status_code, (login, move.name)
            assert api.status_code in {403, 409}
            assert rows(database, SoftwareRequest)[-1].version == before
    program = Program(app, "enseignante")
    assert program.moves(number, "fly", 404) == french("Cette étape n’existe pas. Revenez à la demande.")


@pytest.mark.parametrize("move", [move.name for move in REQUESTS.moves])
def test_what_a_move_answers_is_what_moves_said(app: Flask, database: Database, move: str) -> None:
    """From each state, whoever is offered a move may make it, and whoever is not may not."""
    people = {login: Program(app, login) for login in ("enseignante", "referent", "proviseure", "region")}
    found = [one for one in rows(database, SoftwareRequest) if one.status in REQUESTS.move(move).sources]
    if not found:  # the demonstration has none there: one is brought
        found = [brought(people, REQUESTS.move(move).sources, database)]
    number = found[0].key
    for program in people.values():
        answered = program.asks("GET", f"/requests/{number}")
        if answered.status_code == 404:  # somebody else's draft
            assert program.asks("POST", f"/requests/{number}/moves/{move}", json={}).status_code == 404
            continue
        offered = {one["name"]: one for one in answered.get_json()["moves"]}
        body = {"reason": "Parce que.", "version": 999999}
        status = program.asks("POST", f"/requests/{number}/moves/{move}", json=body).status_code
        assert status == (409 if move in offered else 403), (move, status)
        if move in offered:
            assert offered[move]["allowed"] is (offered[move]["reasons"] == [])


def brought(people: dict[str, Program], sources: Any, database: Database) -> SoftwareRequest:
    teacher, lead, head, region = people.values()
    number = teacher.sends(title_name="Un logiciel pour voir", draft=RequestStatus.DRAFT in sources)["id"]
    steps = {
        RequestStatus.RELAY_QUESTION: [(lead, "ask")],
        RequestStatus.VISA: [(lead, "relay")],
        RequestStatus.VISA_QUESTION: [(lead, "relay"), (head, "ask_before_visa")],
        RequestStatus.DECLINED: [(lead, "relay"), (head, "decline")],
        RequestStatus.INSTRUCTION: [(lead, "relay"), (head, "endorse")],
        RequestStatus.INSTRUCTION_QUESTION: [(lead, "relay"), (head, "endorse"), (region, "ask_in_instruction")],
    }
    for program, move in steps.get(min(sources), []):
        program.moves(number, move, reason="Parce que.")
    if RequestStatus.MERGED in sources:
        other = teacher.sends(title_name="Un autre logiciel")["id"]
        for one in (number, other):
            lead.moves(one, "relay")
            head.moves(one, "endorse")
        region.moves(number, "merge", reason="La même chose", into=other)
    return next(one for one in rows(database, SoftwareRequest) if one.key == number)


def test_a_move_that_is_held_back_says_why_and_refuses_with_the_same_words(teacher: Program, lead: Program, head: Program) -> None:
    number = teacher.sends()["id"]
    lead.moves(number, "relay")
    head.moves(number, "decline", reason="Trop cher.")
    teacher.sends()
    (offer,) = [one for one in teacher.get(f"/requests/{number}")["moves"] if one["name"] == "reconsider"]
    assert offer["allowed"] is False
    assert teacher.moves(number, "reconsider", 422, reason="Il est gratuit.") == " ".join(offer["reasons"])


def test_whoever_comes_second_is_told_that_it_changed(teacher: Program, lead: Program) -> None:
    read = teacher.sends()
    lead.moves(read["id"], "ask", reason="Où ?")
    teacher.moves(read["id"], "answer", reason="Là.")
    assert "a changé" in lead.moves(read["id"], "relay", 409, version=read["version"])
    assert lead.moves(read["id"], "relay", version=lead.get(f"/requests/{read['id']}")["version"])["status"] == "visa"
    assert "Rechargez" in lead.moves(read["id"], "relay", 409)


def test_merging_names_the_other_by_its_number(teacher: Program, lead: Program, head: Program, region: Program) -> None:
    numbers = [teacher.sends(title_name=name)["id"] for name in ("Un simulateur", "Une calculatrice")]
    for number in numbers:
        lead.moves(number, "relay")
        head.moves(number, "endorse")
    assert "Il manque le numéro" in region.moves(numbers[0], "merge", 422, reason="La même chose")
    merged = region.moves(numbers[0], "merge", reason="La même chose", into=numbers[1])
    assert (merged["status"], merged["merged_into"]) == ("merged", numbers[1])
    assert region.get(f"/requests/{numbers[1]}")["merged"] == [numbers[0]]
    assert region.moves(numbers[0], "separate", reason="Tout compte fait")["status"] == "instruction"


# Who reads what


def test_whoever_is_no_party_knows_that_it_exists_and_no_more(app: Flask, teacher: Program) -> None:
    number = teacher.sends()["id"]
    stranger = Program(app, "enseignant2")
    seen = stranger.get(f"/requests/{number}")
    WholeRequest.model_validate(seen)
    assert {
        name for name in ("requester", "timeline", "answers", "blocks", "enclosures", "question", "rank") if seen[name] is not None
    } == set()
    assert seen["moves"] == []
    assert number not in [one["id"] for one in stranger.get("/requests?per_page=100")["items"]]
    assert stranger.asks("POST", f"/requests/{number}/moves/relay", json={}).status_code == 403
    assert stranger.asks("POST", f"/requests/{number}/blocks/school", json={}).status_code == 404
    assert stranger.asks("GET", f"/requests/{number}/colleagues").status_code == 403
    assert stranger.asks("GET", "/requests/999999").status_code == 404


def test_a_draft_is_nobody_elses(app: Flask, teacher: Program, head: Program) -> None:
    number = teacher.sends(draft=True)["id"]
    for method, path in (
        ("GET", ""), ("PUT", ""), ("DELETE", ""), ("POST", "/moves/submit"), ("POST", "/support"), ("POST", "/handover"),
        ("DELETE", "/support"), ("POST", "/attachments?name=a.pdf"), ("GET", "/colleagues"),
    ):  # fmt: skip
        assert head.asks(method, f"/requests/{number}{path}", json={}).status_code == 404, (method, path)
    assert teacher.get(f"/requests/{number}")["status"] == "draft"


@pytest.mark.parametrize("value", ["", "lgt_" + "x" * 43])
def test_without_a_good_token_nothing_is_written(app: Flask, database: Database, ent: str, value: str) -> None:
    """A cookie opens nothing here, with an Origin or without."""
    browser: Browser = arriving(app, ent)("enseignante")
    assert browser.cookie(SESSION)
    before = rows(database, SoftwareRequest)
    shown = {"Authorization": f"Bearer {value}"} if value else {}
    for headers in ({}, {"Origin": "http://localhost"}, {"Sec-Fetch-Site": "same-origin"}):
        for method, path in (
            ("POST", "/requests"),
            ("POST", "/requests/1/moves/relay"),
            ("DELETE", "/requests/1"),
            ("GET", "/requests"),
        ):
            answered = browser.client.open(API + path, method=method, json=SIX, headers={**headers, **shown})
            assert answered.status_code == 401, (path, headers)
            assert answered.headers["WWW-Authenticate"].startswith("Bearer")
    assert len(rows(database, SoftwareRequest)) == len(before)


def test_a_token_that_is_over_or_revoked_opens_nothing(app: Flask, database: Database, teacher: Program) -> None:
    now = app.extensions["logitheque"].clock.now()

    def change(**what: Any) -> None:
        def work(session: Session) -> None:
            for one in session.exec(select(Token)):
                for name, value in what.items():
                    setattr(one, name, value)

        database.write(work)

    assert teacher.get("/requests")["total"] >= 0
    change(revoked_at=now)
    assert "révoqué" in teacher.get("/requests", 401)
    change(revoked_at=None, made_at=now - timedelta(9), expires_at=now - timedelta(1))
    assert "expiré" in teacher.sends(401)


def test_a_token_without_the_permission_is_told_which_one(app: Flask, teacher: Program) -> None:
    number = teacher.sends()["id"]
    only = Program(app, "enseignante", May.SEE)
    assert "request:write" in only.sends(403)
    assert "request:write" in only.moves(number, "give_up", 403)
    assert "request:read" in only.get("/requests", 403)
    assert "request:write" in only.get("/requests?view=mine", 403)
    assert only.get("/requests?view=supported")["total"] == 0
    assert only.get(f"/requests/{number}")["answers"] is None, "not even her own file"
    reads = Program(app, "enseignante", May.READ, May.SEE)
    assert reads.get(f"/requests/{number}")["answers"]
    writes = Program(app, "enseignante", May.WRITE)
    assert writes.sends(title_name="Un autre")["answers"] is None
    assert "request:see" in writes.get("/requests", 403)


# Searching


def test_lists_are_those_of_the_pages_narrowed_and_counted(teacher: Program, lead: Program, region: Program) -> None:
    numbers = [teacher.sends(title_name=f"Marégraphe {n}")["id"] for n in range(3)]
    lead.moves(numbers[0], "relay")
    draft = teacher.sends(title_name="Marégraphe à finir", draft=True)["id"]
    mine = teacher.get("/requests?view=mine&q=maregraphe")
    Requests.model_validate(mine)
    assert {one["id"] for one in mine["items"]} == set(numbers)
    assert mine["facets"]["status"] == {"relay": 2, "visa": 1}
    assert teacher.get("/requests?view=mine&q=maregraphe&status=visa")["facets"]["status"] == {"relay": 2, "visa": 1}
    assert [one["id"] for one in teacher.get("/requests?view=mine&q=maregraphe&status=visa")["items"]] == [numbers[0]]
    assert [one["id"] for one in teacher.get("/requests?view=drafts&q=maregraphe")["items"]] == [draft]
    assert {one["id"] for one in lead.get("/requests?view=waiting&q=maregraphe&status=relay")["items"]} == set(numbers[1:])
    assert lead.get("/requests?q=maregraphe&kind=withdrawal")["total"] == 0
    assert region.get(f"/requests?q=maregraphe&school={FIRST}")["total"] == 3
    assert region.get(f"/requests?q=maregraphe&school={SECOND}")["total"] == 0
    item = mine["items"][0]
    assert {"id", "status", "title", "school", "requester", "moves", "timeline", "holder", "due_on"} <= set(item)
    assert item["moves"] == teacher.get(f"/requests/{item['id']}")["moves"]
    assert item["timeline"] == teacher.get(f"/requests/{item['id']}")["timeline"]
    second = teacher.get("/requests?view=mine&q=maregraphe&per_page=2&page=2")
    assert (len(second["items"]), second["total"], second["page"], second["per_page"]) == (1, 3, 2, 2)
    assert second["items"] == mine["items"][2:]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("view=others", "« view » vaut l’un de : all, mine, waiting, drafts, supported."),
        ("status=sent", "« status » vaut l’un de : draft, relay"),
        ("kind=x", "« kind » vaut l’un de : new-title"),
        ("school=ici", "« school » n’a pas la forme attendue"),
        ("statut=relay", "Le paramètre « statut » n’existe pas ici."),
        ("per_page=101", "« per_page » est un nombre entier de 1 à 100."),
    ],
)
def test_a_wrong_filter_is_named(teacher: Program, query: str, said: str) -> None:
    assert french(said) in teacher.get(f"/requests?{query}", 422)


def test_thirty_cost_as_many_queries_as_three(app: Flask, database: Database, teacher: Program, count_queries: Counting) -> None:
    numbers = [teacher.sends(title_name=f"Logiciel {chr(97 + n // 6)}{n % 6}")["id"] for n in range(30)]
    assert len(numbers) == 30

    def cost(query: str, found: int) -> int:
        teacher.get(f"/requests?{query}")
        with count_queries(database) as sent:
            assert len(teacher.get(f"/requests?{query}")["items"]) == found
        return len(sent)

    assert cost("view=mine&q=logiciel&per_page=3", 3) == cost("view=mine&q=logiciel&per_page=30", 30)


# Writing


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"lieu": "ici"}, "Le champ « lieu » n’existe pas ici. Champs connus : school, kind, title"),
        ({"pupils": "48"}, "« pupils » est un nombre entier de 1 à 5000."),
        ({"pupils": 48.5}, "« pupils » est un nombre entier de 1 à 5000."),
        ({"pupils": True}, "« pupils » est un nombre entier de 1 à 5000."),
        ({"pupils": 0}, "« pupils » est un nombre entier de 1 à 5000."),
        ({"pupils": 10**30}, "« pupils » est un nombre entier de 1 à 5000."),
        ({"kind": "purchase"}, "« kind » vaut l’un de : new-title, new-version, extension, list-change, renewal, withdrawal."),
        ({"needed_on": "bientôt"}, "« needed_on » est un jour, écrit AAAA-MM-JJ : par exemple 2027-09-01."),
        ({"needed_on": 20270901}, "« needed_on » est un jour, écrit AAAA-MM-JJ : par exemple 2027-09-01."),
        ({"need": 3}, "« need » est un texte."),
        ({"need": None}, "« need » est un texte."),
        ({"need": "a" * 4001}, "« need » compte 4000 caractères au plus."),
        ({"draft": "oui"}, "« draft » vaut true ou false."),
        ({"discipline": "alchimie"}, "« discipline » vaut l’un de : "),
        ({"title": "nulle-part", "title_name": ""}, "« title » : le catalogue ne connaît pas ce titre."),
        ({"title": "gimp"}, "pas les deux"),
        ({"list": "nulle-part"}, "« list » : le territoire n’a pas cette liste."),
        ({"school": "0000000A"}, "Cet établissement n’est pas l’un des vôtres."),
        ({"need": "a" * 2001}, "need : Le texte dépasse 2000 caractères."),
        ({"need": " \u0000 "}, "need : Il manque ce que vos élèves en feront."),
        ({"needed_on": "2020-01-01"}, "Le jour où il vous le faut est passé."),
        ({"website": "marees"}, "website : Écrivez l’adresse entière"),
        ({"kind": "new-version"}, "Cette demande porte sur un logiciel que le catalogue connaît."),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_kept(teacher: Program, database: Database, body: Any, said: str) -> None:
    before = len(rows(database, SoftwareRequest))
    assert french(said) in teacher.sends(422, **body)
    assert len(rows(database, SoftwareRequest)) == before


def test_all_that_is_missing_or_wrong_is_said_at_once(teacher: Program) -> None:
    said = teacher.post("/requests", {"kind": "new-title"}, 422)
    assert [
        name
        for name in ("title_name", "discipline", "audience", "need", "places", "needed_on", "considered")
        if f"{name}\u00a0:" not in said
    ] == []
    said = teacher.post("/requests", {"pupils": "x", "draft": 1, "lieu": 2}, 422)
    assert [name for name in ("pupils", "draft", "lieu") if french(f"« {name} »") not in said] == []


@pytest.mark.parametrize(
    ("data", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b'{"need": "\\ud800"}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"[]", "application/json", 422),
        (b'"x"', "application/json", 422),
        (b"null", "application/json", 422),
        (b"need=x", "application/x-www-form-urlencoded", 415),
        (b"<need/>", "application/xml", 415),
        (b"{}", "text/plain", 415),
        (b"{}", "", 415),
        (b" " * 11_000_000, "application/json", 413),
    ],
)
def test_a_body_that_is_no_json_object_is_refused_in_words(teacher: Program, data: bytes, kind: str, status: int) -> None:
    answered = teacher.asks("POST", "/requests", data=data, content_type=kind or None)
    assert answered.status_code == status
    assert answered.get_json()["detail"]


def test_a_draft_is_kept_rewritten_joined_to_sent_and_left_alone(teacher: Program, lead: Program, database: Database) -> None:
    draft = teacher.post("/requests", {"draft": True, "title": "freecad", "pupils": 12}, 201)
    number = draft["id"]
    assert (draft["status"], draft["title"]["slug"], draft["answers"]["pupils"]) == ("draft", "freecad", 12)
    assert (draft["timeline"], draft["blocks"], names(draft)) == ([], [], ["submit"])
    assert "need\u00a0:" in teacher.moves(number, "submit", 422)
    rewritten = teacher.told(teacher.asks("PUT", f"/requests/{number}", json=SIX), 200)
    assert (rewritten["title"]["name"], rewritten["answers"]["discipline"]) == (SIX["title_name"], "mathematiques")
    piece = teacher.told(teacher.asks("POST", f"/requests/{number}/attachments?name=devis.pdf", data=PDF), 201)
    EnclosureShown.model_validate(piece)
    assert teacher.asks("GET", piece["url"].removeprefix(API)).data == PDF
    assert teacher.moves(number, "submit")["enclosures"] == [piece]
    assert "déjà envoyée" in teacher.told(teacher.asks("PUT", f"/requests/{number}", json=SIX), 409)
    assert "déjà envoyée" in teacher.told(teacher.asks("DELETE", f"/requests/{number}"), 422)
    assert teacher.asks("DELETE", piece["url"].removeprefix(API)).status_code == 409
    assert teacher.asks("POST", f"/requests/{number}/attachments?name=a.pdf", data=PDF + b"2").status_code == 409
    answered = lead.asks("GET", piece["url"].removeprefix(API))
    assert answered.headers["Content-Disposition"] == "attachment; filename=devis.pdf"
    assert lead.asks("GET", f"/requests/{number}/attachments/999999").status_code == 404


def test_what_is_joined_is_judged_by_what_it_holds(teacher: Program, database: Database) -> None:
    number = teacher.post("/requests", {"draft": True}, 201)["id"]
    before = len(rows(database, Enclosure))

    def joins(name: str, content: bytes, status: int) -> Any:
        return teacher.told(teacher.asks("POST", f"/requests/{number}/attachments{name}", data=io.BytesIO(content)), status)

    assert "Il manque le paramètre" in joins("", PDF, 422)
    assert "programme" in joins("?name=a.pdf", b"MZ\x00", 422)
    assert "vide" in joins("?name=a.pdf", b"", 422)
    assert "dépasse 5" in joins("?name=a.pdf", PDF + b" " * 5 * 1024 * 1024, 422)
    assert len(rows(database, Enclosure)) == before
    one, again = joins("?name=a.pdf", PDF, 201), joins("?name=b.pdf", PDF, 201)
    assert one == again
    assert teacher.asks("DELETE", f"/requests/{number}/attachments/{one['id']}").status_code == 204
    assert teacher.asks("DELETE", f"/requests/{number}/attachments/{one['id']}").status_code == 404
    assert teacher.asks("DELETE", f"/requests/{number}").status_code == 204
    assert teacher.asks("GET", f"/requests/{number}").status_code == 404


def test_whoever_has_two_schools_says_for_which(app: Flask) -> None:
    both = Program(app, "itinerante")
    assert french("« school » : dites pour lequel de vos établissements : ") in both.sends(422)
    assert both.sends(school=f"{SECOND[:3]} {SECOND[3:].lower()}")["school"]["uai"] == SECOND


# The other acts of the pages


def test_a_colleague_supports_corrects_and_takes_back(app: Flask, teacher: Program) -> None:
    number = teacher.sends()["id"]
    colleague = Program(app, "enseignant2")
    said = colleague.post(f"/requests/{number}/support", {"school": FIRST, "pupils": 30}, 422)
    assert [name for name in ("school", "audience", "weeks") if f"{name}\u00a0:" not in said] == []
    signed = {"school": SECOND, "audience": "Terminale", "pupils": 30, "weeks": 12, "note": "Utile"}
    told = colleague.post(f"/requests/{number}/support", signed)
    assert (told["supporters"]["people"], told["supporters"]["schools"], told["supporters"]["mine"]) == (2, 2, signed)
    assert colleague.post(f"/requests/{number}/support", {**signed, "pupils": 31})["supporters"]["mine"]["pupils"] == 31
    assert colleague.get("/requests?view=supported")["items"][0]["id"] == number
    assert colleague.asks("DELETE", f"/requests/{number}/support").status_code == 204
    assert colleague.get(f"/requests/{number}")["supporters"]["mine"] is None
    assert "votre demande" in teacher.post(f"/requests/{number}/support", {**signed, "school": FIRST}, 422)


def test_a_block_is_filled_by_its_owner(app: Flask, teacher: Program, lead: Program) -> None:
    number = teacher.sends()["id"]
    (block,) = [one for one in lead.get(f"/requests/{number}")["blocks"] if one["kind"] == "school"]
    assert (block["state"], block["allowed"], set(block["questions"])) == ("owed", True, {"rooms", "tester", "council"})
    path = f"/requests/{number}/blocks/school"
    said = lead.post(path, {"answers": {"rooms": "B12", "salle": "B12"}}, 422)
    assert french("Le champ « salle » n’existe pas ici.") in said
    assert "answers.tester\u00a0:" in said
    assert french("« answers.rooms » est un texte.") in lead.post(path, {"answers": {"rooms": 3}}, 422)
    assert french("« answers » est un objet JSON") in lead.post(path, {"answers": []}, 422)
    answers = {"rooms": "B12 et B14", "tester": "Un·e professeur·e, fin juin"}
    told = lead.post(path, {"answers": answers, "version": block["version"]})
    (filled,) = [one for one in told["blocks"] if one["kind"] == "school"]
    assert (filled["state"], filled["answers"], filled["owner"]) == ("filled", answers, None)
    assert "Quelqu’un a complété" in lead.post(path, {"answers": answers, "version": block["version"]}, 409)
    assert told["timeline"][0]["details"] == {"block": "school"}
    teacher.post(path, {"answers": answers}, 403)
    for kind in BlockKind:
        status = lead.asks(
            "POST", f"/requests/{number}/blocks/{kind}", json={"needed": False, "reason": "Sans objet ici."}
        ).status_code
        assert status == (200 if FILLS[kind] is May.FILL_SCHOOL else 403)
    lead.post(f"/requests/{number}/blocks/nothing", {}, 404)


def test_a_request_is_handed_over_to_a_colleague(app: Flask, teacher: Program) -> None:
    number = teacher.sends()["id"]
    (to, *_others) = teacher.get(f"/requests/{number}/colleagues")["items"]
    told = teacher.post(f"/requests/{number}/handover", {"person": to["id"], "reason": "Je pars."})
    assert told["own"] is False
    assert told["requester"] is None
    assert "n’est pas rattachée" in Program(app, "referent").post(f"/requests/{number}/handover", {"person": 999999}, 422)
    Program(app, "enseignant2").post(f"/requests/{number}/handover", {"person": to["id"]}, 403)
    assert french("Il manque le champ « person ».") in teacher.post(f"/requests/{number}/handover", {}, 422)


def test_the_head_ranks_the_requests_of_the_school(app: Flask, teacher: Program, head: Program, lead: Program) -> None:
    numbers = [teacher.sends(title_name=f"Logiciel {chr(97 + n)}")["id"] for n in range(3)]
    path = f"/schools/{FIRST}/ranks"
    assert head.told(head.asks("PUT", path, json={"order": numbers}), 200)["order"] == numbers
    assert [head.get(f"/requests/{number}")["rank"] for number in numbers] == [1, 2, 3]
    assert head.told(head.asks("PUT", path, json={"order": numbers[:0:-1]}), 200)["order"] == numbers[:0:-1]
    assert [head.get(f"/requests/{number}")["rank"] for number in numbers] == [None, 2, 1]
    assert lead.asks("PUT", path, json={"order": numbers}).status_code == 403
    assert head.asks("PUT", f"/schools/{SECOND}/ranks", json={"order": []}).status_code == 404
    assert head.asks("PUT", path, json={"order": [999999]}).status_code == 422
    assert "est une liste" in head.told(head.asks("PUT", path, json={"order": "1"}), 422)


# The document

CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance, response_headers_conformance,
]  # fmt: skip


@pytest.mark.parametrize(
    "manner", [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE], ids=["good", "bad"]
)
def test_whatever_a_program_sends_is_answered_as_described(
    app: Flask, teacher: Program, manner: schemathesis.GenerationMode
) -> None:
    """Of a request and of a draft that are there: what is made at random seldom is."""
    described = schemathesis.openapi.from_wsgi(f"{API}/openapi.json", app)
    numbers = itertools.cycle([teacher.sends()["id"], teacher.sends(draft=True, title_name="À finir")["id"]])
    headers = {"Accept-Encoding": "identity", "Authorization": f"Bearer {teacher.token}"}
    closed = [one for one in (result.ok() for result in described.get_all_operations()) if "security" in one.definition.raw]
    answered: dict[str, set[int]] = {}
    for operation in closed:
        if manner is schemathesis.GenerationMode.NEGATIVE and not (operation.query or operation.path_parameters or operation.body):
            continue  # nothing can be wrong

        @hypothesis.settings(max_examples=EXAMPLES, suppress_health_check=list(hypothesis.HealthCheck))
        @hypothesis.given(case=operation.as_strategy(generation_mode=manner))
        def ask(case: Any) -> None:
            if manner is schemathesis.GenerationMode.POSITIVE and "number" in case.path_parameters:
                case.path_parameters["number"] = next(numbers)
            told = case.call_and_validate(headers=headers, checks=CHECKS)
            answered.setdefault(case.operation.label, set()).add(told.status_code)

        ask()
    assert "POST /requests/{number}/moves/{move}" in answered
    if manner is schemathesis.GenerationMode.POSITIVE:  # what is bad may lack its token too
        assert not {401, 415} & set().union(*answered.values()), answered
    else:
        assert answered["POST /requests"] & {400, 422}, answered


# Once


def test_the_same_key_gives_the_same_answer_and_does_nothing_more(teacher: Program, database: Database) -> None:
    first = teacher.asks("POST", "/requests", json=SIX, key="8e03978e-40d5")
    again = teacher.asks("POST", "/requests", json=SIX, key='"8e03978e-40d5"')
    assert (first.status_code, again.status_code) == (201, 201)
    assert (first.data, first.headers["Location"]) == (again.data, again.headers["Location"])
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    number = first.get_json()["id"]
    left = teacher.asks("POST", f"/requests/{number}/moves/give_up", json={"reason": "Finalement non."}, key="b")
    assert left.data == teacher.asks("POST", f"/requests/{number}/moves/give_up", json={"reason": "Finalement non."}, key="b").data
    assert [one["move"] for one in teacher.get(f"/requests/{number}")["timeline"]] == ["give_up", "submit"]
    assert len(rows(database, KeptAnswer)) == 2


def test_the_same_key_for_something_else_is_refused(app: Flask, teacher: Program) -> None:
    number = teacher.sends(key="one")["id"]
    for path, body in (("/requests", {**SIX, "pupils": 47}), (f"/requests/{number}/moves/give_up", {})):
        assert "déjà servi" in teacher.post(path, body, 422, key="one")
    assert "déjà servi" in Program(app, "enseignante", May.WRITE, May.SEE).sends(422, key="one"), "an answer of another token"
    assert Program(app, "referent").sends(key="one", title_name="Autre chose")["id"] != number, "another account"


def test_what_is_refused_may_be_corrected_under_the_same_key(teacher: Program, database: Database) -> None:
    teacher.sends(422, key="mine", need="")
    assert rows(database, KeptAnswer) == []
    assert teacher.sends(key="mine")["status"] == "relay"


@pytest.mark.parametrize("key", [" ", "é", "a b", "x" * 256, '""'])
def test_a_key_that_is_none_is_refused(teacher: Program, key: str) -> None:
    assert "Idempotency-Key" in teacher.told(teacher.asks("POST", "/requests", json=SIX, key=key.encode().decode("latin-1")), 400)


def test_without_a_key_nothing_is_doubled_either(teacher: Program, database: Database) -> None:
    number = teacher.sends()["id"]
    assert f"n°\u00a0{number}" in teacher.sends(422) or f"n° {number}" in teacher.sends(422)
    drafts = {teacher.sends(draft=True, title_name="Un brouillon")["id"] for _time in range(3)}
    assert len(drafts) == 1
    teacher.moves(drafts.pop(), "submit")
    assert teacher.sends(draft=True, title_name="Un brouillon")["status"] == "draft", "what was sent is not begun again"
