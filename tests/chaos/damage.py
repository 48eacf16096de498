"""Files that broke on their way, judged by another reader, which takes them as they now are."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

from tests.chaos.cells import label_of, number_of
from tests.chaos.truth import FEATURES, LABEL, refusals_of, same_bits
from tests.chaos.writing import ENCODINGS

if TYPE_CHECKING:
    from random import Random

    from pulsars.reading.reader import Reading
    from tests.chaos.case import Written


def damage(raw: bytes, rng: Random) -> tuple[bytes, str]:
    """Break a file in one way, or in a few places."""
    way = rng.choice(
        ["cut", "cut", "flip", "flip", "flip", "nul", "insert", "lose", "twice", "swap"]
    )
    broken = bytearray(raw)
    size = len(raw)
    one, other = sorted(rng.randint(0, size) for _ in range(2))
    if way == "cut":
        broken = broken[: rng.randint(0, size)]
    elif way == "flip":
        for _ in range(rng.choice([1, 1, 1, 3, 20])):
            broken[rng.randrange(size)] ^= 1 << rng.randrange(8)
    elif way == "nul":
        broken[one:one] = b"\0" * rng.choice([1, 2, 4, 300])
    elif way == "insert":
        broken[one:one] = bytes(rng.randrange(256) for _ in range(rng.choice([1, 3, 40])))
    elif way == "lose":
        del broken[one : one + min(other - one, rng.choice([1, 2, 7, 500]))]
    elif way == "twice":
        broken[other:other] = broken[one:other]
    else:
        broken = broken[:one] + broken[other:] + broken[one:other]
    return bytes(broken), way


class Naive:
    """A reader that knows from the writer how the file was meant, and takes it line by line.

    Parameters
    ----------
    done : Written
        The file before it broke.
    raw : bytes
        The file as it is now.
    """

    def __init__(self, done: Written, raw: bytes) -> None:
        self._how, self._places = done.how, done.sheet.places
        self._width = len(done.sheet.columns)
        self.lines = re.split("\r\n|\r|\n", _decoded(raw, done.how.encoding))

    def cells(self, number: int) -> list[str] | None:
        """Give the cells of a line, from 1; None when it is no whole row."""
        line = self.lines[number - 1]
        delimiter = self._how.delimiter
        if delimiter == " ":
            line = " ".join(line.split())
        cells = next(csv.reader([line], delimiter=delimiter, skipinitialspace=delimiter != " "), [])
        return [cell.strip() for cell in cells] if len(cells) == self._width else None

    def number(self, cells: list[str], name: str) -> float | None:
        """Read one number of a row."""
        return number_of(cells[self._places[name] - 1], comma=self._how.comma)

    def label(self, cells: list[str]) -> float | None:
        """Read the label of a row."""
        text = cells[self._places[LABEL] - 1]
        return label_of(text.replace(",", ".") if self._how.comma else text)

    def judge(self, reading: Reading) -> str | None:
        """Hold every row that is taken for sound against the line that it stands on."""
        if _said_otherwise(reading, self._places):
            return None
        faults = refusals_of(reading)
        at_fault = {row for row, _ in faults}
        names = [*FEATURES, LABEL] if reading.labelled else list(FEATURES)
        if reading.labelled and LABEL not in self._places:
            return f"labelled by {reading.columns[LABEL]}"
        table = reading.frame[names].to_numpy().tolist()
        for at, (number, values) in enumerate(zip(reading.lines.tolist(), table, strict=True)):
            if at not in at_fault and (why := self._differs(number, values)):
                return why
        return self._lost(set(reading.lines.tolist()), reading)

    def _differs(self, number: int, values: list[float]) -> str | None:
        cells = self.cells(number)
        if cells is None:
            return f"line {number} is no whole row: {self.lines[number - 1][:60]!r}"
        meant = [self.number(cells, name) for name in FEATURES]
        if len(values) > len(FEATURES):
            meant.append(self.label(cells))
        for value, other in zip(values, meant, strict=True):
            if other is None or not same_bits(value, other):
                return f"line {number} is read as {value!r}, not {other!r}"
        return None

    def _lost(self, taken: set[int], reading: Reading) -> str | None:
        """Find a line that is neither a row, nor blank, nor a comment, nor names."""
        names = {str(source.source) for source in reading.columns.values() if source.source}
        for number, line in enumerate(self.lines, 1):
            if number in taken or not line.strip(' \t",;|') or line.lstrip().startswith("#"):
                continue
            if not any(name in line for name in names) and any(c.isdigit() for c in line):
                return f"line {number} is lost: {line[:60]!r}"
        return None


def _said_otherwise(reading: Reading, places: dict[str, int]) -> bool:
    """Whether other columns were taken, by values, and a warning says so."""
    other = [n for n, one in reading.columns.items() if places.get(n) != one.position]
    return bool(other and reading.warnings)


def _decoded(raw: bytes, encoding: str) -> str:
    """Decode as the writer meant it, or byte by byte."""
    mark = ENCODINGS[encoding]
    try:
        return raw.removeprefix(mark).decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
