"""Reading a CSV file that somebody sends: every fault told by line, and no row kept of a file that has one."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal.errors import Refused
from portal.imports.cells import Column, excerpt
from portal.imports.faults import WHOLE_FILE, Faults
from portal.text import Sentence, clean

MEGA = 1024 * 1024
LIMIT = 50 * MEGA
Source = Path | bytes


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the file: the number a person sees in an editor, and the values of its columns."""

    line: int
    values: dict[str, Any]

    def __getitem__(self, column: str) -> Any:
        return self.values[column]


@dataclass(frozen=True, slots=True)
class Table:
    """What was read; whoever compares it with what is stored adds to the same faults."""

    rows: list[Row]
    faults: Faults


def read_table(source: Source, columns: Sequence[Column], *, key: Sequence[str] = (), limit: int = LIMIT) -> Table:
    """Read all rows; two rows with the same `key` are a fault. The order of columns is free, their names are not."""
    faults = Faults()
    text = _text(source, limit, faults)
    rows = list(_rows(text, columns, faults))
    if key:
        _refuse_doubles(rows, key, faults)
    return Table(rows, faults)


def read_header(source: Source) -> frozenset[str]:
    """The names of the columns, to recognise a file by."""
    faults = Faults()
    first = next(_lines(_text(source, LIMIT, faults), faults), None)
    faults.refuse()
    return frozenset(clean(cell) for cell in first[1]) if first else frozenset()


def _text(source: Source, limit: int, faults: Faults) -> str:
    content = _content(source, limit)
    if content is None:
        faults.add(WHOLE_FILE, Sentence("Le fichier dépasse %(limit)d Mo. Coupez-le en plusieurs fichiers.", limit=limit // MEGA))
        return ""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        faults.add(line, Sentence("le fichier n’est pas en UTF-8. Enregistrez-le en « CSV UTF-8 », puis renvoyez-le."))
        return ""


def _content(source: Source, limit: int) -> bytes | None:
    if isinstance(source, bytes):
        return None if len(source) > limit else source
    if source.stat().st_size > limit:
        return None
    with source.open("rb") as file:
        content = file.read(limit + 1)  # a pipe has no size, and a file may grow
    return None if len(content) > limit else content


def _lines(text: str, faults: Faults) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    before = 0
    try:
        for cells in reader:
            if cells:
                yield before + 1, cells
            before = reader.line_num
    except csv.Error:
        faults.add(
            before + 1,
            Sentence(
                "les guillemets ne se referment pas, ou la cellule est trop longue. Corrigez cette ligne, puis renvoyez le fichier."
            ),
        )


def _rows(text: str, columns: Sequence[Column], faults: Faults) -> Iterator[Row]:
    lines = _lines(text, faults)
    header = next(lines, None)
    if header is None:
        if not faults:
            faults.add(WHOLE_FILE, Sentence("Le fichier est vide. La première ligne doit nommer les colonnes."))
        return
    names = [clean(name) for name in header[1]]
    if not _header_is_right(names, columns, header[0], faults):
        return
    by_name = {column.name: column for column in columns}
    order = [by_name[name] for name in names]
    for line, cells in lines:
        row = _row(line, cells, order, faults)
        if row is not None:
            yield row


def _header_is_right(names: list[str], columns: Sequence[Column], line: int, faults: Faults) -> bool:
    expected = [column.name for column in columns]
    if len(names) == 1 and ";" in names[0]:
        faults.add(line, Sentence("les colonnes sont séparées par des points-virgules. Séparez-les par des virgules."))
        return False
    missing = [name for name in expected if name not in names]
    extra = [excerpt(name) or "(sans nom)" for name in names if name not in expected]
    doubled = sorted({name for name in names if name in expected and names.count(name) > 1})
    if missing:
        faults.add(line, Sentence("il manque %(names)s. Ajoutez ces colonnes.", names=", ".join(missing)))
    if extra:
        faults.add(line, Sentence("%(names)s : colonnes inconnues. Retirez-les.", names=", ".join(extra)))
    if doubled:
        faults.add(line, Sentence("%(names)s : colonnes en double. Gardez-en une.", names=", ".join(doubled)))
    return not (missing or extra or doubled)


def _row(line: int, cells: list[str], order: Sequence[Column], faults: Faults) -> Row | None:
    if len(cells) != len(order):
        faults.add(
            line,
            Sentence(
                "%(count)d cellules, il en faut %(expected)d. Vérifiez les virgules et les guillemets.",
                count=len(cells),
                expected=len(order),
            ),
        )
        return None
    values: dict[str, Any] = {}
    for column, raw in zip(order, cells, strict=True):
        try:
            values[column.name] = column.read(raw)
        except Refused as refused:
            faults.add(line, refused.reasons[0], column.name)
    return Row(line, values) if len(values) == len(order) else None


def _refuse_doubles(rows: list[Row], key: Sequence[str], faults: Faults) -> None:
    first: dict[tuple[Any, ...], int] = {}
    for row in rows:
        named = tuple(row[column] for column in key)
        if named in first:
            shown = excerpt(" · ".join(str(part) for part in named))
            faults.add(
                row.line,
                Sentence("« %(key)s » est déjà à la ligne %(first)d. Gardez une seule des deux.", key=shown, first=first[named]),
                key[0],
            )
        else:
            first[named] = row.line
