"""The accepted rows of a part of a file: held in memory, or written as a partition of a table."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeAlias

import pandas as pd

from pulsars.reading.counts.leading_counts import Block
from pulsars.store import read_batches, writing_partition
from schemas import FEATURE_NAMES, LABEL, FileRef

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from pulsars.reading.judging.judged_rows import JudgedRows


@dataclass(frozen=True, eq=False)
class HeldRows:
    """Accepted rows in memory."""

    frames: list[pd.DataFrame]
    held: list[Block] = field(repr=False)

    @classmethod
    def of(cls, judged: Iterable[JudgedRows]) -> Self:
        """Hold the rows that were accepted."""
        parts = [(one.accepted, one.block) for one in judged]
        return cls([frame for frame, _ in parts], [block for _, block in parts])

    def blocks(self) -> Iterator[Block]:
        """Give features and labels, block by block."""
        return iter(self.held)

    def columns(self, names: Sequence[str]) -> pd.DataFrame:
        """Give some columns whole."""
        return pd.concat([frame[list(names)] for frame in self.frames], ignore_index=True)

    def with_column(self, name: str, values: NDArray[np.generic]) -> HeldRows:
        """Give the same with one column more."""
        return HeldRows([self.whole().assign(**{name: values})], self.held)

    def whole(self) -> pd.DataFrame:
        """Give all rows as one table."""
        if len(self.frames) == 1:
            return self.frames[0]
        return pd.concat(self.frames, ignore_index=True)


@dataclass(frozen=True)
class StoredRows:
    """Accepted rows in a partition of a table.

    Attributes
    ----------
    file : FileRef
    n_rows : int
    """

    file: FileRef
    n_rows: int

    @classmethod
    def of(cls, frames: Iterable[pd.DataFrame], path: Path) -> Self:
        """Write accepted rows as they come."""
        with writing_partition(path) as writer:
            for frame in frames:
                writer.add(frame)
        return cls(writer.written(), writer.n_rows)

    def blocks(self) -> Iterator[Block]:
        """Give features and labels, block by block."""
        path = Path(self.file.path)
        wanted = [*FEATURE_NAMES, LABEL]
        return (Block.of(batch) for batch in read_batches(path, columns=wanted))

    def columns(self, names: Sequence[str]) -> pd.DataFrame:
        """Give some columns whole."""
        return pd.read_parquet(self.file.path, columns=list(names))

    def with_column(self, name: str, values: NDArray[np.generic]) -> StoredRows:
        """Write the same with one column more, beside what there is."""
        path, start = Path(self.file.path), 0
        with writing_partition(path.with_name(f"{name}-{path.name}")) as writer:
            for batch in read_batches(path):
                some = batch.to_pandas()
                writer.add(some.assign(**{name: values[start : start + len(some)]}))
                start += len(some)
        return StoredRows(writer.written(), writer.n_rows)


AcceptedRows: TypeAlias = HeldRows | StoredRows
"""Rows of a part, in file order, to be looked at as often as needed."""
