"""A sheet answers for each level of support, from the demonstration."""

import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask, g, render_template

from catalogue.browse.api import item
from catalogue.browse.place import Place, here
from catalogue.browse.sheet import Sheet, json_ld, sheet
from catalogue.search.answering import alternatives, answer, find
from catalogue.search.building import Builder
from catalogue.search.question import Question
from catalogue.support.badges import badge
from catalogue.support.models import Support
from catalogue.titles.access import May
from catalogue.titles.editing import correct_alternative, edit
from catalogue.titles.installers_file import same_version
from portal.access import system
from portal.text import french
from portal.web.kit import Portal
from portal.web.language import day
from tests.data.demonstrations import ZONE, Demonstration

pytest_plugins = ("tests.data.catalogue_data",)

EDITOR = system("command-line", May.EDIT)
OF_EACH_LEVEL = {
    Support.MAINTAINED: "gimp",
    Support.ENDING: "java-8",
    Support.UNSUPPORTED: "cabri-3d",
    Support.SCHOOL: "sibelius",
    Support.EXPERIMENTAL: "julia",
    Support.KNOWN: "unity-hub",
    Support.REFUSED: "openoffice",
    Support.FORBIDDEN: "anydesk",
}


def sheet_of(place: Place, slug: str) -> Sheet:
    found = find(place.volume, slug)
    assert found
    row, details = found
    return sheet(row, details, alternatives(place.volume, row, details["alternatives"], place.territory), place)


def test_an_instant_is_of_the_day_it_was_in_the_territory(place: Place) -> None:
    """What is done late in the evening, in UTC, was done the day after in Paris."""
    assert place.territory == "aura"
    assert day("2026-11-15T23:30:00") == day("2026-11-15T23:30:00+00:00") == "16 novembre 2026"
    assert day("2026-11-15T22:30:00") == day("2026-11-15") == "15 novembre 2026"


@pytest.mark.parametrize("level", Support)
def test_a_sheet_of_each_level_answers(place: Place, level: Support) -> None:
    shown = sheet_of(place, OF_EACH_LEVEL[level])
    assert shown.support == badge(level)
    assert len(shown.answer) >= 2
    assert all(shown.answer)
    listed = level in {Support.MAINTAINED, Support.ENDING}
    assert bool(shown.lists) is listed
    assert (shown.off_list is None) is listed
    assert (shown.refusal is not None) is (level in {Support.REFUSED, Support.FORBIDDEN})
    assert shown.provenance
    assert shown.history


def test_a_title_leaving_says_when_why_and_what_replaces_it(place: Place) -> None:
    shown = sheet_of(place, "java-8")
    said = " ".join(shown.answer)
    assert "jusqu’au 31 août 2027" in said
    assert "contrat payant" in said
    assert "Il sera remplacé par Eclipse Temurin" in said


def test_the_end_of_life_of_the_version_maintained_is_said_where_it_is_known(place: Place) -> None:
    said = {row["slug"]: sheet_of(place, row["slug"]).end_of_life for row, _details in every(place) if row["at"]["aura"]["version"]}
    beginnings = (
        "L’éditeur corrige cette version jusqu’au ",
        "L’éditeur ne corrige plus cette version",
        "Fin de vie chez l’éditeur",
    )
    for beginning in beginnings:
        assert [slug for slug, sentence in said.items() if sentence.startswith(beginning)], beginning
    assert all(said.values())


@pytest.mark.parametrize("slug", ["openoffice", "capcut", "atom", "mathematica", "anydesk", "tor-browser"])
def test_a_refusal_says_why_what_would_change_it_what_instead_whether_to_try_and_how_to_ask_again(place: Place, slug: str) -> None:
    refusal = sheet_of(place, slug).refusal
    assert refusal
    assert set(refusal) == {"reason", "change", "alternatives", "trial", "again"}
    assert all(refusal.values())
    assert (refusal["trial"] == "Non.") is (slug != "mathematica")


