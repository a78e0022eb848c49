"""The demonstration's other doors: what lets one try the linking of two accounts, and a head of school named by the State."""

from typing import Any

import pytest
from flask import Flask
from sqlmodel import col, select

from portal.db import Database
from portal.people.models import Attachment, Person
from portal.signin.linking import proposed
from portal.signin.loading import COLLEGES, DEMONSTRATION, LABELS, PATHS, WINDOW, declare_other_demonstrations
from portal.signin.models import Identity, OpenSession, Provider
from tests.http.administering import COLLEGE, FIRST, HERE, SECOND, accreditations, comes_in, install, send
from tests.http.coming_in import Browser
from tests.http.reading import Read, words


class At(Browser):
    """A browser that comes in by this door. `ent`: the CAS address of the first."""

    def __init__(self, app: Flask, ent: str, slug: str) -> None:
        super().__init__(app, ent.removesuffix(PATHS[DEMONSTRATION]) + PATHS[slug])
        self.door = f"/connexion/{slug}"

    def leaves_for_the_ent(self, back: str = "/") -> str:
        sent = self.client.get(self.door, query_string={"retour": back})
        assert sent.status_code == 303, sent.status
        return sent.headers["Location"]


@pytest.fixture
def database(app: Flask, ent: str) -> Database:
    """As it is right after `flask demo run`."""
    install(app, ent)
    found: Database = app.extensions["logitheque"].database
    found.write(lambda session: declare_other_demonstrations(session, ent))
    return found


def known_by(database: Database, slug: str) -> list[Identity]:
    with database.read() as session:
        return list(session.exec(select(Identity).join(Provider).where(Provider.slug == slug).order_by(col(Identity.id))))


def schools(database: Database, person_id: int) -> set[tuple[str, str]]:
    with database.read() as session:
        return {(one.uai, one.source) for one in session.exec(select(Attachment).where(Attachment.person_id == person_id))}


def rows(database: Database, table: Any) -> list[Any]:
    with database.read() as session:
        return list(session.exec(select(table)))


def test_before_anybody_comes_nothing_is_linked_and_the_other_doors_know_nobody(database: Database) -> None:
    assert known_by(database, DEMONSTRATION)
    assert known_by(database, COLLEGES) == known_by(database, WINDOW) == []
    assert {person.linked_to_id for person in rows(database, Person)} == {None}


def test_who_comes_by_two_ents_has_two_accounts_that_can_be_linked(database: Database, app: Flask, ent: str) -> None:
    Browser(app, ent).comes_in("itinerante")
    assert At(app, ent, COLLEGES).comes_in("itinerante", "/listes").headers["Location"] == "/listes"
    [colleges] = known_by(database, COLLEGES)
    [lycees] = [one for one in known_by(database, DEMONSTRATION) if one.join_key == colleges.join_key]
    assert colleges.join_key
    assert lycees.person_id != colleges.person_id
    assert schools(database, lycees.person_id) == {(FIRST, DEMONSTRATION), (SECOND, DEMONSTRATION)}
    assert schools(database, colleges.person_id) == {(COLLEGE, COLLEGES)}
    with database.read() as session:
        assert [one.slug for one in proposed(session, lycees.person_id)] == [COLLEGES]
        assert [one.slug for one in proposed(session, colleges.person_id)] == [DEMONSTRATION]


def test_who_has_no_other_account_is_proposed_none(database: Database, app: Flask, ent: str) -> None:
    At(app, ent, COLLEGES).comes_in("documentaliste2")
    [one] = known_by(database, COLLEGES)
    with database.read() as session:
        assert list(proposed(session, one.person_id)) == []


@pytest.mark.parametrize(("login", "uai"), [("proviseure", FIRST), ("principale", COLLEGE)])
def test_a_head_comes_in_by_the_window_and_proves_who_she_is(
    database: Database, app: Flask, ent: str, login: str, uai: str
) -> None:
    """By the window's own identifier: no key joins it to what an ENT knows."""
    head = At(app, ent, WINDOW)
    head.comes_in(login)
    [one] = known_by(database, WINDOW)
    assert (one.profiles, one.join_key) == (["head"], "")
    assert schools(database, one.person_id) == {(uai, WINDOW)}
    sent = head.client.get("/mon-compte/confirmer", query_string={"retour": "/mon-compte"})
    assert sent.headers["Location"].startswith(f"{head.ent}/login?")
    head.client.get(head.signs_in_there(login, sent.headers["Location"]))
    [held] = rows(database, OpenSession)
    assert held.proved_at is not None


def test_the_window_s_word_makes_a_head_at_once_in_that_school_alone_and_not_again_once_revoked(
    database: Database, app: Flask, ent: str
) -> None:
    """Nobody had named her; who may name heads may then say otherwise, and the window does not overrule them."""
    head = At(app, ent, WINDOW)
    head.comes_in("principale")
    assert [head.client.get(f"/etablissements/{uai}/equipe").status_code for uai in (COLLEGE, FIRST)] == [200, 404]
    assert LABELS[WINDOW] in words(Read(head.client.get("/mon-compte")).all("table")[0])
    administrator = comes_in(Browser(app, ent), "administratrice", proved=True)
    (held,) = [one for one in accreditations(database) if one.scope == f"school:{COLLEGE}"]
    assert send(administrator, f"/etablissements/{COLLEGE}/equipe/{held.key}/retrait", raison="Mutation").status_code == 303
    assert head.client.get(f"/etablissements/{COLLEGE}/equipe").status_code == 403
    head.comes_in("principale")
    assert head.client.get(f"/etablissements/{COLLEGE}/equipe").status_code == 403


@pytest.mark.parametrize(("slug", "login"), [(COLLEGES, "itinerante"), (WINDOW, "principale")])
def test_one_leaves_by_the_door_one_came_in_by(database: Database, app: Flask, ent: str, slug: str, login: str) -> None:
    one = At(app, ent, slug)
    one.comes_in(login)
    left = one.client.post("/deconnexion", headers=HERE)
    assert left.headers["Refresh"].startswith(f"0; url={one.ent}/logout?")
    assert rows(database, OpenSession) == []


def test_a_school_is_offered_its_own_ents_and_the_window_stands_in_the_list_of_all(database: Database, browser: Browser) -> None:
    def offered(q: str) -> tuple[str, str]:
        """Beside the school that was looked for, and in the list of all."""
        page = browser.client.get("/connexion", query_string={"q": q}).text
        return tuple(page.partition('<ul class="doors">')[2].partition('<ul class="doors-all">')[::2])

    ours, colleges, window = (LABELS[slug] for slug in (DEMONSTRATION, COLLEGES, WINDOW))
    beside, everywhere = offered(COLLEGE)
    assert 0 < beside.index(colleges) < beside.index(ours)
    assert window not in beside
    assert all(label in everywhere for label in (ours, colleges, window))
    beside, _everywhere = offered(FIRST)
    assert (ours in beside, colleges in beside, window in beside) == (True, False, False)
