"""Following a request: who has it, what each may do, who supports it, what others owe, and what a stranger may not see."""

import pytest
from sqlmodel import Session, col, select
from werkzeug.test import TestResponse

from portal.db import Database
from portal.people.models import Person
from portal.territories.models import School
from tests.conftest import Counting
from tests.http.administering import send
from tests.http.asking import ANSWERS, Arrive, app, arrive, asks, database, holder, moves, stored, version
from tests.http.coming_in import Browser
from tests.http.reading import Read, words
from workflows.requests.models import CoSignature, RequestStatus, SoftwareRequest

pytest_plugins = ("tests.data.catalogue_data",)
__all__ = ["app", "arrive", "database"]
SCHOOL = "0261505V"
MOST_OF_A_PAGE = 23  # queries, for who reads the whole file, its exchanges and their letters, and may support it
SUPPORT = {"uai": "0260037Z", "audience": "Bac pro AGORA", "pupils": "22", "weeks": "8", "note": "Pour nos ateliers aussi."}


def buttons(browser: Browser, number: int) -> set[str]:
    """The moves that the page offers."""
    page = Read(browser.client.get(f"/demandes/{number}"))
    return {form.attrib["action"].rpartition("/")[2] for form in page.all("form") if "/etapes/" in form.get("action", "")}


def figures(page: Read) -> list[str]:
    """People, schools and pupils who support it."""
    return [words(one) for box in page.all("dl", class_="figures") for one in box.iter("dd")]


def in_instruction(arrive: Arrive, login: str = "enseignante", **other: str) -> int:
    number = asks(arrive(login), **other)
    school = "" if login == "enseignante" else "2"
    assert moves(arrive(f"referent{school}"), number, "relay").status_code == 303
    assert moves(arrive("proviseure" if not school else "proviseur2"), number, "endorse").status_code == 303
    return number


def test_each_sees_who_has_it_and_until_when_and_only_their_own_buttons(arrive: Arrive) -> None:
    teacher, lead, head, region = (arrive(login) for login in ("enseignante", "referent", "proviseure", "region"))
    number = asks(teacher)
    assert "Référent·e numérique" in holder(teacher, number)
    assert "jusqu’au" in holder(teacher, number)
    assert buttons(teacher, number) == {"give_up"}
    assert buttons(lead, number) == {"relay", "ask"}
    assert moves(lead, number, "ask", raison="Pour quelles salles ?").status_code == 303
    assert "C’est à vous de répondre" in holder(teacher, number)
    assert "Pour quelles salles ?" in holder(teacher, number)
    assert "La personne qui demande" in holder(lead, number)
    assert buttons(teacher, number) == {"answer", "give_up"}
    assert moves(teacher, number, "answer", raison="La B12.").status_code == 303
    assert moves(lead, number, "relay", raison="Utile à trois collègues.").status_code == 303
    assert "Proviseur·e" in holder(teacher, number)
    assert buttons(head, number) == {"endorse", "decline", "ask_before_visa"}
    assert moves(head, number, "endorse").status_code == 303
    assert "Responsable des listes" in holder(teacher, number)
    assert buttons(region, number) == {"merge", "ask_in_instruction"}
    said = Read(teacher.client.get(f"/demandes/{number}")).html
    for text in ("La B12.", "Utile à trois collègues.", "Demande visée", "Demande relayée", "Référent·e numérique"):
        assert text in said


def test_a_declined_request_says_why_and_can_be_examined_again(arrive: Arrive) -> None:
    teacher, head = arrive("enseignante"), arrive("proviseure")
    number = asks(teacher)
    moves(arrive("referent"), number, "relay")
    assert moves(head, number, "decline").status_code == 422
    moves(head, number, "decline", raison="Le projet d’établissement dit autre chose.")
    assert "Le projet d’établissement dit autre chose." in teacher.client.get(f"/demandes/{number}").text
    assert buttons(teacher, number) == {"reconsider"}
    moves(teacher, number, "reconsider", raison="Le conseil pédagogique l’a demandé.")
    assert buttons(head, number) == {"endorse", "decline", "ask_before_visa"}


