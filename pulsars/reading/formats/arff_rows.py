"""Rows of an ARFF file: quotes of both kinds, escapes, comments, sparse rows and weights."""

from __future__ import annotations

import re
from collections.abc import Sequence

# `*+` gives nothing back: a quote without its end costs one look at the line and not many.
_QUOTED = {
    "'": re.compile(r"'((?:[^'\\]|\\.)*+)'"),
    '"': re.compile(r'"((?:[^"\\]|\\.)*+)"'),
}
_QUOTES = re.compile("|".join(one.pattern for one in _QUOTED.values()))
_BLANKS = re.compile(r"\s*+")
_INDEX = re.compile(r"([0-9]{1,9})\s++")
_WEIGHT = re.compile(r"\{\s*+[0-9]++(\.[0-9]*+)?([eE][+-]?[0-9]++)?\s*+\}$")
_STOPS = {mark: re.compile(f"[{mark}%]") for mark in (",", "\t", " ")}
_STOPS["}"] = re.compile("[,}]")
_SPECIAL = re.compile(r"""['"{}%\\]""")


def split_row(line: str, *, delimiter: str, absent: Sequence[str]) -> list[str]:
    """Cells of a row.

    Parameters
    ----------
    line : str
        As it stands in the file.
    delimiter : str
        A blank stands for any run of blanks.
    absent : sequence of str
        What a cell holds that a sparse row leaves out, for each column.
    """
    if not _SPECIAL.search(line):
        cells = line.split() if delimiter == " " else line.split(delimiter)
        return [cell.strip() for cell in cells]
    line = line.strip()
    if line.startswith("{"):
        return _sparse(line, absent)
    cells, at, stop = [], 0, delimiter
    while stop == delimiter:
        cell, stop, at = _cell(line, at, _STOPS[delimiter])
        cells.append(cell)
    return cells[:-1] if len(cells) == len(absent) + 1 and _WEIGHT.match(cells[-1]) else cells


def comment_of(line: str) -> str:
    """Give what stands behind the first ``%`` outside quotes, where some tools name the candidate.

    Examples
    --------
    >>> comment_of("1.5,'50 %',0%/beam_03/cand_17.phcx")
    '/beam_03/cand_17.phcx'
    """
    at = line.find("%")
    while at >= 0:
        before = _QUOTES.sub("", line[:at])
        if "'" not in before and '"' not in before:
            return line[at + 1 :].strip()
        at = line.find("%", at + 1)
    return ""


def has_weight(line: str) -> bool:
    """Tell a row that ends with the weight of an instance, such as ``{2}``."""
    line = line.rstrip()
    at = line.rfind("{") if line.endswith("}") else 0
    return at > 0 and _WEIGHT.match(line, at) is not None


def unescape(text: str) -> str:
    r"""Take the backslashes off; a line end or tab in a cell becomes a blank."""
    return re.sub(r"\\(.)", lambda found: " " if found[1] in "ntr" else found[1], text)


def _cell(line: str, at: int, stops: re.Pattern[str]) -> tuple[str, str, int]:
    """Cell at a place of a line, what ends it, and where the next begins."""
    at = _end(_BLANKS, line, at)
    quoted = _QUOTED[line[at]].match(line, at) if line[at : at + 1] in _QUOTED else None
    rest = quoted.end() if quoted else at
    found = stops.search(line, rest)
    place = found.start() if found else len(line)
    plain = line[rest:place].strip()
    cell = unescape(quoted[1]) + plain if quoted else plain
    return cell, found[0] if found else "", found.end() if found else len(line)


def _sparse(line: str, absent: Sequence[str]) -> list[str]:
    """Cells of a row that names its cells by their places and leaves out what is zero."""
    cells, at, stop, seen = list(absent), _end(_BLANKS, line, 1), ",", set[int]()
    if line.startswith("}", at):
        return cells
    while stop == ",":
        index = _INDEX.match(line, at)
        if index is None or (place := int(index[1])) >= len(absent) or place in seen:
            return [line]
        seen.add(place)
        cells[place], stop, at = _cell(line, index.end(), _STOPS["}"])
        at = _end(_BLANKS, line, at)
    return cells if stop == "}" else [line]


def _end(pattern: re.Pattern[str], line: str, at: int) -> int:
    found = pattern.match(line, at)
    return found.end() if found else at
