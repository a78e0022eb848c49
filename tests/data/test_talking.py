"""What parties say to each other: kept as it was said, once, and read by whoever may, on both databases."""

import secrets
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, select

from portal.access import Actor
from portal.db import Database
from portal.errors import DomainError, NotAllowed, OutOfDate, Refused
from portal.letters.models import Notice
from portal.people.about import Rows
from portal.people.models import Person
from tests.data.asking_for import (
    AT,
    COLLEGE,
    KEY,
    POLICY,
    SECOND,
    accredit,
    actor,
    keep_draft,
    move,
    person,
    reach_instruction,
    request_of,
    sent,
    settle,
    told,
)
from tests.data.contenders import at_once, connected, everyone_is_ready
from workflows.requests.about_people import REQUESTS_OF
from workflows.requests.access import May
from workflows.requests.models import CoSignature, Message, SoftwareRequest, Thread
from workflows.requests.parties import Part, parties
from workflows.requests.supporting import Support, support, take_back
from workflows.requests.talking import (
    ALREADY_SENT,
    EMPTY,
    GIVEN_UP,
    LONGEST,
    NO_KEY,
    NOT_A_PARTY,
    NOT_SENT,
    NOT_YOURS,
    TOO_LONG,
    Said,
    say,
)

ALOUD, WITHIN = Thread.PUBLIC, Thread.INTERNAL


@pytest.fixture
def asked(database: Database) -> tuple[Database, int]:
    """A request of the teacher's, in instruction, that the neighbour supports."""
    database.write(settle)
    number = sent(database)
    reach_instruction(database, number)
    supports(database, number, "neighbour")
    return database, number


def supports(database: Database, number: int, name: str) -> None:
    def work(session: Session) -> None:
        given = Support(person(session, name), SECOND, "Terminale STL", 20, 10)
        support(session, POLICY, actor(session, name), request_of(session, number), given, at=AT)

    database.write(work)


def says(database: Database, number: int, by: str, text: str = "Bonjour.", thread: Thread = ALOUD, **said: Any) -> int:
    """The key of the message. `to`: names of whom it calls; `who`: the actor, when it is not simply the person."""

    def work(session: Session) -> int:
        request = request_of(session, number)
        handles = {one.key: one.handle for one in parties(session, request, AT)}
        called = [handles.get(person(session, name).account_id, "p999999") for name in said.get("to", ())]
        words = Said(text, said.get("key", secrets.token_urlsafe(16)), thread, called, said.get("corrects"))
        return say(session, POLICY, said.get("who") or actor(session, by), request, words, at=AT).key

    return database.write(work)


def messages(database: Database) -> list[Message]:
    with database.read() as session:
        return list(session.exec(select(Message).order_by(col(Message.id))))


def refusals(work: Callable[[], object]) -> list[str]:
    with pytest.raises(Refused) as refused:
        work()
    return list(refused.value.reasons)


def test_each_party_writes_aloud_and_only_those_above_the_school_within(asked: tuple[Database, int]) -> None:
    database, number = asked
    accredit_all = ("teacher", "lead", "head", "instructor", "packager", "neighbour")
    for name in accredit_all:
        says(database, number, name, f"De {name}.")
    for name in ("colleague", "lead of the neighbours", "instructor of the department", "stranger", "nobody's"):
        with pytest.raises(NotAllowed):
            says(database, number, name)
    for name in ("instructor", "packager"):
        says(database, number, name, f"Entre nous, {name}.", WITHIN)
    for name in ("teacher", "lead", "head", "neighbour", "colleague", "instructor of the department"):
        with pytest.raises(NotAllowed):
            says(database, number, name, thread=WITHIN)
    assert [(one.text, one.thread) for one in messages(database)] == [
        *((f"De {name}.", ALOUD) for name in accredit_all),
        ("Entre nous, instructor.", WITHIN),
        ("Entre nous, packager.", WITHIN),
    ]


def test_nobody_takes_part_in_the_instruction_of_their_own(asked: tuple[Database, int]) -> None:
    database, number = asked
    database.write(lambda session: accredit(session, "teacher", "packager", "territory:aura"))
    with pytest.raises(NotAllowed):
        says(database, number, "teacher", thread=WITHIN)
    with pytest.raises(Refused):
        says(database, number, "instructor", thread=WITHIN, to=["teacher"])
    assert messages(database) == []