def test_the_second_of_two_sees_what_changed_and_keeps_what_they_wrote(arrive: Arrive) -> None:
    number = asks(arrive("enseignante"))
    one, two = arrive("referent"), arrive("proviseure")
    read = version(two, number)
    moves(one, number, "relay")
    late = send(two, f"/demandes/{number}/etapes/ask", lu=str(read), raison="Combien de postes faut-il ?")
    assert late.status_code == 409
    assert "Cette demande a changé" in late.text
    assert "Combien de postes faut-il ?" in late.text
    assert "Demande relayée" in late.text


def test_a_form_sent_twice_moves_once_even_after_the_state_came_back(arrive: Arrive, database: Database) -> None:
    teacher, lead = arrive("enseignante"), arrive("referent")
    number = asks(teacher)
    read = str(version(lead, number))
    send(lead, f"/demandes/{number}/etapes/ask", lu=read, raison="Quelle salle ?")
    moves(teacher, number, "answer", raison="B12.")
    again = send(lead, f"/demandes/{number}/etapes/ask", lu=read, raison="Quelle salle ?")
    assert again.status_code == 409
    assert stored(database, number).status is RequestStatus.RELAY


def test_bad_moves_are_refused_in_words(arrive: Arrive) -> None:
    lead = arrive("referent")
    number = asks(arrive("enseignante"))
    assert moves(lead, number, "ask").status_code == 422
    assert moves(lead, number, "ask", raison="a" * 2001).status_code == 422
    assert moves(lead, number, "endorse").status_code == 403
    assert moves(lead, number, "pass_relay", raison="Pressé.").status_code == 403
    assert moves(lead, number, "submit").status_code == 403
    assert moves(lead, number, "n’importe-quoi").status_code == 404
    assert send(lead, f"/demandes/{number}/etapes/relay").status_code == 409, "a form without what was read"


def test_whoever_is_no_party_knows_that_it_exists_and_no_more(arrive: Arrive) -> None:
    number = in_instruction(arrive)
    for login in ("enseignant2", "referent2", "proviseur2", "documentaliste"):
        page = arrive(login).client.get(f"/demandes/{number}")
        assert page.status_code == 200
        assert ANSWERS["need"] not in page.text
        assert "Enseignante (lycée polyvalent)" not in page.text
        assert "Ce qui s’est passé" not in page.text
        assert "Responsable des listes" in page.text, "who has it is for all to see"
        assert buttons(arrive(login), number) == set()
        assert arrive(login).client.get(f"/demandes/{number}/volets/school").status_code == 404
        for move in ("relay", "endorse", "give_up", "merge"):
            assert moves(arrive(login), number, move, raison="Pourquoi pas", into="1").status_code == 403


def test_a_colleague_joins_once_corrects_and_takes_back(arrive: Arrive, database: Database) -> None:
    number, colleague = in_instruction(arrive), arrive("enseignant2")
    for pupils in ("22", "22", "30"):
        assert send(colleague, f"/demandes/{number}/soutien", **{**SUPPORT, "pupils": pupils}).status_code == 303
    page = Read(colleague.client.get(f"/demandes/{number}"))
    assert figures(page) == ["2", "2", "78"]
    assert "Pour nos ateliers aussi." in page.html
    assert colleague.client.get("/demandes?voir=soutenues").text.count("Chronoscope") == 1
    for _click in range(2):
        assert send(colleague, f"/demandes/{number}/soutien/retrait").status_code == 303
    assert figures(Read(colleague.client.get(f"/demandes/{number}"))) == ["1", "1", "48"]
    with database.read() as session:
        assert len(session.exec(select(CoSignature).where(CoSignature.request_id == number)).all()) == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"pupils": "0"}, "1 à 5000"),
        ({"weeks": "53"}, "1 à 52"),
        ({"audience": " "}, "les classes"),
        ({"uai": SCHOOL}, "Choisissez"),
    ],
)
def test_a_wrong_support_says_what_and_keeps_the_rest(arrive: Arrive, wrong: dict[str, str], said: str) -> None:
    number, colleague = asks(arrive("enseignante")), arrive("enseignant2")
    refused = send(colleague, f"/demandes/{number}/soutien", **{**SUPPORT, **wrong})
    assert refused.status_code == 422
    assert said in Read(refused).html.replace("\u202f", " ").replace("\u00a0", " ")
    assert "Pour nos ateliers aussi." in refused.text


