"""The label: which column holds it, how it is spelled, and which column only repeats it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from schemas.cells import Status
from schemas.errors import ColumnsError, LabelError, LeakageError
from schemas.names import is_label_name
from schemas.outside import for_name, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from schemas.cells import Column

NUMERIC = "0/1"
ENCODINGS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    NUMERIC: (frozenset(), frozenset()),
    "no/yes": (frozenset({"no"}), frozenset({"yes"})),
    "false/true": (frozenset({"false"}), frozenset({"true"})),
    "not pulsar/pulsar": (frozenset({"notpulsar", "nonpulsar"}), frozenset({"pulsar"})),
}
"""Spellings of non-pulsar and pulsar; case, blanks, dashes and underscores do not count."""

MAX_UNKNOWN = 0.05
"""Largest share of cells that are no label in a column that is a label by its values alone."""

MAX_DISTINCT = 1000
"""Columns with more different cells than this are not searched for labels."""

KNOWN = "0/1, Yes/No, true/false and pulsar/not_pulsar"


@dataclass(frozen=True, eq=False)
class Label:
    """The label of every row.

    Attributes
    ----------
    column : Column
    classes : ndarray of shape (n_rows,), dtype float64
        1 pulsar, 0 non-pulsar, NaN where the cell is empty or no label.
    encoding : str
        A key of `ENCODINGS`.
    how : str
        How the column was found.
    """

    column: Column
    classes: NDArray[np.float64]
    encoding: str
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
    def unknown_share(self) -> float:
        """Share of the filled cells that are no label."""
        filled = self.column.status != Status.MISSING
        return float((filled & ~self.known).sum() / max(filled.sum(), 1))


def find_label(columns: Sequence[Column], *, file: str, named: bool) -> Label | None:
    """Find the label among columns that are no features; None for an unlabelled table.

    Parameters
    ----------
    columns : sequence of Column
    file : str
        How messages call the file.
    named : bool
        Whether the table has names; without them a constant column of label values counts as
        a label too, so that a table of one class is not mistaken for an unlabelled one.

    Raises
    ------
    LabelError
        A column says that it is the label and its values fit no encoding.
    ColumnsError
        Two different columns can be the label.
    LeakageError
        Two columns can be the label and repeat one another.
    """
    by_name = [column for column in columns if is_label_name(column.name)]
    filled = [column for column in by_name if not _is_empty(column)]
    read = [label for column in filled if (label := read_label(column, "by its name"))]
    if filled and not read:
        raise not_a_label(filled[0], file=file)
    if by_name and not filled:
        return None
    if not read:
        guesses = [read_label(column, "by its values") for column in columns]
        labels = [label for label in guesses if label and label.unknown_share <= MAX_UNKNOWN]
        read = [label for label in labels if label.both]
        if not read and not named:
            read = labels[-1:]
    if len(read) > 1:
        _refuse_two(read[0], read[1], file=file)
    return read[0] if read else None


def read_label(column: Column, how: str) -> Label | None:
    """Read a column in the encoding that explains most of its cells; None when none explains it."""
    coded = column.coded(limit=MAX_DISTINCT)
    if coded is None:
        return None
    texts, codes = coded
    words = [_letters(text) for text in texts]
    labels = []
    for encoding, (no, yes) in ENCODINGS.items():
        sides = [0.0 if word in no else 1.0 if word in yes else np.nan for word in words]
        classes = np.array(sides)[codes]
        if encoding == NUMERIC:  # by value: 1, 1.0 and +1e0 are one label
            classes = np.where(np.isin(column.numbers, (0.0, 1.0)), column.numbers, np.nan)
        labels.append(Label(column, classes, encoding, how))
    best = max(labels, key=lambda label: int(label.known.sum()))
    explained = best.both or best.unknown_share <= MAX_UNKNOWN
    enough = best.known.any() and best.unknown_share <= 1 / 2
    return best if explained and enough else None


def refuse_leakage(label: Label, others: Sequence[Column], *, file: str) -> None:
    """Raise when another column tells the label of every row.

    Raises
    ------
    LeakageError
        A column corresponds to the label one to one: a copy, its inverse or its text.
    """
    if not label.both:
        return
    for column in others:
        if _repeats(label, column):
            raise _leakage(label.column, column, file=file)


def not_a_label(column: Column, *, file: str) -> LabelError:
    """Describe a column that should hold labels and does not."""
    sample = column.cells(np.arange(min(len(column.numbers), MAX_DISTINCT)))
    seen = ", ".join(
        repr(shortened(text)) for text in list(dict.fromkeys(filter(None, sample)))[:5]
    )
    return LabelError(
        f"{file}: {column} should be the label, and its values ({seen}) fit none of the known "
        f"encodings {KNOWN}; recode it, or leave it out with --drop {handle(column)}."
    )


def handle(column: Column) -> str:
    """How a user calls the column on the command line."""
    plain = column.name and for_name(column.name) == column.name
    return f"'{column.name}'" if plain else str(column.position)


def _refuse_two(first: Label, second: Label, *, file: str) -> None:
    """Raise for two columns that both can be the label."""
    if first.both and _repeats(first, second.column):
        raise _leakage(first.column, second.column, file=file)
    raise ColumnsError(
        f"{file}: {first.column} and {second.column} can both be the label and differ; leave one "
        f"out with --drop {handle(second.column)}, or name eight features and the label with "
        "--columns."
    )


def _repeats(label: Label, column: Column) -> bool:
    """Tell whether the cells of `column` correspond one to one to the labels."""
    key = column.numbers
    if not np.isfinite(key).any():
        coded = column.coded(limit=MAX_DISTINCT)
        if coded is None:
            return False
        key = np.where(column.status == Status.MISSING, np.nan, coded[1])
    shared = label.known & ~np.isnan(key)
    if 2 * shared.sum() < label.known.sum():
        return False
    pulsars = np.unique(key[shared & (label.classes == 1)])
    others = np.unique(key[shared & (label.classes == 0)])
    return len(pulsars) == len(others) == 1 and pulsars[0] != others[0]


def _leakage(label: Column, column: Column, *, file: str) -> LeakageError:
    """Describe a column that repeats the label."""
    return LeakageError(
        f"{file}: {column} repeats {label}, the label, in every row; a model would learn nothing "
        f"but that; leave it out with --drop {handle(column)}."
    )


def _is_empty(column: Column) -> bool:
    """Tell whether no cell is filled."""
    return bool((column.status == Status.MISSING).all())


def _letters(text: str) -> str:
    """Lower-case letters of a cell."""
    return "".join(char for char in text.lower() if char.isalnum())
