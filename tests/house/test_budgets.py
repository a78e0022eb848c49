"""The house keeps its budgets: small modules, thin views, imports at the top, one place for what matters."""

import ast
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.house.tree import ROOT, modules, places, short, tree

MODULE, VIEW = 300, 12
ROUTES = {"route", "get", "post", "put", "patch", "delete"}
DATABASE, ENGINE = "portal/db/", "portal/moves/engine.py"

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(module: ast.Module) -> list[Function]:
    return [node for node in ast.walk(module) if isinstance(node, Function)]


def is_view(function: Function) -> bool:
    calls = [decorator.func for decorator in function.decorator_list if isinstance(decorator, ast.Call)]
    return any(isinstance(call, ast.Attribute) and call.attr in ROUTES for call in calls)


def length(function: Function) -> int:
    """Lines from `def` to the end; its docstring is free."""
    docstring = function.body[0] if ast.get_docstring(function) else None
    free = (docstring.end_lineno or 0) - docstring.lineno + 1 if docstring else 0
    return (function.end_lineno or 0) - function.lineno + 1 - free


def long_views(module: ast.Module) -> list[ast.AST]:
    return [function for function in functions(module) if is_view(function) and length(function) > VIEW]


def hidden_imports(module: ast.Module) -> list[ast.AST]:
    return [node for function in functions(module) for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom)]


def commits(module: ast.Module) -> list[ast.AST]:
    """`commit()`, and `begin()` whose block commits. The writer of the search index has its own, which writes no row."""
    calls = [node for node in ast.walk(module) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    ends = [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr in {"commit", "begin"}]
    return [call for call in ends if not (isinstance(call.func, ast.Attribute) and getattr(call.func.value, "id", "") == "writer")]


def status_writes(module: ast.Module) -> list[ast.AST]:
    """`x.status = …`, `setattr(x, "status", …)` and `update(…).values(status=…)`."""
    found: list[ast.AST] = []
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute) and node.attr == "status" and isinstance(node.ctx, ast.Store):
            found.append(node)
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            by_name = name == "setattr" and any(isinstance(a, ast.Constant) and a.value == "status" for a in node.args)
            by_query = name == "values" and any(keyword.arg == "status" for keyword in node.keywords)
            if by_name or by_query:
                found.append(node)
    return found


def test_each_floor_imports_only_those_below() -> None:
    """In a process of its own: the linter sets logging up for itself, which would silence ours."""
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", modules(), ids=short)
def test_a_module_is_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MODULE


@pytest.mark.parametrize(
    ("find", "allowed"),
    [(long_views, ""), (hidden_imports, ""), (commits, DATABASE), (status_writes, ENGINE)],
    ids=lambda found: getattr(found, "__name__", ""),
)
def test_the_house_is_kept(find: Callable[[ast.Module], list[ast.AST]], allowed: str) -> None:
    found = [
        place for path in modules() if not (allowed and short(path).startswith(allowed)) for place in places(path, find(tree(path)))
    ]
    assert found == []


LONG_VIEW = "@bp.get('/')\ndef view():\n" + "    act()\n" * VIEW


@pytest.mark.parametrize(
    ("find", "bad", "good"),
    [
        (long_views, LONG_VIEW, LONG_VIEW.replace("    act()\n", "", 1)),
        (long_views, LONG_VIEW.replace("get('/')", "route('/', methods=['POST'])"), LONG_VIEW.replace("@bp.get('/')", "")),
        (hidden_imports, "def f():\n    import os", "import os"),
        (hidden_imports, "class A:\n    def f(self):\n        if x:\n            from a import b", "if x:\n    from a import b"),
        (commits, "session.commit()", "commit = 1"),
        (commits, "portal().database.session.commit()", "writer.commit()"),
        (commits, "with engine.begin() as connection: pass", "begin()"),
        (status_writes, "request.status = Status.DONE", "if request.status == Status.DONE: pass"),
        (status_writes, "a, request.status = 1, 2", "Request(status=Status.DRAFT)"),
        (status_writes, "setattr(request, 'status', 1)", "getattr(request, 'status')"),
        (status_writes, "update(Request).values(status=1)", "update(Request).values(name=1)"),
    ],
)
def test_each_budget_can_be_broken(find: Callable[[ast.Module], list[ast.AST]], bad: str, good: str) -> None:
    assert find(ast.parse(bad))
    assert not find(ast.parse(good))
