"""ARFF, the format of Weka: names and types first, rows after ``@data``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from schemas.cells import Dialect
from schemas.delimited import build_table
from schemas.dialect import refuse_foreign_bytes, says_simulated
from schemas.errors import TableError, UnreadableFileError
from schemas.outside import for_name

if TYPE_CHECKING:
    from schemas.cells import Table
    from schemas.sources import Text

_ATTRIBUTE = re.compile(
    r"""@attribute\s+(?:'(?P<single>(?:[^'\\]|\\.)*)'|"(?P<double>(?:[^"\\]|\\.)*)"|(?P<bare>\S+))\s+\S""",
    re.IGNORECASE,
)


def is_arff(text: Text) -> bool:
    """Tell ARFF by its first word that is no comment."""
    content = (line.strip().lower() for line in text.lines)
    first = next((line for line in content if line and not line.startswith("%")), "")
    return first.startswith(("@relation", "@attribute", "@data"))


def read_arff(text: Text, *, name: str) -> Table:
    """Take an ARFF file apart.

    Raises
    ------
    UnreadableFileError
        A declaration cannot be read, ``@data`` is missing, a row is sparse or not UTF-8.
    TableError
        No row stands after ``@data``.
    """
    names, start = _read_names(text, name=name)
    comments = [line for line in text.lines if line.lstrip().startswith("%")]
    rows = [
        (number, line if "%" not in line else _without_comment(line))
        for number, line in enumerate(text.lines[start:], start=start + 1)
        if line.strip() and not line.lstrip().startswith("%")
    ]
    if not rows:
        raise TableError(f"{name} has no row after @data; a candidate table needs rows.")
    _refuse_sparse(rows, name=name)
    if text.encoding == "latin-1":
        refuse_foreign_bytes(rows, name=name)
    first = rows[0][1]
    delimiter = next((mark for mark in (",", "\t") if mark in first), " ")
    dialect = Dialect(
        format="arff",
        newline=text.newline,
        encoding=text.encoding,
        bom=text.bom,
        delimiter=delimiter,
        header=True,
        skipped=sum(not line.strip() for line in text.lines[start:]),
        simulated=says_simulated(comments),
    )
    quote = "'" if any("'" in line for _, line in rows) else '"'
    width = len(names)
    return build_table(rows, names, width, dialect, name=name, quote=quote)


def _read_names(text: Text, *, name: str) -> tuple[list[str], int]:
    """Attribute names, and how many lines stand before the first row."""
    names: list[str] = []
    for number, line in enumerate(text.lines, start=1):
        word = line.strip().lower()
        if word.startswith("@data"):
            if not names:
                break
            return names, number
        if word.startswith("@attribute"):
            found = _ATTRIBUTE.match(line.strip())
            if found is None:
                raise UnreadableFileError(
                    f"{name}, line {number}: '{for_name(line.strip())}' is no attribute with name "
                    "and type."
                )
            names.append(next(group for group in found.groups() if group is not None).strip())
    raise UnreadableFileError(
        f"{name} is an ARFF file without @attribute lines followed by @data; export it again."
    )


def _without_comment(line: str) -> str:
    """Drop what follows a percent sign that is not in quotes."""
    cut = re.match(r"""(?:[^%'"]|'[^']*'|"[^"]*")*""", line)
    return (cut.group() if cut else line).rstrip()


def _refuse_sparse(rows: list[tuple[int, str]], *, name: str) -> None:
    """Raise on Weka's sparse rows, which leave out zeros."""
    for number, line in rows:
        if line.lstrip().startswith("{"):
            raise UnreadableFileError(
                f"{name}, line {number} is a sparse ARFF row ('{line[:40]}'); "
                "save the data with Weka's SparseToNonSparse filter."
            )
