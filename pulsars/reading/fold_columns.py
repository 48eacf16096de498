"""Columns of our own tables of folds that say which fold a row is of, and whose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pulsars.folds import FOLD, FOLD_SHA256, REFUSED, SECTION, TELESCOPE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pulsars.reading.cells import Column

FoldRole = Literal["path", "fold"]

_ROLES: dict[str, FoldRole] = {
    FOLD: "path", FOLD_SHA256: "fold", SECTION: "fold", TELESCOPE: "fold", REFUSED: "fold",
}  # fmt: skip


def fold_roles(columns: Sequence[Column]) -> dict[str, FoldRole]:
    """Give the roles of such columns by name; none where no column has the sha256 of a fold.

    That one nobody else calls so; the other words are common.
    """
    return _ROLES if any(column.name == FOLD_SHA256 for column in columns) else {}
