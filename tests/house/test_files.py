"""Files say nothing of the machine they were written on, and every dependency says why it is there."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.house.tree import ROOT, files, short

WORDS = {".py", ".html", ".md", ".toml", ".txt", ".css", ".js", ".svg", ".po", ".mako", ".json", ""}
# Folders of a person or of a machine; Debian's own places (/usr, /var, /srv) are the same everywhere.
MACHINE = re.compile(r"(?<![\w.\-/])/(?:home|root|work|tmp|Users|mnt|private)/\w|[C-Z]:\\Users\b")
ADDRESS = re.compile(r"https?:|--(?:extra-)?index-url|--find-links|--trusted-host|^\s*-[ifr]\b|git\+", re.MULTILINE)
LOCKS = ["requirements.txt", "requirements-dev.txt"]


def readable() -> list[Path]:
    return [path for path in files() if path.suffix in WORDS and path != Path(__file__)]


def test_no_file_names_a_folder_of_one_machine() -> None:
    found = [
        f"{short(path)}:{number}: {line.strip()[:80]}"
        for path in readable()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if MACHINE.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("place", ["home", "tmp", "root", "Users", "mnt"])
def test_a_folder_of_one_machine_is_seen(place: str) -> None:
    assert MACHINE.search(f"/{place}/ada")
    assert MACHINE.search(f'open("/{place}/a")')


@pytest.mark.parametrize(
    "good", ["/usr/lib/postgresql", "/srv/logitheque", "https://exemple.org/home/page", "workflows/home/x", "a/tmp/b"]
)
def test_an_ordinary_path_is_let_be(good: str) -> None:
    assert not MACHINE.search(good)


def pinned(lock: str) -> dict[str, str]:
    """Name → what follows it up to the next requirement."""
    parts = re.split(r"^(?=[a-z0-9])", (ROOT / lock).read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.split(r"[=\[ ;]", part, maxsplit=1)[0]: part for part in parts if re.match(r"[a-z0-9]", part)}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_with_hashes_and_names_no_address(lock: str) -> None:
    assert not ADDRESS.search((ROOT / lock).read_text(encoding="utf-8"))
    assert pinned(lock)
    assert [
        name for name, said in pinned(lock).items() if not re.match(r"[\w.\-]+==\S+ ", said) or "--hash=sha256:" not in said
    ] == []


def declared(*, dev: bool) -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = project["optional-dependencies"]["dev"] if dev else project["dependencies"]
    return {re.split(r"[\[<>=~! ;]", said, maxsplit=1)[0].lower() for said in wanted}


def test_locks_hold_what_is_declared_and_agree() -> None:
    product, everything = (pinned(lock) for lock in LOCKS)
    assert declared(dev=False) <= set(product)
    assert declared(dev=True) <= set(everything)
    version = re.compile(r"==(\S+)")
    differing = [
        name
        for name, said in product.items()
        if name not in everything or version.findall(said) != version.findall(everything[name])
    ]
    assert differing == []


def explained(heading: str) -> list[str]:
    """Names in the first column of the table under a heading of docs/dependencies.md."""
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    [section] = re.findall(rf"^## {heading}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return re.findall(r"^\| `([^`]+)` \|(?: [^|]*[^|\s][^|]* \|){3}$", section, re.MULTILINE)


@pytest.mark.parametrize(("heading", "dev"), [("What runs", False), ("What checks", True)])
def test_each_dependency_says_why_it_is_there(heading: str, dev: bool) -> None:
    assert sorted(explained(heading)) == sorted(declared(dev=dev))


@pytest.mark.parametrize("package", ["chromium", "postgresql", "liblemonldap-ng-portal-perl", "starman", "libxml-simple-perl"])
def test_what_the_tests_ask_of_debian_is_in_the_list_that_make_installs(package: str) -> None:
    """A name used before it is given is empty in make, and says nothing: a newcomer's tests then failed for want of LemonLDAP."""
    make = shutil.which("make")
    assert make
    said = subprocess.run([make, "--print-data-base", "--dry-run", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    (listed,) = re.findall(r"^DEBIAN :?= (.*)$", said.stdout, re.MULTILINE)
    assert package in listed.split()