def test_a_refusal_names_maintained_alternatives_only(place: Place) -> None:
    refusal = sheet_of(place, "openoffice").refusal
    assert refusal
    assert "LibreOffice" in refusal["alternatives"]
    for name in refusal["alternatives"].split(", "):
        found = find(place.volume, next(row.slug for row in sheet_of(place, "openoffice").alternatives if row.name == name))
        assert found
        assert found[0]["at"]["aura"]["level"] in {"maintained", "ending"}


def test_off_the_list_it_is_said_who_decides_when_who_pays_and_what_it_changes(place: Place) -> None:
    off_list = sheet_of(place, "sibelius").off_list
    assert off_list
    assert all(off_list[name] for name in ("who", "delay", "payer", "effect"))
    assert "Payé par les deux lycées concernés" in off_list["payer"]


def test_an_ended_decision_stays_in_the_history(place: Place) -> None:
    shown = sheet_of(place, "unity-hub")
    assert [event["title"] for event in shown.history if "2024-09-02" in event["iso"]] == [french("Décision : En expérimentation")]


def test_each_territory_gives_its_own_answer(place: Place) -> None:
    elsewhere = Place(place.volume, "isere")
    assert sheet_of(place, "minecraft-education").support == badge(Support.SCHOOL)
    assert sheet_of(elsewhere, "minecraft-education").support == badge(Support.EXPERIMENTAL)
    assert all("Région" not in event["by"] for event in sheet_of(elsewhere, "capcut").history)


def test_history_is_newest_first(place: Place) -> None:
    for slug in OF_EACH_LEVEL.values():
        days = [event["iso"] for event in sheet_of(place, slug).history]
        assert days == sorted(days, reverse=True)


def test_an_old_hash_is_never_offered_as_current(place: Place) -> None:
    old = new = 0
    for row, details in every(place):
        for shown, one in zip(sheet_of(place, row["slug"]).installers, details["installers"], strict=True):
            if shown["current"]:
                new += 1
                assert same_version(shown["version"], row["latest"] or shown["version"])
            else:
                old += 1
                assert "Empreinte d’une version ancienne" in shown["note"]
            assert ("à vérifier" in shown["note"]) is one["silent_origin"].startswith("default-for-type")
    assert old > 100
    assert new > 10


