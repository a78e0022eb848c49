"""Asking: a draft that loses nothing of what is typed, is sent once, and says what to know before."""

import io
from typing import Any

import pytest
from flask import Flask

from portal.db import Database
from portal.people.models import Person
from portal.text import NBSP
from tests.http.administering import HERE, send
from tests.http.asking import (
    ANSWERS,
    DRAFTS,
    PDF,
    Arrive,
    app,
    arrive,
    arriving,
    asks,
    database,
    drafts_of,
    joins,
    new_key,
    stored,
    types,
)
from tests.http.reading import Read, words
from workflows.requests.models import RequestStatus, SoftwareRequest

pytest_plugins = ("tests.data.catalogue_data",)
__all__ = ["app", "arrive", "database"]


def errors(read: Read) -> list[str]:
    return [words(one) for box in read.all("div", class_="error-summary") for one in box.iter("li")]


def advice(browser: Any, **typed: str) -> str:
    """What is said beside the form when this is typed."""
    answered = types(browser, new_key(), kind="new-title", **typed)
    assert answered.status_code == 200, answered.text
    return Read(answered).text("conseils")


def test_six_answers_make_a_request_that_the_school_has(arrive: Arrive, database: Database) -> None:
    number = asks(arrive("enseignante"))
    held = stored(database, number)
    assert held.status is RequestStatus.RELAY
    assert held.scope == "school:0261505V"
    assert (held.title_id, held.title_name, held.pupils) == (None, "Chronoscope des marées", 48)
    assert held.typed == {}, "a draft’s text is not kept twice"


def test_the_draft_keeps_what_is_typed_even_what_cannot_be_sent(arrive: Arrive, database: Database) -> None:
    teacher, key = arrive("enseignante"), new_key()
    kept = types(teacher, key, kind="new-version", title_name="Chronoscope", pupils="beaucoup", needed_on="à la rentrée")
    assert "Brouillon enregistré à" in kept.text
    assert kept.headers["HX-Replace-Url"] == f"{DRAFTS}/{key}"
    page = Read(teacher.client.get(f"{DRAFTS}/{key}"))
    shown = {
        one.attrib["name"]: one.attrib["value"]
        for one in page.all("input")
        if one.get("name") in {"title_name", "pupils", "needed_on"}
    }
    assert shown == {"title_name": "Chronoscope", "pupils": "beaucoup", "needed_on": "à la rentrée"}
    assert [one.attrib["value"] for one in page.all("input", name="kind") if "checked" in one.attrib] == ["new-version"]
    assert [one.title_name for one in drafts_of(database, "enseignante") if one.key_of_draft == key] == ["Chronoscope"]


def test_what_is_missing_or_wrong_is_said_all_at_once_and_nothing_typed_is_lost(arrive: Arrive) -> None:
    teacher, key = arrive("enseignante"), new_key()
    typed = {
        "kind": "new-title",
        "title_name": "Chronoscope",
        "website": "marees",
        "pupils": "-3",
        "workstations": "1,5",
        "need": "Mesurer",
    }
    refused = send(teacher, DRAFTS, cle=key, faire="envoyer", **typed)
    assert refused.status_code == 422
    said = errors(Read(refused))
    for thing in (
        "Adresse de son site",
        "Combien d’élèves",
        "Sur combien de postes",
        "Discipline",
        "Quelles classes",
        "salles",
        "Il le faut pour le",
        "déjà regardé",
    ):
        assert [one for one in said if thing in one], (thing, said)
    again = Read(teacher.client.get(f"{DRAFTS}/{key}"))
    assert "-3" in again.html
    assert "Mesurer" in again.html
    assert not errors(again), "a draft that is opened again is not scolded"


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"needed_on": "2026-01-01"}, "est passé"),
        ({"kind": "new-version"}, "Choisissez-le parmi ceux qui sont proposés"),
        ({"kind": "new-version", "title_name": "GIMP"}, "Quelle version"),
        ({"kind": "list-change", "title_name": "GIMP"}, "quelle liste"),
    ],
)
def test_a_rule_says_what_to_do(arrive: Arrive, database: Database, other: dict[str, str], said: str) -> None:
    teacher = arrive("enseignante")
    refused = send(teacher, DRAFTS, cle=new_key(), faire="envoyer", **{**ANSWERS, **other})
    assert refused.status_code == 422
    assert [one for one in errors(Read(refused)) if said in one]


