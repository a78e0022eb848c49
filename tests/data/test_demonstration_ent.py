"""The demonstration's ENT is a real one: a server, read here by the portal's own client, and attacked as any other would be."""

import csv
import re
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import Empty
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
from werkzeug.datastructures import Headers

from portal.demo.ent import Ent
from portal.demo.ent_tickets import LIVES, MOST, Failure, Registry
from portal.demo.people_file import read_groups, read_people
from portal.signin import cas
from portal.signin.claims import PREFIX, WORDS, is_turned_away, understand
from portal.signin.models import Provider, Validation
from portal.territories.loading import DATA
from portal.text import NBSP, THIN, french
from tests.data.at_the_ent import PATIENCE, Browser, Portal, Seconds, as_provider, refusal, running, ticket_of
from tests.page_client import Page, words

PEOPLE = read_people()
LOGINS = [
    "enseignante", "documentaliste", "referent", "proviseure", "ddfpt", "enseignant2", "referent2", "proviseur2", "itinerante",
    "inspectrice", "membre1", "membre2", "membre3", "membre4", "membre5", "dpd", "presidente", "region", "packageuse", "technicien",
    "espace", "administratrice", "eleve", "parent", "parent-enseignant",
]  # fmt: skip
COMPREHENSIVE, VOCATIONAL = "0261505V", "0260037Z"


@pytest.fixture
def portal() -> Iterator[Portal]:
    with running(Portal()) as server:
        yield server


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def ent(portal: Portal, seconds: Seconds) -> Iterator[Ent]:
    with running(Ent(0, portal.address, Registry(seconds))) as server:
        yield server


@pytest.fixture
def address(ent: Ent) -> str:
    return f"http://127.0.0.1:{ent.server_address[1]}"


@pytest.fixture
def browser(address: str) -> Iterator[Browser]:
    with Browser(address) as browser:
        yield browser


@pytest.fixture
def provider(address: str) -> Provider:
    return as_provider(address)


# ---------- its people


def test_the_people_of_the_design_are_all_there_and_nobody_else() -> None:
    assert sorted(PEOPLE) == sorted(LOGINS)
    assert sum(len(group.people) for group in read_groups()) == len(LOGINS)


def test_each_is_one_person_by_what_an_ent_tells_people_by() -> None:
    for values in ([p.subject for p in PEOPLE.values()], [p.join_key for p in PEOPLE.values() if p.join_key]):
        assert [value for value, times in Counter(values).items() if times > 1] == []
    assert len({person.name for person in PEOPLE.values()}) == len(PEOPLE)


@pytest.mark.parametrize("login", LOGINS)
def test_a_description_is_whole_and_set_as_french_is(login: str) -> None:
    person = PEOPLE[login]
    assert re.fullmatch(r"[a-z0-9-]+", login)
    assert re.fullmatch(r"DEMO-\d{4}", person.subject)
    assert {profile.lower().removeprefix(PREFIX) for profile in person.profiles} <= set(WORDS)
    assert person.profiles
    assert person.given_name
    assert person.purpose
    for text in (person.name, person.purpose):
        assert french(text).replace(NBSP, " ").replace(THIN, " ") == text  # typed with plain spaces and true apostrophes


def test_their_schools_exist_and_the_first_has_bts() -> None:
    with (DATA / "schools.csv").open(encoding="utf-8", newline="") as file:
        schools = {row["uai"]: row for row in csv.DictReader(file)}
    with (DATA / "bts_par_lycee.csv").open(encoding="utf-8", newline="") as file:
        bts = {row["uai"] for row in csv.DictReader(file)}
    named = {school for person in PEOPLE.values() for school in person.schools}
    assert {schools[uai]["region"] for uai in named} == {"Auvergne-Rhône-Alpes"}
    assert (schools[COMPREHENSIVE]["type"], COMPREHENSIVE in bts) == ("lycée polyvalent", True)
    assert schools[VOCATIONAL]["type"] == "lycée professionnel"
    assert PEOPLE["itinerante"].schools == (COMPREHENSIVE, VOCATIONAL)
    members = [PEOPLE[f"membre{n}"].schools for n in range(1, 6)]
    assert len({school for schools in members for school in schools} - {COMPREHENSIVE, VOCATIONAL}) == 5


