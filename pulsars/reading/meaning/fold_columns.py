"""Columns of our own tables of folds that say which fold a row is of, and whose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from pulsars.folds import FOLD, FOLD_SHA256, REFUSED, SECTION, TELESCOPE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pulsars.reading.cells import Column
    from pulsars.reading.meaning.readings import Reading

FoldRole = Literal["path", "fold"]

_ROLES: dict[str, FoldRole] = {
    FOLD: "path", FOLD_SHA256: "fold", SECTION: "fold", TELESCOPE: "fold", REFUSED: "fold",
}  # fmt: skip


def fold_roles(columns: Sequence[Column]) -> dict[str, FoldRole]:
    """Give the roles of such columns by name; none where no column has the sha256 of a fold.

    That one nobody else calls so; the other words are common.
    """
    return _ROLES if any(column.name == FOLD_SHA256 for column in columns) else {}


def filled(reading: Reading, name: str) -> NDArray[np.bool_]:
    """Tell rows that say something in such a column; none where it has another role."""
    if reading.roles.get(name) != "fold":
        return np.zeros(len(reading.frame), dtype=bool)
    return (reading.carried[name].astype("str").fillna("") != "").to_numpy(dtype=bool)


def measured_here(reading: Reading) -> NDArray[np.bool_] | None:
    """Tell rows that say of which fold they were measured; None where no column says it."""
    return filled(reading, FOLD_SHA256) if reading.roles.get(FOLD_SHA256) == "fold" else None
