"""Files that somebody sends to break, stall or trick whoever reads them. Made here, never kept."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from openpyxl import Workbook

MB = 1024 * 1024
CTF = '<?xml version="1.0" encoding="UTF-8"?>'
HEADER = b"UPN,Legal surname,Legal forename,Date of birth,Year group\n"


def _doctype(inside: str, use: str) -> bytes:
    return f"{CTF}<!DOCTYPE CTfile [{inside}]><CTfile><Header>{use}</Header></CTfile>".encode()


def billion_laughs() -> bytes:
    """Entities that grow tenfold nine times."""
    lols = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return _doctype(f'<!ENTITY l0 "lol">{lols}', "&l9;")


def quadratic_blow_up() -> bytes:
    """One long entity, used often."""
    return _doctype(f'<!ENTITY a "{"a" * 50_000}">', "&a;" * 50_000)


def external_entity() -> bytes:
    """A file of the server."""
    return _doctype('<!ENTITY x SYSTEM "file:///etc/passwd">', "&x;")


def entity_over_the_network() -> bytes:
    """Somebody else's server."""
    return _doctype('<!ENTITY x SYSTEM "http://127.0.0.1:9/x">', "&x;")


def parameter_entity() -> bytes:
    """A document type that fetches its own rules."""
    return _doctype('<!ENTITY % x SYSTEM "file:///etc/hostname"> %x;', "")


def remote_document_type() -> bytes:
    """A document type kept elsewhere."""
    return f'{CTF}<!DOCTYPE CTfile SYSTEM "http://127.0.0.1:9/x.dtd"><CTfile/>'.encode()


def included_file() -> bytes:
    """XInclude of a file of the server."""
    return (
        f'{CTF}<CTfile xmlns:xi="http://www.w3.org/2001/XInclude">'
        '<xi:include href="file:///etc/passwd" parse="text"/></CTfile>'
    ).encode()


def deep_nesting() -> bytes:
    """A million elements, each in the one before."""
    return CTF.encode() + b"<CTfile>" + b"<a>" * 1_000_000


def endless_attribute() -> bytes:
    """One attribute of fifteen megabytes."""
    return f'{CTF}<CTfile a="'.encode() + b"a" * 15 * MB + b'"/>'


def many_attributes() -> bytes:
    """One element with two hundred thousand attributes."""
    return f"{CTF}<CTfile ".encode() + b" ".join(b'a%d="1"' % n for n in range(200_000)) + b"/>"


def xml_cut_short() -> bytes:
    """A file that ends in the middle of a learner."""
    return f"{CTF}<CTfile><Header/><CTFpupilData><Pupil><UPN>A8012".encode()


def hidden_in_utf16() -> bytes:
    """An entity in an encoding that a search for it would miss."""
    text = _doctype('<!ENTITY x SYSTEM "file:///etc/passwd">', "&x;").decode()
    return text.replace("UTF-8", "UTF-16").encode("utf-16")


def hidden_in_utf7() -> bytes:
    """A document type written in UTF-7."""
    return b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE x+AFs-<CTfile/>'


def stylesheet() -> bytes:
    """An XML file that is a program."""
    return (
        f'{CTF}<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">'
        "<xsl:template match='/'><xsl:value-of select=\"document('/etc/passwd')\"/>"
        "</xsl:template></xsl:stylesheet>"
    ).encode()


def picture_with_a_script() -> bytes:
    """An SVG."""
    return f'{CTF}<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'.encode()


def zip_bomb() -> bytes:
    """Two hundred megabytes of nothing in a ZIP."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as bundle,
        bundle.open("list.csv", "w") as inside,
    ):
        for _ in range(200):
            inside.write(b"\0" * MB)
    return out.getvalue()


def spreadsheet() -> bytes:
    """An Excel workbook that is called a CSV."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as bundle:
        bundle.writestr("xl/workbook.xml", "<workbook/>")
    return out.getvalue()


def _workbook(sheet: bytes) -> bytes:
    """A whole Excel workbook with this as its one sheet."""
    out = io.BytesIO()
    Workbook().save(out)
    changed = io.BytesIO()
    with (
        zipfile.ZipFile(out) as whole,
        zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as bundle,
    ):
        for part in whole.infolist():
            is_sheet = part.filename == "xl/worksheets/sheet1.xml"
            bundle.writestr(part.filename, sheet if is_sheet else whole.read(part))
    return changed.getvalue()


def workbook_bomb() -> bytes:
    """A workbook of a few kilobytes whose sheet is hundreds of megabytes."""
    return _workbook(b"<worksheet><sheetData>" + b" " * (200 * MB))


