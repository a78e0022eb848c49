"""A token opens the API and nothing else, a cookie opens pages and nothing else; a value is shown once, however often it is asked."""

import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlmodel import Session, col, select
from werkzeug.test import TestResponse

from app import create_app
from portal.access import system
from portal.account.api import Me
from portal.clock import Clock
from portal.db import Database
from portal.people.access import May
from portal.people.models import Person
from portal.settings import Settings
from portal.signin.models import Token
from portal.signin.secrets import digest
from portal.signin.tokens import Wish, make
from portal.trail.models import Event
from tests.http.coming_in import SESSION, Browser

PATH = "/mon-compte/jetons"
HERE = {"Origin": "http://localhost"}
ME = "/api/v1/me"
DOCUMENT = "/api/v1/openapi.json"  # open to all
WRONG = 'Bearer error="invalid_token"'
USE = str(May.USE_ACCOUNT)


@pytest.fixture
def database(app: Flask) -> Database:
    found: Database = app.extensions["logitheque"].database
    return found


@pytest.fixture
def teacher(browser: Browser) -> Browser:
    browser.comes_in("itinerante")
    return browser


def rows(database: Database, table: Any) -> list[Any]:
    with database.read() as session:
        return list(session.exec(select(table).order_by(col(table.id))))


def later(app: Flask, **by: float) -> None:
    joined = app.extensions["logitheque"]
    real = joined.clock.real
    object.__setattr__(joined, "clock", Clock(real=lambda: real() + timedelta(**by)))


def form(browser: Browser) -> dict[str, Any]:
    """As the page gives it, filled in."""
    shown = browser.client.get(PATH).text
    key = re.search(r'name="key" type="hidden" value="([^"]+)"', shown)
    assert key, shown
    return {"key": key[1], "label": "inventaire du CDI", "scopes": [USE], "days": "30"}


def sent(browser: Browser, typed: dict[str, Any]) -> TestResponse:
    return browser.client.post(PATH, data=typed, headers=HERE)


def values(answered: TestResponse) -> set[str]:
    return set(re.findall(r"lgt_[\w-]{43}", answered.text))


def made(browser: Browser) -> str:
    (value,) = values(sent(browser, form(browser)))
    return value


def asks(app: Flask, path: str = ME, token: str | None = None, **headers: str) -> TestResponse:
    """A program: no cookie."""
    client = app.test_client()
    return client.get(path, headers={**({"Authorization": f"Bearer {token}"} if token else {}), **headers})


def test_a_token_says_who_one_is_and_what_it_allows(teacher: Browser, app: Flask) -> None:
    told = asks(app, token=made(teacher))
    assert told.status_code == 200
    told_me = Me.model_validate(told.get_json())
    assert told_me.name.startswith("Enseignante")
    assert {one.uai for one in told_me.schools} == {"0261505V", "0260037Z"}
    assert [one.name for one in told_me.schools] == [None, None], "this directory is empty"
    assert (told_me.token.label, told_me.token.scopes, told_me.accreditations) == ("inventaire du CDI", [USE], [])


def test_the_value_is_shown_once_and_stored_nowhere(teacher: Browser, database: Database) -> None:
    answered = sent(teacher, form(teacher))
    (value,) = values(answered)
    assert answered.status_code == 200
    assert answered.headers["Cache-Control"] == "no-store"
    assert "Location" not in answered.headers
    assert not values(teacher.client.get(PATH))
    (token,) = rows(database, Token)
    assert token.digest == digest(value)
    assert value not in str([one.model_dump() for one in (token, *rows(database, Event))])


def test_the_page_that_shows_a_token_also_lists_it(teacher: Browser) -> None:
    page = sent(teacher, form(teacher)).text
    assert "Vous n’avez pas de jeton" not in page
    assert '<th scope="row"' in page.partition("Jetons en service")[2]


