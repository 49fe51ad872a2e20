"""Reading papers: their words, and what of PDF/UA-1 a machine can check."""

from __future__ import annotations

import io
import itertools
import zipfile
from collections.abc import Iterator
from typing import Any

from pypdf import PdfReader
from pypdf.generic import ContentStream, DictionaryObject

# The operators that put something on a page.
SHAPES = {*["Tj", "TJ", "'", '"', "f", "F", "f*", "B", "B*", "b", "b*", "S", "s", "Do", "sh"]}


def text_of(answer: Any) -> str:
    """The words of an answer, be it a page or a paper."""
    if answer.headers.get("Content-Type") == "application/pdf":
        return words(answer.content)
    return str(answer.content.decode())


def texts_in(content: bytes) -> dict[str, str]:
    """The words of every file in a ZIP, papers included."""
    with zipfile.ZipFile(io.BytesIO(content)) as bundle:
        assert bundle.testzip() is None
        inside = {name: bundle.read(name) for name in bundle.namelist()}
    return {n: words(c) if n.endswith(".pdf") else c.decode() for n, c in inside.items()}


def words(pdf: bytes) -> str:
    """The words on every page."""
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def faults(pdf: bytes) -> list[str]:
    """What a machine finds wrong with a PDF by the rules of PDF/UA-1 (Matterhorn protocol)."""
    reader = PdfReader(io.BytesIO(pdf))
    root: Any = reader.trailer["/Root"]
    found = [*_document(root), *_headings(root), *_figures_and_tables(root)]
    tagged = {int(n) for n in _marked(root)}
    for number, page in enumerate(reader.pages, 1):
        found += [f"page {number}: {what}" for what in _fonts(page)]
        found += [f"page {number}: {what}" for what in _untagged(reader, page)]
        if "/Annots" in page and page.get("/Tabs") != "/S":
            found.append(f"page {number}: the order of tabbing is not that of the structure")
    if not tagged:
        found.append("nothing on the pages belongs to the structure")
    return found


def _document(root: Any) -> Iterator[str]:
    metadata = root["/Metadata"].get_object().get_data().decode() if "/Metadata" in root else ""
    checks = {
        "it is not marked as tagged": root.get("/MarkInfo", {}).get("/Marked"),
        "it has no structure": "/StructTreeRoot" in root,
        "it has no language": root.get("/Lang"),
        "its title is not shown": root.get("/ViewerPreferences", {}).get("/DisplayDocTitle"),
        "it does not say that it is PDF/UA": "<pdfuaid:part>1</pdfuaid:part>" in metadata,
        "it has no title": "<dc:title>" in metadata,
    }
    yield from (what for what, holds in checks.items() if not holds)


def _elements(node: Any) -> Iterator[Any]:
    """Every element of the structure, in the order of reading."""
    node = node.get_object()
    if isinstance(node, list):
        for part in node:
            yield from _elements(part)
    elif isinstance(node, DictionaryObject):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from _elements(node["/K"])


def _structure(root: Any) -> list[Any]:
    return list(_elements(root["/StructTreeRoot"])) if "/StructTreeRoot" in root else []


def _marked(root: Any) -> Iterator[int]:
    """The pieces of content that elements of the structure hold."""
    for element in _structure(root):
        kids = element.get("/K", [])
        kids = kids if isinstance(kids, list) else [kids]
        for kid in kids:
            part = kid.get_object()
            if isinstance(part, int):
                yield part
            elif isinstance(part, DictionaryObject) and "/MCID" in part:
                yield part["/MCID"]


def _headings(root: Any) -> Iterator[str]:
    roles = [str(element["/S"]) for element in _structure(root)]
    levels = [int(role[2:]) for role in roles if role[:2] == "/H" and role[2:].isdigit()]
    if not levels or levels[0] != 1:
        yield "its first heading is not of the first level"
    for above, below in itertools.pairwise(levels):
        if below > above + 1:
            yield f"a heading of level {below} follows one of level {above}"


def _figures_and_tables(root: Any) -> Iterator[str]:
    for element in _structure(root):
        inside = {str(part["/S"]) for part in _elements(element)}
        if element["/S"] == "/Figure" and not element.get("/Alt"):
            yield "a figure has no words instead of it"
        if element["/S"] == "/Table" and "/TH" not in inside:
            yield "a table has no headers"


def _fonts(page: Any) -> Iterator[str]:
    for name, reference in page["/Resources"].get("/Font", {}).items():
        font = reference.get_object()
        inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
        descriptor = inner.get("/FontDescriptor", {})
        if not {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor):
            yield f"the font {name} is not in it"
        if "/ToUnicode" not in font:
            yield f"the font {name} does not say which characters it shows"


def _untagged(reader: PdfReader, page: Any) -> Iterator[str]:
    """What is put on the page outside the structure and not marked as decoration."""
    open_marks: list[bool] = []
    contents = page.get_contents()
    for operands, operator in ContentStream(contents, reader).operations if contents else []:
        name = operator.decode()
        if name in {"BDC", "BMC"}:
            properties = operands[1] if len(operands) > 1 else {}
            has_key = isinstance(properties, dict) and "/MCID" in properties
            open_marks.append(operands[0] == "/Artifact" or has_key)
        elif name == "EMC":
            open_marks.pop()
        elif name in SHAPES and not any(open_marks):
            yield f"{name} is outside the structure"
