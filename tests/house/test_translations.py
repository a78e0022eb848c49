"""English is whole: all that people read is in the catalogues, and no page in English keeps a French sentence of ours."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask
from jinja2 import Environment, nodes

from app import create_app
from portal.access import everyone, nobody
from portal.text import Sentence, french
from portal.web import cookies, language
from tests.data.demonstrations import Demonstration, close
from tests.house.tree import ROOT, modules, short, tree
from tests.page_client import NOT_PROSE, SPOKEN, Page, PageClient

pytest_plugins = ("tests.data.catalogue_data",)

FOLDER = ROOT / "portal" / "translations"
SAYS = {"_", "_l", "gettext", "lazy", "ngettext", "Sentence"}
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]")
FRENCH_MARKS = re.compile(r"[«»]| [:;!?]|'|·")
EMPTY_WORDS = {
    "ce", "cette", "dans", "est", "et", "il", "la", "le", "les", "leur", "ne", "ou", "où", "par", "pas", "pour", "que", "qui", "sont",
    "sur", "un", "une", "vous",
}  # fmt: skip
OURS = ["/", "/comparer", "/accessibilite", "/api", "/donnees-ouvertes", "/nulle-part", "/catalogue/nulle-part"]
WITH_DATA = [
    "/catalogue", "/catalogue?q=geogebra&support=maintained", "/catalogue?q=geogbra", "/catalogue?q=zzzzzz", "/catalogue?page=3",
    "/catalogue/geogebra-classic", "/catalogue/capcut", "/catalogue/anydesk", "/catalogue/gimp",
    "/comparer?titres=gimp,geogebra-classic,introuvable",
]  # fmt: skip


@cache
def catalogue(code: str) -> Catalog:
    with (FOLDER / code / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, code)


def messages(found: Catalog) -> list[Message]:
    return [message for message in found if message.id]


def forms(said: str | tuple[str, ...]) -> tuple[str, ...]:
    return said if isinstance(said, tuple) else (said,)


def msgids(found: Catalog) -> set[tuple[str, ...]]:
    return {forms(message.id) for message in messages(found)}


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    """`make` compiles first; whoever runs this file alone gets it done here."""
    for code in language.LANGUAGES:
        source = FOLDER / code / "LC_MESSAGES" / "messages.po"
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            making = target.with_suffix(f".{os.getpid()}")
            with making.open("wb") as file:
                write_mo(file, catalogue(code))
            making.replace(target)
            for kept in (language._said, language._said_of_many):
                kept.cache_clear()


@pytest.fixture(scope="module")
def shown(demonstration: Demonstration) -> Iterator[Flask]:
    app = create_app(demonstration.settings)
    app.test_client_class = PageClient
    yield app
    close(app)


def read(app: Flask, path: str, code: str = "en") -> Page:
    client = app.test_client()
    client.set_cookie(cookies.LANGUAGE, code)
    answer = client.get(path)
    return Page(answer.get_data(as_text=True), answer.headers)


def interface(page: Page) -> Iterator[str]:
    """What the page says in its own language, piece by piece: neither names nor what is marked as another one."""
    for element in page.elements:
        lineage = list(page.lineage(element))
        spoken = next(e.attrib["lang"] for e in lineage if "lang" in e.attrib)
        if spoken != page.root.get("lang") or element.tag in NOT_PROSE or any(e.get("translate") == "no" for e in lineage):
            continue
        inside = [element.text, *(child.tail for child in element)]
        inside += [element.get(name) for name in (*SPOKEN, "data-label", "data-announcement", "content")]
        yield from (" ".join(piece.split()) for piece in inside if piece and piece.strip())


# The catalogues


def test_the_catalogues_hold_what_the_source_says_and_nothing_else(tmp_path: Path) -> None:
    """Otherwise: `make translations`, then translate."""
    template = tmp_path / "messages.pot"
    pybabel = Path(sys.executable).with_name("pybabel")
    command = [pybabel, "--quiet", "extract", "--mapping-file", "pyproject.toml", "--output-file", template, "."]
    subprocess.run(command, cwd=ROOT, check=True)
    with template.open("rb") as file:
        said = msgids(read_po(file))
    for code in language.LANGUAGES:
        assert sorted(said ^ msgids(catalogue(code))) == [], code


@pytest.mark.parametrize("code", language.LANGUAGES)
def test_a_catalogue_names_nobody_and_does_not_change_with_the_day(code: str) -> None:
    text = (FOLDER / code / "LC_MESSAGES" / "messages.po").read_text(encoding="utf-8")
    assert not re.findall(r"\S+@\S+|-Date:|Generated-By|Last-Translator|#~", text)


def test_all_is_said_in_english() -> None:
    unsaid = [message.id for message in messages(catalogue("en")) if message.fuzzy or not all(forms(message.string))]
    assert unsaid == []


def test_french_is_what_was_typed_and_its_plurals_are_filled() -> None:
    """An empty message is said as it was typed; an empty plural would lose the rule of the language."""
    wrong = [message.id for message in messages(catalogue("fr")) if message.string != (message.id if message.pluralizable else "")]
    assert wrong == []


def test_a_translation_puts_in_the_same_values() -> None:
    wrong = []
    for message in messages(catalogue("en")):
        wanted = {value for form in forms(message.id) for value in PLACEHOLDER.findall(form)}
        wrong += [form for form in forms(message.string) if set(PLACEHOLDER.findall(form)) != wanted]
    assert wrong == []


def test_english_is_not_set_as_french_is() -> None:
    said = [form for message in messages(catalogue("en")) for form in forms(message.string)]
    assert [form for form in said if FRENCH_MARKS.search(form)] == []


# The source


def unreadable(module: ast.Module) -> list[ast.AST]:
    """Calls that say something which is not written there: nobody can find it to translate it."""
    found: list[ast.AST] = []
    for call in ast.walk(module):
        if not isinstance(call, ast.Call):
            continue
        by_module = isinstance(call.func, ast.Attribute) and getattr(call.func.value, "id", "") == "language"
        name = getattr(call.func, "attr", "") if by_module else getattr(call.func, "id", "")
        if name in SAYS and [said for said in literals(call, name) if said is None]:
            found.append(call)
    return found


def literals(call: ast.Call, name: str) -> list[str | None]:
    """The msgids of a call, None where there is something else than text."""
    arguments = call.args[: 2 if name == "ngettext" else 1]
    return [a.value if isinstance(a, ast.Constant) and isinstance(a.value, str) else None for a in arguments]


def test_sentences_are_written_where_they_are_said() -> None:
    found = [
        f"{short(path)}:{getattr(call, 'lineno', '')}"
        for path in modules()
        if path != ROOT / "portal" / "web" / "language.py"
        for call in unreadable(tree(path))
    ]
    assert found == []


@pytest.mark.parametrize(
    "bad", ['Sentence(f"{a} manque")', "_(words)", "language.gettext(a)", 'ngettext("un", many, 2)', '_l("a" + b)']
)
def test_a_sentence_made_elsewhere_is_seen(bad: str) -> None:
    assert unreadable(ast.parse(bad))


@pytest.mark.parametrize(
    "good", ['Sentence("Il manque " "la raison.")', '_("a %(b)s", b=c)', "session.gettext(a)", 'ngettext("un", "des", n)']
)
def test_a_written_sentence_is_let_be(good: str) -> None:
    assert not unreadable(ast.parse(good))


def test_a_sentence_keeps_the_msgid_of_the_catalogue_as_its_pattern() -> None:
    """Babel reads the source, `say` asks for `pattern`: both must hold the same text."""
    known = {form for said in msgids(catalogue("en")) for form in said}
    written = [
        said
        for path in modules()
        for call in ast.walk(tree(path))
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Sentence"
        for said in literals(call, "Sentence")
        if said is not None
    ]
    assert [said for said in written if Sentence(said).pattern not in known] == []
    assert len(written) > 50


def left_in(source: str) -> set[str]:
    """Words of a template that stand outside `{{ }}`; an address in `<code>` is no word, nor is the name of a format."""
    text = "".join(data.data for data in Environment(autoescape=True).parse(source).find_all(nodes.TemplateData))
    return set(re.findall(r"[^\W\d_]{2,}", re.sub(r"<code>[^<]*</code>|<[^>]*>", " ", text))) - {"CSV", "JSON"}


def test_templates_say_nothing_that_is_not_marked() -> None:
    components = {word for path in (ROOT / "templates" / "ui").iterdir() for word in path.stem.split("_")}
    allowed = {"Logithèque", "translate", "no", "button"} | components
    found = {short(path): left_in(path.read_text(encoding="utf-8")) - allowed for path in (ROOT / "templates").rglob("*.html")}
    assert {name: words for name, words in found.items() if words} == {}


def test_a_word_that_is_not_marked_is_seen() -> None:
    assert left_in('<p class="lead">Bonjour {{ _("à tous") }}</p>{# ceci #}{% if a %}<b title="x">toi</b>{% endif %}') == {
        "Bonjour",
        "toi",
    }


# What people read


def french_of(message: Message) -> Iterator[re.Pattern[str]]:
    """How a msgid reads on a page; short ones must be a whole piece, as data may hold the same word."""
    for form, said in zip(forms(message.id), forms(message.string), strict=True):
        bare = re.sub(r"\W", "", PLACEHOLDER.sub("", form))
        if form == said or len(bare) < 6:
            continue
        pattern = ".+?".join(re.escape(part) for part in PLACEHOLDER.split(french(form)))
        yield re.compile(pattern if len(bare) >= 16 else rf"^{pattern}$")


@cache
def patterns() -> list[re.Pattern[str]]:
    return [pattern for message in messages(catalogue("en")) for pattern in french_of(message)]


def left_french(pieces: Iterator[str]) -> list[str]:
    return [piece for piece in pieces if any(pattern.search(french(piece)) for pattern in patterns())]


@pytest.mark.parametrize("path", OURS + WITH_DATA)
def test_a_page_in_english_keeps_no_french_sentence_of_ours(shown: Flask, path: str) -> None:
    page = read(shown, path)
    assert page.root.get("lang") == "en"
    assert left_french(interface(page)) == []


@pytest.mark.parametrize("path", OURS)
def test_a_page_without_data_has_no_french_word_in_english(shown: Flask, path: str) -> None:
    found = [piece for piece in interface(read(shown, path)) if EMPTY_WORDS & set(re.findall(r"\w+", piece.lower()))]
    assert found == []


def test_french_left_in_a_page_is_seen(shown: Flask) -> None:
    pieces = list(interface(read(shown, "/accessibilite", "fr")))
    assert len(left_french(iter(pieces))) > 20
    assert sum(bool(EMPTY_WORDS & set(re.findall(r"\w+", piece.lower()))) for piece in pieces) > 20


def test_data_written_in_french_says_so_in_an_english_page(shown: Flask) -> None:
    marks = {
        code: {element.get("lang") for element in read(shown, "/catalogue", code).elements if element.get("class") == "purpose"}
        for code in language.LANGUAGES
    }
    assert marks == {"fr": {None}, "en": {"fr"}}


@pytest.mark.parametrize(
    ("cookie", "said"), [("", ["0 titre", "1 titre", "2 titres"]), ("langue=en", ["0 titles", "1 title", "2 titles"])]
)
def test_each_language_has_its_own_singular(shown: Flask, cookie: str, said: list[str]) -> None:
    with shown.test_request_context(headers={"Cookie": cookie}):
        assert [language.ngettext("%(count)s titre", "%(count)s titres", n, count=n) for n in range(3)] == said


def test_a_sentence_made_of_sentences_is_said_whole(shown: Flask) -> None:
    refusal = Sentence("Cette action ne vous est pas ouverte : elle revient à %(who)s.", who=(everyone | nobody).says)
    with shown.test_request_context(headers={"Cookie": "langue=en"}):
        assert language.say(refusal) == "This action is not open to you: it belongs to everyone or nobody."
    with shown.test_request_context():
        assert language.say(refusal) == french("Cette action ne vous est pas ouverte : elle revient à tout le monde ou personne.")