@pytest.mark.parametrize(("login", "turned_away"), [("eleve", True), ("parent", True), ("parent-enseignant", False)])
def test_who_is_turned_away_can_be_tried(
    login: str, turned_away: bool, browser: Browser, provider: Provider, portal: Portal
) -> None:
    answer = cas.validate(provider, portal.service, browser.sign_in(login, portal.service))
    assert is_turned_away(understand(answer).profiles) is turned_away


# ---------- signing in


@pytest.mark.parametrize("validation", [Validation.P3, Validation.SERVICE, Validation.SAML])
@pytest.mark.parametrize("login", LOGINS)
def test_the_portal_understands_whom_it_is_told(login: str, validation: Validation, address: str, portal: Portal) -> None:
    """The contract that tests and scripts lean on: a form with a login and a service, a 302 with a ticket."""
    person, provider = PEOPLE[login], as_provider(address, validation)
    with Browser(address) as browser:
        ticket = browser.sign_in(login, portal.service)
    assert re.fullmatch(r"ST-[0-9a-f]{48}", ticket)
    claims = understand(cas.validate(provider, portal.service, ticket))
    assert claims.subject == person.subject
    assert (claims.given_name, claims.family_name, claims.email) == (
        person.given_name, person.family_name, f"{login}@demonstration.example",
    )  # fmt: skip
    assert claims.schools == person.schools
    assert len(claims.profiles) == len(person.profiles)
    assert claims.join_key == person.join_key.replace("$", "-")


@pytest.mark.parametrize("validation", [Validation.P3, Validation.SAML])
def test_the_address_that_the_portal_sends_people_to_brings_them_back(validation: Validation, address: str, portal: Portal) -> None:
    provider = as_provider(address, validation)
    where = urlsplit(cas.login_url(provider, portal.service, fresh=True))
    with Browser(address) as browser:
        page = browser.get(f"{where.path}?{where.query}")
        assert page.status_code == 200
        form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text))
        sent = browser.post("/cas/login", data={**form, "username": "proviseure"}).headers["Location"]
    back = parse_qs(urlsplit(sent).query)
    [ticket] = back["SAMLart" if validation is Validation.SAML else "ticket"]
    assert back["etat"] == ["abc"]
    assert cas.validate(provider, portal.service, ticket, fresh=True).subject == PEOPLE["proviseure"].subject


@pytest.mark.parametrize("typed", ["Referent", " referent ", "REFERENT"])
def test_a_login_is_read_however_a_phone_writes_it(typed: str, browser: Browser, provider: Provider, portal: Portal) -> None:
    assert cas.validate(provider, portal.service, browser.sign_in(typed, portal.service)).subject == PEOPLE["referent"].subject


def test_a_ticket_is_good_once(browser: Browser, provider: Provider, portal: Portal) -> None:
    ticket = browser.sign_in("enseignante", portal.service)
    assert cas.validate(provider, portal.service, ticket)
    assert refusal(provider, portal.service, ticket) == "INVALID_TICKET"


def test_a_ticket_is_for_one_address_and_is_burnt_by_another(browser: Browser, provider: Provider, portal: Portal) -> None:
    ticket = browser.sign_in("enseignante", portal.service)
    assert refusal(provider, portal.service + "d", ticket) == "INVALID_SERVICE"
    assert refusal(provider, portal.service, ticket) == "INVALID_TICKET"


def test_a_ticket_lives_a_minute(browser: Browser, provider: Provider, portal: Portal, seconds: Seconds) -> None:
    early, late = (browser.sign_in("enseignante", portal.service) for _ in range(2))
    seconds.now += LIVES - 1
    assert cas.validate(provider, portal.service, early)
    seconds.now += 1
    assert refusal(provider, portal.service, late) == "INVALID_TICKET"


@pytest.mark.parametrize("missing", ["service", "ticket"])
def test_a_question_without_ticket_or_service_is_no_question(missing: str, browser: Browser, portal: Portal) -> None:
    ticket = browser.sign_in("enseignante", portal.service)
    said = {"service": portal.service, "ticket": ticket}
    del said[missing]
    answer = browser.get("/cas/p3/serviceValidate", params=said)
    assert (answer.status_code, 'code="INVALID_REQUEST"' in answer.text, ticket in answer.text) == (200, True, False)


