"""One file of rubbish with the truth beside it, and the judgement on what became of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tests.chaos.damage import Naive, damage
from tests.chaos.hazards import add_extras, draw_hazard
from tests.chaos.rows import draw_rows
from tests.chaos.sheet import Column, draw_sheet, spoil_cells
from tests.chaos.truth import FEATURES, Row, Truth, difference, refusals_of
from tests.chaos.writing import Dialect, Line, draw_dialect, to_bytes, truth_of, write_lines

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from pulsars.reading.reader import Reading
    from tests.chaos.sheet import Sheet


@dataclass(frozen=True)
class Case:
    """A file, and how to judge what is read of it.

    Attributes
    ----------
    kind : str
        What it is counted under.
    raw : bytes
    judge : callable
        Says what a reading has otherwise than the truth; None when nothing.
    dialect_only : bool
        Whether the dialect is its only peculiarity, so that it is to be read and not refused.
    said : str
        What is peculiar, for whoever looks at what failed.
    suffix : str
        End of the file's name.
    lenient : bool
        Whether so many rows set aside that the file is refused for it count as a refusal.
    truth : Truth or None
        What it says, where every row can be told.
    """

    kind: str
    raw: bytes
    judge: Callable[[Reading], str | None]
    dialect_only: bool = False
    said: str = ""
    suffix: str = "csv"
    lenient: bool = False
    truth: Truth | None = None


@dataclass(frozen=True)
class Written:
    """A table written down, before anybody damages it."""

    sheet: Sheet
    how: Dialect
    lines: list[Line]
    raw: bytes

    @property
    def truth(self) -> Truth:
        """Say what it means."""
        return truth_of(self.lines, self.sheet)

    @property
    def said(self) -> str:
        """Describe it."""
        return f"{self.sheet.names} names, {self.how}, {'; '.join(self.sheet.said)}"


def refuse(_: Reading) -> str:
    """Judge a file that has to be refused."""
    return "has to be refused"


def told(kind: str, raw: bytes, truth: Truth, **more: Any) -> Case:
    """Make the case of a file that can be told row by row."""
    return Case(kind, raw, lambda reading: difference(reading, truth), truth=truth, **more)


def write(sheet: Sheet, rng: Random, how: Dialect | None = None) -> Written:
    """Write a table down in a dialect, drawn if none is given."""
    how = how or draw_dialect(rng, sheet)
    lines = write_lines(sheet, how, rng)
    if how.encoding == "latin-1" and not all(line.text.isascii() for line in lines if line.row):
        how.encoding = "utf-8"
    raw = to_bytes(lines, how, rng)
    if how.encoding.startswith("utf-16") and rng.random() < 0.15:
        raw, sheet.open = raw[2:], True
        sheet.said.append("without a mark")
    return Written(sheet, how, lines, raw)


def dialects(rng: Random) -> Case:
    """Draw a file that is peculiar by its dialect alone."""
    done = write(draw_sheet(rng), rng)
    alone = not done.sheet.open
    return told("rubbish: dialects", done.raw, done.truth, dialect_only=alone, said=done.said)


def cells(rng: Random) -> Case:
    """Draw a file with a few odd cells."""
    sheet = draw_sheet(rng)
    how = draw_dialect(rng, sheet)
    spoil_cells(sheet, rng, blank=how.delimiter == " ")
    done = write(sheet, rng, how)
    return told("rubbish: cells", done.raw, done.truth, said=done.said)


def columns(rng: Random) -> Case:
    """Draw a file with columns that are easily misread."""
    done = write(draw_hazard(rng), rng)
    if done.sheet.refused:
        return Case("rubbish: columns", done.raw, refuse, said=done.said)
    return told("rubbish: columns", done.raw, done.truth, said=done.said, lenient=True)


def joined(rng: Random) -> Case:
    """Draw two files joined, the second of which has its columns in another order."""
    sheet = draw_sheet(rng, names=rng.choice(["known", "known", "foreign"]))
    how = replace(draw_dialect(rng, sheet), header="other")
    done = write(sheet, rng, how)
    return Case("rubbish: rows", done.raw, refuse, said=done.said)


def ragged(rng: Random) -> Case:
    """Draw a file in which some rows have too few cells, or too many."""
    sheet = draw_sheet(rng, names="known")
    how = draw_dialect(rng, sheet)
    how.quotes, how.pad = "none", ""
    how.delimiter = "," if how.delimiter == " " else how.delimiter  # labels hold blanks
    lines = write_lines(sheet, how, rng)
    rows = [line for line in lines if line.row is not None]
    for line in rng.sample(rows, rng.randint(1, max(len(rows) // 10, 1))):
        line.ragged = True
        cut = line.text.rsplit(how.delimiter, rng.randint(1, 3))[0]
        line.text = rng.choice(
            [cut, line.text + how.delimiter + "7", "7" + how.delimiter + cut + "x" * 9]
        )
        if line.text.count(how.delimiter) == len(sheet.columns) - 1:
            line.text = cut
    raw = to_bytes(lines, how, rng)
    return told("rubbish: rows", raw, truth_of(lines, sheet), said=f"ragged, {how}")


def damaged(rng: Random) -> Case:
    """Draw a file that broke: what is read of it has to be what it now says."""
    sheet = draw_sheet(rng)
    if sheet.names == "known" and rng.random() < 0.3:
        add_extras(sheet, rng)
    done = write(sheet, rng)
    raw, way = damage(done.raw, rng)
    return Case("rubbish: damage", raw, Naive(done, raw).judge, said=f"{way}: {done.said}")


def giant(rng: Random) -> Case:
    """Draw a file with a line of a megabyte, or with thousands of columns."""
    sheet = draw_sheet(rng, names="known", rows=draw_rows(rng, most=30))
    n, at = sheet.n_rows, rng.randrange(sheet.n_rows)
    if rng.random() < 0.5:
        texts = ["x"] * n
        texts[at] = rng.choice(["y", "1", "1,", '"', "y z "]) * rng.choice([10**5, 10**6])
        sheet.columns.append(Column("", "note", texts))
    else:
        extra = [
            Column("", f"extra{i}", ["1.5"] * n) for i in range(rng.choice([500, 3000, 10_000]))
        ]
        sheet.columns += extra
    done = write(sheet, rng)
    number = next(i for i, line in enumerate(done.lines, 1) if line.row == at)
    rows = {row.line: row for row in done.truth.rows}
    if number in rows:  # it is no row where it was commented out
        rows[number] = replace(rows[number], open=True, text=None)
    truth = replace(done.truth, rows=tuple(rows.values()))
    return told("rubbish: giants", done.raw, truth, said=done.said, lenient=True)


def broken_lines(rng: Random) -> Case:
    """Draw a file in which quoted cells hold ends of lines: such rows may be set aside."""
    sheet = draw_sheet(rng, names="known")
    note = Column("", "note", ["plain"] * sheet.n_rows)
    sheet.columns.insert(rng.randint(0, len(sheet.columns)), note)
    how = replace(draw_dialect(rng, sheet), newline="\n", comments=0, blanks=0, quotes="text")
    how.header, how.commented_rows = "once", 0
    for row in rng.sample(range(sheet.n_rows), max(sheet.n_rows // 30, 1)):
        note.texts[row] = rng.choice(["two\nlines", "one\n", "\n# no comment", "1\n\n2"])
    done = write(sheet, rng, how)
    meant: dict[int, Row] = {}
    rows, number = {row.line: row for row in done.truth.rows}, 1
    for at, line in enumerate(done.lines, 1):
        after = number + 1 + line.text.count("\n")
        if at in rows:
            meant |= dict.fromkeys(range(number, after), replace(rows[at], text=line.text))
        number = after
    return Case("rubbish: rows", done.raw, lambda reading: _only(reading, meant), said=str(how))


def _only(reading: Reading, meant: dict[int, Row]) -> str | None:
    """Hold the rows that were taken for sound against those that were meant, by their lines."""
    at_fault = {row for row, _ in refusals_of(reading)}
    table = reading.frame[list(FEATURES)].to_numpy().tolist()
    for at, (number, values) in enumerate(zip(reading.lines.tolist(), table, strict=True)):
        if at in at_fault:
            continue
        if number not in meant or values != [cell.value for cell in meant[number].cells]:
            return f"line {number} is read as {values}"
    sound = len(reading.lines) - len(at_fault)
    whole = sum("\n" not in str(row.text) for row in meant.values())
    return None if sound >= whole else f"{sound} rows of {whole} that stand on one line"
