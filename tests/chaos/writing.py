"""From a table to bytes: every way of writing delimited text that is to be read."""

from __future__ import annotations

import codecs
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.chaos.cells import number_of
from tests.chaos.truth import Row, Truth

if TYPE_CHECKING:
    from random import Random

    from tests.chaos.sheet import Column, Sheet

ENCODINGS = {
    "utf-8": b"",
    "utf-8-sig": b"",
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
    "latin-1": b"",
}
COMMENTS = ["# made by hand", "#", "# 3, 4, 5", '# a "quoted" word', "  # indented", "#;#", "# é"]
HEADERS = ["once", "once", "once", "once", "twice", "middle", "comment"]


@dataclass
class Dialect:
    """How a table is written down."""

    delimiter: str = ","
    comma: bool = False
    quotes: str = "none"
    pad: str = ""
    encoding: str = "utf-8"
    newline: str = "\n"
    ends: bool = True
    header: str = "once"
    comments: int = 0
    blanks: int = 0
    commented_rows: int = 0
    tail: list[str] = field(default_factory=list)


@dataclass
class Line:
    """One line, and the row that it is, if it is one."""

    text: str
    row: int | None = None
    ragged: bool = False


def draw_dialect(rng: Random, sheet: Sheet) -> Dialect:
    """Draw how to write a table down."""
    delimiter = rng.choice([",", ",", ";", ";", "\t", "|", " "])
    header = rng.choice(HEADERS) if sheet.names != "none" else "none"
    quotes = rng.choice(["none", "none", "all", "text", "header"])
    # Between the cells of a comment nothing tells which blank belongs to a quoted name.
    quotes = "none" if header == "comment" else quotes
    wild = rng.random() < 0.4
    return Dialect(
        delimiter=delimiter,
        comma=delimiter == ";" and rng.random() < 0.5,
        quotes=quotes,
        pad=rng.choice(["", "", "", " ", "  "]),
        encoding=rng.choice(["utf-8", "utf-8", *ENCODINGS]),
        newline=rng.choice(["\n", "\n", "\r\n", "\r", "mixed"]),
        ends=rng.random() < 0.7,
        header=header,
        comments=rng.randint(0, 3) * wild,
        blanks=rng.randint(0, 3) * wild,
        # Of several comments above the rows nothing tells which one holds the names.
        commented_rows=rng.randint(0, 2) * (rng.random() < 0.2 and header != "comment"),
        tail=["empty"] * rng.randint(0, 2) if rng.random() < 0.15 and delimiter != " " else [],
    )


def write_lines(sheet: Sheet, how: Dialect, rng: Random) -> list[Line]:
    """Write a table down line by line."""
    table = [[one.texts[row] for one in sheet.columns] for row in range(sheet.n_rows)]
    lines = [Line(_join(cells, how), row) for row, cells in enumerate(table)]
    for _ in range(how.commented_rows):
        line = rng.choice(lines)
        if not line.text.startswith("#"):
            line.text = rng.choice(["#", "# ", "  #"]) + line.text
    if sheet.names != "none":
        _put_header(lines, sheet, how, rng)
    first = how.header == "comment"  # a comment below the header would be taken for it
    for _ in range(how.comments):
        comment = rng.choice(COMMENTS[: 7 if how.encoding != "latin-1" else 6])
        lines.insert(rng.randint(0, 0 if first else len(lines)), Line(comment))
    if how.encoding == "latin-1":
        lines.insert(0, Line("# Überblick: für später"))
    for _ in range(how.blanks):
        lines.insert(rng.randint(0, len(lines)), Line(rng.choice(["", "", "   "])))
    empty = how.delimiter * (len(sheet.columns) - 1)
    lines.extend(Line(empty) for _ in how.tail)
    return lines


def header_of(sheet: Sheet, how: Dialect, columns: list[Column] | None = None) -> str:
    """Write the names."""
    names = [column.name for column in columns or sheet.columns]
    if how.delimiter == " ":
        names = ["_".join(name.split()) for name in names]
    quoted = Dialect(how.delimiter, quotes="all" if how.quotes == "header" else how.quotes)
    quoted.pad = how.pad
    return _join(names, quoted)


def to_bytes(lines: list[Line], how: Dialect, rng: Random) -> bytes:
    """Give lines their ends and their encoding."""
    ends = [how.newline] * len(lines)
    if how.newline == "mixed":
        ends = [rng.choice(["\n", "\r\n", "\r"]) for _ in lines]
        following = [*lines[1:], Line("x")]
        # A lone CR before an empty line's LF would be one end of line instead of two.
        ends = ["\r\n" if not nxt.text else end for end, nxt in zip(ends, following, strict=True)]
    if not how.ends and ends:
        ends[-1] = ""
    text = "".join(line.text + end for line, end in zip(lines, ends, strict=True))
    try:
        return ENCODINGS[how.encoding] + text.encode(how.encoding)
    except UnicodeEncodeError:
        how.encoding = "utf-8"
        return text.encode()


def truth_of(lines: list[Line], sheet: Sheet) -> Truth:
    """Say what lines of text mean: a line that begins with # is a comment, whatever follows."""
    features = [next(c for c in sheet.columns if c.role == name) for name in _FEATURES]
    label = next((column for column in sheet.columns if column.role == "label"), None)
    rows = [
        Row(
            line=number,
            cells=tuple(column.truth[line.row] for column in features),
            label=label.truth[line.row] if label else None,
            ragged=line.ragged,
            text=line.text,
        )
        for number, line in enumerate(lines, 1)
        if line.row is not None and not line.text.lstrip().startswith("#")
    ]
    by_place = sheet.names != "known"
    return Truth(tuple(rows), sheet.labelled, sheet.places, by_place, sheet.excused)


_FEATURES = [
    f"{c}_{m}" for c in ("profile", "dm") for m in ("mean", "stdev", "skewness", "kurtosis")
]


def _put_header(lines: list[Line], sheet: Sheet, how: Dialect, rng: Random) -> None:
    """Put the names on top, and again where they are to stand again."""
    text = header_of(sheet, how)
    if how.header == "middle":
        for _ in range(rng.randint(1, 2)):
            lines.insert(rng.randint(1, len(lines)), Line(text))
    elif how.header == "other":
        columns = list(sheet.columns)
        while [column.role for column in columns] == [column.role for column in sheet.columns]:
            rng.shuffle(columns)
        lines.insert(rng.randint(1, len(lines) - 1), Line(header_of(sheet, how, columns)))
    elif how.header == "comment":
        text = "# " + text
    lines[:0] = [Line(text)] * (2 if how.header == "twice" else 1)


def _join(cells: list[str], how: Dialect) -> str:
    """Write one row."""
    if how.comma:
        cells = [cell.replace(".", ",") if number_of(cell) is not None else cell for cell in cells]
    if how.delimiter == " ":
        cells = [cell or "?" for cell in cells]
    written = [_quote(cell, how) for cell in cells]
    if how.delimiter == " ":
        return (how.pad + " ").join(written)
    return (how.delimiter + how.pad).join(written)


def _quote(cell: str, how: Dialect) -> str:
    """Put quotes where they are needed, or wanted."""
    blank = how.delimiter == " "
    needed = how.delimiter in cell or '"' in cell or (blank and cell.split() != [cell])
    is_text = number_of(cell, comma=how.comma) is None and cell != ""
    if needed or how.quotes == "all" or (how.quotes == "text" and is_text):
        return '"' + cell.replace('"', '""') + '"'
    return cell