@pytest.mark.parametrize("body", [b"", b"<a", b"<!DOCTYPE a><a/>", b'<!DOCTYPE a [<!ENTITY b "ST-1">]><a>&b;</a>', b"\xff" * 100])
def test_a_saml_question_that_cannot_be_read_is_denied(body: bytes, browser: Browser, portal: Portal) -> None:
    answer = browser.post(f"/cas/samlValidate?TARGET={quote(portal.service, safe='')}", data=body)
    assert (answer.status_code, ":RequestDenied" in answer.text) == (200, True)


# ---------- sessions


def test_whoever_is_signed_in_is_not_asked_again(browser: Browser, provider: Provider, portal: Portal) -> None:
    browser.sign_in("itinerante", portal.service)
    response = browser.come_back(portal.service)
    assert response.status_code == 302
    assert cas.validate(provider, portal.service, ticket_of(response, portal.service)).subject == PEOPLE["itinerante"].subject


def test_renew_asks_again_and_only_the_form_proves_it(browser: Browser, provider: Provider, portal: Portal) -> None:
    assert cas.validate(provider, portal.service, browser.sign_in("proviseure", portal.service), fresh=True)
    from_cookie = ticket_of(browser.come_back(portal.service), portal.service)
    assert refusal(provider, portal.service, from_cookie, fresh=True) == "INVALID_TICKET"
    assert refusal(provider, portal.service, from_cookie) == "INVALID_TICKET"  # burnt
    asked = browser.come_back(portal.service, renew="true", gateway="true")
    assert (asked.status_code, PEOPLE["proviseure"].name in asked.text) == (200, True)
    assert cas.validate(provider, portal.service, browser.sign_in("proviseure", portal.service, renew="true"), fresh=True)


def test_renew_is_remembered_when_a_login_was_misspelt(browser: Browser, portal: Portal) -> None:
    page = browser.post("/cas/login", data={"username": "proviseuse", "service": portal.service, "renew": "true"})
    assert page.text.count('<input type="hidden" name="renew" value="true">') == 2


def test_a_gateway_never_asks(browser: Browser, portal: Portal) -> None:
    response = browser.come_back(portal.service, gateway="true")
    assert (response.status_code, response.headers["Location"]) == (302, portal.service)
    browser.sign_in("region", portal.service)
    assert "ticket=ST-" in browser.come_back(portal.service, gateway="true").headers["Location"]


def test_the_cookie_is_not_the_portals_and_changes_at_each_sign_in(browser: Browser, portal: Portal) -> None:
    sent = browser.post("/cas/login", data={"username": "region", "service": portal.service}).headers["Set-Cookie"]
    assert re.fullmatch(r"ent_demonstration=[\w-]{43}; Path=/cas; HttpOnly; SameSite=Lax", sent)
    first = browser.cookies["ent_demonstration"]
    browser.sign_in("dpd", portal.service)
    assert browser.cookies["ent_demonstration"] != first
    with Browser(browser.base) as thief:
        thief.cookies.set("ent_demonstration", first)
        assert thief.come_back(portal.service).status_code == 200


def test_the_portals_cookies_do_not_hide_ours(browser: Browser, portal: Portal) -> None:
    browser.sign_in("region", portal.service)
    ours = browser.cookies["ent_demonstration"]
    browser.cookies.clear()
    sent = browser.get(
        "/cas/login",
        params={"service": portal.service},
        headers={"Cookie": f'a={{"b": 1}}; session=x.y; xent_demonstration=no; ent_demonstration={ours}'},
    )
    assert sent.status_code == 302


def test_without_an_address_to_go_to_one_is_told_who_one_is(browser: Browser) -> None:
    assert browser.get("/").headers["Location"] == "/cas/login"
    assert browser.post("/cas/login", data={"username": "espace"}).headers["Location"] == "/cas/login"
    assert french(f"Vous êtes connecté·e : {PEOPLE['espace'].name}.") in browser.get("/cas/login").text


