"""A learning curve as CSV, a line an epoch."""

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
    """Read `epochs.csv`: a dict an epoch, missing values None."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [{name: _epoch_number(name, text) for name, text in row.items()} for row in rows]


def _epoch_number(name: str, text: str) -> float | int | None:
    if not text:
        return None
    return int(text) if name == "epoch" else float(text)
