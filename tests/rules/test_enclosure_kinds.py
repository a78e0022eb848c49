"""What may be joined is judged by what it holds: a name says nothing, and nothing that runs comes in."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.enclosures.kinds import MEDIA_TYPES, MOST_BYTES, check_size, recognise, safe_stem
from portal.errors import Refused

ODF, OOXML = "application/vnd.oasis.opendocument", "application/vnd.openxmlformats-officedocument"


def archive(**parts: str) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as made:
        for name, text in parts.items():
            made.writestr(name, text)
    return body.getvalue()


def odf(kind: str, **more: str) -> bytes:
    return archive(mimetype=f"{ODF}.{kind}", **{"content.xml": "<a/>"}, **more)


def office(kind: str, **more: str) -> bytes:
    types = f'<Types><Override ContentType="{OOXML}.{kind}.main+xml"/></Types>'
    return archive(**{"[Content_Types].xml": types}, **more)


PNG = b"\x89PNG\r\n\x1a\n" + bytes(16)
JPG = b"\xff\xd8\xff\xe0" + bytes(16)
WEBP = b"RIFF\x10\x00\x00\x00WEBPVP8 " + bytes(16)
PDF = b"%PDF-1.7\n%%EOF"
GOOD = [
    ("devis.pdf", PDF, "pdf"), ("plan.PNG", PNG, "png"), ("photo.jpeg", JPG, "jpg"), ("photo.jpg", JPG, "jpg"), ("x.webp", WEBP, "webp"),
    ("fiche.odt", odf("text"), "odt"), ("notes.ods", odf("spreadsheet"), "ods"), ("vue.odp", odf("presentation"), "odp"),
    ("fiche.docx", office("wordprocessingml.document"), "docx"), ("notes.xlsx", office("spreadsheetml.sheet"), "xlsx"),
    ("vue.pptx", office("presentationml.presentation"), "pptx"),
    ("note.txt", "Élèves : 24".encode(), "txt"), ("liste.csv", "a;b\n1;é".encode("cp1252"), "csv"), ("note.text", b"\xef\xbb\xbfoui", "txt"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "body", "kind"), GOOD)
def test_a_true_document_is_recognised_whatever_the_case_of_its_name(name: str, body: bytes, kind: str) -> None:
    content = io.BytesIO(body)
    found = recognise(name, content)
    assert found.name == f"{name.rpartition('.')[0]}.{kind}"
    assert found.media_type == MEDIA_TYPES[kind]
    assert content.tell() == 0, "what follows stores it from its beginning"


def test_every_accepted_kind_has_its_sample() -> None:
    assert {kind for _, _, kind in GOOD} == set(MEDIA_TYPES)


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("vide.pdf", b"", "est vide"),
        ("setup.exe", b"MZ\x90\x00", "Un programme ne se joint pas"),
        ("devis.pdf", b"MZ\x90\x00", "Un programme ne se joint pas"),
        ("outil", b"\x7fELF\x02", "Un programme ne se joint pas"),
        ("note.txt", b"#!/bin/sh\nrm -rf /", "Un programme ne se joint pas"),
        ("page.html", b"<script>alert(1)</script>", "pas d’un type accepté"),
        ("dessin.svg", b"<svg onload='x'/>", "pas d’un type accepté"),
        ("vieux.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "pas d’un type accepté"),
        ("lot.zip", archive(a="b"), "pas d’un type accepté"),
        ("sans-nom", b"bonjour", "pas d’un type accepté"),
        ("note.txt", b"a\x00b", "pas d’un type accepté"),
        ("devis.pdf", PNG, "se dit « .pdf » et contient du « .png »"),
        ("photo.png", odf("text"), "se dit « .png » et contient du « .odt »"),
        ("sans-nom", PDF, "se dit « .– » et contient du « .pdf »"),
        ("macro.docx", office("wordprocessingml.document", **{"word/vbaProject.bin": "x"}), "contient des macros"),
        ("macro.ods", odf("spreadsheet", **{"Basic/Standard/Module1.xml": "x"}), "contient des macros"),
        ("coupe.docx", office("wordprocessingml.document")[:-30], "abîmé ou chiffré"),
    ],
)  # fmt: skip
def test_what_may_not_be_joined_is_refused_with_what_to_do(name: str, body: bytes, said: str) -> None:
    with pytest.raises(Refused) as refused:
        recognise(name, io.BytesIO(body))
    assert said in str(refused.value).replace("\u00a0", " ")


def test_a_document_that_would_unfold_into_gigabytes_is_not_unfolded() -> None:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("mimetype", f"{ODF}.text" + " " * 300_000_000)
    with pytest.raises(Refused, match="type accepté"):
        recognise("bombe.odt", io.BytesIO(body.getvalue()))


def test_a_file_of_just_the_limit_passes_and_one_more_byte_does_not() -> None:
    check_size(MOST_BYTES)
    with pytest.raises(Refused, match="dépasse 5"):
        check_size(MOST_BYTES + 1)


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("../../etc/passwd.txt", "passwd"), ("C:\\Users\\moi\\devis.pdf", "devis"), ("Devis n°3 (été).pdf", "Devis n_3 (été)"),
        (".htaccess.txt", "htaccess"), ("con.txt", "fichier con"), ("COM1.txt", "fichier COM1"), ("....pdf", "fichier"), ("\u202egpj.txt", "gpj"),
        ("a" * 300 + ".pdf", "a" * 80), ("x\r\nSet-Cookie: a.pdf", "x Set-Cookie_ a"), ("<b>.pdf", "b"),
    ],
)  # fmt: skip
def test_a_name_is_made_safe_for_every_system(name: str, stem: str) -> None:
    assert safe_stem(name) == stem


@given(st.text(max_size=60), st.binary(max_size=200))
def test_whatever_is_sent_is_recognised_or_refused_and_its_name_is_safe(name: str, body: bytes) -> None:
    try:
        found = recognise(name, io.BytesIO(body))
    except Refused:
        return
    assert found.media_type in MEDIA_TYPES.values()
    assert not set(found.name) & set('/\\:*?"<>|\r\n\0')
    assert not found.name.startswith(".")
