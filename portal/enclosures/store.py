"""The store: each content once, in a file named by its SHA-256, written whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

PIECE = 64 * 1024
PART = ".part"
SWEPT = ".swept"  # its date says when the last sweep began


@dataclass(frozen=True, slots=True)
class Kept:
    """What the store holds of a file."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Store:
    """`folder` is shared by all servers of an installation, and belongs in every backup of its database."""

    folder: Path

    def keep(self, content: BinaryIO) -> Kept:
        """On the disk when this returns, whatever happens to the machine next. The same content is kept once."""
        self.folder.mkdir(parents=True, exist_ok=True)
        digest, size = sha256(), 0
        descriptor, name = tempfile.mkstemp(dir=self.folder, suffix=PART)
        written = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as out:
                while piece := content.read(PIECE):
                    digest.update(piece)
                    size += out.write(piece)
                out.flush()
                os.fsync(out.fileno())
            self._name(written, digest.hexdigest())
        finally:
            written.unlink(missing_ok=True)
        return Kept(digest.hexdigest(), size)

    def path(self, digest: str) -> Path:
        return self.folder / digest[:2] / digest

    def holds(self, digest: str) -> bool:
        return self.path(digest).is_file()

    def forget(self, path: Path, *, before: datetime) -> bool:
        """Nothing named what stood there then. Looked at again at the last moment: somebody may just have given it anew."""
        if path.stat().st_mtime >= before.timestamp():
            return False
        path.unlink()
        return True

    def begin_sweep(self, *, since: datetime) -> bool:
        """Whether nobody began one since then; from now on, somebody did. Two that begin at once do the same work twice, no harm."""
        mark = self.folder / SWEPT
        if not self.folder.is_dir() or (mark.is_file() and mark.stat().st_mtime >= since.timestamp()):
            return False
        mark.touch()
        return True

    def all(self) -> Iterator[Path]:
        """Every content that is held, in no order, and what a machine that stopped left half written."""
        return (path for pattern in ("[0-9a-f][0-9a-f]/*", f"*{PART}") for path in self.folder.glob(pattern) if path.is_file())

    def _name(self, written: Path, digest: str) -> None:
        target = self.path(digest)
        target.parent.mkdir(exist_ok=True)
        written.replace(target)  # the same bytes, if it was there: whoever reads them notices nothing
        for folder in (target.parent, self.folder):
            _flush_folder(folder)


def _flush_folder(folder: Path) -> None:
    """A name is on the disk only once its folder is."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
