"""What tables of several files have in common: a type of each column, and what stands beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pulsars.reading.cells import Column, Status, Table

_WIDEST = 8
"""Bytes of the whole numbers that no float holds without loss."""

_TOO_LARGE = 2.0**63
"""From here on a whole float is none of int64; below, each is written with all its digits."""


@dataclass(frozen=True)
class InCommon:
    """What every table of a set is given, so that none of it hangs on where the set is cut.

    Attributes
    ----------
    types : tuple of (int, str)
        Places of columns whose types differ between the files, and the one for all: it loses
        nothing, and is ``string`` where no number does that.
    beside : tuple of (int, str or None)
        Places and names of what stands beside the table of one of them at least.
    """

    types: tuple[tuple[int, str], ...]
    beside: tuple[tuple[int, str | None], ...]

    @classmethod
    def of(cls, firsts: Sequence[Table]) -> Self:
        """Tell it from rows of each file, which have the same columns."""
        types: dict[int, list[Any]] = {}
        for column in (one for table in firsts for one in table.columns):
            types.setdefault(column.position, []).append(column.source.type)
        beside = {one.position: one.name for table in firsts for one in table.beside}
        mixed = {place: found for place, found in types.items() if len({*found}) > 1}
        return cls(
            tuple((place, _one_type(found)) for place, found in mixed.items()),
            tuple(beside.items()),
        )

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Self:
        """Restore what `dataclasses.asdict` gave."""
        return cls(*(tuple(map(tuple, kept[key])) for key in ("types", "beside")))

    def given_to(self, table: Table) -> Table:
        """Give it to some rows of one of the files."""
        if not self.types and not self.beside:
            return table
        types, there = dict(self.types), {column.position for column in table.beside}
        empty = pa.chunked_array([pa.array([""] * len(table.lines), pa.string())])
        filled = (
            Column.of(name, place, empty) for place, name in self.beside if place not in there
        )
        columns = tuple(
            _as_type(column, types[column.position]) if column.position in types else column
            for column in table.columns
        )
        return replace(table, columns=columns, beside=(*table.beside, *filled))


def _one_type(types: Sequence[Any]) -> str:
    """Choose the type for numbers of several; a float holds no whole number of eight bytes."""
    kinds = [np.dtype(one.to_pandas_dtype()) for one in types]
    common = np.result_type(*kinds)
    if common.kind == "f" and any(one.kind in "iu" and one.itemsize == _WIDEST for one in kinds):
        return str(pa.string())
    return str(pa.from_numpy_dtype(common))


def _as_type(column: Column, name: str) -> Column:
    kind = pa.type_for_alias(name)
    if column.source.type == kind:
        return column
    source = _texts(column) if pa.types.is_string(kind) else column.source.cast(kind)
    return replace(column, source=source)


def _texts(column: Column) -> Any:
    """Write numbers as texts, a missing one as none: 7.0 as 7, for so another file has it."""
    texts = column.source.cast(pa.string())
    if pa.types.is_floating(column.source.type):
        numbers = np.where(np.abs(column.numbers) < _TOO_LARGE, column.numbers, 0.5)
        whole = numbers == np.floor(numbers)
        digits = pa.array(np.where(whole, numbers, 0).astype(np.int64)).cast(pa.string())
        texts = pc.if_else(pa.array(whole), digits, texts)
    return pc.if_else(pa.array(column.status == Status.MISSING), "", texts)