def test_a_second_click_makes_no_second_token_and_shows_the_same_value(teacher: Browser, database: Database) -> None:
    typed = form(teacher)
    assert values(sent(teacher, typed)) == values(sent(teacher, typed))
    assert len(rows(database, Token)) == 1
    assert len([one for one in rows(database, Event) if one.subject_kind == "token"]) == 1


def test_a_page_that_is_reloaded_later_shows_the_value_no_more(teacher: Browser, database: Database, app: Flask) -> None:
    typed = form(teacher)
    sent(teacher, typed)
    later(app, seconds=61)
    again = sent(teacher, typed)
    assert again.status_code == 409
    assert not values(again)
    assert "ne se montre qu’une fois" in again.text
    assert len(rows(database, Token)) == 1


def test_a_revoked_token_does_not_come_back_when_its_form_is_sent_again(teacher: Browser, database: Database, app: Flask) -> None:
    typed = form(teacher)
    (value,) = values(sent(teacher, typed))
    teacher.client.post(f"{PATH}/{rows(database, Token)[0].id}/revocation", headers=HERE)
    again = sent(teacher, typed)
    assert (again.status_code, values(again)) == (409, set())
    assert asks(app, token=value).status_code == 401


def test_two_forms_make_two_tokens(teacher: Browser, database: Database) -> None:
    assert made(teacher) != made(teacher)
    assert len(rows(database, Token)) == 2


def test_the_same_form_is_another_value_for_another_person(teacher: Browser, app: Flask, ent: str) -> None:
    typed = form(teacher)
    other = Browser(app, ent)
    other.comes_in("enseignante")
    assert values(sent(teacher, typed)).isdisjoint(values(sent(other, typed)))


@pytest.mark.parametrize("key", ["", "x", "a.b.c", "é", None])
def test_a_form_that_is_not_ours_or_too_old_makes_nothing(teacher: Browser, database: Database, key: str | None) -> None:
    typed = form(teacher)
    genuine = typed.pop("key")
    refused = sent(teacher, typed if key is None else typed | {"key": key})
    assert (refused.status_code, values(refused)) == (422, set())
    assert "a trop attendu" in refused.text
    assert not rows(database, Token)
    again = re.search(r'name="key" type="hidden" value="([^"]+)"', refused.text)
    assert again
    assert again[1] not in {genuine, key}
    assert sent(teacher, typed | {"key": again[1]}).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"label": " "}, "Il manque le nom du jeton"),
        ({"label": "a" * 61}, "dépasse 60 caractères"),
        ({"scopes": []}, "Il manque au moins une permission"),
        ({"scopes": [str(May.GRANT)]}, "Cette valeur ne convient pas"),
        ({"scopes": ["title:read"]}, "Cette valeur ne convient pas"),
        ({"days": "367"}, "Cette valeur ne convient pas"),
        ({"days": "x"}, "Cette valeur ne convient pas"),
    ],
)
def test_what_may_not_be_asked_is_refused_and_said(teacher: Browser, database: Database, wrong: dict[str, Any], said: str) -> None:
    refused = sent(teacher, form(teacher) | wrong)
    assert refused.status_code == 422
    assert said in refused.text
    assert not rows(database, Token)


def test_a_browser_asks_for_one_permission_and_not_for_each(teacher: Browser) -> None:
    boxes = re.findall(r"<input [^>]*type=\"checkbox\"[^>]*>", teacher.client.get(PATH).text)
    assert boxes
    assert not [box for box in boxes if "required" in box]


def test_the_list_says_what_each_token_is_and_an_empty_one_what_it_is_for(teacher: Browser, app: Flask) -> None:
    assert "Vous n’avez pas de jeton" in teacher.client.get(PATH).text
    value = made(teacher)
    shown = teacher.client.get(PATH).text
    assert "inventaire du CDI" in shown
    assert "tenir son compte, ses connexions et ses jetons" in shown
    assert ">jamais<" in shown
    asks(app, token=value)
    assert ">jamais<" not in teacher.client.get(PATH).text
    assert f'href="{PATH}"' in teacher.client.get("/mon-compte").text


