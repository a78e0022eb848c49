"""One person, one account: two ENTs made one, a school asked for and answered, and the file of all that is known, in a real browser."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from portal.signin.loading import COLLEGES
from tests.browser.coming_in import choose, comes_in, is_in
from tests.browser.conftest import PageAt, visiting
from tests.browser.looking import fits, tab_to

OTHER, OTHER_NAME = "0260037Z", "Lycée professionnel Victor Hugo"
WHY = "Vous n’êtes pas de l’équipe : « cette année »."


@pytest.fixture
def at(browser: Browser, site: str, ent: str) -> Iterator[PageAt]:
    with visiting(browser, site, ent) as at:
        yield at


def is_proposed(page: Page) -> None:
    expect(page.locator("section[aria-labelledby=acces] .notice")).to_contain_text("Un autre compte semble être le vôtre")


def test_she_links_her_account_of_the_colleges_by_signing_in_there_and_unlinks_it(at: PageAt, axe: Callable[[Page], None]) -> None:
    elsewhere = at()
    elsewhere.goto(f"/connexion/{COLLEGES}?retour=/mon-compte")
    choose(elsewhere, "itinerante")
    is_in(elsewhere)
    page = at(360)
    comes_in(page, "itinerante", "/mon-compte/etablissement")
    page.goto("/mon-compte")
    is_proposed(page)
    axe(page)
    fits(page)
    tab_to(page, page.get_by_role("link", name="Relier le compte de"))
    page.keyboard.press("Enter")
    choose(page, "itinerante")
    page.wait_for_url("**/mon-compte#acces")
    expect(page.locator("section[aria-labelledby=acces] li")).to_have_count(2)
    expect(page.locator("section[aria-labelledby=ecoles] li")).to_have_count(3)
    axe(page)
    fits(page)
    elsewhere.reload()
    expect(elsewhere.locator(".reader-name")).to_have_count(0), "the other account's session is over"
    page.get_by_text("Délier…").click()
    page.get_by_role("button", name="Délier le compte de").click()
    page.wait_for_url("**/mon-compte#acces")
    is_proposed(page)
    expect(page.locator("section[aria-labelledby=ecoles] li")).to_have_count(2)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_teacher_asks_for_a_school_is_refused_with_a_reason_asks_anew_and_is_attached(at: PageAt, scripts: bool) -> None:
    teacher, head = at(360, scripts=scripts), at(360, scripts=scripts)
    login = "parent-enseignant" if scripts else "ddfpt"
    comes_in(teacher, login)
    comes_in(head, "proviseur2")
    teacher.get_by_role("link", name="Demander un rattachement à un autre établissement").click()
    teacher.locator("#mon-etablissement").fill("victor hugo valence")
    teacher.keyboard.press("Enter")
    expect(teacher.locator(".announcement")).to_be_visible()
    fits(teacher)
    teacher.get_by_role("button", name=f"Demander mon rattachement à {OTHER_NAME}").click()
    teacher.wait_for_url("**/mon-compte#ecoles")
    school = teacher.locator("section[aria-labelledby=ecoles] li").filter(has_text=OTHER)
    expect(school).to_contain_text("demandé, à confirmer")

    head.goto("/mon-compte")
    head.get_by_role("link", name="demande de rattachement attend votre réponse").click()
    name = teacher.locator("section[aria-labelledby=moi] dd").first.inner_text()
    line = head.get_by_role("row").filter(has_text=name)
    line.get_by_text("Refuser…").click()
    line.get_by_label("Raison, que la personne lira").fill(WHY)
    line.get_by_role("button", name="Refuser le rattachement").click()
    expect(head.locator("main")).to_contain_text("Aucune demande n’attend.")
    fits(head)

    teacher.goto("/mon-compte")
    expect(school).to_contain_text("terminé")
    expect(school).to_contain_text("équipe")
    fits(teacher)
    school.get_by_role("button", name="Demander un nouvel examen").click()
    expect(school).to_contain_text("demandé, à confirmer")

    head.goto(f"/etablissements/{OTHER}/equipe")
    head.get_by_role("link", name="Répondre à 1 demande de rattachement").click()
    tab_to(head, line.get_by_role("button", name="Confirmer"))
    head.keyboard.press("Enter")
    expect(line).to_have_count(0)
    teacher.reload()
    expect(school).to_contain_text("confirmé")


def test_the_file_of_all_that_is_known_is_one_s_own(at: PageAt, tmp_path: Path) -> None:
    page = at()
    comes_in(page, "dpd")
    with page.expect_download() as started:
        page.get_by_role("link", name="Télécharger mes données (JSON)").click()
    file = tmp_path / started.value.suggested_filename
    started.value.save_as(file)
    held = json.loads(file.read_text(encoding="utf-8"))
    assert held["accounts"][0]["email"] == "dpd@demonstration.example"
    assert [one["role"] for one in held["accreditations"]] == ["dpd"]
    assert file.name.startswith("logitheque-")