def workbook_with_entities() -> bytes:
    """A workbook whose sheet laughs a billion times."""
    lols = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    head = f'<!DOCTYPE w [<!ENTITY l0 "lol">{lols}]>'
    cell = '<c r="A1" t="inlineStr"><is><t>&l9;</t></is></c>'
    sheet = f"{head}<worksheet><sheetData><row>{cell}</row></sheetData></worksheet>"
    return _workbook(sheet.encode())


def workbook_of_a_million_rows() -> bytes:
    """A workbook with one cell at its far end."""
    cell = '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row>'
    first = '<row r="1"><c r="A1" t="inlineStr"><is><t>Legal surname</t></is></c></row>'
    return _workbook(f"<worksheet><sheetData>{first}{cell}</sheetData></worksheet>".encode())


def compressed() -> bytes:
    """A bare deflate stream."""
    return zlib.compress(HEADER * 1000)


def picture_and_list() -> bytes:
    """A GIF that is also a CSV."""
    return b"GIF89a/*\n" + HEADER


def pdf_and_list() -> bytes:
    """A PDF that is also a CSV."""
    return b"%PDF-1.7\n" + HEADER


def program() -> bytes:
    """A Windows program."""
    return b"MZ\x90\x00" + bytes(range(256)) * 100


def page_with_a_script() -> bytes:
    """HTML that is called a CSV."""
    return b"<html><script>alert(1)</script></html>"


def formulas() -> bytes:
    """Names that a spreadsheet would run."""
    cells = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1)", "\t=1", '=HYPERLINK("http://x")']
    rows = "".join(f',"{c.replace(chr(34), chr(34) * 2)}",Sam,1/9/2017,4\n' for c in cells)
    return HEADER + rows.encode()


def mark_up_in_names() -> bytes:
    """Names that a browser would run."""
    return HEADER + b",<script>alert(1)</script>,Sam,1/9/2017,4\n"


def nothing_but_nul() -> bytes:
    """Ten megabytes of NUL."""
    return b"\0" * 10 * MB


def nul_in_a_name() -> bytes:
    """A name that a database would cut."""
    return HEADER + b",Al\x00len,Sam,1/9/2017,4\n"


def one_long_line() -> bytes:
    """Fifteen megabytes without an end of line."""
    return b"a" * 15 * MB


def quote_never_closed() -> bytes:
    """A field that goes on to the end of the file."""
    return HEADER + b',"' + b"a,\n" * 3 * MB


def a_million_columns() -> bytes:
    """A header of a million names."""
    return b",".join(b"c%d" % n for n in range(1_000_000)) + b"\n"


def too_many_rows() -> bytes:
    """More learners than the largest school has."""
    return HEADER + b",Allen,Sam,1/9/2017,4\n" * 500_000


def a_hundred_megabytes() -> bytes:
    """A list as large as a country."""
    return HEADER + b" " * 100 * MB


def wrong_encoding() -> bytes:
    """Bytes that are text in no encoding we read."""
    return b"\xff\xfe\x00\xd8\x00\xd8" * 1000


def direction_override() -> bytes:
    """A name that reads backwards on a page, to pass for another's."""
    return HEADER + ",nel\u202el\u2066A,Sam,1/9/2017,4\n".encode()


CORPUS: list[Callable[[], bytes]] = [
    billion_laughs,
    quadratic_blow_up,
    external_entity,
    entity_over_the_network,
    parameter_entity,
    remote_document_type,
    included_file,
    deep_nesting,
    endless_attribute,
    many_attributes,
    xml_cut_short,
    hidden_in_utf16,
    hidden_in_utf7,
    stylesheet,
    picture_with_a_script,
    zip_bomb,
    spreadsheet,
    workbook_bomb,
    workbook_with_entities,
    workbook_of_a_million_rows,
    compressed,
    picture_and_list,
    pdf_and_list,
    program,
    page_with_a_script,
    formulas,
    mark_up_in_names,
    nothing_but_nul,
    nul_in_a_name,
    one_long_line,
    quote_never_closed,
    a_million_columns,
    too_many_rows,
    a_hundred_megabytes,
    wrong_encoding,
    direction_override,
]


def write(folder: Path) -> dict[str, Path]:
    """The whole corpus as files of a folder."""
    paths = {make.__name__: folder / make.__name__ for make in CORPUS}
    for make in CORPUS:
        paths[make.__name__].write_bytes(make())
    return paths
