"""No template and no component is left that nobody shows."""

import ast
import re
from pathlib import Path

from tests.house.tree import ROOT, modules, short, tree

TEMPLATES = ROOT / "templates"
NAMES = re.compile(r"""["']([\w/.\-]+\.(?:html|txt|xml))["']""")
COMPONENT = re.compile(r"\bui\.(\w+)\s*\(")


def templates() -> dict[str, str]:
    return {
        path.relative_to(TEMPLATES).as_posix(): path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*") if path.is_file()
    }


def components() -> list[str]:
    return sorted(path.stem for path in (TEMPLATES / "ui").glob("*.html"))


def named_by_code() -> set[str]:
    texts = {
        node.value
        for path in modules()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return {text for text in texts if re.fullmatch(r"[\w/.\-]+\.(?:html|txt|xml)", text)}


def reached() -> set[str]:
    """Templates that a view names, and those they extend or include in turn."""
    known, waiting = templates(), {name for name in named_by_code() if name in templates()}
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= {inner for inner in NAMES.findall(known[name]) if inner in known} - found
    return found


def used_components() -> set[str]:
    """Components that a page calls, and those that these call."""
    known = templates()
    pages = [text for name, text in known.items() if not name.startswith("ui/")]
    waiting = {name for text in pages for name in COMPONENT.findall(text)}
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= set(COMPONENT.findall(known.get(f"ui/{name}.html", ""))) - found
    return found


def test_every_template_is_shown_by_a_view() -> None:
    assert sorted(set(templates()) - reached() - {f"ui/{name}.html" for name in components()}) == []


def test_every_template_that_is_named_exists() -> None:
    missing = {inner for text in templates().values() for inner in NAMES.findall(text) if inner.endswith(".html")} - set(
        templates()
    )
    assert sorted(missing) == []


def test_every_component_is_used_by_a_page() -> None:
    assert sorted(set(components()) - used_components()) == []


def test_every_component_that_is_called_exists() -> None:
    called = {name for text in templates().values() for name in COMPONENT.findall(text)}
    assert called
    assert sorted(called - set(components())) == []


def test_a_component_and_its_file_have_one_name() -> None:
    for name in components():
        text = (TEMPLATES / "ui" / f"{name}.html").read_text(encoding="utf-8")
        assert re.findall(r"\{%-? macro (\w+)\(", text) == [name], short(Path(TEMPLATES / "ui" / f"{name}.html"))
