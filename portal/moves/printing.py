"""Procedures as a page to read: `flask workflows > docs/workflows.md`, so that the page never says anything but the tables."""

import ast
import inspect
from collections.abc import Iterable, Iterator
from textwrap import dedent
from typing import Any

from portal.moves.engine import Guard, Move, Procedure

HEAD = """# Procedures

Printed from the tables of moves by `flask workflows`: change a table, then print this page again. States, moves and permissions are
the codes of the API. A rule holds a move back with the sentence that is shown with it; what must be counted is read under lock.
"""


def as_markdown(procedures: Iterable[Procedure[Any]]) -> str:
    return "\n".join([HEAD, *("\n".join(_section(procedure)) for procedure in procedures)])


def _section(procedure: Procedure[Any]) -> Iterator[str]:
    yield f"## `{procedure.name}`\n"
    yield f"{inspect.getdoc(procedure.states)}\n"
    yield from _diagram(procedure)
    yield "| Move | Button | From | To | Permission | Rules | Reason | Letter |"
    yield "|---|---|---|---|---|---|---|---|"
    yield from (_line(move) for move in procedure.moves)
    yield "\n| Rule | What is said when it refuses |\n|---|---|"
    guards = dict.fromkeys(guard for move in procedure.moves for guard in move.guards)
    yield from (f"| {_words(guard)} | {'<br>'.join(sentences(guard))} |" for guard in guards)
    yield ""


def _diagram(procedure: Procedure[Any]) -> Iterator[str]:
    yield "```mermaid\nstateDiagram-v2"
    yield from (f'    state "{state}" as {state.name}' for state in procedure.states)
    yield f"    [*] --> {next(iter(procedure.states)).name}"
    for move in procedure.moves:
        yield from (f"    {source.name} --> {move.target.name} : {move.name}" for source in _in_order(move))
    yield "```\n"


def _line(move: Move) -> str:
    sources = ", ".join(f"`{source}`" for source in _in_order(move))
    rules = ", ".join(_words(guard) for guard in move.guards)
    asked, written = ("required" if move.needs_reason else ""), ", ".join(_words(letter) for letter in move.letters)
    cells = (f"`{move.name}`", move.label, sources, f"`{move.target}`", f"`{move.permission}`", rules, asked, written)
    return f"| {' | '.join(cells)} |".replace("  ", " ")


def _in_order(move: Move) -> list[Any]:
    return [state for state in type(move.target) if state in move.sources]


def _words(function: Any) -> str:
    return str(function.__name__).replace("_", " ").strip()


def sentences(guard: Guard) -> list[str]:
    """The patterns of its refusals, read in its source: a value stands as its name."""
    tree = ast.parse(dedent(inspect.getsource(guard)))
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Sentence")
    found = [node.args[0].value for node in calls if isinstance(node.args[0], ast.Constant)]
    return [str(pattern).replace("%(", "*").replace(")s", "*") for pattern in found]