def test_two_clicks_and_a_step_back_send_one_request(arrive: Arrive, database: Database) -> None:
    teacher, key = arrive("enseignante"), new_key()
    number = asks(teacher, key)
    assert asks(teacher, key, need="Autre chose, écrit après.") == number
    assert stored(database, number).need == ANSWERS["need"]
    assert teacher.client.get(f"{DRAFTS}/{key}").headers["Location"] == f"/demandes/{number}"


def test_a_school_asks_once_for_the_same_thing_and_is_led_to_the_first(arrive: Arrive) -> None:
    number = asks(arrive("enseignante"))
    refused = send(arrive("documentaliste"), DRAFTS, cle=new_key(), faire="envoyer", **ANSWERS)
    assert refused.status_code == 422
    assert f"c’est la demande n° {number}" in " ".join(errors(Read(refused)))


def test_a_session_that_is_over_when_one_sends_loses_nothing(arrive: Arrive, app: Flask, database: Database) -> None:
    teacher, key = arrive("enseignante"), new_key()
    teacher.client.post("/deconnexion", headers=HERE)
    kept = send(teacher, DRAFTS, cle=key, faire="envoyer", **ANSWERS)
    assert kept.status_code == 401
    held = {one.attrib["name"]: one.attrib["value"] for one in Read(kept).all("input", type="hidden") if "name" in one.attrib}
    assert {"cle": key, "faire": "envoyer", **ANSWERS}.items() <= held.items()
    silent = types(teacher, key, **ANSWERS)
    assert silent.status_code == 401
    assert "HX-Redirect" not in silent.headers, "leaving the page would lose what is on it"


def test_a_draft_is_nobody_elses(arrive: Arrive, database: Database) -> None:
    teacher, key = arrive("enseignante"), new_key()
    types(teacher, key, title_name="Chronoscope")
    (draft,) = [one for one in drafts_of(database, "enseignante") if one.key_of_draft == key]
    for login in ("documentaliste", "referent", "proviseure", "region", "administratrice"):
        other = arrive(login)
        assert other.client.get(f"{DRAFTS}/{key}").status_code == 404
        assert other.client.get(f"/demandes/{draft.key}").status_code == 404
        assert types(other, key, title_name="À moi").status_code == 404
        assert send(other, DRAFTS, cle=key, faire="supprimer").status_code == 404
        assert "Chronoscope" not in other.client.get("/demandes?voir=toutes").text
    assert stored(database, draft.key).title_name == "Chronoscope"


def test_a_deleted_draft_is_gone_with_what_was_joined_and_a_second_click_is_quiet(arrive: Arrive, database: Database) -> None:
    teacher, key = arrive("enseignante"), new_key()
    joins(teacher, key, "devis.pdf", PDF, title_name="Chronoscope")
    (draft,) = [one for one in drafts_of(database, "enseignante") if one.key_of_draft == key]
    for _click in range(2):
        assert send(teacher, DRAFTS, cle=key, faire="supprimer").headers["Location"] == "/demandes?voir=brouillons"
    with database.read() as session:
        assert session.get(SoftwareRequest, draft.key) is None
    assert teacher.client.get(f"{DRAFTS}/{key}").status_code == 404
    number = asks(teacher)
    assert send(teacher, DRAFTS, cle=stored(database, number).key_of_draft, faire="supprimer").status_code == 422


