"""The words of letters are data of a territory: seen as they would be read, changed with a reason, and never lost."""

from typing import Any

import pytest
from flask import Flask
from sqlmodel import col, select
from werkzeug.test import TestResponse

from portal.administration.letters import WORDS
from portal.db import Database
from portal.letters.models import Letter, LetterWords, Notice
from portal.letters.wording import LONGEST_REASON
from portal.letters.words import LONGEST_SUBJECT, LONGEST_TEXT, Words
from tests.http.administering import comes_in, events, install, portal_of, send
from tests.http.asking import asks
from tests.http.coming_in import Browser
from tests.http.reading import Read, words
from tests.http.test_letter_settings import writes_letters
from tests.http.test_news import own_ent

pytest_plugins = ("tests.data.catalogue_data",)
__all__ = ["own_ent"]

PATH = "/administration/lettres"
CODE = "request.submit.requester"
OF_REGION = f"{PATH}/aura/{CODE}"
OWN = {
    "subject": "Demande {demande} bien reçue", "text": "La Région a votre demande pour « {logiciel} ».\n\n{recu}",
    "reason": "Dire « la Région ».",
}  # fmt: skip
MARKUP = "<b>Bonjour</b> <script>alert(1)</script>"


@pytest.fixture
def database(app: Flask, ent: str) -> Database:
    install(app, ent)
    return portal_of(app).database


@pytest.fixture
def region(app: Flask, ent: str, database: Database) -> Browser:
    return comes_in(Browser(app, ent), "region")


@pytest.fixture
def administrator(app: Flask, ent: str, database: Database) -> Browser:
    return comes_in(Browser(app, ent), "administratrice")


def of_portal(app: Flask) -> Words:
    found: Words = app.extensions[WORDS][CODE]
    return found


def form(page: TestResponse) -> dict[str, str]:
    """What the page would send."""
    read = Read(page)
    typed = {name: read.all("input", name=name)[0].get("value", "") for name in ("read", "subject", "reason")}
    return typed | {"text": "".join(read.all("textarea", name="text")[0].itertext()).strip("\n")}


def preview(page: TestResponse) -> list[str]:
    """The subject, then each paragraph."""
    (shown,) = Read(page).all("div", class_="letter-preview")
    return [words(one) for one in shown if one.tag in {"h3", "p"}]


def writes(browser: Browser, path: str = OF_REGION, **typed: str) -> TestResponse:
    """As the form of the page sends it, with what was typed in it."""
    return send(browser, path, **{**form(browser.client.get(path)), **OWN, **typed})


def own_words(database: Database) -> list[dict[str, Any]]:
    with database.read() as session:
        return [one.model_dump() for one in session.exec(select(LetterWords).order_by(col(LetterWords.id)))]


def faults(page: TestResponse) -> str:
    (said,) = Read(page).all("div", class_="error-summary")
    return words(said)


# Who sees what


def test_each_sees_the_territories_that_they_run(region: Browser, administrator: Browser) -> None:
    def listed(browser: Browser) -> list[str]:
        (held,) = Read(browser.client.get(PATH)).all("ul", class_="alternatives")
        return [one.attrib["href"] for one in held.iter("a")]

    assert listed(region) == [f"{PATH}/aura"]
    assert sorted(listed(administrator)) == [f"{PATH}/aura", f"{PATH}/isere"]
    for browser in (region, administrator):
        assert f'href="{PATH}"' in browser.client.get("/administration").text


def test_whoever_runs_another_territory_finds_none_here(region: Browser, database: Database) -> None:
    for code in ("isere", "nulle-part"):
        assert region.client.get(f"{PATH}/{code}").status_code == 404
        assert region.client.get(f"{PATH}/{code}/{CODE}").status_code == 404
        assert send(region, f"{PATH}/{code}/{CODE}", read="0", **OWN).status_code == 404
    assert own_words(database) == []


