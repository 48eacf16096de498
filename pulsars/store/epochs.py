"""The learning curve of a run as it rests in `epochs.csv`."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

EPOCH_COLUMNS = ("epoch", "loss", "validation_loss", "accuracy", "precision", "recall", "f1")


def write_epoch_rows(rows: list[dict[str, Any]]) -> str:
    """Spell a learning curve as CSV, a line an epoch; a missing value is empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, EPOCH_COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def read_epoch_rows(path: Path) -> list[dict[str, Any]]:
    """Read `epochs.csv`: a dict an epoch, missing values None.

    Raises
    ------
    ValueError
        If it is no CSV, or holds what is no number.
    """
    with path.open(encoding="utf-8", newline="") as file:
        try:
            rows = list(csv.DictReader(file))
        except csv.Error as error:
            raise ValueError(str(error)) from None
    return [{name: _epoch_number(name, text) for name, text in row.items()} for row in rows]


def _epoch_number(name: str, text: str) -> float | int | None:
    if not text:
        return None
    return int(text) if name == "epoch" else float(text)
