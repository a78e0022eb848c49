"""What stands under /administration, to whom it is open, and the section of identity providers."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlmodel import select

from portal.administration.forms import ProviderForm
from portal.db import Database
from portal.signin.models import Protocol, Provider
from tests.http.administering import FIRST, HERE, comes_in, events, install, portal_of, send
from tests.http.coming_in import Browser
from tests.page_client import PageClient

SECTIONS = {
    "/administration/ent": {"administratrice"},
    "/administration/fonctions": {"administratrice"},
    "/administration/trace": {"administratrice"},
    "/administration/chefs": {"administratrice", "region"},
    "/administration/lettres": {"administratrice", "region"},
}
PATH = "/administration/ent"
CAS = {
    "label": "ENT des Trois Sources", "protocol": "cas", "base_url": "https://ent.example.org/cas", "serves": "territory:aura, school:0260037Z",
    "contact": "assistance@ent.example.org", "validation": "p3/serviceValidate", "token_auth": "client_secret_basic",
    "scopes": "openid profile email", "attributes": "profiles=PRO, profil ; schools=UAI",
}  # fmt: skip


@pytest.fixture
def database(app: Flask) -> Database:
    return portal_of(app).database


@pytest.fixture
def administrator(app: Flask, ent: str, browser: Browser) -> Browser:
    install(app, ent)
    return comes_in(browser, "administratrice")


def provider(database: Database, slug: str) -> Provider | None:
    with database.read() as session:
        return session.exec(select(Provider).where(Provider.slug == slug)).one_or_none()


@pytest.mark.parametrize("login", ["administratrice", "region", "proviseure", "enseignante", "dpd"])
def test_each_section_is_shown_and_opened_to_whoever_may_and_to_nobody_else(
    app: Flask, ent: str, browser: Browser, login: str
) -> None:
    install(app, ent)
    comes_in(browser, login)
    index = browser.client.get("/administration")
    for path, people in SECTIONS.items():
        assert browser.client.get(path).status_code == (200 if login in people else 403), path
        assert (f'href="{path}"' in index.text) == (login in people), path
    assert index.status_code == (200 if login in {"administratrice", "region"} else 403)
    assert ('href="/administration"' in browser.client.get("/accessibilite").text) == (index.status_code == 200)


@pytest.mark.parametrize("path", ["/administration", *SECTIONS, "/administration/fonctions/head", "/administration/trace.csv"])
def test_a_visitor_signs_in_first_and_comes_back(client: PageClient, path: str) -> None:
    sent = client.get(path)
    assert (sent.status_code, sent.headers["Location"]) == (303, f"/connexion?retour={path.replace('/', '%2F')}")


def test_no_field_of_a_provider_is_left_out_of_its_page() -> None:
    form = ProviderForm()
    assert sorted(name for _title, names in form.groups() for name in names) == sorted(field.name for field in form)


def test_a_provider_is_declared_shown_and_traced(administrator: Browser, database: Database) -> None:
    assert administrator.client.get(f"{PATH}/nouveau").status_code == 200
    sent = send(administrator, f"{PATH}/nouveau", slug="trois-sources", **CAS)
    assert (sent.status_code, sent.headers["Location"]) == (303, PATH)
    held = provider(database, "trois-sources")
    assert held is not None
    assert (held.protocol, held.serves) == (Protocol.CAS, ["territory:aura", "school:0260037Z"])
    assert held.attributes == {"profiles": ["PRO", "profil"], "schools": ["UAI"]}
    shown = administrator.client.get(PATH).text
    assert "ENT des Trois Sources" in shown
    assert "https://ent.example.org/cas" in shown
    (event,) = events(database, "provider", "declared")
    assert event.subject_id == held.id
    page = administrator.client.get(f"{PATH}/trois-sources").text
    assert "http://127.0.0.1:8000/connexion/trois-sources/retour/" in page
    assert 'value="profiles=PRO, profil ; schools=UAI"' in page.replace("\u202f", " ")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("slug", "wrong", "said"),
    [
        ("demonstration", {}, "porte déjà ce nom court"),
        ("Trois Sources", {}, ""),
        ("", {}, ""),
        ("neuf", {"label": "   "}, "Il manque le nom de l’ENT"),
        ("neuf", {"base_url": "http://ent.example.org"}, ""),
        ("neuf", {"base_url": ""}, "Il manque l’adresse"),
        ("neuf", {"attributes": "inconnu=X"}, ""),
        ("neuf", {"serves": "lycée"}, ""),
        ("neuf", {"protocol": "oidc"}, ""),
        ("neuf", {"protocol": "saml"}, "Cette valeur ne convient pas"),
    ],
)
def test_what_is_wrong_is_told_and_what_was_typed_is_kept(
    administrator: Browser, database: Database, slug: str, wrong: dict[str, Any], said: str
) -> None:
    before = provider(database, "demonstration")
    sent = send(administrator, f"{PATH}/nouveau", slug=slug, **{**CAS, "contact": "garde@ent.example.org", **wrong})
    assert sent.status_code == 422
    assert 'value="garde@ent.example.org"' in sent.text
    assert f'value="{slug}"' in sent.text
    assert "à corriger" in sent.text
    assert said in sent.text
    assert provider(database, "neuf") is None
    after = provider(database, "demonstration")
    assert before is not None
    assert after is not None
    assert after.label == before.label


def test_a_correction_tells_what_changed_but_not_its_values(administrator: Browser, database: Database) -> None:
    send(administrator, f"{PATH}/nouveau", slug="trois-sources", **CAS)
    corrected = {**CAS, "label": "ENT des Sources", "contact": "marie.curie@ent.example.org"}
    assert send(administrator, f"{PATH}/trois-sources", **corrected).status_code == 303
    assert send(administrator, f"{PATH}/trois-sources", **corrected).status_code == 303
    (event,) = events(database, "provider", "corrected")
    assert event.details == {"changed": ["contact", "label"]}
    refused = send(administrator, f"{PATH}/trois-sources", **{**corrected, "base_url": "ftp://ent.example.org"})
    assert refused.status_code == 422
    held = provider(database, "trois-sources")
    assert held is not None
    assert held.base_url == "https://ent.example.org/cas"


def test_a_provider_is_closed_and_opened_again_as_the_form_says(administrator: Browser, database: Database) -> None:
    send(administrator, f"{PATH}/nouveau", slug="trois-sources", **CAS)
    for said, is_open in (("non", False), ("non", False), ("oui", True)):
        assert send(administrator, f"{PATH}/trois-sources/etat", ouvert=said).status_code == 303
        held = provider(database, "trois-sources")
        assert held is not None
        assert held.enabled is is_open
        door = administrator.client.get("/connexion/trois-sources").status_code
        assert door == (303 if is_open else 404)
    moves = [len(events(database, "provider", move)) for move in ("closed", "opened")]
    assert moves == [1, 1], "the second time changed nothing"


@pytest.mark.parametrize("path", [f"{PATH}/inconnu", "/administration/fonctions/inconnue"])
def test_what_does_not_exist_is_not_found(administrator: Browser, path: str) -> None:
    assert administrator.client.get(path).status_code == 404
    assert send(administrator, path, **CAS).status_code == 404


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("login", ["region", "proviseure", "enseignante"])
def test_nobody_else_declares_corrects_or_closes_a_provider(
    app: Flask, ent: str, browser: Browser, database: Database, login: str
) -> None:
    install(app, ent)
    comes_in(browser, login)
    for path in (f"{PATH}/nouveau", f"{PATH}/demonstration", f"{PATH}/demonstration/etat"):
        assert send(browser, path, slug="neuf", ouvert="non", **CAS).status_code == 403
    held = provider(database, "demonstration")
    assert held is not None
    assert held.enabled
    assert held.label == "ENT de démonstration"
    assert provider(database, "neuf") is None


def test_a_number_that_no_database_holds_is_no_address(administrator: Browser) -> None:
    """Else PostgreSQL would refuse to compare it, and the page would fail."""
    rules = [rule for rule in administrator.client.application.url_map.iter_rules() if "<int:" in rule.rule]
    assert rules
    for rule in rules:
        path = re.sub("<int:[a-z_]+>", str(2**31), rule.rule).replace("<uai>", FIRST).replace("<territory>", "aura")
        for method in (rule.methods or set()) & {"GET", "POST"}:
            assert administrator.client.open(path, method=method, headers=HERE).status_code in {404, 405}, path


@pytest.mark.parametrize(
    "address", ["/administration/ent/a%00", "/administration/fonctions/a%00", "/etablissements/0261505V%00/equipe"]
)
def test_an_address_that_no_database_can_hold_leads_nowhere(administrator: Browser, address: str) -> None:
    """PostgreSQL refuses a text with a NUL: it must be a 404, never a failure."""
    assert administrator.client.get(address).status_code == 404