def test_a_piece_is_joined_given_back_as_a_download_and_taken_away(arrive: Arrive, database: Database) -> None:
    teacher, key = arrive("enseignante"), new_key()
    assert joins(teacher, key, "Devis <b>2026</b>.pdf", PDF, **ANSWERS).headers["Location"] == f"{DRAFTS}/{key}#pieces"
    page = Read(teacher.client.get(f"{DRAFTS}/{key}"))
    (link,) = [one for one in page.all("a") if "/pieces/" in one.get("href", "")]
    assert ANSWERS["need"] in page.html, "joining keeps what was typed"
    given = teacher.client.get(link.attrib["href"])
    assert given.data == PDF
    assert given.headers["Content-Disposition"].startswith("attachment")
    assert given.headers["X-Content-Type-Options"] == "nosniff"
    assert given.headers["Cache-Control"] == "no-store"
    given.close()
    number = asks(teacher, key)
    with arrive("referent").client.get(link.attrib["href"]) as read_by_the_school:
        assert read_by_the_school.data == PDF
    for stranger in ("enseignant2", "referent2", "documentaliste"):
        assert arrive(stranger).client.get(link.attrib["href"]).status_code == 404
    assert teacher.client.get(link.attrib["href"].replace(f"/{number}/", f"/{number + 1000}/")).status_code == 404


def test_a_piece_that_is_refused_says_why_and_the_text_stays(arrive: Arrive) -> None:
    teacher, key = arrive("enseignante"), new_key()
    refused = joins(teacher, key, "outil.exe", b"MZ" + b"\0" * 99, **ANSWERS)
    assert refused.status_code == 422
    assert "programme" in " ".join(errors(Read(refused)))
    assert ANSWERS["need"] in refused.text
    nothing = teacher.client.post(DRAFTS, data={"cle": key, "faire": "joindre", "fichier": (io.BytesIO(), "")}, headers=HERE)
    assert nothing.status_code == 422
    assert "Aucun fichier" in nothing.text


def test_taking_away_touches_ones_own_pieces_only(arrive: Arrive) -> None:
    one, two = arrive("enseignante"), arrive("enseignant2")
    mine, theirs = new_key(), new_key()
    joins(one, mine, "a.pdf", PDF), joins(two, theirs, "b.pdf", PDF + b"\n")
    number = next(
        a.attrib["href"].rpartition("/")[2]
        for a in Read(two.client.get(f"{DRAFTS}/{theirs}")).all("a")
        if "/pieces/" in a.get("href", "")
    )
    send(one, DRAFTS, cle=mine, retirer=number)
    assert "b.pdf" in two.client.get(f"{DRAFTS}/{theirs}").text
    send(two, DRAFTS, cle=theirs, retirer=number)
    assert "b.pdf" not in two.client.get(f"{DRAFTS}/{theirs}").text


def test_what_one_has_already_is_said_for_ones_own_school(arrive: Arrive) -> None:
    said = advice(arrive("enseignante"), title_name="autodesk inventor")
    assert "Maintenu" in said
    assert "Algoud-Laffemas" in said
    assert "demandez une extension" in said
    elsewhere = advice(arrive("enseignant2"), title_name="Autodesk Inventor")
    assert "Pas dans votre établissement" in elsewhere
    assert "demandez une extension" not in elsewhere


def test_a_name_that_the_catalogue_does_not_hold_leads_to_those_that_look_like_it(arrive: Arrive, database: Database) -> None:
    teacher, key = arrive("enseignante"), new_key()
    near = types(teacher, key, title_name="stelarium")
    assert "Stellarium" in Read(near).text("conseils")
    send(teacher, DRAFTS, cle=key, titre="stellarium", need="Repérer les constellations.")
    (draft,) = [one for one in drafts_of(database, "enseignante") if one.key_of_draft == key]
    assert (draft.title_name, draft.typed["need"]) == ("Stellarium", "Repérer les constellations.")
    assert draft.title_id is not None
    assert "Un logiciel que le catalogue ne connaît pas" in advice(teacher, title_name="xqzvw kjhgf")


