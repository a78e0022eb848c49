"""Each rule that the page client holds can fail: one bad page per fault, and the good one passes."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask, Response
from sqlmodel import Session, select
from werkzeug.datastructures import Headers

from portal.db import Database
from portal.errors import Refused
from portal.letters.models import Letter
from portal.text import Sentence
from tests.page_client import Page, PageClient, faults

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
GOOD = """<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<title>Une page juste – Logithèque</title>
<script src="/static/a.js" defer></script>
<script type="application/ld+json">{"name": "l'outil"}</script>
</head>
<body>
<a href="#contenu">Aller au contenu</a>
<main id="contenu">
<h1>Une page
  juste</h1>
<p>L’élève a dit\u00a0: «\u00a0Pourquoi pas\u202f?\u00a0» à 10:30 – puis <code>a ? 'b' : "c  d" - e</code>.</p>
<p>Le titre <span translate="no">L'Atelier - Studio !</span>, et <span lang="en">the teacher's choice</span>.</p>
<img src="/logo.svg" alt="">
<form action="/catalogue" method="get">
<label for="q">Chercher</label> <input id="q" name="q" type="search" aria-describedby="aide">
<p id="aide">Un nom</p>
<label>Tri <select name="tri"><option>nom</option></select></label>
<textarea name="mot" aria-label="Votre mot" placeholder="L’usage"></textarea>
<input type="hidden" name="jeton" value="1">
<button>Chercher</button>
</form>
<p><a href="https://exemple.org/a?b=1&amp;c=2">ailleurs</a> <a href="mailto:a@exemple.org">écrire</a> <a href="/listes">listes</a></p>
</main>
</body>
</html>
"""

# rule, what stands in the good page, what breaks it
BAD_PAGES = [
    ("is_valid", "<p>Le titre", "<p><div>Le titre</p>"),
    ("is_valid", "<!doctype html>\n", ""),
    ("has_a_language", '<html lang="fr">', "<html>"),
    ("has_one_heading_that_titles_it", "</form>", "</form><h1>Une page</h1>"),
    ("has_one_heading_that_titles_it", "<h1>Une page\n  juste</h1>", "<p>Une page</p>"),
    ("has_one_heading_that_titles_it", "<title>Une page juste", "<title>Une autre page"),
    ("labels_its_fields", '<label for="q">Chercher</label>', "<p>Chercher</p>"),
    ("labels_its_fields", '<label for="q">Chercher</label>', '<label for="q"> </label>'),
    ("labels_its_fields", "<label>Tri <select", "<p>Tri <select"),
    ("labels_its_fields", 'aria-label="Votre mot"', 'aria-label=" "'),
    ("labels_its_fields", "<button>Chercher</button>", '<button><img src="/loupe.svg" alt=""></button>'),
    ("describes_its_images", ' alt="">', ">"),
    ("has_unique_ids", '<p id="aide">', '<p id="q">'),
    ("finds_what_it_refers_to", '<p id="aide">', "<p>"),
    ("finds_what_it_refers_to", 'href="#contenu"', 'href="#content"'),
    ("holds_no_code", "<p>Le titre", '<p onclick="alert(1)">Le titre'),
    ("holds_no_code", "<p>Le titre", '<p hx-on:click="alert(1)">Le titre'),
    ("holds_no_code", "<p>Le titre", '<p style="color: red">Le titre'),
    ("holds_no_code", "</head>", "<style>p { color: red }</style></head>"),
    ("holds_no_code", ' src="/static/a.js" defer>', ">alert(1)"),
    ("holds_no_code", 'href="/listes"', 'href="javascript:alert(1)"'),
    ("is_rendered_whole", "Un nom", "Un {{ nom }}"),
    ("is_rendered_whole", "Un nom", "Un {% nom %}"),
    ("is_set_as_french_is", "L’élève", "L'élève"),
    ("is_set_as_french_is", "\u00a0:", " :"),
    ("is_set_as_french_is", "pas\u202f?", "pas ?"),
    ("is_set_as_french_is", "Un nom", "Un nom !"),
    ("is_set_as_french_is", "Un nom", "Un nom ;"),
    ("is_set_as_french_is", "Un nom", "<b>Un nom</b> :"),
    ("is_set_as_french_is", "«\u00a0", "« "),
    ("is_set_as_french_is", "«\u00a0", "«"),
    ("is_set_as_french_is", "«\u00a0", "«\u00a0\u00a0"),
    ("is_set_as_french_is", "\u00a0»", " »"),
    ("is_set_as_french_is", "Un nom", "Un  nom"),
    ("is_set_as_french_is", "– puis", "- puis"),
    ("is_set_as_french_is", 'placeholder="L’usage"', 'placeholder="L\'usage"'),
    ("is_set_as_french_is", ' translate="no"', ""),
    ("has_whole_forms", ' method="get"', ""),
    ("has_whole_forms", ' action="/catalogue"', ""),
    ("has_whole_forms", ' action="/catalogue"', ' action="catalogue"'),
    ("links_from_the_root", 'href="/listes"', 'href="listes"'),
    ("links_from_the_root", 'href="/listes"', 'href="?page=2"'),
    ("links_from_the_root", 'href="/listes"', 'href="//exemple.org/listes"'),
    ("links_from_the_root", 'href="/listes"', 'href="http://localhost/listes"'),
]

BAD_HEADERS = [
    ("is_guarded", {"Content-Security-Policy": ""}),
    (
        "is_guarded",
        {"Content-Security-Policy": "default-src 'self' exemple.org; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"},
    ),
    ("is_guarded", {"Content-Security-Policy": HEADERS["Content-Security-Policy"] + "; style-src 'self' 'unsafe-inline'"}),
    ("is_guarded", {"Content-Security-Policy": HEADERS["Content-Security-Policy"] + "; script-src *"}),
    ("is_guarded", {"Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'"}),
    ("is_guarded", {"Content-Security-Policy": "default-src 'self'; base-uri 'none'; frame-ancestors 'none'"}),
    ("is_guarded", {"X-Content-Type-Options": ""}),
    ("is_guarded", {"Referrer-Policy": None}),
    ("is_guarded", {"Permissions-Policy": None}),
    ("is_guarded", {"Cross-Origin-Opener-Policy": None}),
    ("hides_what_runs_it", {"X-Powered-By": "quelque chose"}),
]


def page(html: str = GOOD, changed: dict[str, str | None] | None = None, *, is_fragment: bool = False) -> Page:
    """Served with good headers but those changed; None leaves one out."""
    sent = {**HEADERS, **(changed or {})}
    return Page(html, Headers([(name, value) for name, value in sent.items() if value is not None]), is_fragment=is_fragment)


def test_the_good_page_has_no_fault() -> None:
    assert faults(page()) == []


@pytest.mark.parametrize(("rule", "good", "bad"), BAD_PAGES)
def test_a_bad_page_is_seen(rule: str, good: str, bad: str) -> None:
    assert good in GOOD
    assert rule in {fault.partition(":")[0] for fault in faults(page(GOOD.replace(good, bad, 1)))}


@pytest.mark.parametrize(("rule", "headers"), BAD_HEADERS)
def test_a_bad_header_is_seen(rule: str, headers: dict[str, str | None]) -> None:
    assert {fault.partition(":")[0] for fault in faults(page(GOOD, headers))} == {rule}


def test_a_header_sent_twice_is_seen() -> None:
    twice = page()
    twice.headers.add("Referrer-Policy", "unsafe-url")
    assert faults(twice) == ["is_guarded: Referrer-Policy is sent 2 times"]


def test_a_fragment_is_judged_without_a_head_but_not_without_rules() -> None:
    good = '<div id="resultats"><p aria-describedby="ailleurs">Rien.</p></div>'
    assert faults(page(good, is_fragment=True)) == []
    assert faults(page(good.replace("Rien.", "Rien !"), is_fragment=True)) == [
        "is_set_as_french_is: a plain space before a high mark in 'Rien !'"
    ]
    assert faults(page(good + "</div>", is_fragment=True))


def test_a_page_in_english_keeps_its_own_typography() -> None:
    english = GOOD.replace('<html lang="fr">', '<html lang="en">').replace("L’élève", "Teacher's")
    assert faults(page(english)) == []


def client_of(database: Database, view: Callable[[Database], object]) -> PageClient:
    """An application with one page, that does something to the database before it answers."""
    app = Flask(__name__)
    app.testing = True
    app.test_client_class = PageClient

    @app.get("/")
    def _page() -> str:
        view(database)
        return GOOD

    @app.errorhandler(Refused)
    def _refused(_refused: Refused) -> tuple[str, int]:
        return GOOD, 422

    @app.after_request
    def _guard(response: Response) -> Response:
        response.headers.extend(HEADERS)
        return response

    client = app.test_client()
    assert isinstance(client, PageClient)
    return client


def a_letter() -> Letter:
    now = datetime(2026, 9, 1, 8, tzinfo=UTC)
    return Letter(recipient="referent@exemple.org", subject="Objet", body="Texte", written_at=now, not_before=now)


def only_reads(database: Database) -> None:
    with database.read() as session:
        assert session.exec(select(Letter)).all()


def writes(database: Database) -> None:
    database.write(lambda session: session.add(a_letter()))


def writes_then_refuses(database: Database) -> None:
    def work(session: Session) -> None:
        session.add(a_letter())
        session.flush()
        raise Refused([Sentence("Une règle s’y oppose.")])

    database.write(work)


def adds_while_reading(database: Database) -> None:
    with database.read() as session:
        session.add(a_letter())


def changes_while_reading(database: Database) -> None:
    with database.read() as session:
        session.exec(select(Letter)).one().subject = "Autre objet"


def catches_then_forgets(database: Database) -> None:
    """What one exception excuses, the handler that comes after it does not."""
    try:
        writes_then_refuses(database)
    except Refused:
        adds_while_reading(database)


@pytest.mark.parametrize(("view", "status"), [(only_reads, 200), (writes, 200), (writes_then_refuses, 422)])
def test_work_that_ends_as_it_should_is_let_be(database: Database, view: Callable[[Database], object], status: int) -> None:
    writes(database)
    assert client_of(database, view).get("/").status_code == status


@pytest.mark.parametrize(
    ("view", "fault"),
    [
        (adds_while_reading, "a new Letter was never written"),
        (changes_while_reading, "a changed Letter was never written"),
        (catches_then_forgets, "a new Letter was never written"),
    ],
)
def test_a_change_left_behind_is_seen(database: Database, view: Callable[[Database], object], fault: str) -> None:
    writes(database)
    with pytest.raises(AssertionError, match=fault):
        client_of(database, view).get("/")


def test_the_client_judges_every_page_it_opens(database: Database) -> None:
    client = client_of(database, only_reads)
    client.application.view_functions["_page"] = lambda: GOOD.replace("Un nom", "Un nom !")
    with pytest.raises(AssertionError, match="is_set_as_french_is"):
        client.get("/")
    client.application.view_functions["_page"] = lambda: (GOOD.replace("Un nom", "Un nom !"), 404)
    with pytest.raises(AssertionError, match=r"/ \(404\)"):
        client.get("/")
