"""The demonstration's requests: made by moves, in every state, each with somebody who can act, and no text twice."""

from collections import Counter
from pathlib import Path

import pytest
from flask import Flask
from sqlmodel import Session, col, select

from app import create_app
from portal.db import Database
from portal.people.models import Accreditation, Role
from portal.trail.models import Event
from portal.web.kit import Portal
from tests.data.demonstrations import Demonstration
from workflows import demo_requests
from workflows.requests.holders import NEEDS
from workflows.requests.models import CoSignature, Message, RequestKind, RequestStatus, SoftwareRequest, Thread

pytest_plugins = ("tests.data.catalogue_data",)


@pytest.fixture(scope="module")
def shown(demonstration: Demonstration, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return create_app(demonstration.copy_to(tmp_path_factory.mktemp("requests") / "shown").settings)


@pytest.fixture(scope="module")
def database(shown: Flask) -> Database:
    joined: Portal = shown.extensions["logitheque"]
    return joined.database


def everything(session: Session) -> list[SoftwareRequest]:
    return list(session.exec(select(SoftwareRequest).order_by(col(SoftwareRequest.id))))


def test_there_are_many_of_every_kind_and_in_every_state(database: Database) -> None:
    with database.read() as session:
        requests = everything(session)
    assert len(requests) >= 150
    assert set(Counter(one.status for one in requests)) == set(RequestStatus)
    assert set(Counter(one.kind for one in requests)) == set(RequestKind)
    assert len({one.scope for one in requests}) > 20
    assert {one.within for one in requests} == {"territory:aura", "territory:isere"}
    years = {one.begun_at.year for one in requests}
    assert years == {2025, 2026}


def test_what_the_trail_says_last_is_where_each_request_is(database: Database) -> None:
    with database.read() as session:
        for one in everything(session):
            moved = session.exec(
                select(Event)
                .where(Event.subject_kind == "software_request", Event.subject_id == one.key, col(Event.now).is_not(None))
                .order_by(col(Event.id).desc())
            ).all()
            if one.status is RequestStatus.DRAFT:
                assert moved == []
            else:
                assert moved[0].now == one.status.value
                assert moved[-1].move == "submit"
                assert [event.was for event in moved[:-1]] == [event.now for event in moved[1:]], "no move is missing"


def test_nobody_has_a_request_who_cannot_act(database: Database) -> None:
    with database.read() as session:
        roles = {one.key: one.permissions for one in session.exec(select(Role))}
        held = [(one.scope, roles[one.role_id]) for one in session.exec(select(Accreditation))]
        for one in everything(session):
            needed = NEEDS.get(one.status)
            if needed and one.within == "territory:aura":
                assert any(scope in {one.scope, one.within} and needed in given for scope, given in held), one.key


def test_no_text_is_written_twice(database: Database) -> None:
    with database.read() as session:
        requests = [one for one in everything(session) if one.status is not RequestStatus.DRAFT]
        notes = [note for note in session.exec(select(CoSignature.note)) if note]
        notes += session.exec(select(Message.text))
    for field in ("need", "considered"):
        assert [text for text, count in Counter(getattr(one, field) for one in requests).items() if count > 1] == []
    assert [text for text, count in Counter(notes).items() if count > 1] == []


def test_what_is_said_is_said_around_many_requests_in_both_threads_in_its_order(database: Database) -> None:
    with database.read() as session:
        said = session.exec(select(Message).order_by(col(Message.id))).all()
        asked = {one.key: one for one in everything(session)}
    assert len(said) >= 40
    assert len({one.request_id for one in said}) >= 15
    assert {one.thread for one in said} == set(Thread)
    assert any(one.corrects_id for one in said)
    assert sum(bool(one.mentions) for one in said) >= 8
    assert [one.written_at for one in said] == sorted(one.written_at for one in said)
    assert all((asked[one.request_id].sent_at or one.written_at) < one.written_at for one in said)


def test_loading_again_changes_nothing(shown: Flask, database: Database) -> None:
    with database.read() as session:
        before = len(everything(session))
    joined: Portal = shown.extensions["logitheque"]
    assert database.write(lambda session: demo_requests.load(session, joined)) == 0
    with database.read() as session:
        assert len(everything(session)) == before


def test_the_files_are_those_that_are_read() -> None:
    assert {path.name for path in Path(demo_requests.FOLDER).glob("*.toml")} == {*demo_requests.FILES, demo_requests.MESSAGES}