def test_who_takes_their_support_back_is_no_party_any_more(asked: tuple[Database, int]) -> None:
    database, number = asked
    database.write(
        lambda session: take_back(
            session, actor(session, "neighbour"), person(session, "neighbour"), request_of(session, number), at=AT
        )
    )
    with pytest.raises(NotAllowed):
        says(database, number, "neighbour")


def test_a_support_signed_with_a_linked_account_opens_the_exchanges_to_the_person(asked: tuple[Database, int]) -> None:
    database, _number = asked
    other = sent(database, "neighbour", "f" * 16, SECOND)
    supports(database, other, "teacher elsewhere in the ENT")
    says(database, other, "teacher", "Nous aussi.")
    with database.read() as session:
        request = request_of(session, other)
        held = {one.name: one for one in parties(session, request, AT)}
        account = person(session, "teacher").key
        assert [one.key for one in held.values() if one.part is Part.SUPPORTER] == [account]
        may = POLICY.may(actor(session, "teacher"), May.DISCUSS, request)
        found = select(SoftwareRequest.id).where(POLICY.visible(actor(session, "teacher"), May.DISCUSS))
        assert may == (other in session.exec(found).all()) is True


def test_a_message_calls_only_those_who_read_its_thread(asked: tuple[Database, int]) -> None:
    database, number = asked
    key = says(database, number, "teacher", to=["lead", "neighbour", "packager"])
    with database.read() as session:
        called = sorted(person(session, name).key for name in ("lead", "neighbour", "packager"))
        assert session.get_one(Message, key).mentions == [f"person:{one}" for one in called]
    for name in ("colleague", "lead of the neighbours", "stranger", "teacher"):
        refused = refusals(lambda name=name: says(database, number, "teacher", "Et vous ?", to=[name]))  # type: ignore[misc]
        assert refused == [NOT_A_PARTY], name
    for name in ("teacher", "lead", "head", "neighbour"):
        refused = refusals(lambda name=name: says(database, number, "packager", "Entre nous", WITHIN, to=[name]))  # type: ignore[misc]
        assert refused == [NOT_A_PARTY], name
    says(database, number, "packager", "Entre nous", WITHIN, to=["instructor"])


def test_who_may_be_called_is_who_may_read(asked: tuple[Database, int]) -> None:
    """The list that a page offers and the rule of each permission are written apart."""
    database, number = asked
    with database.read() as session:
        request = request_of(session, number)
        found = {one.key: one for one in parties(session, request, AT)}
        for one in session.exec(select(Person)).all():
            if one.linked_to_id:
                continue
            who = actor(session, one.given_name)
            for thread, permission in ((ALOUD, May.DISCUSS), (WITHIN, May.DISCUSS_INTERNALLY)):
                listed = one.key in found and thread in found[one.key].threads
                assert listed == POLICY.may(who, permission, request), (one.given_name, thread)


def test_whoever_reads_without_having_to_do_with_it_is_not_called(asked: tuple[Database, int]) -> None:
    database, number = asked
    database.write(lambda session: accredit(session, "colleague", "secretary", "school:0261505V"))
    says(database, number, "colleague", "Je lis.")
    with database.read() as session:
        assert person(session, "colleague").key not in {one.key for one in parties(session, request_of(session, number), AT)}


def test_the_same_form_sent_twice_says_it_once(asked: tuple[Database, int]) -> None:
    database, number = asked
    first = says(database, number, "teacher", "Une fois.", key=KEY)
    assert says(database, number, "teacher", " Une fois. ", key=KEY) == first
    with pytest.raises(OutOfDate, match=ALREADY_SENT[:20]):
        says(database, number, "teacher", "Autre chose.", key=KEY)
    says(database, number, "lead", "Une fois.", key=KEY)
    assert [one.author for one in messages(database)] == [f"person:{_key(database, name)}" for name in ("teacher", "lead")]
    assert len([one for one in told(database, number) if one.move == "said"]) == 2


def say_at_once(url: str, number: int, by: str) -> str:
    database = connected(url)
    everyone_is_ready()
    try:
        says(database, number, by, "En même temps.", key=KEY)
    except DomainError as refused:
        return str(refused)
    finally:
        database.close()
    return "said"


def test_a_double_click_says_it_once(asked: tuple[Database, int]) -> None:
    database, number = asked
    url = database.engine.url.render_as_string(hide_password=False)
    assert at_once(say_at_once, [(url, number, "teacher")] * 4) == ["said"] * 4
    assert len(messages(database)) == 1