def test_nobody_supports_their_own_nor_what_is_closed(arrive: Arrive) -> None:
    teacher = arrive("enseignante")
    number = asks(teacher)
    assert send(teacher, f"/demandes/{number}/soutien", **{**SUPPORT, "uai": SCHOOL}).status_code == 422
    moves(teacher, number, "give_up", raison="Plus besoin.")
    closed = send(arrive("enseignant2"), f"/demandes/{number}/soutien", **SUPPORT)
    assert closed.status_code == 422
    assert "n’est plus ouverte" in closed.text
    assert Read(closed).all("section", id="soutenir") == []


def test_merged_requests_count_a_person_once_and_part_again(arrive: Arrive) -> None:
    one, two = in_instruction(arrive), in_instruction(arrive, "enseignant2", pupils="30")
    send(arrive("documentaliste"), f"/demandes/{two}/soutien", **{**SUPPORT, "uai": SCHOOL})
    send(arrive("documentaliste"), f"/demandes/{one}/soutien", **{**SUPPORT, "uai": SCHOOL})
    region = arrive("region")
    assert f"Demande n° {two}" in " ".join(words(one) for one in Read(region.client.get(f"/demandes/{one}")).all("section"))
    for wrong, said in (("", "Il manque le numéro"), (str(two), "Vérifiez"), ("999999", "Vérifiez"), ("abc", "Vérifiez")):
        refused = moves(region, two, "merge", into=wrong, raison="La même chose.")
        assert refused.status_code == 422
        assert said in refused.text
        assert "La même chose." in refused.text
    assert moves(region, two, "merge", into=str(one), raison="La même chose.").status_code == 303
    counted = figures(Read(region.client.get(f"/demandes/{one}")))
    assert counted == ["3", "2", "100"]
    assert f"/demandes/{one}" in arrive("enseignant2").client.get(f"/demandes/{two}").text, "its author is led to it"
    assert moves(region, one, "merge", into=str(two), raison="À l’envers.").status_code == 422
    assert moves(region, two, "separate", raison="Ce n’était pas la même version.").status_code == 303
    assert figures(Read(region.client.get(f"/demandes/{one}")))[:2] == ["2", "1"]
    assert "Responsable des listes" in holder(arrive("enseignant2"), two)


def test_a_request_survives_its_author(arrive: Arrive, database: Database) -> None:
    teacher, librarian = arrive("enseignante"), arrive("documentaliste")
    number = asks(teacher)
    with database.read() as session:
        to = {one.email.partition("@")[0]: one.key for one in session.exec(select(Person))}
    for stranger in ("enseignant2", "proviseur2", "documentaliste"):
        assert send(arrive(stranger), f"/demandes/{number}/main", person=str(to["documentaliste"])).status_code == 403
    assert send(teacher, f"/demandes/{number}/main", person=str(to["enseignant2"])).status_code == 422
    assert send(teacher, f"/demandes/{number}/main", person="").status_code == 422
    assert (
        send(teacher, f"/demandes/{number}/main", person=str(to["documentaliste"]), raison="Je change d’établissement.").status_code
        == 303
    )
    assert buttons(teacher, number) == set()
    assert ANSWERS["need"] not in teacher.client.get(f"/demandes/{number}").text
    assert buttons(librarian, number) == {"give_up"}
    assert "Je change d’établissement." in librarian.client.get(f"/demandes/{number}").text
    assert send(arrive("referent"), f"/demandes/{number}/main", person=str(to["enseignante"])).status_code == 303, (
        "the school may too"
    )