def every(place: Place) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    pages = range(1, -(-place.volume.meta["count"] // 100) + 1)
    rows = [row for page in pages for row in answer(place.volume, Question(page=page, per_page=100), place.territory).rows]
    return [found for row in rows if (found := find(place.volume, row["slug"]))]


@pytest.mark.parametrize("slug", ["adobe-photoshop", "openoffice", "matlab", "geogebra-classic", "solidworks"])
def test_maintained_alternatives_come_first_and_each_says_why(place: Place, slug: str) -> None:
    shown = sheet_of(place, slug).alternatives
    assert shown
    assert slug not in [row.slug for row in shown]
    held = [row.support.code in {"maintained", "ending"} for row in shown]
    assert held == sorted(held, reverse=True)
    assert all(re.match(r"Permet aussi (d’[aeiouyhéèêîœ]|de [^aeiouyhéèêîœ])", row.why) for row in shown)


class Corrected:
    """A copy of the demonstration, corrected by hand and indexed again."""

    def __init__(self, app: Flask) -> None:
        self.portal: Portal = app.extensions["logitheque"]
        self._builder: Builder = app.extensions["builder"]

    def alternative(self, other: str, *, shown: bool, reason: str) -> None:
        at, policy = self.portal.clock.now(), self.portal.policy
        self.portal.database.write(
            lambda session: correct_alternative(session, policy, EDITOR, "openoffice", other, shown=shown, reason=reason, at=at)
        )

    def field(self, name: str, value: str) -> None:
        at, policy = self.portal.clock.now(), self.portal.policy
        said = {"source": "site de l’éditeur", "reason": "Faute relevée"}
        self.portal.database.write(
            lambda session: edit(session, policy, EDITOR, "openoffice", field=name, value=value, at=at, **said)
        )

    def index(self) -> None:
        self._builder.build_if_needed()


@pytest.fixture
def corrected(own_app: Flask) -> Corrected:
    return Corrected(own_app)


def test_alternatives_corrected_by_hand_are_shown_and_taken_off(own_app: Flask, own: Demonstration, corrected: Corrected) -> None:
    with own_app.test_request_context("/catalogue"):
        before = [row.slug for row in sheet_of(Place(own.volume(), "aura"), "openoffice").alternatives]
        assert "gimp" not in before
        corrected.alternative("gimp", shown=True, reason="Pour ses images")
        corrected.alternative("unity-hub", shown=True, reason="Pour rire")
        corrected.alternative(before[0], shown=False, reason="Trop différent")
        corrected.index()
        after = sheet_of(Place(own.volume(), "aura"), "openoffice").alternatives
    whys = {row.slug: row.why for row in after}
    assert len(after) == 6
    assert whys["gimp"] == "Pour ses images"
    assert before[0] not in whys
    held = [row.support.code in {"maintained", "ending"} for row in after]
    assert held == sorted(held, reverse=True)


def test_a_corrected_field_names_its_own_source(own_app: Flask, own: Demonstration, corrected: Corrected) -> None:
    corrected.field("publisher", "Fondation Apache")
    corrected.index()
    with own_app.test_request_context("/catalogue"):
        g.zone = ZONE
        shown = sheet_of(Place(own.volume(), "aura"), "openoffice")
    assert shown.publisher == "Fondation Apache"
    fact = shown.provenance[0]
    assert (fact["field"], fact["date"]) == ("Éditeur", "16 novembre 2026")
    assert "site de l’éditeur" in fact["source"]
    assert shown.provenance[-1]["field"] == "Le reste de la fiche"
    assert shown.history[0]["title"] == "Fiche corrigée"


class Scripts(HTMLParser):
    """The scripts of a page, as a browser cuts them."""

    def __init__(self) -> None:
        super().__init__()
        self.inside = False
        self.found: list[tuple[dict[str, str | None], str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script":
            self.inside = True
            self.found.append((dict(attrs), ""))

    def handle_data(self, data: str) -> None:
        if self.inside:
            attributes, text = self.found[-1]
            self.found[-1] = (attributes, text + data)

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "script"


HOSTILE = "</script><script>alert(1)</script><!-- & \u2028 \"' é"


def test_what_machines_read_cannot_close_its_element(own_app: Flask, own: Demonstration, corrected: Corrected) -> None:
    for name in ("name", "publisher", "purpose"):
        corrected.field(name, HOSTILE)
    corrected.index()
    with own_app.test_request_context("/catalogue/openoffice"):
        shown = sheet_of(Place(own.volume(), "aura"), "openoffice")
        page = render_template("catalogue/sheet.html", sheet=shown)
    scripts = Scripts()
    scripts.feed(page)
    (machine,) = [text for attributes, text in scripts.found if attributes.get("type") == "application/ld+json"]
    assert json.loads(machine)["name"] == " ".join(HOSTILE.split())
    assert [attributes for attributes, text in scripts.found if text and attributes.get("type") != "application/ld+json"] == []


def test_what_machines_read_leaves_out_what_is_unknown(place: Place) -> None:
    for slug in OF_EACH_LEVEL.values():
        found = find(place.volume, slug)
        assert found
        data = json.loads(json_ld(*found))
        assert data["@type"] == "SoftwareApplication"
        assert all(data.values())


def test_an_address_of_a_need_finds_that_need(place: Place) -> None:
    for slug in ("thonny", "git", "microsoft-visual-studio-code"):
        for need in sheet_of(place, slug).needs:
            assert " " not in need["url"]
            assert "’" not in need["url"]


def test_programs_are_told_the_same_alternatives_as_people(own_app: Flask, corrected: Corrected) -> None:
    corrected.alternative("gimp", shown=True, reason="Pour ses images")
    corrected.index()
    told = own_app.test_client().get("/api/v1/titles/openoffice").get_json()["alternatives"]
    assert "gimp" in [one["slug"] for one in told]
    with own_app.test_request_context():
        assert set(told[0]) == set(item(_row(own_app, "gimp"), here(), here().words.labels))


def _row(app: Flask, slug: str) -> dict[str, Any]:
    found = find(app.extensions["shelf"].volume(), slug)
    assert found
    return found[0]