@pytest.mark.parametrize("login", ["enseignante", "proviseure", "technicien"])
def test_a_teacher_a_head_and_a_technician_are_told_who_may(app: Flask, ent: str, database: Database, login: str) -> None:
    browser = comes_in(Browser(app, ent), login)
    for path in (PATH, f"{PATH}/aura", OF_REGION):
        assert browser.client.get(path).status_code == 403
    assert send(browser, OF_REGION, read="0", **OWN).status_code == 403
    assert own_words(database) == []


def test_a_letter_that_the_portal_does_not_write_is_not_there(region: Browser, database: Database) -> None:
    for code in ("request.submit.nobody", "x", "REQUEST.SUBMIT.REQUESTER", "%00"):
        assert region.client.get(f"{PATH}/aura/{code}").status_code == 404, code
        assert send(region, f"{PATH}/aura/{code}", read="0", **OWN).status_code == 404, code
    assert own_words(database) == []


# What is shown


def test_the_list_says_when_each_letter_is_written_and_whose_words_it_has(region: Browser, app: Flask) -> None:
    def rows() -> dict[str, list[str]]:
        (table,) = Read(region.client.get(f"{PATH}/aura")).all("table")
        found = {}
        for row in table.iter("tr"):
            for link in row.iter("a"):
                found[link.attrib["href"].rpartition("/")[2]] = [words(cell) for cell in row if cell.tag in {"th", "td"}]
        return found

    assert list(rows()) == list(app.extensions[WORDS])
    when, subject, kind, whose = rows()[CODE]
    assert when.startswith("Une demande est envoyée")
    assert "{logiciel}" in subject
    assert (kind, whose) == ("Vos demandes", "ceux du portail")
    writes(region)
    assert rows()[CODE][1:] == ["Demande {demande} bien reçue", "Vos demandes", "les vôtres"]
    assert [code for code, row in rows().items() if row[-1] == "les vôtres"] == [CODE]


def test_a_letter_is_shown_as_it_reads_with_all_that_may_stand_in_it(region: Browser, app: Flask) -> None:
    page = region.client.get(OF_REGION)
    subject, *paragraphs = preview(page)
    assert "[le logiciel demandé]" in subject
    assert len(paragraphs) == len(of_portal(app).text.split("\n\n"))
    assert not [one for one in (subject, *paragraphs) if "{" in one]
    said = [words(one) for one in Read(page).all("dt")]
    assert said == [f"{{{name}}}" for name in of_portal(app).values]
    assert form(page) == {"read": "0", "subject": of_portal(app).subject, "text": of_portal(app).text, "reason": ""}
    assert "Revenir aux mots du portail" not in page.text


# What is written


def test_words_are_kept_with_who_why_and_what_was_there_before(region: Browser, app: Flask, database: Database) -> None:
    done = writes(region)
    assert (done.status_code, done.headers["Location"]) == (303, OF_REGION)
    page = region.client.get(OF_REGION)
    assert preview(page)[0] == "Demande [le numéro de la demande] bien reçue"
    assert form(page) | {"reason": ""} == {**OWN, "reason": "", "read": "1"}
    assert "Revenir aux mots du portail" in page.text
    writes(region, subject="Demande {demande} reçue", reason="Plus court.")
    first, second = events(database, "territory", "letter-words-set")
    assert (first.reason, first.details) == (OWN["reason"], {"letter": CODE, "was": [of_portal(app).subject, of_portal(app).text]})
    assert (second.reason, second.details) == ("Plus court.", {"letter": CODE, "was": [OWN["subject"], OWN["text"]]})
    assert {one.function for one in (first, second)} == {"Responsable des listes de la Région"}


