"""Accepted rows as they are counted over: block by block, feature by feature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from schemas import FEATURE_NAMES, LABEL

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Block:
    """Some accepted rows.

    Attributes
    ----------
    features : list of ndarray of shape (n_rows,), float64
        The eight, in canonical order.
    label : ndarray of shape (n_rows,), int8, or None
        1 for pulsar; None where there are no labels.
    """

    features: list[NDArray[np.float64]]
    label: NDArray[np.int8] | None

    @classmethod
    def of(cls, batch: Any) -> Self:
        """Take what is counted from accepted rows, a `pyarrow.RecordBatch`."""
        columns = [batch.column(name).to_numpy() for name in FEATURE_NAMES]
        label = batch.column(LABEL).to_numpy() if LABEL in batch.schema.names else None
        return cls(columns, label)

    def __len__(self) -> int:
        """Give the number of rows."""
        return len(self.features[0])