def test_signing_out_tells_each_visited_address_by_its_own_ticket(browser: Browser, provider: Provider, portal: Portal) -> None:
    """The person who changed in between too; a ticket that was never validated opened nothing."""
    services = [f"{portal.address}/connexion/cas/demonstration/?etat={state}" for state in "abc"]
    tickets = [browser.sign_in(login, service) for login, service in zip(("region", "dpd", "dpd"), services, strict=True)]
    for service, ticket in zip(services[:2], tickets[:2], strict=True):
        cas.validate(provider, service, ticket)
    response = browser.get("/cas/logout", params={"service": f"{portal.address}/"})
    assert (response.status_code, response.headers["Location"]) == (302, f"{portal.address}/")
    heard = dict(portal.heard.get(timeout=PATIENCE) for _ in range(2))
    assert list(heard) == [service.removeprefix(portal.address) for service in services[:2]]
    forms = [{name: value for name, [value] in parse_qs(body.decode()).items()} for body in heard.values()]
    assert [cas.ended_ticket(b"", form) for form in forms] == tickets[:2]
    assert not any(person.subject.encode() in body for body in heard.values() for person in PEOPLE.values())
    assert "ent_demonstration" not in browser.cookies
    assert browser.come_back(portal.service).status_code == 200
    assert refusal(provider, services[2], tickets[2]) == "INVALID_TICKET"
    with pytest.raises(Empty):
        portal.heard.get_nowait()


@pytest.mark.parametrize(
    "service", ["", "http://127.0.0.2/", "//exemple.example/", "javascript:alert(1)", "{portal}.exemple.example/"]
)
def test_signing_out_leads_nowhere_else(service: str, browser: Browser, portal: Portal) -> None:
    response = browser.get("/cas/logout", params={"service": service.format(portal=portal.address)})
    assert (response.status_code, "Location" in response.headers) == (200, False)


def test_what_is_remembered_has_a_bound() -> None:
    registry, person = Registry(Seconds()), PEOPLE["region"]
    first = registry.sign_in(person)
    ticket = registry.grant(first, "s", fresh=True)
    assert ticket is not None
    last = first
    for _ in range(MOST):
        last = registry.sign_in(person)
        registry.grant(last, "s", fresh=True)
    assert registry.person(first) is None
    assert registry.spend(ticket, "s", fresh=False) is Failure.INVALID_TICKET
    assert registry.person(last) is person
    assert registry.grant("nobody", "s", fresh=True) is None


# ---------- bad company

FOREIGN = [
    "http://127.0.0.2:8000/connexion/cas",
    "https://exemple.example/",
    "//exemple.example/connexion/",
    "javascript:alert(1)",
    "{portal}/",
    "{portal}/catalogue",
    "{portal}/connexion",
    "{portal}@exemple.example/connexion/",
    "{portal}.exemple.example/connexion/",
    "{portal}/connexion/../catalogue",
    "{portal}/connexion/%2E%2e/catalogue",
    "{portal}/connexion/x/.%2e",
    "{portal}/connexion/\\..\\catalogue",
    "{portal}/connexion/x#y",
    "{portal}/connexion/ x",
    "{portal}/connexion/é",
    "{portal}/connexion/x\r\nSet-Cookie: a=b",
    '{portal}/connexion/"><script>alert(1)</script>',
    "{portal}/connexion/\0",
    "{portal}/connexion/" + "x" * 2000,
    " {portal}/connexion/x",
]  # fmt: skip


@pytest.mark.parametrize("service", FOREIGN)
def test_a_foreign_address_gets_neither_ticket_nor_form(service: str, browser: Browser, portal: Portal) -> None:
    service = service.format(portal=portal.address)
    asked = browser.come_back(service)
    answered = browser.post("/cas/login", data={"username": "region", "service": service})
    browser.sign_in("region", portal.service)
    again = browser.come_back(service)
    for response in (asked, answered, again):
        assert (response.status_code, "Location" in response.headers) == (403, False)
        assert "<script>" not in response.text
        assert 'name="username"' not in response.text
    assert "Set-Cookie" not in answered.headers


