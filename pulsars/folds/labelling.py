"""What folds are, as a CSV of file and label says: what `pulsar simulate --folds` writes too."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pulsars.folds.tables import FOLD
from pulsars.store import NoRegularFileError, regular
from schemas import (
    LABEL,
    STANDARD_INPUT,
    LabelError,
    SourceNotFoundError,
    UnreadableFileError,
    for_name,
    for_table,
)

if TYPE_CHECKING:
    import pandas as pd

FILE = "file"

_MOST_BYTES = 256 << 20


def read_labels_of_folds(path: Path) -> dict[str, int]:
    """Read which fold is a pulsar.

    Parameters
    ----------
    path : Path
        A CSV whose header names `file` and `label`; others are passed over.

    Returns
    -------
    dict of str to int
        1 or 0, by the file's path, or as much of its end as is written.

    Raises
    ------
    SourceNotFoundError, UnreadableFileError
        If there is no such file, or it is no text.
    LabelError
        If a column is missing or there twice, a row has more cells than the header, a label is
        neither 0 nor 1, or two of one file differ.
    """
    found: dict[str, int] = {}
    try:
        with regular(path) as (file, size):
            if size > _MOST_BYTES:
                raise UnreadableFileError(f"{path} has more than {_MOST_BYTES:,} bytes")
            text = TextIOWrapper(file, encoding="utf-8-sig", newline="")
            rows = csv.DictReader(text, skipinitialspace=True)
            rows.fieldnames = names = [name.strip() for name in rows.fieldnames or ()]
            _require_columns(names, f"{path}, line 1")
            for row in rows:
                where = f"{path}, line {rows.line_num}"
                _require_no_more(row.get(None) or (), len(names), where)
                _note(found, row[FILE] or "", row[LABEL] or "", where)
    except FileNotFoundError:
        raise SourceNotFoundError(f"{path}: there is no such file; check the path.") from None
    except (IsADirectoryError, NoRegularFileError):
        raise UnreadableFileError(f"{path} is no regular file; name a CSV of labels") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadableFileError(f"{path} cannot be read as CSV ({error})") from None
    return found


def _require_columns(names: list[str], where: str) -> None:
    if not {FILE, LABEL} <= {*names}:
        raise LabelError(
            f"{where}: no columns {FILE} and {LABEL}, separated by commas, in "
            f"{for_name(','.join(names))!r}; name them so"
        )
    for name in (FILE, LABEL):
        places = [place for place, one in enumerate(names, start=1) if one == name]
        if len(places) > 1:
            raise LabelError(
                f"{where}: columns {places[0]} and {places[1]} are both called {name}; "
                "rename the one that is not meant"
            )


def _require_no_more(beyond: Sequence[str], n_named: int, where: str) -> None:
    """Refuse a row that goes on after the last column, for its cells may be moved."""
    if any(cell.strip() for cell in beyond):
        raise LabelError(
            f"{where}: {n_named + len(beyond)} cells, line 1 has {n_named}; "
            "put a name with a comma into double quotes, or take away what is too much"
        )


def _note(found: dict[str, int], place: str, label: str, where: str) -> None:
    name, value = "/".join(_parts(for_table(place))), _value(label)
    if value is None:
        raise LabelError(f"{where}: the label {for_name(label)!r} is neither 0 nor 1")
    if found.setdefault(name, value) != value:
        raise LabelError(f"{where}: {for_name(name)} has another label further up")


def _value(label: str) -> int | None:
    """Read a label by its value: 1.0 is what pandas makes of 1 in a column with gaps."""
    try:
        number = float(label)
    except ValueError:
        return None
    if "_" in label or not label.strip().isascii():  # which float takes, and no reader of tables
        return None
    return int(number) if number in {0, 1} else None


def label_folds(table: pd.DataFrame, labels: dict[str, int], *, name: str) -> pd.DataFrame:
    """Give every fold its label, as the last of its numbers.

    Raises
    ------
    LabelError
        If a fold has none, or one label is of several folds.
    """
    files = [_named(_parts(place), labels) for place in table[FOLD]]
    missing = [
        (_parts(place) or [STANDARD_INPUT])[-1]
        for place, file in zip(table[FOLD], files, strict=True)
        if file is None
    ]
    if missing:
        raise LabelError(
            f"{name} has no label for {len(missing):,} of {len(table):,} folds, the first "
            f"{for_name(missing[0])}; add them, or measure those that have one alone; its "
            f"own are called such as {for_name(next(iter(labels), 'nothing'))}"
        )
    for file, n in Counter(files).items():
        if n > 1:
            raise LabelError(
                f"{name}: {for_name(str(file))} may be any of {n:,} folds; write as much of the "
                "path of each as tells them apart"
            )
    values = [labels[str(file)] for file in files]
    labelled = table.assign(**{LABEL: np.array(values, dtype=np.int64)})
    others = [column for column in table.columns if column != LABEL]
    place = others.index(FOLD)
    return labelled[[*others[:place], LABEL, *others[place:]]]


def _parts(place: str) -> list[str]:
    return [part for part in place.split("/") if part not in {"", "."}]


def _named(parts: list[str], labels: dict[str, int]) -> str | None:
    """Give the longest end of a path that has a label."""
    ends = ("/".join(parts[start:]) for start in range(len(parts)))
    return next((end for end in ends if end in labels), None)
