"""Roles are data: what each permits is seen and corrected here, after the password, and never so that nobody may correct them again."""

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlmodel import select
from werkzeug.test import TestResponse

from portal.db import Database
from portal.people.correcting import words_of
from portal.people.models import Accreditation, Person, Role
from tests.conftest import Counting
from tests.http.administering import FIRST, comes_in, events, granted, install, later, portal_of, proves, send
from tests.http.coming_in import Browser
from tests.http.reading import Read, words

PATH = "/administration/fonctions"


@pytest.fixture
def database(app: Flask) -> Database:
    return portal_of(app).database


@pytest.fixture
def administrator(app: Flask, ent: str, browser: Browser) -> Browser:
    install(app, ent)
    return comes_in(browser, "administratrice", proved=True)


def role(database: Database, code: str) -> Role:
    with database.read() as session:
        return session.exec(select(Role).where(Role.code == code)).one()


def called(database: Database, code: str) -> dict[str, str]:
    with database.read() as session:
        return words_of(session, session.exec(select(Role).where(Role.code == code)).one())


def typed(database: Database, code: str, **changed: Any) -> dict[str, Any]:
    """What the page of the role would send, and what was changed in it."""
    held = role(database, code)
    said = {f"called.{territory}": called(database, code).get(territory, "") for territory in ("aura", "isere")}
    return {"version": held.version, "label": held.label, "rank": held.rank, "permissions": held.permissions, **said, **changed}


def correct(browser: Browser, database: Database, code: str, **changed: Any) -> TestResponse:
    return send(browser, f"{PATH}/{code}", **typed(database, code, **changed))


def row(shown: TestResponse, code: str) -> str:
    """The line of a role in the list."""
    (found,) = [words(one) for one in Read(shown).all("tr") if any(words(code_) == code for code_ in one.iter("code"))]
    return found


def test_the_list_says_of_each_role_what_it_permits_over_what_who_grants_it_and_how_many_hold_it(
    administrator: Browser, app: Flask, database: Database
) -> None:
    for _person in range(2):
        granted(database, app, "digital-lead", f"school:{FIRST}")
    shown = administrator.client.get(PATH)
    assert row(shown, "digital-lead").endswith(
        "Référent·e numériquedigital-lead Un établissement compléter le volet « établissement » des demandes "
        "lire une demande et son dossier en entier relayer les demandes d’un établissement "
        "Administrateur·rice du portail, Responsable des listes, Chef·fe d’établissement, "
        "Délégataire du ou de la chef·fe d’établissement 4 personnes"
    )
    head = row(shown, "head")
    assert "confier et retirer des fonctions dans un établissement" in head
    assert "Administrateur·rice du portail, Responsable des listes" in head
    assert "2 personnes" in head
    assert "rien de plus que consulter et demander" in row(shown, "chair")
    assert "0 personne" in row(shown, "chair")
    codes = [words(one) for one in Read(shown).all("code")]
    assert codes == sorted(codes, key=lambda code: role(database, code).rank), "the first signs before the next"


def test_who_holds_a_role_no_longer_or_not_yet_or_by_a_closed_account_is_not_counted(
    administrator: Browser, app: Flask, database: Database
) -> None:
    def change(key: int, **values: Any) -> None:
        database.write(lambda session: session.execute(sa.update(Accreditation).where(sa.column("id") == key).values(**values)))

    today = portal_of(app).clock.today("Europe/Paris")
    keys = [granted(database, app, "secretary", f"school:{FIRST}") for _person in range(4)]
    assert "4 personnes" in row(administrator.client.get(PATH), "secretary")
    change(keys[0], revoked_at=datetime(2026, 11, 26, tzinfo=UTC), revoked_by="person:1")
    change(keys[1], starts_on=today.replace(year=today.year - 2), until=today.replace(year=today.year - 1))
    change(keys[2], starts_on=today.replace(year=today.year + 1))
    database.write(
        lambda session: session.execute(
            sa.update(Person)
            .where(sa.column("id") == sa.select(Accreditation.person_id).where(sa.column("id") == keys[3]).scalar_subquery())
            .values(closed_at=datetime(2026, 11, 26, tzinfo=UTC))
        )
    )
    assert "0 personne" in row(administrator.client.get(PATH), "secretary")


def test_the_list_asks_as_many_queries_whatever_is_held(
    administrator: Browser, app: Flask, database: Database, count_queries: Counting
) -> None:
    for _person in range(3):
        granted(database, app, "teacher", f"school:{FIRST}")
    with count_queries(database) as few:
        administrator.client.get(PATH)
    for _person in range(27):
        granted(database, app, "teacher", f"school:{FIRST}")
    with count_queries(database) as many:
        administrator.client.get(PATH)
    assert len(many) == len(few)


