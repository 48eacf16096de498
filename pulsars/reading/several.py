"""Which of several files a row is of: said by a column that stands in none of them."""

from __future__ import annotations

import pyarrow as pa

from pulsars.reading.cells import Column

FILE = "file"
"""What the column is called that says which file a row is of, where there are several."""

NOWHERE = 0
"""Position of a column that stands in no file."""


def file_column(file: str, n_rows: int) -> Column:
    """Say of rows which file they are of."""
    names = pa.repeat(pa.scalar(file, pa.string()), n_rows)
    return Column.of(FILE, NOWHERE, pa.chunked_array([names]))
