"""Each route asks for the right permission: at the gate, and of the object that its address names."""

from dataclasses import replace

import pytest
from flask import Flask, Response

from portal.access import Rule, everyone, nobody
from portal.db import Database
from portal.people.access import May
from portal.web.kit import access
from tests.http.administering import portal_of
from tests.http.knocking import ANSWER, Reader, closed, rule_by
from tests.http.two_schools import build, hold, sample, sign_in, stored
from workflows.requests.access import FILLS
from workflows.requests.access import May as MayAsk
from workflows.requests.models import BlockKind
from workflows.requests.table import REQUESTS

# It holds for whoever is asked about something, and then for nothing.
of_nothing = replace(nobody, ever=everyone.ever)
REFUSED, DONE, OUT_OF_DATE = {403, 404}, {200, 303}, 409
# Addresses where a part says what is done, and so which permission the view asks of the object beyond that of the route.
FURTHER = {
    "requests.make_move": REQUESTS.move(sample("move").own).permission,
    "request_blocks.write": FILLS[BlockKind(sample("block").own)],
    "requests.give": MayAsk.WRITE,
}
HANDS_OVER = (MayAsk.WRITE, MayAsk.RELAY, MayAsk.ENDORSE, MayAsk.INSTRUCT)  # any of them


@pytest.fixture
def database(app: Flask) -> Database:
    database, policy = build(app), portal_of(app).policy
    hold(app, "*", *policy.rules)
    sign_in(app)
    return database


def only(app: Flask, permission: str, its: Rule, others: Rule) -> None:
    rule_by(app, dict.fromkeys(portal_of(app).policy.rules, others) | {permission: its})


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_gate_asks_each_route_for_its_own_permission_and_for_no_other(app: Flask, database: Database) -> None:
    for route in closed(app):
        app.view_functions[route.rule.endpoint] = access(route.permission)(lambda **_parts: Response(status=204))
    reader = Reader(app)
    for route in closed(app):
        only(app, route.permission, nobody, everyone)
        assert reader.asks(route.method, route.own(app)).status_code == 403, f"{route} opens without {route.permission}"
        only(app, route.permission, everyone, nobody)
        assert reader.asks(route.method, route.own(app)).status_code == 204, f"{route} asks for more than {route.permission}"


def test_no_view_runs_for_whoever_lacks_its_permission_alone(app: Flask, database: Database) -> None:
    """The pages themselves, with what their forms send: nothing is written."""
    reader = Reader(app)
    sent, before = reader.filled(), stored(database)
    for route in closed(app):
        only(app, route.permission, nobody, everyone)
        answered = reader.asks(route.method, route.own(app), sent.get(route.rule.endpoint, ()))
        assert answered.status_code in REFUSED, f"{route} answers {answered.status}"
        assert stored(database) == before, route