def test_a_role_is_corrected_for_everybody_at_once_and_the_trail_names_what_changed(
    administrator: Browser, database: Database
) -> None:
    before = role(database, "decider")
    sent = correct(
        administrator, database, "decider", label="Décideur·se", rank="25", permissions=["edition:prepare", "edition:vote"],
        **{"called.aura": "", "called.isere": "Responsable du Département"},
    )  # fmt: skip
    assert (sent.status_code, sent.headers["Location"]) == (303, PATH)
    held = role(database, "decider")
    assert (held.label, held.rank, held.permissions) == ("Décideur·se", 25, ["edition:prepare", "edition:vote"])
    assert called(database, "decider") == {"isere": "Responsable du Département"}
    (event,) = events(database, "role", "corrected")
    assert event.subject_id == held.id
    assert event.details == {
        "role": "decider",
        "changed": ["label", "rank", "permissions", "called.aura", "called.isere"],
        "gained": [],
        "lost": sorted(set(before.permissions) - {"edition:prepare", "edition:vote"}),
    }


def test_what_a_role_no_longer_permits_is_refused_at_the_next_click(
    administrator: Browser, app: Flask, ent: str, database: Database
) -> None:
    region = comes_in(Browser(app, ent), "region")
    assert region.client.get("/administration/chefs").status_code == 200
    correct(administrator, database, "decider", permissions=["edition:prepare"])
    assert region.client.get("/administration/chefs").status_code == 403


def test_an_accreditation_keeps_the_word_of_its_day(administrator: Browser, app: Flask, database: Database) -> None:
    before = granted(database, app, "head", f"school:{FIRST}")
    correct(administrator, database, "head", **{"called.aura": "Directeur·rice"})
    after = granted(database, app, "head", f"school:{FIRST}")
    with database.read() as session:
        assert [session.get_one(Accreditation, key).called for key in (before, after)] == ["Proviseur·e", "Directeur·rice"]


def test_saving_the_page_as_it_is_changes_nothing(administrator: Browser, database: Database) -> None:
    before = role(database, "head")
    assert correct(administrator, database, "head").status_code == 303
    after = role(database, "head")
    assert (after.version, after.label, after.permissions) == (before.version, before.label, before.permissions)
    assert not events(database, "role", "corrected")


@pytest.mark.parametrize("when", ["never", "eleven minutes ago"])
def test_the_password_is_asked_first_and_what_was_typed_waits(
    app: Flask, ent: str, browser: Browser, database: Database, when: str
) -> None:
    install(app, ent)
    comes_in(browser, "administratrice", proved=when != "never")
    later(app, minutes=11)
    assert "Votre mot de passe sera redemandé" in browser.client.get(f"{PATH}/head").text
    stopped = correct(browser, database, "head", label="Direction", permissions=["accreditation:read", "trail:read"])
    assert stopped.status_code == 403
    assert 'name="label" value="Direction"' in stopped.text
    assert stopped.text.count('name="permissions"') == 2
    assert f'action="{PATH}/head"' in stopped.text
    assert role(database, "head").label != "Direction"
    form = [(one.attrib["name"], one.attrib["value"]) for one in Read(stopped).all("input") if one.get("name") != "langue"]
    proves(browser, "administratrice")
    again: dict[str, list[str]] = {}
    for name, value in form:
        again.setdefault(name, []).append(value)
    assert send(browser, f"{PATH}/head", **again).status_code == 303
    assert role(database, "head").permissions == ["accreditation:read", "trail:read"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"label": "  "}, "Il manque le nom de la fonction"),
        ({"label": "é" * 81}, "Le nom dépasse 80 caractères"),
        ({"rank": "premier"}, "Le rang est un nombre de 1 à 999"),
        ({"rank": "0"}, "Le rang est un nombre de 1 à 999"),
        ({"rank": "²"}, "Le rang est un nombre de 1 à 999"),
        ({"rank": ""}, "Il manque le rang"),
        ({"permissions": ["title:burn"]}, "Cette valeur ne convient pas"),
        ({"permissions": ["account:use"]}, "Cette valeur ne convient pas"),
        ({"called.aura": "é" * 81}, "Le nom dépasse 80 caractères"),
    ],
)
def test_what_is_wrong_is_told_and_what_was_typed_is_kept(
    administrator: Browser, database: Database, wrong: dict[str, Any], said: str
) -> None:
    before = role(database, "head")
    sent = correct(administrator, database, "head", **{"called.isere": "Gardé·e", **wrong})
    assert sent.status_code == 422
    assert said in sent.text
    assert 'value="Gardé·e"' in sent.text
    assert role(database, "head").version == before.version


def test_what_is_offered_is_what_a_role_can_give(administrator: Browser, database: Database) -> None:
    shown = Read(administrator.client.get(f"{PATH}/head"))
    offered = {one.attrib["value"]: "checked" in one.attrib for one in shown.all("input") if one.get("name") == "permissions"}
    assert {code for code, ticked in offered.items() if ticked} == set(role(database, "head").permissions)
    assert {"role:manage", "trail:read", "title:edit", "edition:vote"} <= set(offered)
    assert not {"title:read", "account:use", "administration:open"} & set(offered), "open to all, or given by no role"
    assert "corriger les fiches des titres title:edit" in [words(one) for one in shown.all("label")]


