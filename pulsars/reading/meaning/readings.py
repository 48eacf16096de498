"""What a file says, read and not judged yet: its candidates, and where each column comes from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pulsars.folds import FOLD_SHA256
from pulsars.reading.faults import list_faults
from pulsars.reading.several import FILE, NOWHERE
from schemas import LABEL, for_name, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pulsars.reading.cells import Column, Dialect
    from pulsars.reading.meaning.moments import MomentEvidence
    from schemas import Fault

Others = tuple[tuple[float | str, int], ...]
"""Numbers, rising in size, or words, and in how many rows each stands: a thousand at most."""


@dataclass(frozen=True)
class ColumnSource:
    """Where a canonical column comes from.

    Attributes
    ----------
    source : str or None
        Its name in the file.
    position : int
        Its place in the file, from 1.
    how : str
        How it was found.
    """

    source: str | None
    position: int
    how: str

    @classmethod
    def of(cls, column: Column, how: str) -> ColumnSource:
        """Describe a column of a file."""
        return cls(column.name and shortened(column.name), column.position, how)

    def __str__(self) -> str:
        """Say which column this is, for a message."""
        return f"column {self.position}" + (f" '{for_name(self.source)}'" if self.source else "")


@dataclass(frozen=True, eq=False)
class Reading:
    """A file read, nothing of it judged yet.

    Attributes
    ----------
    frame : DataFrame
        The eight features, float64, and ``label`` (1.0, 0.0) when labelled. NaN stands for a cell
        that could not be read; `faults` say why. The index counts the rows from 0.
    lines : ndarray of shape (n_rows,), dtype int64
        Line of each row in the file, from 1; for Parquet the row's number.
    texts : sequence of str
        Each row as it stands in the file.
    faults : tuple of Fault
        What could not be read.
    columns : dict of str to ColumnSource
        By canonical name.
    dialect : Dialect
    labelled : bool
    evidence : tuple of MomentEvidence
        What decided between skewness and kurtosis.
    warnings : tuple of str
        What a person should know about the file as a whole.
    name : str
        How messages call the file.
    label_hint : str or None
        What is said of columns that may be the label, or of one that was taken for it.
    carried : DataFrame
        What else says which candidate a row is, by the names that our tables use: texts, or
        numbers where the file is typed. The first filled cell of a row names the candidate.
    carried_from : dict of str to ColumnSource
        By the same names.
    roles : dict of str to str
        What each of them is; see `pulsars.reading.identity.roles.ROLES`.
    converted : tuple of str
        Kurtosis columns of which 3 was taken off.
    other_labels : tuple of (float or str, int)
        See `pulsars.reading.labels.third_class.other_values`.
    """

    frame: pd.DataFrame
    lines: NDArray[np.int64]
    texts: Sequence[str]
    faults: tuple[Fault, ...]
    columns: dict[str, ColumnSource]
    dialect: Dialect
    labelled: bool
    evidence: tuple[MomentEvidence, ...]
    warnings: tuple[str, ...]
    name: str
    label_hint: str | None = None
    carried: pd.DataFrame = field(default_factory=pd.DataFrame)
    carried_from: dict[str, ColumnSource] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    converted: tuple[str, ...] = ()
    other_labels: Others = ()

    @property
    def files(self) -> pd.Series[str] | None:
        """Which of several files each row is of; None where there is one."""
        source = self.carried_from.get(FILE)
        return self.carried[FILE] if source and source.position == NOWHERE else None

    def filled(self, name: str) -> NDArray[np.bool_]:
        """Tell rows that say something in a column of a fold; none where it has another role."""
        if self.roles.get(name) != "fold":
            return np.zeros(len(self.frame), dtype=bool)
        return (self.carried[name].astype("str").fillna("") != "").to_numpy(dtype=bool)

    @property
    def measured_here(self) -> NDArray[np.bool_] | None:
        """Rows that say of which fold they were measured; None where no column says it."""
        return self.filled(FOLD_SHA256) if self.roles.get(FOLD_SHA256) == "fold" else None

    @property
    def n_pulsars(self) -> int:
        """Rows labelled as pulsars."""
        return int((self.frame[LABEL] == 1).sum()) if self.labelled else 0

    @property
    def cells(self) -> pd.DataFrame:
        """The faults, cell by cell: see `pulsars.reading.faults.list_faults`."""
        return list_faults(self.faults)
