"""An edition's bytes: the same document gives the same ones, and both files say the same to whoever reads them."""

import csv
import io
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from catalogue.lists.document import COLUMNS, as_csv, canonical, changes

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)
ENTRY = st.fixed_dictionaries(
    {
        "slug": st.from_regex(r"[a-z0-9]{1,8}", fullmatch=True),
        "name": WORDS, "publisher": WORDS, "version": WORDS, "category": WORDS, "reason": WORDS, "exit_reason": WORDS,
        "since": st.dates().map(str),
        "ends_on": st.none() | st.dates().map(str),
        "disciplines": st.lists(st.sampled_from(["Mathématiques", "Arts, plastiques", "Physique"]), unique=True),
        "replacement": st.none() | st.just({"slug": "krita", "name": "Krita"}),
    }
)  # fmt: skip


def entry(slug: str, **said: Any) -> dict[str, Any]:
    blank = dict.fromkeys(COLUMNS, "") | {
        "slug": slug,
        "name": slug.upper(),
        "disciplines": [],
        "ends_on": None,
        "replacement": None,
    }
    return blank | said


@given(st.lists(ENTRY, max_size=4))
def test_whoever_reads_the_table_reads_the_document(entries: list[dict[str, Any]]) -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv({"entries": entries}).decode(), newline="")))
    assert rows == [
        {
            **{name: one[name] or "" for name in COLUMNS},
            "disciplines": "|".join(one["disciplines"]),
            "replacement": one["replacement"]["slug"] if one["replacement"] else "",
        }
        for one in entries
    ]


@given(st.lists(ENTRY, max_size=4))
def test_equal_documents_have_the_same_bytes_whatever_the_order_they_were_made_in(entries: list[dict[str, Any]]) -> None:
    document = {"slug": "socle", "capacity": None, "entries": entries}
    mirrored = {
        "entries": [dict(reversed(one.items())) for one in entries], "capacity": None, "slug": "socle",
    }  # fmt: skip
    assert canonical(document) == canonical(mirrored)
    assert as_csv(document) == as_csv(mirrored)
    assert orjson.loads(canonical(document)) == document
    assert canonical(orjson.loads(canonical(document))) == canonical(document)


def test_the_bytes_are_utf8_in_order_with_one_final_line_end() -> None:
    assert canonical({"b": "Éditeur d’image", "a": [1]}) == '{\n  "a": [\n    1\n  ],\n  "b": "Éditeur d’image"\n}\n'.encode()
    assert as_csv({"entries": []}) == (",".join(COLUMNS) + "\r\n").encode()


def test_an_exit_says_the_reason_and_the_replacement_it_was_decided_with() -> None:
    krita = {"slug": "krita", "name": "Krita"}
    was = [entry("gimp", exit_reason="Annoncé"), entry("scratch", version="3.0"), entry("xmind")]
    now = [entry("krita", reason="Demandé par six lycées"), entry("scratch", version="3.30")]
    said = [entry("xmind", exit_reason="Licence trop chère", replacement=krita)]
    assert changes(was, now, said) == {
        "entered": [{"slug": "krita", "name": "KRITA", "reason": "Demandé par six lycées"}],
        "left": [
            {"slug": "gimp", "name": "GIMP", "reason": "Annoncé", "replacement": None},
            {"slug": "xmind", "name": "XMIND", "reason": "Licence trop chère", "replacement": krita},
        ],
        "updated": [{"slug": "scratch", "name": "SCRATCH", "was": "3.0", "now": "3.30"}],
    }
