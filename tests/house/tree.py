"""What house tests look at: the project's files, and the Python in them."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PRODUCT = ("app.py", "portal", "catalogue", "workflows")
MIGRATIONS = ROOT / "portal" / "db" / "migrations"
NOT_OURS = {"var", "vendor", "__pycache__"}
OURS = {".ci", ".gitignore"}


@cache
def files() -> list[Path]:
    """Every file of the project but what is installed, generated, or somebody else's."""
    return sorted(_walk(ROOT))


def _walk(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        hidden = path.name.startswith(".") and path.name not in OURS
        if hidden or path.is_symlink() or path.name in NOT_OURS:
            continue
        if path.is_dir():
            yield from _walk(path)
        else:
            yield path


def modules() -> list[Path]:
    """The product's Python, migrations aside: they are history."""
    return [
        path for path in files() if path.suffix == ".py" and short(path).split("/")[0] in PRODUCT and MIGRATIONS not in path.parents
    ]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def places(path: Path, nodes: list[ast.AST]) -> list[str]:
    return [f"{short(path)}:{getattr(node, 'lineno', '?')}" for node in nodes]
