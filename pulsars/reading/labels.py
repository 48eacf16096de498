"""The label: how it is spelled, and what a column says when it is read as one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pulsars.reading.cells import Status
from pulsars.reading.slips import n_filled, slips
from schemas import LabelError, for_name, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pulsars.reading.cells import Column

NUMERIC = "0/1"
WORDS = "not pulsar/pulsar"
ENCODINGS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    NUMERIC: (frozenset(), frozenset()),
    "no/yes": (frozenset({"no"}), frozenset({"yes"})),
    "false/true": (frozenset({"false"}), frozenset({"true"})),
    WORDS: (frozenset({"notpulsar", "nonpulsar"}), frozenset({"pulsar"})),
}
"""Spellings of non-pulsar and pulsar; case, blanks, dashes and underscores do not count."""

MAX_UNKNOWN = 0.05
"""Largest share of cells that are no label in a column that is a label by its values alone."""

MAX_DISTINCT = 1000
"""Columns with more different cells than this are not searched for labels."""

_NO_CODES = np.empty(0, dtype=np.int64)

KNOWN = "0/1, Yes/No, true/false and pulsar/not_pulsar"

_UNSEEN = str.maketrans("", "", " \t\u00a0-\u2010\u2011\u2012\u2013_")
"""Blanks, dashes and underscores. Any other mark may say "not", "perhaps" or "commented out"."""


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
    def nearly_all(self) -> bool:
        """Whether hardly a filled cell is no label."""
        n_unknown = n_filled(self.column) - int(self.known.sum())
        n_cells = n_filled(self.column)
        return n_unknown <= max(MAX_UNKNOWN * n_cells, slips(n_cells))


def read_label(column: Column, how: str) -> Label | None:
    """Read a column in the encoding that explains most of its cells; None when none explains it."""
    coded = column.coded(limit=MAX_DISTINCT)
    if coded is None:
        return None
    labels = [Label(column, _classes(column, name, *coded), name, how) for name in ENCODINGS]
    best = max(labels, key=lambda label: int(label.known.sum()))
    enough = best.known.any() and 2 * best.known.sum() >= n_filled(column)
    return best if enough and (best.both or best.nearly_all) else None


def read_as(column: Column, encoding: str, how: str) -> Label:
    """Read a column in a known encoding."""
    coded = ([], _NO_CODES) if encoding == NUMERIC else column.coded(limit=len(column.numbers) + 1)
    if coded is None:  # there are no more different cells than cells
        coded = ([], _NO_CODES)
    return Label(column, _classes(column, encoding, *coded), encoding, how)


def _classes(
    column: Column, encoding: str, texts: Sequence[str], codes: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Classes of all cells, of which `codes` tell the texts; NaN for what is no label."""
    if encoding == NUMERIC:  # by value: 1, 1.0 and +1e0 are one label
        numbers = column.numbers
        return np.where((numbers == 0) | (numbers == 1), numbers, np.nan)
    no, yes = ENCODINGS[encoding]
    words = [text.lower().translate(_UNSEEN) for text in texts]
    sides = [0.0 if word in no else 1.0 if word in yes else np.nan for word in words]
    found: NDArray[np.float64] = np.array(sides)[codes]
    return found


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


def handle(column: Column, *beside: Column) -> str:
    """How a user calls the column on the command line: by its place, if others are called so."""
    plain = column.name and for_name(column.name) == column.name
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
    numbers = [value for value in (_number(first), _number(second)) if value is not None]
    fractions = any(value != round(value) for value in numbers)
    return None if fractions or len(numbers) != len(set(numbers)) else (first, second)


def _number(text: str) -> float | None:
    """Read a finite number; None for a word."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if np.isfinite(number) else None