def _key(database: Database, name: str) -> int:
    with database.read() as session:
        return person(session, name).key


def test_what_is_wrong_is_said_and_nothing_is_kept(asked: tuple[Database, int]) -> None:
    database, number = asked
    assert refusals(lambda: says(database, number, "teacher", " \n ")) == [EMPTY]
    assert refusals(lambda: says(database, number, "teacher", "a" * (LONGEST + 1))) == [TOO_LONG]
    assert refusals(lambda: says(database, number, "teacher", key="court")) == [NO_KEY]
    assert refusals(lambda: says(database, number, "teacher", "", to=["stranger"])) == [EMPTY, NOT_A_PARTY]
    assert messages(database) == []
    says(database, number, "teacher", "é" * LONGEST)


def test_one_corrects_ones_own_message_and_the_first_stays(asked: tuple[Database, int]) -> None:
    database, number = asked
    first = says(database, number, "packager", "Le 12 mars.")
    second = says(database, number, "packager", "Le 13 mars.", corrects=first)
    within = says(database, number, "packager", "Entre nous.", WITHIN)
    assert [(one.text, one.corrects_id) for one in messages(database)] == [
        ("Le 12 mars.", None),
        ("Le 13 mars.", first),
        ("Entre nous.", None),
    ]
    other = sent(database, "colleague", "f" * 16, title_name="Autre chose")
    for by, corrected, about in (
        ("teacher", first, number),
        ("packager", within, number),
        ("packager", 999999, number),
        ("packager", second, other),
    ):
        refused = refusals(lambda b=by, c=corrected, a=about: says(database, a, b, "Non.", corrects=c))  # type: ignore[misc]
        assert refused == [NOT_YOURS]


def test_the_databases_refuse_that_a_message_be_changed_or_deleted(asked: tuple[Database, int]) -> None:
    database, number = asked
    key = says(database, number, "teacher")
    row = messages(database)[0].model_dump()
    verbs = [
        sa.update(Message).values(text="Autre"),
        sa.delete(Message),
        sa.text("INSERT OR REPLACE INTO request_message (id, version, request_id, key_of_page, thread, author, written_as, written_at, "
                "text, mentions) VALUES (:id, 1, :request_id, 'autre-cle-autre-cle', 'public', 'person:1', 'X', '2026-01-01', 'Autre', '[]')"),
    ]  # fmt: skip
    for verb in verbs[: 3 if database.is_sqlite else 2]:
        with pytest.raises(DBAPIError):
            database.write(lambda session, verb=verb: session.execute(verb, row if verb is verbs[-1] else {}))  # type: ignore[misc]
    assert [(one.key, one.text) for one in messages(database)] == [(key, "Bonjour.")]


def test_the_trail_keeps_that_something_was_said_and_not_what(asked: tuple[Database, int]) -> None:
    database, number = asked
    aloud = says(database, number, "teacher", "Un secret.")
    within = says(database, number, "instructor", "Un autre secret.", WITHIN)
    said = [(one.move, one.details, one.reason) for one in told(database, number)][-2:]
    assert said == [("said", {"message": aloud}, ""), ("said-internally", {"message": within}, "")]


def test_nothing_is_said_of_a_draft_nor_of_what_was_given_up_or_merged(asked: tuple[Database, int]) -> None:
    database, number = asked
    draft = keep_draft(database, "teacher", "d" * 16)
    assert refusals(lambda: says(database, draft, "teacher")) == [NOT_SENT]
    other = sent(database, "neighbour", "e" * 16, SECOND)
    move(database, other, "relay", "lead of the neighbours")
    database.write(lambda session: accredit(session, "colleague", "head", f"school:{SECOND}"))
    move(database, other, "endorse", "colleague")
    move(database, other, "merge", "instructor", into=number)
    (why,) = refusals(lambda: says(database, other, "neighbour"))
    assert f"n° {number}" in why
    third = sent(database, "colleague", "c" * 16, title_name="Passager")
    move(database, third, "give_up", "colleague")
    for thread, by in ((ALOUD, "colleague"), (WITHIN, "instructor")):
        assert refusals(lambda t=thread, b=by: says(database, third, b, thread=t)) == [GIVEN_UP]  # type: ignore[misc]