def test_another_territory_and_another_letter_keep_their_words(region: Browser, administrator: Browser, app: Flask) -> None:
    writes(region)
    for path in (f"{PATH}/isere/{CODE}", f"{PATH}/aura/request.relay.requester"):
        assert "dite avec les mots du portail" in administrator.client.get(path).text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"subject": ""}, "Il manque l’objet"),
        ({"subject": " \t "}, "Il manque l’objet"),
        ({"text": "\n \n"}, "Il manque le texte"),
        ({"reason": ""}, "Il manque la raison de ce changement"),
        ({"reason": "  "}, "Il manque la raison de ce changement"),
        ({"subject": "é" * (LONGEST_SUBJECT + 1)}, f"L’objet dépasse {LONGEST_SUBJECT} caractères"),
        ({"text": "é" * (LONGEST_TEXT + 1)}, f"Le texte dépasse {LONGEST_TEXT} caractères"),
        ({"reason": "é" * (LONGEST_REASON + 1)}, f"La raison dépasse {LONGEST_REASON} caractères"),
    ],
)
def test_what_is_missing_or_too_long_is_refused_and_what_was_typed_stays(
    region: Browser, database: Database, typed: dict[str, str], said: str
) -> None:
    refused = writes(region, **typed)
    assert refused.status_code == 422
    assert said in faults(refused)
    kept = {name: value for name, value in form(refused).items() if name not in {"read", *typed}}
    assert kept == {name: value for name, value in OWN.items() if name not in typed}
    assert own_words(database) == []
    assert events(database, "territory", "letter-words-set") == []


def test_what_is_exactly_as_long_as_may_be_is_kept(region: Browser, database: Database) -> None:
    assert writes(region, subject="é" * LONGEST_SUBJECT, text="é" * LONGEST_TEXT, reason="é" * LONGEST_REASON).status_code == 303
    assert [(len(one["subject"]), len(one["text"])) for one in own_words(database)] == [(LONGEST_SUBJECT, LONGEST_TEXT)]


@pytest.mark.parametrize("place", ["logiciels", "", " logiciel ", "LOGICIEL", "nom.__class__", "0", "<b>"])
def test_a_place_that_nothing_fills_is_refused_with_all_those_that_something_does(
    region: Browser, app: Flask, database: Database, place: str
) -> None:
    refused = writes(region, text=f"Votre demande : {{{place}}}.")
    assert refused.status_code == 422
    assert f"« {{{place}}} » ne tient la place de rien" in faults(refused)
    for name in of_portal(app).values:
        assert f"{{{name}}}" in faults(refused)
    assert own_words(database) == []


def test_faults_of_the_subject_and_of_the_text_are_said_together(region: Browser) -> None:
    said = faults(writes(region, subject="{rien}", text="{peu} {rien}"))
    assert said.count("{rien}") == said.count("{peu}") == 1


def test_a_second_person_loses_nothing_of_what_they_typed_and_can_send_it_again(
    region: Browser, administrator: Browser, database: Database
) -> None:
    read = form(administrator.client.get(OF_REGION))
    writes(region)
    theirs = {"subject": "Reçue : {demande}", "text": "Merci.", "reason": "Plus simple."}
    met = send(administrator, OF_REGION, **{**read, **theirs})
    assert met.status_code == 409
    assert "Quelqu’un a changé cette lettre" in faults(met)
    assert form(met) == {**theirs, "read": "1"}
    assert preview(met)[0] == "Demande [le numéro de la demande] bien reçue", "what is stored is shown above"
    assert [one["subject"] for one in own_words(database)] == [OWN["subject"]]
    assert send(administrator, OF_REGION, **form(met)).status_code == 303
    assert [one["subject"] for one in own_words(database)] == [theirs["subject"]]
    assert events(database, "territory", "letter-words-set")[-1].details["was"] == [OWN["subject"], OWN["text"]]


def test_who_writes_over_words_that_were_taken_back_meanwhile_is_told(
    region: Browser, administrator: Browser, database: Database
) -> None:
    writes(region)
    read = form(administrator.client.get(OF_REGION))
    writes(region, faire="revenir")
    met = send(administrator, OF_REGION, **{**read, "reason": "Je préfère ainsi."})
    assert (met.status_code, form(met)["read"]) == (409, "0")
    assert send(administrator, OF_REGION, **form(met)).status_code == 303
    assert len(own_words(database)) == 1


def test_a_version_that_is_no_number_is_that_of_the_portal_s_words(region: Browser, database: Database) -> None:
    for read in ("", "x", "-1", "9" * 30, "²"):
        assert writes(region, read=read, subject=f"Lu {read[:5]}", reason="Essai").status_code in {303, 409, 422}
    assert len(own_words(database)) <= 1
    assert writes(region).status_code == 303


