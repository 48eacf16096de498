"""The table of folds that somebody asked for, and the list of those that are not in it."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

from pulsars.folds.kept_tables import packed_table, simulated_among
from pulsars.folds.labelling import label_folds, read_labels_of_folds
from pulsars.folds.tables import COLUMNS, FOLD, REFUSED
from pulsars.store import csv_text, read_table, require_ours, write_bytes, write_text
from schemas import LABEL, FeaturesMade, FileRef, ParameterError, at_home, first_of, for_name

if TYPE_CHECKING:
    import pandas as pd

_FORMATS = (".csv", ".parquet")


def require_target(target: str, *, labelled: bool) -> Path:
    """Make sure that a table of folds may be written there.

    Parameters
    ----------
    target : str
        The file.
    labelled : bool
        Whether it is to have labels.

    Raises
    ------
    ParameterError
        If its ending is none of a table, or something else is there, such as a table with columns
        that would be lost, or where the list of folds that are not in it would be.
    """
    path = at_home(target)
    if path.suffix not in _FORMATS:
        raise ParameterError(f"{target}: name a file that ends in {' or '.join(_FORMATS)}")
    require_ours(path, b"fold_sha256")
    require_ours(_beside(path), f"{FOLD},{REFUSED}\n".encode())
    _require_no_other_columns(path, {*COLUMNS, LABEL} if labelled else {*COLUMNS})
    return path


def _require_no_other_columns(path: Path, written: set[str]) -> None:
    """Refuse a table in which somebody wrote down more than is measured, such as labels."""
    if others := [name for name in _columns_of(path) if name not in written]:
        has = first_of([repr(name) for name in others])
        labels = "say where they are with --labels, " if others == [LABEL] else ""
        raise ParameterError(
            f"{path} is there already, and what it has as {has} would not be written again; "
            f"{labels}name another file, or take it away"
        )


def _columns_of(path: Path) -> list[str]:
    """Give the columns of a table, none where there is no file."""
    if not path.exists():
        return []
    try:
        if path.suffix == ".parquet":
            import pyarrow.parquet as pq

            return [*pq.read_schema(path).names]
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            return next(csv.reader(line for line in file if not line.startswith("#")), [])
    except (OSError, ValueError, csv.Error) as error:
        raise ParameterError(
            f"{path} is there already and cannot be read as a table ({for_name(str(error))}); name "
            "another file, or take it away"
        ) from None


def require_labels_of_folds(labels: str | None) -> None:
    """Make sure that labels can be read, before folds are measured for them.

    Raises
    ------
    SourceNotFoundError, UnreadableFileError, LabelError
        As of `read_labels_of_folds`.
    """
    if labels is not None:
        read_labels_of_folds(at_home(labels))


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.aside.csv")


def make_features(
    table: FileRef, target: str, *, labels: str | None, n_passed_over: int
) -> FeaturesMade:
    """Write the folds that were measured, and beside them a CSV of the others, if there are any.

    Parameters
    ----------
    table : FileRef
        All folds, as of `pulsars.folds.put_folds_together`.
    target : str
        Ends in ``.parquet`` or ``.csv``.
    labels : str or None
        As of `read_labels_of_folds`.
    n_passed_over : int
        Other files.

    Raises
    ------
    ParameterError
        As of `require_target`.
    LabelError
        As of `read_labels_of_folds` and `label_folds`.
    """
    path, found = require_target(target, labelled=labels is not None), read_table(table)
    refused = found[REFUSED] != ""
    measured = found[~refused].drop(columns=REFUSED).reset_index(drop=True)
    if labels is not None:
        measured = label_folds(measured, read_labels_of_folds(at_home(labels)), name=labels)
    written, aside = write_bytes(path, _content(path, measured)), None
    if refused.any():
        listed = found.loc[refused, [FOLD, REFUSED]]
        aside = write_text(_beside(path), csv_text(listed))
    else:  # of an earlier measuring of the same name
        _beside(path).unlink(missing_ok=True)
    return FeaturesMade(
        table=written,
        aside=aside,
        n_found=len(found),
        n_measured=len(measured),
        n_aside=int(refused.sum()),
        n_passed_over=n_passed_over,
        n_pulsars=None if labels is None else int(measured[LABEL].sum()),
    )


def _content(path: Path, table: pd.DataFrame) -> bytes:
    """Write a table in the format of its ending; of simulated folds it says that they are."""
    if path.suffix == ".parquet":
        return packed_table(table)
    said = simulated_among(table)
    mark = f"# simulated: {said}\n" if said else ""
    return f"{mark}{csv_text(table)}".encode()