def test_a_declined_request_is_still_talked_about(database: Database) -> None:
    """What would change the answer is found by talking."""
    database.write(settle)
    number = sent(database)
    move(database, number, "relay", "lead")
    move(database, number, "decline", "head")
    assert says(database, number, "teacher", "Et si nous étions deux classes ?", to=["head"])


def test_whoever_supports_is_called_by_what_names_them_nowhere_else(asked: tuple[Database, int]) -> None:
    """The number of an account stands beside a name on other pages: it would say who supports."""
    database, number = asked
    with database.read() as session:
        found = {one.part: one.handle for one in parties(session, request_of(session, number), AT)}
        signed = session.exec(select(CoSignature)).one()
    assert found[Part.SUPPORTER] == f"s{signed.key}"
    assert refusals(lambda: says_to(database, number, f"p{signed.person_id}")) == [NOT_A_PARTY]


def says_to(database: Database, number: int, handle: str) -> int:
    def work(session: Session) -> int:
        said = Said("Bonjour.", secrets.token_urlsafe(16), ALOUD, [handle])
        return say(session, POLICY, actor(session, "teacher"), request_of(session, number), said, at=AT).key

    return database.write(work)


def test_the_same_form_with_other_people_called_is_another_message(asked: tuple[Database, int]) -> None:
    database, number = asked
    says(database, number, "teacher", key="la-cle-d-une-page")
    with pytest.raises(OutOfDate):
        says(database, number, "teacher", key="la-cle-d-une-page", to=["lead"])


def test_who_asks_and_who_is_called_are_told_and_of_what_is_said_within_no_word_leaves(asked: tuple[Database, int]) -> None:
    database, number = asked
    says(database, number, "lead", "Pour quelle salle ?", to=["packager"])
    says(database, number, "instructor", "Un mot du dedans", WITHIN, to=["packager"])
    with database.read() as session:
        rows = session.execute(
            select(Notice.code, Notice.text).where(col(Notice.code).startswith("request.said")).order_by(col(Notice.id))
        ).all()
    assert [code for code, _text in rows] == ["request.said.named", "request.said.requester", "request.said.named"]
    assert ["Pour quelle salle" in text for _code, text in rows] == [True, True, False]
    assert "dedans" not in rows[2][1]


def test_an_account_that_closed_is_called_no_more(asked: tuple[Database, int]) -> None:
    database, number = asked
    for name in ("packager", "neighbour", "teacher"):
        database.write(lambda session, name=name: setattr(person(session, name), "closed_at", AT))  # type: ignore[misc]
        assert refusals(lambda name=name: says(database, number, "lead", to=[name])) == [NOT_A_PARTY]  # type: ignore[misc]


def test_people_have_a_copy_of_what_they_said_and_it_stays_when_they_go(asked: tuple[Database, int]) -> None:
    database, number = asked
    says(database, number, "neighbour", "Nous aussi, le mardi.")
    says(database, number, "teacher", "Merci.")
    key = _key(database, "neighbour")
    with database.read() as session:
        rows: Rows = REQUESTS_OF.export(session, [key])
        assert [one["text"] for one in rows["request_messages"]] == ["Nous aussi, le mardi."]
        assert "key_of_page" not in rows["request_messages"][0]
    database.write(lambda session: REQUESTS_OF.forget(session, [key]))
    assert [one.text for one in messages(database)] == ["Nous aussi, le mardi.", "Merci."]
    with database.read() as session:
        assert [one.note for one in session.exec(select(CoSignature))] == [""]


def test_a_role_of_a_school_to_which_somebody_gives_the_permission_opens_nothing(asked: tuple[Database, int]) -> None:
    """Roles are data: an installation may tick it anywhere."""
    database, number = asked
    with database.read() as session:
        head = actor(session, "head")
        grants = frozenset({*head.grants, *(type(one)(May.DISCUSS_INTERNALLY, one.scope) for one in head.grants)})
    with pytest.raises(NotAllowed):
        says(database, number, "head", thread=WITHIN, who=Actor(head.key, head.function, grants))


def test_a_request_of_the_department_is_not_the_regions_to_instruct(database: Database) -> None:
    database.write(settle)
    number = sent(database, "teacher of the collège", uai=COLLEGE)
    says(database, number, "instructor of the department", thread=WITHIN)
    with pytest.raises(NotAllowed):
        says(database, number, "instructor", thread=WITHIN)