@pytest.mark.parametrize(
    "typed",
    ["inconnue", "", '"><script>alert(1)</script>', "' onfocus='x", "{0.__class__} %s", "&amp;<!--", "é\0\ud83d", "x" * 5000],
    ids=["nobody", "nothing", "script", "attribute", "pattern", "markup", "no-character", "long"],
)  # fmt: skip
def test_an_unknown_login_is_told_so_and_kept_as_text(typed: str, browser: Browser, portal: Portal) -> None:
    service = f"{portal.address}/connexion/cas/?a='&b=%22%3Cx&c=[1]"
    body = urlencode({"username": typed.encode("utf-8", "replace"), "service": service})
    response = browser.post("/cas/login", data=body)
    assert response.status_code == 401
    assert "Personne n’a cet identifiant ici." in response.text
    page = Page(response.text, Headers())
    values = {field.get("name"): field.get("value") for field in page.all("input")}
    assert values["service"] == service
    assert values["username"] == ("é?" if "\0" in typed else typed)
    assert page.all("script") == []
    assert not any(name.startswith("on") for element in page.elements for name in element.attrib)
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/cas/login?" + "&".join("abcdefghijklmnopqrstuvwxyz"), 400),
        ("/cas/p3/proxy", 404),
        ("/etc/passwd", 404),
        ("/cas/login/", 404),
    ],
    ids=["fields", "proxy", "elsewhere", "slash"],
)
def test_what_is_not_served_has_a_page(path: str, status: int, browser: Browser) -> None:
    assert browser.get(path).status_code == status


@pytest.mark.parametrize(
    "sent",
    [
        {"data": b"username=region&x=" + b"x" * 20_000},
        {"data": iter([b"username=region"])},
        {"data": "username=region" + "&a=b" * 30},
    ],
    ids=["long", "unmeasured", "fields"],
)
def test_a_form_that_is_none_signs_nobody_in(sent: dict[str, Any], browser: Browser) -> None:
    response = browser.post("/cas/login", **sent)
    assert response.status_code == 400
    assert "Set-Cookie" not in response.headers


def test_another_method_is_refused_in_few_words(browser: Browser) -> None:
    response = browser.request("PUT", "/cas/login")
    assert (response.status_code, response.text) == (501, "501\n")
    assert "Python" not in response.headers["Server"]


# ---------- the page


def test_the_page_lists_everybody_with_their_schools(browser: Browser, ent: Ent, portal: Portal) -> None:
    page = Page(browser.come_back(portal.service).text, Headers())
    shown = {button.get("value"): words(button) for button in page.all("button") if button.get("name") == "username"}
    assert set(shown) == set(LOGINS)
    for login, text in shown.items():
        assert " ".join(f"{PEOPLE[login].name} – {PEOPLE[login].purpose}".split()) in text
    assert "Lycée polyvalent Algoud-Laffemas (Valence), Lycée professionnel Victor Hugo (Valence)" in shown["itinerante"]
    assert [words(title) for title in page.all("h2")] == [group.title for group in ent.groups]
    assert "fictives" in " ".join(page.prose())


def test_the_form_may_be_sent_on_to_the_portal_and_nowhere_else(browser: Browser, portal: Portal) -> None:
    policy = browser.come_back(portal.service).headers["Content-Security-Policy"]
    assert policy.endswith(f"form-action 'self' {portal.address}")


@pytest.mark.parametrize(("path", "kind"), [("/style.css", "text/css"), ("/icon.svg", "image/svg+xml")])
def test_what_the_page_needs_is_served(path: str, kind: str, browser: Browser) -> None:
    response = browser.get(path)
    assert (response.status_code, response.headers["Content-Type"]) == (200, f"{kind}; charset=utf-8")
    assert "@import" not in response.text
    assert "url(" not in response.text


# ---------- many, and in silence


def test_fifty_who_arrive_together_are_all_let_in_and_none_is_another(
    address: str, provider: Provider, portal: Portal, capfd: pytest.CaptureFixture[str]
) -> None:
    crowd = [(LOGINS[n % len(LOGINS)], f"{portal.address}/connexion/cas/demonstration/?etat={n}") for n in range(50)]
    gate = threading.Barrier(len(crowd))

    def arrive(one: tuple[str, str]) -> tuple[str, str]:
        login, service = one
        with Browser(address) as browser:
            gate.wait(PATIENCE)
            ticket = browser.sign_in(login, service)
            gate.wait(PATIENCE)
            return cas.validate(provider, service, ticket).subject, ticket

    with ThreadPoolExecutor(len(crowd)) as pool:
        found = list(pool.map(arrive, crowd))
    assert [subject for subject, _ticket in found] == [PEOPLE[login].subject for login, _service in crowd]
    assert len({ticket for _subject, ticket in found}) == len(crowd)
    assert capfd.readouterr() == ("", "")  # who signs in is written nowhere


def test_it_listens_to_this_machine_alone(ent: Ent) -> None:
    assert ent.server_address[0] == "127.0.0.1"