def test_one_goes_back_to_the_words_of_the_portal_and_the_trail_keeps_one_s_own(
    region: Browser, app: Flask, database: Database
) -> None:
    writes(region)
    without_reason = writes(region, faire="revenir", reason="")
    assert without_reason.status_code == 422
    done = writes(region, faire="revenir", reason="Les leurs suffisent.")
    assert (done.status_code, done.headers["Location"]) == (303, OF_REGION)
    assert own_words(database) == []
    page = region.client.get(OF_REGION)
    assert form(page)["subject"] == of_portal(app).subject
    assert "Revenir aux mots du portail" not in page.text
    last = events(database, "territory", "letter-words-set")[-1]
    assert (last.reason, last.details["was"]) == ("Les leurs suffisent.", [OWN["subject"], OWN["text"]])


@pytest.mark.parametrize("doing", ["", "revenir"])
def test_a_double_click_writes_once(region: Browser, database: Database, doing: str) -> None:
    if doing:
        writes(region)
    sent = {**form(region.client.get(OF_REGION)), **OWN, **({"faire": doing} if doing else {})}
    assert send(region, OF_REGION, **sent).status_code == 303
    before, told = own_words(database), len(events(database, "territory", "letter-words-set"))
    assert send(region, OF_REGION, **sent).status_code in {303, 409}
    assert own_words(database) == before
    assert len(events(database, "territory", "letter-words-set")) == told


def test_the_same_words_again_change_nothing(region: Browser, app: Flask, database: Database) -> None:
    portals = {"subject": of_portal(app).subject, "text": of_portal(app).text}
    assert writes(region, **portals).status_code == 303
    assert own_words(database) == []
    writes(region)
    assert writes(region).status_code == 303
    assert [one["version"] for one in own_words(database)] == [1]
    assert len(events(database, "territory", "letter-words-set")) == 1
    assert writes(region, **portals).status_code == 303
    assert own_words(database) == [], "typed by hand, they are those of the portal"


def test_markup_in_words_is_text_in_the_preview_and_in_the_form(region: Browser) -> None:
    writes(region, subject=f"{MARKUP} {{demande}}", text=f"{MARKUP}\n\nFin.")
    page = region.client.get(OF_REGION)
    assert MARKUP not in page.text
    assert preview(page)[1] == MARKUP
    assert form(page)["text"] == f"{MARKUP}\n\nFin."
    assert MARKUP not in region.client.get(f"{PATH}/aura").text


def test_the_trail_s_page_tells_it(administrator: Browser) -> None:
    writes(administrator)
    assert "Changer les mots d’une lettre" in administrator.client.get("/administration/trace").text


# What letters then say


def test_the_next_letter_says_it_so_and_those_before_stay_as_they_were(own_app: Flask, own_ent: str) -> None:
    database = portal_of(own_app).database
    teacher, region = (comes_in(Browser(own_app, own_ent), login) for login in ("enseignante", "region"))
    before = asks(teacher)
    writes(region, text=f"{MARKUP} {{logiciel}} {{{{demande}}}}\n\n{{raison}}")
    after = asks(teacher, title_name="Herbier {demande} <i>")
    with database.read() as session:
        told = {
            one.about_id: one for one in session.exec(select(Notice).where(Notice.code == CODE)) if one.about_id in {before, after}
        }
    assert "est reçue" in told[before].subject
    assert told[after].subject == f"Demande {after} bien reçue"
    assert told[after].text == f"{MARKUP} Herbier {{demande}} <i> {{{after}}}", (
        "an empty paragraph is left out, a value is read once"
    )
    assert writes_letters(own_app) >= 2
    with database.read() as session:
        letter = session.get_one(Letter, session.get_one(Notice, told[after].key).letter_id)
    assert letter.subject == f"Demande {after} bien reçue"
    assert MARKUP in letter.body
    assert MARKUP not in letter.html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; Herbier {demande} &lt;i&gt;" in letter.html
    news = teacher.client.get("/nouvelles")
    assert f"Demande {after} bien reçue" in news.text
    assert MARKUP not in news.text