def ranks(browser: Browser, **typed: str) -> TestResponse:
    """As the page's own form sends them, over the order that the page shows."""
    path = f"/etablissements/{SCHOOL}/demandes"
    return send(browser, path, **{"lu": order_read(Read(browser.client.get(path))), **typed})


def order_read(page: Read) -> str:
    (read,) = page.all("input", name="lu")
    return read.attrib["value"]


def test_the_head_ranks_and_the_others_read(arrive: Arrive, database: Database) -> None:
    teacher, head, path = arrive("enseignante"), arrive("proviseure"), f"/etablissements/{SCHOOL}/demandes"
    one, two = asks(teacher), asks(teacher, title_name="Cartographe des vents")
    assert ranks(head, **{f"rang-{one}": "2", f"rang-{two}": "1"}).status_code == 303
    assert (stored(database, one).school_rank, stored(database, two).school_rank) == (2, 1)
    shown = [link.attrib["href"] for link in Read(head.client.get(path)).all("a") if link.get("href", "").startswith("/demandes/")]
    assert shown.index(f"/demandes/{two}") < shown.index(f"/demandes/{one}")
    refused = ranks(head, **{f"rang-{one}": "premier", f"rang-{two}": "1"})
    assert refused.status_code == 422
    assert "premier" in refused.text
    assert send(arrive("referent"), path, **{f"rang-{one}": "1"}).status_code == 403
    assert stored(database, one).school_rank == 2
    for stranger in ("referent2", "proviseur2", "enseignante"):
        assert arrive(stranger).client.get(path).status_code in {403, 404}


def test_whoever_ranks_second_sees_the_order_that_is_there_and_keeps_theirs(arrive: Arrive, database: Database) -> None:
    teacher, first, second = arrive("enseignante"), arrive("proviseure"), arrive("proviseure")
    one, two = asks(teacher), asks(teacher, title_name="Cartographe des vents")
    read = order_read(Read(second.client.get(f"/etablissements/{SCHOOL}/demandes")))
    for _click in range(2):
        assert ranks(first, lu=read, **{f"rang-{one}": "2", f"rang-{two}": "1"}).status_code == 303
    wrong = ranks(second, lu=read, **{f"rang-{one}": "1", f"rang-{two}": "deux"})
    assert (wrong.status_code, order_read(Read(wrong))) == (422, read), "what was read is remembered while a rank is corrected"
    late = ranks(second, lu=read, **{f"rang-{one}": "1", f"rang-{two}": "2"})
    page = Read(late)
    assert (late.status_code, order_read(page)) == (409, f"{two} {one}")
    assert "L’ordre a changé pendant que vous classiez ces demandes." in late.text
    (notice,) = page.all("div", class_="notice")
    assert [words(line).split()[-1] for line in notice.iter("li")] == [str(two), str(one)]
    assert "par : Proviseur·e." in " ".join(words(notice).split())
    kept = {box.attrib["name"]: box.attrib["value"] for box in page.all("input", inputmode="numeric")}
    assert (kept[f"rang-{one}"], kept[f"rang-{two}"]) == ("1", "2")
    assert (stored(database, one).school_rank, stored(database, two).school_rank) == (2, 1)
    again = ranks(second, lu=order_read(page), **{f"rang-{one}": "1", f"rang-{two}": "2"})
    assert again.status_code == 303
    assert (stored(database, one).school_rank, stored(database, two).school_rank) == (1, 2)


