"""Every address the portal answers and every parameter it reads, found in the code: a new one is tested unnamed."""

import ast
import inspect
from collections.abc import Iterator
from urllib.parse import quote

from flask import Flask
from werkzeug.routing import Rule

from catalogue.search.question import FACETS
from portal.letters.links import sign
from portal.settings import Environment, Settings
from portal.web import cookies
from portal.web.gate import OPEN
from tests.data.demonstrations import SECRET
from tests.house.tree import modules, tree

# Such as a letter to the first account holds, where anybody may open it.
LINK = sign(Settings(secret_key=SECRET, environment=Environment.TEST, database_url="sqlite://"), 1)
# A value for each part of a path: a new part needs one here, and its tests say so.
SAMPLES = {
    "slug": "gimp", "held": "socle", "label": "2026-2027", "uai": "0261505V", "version": "0", "name": "css/logitheque.css",
    "ent": "demonstration", "accreditation": "1", "token": LINK, "int:token": "1", "territory": "aura", "freeze": "1", "teaching": "1", "code": "head",
    "person": "1", "account": "1", "number": "1", "piece": "1", "block": "school", "move": "give_up", "key": "brouillon-000001",
    "campaign": "1", "notice": "1", "letter": "request.relay.requester",
}  # fmt: skip
ASKED = {cookies.LANGUAGE, cookies.SCHOOL, cookies.ENT, "q", *FACETS, "sort", "page", "per_page"}  # read together by Question.of
ELSEWHERE = {"signin.start", "signin.arrive", "signin.failed"}
READERS = {"get", "getlist", "get_all", "poplist"}

LONG = "a" * 10_000
SCRIPT = "<script>alert(1)</script>"
PICTURE = "\"'><img src=x onerror=alert(1)>"
BAD = (
    "", " ", LONG, "é" * 10_000, "\0", "a\0b", "%", "%%", "%s%n", "'", '"', SCRIPT, PICTURE, "</title></textarea></script>", "<b>",
    "-1", "0", "999999999999999999999999", "1e9", "NaN", "\u0661", "null", "[]", "*", ",", ",,,", "..", "../../etc/passwd", "/", "\\",
    "' OR 1=1 --", "a\r\nSet-Cookie: a=b", "title:* AND NOT (", '~^"', "&amp;", "javascript:alert(1)", "\u202e", "\U0010ffff", "e\u0301" * 99,
    "inconnu",
)  # fmt: skip
RAW = ("%ED%A0%80", "%ff", "%C3", "%u0041", "%", "%2", "%00", "+", "%0d%0a", "%252e")  # surrogates and broken escapes


def readable(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]


def path(rule: Rule, **parts: str) -> str:
    """The address of a rule, with a good value for each part but those given, which are already escaped."""
    built = str(rule)
    for part in rule.arguments:
        for opening in (part, f"path:{part}", f"int:{part}"):
            built = built.replace(f"<{opening}>", parts.get(part, SAMPLES.get(opening, SAMPLES[part])))
    return built


def paths(app: Flask) -> list[str]:
    """The pages that anybody opens; those of a sign-in under way lead elsewhere, and have tests of their own."""
    return [path(rule) for rule in readable(app) if rule.endpoint in app.extensions[OPEN] and rule.endpoint not in ELSEWHERE]


def reads_its_query(app: Flask, rule: Rule) -> bool:
    return "request.args" in inspect.getsource(app.view_functions[rule.endpoint])


def parameters() -> set[str]:
    """The names that the product takes from a query, a form or a cookie, and one that nobody knows."""
    return {name for module in modules() for name in _taken(tree(module))} | ASKED | {"inconnu"}


def _taken(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in READERS and node.args):
            continue
        source, name = node.func.value, node.args[0]
        from_request = isinstance(source, ast.Attribute) and source.attr in {"args", "form", "values", "cookies"}
        if from_request and isinstance(name, ast.Constant):
            yield str(name.value)


def escaped(value: str) -> str:
    return quote(value, safe="")
