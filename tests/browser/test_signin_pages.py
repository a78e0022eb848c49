"""Coming in, one's account, a school's team, the administration: by keyboard alone, on a phone, without JavaScript, and « back »."""

import re
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect
from sqlmodel import col, select

from portal.db import Database
from portal.signin.models import Identity, OpenSession, Provider
from tests.browser.coming_in import (
    SESSION,
    choose,
    comes_in,
    cookies,
    is_in,
    is_lead_until_she_is_not,
    leaves,
    opens_her_team,
)
from tests.browser.conftest import CHROMIUM, QUIET, PageAt, visiting
from tests.browser.looking import fits, tab_to

SCHOOL, OTHER = "0261505V", "0260037Z"
OTHER_NAME = "Lycée professionnel Victor Hugo"
SAID = "En remplacement : « jusqu’à <l’été> » & après."
PAGES = [
    (login, address)
    for login, addresses in {
        "": (
            "/connexion", f"/connexion?q={SCHOOL}", "/connexion?q=lycée valence&retour=/listes", "/connexion?q=zzzzzzz",
            "/connexion/demonstration/echec?motif=slow&reference=0123456789abcdef",
            "/connexion/demonstration/echec?motif=not_for_you", "/connexion/au-revoir", "/connexion/inconnu",
        ),
        "enseignante": (
            "/connexion", "/mon-compte", "/administration", "/mon-compte/rattachements", "/mon-compte/rattachements?q=lycée valence",
            "/mon-compte/rattachements?q=zzzzzzz", "/connexion/demonstration-colleges/echec?motif=not_yours",
        ),
        "itinerante": ("/mon-compte", "/mon-compte/etablissement"),
        "proviseure": (
            "/mon-compte", f"/etablissements/{SCHOOL}/equipe", f"/etablissements/{OTHER}/equipe",
            f"/etablissements/{SCHOOL}/rattachements", f"/etablissements/{SCHOOL}/rattachements?voir=termines",
            f"/etablissements/{SCHOOL}/rattachements?q=zzz", f"/etablissements/{OTHER}/rattachements",
            f"/etablissements/{SCHOOL}/equipe/renouvellement",
        ),
        "administratrice": ("/administration", "/administration/ent", "/administration/ent/nouveau", "/administration/ent/demonstration"),
    }.items()
    for address in addresses
]  # fmt: skip


@pytest.fixture
def at(browser: Browser, site: str, ent: str) -> Iterator[PageAt]:
    with visiting(browser, site, ent) as at:
        yield at


def opens_the_door(page: Page) -> None:
    """The ENT asks nothing of whoever is still signed in there."""
    page.locator(".doors-all").get_by_role("link", name="ENT de démonstration").click()


def sessions_of(stored: Database, subject: str) -> int:
    with stored.read() as session:
        return len(session.exec(select(OpenSession.id).where(OpenSession.subject == subject)).all())


