"""What is not the reader's does not exist for them: whoever changes a number in an address reads and changes nothing of others'."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask

from portal.db import Database
from portal.people.access import May
from portal.people.loading import ROLES
from tests.http.addresses import parameters
from tests.http.administering import COLLEGE, FIRST, SECOND, portal_of
from tests.http.knocking import Form, Reader, Sent, closed
from tests.http.two_schools import (
    BLOCK,
    DRAFT,
    FAMILY,
    KINDS,
    LINKED,
    MISSING,
    PERSON,
    PIECE,
    READER,
    REQUEST,
    SENT,
    TOKEN,
    build,
    hold,
    key_of,
    of_school,
    samples,
    sign_in,
    stored,
)
from workflows.requests.access import May as MayAsk
from workflows.requests.models import BlockKind
from workflows.requests.table import REQUESTS

REACHES = [(f"school:{FIRST}", SECOND), (f"school:{FIRST}", COLLEGE), ("territory:aura", COLLEGE)]
# Anybody may ask to be of any school: until its head confirms, it gives nothing.
ASKS = "attachments.ask_for"
INSTANT = re.compile(r"datetime\.datetime\([^()]*\)")
# A draft is kept as it is typed: it is judged when it is sent.
KEEPS = "request_drafts.write"
# « All up to this one » are one's own, whoever has that number.
UP_TO = "letters.see_to_all"
HEAD = (May.GRANT, May.DELEGATE, May.READ_ACCREDITATIONS, May.SETTLE)
HEAD_OF_REQUESTS = (MayAsk.READ, MayAsk.RELAY, MayAsk.ENDORSE, MayAsk.FILL_SCHOOL)


@pytest.fixture
def database(app: Flask) -> Database:
    return build(app)


@pytest.fixture
def head(app: Flask, database: Database) -> Reader:
    """Of the first school, who has just proved who they are."""
    hold(app, f"school:{FIRST}", *HEAD, *HEAD_OF_REQUESTS)
    sign_in(app)
    return Reader(app)


def theirs(database: Database, uai: str) -> dict[str, list[str]]:
    """All rows that name the school or something of it; microseconds are no number of ours."""
    marks = re.compile(rf"{uai}|\b{BLOCK[uai] // 10000}\d{{4}}\b")
    return {table: [row for row in rows if marks.search(INSTANT.sub("", row))] for table, rows in stored(database).items()}


def without(text: str, *values: str) -> str:
    """A page without what differs each time: the address that was asked, and the reference of the request."""
    for value in sorted(values, key=len, reverse=True):
        text = text.replace(value, "…")
    return re.sub(r"\b[0-9a-f]{16}\b", "…", text)


@pytest.mark.parametrize(("scope", "other"), REACHES)
def test_what_others_have_is_answered_as_what_nobody_has(app: Flask, database: Database, scope: str, other: str) -> None:
    hold(app, scope, *portal_of(app).policy.rules)
    sign_in(app)
    reader = Reader(app)
    sent, before, tried = reader.filled(), stored(database), 0
    for route in (one for one in closed(app) if one.names):
        is_open = (
            reader.asks(route.method, route.address(app, {n: samples(other)[n].missing for n in route.names})).status_code != 403
        )
        for address, nobodys in route.strangers(app, other):
            form = sent.get(route.rule.endpoint, ())
            answered, missing = reader.asks(route.method, address, form), reader.asks(route.method, nobodys, form)
            assert answered.status_code == (404 if is_open else 403), f"{route} answers {answered.status} to a stranger"
            parts = [part for one in samples(other).values() for part in (one.theirs, one.missing)]
            assert without(answered.text, *parts) == without(missing.text, *parts), f"{route} tells that it exists"
            assert FAMILY[other] not in answered.text
            assert stored(database) == before, route
            tried += is_open
    assert tried > 4


def swapped(text: str, other: str, only: str = "") -> str:
    """With what is others' where it says what is the reader's; `only`: of that kind."""
    own = {
        FIRST: other,
        str(TOKEN): str(of_school(other, 3)),
        str(LINKED): str(of_school(other, 4)),
        str(READER): str(of_school(other, 1)),
    }
    own |= {str(of_school(FIRST, what)): str(of_school(other, what)) for what in KINDS}
    own |= {"aura": "isere"}
    for mine, there in own.items():
        if not only or only == mine:
            text = text.replace(mine, there)
    return text


def changes(form: Form, other: str) -> Iterator[tuple[str, Sent, bool]]:
    """The form with one identifier changed, in its address or in a field, then with all of them; whether only others' are left.

    Of a field that is sent several times, others' come alone, then among one's own.
    """
    sent = tuple((name, swapped(value, other)) for name, value in form.sent)
    for mine in re.findall(r"[0-9]{7}[A-Z]|[0-9]{6}", form.action):
        yield swapped(form.action, other, mine), form.sent, True
        if mine == str(of_school(FIRST, REQUEST)):  # what is others' there is a draft: one that was sent, too
            yield form.action.replace(mine, str(of_school(other, SENT))), form.sent, True
    for name in dict.fromkeys(name for name, _value in form.sent):
        rest = tuple(one for one in form.sent if one[0] != name)
        alone = tuple(one for one in sent if one[0] == name and one not in form.sent)
        yield form.action, (*rest, *alone), True
        yield form.action, (*form.sent, *alone), False
    yield form.action, tuple((swapped(name, other), value) for name, value in form.sent), True
    yield swapped(form.action, other), sent, True


@pytest.mark.parametrize("other", [SECOND, COLLEGE])
def test_a_head_who_changes_an_identifier_in_a_form_changes_nothing_elsewhere(
    app: Flask, database: Database, head: Reader, other: str
) -> None:
    forms, before, tried = head.forms(), theirs(database, other), set()
    for form in forms:
        if head.endpoint(form.action) == ASKS:
            continue
        for action, sent, is_whole in changes(form, other):
            if action == form.action and all(one in form.sent for one in sent):
                continue
            answered = head.asks("POST", action, sent)
            refused = answered.status_code in {403, 404, 409, 422} or head.endpoint(form.action) == UP_TO
            assert refused or not is_whole, f"{action} answers {answered.status} to {sent}"
            assert FAMILY[other] not in answered.text, f"{action} names people of another school"
            assert theirs(database, other) == before, f"{action} wrote elsewhere, by {sent}"
            tried.add(head.endpoint(form.action))
    assert tried >= {"team.grant_role", "team.revoke_role", "attachments.decide", "tokens.take_back"}
    assert tried >= {"letters.see_to", UP_TO}
    assert tried >= {
        KEEPS,
        "requests.make_move",
        "requests.give",
        "request_blocks.write",
        "school_requests.write_ranks",
        "requests.talk_aloud",
    }


def sent_only(rows: dict[str, list[str]]) -> dict[str, list[str]]:
    """All but the reader's own drafts."""
    mine = [one for one in rows["software_request"] if f", {READER}, " in one and "RequestStatus.DRAFT" in one]
    return rows | {"software_request": [one for one in rows["software_request"] if one not in mine]}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_value_that_a_form_does_not_offer_is_refused(app: Flask, database: Database, head: Reader) -> None:
    """Roles that are not granted in a school, people of another, permissions that are not one's own."""
    roles = re.findall(r'^code = "(.+)"', ROLES.read_text(encoding="utf-8"), re.MULTILINE)
    values = {
        *roles,
        *portal_of(app).policy.rules,
        *(str(of_school(SECOND, what)) for what in KINDS),
        str(READER),
        str(MISSING),
        SECOND,
        "*",
    }
    forms, before, tried = head.forms(), stored(database), set()
    nothing_done = ("requests.give", "person", str(READER))  # whose it is already, as after a second click
    for form in forms:
        keeps = head.endpoint(form.action) == KEEPS and ("faire", "envoyer") not in form.sent
        for field, offered in form.offered:
            for value in sorted((values if not keeps else {SECOND, "*"}) - offered):
                sent = (*((name, said) for name, said in form.sent if name != field), (field, value))
                answered = head.asks("POST", form.action, sent)
                keeps_or_same = keeps or (head.endpoint(form.action), field, value) == nothing_done
                refused = {303, 422} if keeps_or_same else {404, 422}
                assert answered.status_code in refused, f"{form.action} answers {answered.status} to {field}={value}"
            assert sent_only(stored(database)) == sent_only(before), f"{form.action} took one of {field}"
            tried.add(field)
    assert tried >= {"person", "role", "scopes", "discipline_id"}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_an_address_asks_of_another_school_is_not_shown(app: Flask, database: Database, head: Reader) -> None:
    """Every parameter that the portal reads, on every page and in the API."""
    for route in closed(app):
        for value in (SECOND, f"school:{SECOND}", str(of_school(SECOND, 1)), FAMILY[SECOND]):
            if route.method == "GET":
                address = route.own(app)
                asked = dict.fromkeys(sorted(parameters()), value)
                answered = head.client.get(address, query_string=asked, headers=head.shown(address), buffered=True)
                assert answered.status_code < 500, f"{route} fails at {value}"
                assert f"P {FAMILY[SECOND]}" not in answered.text, f"{route} names people of another school, asked for {value}"


