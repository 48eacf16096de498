"""Which of several files a row is of: said by a column that stands in none of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from pulsars.reading.cells import Column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

FILE = "file"
"""What the column is called that says which file a row is of, where there are several."""

NOWHERE = 0
"""Position of a column that stands in no file."""


def file_column(files: Sequence[str], n_rows: NDArray[np.int64]) -> Column:
    """Say of each row which file it is of."""
    codes = np.repeat(np.arange(len(files)), n_rows)
    names = pa.chunked_array([pa.array(files, pa.string())]).take(pa.array(codes))
    return Column.of(FILE, NOWHERE, names)
