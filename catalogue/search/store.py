"""Rows and sheets beside the index: two files mapped by all workers, read by a title's rank.

The index's own store would unpack a block for every row; here a row costs a slice of memory the system shares.
"""

import mmap
from array import array
from pathlib import Path
from typing import Any

import orjson

SUFFIX = ".json-lines"


class Writer:
    """Appends values in order; the file of offsets is written last."""

    def __init__(self, folder: Path, name: str) -> None:
        self._lines = (folder / (name + SUFFIX)).open("wb")
        self._offsets = array("Q", [0])
        self._path = folder / (name + ".offsets")

    def add(self, value: Any) -> None:
        packed = orjson.dumps(value)
        self._lines.write(packed)
        self._offsets.append(self._offsets[-1] + len(packed))

    def close(self) -> None:
        self._lines.close()
        self._path.write_bytes(self._offsets.tobytes())


class Reader:
    """The value at a rank."""

    def __init__(self, folder: Path, name: str) -> None:
        self._offsets = memoryview(_mapped(folder / (name + ".offsets"))).cast("Q")
        self._lines = memoryview(_mapped(folder / (name + SUFFIX)))

    def at(self, rank: int) -> Any:
        return orjson.loads(self._lines[self._offsets[rank] : self._offsets[rank + 1]])


def _mapped(path: Path) -> bytes | mmap.mmap:
    with path.open("rb") as file:
        size = path.stat().st_size
        return mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ) if size else b""