def test_a_past_refusal_says_what_would_change_it(arrive: Arrive) -> None:
    said = advice(arrive("enseignante"), title_name="CapCut")
    assert "Ce qui changerait la réponse" in said
    assert "Une version sans compte qui garde les vidéos sur le poste." in said
    assert "Kdenlive" in said, "and what answers the same need"


def test_an_open_request_of_another_school_can_be_joined_without_any_name(arrive: Arrive) -> None:
    number = asks(arrive("enseignante"))
    said = advice(arrive("enseignant2"), title_name="chronoscope des MARÉES")
    assert f"Demande n° {number}" in said
    assert "Algoud-Laffemas" in said
    assert "Enseignante" not in said


def test_dates_are_those_of_the_territory_and_unknown_where_it_set_none(arrive: Arrive) -> None:
    said = advice(arrive("enseignante"), title_name="Chronoscope", needed_on="2027-01-15")
    assert "« Fenêtre d’automne 2026 », jusqu’au 11 décembre 2026" in said
    assert "C’est après le jour où il vous le faut." in said
    assert "rentrée 2027" in said


def test_who_belongs_to_no_school_is_told_what_to_do(arrive: Arrive) -> None:
    page = arrive("region").client.get("/demandes/nouvelle")
    assert "rattachement" in page.text
    assert Read(page).all("form", id="demande") == []


def test_a_pupil_never_gets_here(app: Flask, ent: str) -> None:
    pupil = arriving(app, ent)
    browser = pupil("eleve")
    assert browser.client.get("/demandes/nouvelle").status_code == 303


def test_who_teaches_in_two_schools_says_for_which_one_asks(arrive: Arrive, database: Database) -> None:
    teacher = arrive("itinerante")
    offered = {
        one.attrib["value"]
        for select in Read(teacher.client.get("/demandes/nouvelle")).all("select", name="uai")
        for one in select.iter("option")
    }
    assert offered == {"0261505V", "0260037Z"}
    assert stored(database, asks(teacher, uai="0260037Z")).scope == "school:0260037Z"
    refused = send(teacher, DRAFTS, cle=new_key(), faire="envoyer", **{**ANSWERS, "uai": "0380002W"})
    assert refused.status_code == 422
    assert "n’est pas l’un des vôtres" in refused.text


def test_the_address_begins_a_request_about_a_title(arrive: Arrive) -> None:
    page = Read(arrive("enseignante").client.get("/demandes/nouvelle?titre=gimp&type=extension"))
    assert [one.attrib["value"] for one in page.all("input", name="title_name")] == ["GIMP"]
    assert [one.attrib["value"] for one in page.all("input", name="kind") if "checked" in one.attrib] == ["extension"]


def test_looking_writes_nothing(arrive: Arrive, database: Database) -> None:
    teacher = arrive("enseignante")
    before = len(drafts_of(database, "enseignante"))
    teacher.client.get("/demandes/nouvelle?titre=gimp")
    assert len(drafts_of(database, "enseignante")) == before
    with database.read() as session:
        assert session.get(Person, 1) is not None


def test_drafts_have_an_end(arrive: Arrive, database: Database) -> None:
    teacher = arrive("enseignante")
    for number in range(20 - len(drafts_of(database, "enseignante"))):
        assert types(teacher, new_key(), title_name=f"Titre {number}").status_code == 200
    key = new_key()
    assert types(teacher, key, title_name="Un de trop").status_code == 400, "the page itself then says that it is not kept"
    refused = send(teacher, DRAFTS, cle=key, faire="garder", title_name="Un de trop", need="Trier.")
    assert refused.status_code == 422
    assert "20 brouillons" in refused.text.replace(NBSP, " ")
    assert "Trier." in refused.text
    assert len(drafts_of(database, "enseignante")) == 20
