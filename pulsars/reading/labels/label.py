"""The label: how it is spelled, and what a column says when it is read as one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pulsars.reading.cells import Status
from pulsars.reading.labels.label_encodings import ENCODINGS, KNOWN, Encoding, meant, number_in
from pulsars.reading.meaning.slips import n_filled, slips
from schemas import LabelError, for_name, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pulsars.reading.cells import Column

MAX_UNKNOWN = 0.05
"""Largest share of cells that are no label in a column that is a label by its values alone."""

MAX_DISTINCT = 1000
"""Columns with more different cells than this are not searched for labels."""

BY_NAME, BY_VALUES = "by its name", "by its values"
"""How a column was found to be the label, where the user did not say so."""

_NO_CODES = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Label:
    """The label of every row.

    Attributes
    ----------
    column : Column
    classes : ndarray of shape (n_rows,), dtype float64
        1 pulsar, 0 non-pulsar, NaN where the cell is empty or no label.
    encoding : Encoding
    how : str
        How the column was found.
    """

    column: Column
    classes: NDArray[np.float64]
    encoding: Encoding
    how: str

    @property
    def known(self) -> NDArray[np.bool_]:
        """Rows that have a label."""
        return np.isfinite(self.classes)

    @property
    def both(self) -> bool:
        """Whether pulsars and non-pulsars occur."""
        return bool((self.classes == 0).any() and (self.classes == 1).any())

    @property
    def nearly_all(self) -> bool:
        """Whether hardly a filled cell is no label."""
        n_cells = n_filled(self.column)
        return n_cells - int(self.known.sum()) <= max(MAX_UNKNOWN * n_cells, slips(n_cells))

    def without(self, rows: NDArray[np.int64]) -> Label:
        """Leave out the labels of some rows, as if their cells were empty."""
        if not len(rows):
            return self
        status, classes = self.column.status.copy(), self.classes.copy()
        status[rows], classes[rows] = Status.MISSING, np.nan
        return replace(self, column=replace(self.column, status=status), classes=classes)


def read_label(column: Column, how: str, *, asked: Encoding | None = None) -> Label | None:
    """Read a column in the encoding that explains most of its cells; None when none explains it.

    Where the user says what its values mean, and its name that it is the label, a few are enough.
    """
    coded = column.coded(limit=MAX_DISTINCT)
    if coded is None:
        return None
    labels = _read_in((asked,) if asked else ENCODINGS, column, how, *coded)
    best = max(labels, key=lambda label: int(label.known.sum()))
    meant_so = asked is not None and how != BY_VALUES
    enough = meant_so or 2 * best.known.sum() >= max(n_filled(column), 1)
    return best if enough and (best.both or best.nearly_all) else None


def read_as(column: Column, encoding: Encoding, how: str) -> Label:
    """Read a column in a known encoding."""
    coded = column.coded(limit=len(column.numbers) + 1) if encoding.in_words else None
    return _read_in([encoding], column, how, *(coded or ([], _NO_CODES)))[0]


def _read_in(
    encodings: Sequence[Encoding],
    column: Column,
    how: str,
    texts: Sequence[str],
    codes: NDArray[np.int64],
) -> list[Label]:
    """Read a column in each encoding: what its texts mean is told once for all of them."""
    cells = [meant(text) for text in texts]
    return [Label(column, _classes(column, one, cells, codes), one, how) for one in encodings]


def _classes(
    column: Column, encoding: Encoding, cells: Sequence[float | str], codes: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Classes of all cells, of which `codes` tell what they mean; NaN for what is no label."""
    classes = np.full(len(column.numbers), np.nan)
    for side, words in enumerate((encoding.not_pulsar, encoding.pulsar)):
        said = {meant(word) for word in words}
        numbers = [one for one in said if isinstance(one, float)]
        classes[np.isin(column.numbers, numbers)] = side  # 1, 1.0 and +1e0 are one label
        if other := said.difference(numbers):  # of texts words alone: 0_1 is a number to Python
            found = np.array([cell in other for cell in cells])
            classes[found[codes]] = side
    return classes


def why_not(label: Label, unknown: NDArray[np.int64]) -> tuple[tuple[str, NDArray[np.int64]], ...]:
    """Tell rows without a label by the reason; what somebody left unsaid is no other spelling."""
    column = label.column
    empty = column.status[unknown] == Status.MISSING
    filled = unknown[~empty]
    few = replace(
        column,
        source=column.take(filled),
        numbers=column.numbers[filled],
        status=column.status[filled],
    )
    known = ENCODINGS if label.encoding.known else ()
    other = np.zeros(len(filled), dtype=bool)
    for one in known:
        other |= read_as(few, one, label.how).known
    otherwise = (
        f"is spelled otherwise than {label.encoding.name}: name every spelling with "
        "--pulsar-is and --not-pulsar-is"
    )
    return (
        (Status.MISSING.why, unknown[empty]),
        (otherwise, filled[other]),
        ("is no known label", filled[~other]),
    )


def not_a_label(column: Column, *, file: str, asked: Encoding | None = None) -> LabelError:
    """Describe a column that should hold labels and does not."""
    sample = column.cells(np.arange(min(len(column.numbers), MAX_DISTINCT)))
    seen = ", ".join(
        repr(shortened(text)) for text in list(dict.fromkeys(filter(None, sample)))[:5]
    )
    known = f"what was asked, {asked.name}" if asked else f"the known encodings {KNOWN}"
    return LabelError(
        f"{file}: {column} should be the label, and its values ({seen}) fit none of {known}; say "
        "which are pulsars and which not with --pulsar-is and --not-pulsar-is, or that it is no "
        f"label with --drop {handle(column)}, or --keep {handle(column)} if it names candidates."
    )


def handle(column: Column, *beside: Column) -> str:
    """How a user calls the column on the command line, for a shell.

    By its place, if others are called so, or its name would end the quotes around it.
    """
    plain = column.name and for_name(column.name) == column.name and "'" not in column.name
    alone = all(one.name != column.name for one in beside if one is not column)
    return f"'{column.name}'" if plain and alone else str(column.position)


def two_values(column: Column) -> tuple[str, str] | None:
    """Give the two words or whole numbers that a column holds; None for any other column."""
    coded = column.coded(limit=MAX_DISTINCT)
    if coded is None:
        return None
    texts, codes = coded
    counts = np.bincount(codes[column.status != Status.MISSING], minlength=len(texts))
    often = np.argsort(-counts, kind="stable")[:2]
    n_others = counts.sum() - counts[often].sum()
    allowed = slips(int(counts.sum()))
    if len(often) < 2 or counts[often].min() <= allowed or n_others > allowed:  # noqa: PLR2004
        return None
    first, second = sorted(texts[i] for i in often)
    numbers = [value for value in (number_in(first), number_in(second)) if value is not None]
    fractions = any(value != round(value) for value in numbers)
    return None if fractions or len(numbers) != len(set(numbers)) else (first, second)
