"""What changed from one version to the next is said in sentences."""

from catalogue.browse.differences import differences, in_short
from catalogue.lists.document import as_csv, canonical, changes


def entry(slug: str, version: str = "", *, reason: str = "", exit_reason: str = "") -> dict[str, object]:
    return {
        "slug": slug, "name": slug.upper(), "publisher": "", "disciplines": ["A", "B"], "category": "C", "version": version,
        "since": "2026-09-01", "reason": reason, "ends_on": None, "exit_reason": exit_reason, "replacement": None,
    }  # fmt: skip


def test_nothing_new_is_nothing_said() -> None:
    same = [entry("a", "1"), entry("b")]
    assert differences(changes(same, same, [])) == []
    assert in_short([]) == ""


def test_entries_then_exits_then_versions_each_with_its_reason() -> None:
    before = [entry("a", "1"), entry("b", exit_reason="annoncée"), entry("c"), entry("d", "3")]
    after = [entry("a", "2"), entry("c", "5"), entry("d"), entry("e", reason="demandé par six lycées")]
    decided = {**entry("b", exit_reason="abandonné"), "replacement": {"slug": "e", "name": "E"}}
    told = differences(changes(before, after, [decided]))
    assert [(one.kind, one.url, one.sentence, one.reason) for one in told] == [
        ("entered", "/catalogue/e", "E entre sur la liste.", "demandé par six lycées"),
        ("left", "/catalogue/b", "B sort de la liste\u202f; E le remplace.", "abandonné"),
        ("updated", "/catalogue/a", "A passe de la version 1 à la version 2.", ""),
        ("updated", "/catalogue/c", "C est maintenu en version 5\u202f; la version n’était pas dite.", ""),
        ("updated", "/catalogue/d", "D n’a plus de version dite\u202f; c’était la 3.", ""),
    ]
    assert in_short(told) == "1 entrée, 1 sortie, 3 changements de version"


def test_a_version_that_looks_like_a_pattern_is_said_as_it_is() -> None:
    (told,) = differences(changes([entry("a", "%(now)s")], [entry("a", "100 %")], []))
    assert told.sentence == "A passe de la version %(now)s à la version 100 %."


def test_an_exit_that_nobody_decided_keeps_the_reason_announced() -> None:
    left = changes([entry("b", exit_reason="annoncée")], [], [])["left"]
    assert left == [{"slug": "b", "name": "B", "reason": "annoncée", "replacement": None}]


def test_the_same_document_gives_the_same_bytes_however_it_was_made() -> None:
    one = {"b": 1, "a": "é", "entries": [entry("a")]}
    other = {"entries": [entry("a")], "a": "é", "b": 1}
    assert canonical(one) == canonical(other)
    assert canonical(one).endswith(b"}\n")
    assert as_csv(one).splitlines()[1] == b"a,A,,,A|B,C,2026-09-01,,,,"