def test_revocation_acts_on_the_next_request(teacher: Browser, app: Flask, database: Database) -> None:
    value = made(teacher)
    assert asks(app, token=value).status_code == 200
    address = f"{PATH}/{rows(database, Token)[0].id}/revocation"
    assert teacher.client.post(address, headers=HERE).headers["Location"] == PATH
    refused = asks(app, token=value)
    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, WRONG)
    assert "inventaire" not in teacher.client.get(PATH).text
    assert teacher.client.post(address, headers=HERE).status_code == 404, "it is no longer in the list"


@pytest.mark.parametrize("number", ["theirs", "999999"])
def test_the_token_of_somebody_else_is_one_that_does_not_exist(
    teacher: Browser, app: Flask, ent: str, database: Database, number: str
) -> None:
    value = made(teacher)
    other = Browser(app, ent)
    other.comes_in("enseignante")
    address = f"{PATH}/{rows(database, Token)[0].id if number == 'theirs' else number}/revocation"
    assert other.client.post(address, headers=HERE).status_code == 404
    assert "inventaire" not in other.client.get(PATH).text
    assert asks(app, token=value).status_code == 200


@pytest.mark.parametrize("shown", ["lgt_" + "a" * 43, "", " ", "é", "a" * 8000, "' OR 1=1 --", "a b"])
@pytest.mark.parametrize("path", [ME, DOCUMENT, "/api/v1/nulle-part"])
def test_a_wrong_token_is_refused_even_where_none_is_needed(app: Flask, browser: Browser, path: str, shown: str) -> None:
    for scheme in ("Bearer", "bearer"):
        refused = app.test_client().get(path, headers={"Authorization": f"{scheme} {shown}".encode().decode("latin-1")})
        assert (refused.status_code, refused.mimetype) == (401, "application/problem+json")
        assert refused.headers["WWW-Authenticate"] == WRONG
        assert "Créez-en un autre" in refused.get_json()["detail"]
        assert "no-store" in refused.headers["Cache-Control"]


def test_an_expired_token_and_a_closed_account_are_refused(teacher: Browser, app: Flask, database: Database) -> None:
    value = made(teacher)
    later(app, days=30)
    assert asks(app, token=value).headers["WWW-Authenticate"] == WRONG
    later(app, days=-30)
    assert asks(app, token=value).status_code == 200
    database.write(lambda session: session.execute(sa.update(Person).values(closed_at=app.extensions["logitheque"].clock.now())))
    assert asks(app, token=value).headers["WWW-Authenticate"] == WRONG


def test_without_a_token_the_api_says_that_one_is_needed(app: Flask) -> None:
    refused = asks(app)
    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert "demande un jeton" in refused.get_json()["detail"]


def test_another_scheme_is_not_ours_to_judge(app: Flask, database: Database) -> None:
    client = app.test_client()
    assert client.get(DOCUMENT, headers={"Authorization": "Basic eDp4"}).status_code == 200
    assert client.get(ME, headers={"Authorization": "Basic eDp4"}).headers["WWW-Authenticate"] == "Bearer"


def test_a_cookie_opens_nothing_in_the_api_and_a_token_no_page(teacher: Browser, app: Flask) -> None:
    value = made(teacher)
    assert teacher.client.get(ME).status_code == 401
    assert asks(app, "/mon-compte", value).status_code == 303
    assert asks(app, PATH, value).status_code == 303
    assert "Se connecter" in asks(app, "/connexion/au-revoir", value).text
    assert asks(app, "/connexion/au-revoir", "wrong").status_code == 200, "and it is not looked at there"
    both = teacher.client.get(ME, headers={"Authorization": "Bearer wrong"})
    assert both.headers["WWW-Authenticate"] == WRONG, "the cookie does not stand in for it"


def test_a_token_without_the_permission_says_which_is_missing(teacher: Browser, app: Flask, database: Database) -> None:
    joined, wish = app.extensions["logitheque"], Wish("x", [str(May.READ_ACCREDITATIONS)])

    def work(session: Session) -> str:
        person = session.exec(select(Person)).one()
        return make(session, joined.policy, system("test"), person, wish, now=joined.clock.now())[1]

    value = database.write(work)
    refused = asks(app, token=value)
    assert refused.status_code == 403
    assert "account:use" in refused.get_json()["detail"]
    assert asks(app, DOCUMENT, value).status_code == 200, "what is open to all stays open"


