"""Coming in with a real browser: on the pages of the demonstration's ENT, or of LemonLDAP::NG."""

import re
from urllib.parse import quote

from playwright.sync_api import Page, expect

from tests.peers.lemonldap.serving import PEOPLE

DOOR = "/connexion/demonstration"
SESSION = "logitheque"
SUMMER = re.compile(r"31\s+août")
LEAD = "Référent·e numérique"


def choose(page: Page, login: str) -> None:
    """At the demonstration's ENT: the person is a button of its list."""
    page.locator(f"button[value='{login}']").click()


def is_in(page: Page) -> None:
    expect(page.locator(".reader-name")).to_be_visible()


def comes_in(page: Page, login: str, back: str = "/mon-compte") -> None:
    """Through the demonstration's ENT, to a page of ours."""
    page.goto(f"{DOOR}?retour={quote(back, safe='')}")
    choose(page, login)
    is_in(page)


def types_the_password(page: Page, uid: str) -> None:
    """On LemonLDAP's own page."""
    page.locator("[name=user]").fill(uid)
    page.locator("[name=password]").fill(PEOPLE[uid]["password"])
    page.locator("[name=password]").press("Enter")


def leaves(page: Page) -> None:
    page.get_by_role("button", name="Se déconnecter", exact=True).click()
    page.wait_for_url("**/connexion/au-revoir*")
    expect(page.locator(".reader-name")).to_have_count(0)


def cookies(page: Page, site: str) -> dict[str, str]:
    return {cookie["name"]: cookie["value"] for cookie in page.context.cookies(site)}


def opens_her_team(head: Page) -> None:
    """The password is not yet asked again."""
    head.goto("/mon-compte")
    head.get_by_role("link", name="Voir l’équipe et confier des fonctions").click()
    head.get_by_role("link", name="Confirmer maintenant").click()


def is_lead_until_she_is_not(head: Page, teacher: Page, *, person: int, name: str, granter: str) -> None:
    """From the team's page of a head who proved her password: granted until summer, shown, revoked, gone at the next click."""
    expect(head.get_by_text("Votre mot de passe sera redemandé")).to_have_count(0)
    head.get_by_label("À qui").select_option(str(person))
    head.get_by_label("Quelle fonction").select_option(label=LEAD)
    head.get_by_role("button", name="Confier la fonction").click()
    line = head.get_by_role("row").filter(has_text=name).filter(has_text=LEAD)
    expect(line).to_contain_text(SUMMER)
    held = teacher.locator("section[aria-labelledby=accreditations]")
    teacher.goto("/mon-compte")
    for said in (LEAD, SUMMER, granter):
        expect(held).to_contain_text(said)
    line.get_by_text("Retirer…").click()
    line.get_by_label("Raison, que la personne lira").fill("Une autre personne prend la suite.")
    line.get_by_role("button", name="Retirer la fonction").click()
    expect(line).to_have_count(0)
    teacher.locator(".reader-name").click()
    expect(held).to_contain_text("Aucune accréditation.")
    expect(held.locator("> table")).to_have_count(0)
    held.get_by_text("1 fonction passée").click()
    for said in (LEAD, f"retirée par {granter}", "Une autre personne prend la suite."):
        expect(held.locator("details")).to_contain_text(said)
