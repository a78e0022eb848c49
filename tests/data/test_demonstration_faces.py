"""One server plays three providers: each has its own people, words, cookies and tickets, as if it were alone."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from itertools import permutations
from queue import Empty

import pytest
from sqlalchemy import update
from sqlmodel import col, select
from werkzeug.datastructures import Headers

from portal.db import Database
from portal.demo.ent import Ent
from portal.demo.ent_answers import by_the_window
from portal.demo.ent_tickets import Registry
from portal.demo.faces import faces
from portal.demo.people_file import Person
from portal.signin import cas
from portal.signin.claims import PREFIX, WORDS, Profile, is_turned_away, understand
from portal.signin.envelopes import Answer, checked_subject
from portal.signin.loading import (
    COLLEGES,
    DEMONSTRATION,
    LABELS,
    PATHS,
    WINDOW,
    declare_demonstration,
    declare_other_demonstrations,
)
from portal.signin.models import Provider, Validation
from portal.signin.rules import faults
from portal.territories.loading import DATA
from portal.text import NBSP, THIN, french
from tests.data.at_the_ent import PATIENCE, Browser, Portal, as_provider, refusal, running, ticket_of
from tests.page_client import Page, words

PEOPLE = {face.slug: face.people for face in faces(Registry())}
ONE_OF = {DEMONSTRATION: "itinerante", COLLEGES: "itinerante", WINDOW: "proviseure"}
NEW = [(slug, login) for slug in (COLLEGES, WINDOW) for login in PEOPLE[slug]]
FIRST = "http://127.0.0.1:8101/cas"
PUBLIC, PRIVATE = "PU", "PR"


@pytest.fixture
def portal() -> Iterator[Portal]:
    with running(Portal()) as server:
        yield server


@pytest.fixture
def ent(portal: Portal) -> Iterator[Ent]:
    with running(Ent(0, portal.address)) as server:
        yield server


@pytest.fixture
def browser(ent: Ent) -> Iterator[Browser]:
    with Browser(f"http://127.0.0.1:{ent.server_address[1]}") as browser:
        yield browser


def signs_in(browser: Browser, slug: str, service: str, login: str = "") -> str:
    browser.path = PATHS[slug]
    return browser.sign_in(login or ONE_OF[slug], service)


def comes_back(browser: Browser, slug: str, service: str) -> int:
    """302: known there; 200: asked who they are."""
    browser.path = PATHS[slug]
    return browser.come_back(service).status_code


def provider(browser: Browser, slug: str, validation: Validation = Validation.P3) -> Provider:
    return as_provider(browser.base, validation, PATHS[slug])


def service(portal: Portal, slug: str) -> str:
    return f"{portal.address}/connexion/{slug}/retour/?etat=abc"


# ---------- their people


@pytest.mark.parametrize(("slug", "login"), NEW)
def test_a_description_is_whole_and_set_as_french_is(slug: str, login: str) -> None:
    person = PEOPLE[slug][login]
    assert re.fullmatch(r"[a-z0-9-]+", login)
    assert checked_subject(person.subject)
    assert {profile.lower().removeprefix(PREFIX) for profile in person.profiles} <= set(WORDS)
    assert person.given_name
    assert person.schools
    assert person.holds == ()  # they arrive by themselves, and nothing waits for them
    for text in (person.name, person.purpose):
        assert french(text).replace(NBSP, " ").replace(THIN, " ") == text


def test_identifiers_are_those_of_one_provider_and_only_one_key_is_known_by_two() -> None:
    everybody = [person for people in PEOPLE.values() for person in people.values()]
    assert len({person.subject for person in everybody}) == len(everybody)
    keys = Counter(person.join_key for person in everybody if person.join_key)
    assert [key for key, times in keys.items() if times > 1] == [PEOPLE[DEMONSTRATION]["itinerante"].join_key]
    assert not any(person.join_key for person in PEOPLE[WINDOW].values())


def test_their_schools_and_what_the_state_says_of_them_are_the_directorys() -> None:
    with (DATA / "schools.csv").open(encoding="utf-8", newline="") as file:
        schools = {row["uai"]: row for row in csv.DictReader(file)}
    for person in PEOPLE[COLLEGES].values():
        assert {(schools[uai]["type"], schools[uai]["department_code"]) for uai in person.schools} == {("collège", "38")}
    for person in PEOPLE[WINDOW].values():
        for line in person.heads:
            uai, kind, sector, activity, symbol, _type, nature = line.split("$")
            told = schools[uai]
            assert (kind, activity, symbol, nature) == ("UAJ", "N", "T3", told["nature_code"])
            assert sector == (PUBLIC if told["sector"] == "public" else PRIVATE)


def test_the_state_names_somebody_whom_nobody_else_does() -> None:
    granted = {scope for person in PEOPLE[DEMONSTRATION].values() for role, scope in person.holds if role == "head"}
    named = [{f"school:{line[:8]}" for line in person.heads} for person in PEOPLE[WINDOW].values()]
    assert [bool(schools & granted) for schools in named] == [True, False]


# ---------- what each says


@pytest.mark.parametrize("validation", [Validation.P3, Validation.SERVICE, Validation.SAML])
@pytest.mark.parametrize(("slug", "login"), NEW)
def test_the_portal_understands_whom_it_is_told(
    slug: str, login: str, validation: Validation, browser: Browser, portal: Portal
) -> None:
    person, asked = PEOPLE[slug][login], service(portal, slug)
    ticket = signs_in(browser, slug, asked, login)
    claims = understand(cas.validate(provider(browser, slug, validation), asked, ticket, fresh=True))
    assert (claims.subject, claims.given_name, claims.family_name) == (person.subject, person.given_name, person.family_name)
    assert claims.email == f"{login}@demonstration.example"
    assert claims.schools == person.schools
    assert claims.heads == (person.schools if slug == WINDOW else ())
    assert not is_turned_away(claims.profiles)
    assert claims.profiles


def test_both_ents_know_the_same_person_by_the_same_key(browser: Browser, portal: Portal) -> None:
    said = []
    for slug in (DEMONSTRATION, COLLEGES):
        ticket = signs_in(browser, slug, portal.service)
        said.append(understand(cas.validate(provider(browser, slug), portal.service, ticket)))
    lycees, colleges = said
    assert lycees.join_key == colleges.join_key == "DEMO-9000004"
    assert lycees.subject != colleges.subject
    assert not set(lycees.schools) & set(colleges.schools)


def test_the_window_says_head_and_no_join_key(browser: Browser, portal: Portal) -> None:
    ticket = signs_in(browser, WINDOW, portal.service)
    answer = cas.validate(provider(browser, WINDOW), portal.service, ticket)
    claims = understand(answer)
    assert (claims.profiles, claims.join_key, claims.heads) == ({Profile.HEAD}, "", ("0261505V",))
    assert answer.said["FrEduFonctAdm"] == answer.said["title"] == ("DIR",)
    assert answer.said["FrEduRneResp"] == ("0261505V$UAJ$PU$N$T3$LYC$306",)
    assert answer.said["FrEduRne"] == ("0261505V$UAJ$PU$DIR$0261505V$T3$LYC$306",)


@pytest.mark.parametrize(("function", "heads"), [("DIR", ("0261505V", "0380002W")), ("ADM", ())])
def test_the_window_names_every_school_of_a_head_and_none_of_another(function: str, heads: tuple[str, ...]) -> None:
    schools = ("0261505V", "0380002W")
    lines = tuple(f"{uai}$UAJ$PU$N$T3$LYC$300" for uai in schools)
    person = Person("x", "X", "Y", "essaie", "ETAT-9", (function,), schools, heads=lines)
    said: dict[str, tuple[str, ...]] = {}
    for name, value in by_the_window(person):
        said[name] = (*said.get(name, ()), value)
    claims = understand(Answer("ETAT-9", said))
    assert (claims.schools, claims.heads) == (schools, heads)


# ---------- as if each were alone


@pytest.mark.parametrize("slug", list(PATHS))
def test_a_page_lists_its_own_people_and_is_sent_to_itself(slug: str, browser: Browser, portal: Portal) -> None:
    browser.path = PATHS[slug]
    page = Page(browser.come_back(portal.service).text, Headers())
    shown = {button.get("value") for button in page.all("button") if button.get("name") == "username"}
    assert shown == set(PEOPLE[slug])
    assert {form.get("action") for form in page.all("form")} == {f"{PATHS[slug]}/login"}
    assert [words(title) for title in page.all("h1", "title")] == [LABELS[slug]] * 2
    assert "fictives" in " ".join(page.prose())


@pytest.mark.parametrize(("slug", "login"), [(COLLEGES, "enseignante"), (WINDOW, "itinerante"), (DEMONSTRATION, "principale")])
def test_nobody_comes_in_where_they_are_not_known(slug: str, login: str, browser: Browser, portal: Portal) -> None:
    answered = browser.post(f"{PATHS[slug]}/login", data={"username": login, "service": portal.service})
    assert (answered.status_code, "Set-Cookie" in answered.headers) == (401, False)


@pytest.mark.parametrize(("giver", "other"), list(permutations(PATHS, 2)))
def test_a_ticket_is_worth_nothing_at_another_and_is_not_burnt_there(
    giver: str, other: str, browser: Browser, portal: Portal
) -> None:
    ticket = signs_in(browser, giver, portal.service)
    assert refusal(provider(browser, other), portal.service, ticket) == "INVALID_TICKET"
    found = cas.validate(provider(browser, giver), portal.service, ticket)
    assert found.subject == PEOPLE[giver][ONE_OF[giver]].subject


@pytest.mark.parametrize(("giver", "other"), list(permutations(PATHS, 2)))
def test_a_cookie_is_sent_to_its_own_and_opens_no_other(giver: str, other: str, browser: Browser, portal: Portal) -> None:
    sent = browser.post(f"{PATHS[giver]}/login", data={"username": ONE_OF[giver]})
    assert sent.headers["Set-Cookie"].endswith(f"; Path={PATHS[giver]}; HttpOnly; SameSite=Lax")
    assert [cookie.path for cookie in browser.cookies] == [PATHS[giver]]
    assert comes_back(browser, other, portal.service) == 200
    [ours] = browser.cookies
    forced = browser.get(
        f"{PATHS[other]}/login", params={"service": portal.service}, headers={"Cookie": f"{ours.name}={ours.value}"}
    )
    assert forced.status_code == 200
    assert comes_back(browser, giver, portal.service) == 302


def test_one_browser_is_somebody_at_each(browser: Browser, portal: Portal) -> None:
    for slug in PATHS:
        signs_in(browser, slug, portal.service)
    for slug in PATHS:
        browser.path = PATHS[slug]
        ticket = ticket_of(browser.come_back(portal.service), portal.service)
        found = cas.validate(provider(browser, slug), portal.service, ticket)
        assert found.subject == PEOPLE[slug][ONE_OF[slug]].subject


@pytest.mark.parametrize("left", list(PATHS))
def test_signing_out_of_one_ends_its_own_visits_alone(left: str, browser: Browser, portal: Portal) -> None:
    tickets = {slug: signs_in(browser, slug, service(portal, slug)) for slug in PATHS}
    for slug, ticket in tickets.items():
        cas.validate(provider(browser, slug), service(portal, slug), ticket)
    page = browser.get(f"{PATHS[left]}/logout")
    assert page.status_code == 200
    assert "Vous êtes déconnecté·e" in page.text
    path, body = portal.heard.get(timeout=PATIENCE)
    assert path == f"/connexion/{left}/retour/?etat=abc"
    assert tickets[left].encode() in body
    with pytest.raises(Empty):
        portal.heard.get(timeout=0.2)
    assert {slug: comes_back(browser, slug, portal.service) for slug in PATHS} == {
        slug: 200 if slug == left else 302 for slug in PATHS
    }


@pytest.mark.parametrize("slug", list(PATHS))
def test_without_an_address_to_go_to_one_stays_there(slug: str, browser: Browser) -> None:
    sent = browser.post(f"{PATHS[slug]}/login", data={"username": ONE_OF[slug]})
    assert sent.headers["Location"] == f"{PATHS[slug]}/login"
    page = Page(browser.get(f"{PATHS[slug]}/login").text, Headers())
    assert f"{PATHS[slug]}/logout" in [link.get("href") for link in page.all("a")]


@pytest.mark.parametrize("slug", list(PATHS))
@pytest.mark.parametrize("foreign", ["https://exemple.example/connexion/", "{portal}/catalogue", "{portal}/connexion/../x"])
def test_none_leads_anywhere_but_to_signing_in(slug: str, foreign: str, browser: Browser, portal: Portal) -> None:
    asked = foreign.format(portal=portal.address)
    assert comes_back(browser, slug, asked) == 403
    answered = browser.post(f"{PATHS[slug]}/login", data={"username": ONE_OF[slug], "service": asked})
    assert (answered.status_code, "Set-Cookie" in answered.headers) == (403, False)


@pytest.mark.parametrize(
    "path",
    ["/colleges", "/colleges/", "/colleges/login", "/colleges/cas", "/colleges/cas/", "/colleges/cas/cas/login", "/cas/colleges/login",
     "/guichet/cas/samlValidate", "/guichet/cas/style.css", "/guichet/cas/../cas/x", "/Guichet/cas/login", "/autre/cas/login"],
)  # fmt: skip
def test_what_none_serves_has_a_page(path: str, browser: Browser) -> None:
    assert browser.get(path).status_code == 404


# ---------- as the portal declares them


def declared(database: Database) -> dict[str, Provider]:
    with database.read() as session:
        return {one.slug: one for one in session.exec(select(Provider))}


def test_each_is_declared_where_the_server_plays_it_with_what_it_is_believed_of(database: Database) -> None:
    database.write(lambda session: declare_demonstration(session, FIRST))
    assert list(declared(database)) == [DEMONSTRATION]
    database.write(lambda session: declare_other_demonstrations(session, FIRST))
    found = declared(database)
    assert {slug: (one.label, one.base_url) for slug, one in found.items()} == {
        slug: (LABELS[slug], f"http://127.0.0.1:8101{PATHS[slug]}") for slug in PATHS
    }
    assert {slug: (one.gives_join_key, one.adults_only, one.names_heads) for slug, one in found.items()} == {
        DEMONSTRATION: (True, False, False),
        COLLEGES: (True, False, False),
        WINDOW: (False, True, True),
    }
    assert all(one.proves_fresh for one in found.values())
    assert not [fault for one in found.values() for fault in faults(one, "", may_demonstrate=True)]
    for one in found.values():
        assert any("laisse entrer n’importe qui" in str(fault) for fault in faults(one, "", may_demonstrate=False))


def test_they_follow_the_port_and_stay_closed_when_they_were_closed(database: Database) -> None:
    database.write(lambda session: declare_other_demonstrations(session, FIRST))

    database.write(lambda session: session.execute(update(Provider).where(col(Provider.slug) == WINDOW).values(enabled=False)))
    database.write(lambda session: declare_other_demonstrations(session, FIRST.replace("8101", "8201")))
    found = declared(database)
    assert {slug: (one.base_url, one.enabled) for slug, one in found.items()} == {
        COLLEGES: ("http://127.0.0.1:8201/colleges/cas", True),
        WINDOW: ("http://127.0.0.1:8201/guichet/cas", False),
    }
