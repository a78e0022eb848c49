"""From a teacher's phone to the territory: asked, joined by another school, questioned, relayed, endorsed, in a real browser."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.coming_in import comes_in
from tests.browser.conftest import PageAt, visiting
from tests.browser.looking import fits, tab_to

NEED = "Suivre une marée pendant une journée et expliquer l’heure de la basse mer."


@pytest.fixture
def at(browser: Browser, site: str, ent: str) -> Iterator[PageAt]:
    with visiting(browser, site, ent) as at:
        yield at


def fills(page: Page, name: str) -> tuple[int, int]:
    """The six answers, as few fields and clicks as they take: how many of each."""
    page.get_by_label("Nom du logiciel").fill(name)
    page.get_by_label("Discipline").select_option(label="Physique-chimie")
    page.get_by_label("Quelles classes").fill("Seconde, deux groupes")
    page.get_by_label("Ce que vos élèves en feront").fill(NEED)
    page.get_by_label("Dans quelles salles").fill("B12")
    page.get_by_label("Il le faut pour le").fill("2027-09-01")
    page.get_by_label("Autres logiciels regardés").fill("Rien encore.")
    return 7, 0


def holder(page: Page, said: str) -> None:
    page.reload()
    expect(page.locator(".holder")).to_contain_text(said)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_teacher_asks_from_a_phone_a_colleague_joins_the_school_relays_and_endorses(
    at: PageAt, axe: Callable[[Page], None], scripts: bool
) -> None:
    name = f"Marégraphe de poche {'avec' if scripts else 'sans'}"
    teacher, lead, head, colleague, technician = (at(360, scripts=scripts) for _person in range(5))
    comes_in(teacher, "enseignante", "/demandes")
    teacher.get_by_role("link", name="Demander un logiciel").click()
    fields, clicks = fills(teacher, name)
    assert (fields, clicks) == (7, 0)
    fits(teacher)
    teacher.get_by_role("button", name="Envoyer la demande").click()
    expect(teacher).to_have_url(re.compile(r"/demandes/\d+$"))
    path = teacher.url.partition("/demandes/")[2]
    expect(teacher.locator(".holder")).to_contain_text("Référent·e numérique")
    expect(teacher.locator(".holder")).to_contain_text("jusqu’au")
    fits(teacher)

    comes_in(colleague, "enseignant2", f"/demandes/{path}")
    expect(colleague.locator("main")).not_to_contain_text(NEED)
    colleague.get_by_label("Quelles classes").fill("Bac pro, une classe")
    colleague.get_by_label("Combien d’élèves").fill("22")
    colleague.get_by_label("Combien de semaines par an").fill("6")
    colleague.get_by_role("button", name="Soutenir la demande").click()
    expect(colleague.locator(".figures")).to_contain_text("22")
    fits(colleague)

    comes_in(lead, "referent", f"/demandes/{path}")
    lead.get_by_text("Poser une question…").click()
    lead.get_by_label("Votre question").fill("Sur quels postes ?")
    lead.get_by_role("button", name="Poser une question").click()
    expect(lead.locator(".holder")).to_contain_text("La personne qui demande")
    holder(teacher, "C’est à vous de répondre")
    expect(teacher.locator(".question")).to_contain_text("Sur quels postes")
    teacher.get_by_label("Votre réponse").fill("Ceux de la B12.")
    teacher.get_by_role("button", name="Répondre à la question").click()
    expect(teacher.locator(".holder")).to_contain_text("Référent·e numérique")
    lead.reload()
    lead.get_by_role("button", name="Relayer la demande").click()
    expect(lead.locator(".holder")).to_contain_text("Proviseur·e")

    comes_in(head, "proviseure", "/demandes?voir=a-traiter")
    head.get_by_role("link", name=name).click()
    head.get_by_role("button", name="Viser la demande").click()
    expect(head.locator(".holder")).to_contain_text("Responsable des listes")
    fits(head)

    comes_in(technician, "technicien", f"/demandes/{path}")
    for one in (teacher, lead, head, technician):
        holder(one, "Responsable des listes")
        expect(one.locator(".holder")).to_contain_text("jusqu’au")
        expect(one.locator(".timeline")).to_contain_text("Ceux de la B12.")
    if scripts:
        axe(technician)


def test_what_one_types_is_kept_and_found_again_on_another_device(at: PageAt) -> None:
    phone, desk = at(360), at()
    comes_in(phone, "documentaliste", "/demandes/nouvelle")
    phone.get_by_label("Nom du logiciel").press_sequentially("Stelarium")
    expect(phone.locator("#enregistre")).to_contain_text("Brouillon enregistré")
    expect(phone).to_have_url(re.compile("/demandes/brouillons/"))
    phone.get_by_role("button", name="Choisir Stellarium").click()
    expect(phone.locator("#conseils")).to_contain_text("L’ai-je déjà")
    phone.get_by_label("Ce que vos élèves en feront").press_sequentially("Voir le ciel d’hiver.")
    expect(phone.locator("#enregistre")).to_contain_text("Brouillon enregistré")
    phone.wait_for_timeout(1500)
    comes_in(desk, "documentaliste", "/demandes?voir=brouillons")
    desk.get_by_role("link", name="Stellarium").first.click()
    expect(desk.get_by_label("Ce que vos élèves en feront")).to_have_value("Voir le ciel d’hiver.")
    desk.get_by_text("Supprimer ce brouillon…").click()
    desk.get_by_role("button", name="Supprimer le brouillon").click()
    expect(desk).to_have_url(re.compile(r"voir=brouillons"))


def test_a_draft_that_can_no_longer_be_kept_says_so_and_loses_nothing(at: PageAt) -> None:
    page = at()
    comes_in(page, "documentaliste", "/demandes/nouvelle")
    page.get_by_label("Nom du logiciel").press_sequentially("Carnet des vents")
    expect(page.locator("#enregistre")).to_contain_text("Brouillon enregistré")
    page.context.clear_cookies()
    page.get_by_label("Quelles classes").press_sequentially("Terminale")
    expect(page.get_by_role("alert")).to_contain_text("n’est plus enregistré")
    expect(page.get_by_label("Quelles classes")).to_have_value("Terminale")
    page.get_by_role("button", name="Enregistrer le brouillon").click()
    expect(page.locator("main")).to_contain_text("Connectez-vous pour continuer")
    kept = page.locator("input[name=audience]")
    expect(kept).to_have_value("Terminale")


def test_a_request_is_asked_with_the_keyboard_alone(at: PageAt) -> None:
    page = at()
    comes_in(page, "documentaliste", "/demandes/nouvelle")
    for label, text in (
        ("Nom du logiciel", "Herbier des dunes"), ("Quelles classes", "Cinquième"), ("Ce que vos élèves en feront", "Classer des plantes."),
        ("Dans quelles salles", "CDI"), ("Autres logiciels regardés", "Rien."),
    ):  # fmt: skip
        tab_to(page, page.get_by_label(label))
        page.keyboard.type(text)
        if label == "Nom du logiciel":
            tab_to(page, page.get_by_label("Discipline"))
            page.keyboard.press("ArrowDown")
    page.get_by_label("Il le faut pour le").fill("2027-09-01")
    tab_to(page, page.get_by_role("button", name="Envoyer la demande"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/demandes/\d+$"))
    tab_to(page, page.locator("#etape-give_up summary"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("button", name="Renoncer à la demande"))
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Abandonnée")


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (360, "dark"), (1280, "light"), (1280, "dark")])
def test_pages_of_requests_fit_and_are_accessible(at: PageAt, axe: Callable[[Page], None], width: int, scheme: str) -> None:
    page = at(width, scheme)
    comes_in(page, "ddfpt", "/demandes")
    seen = [
        "/demandes",
        "/demandes?voir=a-traiter",
        "/demandes?voir=toutes",
        "/demandes/nouvelle?titre=capcut",
        "/etablissements/0261505V/demandes",
    ]
    for path in seen:
        page.goto(path)
        fits(page)
        axe(page)
    page.goto("/demandes/nouvelle")
    fills(page, f"Anémomètre {width} {scheme}")
    page.get_by_role("button", name="Envoyer la demande").click()
    expect(page).to_have_url(re.compile(r"/demandes/\d+$"))
    fits(page)
    axe(page)
    page.goto(f"{page.url}/volets/school")
    fits(page)
    axe(page)
    page.get_by_role("button", name="Enregistrer le volet").click()
    expect(page.locator(".error-summary")).to_be_visible()
    axe(page)


def test_whoever_ranks_second_compares_and_loses_nothing(at: PageAt, axe: Callable[[Page], None]) -> None:
    first, second = at(360), at(360)
    for page, ranks in ((first, ("2", "1")), (second, ("1", "2"))):
        comes_in(page, "proviseure", "/etablissements/0261505V/demandes")
        for place, rank in enumerate(ranks):
            page.locator(".ranked input").nth(place).fill(rank)
    first.get_by_role("button", name="Enregistrer le classement").click()
    expect(first.get_by_role("alert")).to_have_count(0)
    second.get_by_role("button", name="Enregistrer le classement").click()
    expect(second.get_by_role("alert")).to_contain_text("L’ordre a changé")
    expect(second.locator(".notice")).to_contain_text("par : Proviseur·e")
    fits(second)
    axe(second)
    second.get_by_role("button", name="Enregistrer le classement").click()
    expect(second.get_by_role("alert")).to_have_count(0)
    expect(second.locator(".ranked input").first).to_have_value("1")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_settings_of_a_territory_fit_and_are_accessible(at: PageAt, axe: Callable[[Page], None], scheme: str) -> None:
    page = at(360, scheme)
    comes_in(page, "administratrice", "/administration/demandes")
    axe(page)
    page.get_by_role("link", name="Région Auvergne-Rhône-Alpes").click()
    fits(page)
    axe(page)
