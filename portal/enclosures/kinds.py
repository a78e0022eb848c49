"""What may be joined: the kinds of file accepted, recognised by what they hold and not by what they are called. Pure."""

import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import BinaryIO

from portal.errors import Refused
from portal.text import Sentence, clean

MOST_BYTES = 5 * 1024 * 1024
LONGEST_NAME = 80  # characters before the ending
MOST_PARTS = 5000  # of an office document
OOXML = "application/vnd.openxmlformats-officedocument"
ODF = "application/vnd.oasis.opendocument"
# By ending, the media type under which it is downloaded.
MEDIA_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "pdf": "application/pdf",
        "odt": f"{ODF}.text",
        "ods": f"{ODF}.spreadsheet",
        "odp": f"{ODF}.presentation",
        "docx": f"{OOXML}.wordprocessingml.document",
        "xlsx": f"{OOXML}.spreadsheetml.sheet",
        "pptx": f"{OOXML}.presentationml.presentation",
        "png": "image/png",
        "jpg": "image/jpeg",
        "webp": "image/webp",
        "txt": "text/plain",
        "csv": "text/csv",
    }
)
SAME = MappingProxyType({"jpeg": "jpg", "text": "txt"})
TEXTS = ("txt", "csv")
# The signatures are those of the formats' own standards: ISO 32000, the PNG and JPEG (JFIF, Exif) specifications, WebP's container.
SIGNATURES = (("pdf", re.compile(rb"%PDF-\d")), ("png", re.compile(rb"\x89PNG\r\n\x1a\n")), ("jpg", re.compile(rb"\xff\xd8\xff")), ("webp", re.compile(rb"RIFF....WEBP", re.DOTALL)))  # fmt: skip
ZIP = b"PK\x03\x04"
MACROS = re.compile(r"(^|/)(vbaproject\.bin|vbadata\.xml|basic/|scripts/)", re.IGNORECASE)
CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
RESERVED = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))})

EMPTY = Sentence("Ce fichier est vide. Choisissez-en un autre.")
ACCEPTED = Sentence(
    "Ce fichier n’est pas d’un type accepté. Joignez un PDF, un document bureautique (odt, ods, odp, docx, xlsx, pptx), "
    "une image (png, jpg, webp) ou un texte (txt, csv)."
)
PROGRAM = Sentence("Un programme ne se joint pas. Donnez plutôt l’adresse où l’éditeur le propose.")
WITH_MACROS = Sentence("Ce document contient des macros : il ne peut pas être joint. Enregistrez-le sans macro, ou en PDF.")
DAMAGED = Sentence(
    "Ce document est abîmé ou chiffré : il ne peut pas être lu. Ouvrez-le, enregistrez-le à nouveau, puis joignez-le."
)
PROGRAMS = (b"MZ", b"\x7fELF", b"\xcf\xfa\xed\xfe", b"#!")  # of Windows, Linux and macOS; scripts


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a file is, and the name under which it is given back."""

    name: str
    media_type: str


def recognise(name: str, content: BinaryIO) -> Recognised:
    """The true kind of a file that was given under that name; `Refused`, and what to do, when it may not be joined."""
    head = content.read(512)
    content.seek(0)
    if not head:
        raise Refused([EMPTY])
    ending = SAME.get(said := _ending(name), said)
    found = _by_signature(head) or (_of_archive(content) if head.startswith(ZIP) else "") or _as_text(ending, head, content)
    if found and found == ending:
        return Recognised(f"{safe_stem(name)}.{found}", MEDIA_TYPES[found])
    if found:
        raise Refused(
            [
                Sentence(
                    "Ce fichier se dit « .%(said)s » et contient du « .%(found)s ». Redonnez-lui le bon nom, puis joignez-le.",
                    said=ending or "–",
                    found=found,
                )
            ]
        )
    raise Refused([PROGRAM if head.startswith(PROGRAMS) else ACCEPTED])


def check_size(size: int) -> None:
    if size > MOST_BYTES:
        raise Refused([Sentence("Ce fichier dépasse %(n)s Mo. Allégez-le, ou joignez-en un extrait.", n=MOST_BYTES // 1024**2)])


def safe_stem(name: str) -> str:
    """A name that every system can write and no page or shell takes for something else; never empty."""
    stem = PurePosixPath(clean(name).replace("\\", "/")).name.rpartition(".")[0] or clean(name)
    kept = re.sub(r"[^\w \-.,()’+]", "_", stem).strip(" ._-")[:LONGEST_NAME].strip(" ._-")
    return f"fichier {kept}".strip() if not kept or kept.lower() in RESERVED else kept


def _ending(name: str) -> str:
    return clean(name).rpartition(".")[2].lower()[:8] if "." in name else ""


def _by_signature(head: bytes) -> str:
    return next((ending for ending, signature in SIGNATURES if signature.match(head)), "")


def _of_archive(content: BinaryIO) -> str:
    """An office document says what it is in a part of its own; another archive is none."""
    try:
        with zipfile.ZipFile(content) as archive:
            parts = archive.namelist()
            if len(parts) > MOST_PARTS:
                return ""
            found = _open_document(archive) if "mimetype" in parts else _office(archive) if "[Content_Types].xml" in parts else ""
            if found and any(MACROS.search(part) for part in parts):
                raise Refused([WITH_MACROS])
            return found
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, ValueError, zlib.error) as damaged:
        raise Refused([DAMAGED]) from damaged
    finally:
        content.seek(0)


def _open_document(archive: zipfile.ZipFile) -> str:
    said = _start_of(archive, "mimetype").decode("ascii", "replace")
    return next((ending for ending in ("odt", "ods", "odp") if MEDIA_TYPES[ending] == said), "")


def _office(archive: zipfile.ZipFile) -> str:
    said = _start_of(archive, "[Content_Types].xml").decode("utf-8", "replace")
    return next((ending for ending in ("docx", "xlsx", "pptx") if f"{MEDIA_TYPES[ending]}.main+xml" in said), "")


def _start_of(archive: zipfile.ZipFile, part: str) -> bytes:
    """Never the whole: a part of a few bytes may unfold into gigabytes."""
    with archive.open(part) as opened:
        return opened.read(256 * 1024)


def _as_text(ending: str, head: bytes, content: BinaryIO) -> str:
    """A text has no signature: it is one when it says so and can be read."""
    if ending not in TEXTS or head.startswith(PROGRAMS):
        return ""
    body = content.read()
    content.seek(0)
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return "" if CONTROLS.search(body.decode(encoding)) else ending
        except UnicodeDecodeError:
            continue
    return ""