def test_a_permission_that_the_portal_no_longer_knows_is_shown_until_it_is_taken_off(
    administrator: Browser, database: Database
) -> None:
    database.write(
        lambda session: session.execute(sa.update(Role).where(sa.column("code") == "dpd").values(permissions=["old:act"]))
    )
    assert "inconnue de cette version du portail old:act" in [
        words(one) for one in Read(administrator.client.get(f"{PATH}/dpd")).all("label")
    ]
    assert correct(administrator, database, "dpd", permissions=[]).status_code == 303
    assert role(database, "dpd").permissions == []
    assert "old:act" not in administrator.client.get(f"{PATH}/dpd").text


def test_the_last_way_to_set_roles_is_not_taken_away(administrator: Browser, app: Flask, database: Database) -> None:
    left = [one for one in role(database, "administrator").permissions if one != "role:manage"]

    def takes_it_away() -> TestResponse:
        return correct(administrator, database, "administrator", label="Tenancière", permissions=left)

    refused = takes_it_away()
    assert refused.status_code == 422
    assert "Plus personne ne pourrait régler les fonctions" in refused.text
    assert 'value="Tenancière"' in refused.text
    assert correct(administrator, database, "dpd", permissions=["role:manage"]).status_code == 303
    assert takes_it_away().status_code == 422, "held over a territory, it sets nothing"
    portal_of(app).database.write(
        lambda session: session.add(
            Role(
                code="keeper", label="Gardien·ne", scope_kind="everywhere", permissions=["role:manage"], granted_with="role:manage"
            )
        )
    )
    assert takes_it_away().status_code == 422, "nobody holds that other role"
    granted(database, app, "keeper", "*")
    assert takes_it_away().status_code == 303
    assert administrator.client.get(PATH).status_code == 403, "she may no longer, as she wanted"


def test_of_two_who_correct_at_once_the_second_compares_first_and_loses_nothing(administrator: Browser, database: Database) -> None:
    read_before = typed(database, "head", label="Deuxième", permissions=["accreditation:read", "trail:read"])
    assert (
        correct(administrator, database, "head", label="Première", **{"called.isere": "Principal·e de collège"}).status_code == 303
    )
    late = send(administrator, f"{PATH}/head", **read_before)
    assert late.status_code == 409
    assert "Une autre personne a corrigé cette fonction" in late.text
    assert 'value="Deuxième"' in late.text
    shown = Read(late)
    assert [words(one) for one in shown.all("dl")][-1] == (
        "Nom de la fonction Première L’Isère Principal·e de collège Permissions déléguer à une autre personne le droit de confier ; "
        "confier et retirer des fonctions dans un établissement ; voir l’équipe d’un établissement et ses fonctions ; "
        "confirmer et terminer les rattachements à un établissement ; viser, classer ou décliner les demandes d’un établissement ; "
        "compléter le volet « établissement » des demandes ; lire une demande et son dossier en entier ; "
        "relayer les demandes d’un établissement"
    )
    ticked = {one.attrib["value"] for one in shown.all("input") if one.get("name") == "permissions" and "checked" in one.attrib}
    assert ticked == {"accreditation:read", "trail:read"}
    assert role(database, "head").label == "Première"
    (version,) = [one.attrib["value"] for one in shown.all("input") if one.get("name") == "version"]
    assert send(administrator, f"{PATH}/head", **{**read_before, "version": version}).status_code == 303
    assert role(database, "head").label == "Deuxième"


def test_a_word_of_a_territory_counts_as_a_change_of_the_role(administrator: Browser, database: Database) -> None:
    read_before = typed(database, "dpd", label="Deuxième")
    correct(administrator, database, "dpd", **{"called.aura": "DPD de la Région"})
    assert send(administrator, f"{PATH}/dpd", **read_before).status_code == 409


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("version", ["", "abc", "-1", "9" * 40, "²"])
def test_a_version_that_is_none_compares_too(administrator: Browser, database: Database, version: str) -> None:
    assert correct(administrator, database, "head", version=version, label="Autre").status_code == 409
    assert role(database, "head").label != "Autre"


@pytest.mark.parametrize("login", ["region", "proviseure", "enseignante"])
def test_nobody_else_reads_or_corrects_a_role(app: Flask, ent: str, browser: Browser, database: Database, login: str) -> None:
    install(app, ent)
    comes_in(browser, login, proved=True)
    assert browser.client.get(f"{PATH}/head").status_code == 403
    assert correct(browser, database, "head", label="Autre").status_code == 403
    assert role(database, "head").label != "Autre"


def test_held_over_a_territory_alone_the_permission_opens_nothing(
    administrator: Browser, app: Flask, ent: str, database: Database
) -> None:
    correct(administrator, database, "decider", permissions=["role:manage", "trail:read", "provider:manage", "head:name"])
    region = comes_in(Browser(app, ent), "region", proved=True)
    for path in (PATH, f"{PATH}/head", "/administration/trace", "/administration/trace.csv", "/administration/ent"):
        assert region.client.get(path).status_code == 403, path
    assert correct(region, database, "head", label="Autre").status_code == 403
    assert 'href="/administration/fonctions"' not in region.client.get("/administration").text