def test_to_ask_to_be_of_a_school_opens_nothing_there(app: Flask, database: Database, head: Reader) -> None:
    before = stored(database)
    assert head.asks("POST", "/mon-compte/rattachements", (("uai", SECOND),)).status_code == 303
    assert stored(database)["attachment"] != before["attachment"]
    for path in (f"/etablissements/{SECOND}/equipe", f"/etablissements/{SECOND}/rattachements"):
        assert head.asks("GET", path).status_code == 404
        assert head.asks("GET", path.replace(SECOND, FIRST)).status_code == 200


@pytest.mark.parametrize("other", [SECOND, COLLEGE])
def test_of_a_request_of_another_school_one_knows_that_it_exists_and_no_more(
    app: Flask, database: Database, head: Reader, other: str
) -> None:
    """Anybody who is signed in may see which requests were sent, so as not to ask twice; drafts are nobody else's."""
    number, before = of_school(other, SENT), stored(database)
    page = head.asks("GET", f"/demandes/{number}")
    assert page.status_code == 200
    assert f"Logiciel {number}" in page.text
    assert FAMILY[other] not in page.text
    assert [part for part in ("/pieces/", "/volets/", "/etapes/", '/main"', "devis.txt") if part in page.text] == []
    hidden = (f"pieces/{of_school(other, PIECE)}", *(f"volets/{kind}" for kind in BlockKind))
    for path in (*(f"/demandes/{number}/{part}" for part in hidden), f"/demandes/brouillons/{key_of(number)}"):
        answered = head.asks("GET", path)
        assert answered.status_code == 404, path
        assert FAMILY[other] not in answered.text
    for what in (REQUEST, DRAFT):
        assert head.asks("GET", f"/demandes/{of_school(other, what)}").status_code == 404
        assert head.asks("GET", f"/demandes/brouillons/{key_of(of_school(other, what))}").status_code == 404
    for view in ("", "a-traiter", "brouillons", "soutenues", "toutes"):
        assert str(BLOCK[other] // 10000) + "00" not in head.asks("GET", f"/demandes?voir={view}").text
    for move in REQUESTS.moves:
        sent = (("lu", "1"), ("raison", "Une raison."), ("into", str(of_school(FIRST, REQUEST))))
        assert head.asks("POST", f"/demandes/{number}/etapes/{move.name}", sent).status_code == 403, move.name
    for person in (READER, of_school(other, PERSON), MISSING):  # whoever has it answers as anybody does
        assert head.asks("POST", f"/demandes/{number}/main", (("person", str(person)),)).status_code == 403
    for kind in BlockKind:
        assert head.asks("POST", f"/demandes/{number}/volets/{kind}").status_code == 404
    said = (("message", "Bonjour."), ("cle", "une-cle-de-seize-signes"))
    assert head.asks("POST", f"/demandes/{number}/echanges", said).status_code == 404
    assert head.asks("POST", f"/demandes/{number}/instruction", said).status_code == 403
    assert stored(database) == before


def test_to_support_a_request_of_another_school_writes_a_signature_tells_who_asked_and_no_more(
    app: Flask, database: Database, head: Reader
) -> None:
    """Anybody who is attached to a school of the territory; nobody else."""
    before = stored(database)
    sent = (("uai", FIRST), ("audience", "Seconde"), ("pupils", "30"), ("weeks", "12"))
    for number, uai, status in (
        (of_school(COLLEGE, SENT), FIRST, 422),
        (of_school(COLLEGE, SENT), COLLEGE, 422),
        (of_school(SECOND, SENT), SECOND, 422),
        (of_school(SECOND, REQUEST), FIRST, 404),
        (of_school(FIRST, REQUEST), FIRST, 422),
        (MISSING, FIRST, 404),
    ):
        assert head.asks("POST", f"/demandes/{number}/soutien", (("uai", uai), *sent[1:])).status_code == status, (number, uai)
        assert stored(database) == before
    number = of_school(SECOND, SENT)
    assert head.asks("POST", f"/demandes/{number}/soutien", sent).status_code == 303
    after = stored(database)
    assert {table for table, rows in after.items() if rows != before[table]} == {"co_signature", "trail_event", "notice"}
    (told,) = set(after["notice"]) - set(before["notice"])
    assert f", {of_school(SECOND, PERSON)}, " in told
    page = head.asks("GET", f"/demandes/{number}")
    assert FAMILY[SECOND] not in page.text
    assert head.asks("GET", f"/demandes/{number}/pieces/{of_school(SECOND, PIECE)}").status_code == 404


def test_the_rows_of_a_school_are_told_from_those_of_another(app: Flask, database: Database) -> None:
    """Else « nothing changed elsewhere » would be said of nothing."""
    for uai in (SECOND, COLLEGE):
        rows = theirs(database, uai)
        assert {table for table, found in rows.items() if found} >= {
            "person",
            "attachment",
            "accreditation",
            "token",
            "teaching",
            "school",
            "software_request",
            "request_block",
            "request_campaign",
            "enclosure",
        }
        assert not any(FIRST in row for found in rows.values() for row in found)