@pytest.mark.parametrize(("login", "address"), PAGES)
def test_a_page_of_accounts_is_read_by_all(at: PageAt, axe: Callable[[Page], None], login: str, address: str) -> None:
    page = at()
    if login:
        comes_in(page, login)
    page.goto(address)
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            axe(page)
        fits(page)
    for width in (320, 768, 1023, 1024):
        page.set_viewport_size({"width": width, "height": 900})
        fits(page)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_one_comes_in_and_leaves_by_keyboard_alone(at: PageAt, ent: str, scripts: bool) -> None:
    page = at(360, scripts=scripts)
    page.goto("/listes")
    tab_to(page, page.get_by_role("link", name="Se connecter"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/connexion")
    tab_to(page, page.locator("#mon-etablissement"))
    page.keyboard.type(SCHOOL.lower())
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/connexion?q={SCHOOL.lower()}*")
    fits(page)
    tab_to(page, page.get_by_role("link", name=re.compile("Se connecter par.*ENT de démonstration")))
    page.keyboard.press("Enter")
    page.wait_for_url(f"{ent}/cas/login?*")
    fits(page)
    tab_to(page, page.locator("button[value=enseignante]"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/listes")
    is_in(page)
    fits(page)
    tab_to(page, page.get_by_role("button", name="Se déconnecter"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/connexion/au-revoir")
    expect(page.locator("h1")).to_have_text("Vous êtes déconnecté·e")
    expect(page.locator(".reader-name")).to_have_count(0)
    fits(page)


def test_going_back_after_coming_in_opens_nothing_twice_and_leaves_a_way_on(at: PageAt, site: str, stored: Database) -> None:
    page = at()
    page.goto("/listes")
    page.get_by_role("link", name="Se connecter").click()
    opens_the_door(page)
    choose(page, "dpd")
    page.wait_for_url("**/listes")
    is_in(page)
    value, opened = cookies(page, site)[SESSION], sessions_of(stored, "DEMO-0023")
    page.go_back()
    is_in(page)
    expect(page.locator("main a:visible").first).to_be_visible()
    assert cookies(page, site)[SESSION] == value
    assert sessions_of(stored, "DEMO-0023") == opened
    page.go_back()
    page.wait_for_url("**/connexion")
    expect(page.locator("main")).to_contain_text("Vous êtes déjà connecté·e")
    page.get_by_role("link", name="Continuer", exact=True).click()
    page.wait_for_url("**/listes")
    is_in(page)


def test_going_back_after_leaving_shows_nobody_s_name(browser: Browser, site: str, ent: str) -> None:
    """Browsers keep whole pages to go back to, and those of tests do not by default: this one does."""
    keeping = browser.browser_type.launch(
        executable_path=CHROMIUM, args=QUIET, ignore_default_args=["--disable-back-forward-cache"]
    )
    with visiting(keeping, site, ent) as at:
        page = at()
        comes_in(page, "enseignant2", "/listes")
        for address in ("/mon-compte", "/catalogue/gimp", "/mon-compte/etablissement", "/catalogue"):
            page.goto(address)
            is_in(page)
        leaves(page)
        for address in ("/catalogue", "/connexion?retour=*", "/catalogue/gimp", "/connexion?retour=*", "/listes"):
            page.go_back()
            page.wait_for_url(f"**{address}")
            expect(page.get_by_role("link", name="Se connecter", exact=True)).to_be_visible()
            expect(page.locator(".reader-name")).to_have_count(0)
    keeping.close()


def in_another_tab(page: Page, button: str, goes_on: Callable[[Page], None]) -> None:
    """What a page asks to do beside it, until the tab shows that it is done."""
    with page.context.expect_page() as opened:
        page.get_by_role("link", name=button).click()
    goes_on(opened.value)
    is_in(opened.value)
    opened.value.close()


def test_what_a_head_typed_outlives_her_session_and_is_granted_in_the_end(
    at: PageAt, axe: Callable[[Page], None], stored: Database
) -> None:
    page = at(360)
    comes_in(page, "proviseure")
    page.goto(f"/etablissements/{SCHOOL}/equipe")
    page.get_by_label("À qui").select_option(label="Documentaliste (lycée polyvalent)")
    page.get_by_label("Quelle fonction").select_option(label="Secrétaire général·e")
    page.get_by_label("Référence de la lettre de mission").fill("2026-42")
    page.get_by_label("Raison").last.fill(SAID)
    value = cookies(page, page.url)[SESSION]
    stored.write(lambda session: session.execute(sa.delete(OpenSession).where(col(OpenSession.subject) == "DEMO-0013")))
    page.get_by_role("button", name="Confier la fonction").click()
    expect(page.locator("h1")).to_have_text("Connectez-vous pour continuer")
    axe(page)
    fits(page)
    in_another_tab(page, "Se connecter dans un autre onglet", opens_the_door)
    assert cookies(page, page.url)[SESSION] != value
    page.get_by_role("button", name="Renvoyer").click()
    expect(page.locator("h1")).to_have_text("Confirmez que c’est bien vous")
    axe(page)
    fits(page)
    in_another_tab(page, "Confirmer dans un autre onglet", lambda tab: choose(tab, "proviseure"))
    page.get_by_role("button", name="Renvoyer").click()
    page.wait_for_url(f"**/etablissements/{SCHOOL}/equipe")
    line = page.get_by_role("row").filter(has_text="Documentaliste").filter(has_text="Secrétaire général·e")
    expect(line).to_contain_text("2026-42")
    line.get_by_text("Retirer…").click()
    line.get_by_label("Raison, que la personne lira").fill("Fin de l’essai.")
    line.get_by_role("button", name="Retirer la fonction").click()
    expect(line).to_have_count(0)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_teacher_of_two_schools_chooses_hers_and_the_catalogue_answers_for_it(at: PageAt, scripts: bool) -> None:
    page = at(360, scripts=scripts)
    page.goto("/connexion/demonstration?retour=/catalogue")
    choose(page, "itinerante")
    page.wait_for_url("**/mon-compte/etablissement?retour=%2Fcatalogue")
    expect(page.locator(".doors li")).to_have_count(2)
    expect(page.locator(".reader-school")).to_have_count(0)
    tab_to(page, page.get_by_role("button", name=f"Choisir {OTHER_NAME}"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/catalogue")
    expect(page.locator(".reader-school")).to_have_text(OTHER_NAME)
    expect(page.locator(".for-school")).to_contain_text(OTHER_NAME)
    fits(page)
    page.goto("/mon-compte")
    expect(page.locator("section[aria-labelledby=ecoles] li").filter(has_text=OTHER)).to_contain_text("établissement courant")


def test_her_head_makes_her_digital_lead_until_summer_and_takes_it_back(at: PageAt, ent: str, stored: Database) -> None:
    teacher, head = at(360), at()
    comes_in(teacher, "itinerante")
    comes_in(head, "proviseur2")
    opens_her_team(head)
    head.wait_for_url(f"{ent}/cas/login?*renew*")
    choose(head, "proviseur2")
    head.wait_for_url(f"**/etablissements/{OTHER}/equipe")
    with stored.read() as session:
        her = session.exec(
            select(Identity.person_id).join(Provider).where(Provider.slug == "demonstration", Identity.subject == "DEMO-0004")
        ).one()
    is_lead_until_she_is_not(head, teacher, person=her, name="(deux lycées)", granter="Proviseur·e")
