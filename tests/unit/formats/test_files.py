"""What a file is, by what is in it: the kinds that are kept, and everything that is refused."""

from __future__ import annotations

import io
import zipfile

import pytest

from apps.formats import files
from apps.formats.files import DOCX, JPEG, ODT, PDF, PNG, TEXT, form_of
from apps.formats.problems import BrokenFile

PDF_FILE = b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"
PNG_FILE = b"\x89PNG\r\n\x1a\n" + b"\0" * 60 + b"\0\0\0\0IEND\xaeB`\x82"
JPEG_FILE = b"\xff\xd8\xff\xe0\0\x10JFIF\0" + b"\1" * 60 + b"\xff\xd9"


def packed(**parts: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as bundle:
        for name, text in parts.items():
            bundle.writestr(name, text)
    return out.getvalue()


DOCX_PARTS = {"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>"}
DOCX_FILE = packed(**DOCX_PARTS)
ODT_FILE = packed(mimetype=ODT.content_type, **{"content.xml": "<office/>"})


@pytest.mark.parametrize(
    ("data", "name", "form"),
    [
        (PDF_FILE, "Report.PDF", PDF),
        (PNG_FILE, "drawing.png", PNG),
        (JPEG_FILE, "photo.jpeg", JPEG),
        (DOCX_FILE, "letter.docx", DOCX),
        (ODT_FILE, "letter.odt", ODT),
        ("Zoë sings.\r\n".encode(), "note.txt", TEXT),
        (b"BMX is what he loves", "note.txt", TEXT),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_is_what_is_in_it(data: bytes, name: str, form: files.Form) -> None:
    assert form_of(data, name) == form


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (PDF_FILE, "report.docx"),
        (DOCX_FILE, "report.pdf"),
        (PNG_FILE, "photo.jpg"),
        (PDF_FILE, "report.pdf.exe"),
        (PDF_FILE, "report"),
        (PDF_FILE, ".pdf.txt"),
    ],
)
def test_a_file_that_is_not_what_it_is_called_is_refused(data: bytes, name: str) -> None:
    with pytest.raises(BrokenFile, match=r"Save it again as what it is\."):
        form_of(data, name)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (PDF_FILE + packed(a="b"), "report.pdf"),  # also an archive
        (PNG_FILE + b"<script>", "drawing.png"),  # something after its end
        (PNG_FILE + packed(a="b"), "drawing.png"),
        (b"\0" * 20 + PDF_FILE, "report.pdf"),  # something before its beginning
        (packed(**DOCX_PARTS, **{"word/vbaProject.bin": "x"}), "letter.docx"),
        (packed(mimetype=ODT.content_type, **{"Basic/Standard/a.xml": "x"}), "letter.odt"),
        (packed(**{"[Content_Types].xml": "", "xl/workbook.xml": ""}), "table.docx"),
        (DOCX_FILE[:-30], "letter.docx"),  # cut short
        (b"<html><script>alert(1)</script></html>", "note.txt"),
        (b"#!/bin/sh\n", "note.txt"),
        (b"{\\rtf1 }", "note.txt"),
        ("a\N{RIGHT-TO-LEFT OVERRIDE}b\x07".encode(), "note.txt"),
        (b"\xff\xfe\x00", "note.txt"),
        (b"", "note.txt"),
        (b"a" * (files.MOST_BYTES + 1), "note.txt"),
    ],
)
def test_a_file_that_is_two_things_runs_or_is_broken_is_refused(data: bytes, name: str) -> None:
    with pytest.raises(BrokenFile):
        form_of(data, name)