def test_each_view_asks_its_own_permission_of_what_its_address_names(app: Flask, database: Database) -> None:
    """The gate lets in whoever may do it somewhere: that it is not here is for the view to find.

    What is granted in these forms is a role that is granted with the permission of their route.
    """
    reader, rules = Reader(app), portal_of(app).policy.rules
    sent, before = reader.filled(), stored(database)
    judging = [route for route in closed(app) if route.names and route.permission != May.USE_ACCOUNT]
    assert judging
    for route in judging:
        rule_by(app, rules)
        if route.method == "GET":
            assert reader.asks("GET", route.own(app)).status_code == 200, route
        only(app, route.permission, of_nothing, everyone)
        answered = reader.asks(route.method, route.own(app), sent.get(route.rule.endpoint, ()))
        assert stored(database) == before, route
        if answered.status_code == 422:  # as what the page does not offer: then nothing else was wrong with it
            only(app, route.permission, everyone, everyone)
            assert reader.asks(route.method, route.own(app), sent[route.rule.endpoint]).status_code == 303, route
            before = stored(database)
        else:
            assert answered.status_code in REFUSED, f"{route} does not ask {route.permission} of its object: {answered.status}"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_a_route_asks_for_suffices_for_what_its_form_does(app: Flask, database: Database) -> None:
    """With the permission that opens the page where the form stands. Else the route asks for too little, and refuses late.

    Of roles, the sample alone is tried: others are granted with a permission of their own. So is each move of a request; those
    that stand on the same page come last, since they end it.
    """
    reader, rules, tried, done = Reader(app), portal_of(app).policy.rules, set(), set()
    asked = {
        route.own(app): route.permission for route in closed(app) if route.method == "POST" and route.permission != May.USE_ACCOUNT
    }
    for form in sorted(reader.forms(), key=lambda form: "/etapes/" in form.action):
        permission = asked.get(form.action.partition("?")[0])
        if permission and len(form.sent) == len(dict(form.sent)):
            endpoint = reader.endpoint(form.action)
            suffices = {permission: everyone, form.page: everyone, FURTHER.get(endpoint, permission): everyone}
            rule_by(app, dict.fromkeys(rules, nobody) | suffices)
            answered = reader.asks("POST", form.action, form.sent)
            if answered.status_code == OUT_OF_DATE:  # another form changed what this one says it read: it is read again
                rule_by(app, {name: everyone.to(rule.act) for name, rule in rules.items()})  # type: ignore[arg-type]
                form = next((one for one in reader.forms() if one.action == form.action), form)  # noqa: PLW2901
                rule_by(app, dict.fromkeys(rules, nobody) | suffices)
                answered = reader.asks("POST", form.action, form.sent)
            if answered.status_code in DONE:
                done.add(endpoint)
            else:
                only(app, permission, everyone, everyone)
                late = reader.asks("POST", form.action, form.sent).status_code in DONE
                assert not late, f"{form.action} asks for {permission}, which does not suffice"
            tried.add(form.action)
    assert len(tried) > 10
    assert done >= set(FURTHER)


def test_what_no_page_can_hold_is_left_out_of_a_reason_that_is_shown_again(app: Flask, database: Database) -> None:
    """`PageClient` reads the page: a NUL or a code point that is no character would make it invalid."""
    reader, number = Reader(app), sample("number").own
    for action in ("etapes/ask", "main"):
        answered = reader.asks("POST", f"/demandes/{number}/{action}", (("raison", "Pour\0quoi\U0010ffff ?"), ("lu", "9")))
        assert answered.status_code in {409, 422}
        assert "Pourquoi ?" in answered.text


@pytest.mark.parametrize("lacking", [nobody, of_nothing])
def test_each_step_and_each_block_of_a_request_asks_its_own_permission(app: Flask, database: Database, lacking: Rule) -> None:
    """Of the reader's own request, with all the other permissions; by a page and by a program."""
    reader, before, number = Reader(app), stored(database), sample("number").own
    page, program = f"/demandes/{number}", f"/api/v1/requests/{number}"
    asked = {f"{page}/etapes/{move.name}": (move.permission,) for move in REQUESTS.moves} | {f"{page}/main": HANDS_OVER}
    asked |= {f"{page}/volets/{kind}": (permission,) for kind, permission in FILLS.items()}
    asked |= {f"{program}/moves/{move.name}": (move.permission,) for move in REQUESTS.moves}
    asked |= {f"{program}/blocks/{kind}": (permission,) for kind, permission in FILLS.items()}
    for action, permissions in asked.items():
        rule_by(app, dict.fromkeys(portal_of(app).policy.rules, everyone) | dict.fromkeys(permissions, lacking))
        answered = reader.asks("POST", action, (("raison", ANSWER), ("person", sample("person").own)))
        assert answered.status_code == 403, f"{action} answers {answered.status} without {permissions}"
        assert stored(database) == before, action


def test_every_route_leads_somewhere_for_whoever_holds_everything(app: Flask, database: Database) -> None:
    """Else a refusal elsewhere in these tests would prove nothing."""
    reader = Reader(app)
    sent = reader.filled()
    for route in sorted(closed(app), key=lambda route: route.method):
        answered = reader.asks(route.method, route.own(app), sent.get(route.rule.endpoint, ()))
        assert answered.status_code in {200, 204, 303, 409, 422}, f"{route} answers {answered.status}"