def test_a_block_is_filled_by_its_owner_and_read_by_the_parties(arrive: Arrive, database: Database) -> None:
    number = in_instruction(arrive)
    path, technician = f"/demandes/{number}/volets/technical", arrive("technicien")
    page = Read(technician.client.get(path))
    read = next(one.attrib["value"] for one in page.all("input", name="lu"))
    missing = send(technician, path, lu=read, faire="completer", silent="yes", network="Serveur de licences")
    assert missing.status_code == 422
    assert "Serveur de licences" in missing.text
    assert send(technician, path, lu=read, faire="completer", silent="yes", rights="no", network="Aucun").status_code == 303
    late = send(arrive("packageuse"), path, lu=read, faire="completer", silent="no", rights="no", network="Autre chose")
    assert late.status_code == 409
    assert "Autre chose" in late.text
    assert "Aucun" in arrive("enseignante").client.get(path).text
    assert "Technicien·ne" in arrive("enseignante").client.get(f"/demandes/{number}").text
    for other in ("enseignante", "referent", "region"):
        assert send(arrive(other), path, lu="2", faire="completer", silent="yes", rights="no").status_code == 403
    dpd = arrive("dpd")
    data = path.replace("technical", "data")
    read = next(one.attrib["value"] for one in Read(dpd.client.get(data)).all("input", name="lu"))
    assert send(dpd, data, lu=read, faire="sans-objet", raison=" ").status_code == 422
    assert send(dpd, data, lu=read, faire="sans-objet", raison="Aucun compte, aucune donnée.").status_code == 303
    assert "Aucun compte, aucune donnée." in arrive("referent").client.get(data).text


def test_the_lists_are_each_ones_own(arrive: Arrive) -> None:
    number = asks(arrive("enseignante"))
    assert f"/demandes/{number}" in arrive("enseignante").client.get("/demandes").text
    assert f"/demandes/{number}" in arrive("referent").client.get("/demandes?voir=a-traiter").text
    assert f"/demandes/{number}" in arrive("region").client.get("/demandes?voir=toutes&q=chronoscope").text
    for login in ("enseignant2", "referent2", "documentaliste"):
        for view in ("", "a-traiter", "toutes", "soutenues"):
            assert f"/demandes/{number}" not in arrive(login).client.get(f"/demandes?voir={view}").text
    assert arrive("enseignante").client.get("/demandes?voir=nimporte&page=99999999").status_code == 200
    assert "ne correspond à cette recherche" in arrive("region").client.get("/demandes?voir=toutes&q=zzzzzz").text


def crowd(database: Database, number: int) -> None:
    """That many more open requests of the school, each supported."""

    def work(session: Session) -> None:
        first = session.exec(select(SoftwareRequest).where(col(SoftwareRequest.title_name) == ANSWERS["title_name"])).one()
        people = session.exec(select(Person)).all()
        school = session.get_one(School, first.school_id)
        for index in range(number):
            values = {
                **first.model_dump(exclude={"id", "version"}),
                "key_of_draft": f"crowd-of-requests-{index:04}",
                "title_name": f"Titre {index}",
            }
            one = SoftwareRequest(**values)
            session.add(one)
            session.flush()
            session.add(CoSignature(request_id=one.key, person_id=people[index % len(people)].key, school_id=school.key, scope=school.scope,
                                    audience="Classe", pupils=3, weeks=3, signed_at=first.since, signed_as="Enseignant·e"))  # fmt: skip

    database.write(work)


@pytest.mark.parametrize(
    "path", ["/demandes", "/demandes?voir=a-traiter", "/demandes?voir=toutes", f"/etablissements/{SCHOOL}/demandes"]
)
def test_a_list_costs_as_many_queries_for_thirty_as_for_three(
    arrive: Arrive, database: Database, count_queries: Counting, path: str
) -> None:
    head = arrive("proviseure")
    asks(head)
    asked = []
    for more in (2, 27):
        crowd(database, more) if more == 2 else _more(database)
        head.client.get(path)
        with count_queries(database) as sent:
            assert head.client.get(path).status_code == 200
        asked.append(len(sent))
    assert asked[0] == asked[1] <= 14, asked


def test_a_request_costs_as_many_queries_with_thirty_supporters_as_with_three(
    arrive: Arrive, database: Database, count_queries: Counting
) -> None:
    number, region = in_instruction(arrive), arrive("region")
    asked = []
    for more in (3, 27):
        _sign(database, number, more)
        region.client.get(f"/demandes/{number}")
        with count_queries(database) as sent:
            page = Read(region.client.get(f"/demandes/{number}"))
        asked.append(len(sent))
    assert figures(page)[0] == "31"
    assert asked[0] == asked[1] <= MOST_OF_A_PAGE, asked