def test_what_a_token_is_told_is_for_it_alone(teacher: Browser, app: Flask) -> None:
    value = made(teacher)
    for path in (ME, DOCUMENT):
        told = asks(app, path, value)
        assert told.status_code == 200
        assert told.headers["Cache-Control"] == "private, no-store"
        assert "Authorization" in told.vary
    anonymous = asks(app, DOCUMENT)
    assert "public" in anonymous.headers["Cache-Control"]
    assert "Authorization" in anonymous.vary, "a cache must not give it to a token that ended"


def test_other_sites_cannot_send_a_token_from_a_browser(teacher: Browser, app: Flask) -> None:
    allowed = app.test_client().options(ME, headers={"Origin": "https://elsewhere.example"})
    assert "authorization" not in allowed.headers.get("Access-Control-Allow-Headers", "").lower()
    assert "Access-Control-Allow-Credentials" not in allowed.headers


def test_an_unsafe_request_of_a_program_is_not_taken_for_another_site_s(teacher: Browser, app: Flask) -> None:
    value = made(teacher)
    assert app.test_client().post(ME, headers={"Authorization": f"Bearer {value}"}).status_code == 405
    assert teacher.client.post(ME, headers={"Authorization": f"Bearer {value}"}).status_code == 405, (
        "a browser's cookie that goes with it opens nothing there"
    )
    elsewhere = {"Authorization": f"Bearer {value}", "Sec-Fetch-Site": "cross-site"}
    assert teacher.client.post(ME, headers=elsewhere).status_code == 403
    assert teacher.cookie(SESSION)


def test_last_use_is_written_once_a_minute_at_most(teacher: Browser, app: Flask, database: Database, count_queries: Any) -> None:
    value = made(teacher)
    with count_queries(database) as written:
        for _time in range(3):
            asks(app, token=value)
    assert len([one for one in written if one.startswith("UPDATE token")]) == 1
    later(app, seconds=61)
    with count_queries(database) as written:
        for _time in range(3):
            asks(app, token=value)
    assert len([one for one in written if one.startswith("UPDATE token")]) == 1


def test_a_visitor_s_page_and_a_program_without_a_token_ask_nothing_of_the_table(
    app: Flask, database: Database, count_queries: Any
) -> None:
    with count_queries(database) as queries:
        app.test_client().get("/accessibilite")
        asks(app, DOCUMENT)
    assert not [one for one in queries if "token" in one]


def test_the_example_of_the_document_is_what_the_token_is_answered(teacher: Browser, app: Flask) -> None:
    told = asks(app, DOCUMENT).get_json()
    operation = told["paths"]["/me"]["get"]
    assert operation["security"] == [{"token": []}]
    closed = {path.split("/")[1] for path, methods in told["paths"].items() for one in methods.values() if "security" in one}
    assert closed == {"me", "requests", "schools"}, "of a school, its ranks alone"
    answered = asks(app, ME, made(teacher))
    assert str(answered.status_code) in operation["responses"]
    assert set(answered.get_json()) == set(told["components"]["schemas"]["Me"]["required"])


def test_an_unknown_parameter_is_refused(teacher: Browser, app: Flask) -> None:
    assert asks(app, f"{ME}?x=1", made(teacher)).status_code == 422


def test_over_https_the_cookie_of_the_session_is_not_read_by_programs_either(settings: Settings, teacher: Browser) -> None:
    app = create_app(settings.model_copy(update={"public_url": "https://logitheque.example"}))
    client = app.test_client()
    client.set_cookie(f"__Host-{SESSION}", teacher.cookie(), secure=True)
    assert client.get(ME, base_url="https://localhost").status_code == 401
    app.extensions["logitheque"].database.close()