def _sign(database: Database, number: int, people: int) -> None:
    def work(session: Session) -> None:
        held = session.get_one(SoftwareRequest, number)
        for _one in range(people):
            person = Person(given_name="Collègue", first_seen_at=held.since, seen_at=held.since)
            session.add(person)
            session.flush()
            session.add(CoSignature(request_id=number, person_id=person.key, school_id=held.school_id, scope=held.scope, audience="Classe",
                                    pupils=3, weeks=3, signed_at=held.since, signed_as="Enseignant·e"))  # fmt: skip

    database.write(work)


def _more(database: Database) -> None:
    def work(session: Session) -> None:
        first = session.exec(select(SoftwareRequest).where(col(SoftwareRequest.title_name) == "Titre 0")).one()
        for index in range(27):
            values = {
                **first.model_dump(exclude={"id", "version"}),
                "key_of_draft": f"more-of-requests-{index:05}",
                "title_name": f"Autre {index}",
            }
            session.add(SoftwareRequest(**values))

    database.write(work)


def test_the_steps_of_a_territory_are_data(arrive: Arrive, database: Database) -> None:
    admin, path = arrive("administratrice"), "/administration/demandes/aura"
    form = {
        one.attrib["name"]: one.attrib.get("value", "")
        for one in Read(admin.client.get(path)).all("input")
        if one.get("id", "").startswith(("read", "steps-read"))
    }
    typed = {
        "read": form["read"],
        "relay_required": "y",
        "relay_days": "3",
        "instruction_days": "20",
        "receipt": "Reçu.",
        "reason": "Essai sans visa",
    }
    assert send(admin, path, **{**typed, "relay_days": "0"}).status_code == 422
    assert send(admin, path, **{**typed, "reason": ""}).status_code == 422
    assert send(admin, path, **typed).status_code == 303
    late = send(admin, path, **{**typed, "relay_days": "9"})
    assert late.status_code == 409
    assert 'value="9"' in late.text
    number = asks(arrive("enseignante"))
    moves(arrive("referent"), number, "relay")
    assert stored(database, number).status is RequestStatus.INSTRUCTION
    said = arrive("enseignante").client.get(f"/demandes/{number}").text
    assert "Ce territoire ne demande pas le visa de l’établissement." in said
    assert "Reçu." in said
    assert send(arrive("proviseure"), path, **typed).status_code in {403, 404}


def test_campaigns_are_data(arrive: Arrive) -> None:
    admin, path = arrive("administratrice"), "/administration/demandes/aura/campagnes"
    window = {"key": "", "name": "Fenêtre d’essai", "opens_on": "2026-11-10", "closes_on": "2026-11-30", "why": "Essai"}
    assert send(admin, path, **{**window, "closes_on": "2026-11-01"}).status_code == 422
    assert send(admin, path, **{**window, "ready_on": "2026-01-01"}).status_code == 422
    for _click in range(2):
        assert send(admin, path, **window).status_code == 303
    page = Read(admin.client.get("/administration/demandes/aura"))
    (link,) = [one.attrib["href"] for one in page.all("a") if words(one) == "Fenêtre d’essai"]
    said = arrive("enseignante").client.get("/demandes/nouvelle").text
    assert "Fenêtre d’essai" in said
    key = link.rpartition("/")[2].partition("#")[0]
    assert 'value="Fenêtre d’essai"' in admin.client.get(f"/administration/demandes/aura/campagnes/{key}").text
    assert admin.client.get(f"/administration/demandes/isere/campagnes/{key}").status_code == 404
    assert send(admin, path, **{**window, "name": "Fenêtre d’automne 2026"}).status_code == 422
    assert send(admin, path, **{**window, "key": key, "faire": "supprimer"}).status_code == 303
    assert "Fenêtre d’essai" not in admin.client.get("/administration/demandes/aura").text
