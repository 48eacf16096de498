"""The data contract as pandera schemas: labelled and unlabelled from one source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

import numpy as np
import pandas as pd
import pandera.pandas as pa
from numpy.typing import NDArray

from schemas.checks import curve_checks, feature_column, label_check
from schemas.errors import TableError
from schemas.faults import Fault
from schemas.features import FEATURES, LABEL
from schemas.physics import CURVES

MISSING = "is missing"
"""Why a row is wrong whose cell holds nothing."""

_ROWS_AT_ONCE = 1 << 17


def candidate_schema(*, labelled: bool, chi2: pd.Series[bool] | None = None) -> pa.DataFrameSchema:
    """Build the schema of a table of candidates.

    Checks that need one column stand with it; those that need two (moment inequality, variance
    bound) stand with the table and name the column that they blame. The label is checked as it
    was read and never coerced, so 0.5 cannot become 0.

    Parameters
    ----------
    labelled : bool
        Whether there is a ``label``, 1.0 or 0.0.
    chi2 : Series, optional
        Rows, by their index, whose DM curve is the reduced χ² of a `.pfd`: not scaled to 0–255, so
        it has no bound above.
    """
    columns = {feature.name: feature_column(feature, chi2) for feature in FEATURES}
    if labelled:
        columns[LABEL] = pa.Column(float, label_check())
    wide = [check for curve in CURVES for check in curve_checks(curve, chi2)]
    return pa.DataFrameSchema(
        columns,
        checks=wide,
        index=pa.Index(int, unique=True),
        strict=True,
        unique_column_names=True,
        coerce=False,
    )


def find_breaches(
    frame: pd.DataFrame, *, labelled: bool, chi2: pd.Series[bool] | None = None
) -> list[Fault]:
    """Find what breaks the contract.

    The schema's own checks are run, each on whole columns; pandera's list of every cell that fails
    takes hundreds of bytes and microseconds a cell, so it is never made.

    Parameters
    ----------
    frame : DataFrame
        Canonical columns; the index counts the rows from 0.
    labelled, chi2
        As of `candidate_schema`.

    Returns
    -------
    list of Fault
        In the order in which the reasons of a row are said; only those that occur.

    Raises
    ------
    TableError
        The table as a whole has another form: columns, types, index.
    """
    schema = candidate_schema(labelled=labelled, chi2=chi2)
    # No row makes up a form, but an index that names some of them twice.
    _require_form(frame.iloc[:0] if frame.index.is_unique else frame, schema)
    starts = range(0, len(frame), _ROWS_AT_ONCE)
    parts = (_breaches(frame.iloc[start : start + _ROWS_AT_ONCE], schema) for start in starts)
    return _joined(chain.from_iterable(parts))


def _require_form(frame: pd.DataFrame, schema: pa.DataFrameSchema) -> None:
    """Hold a table against the schema without the checks of its cells."""
    columns = {
        name: pa.Column(column.dtype, nullable=True) for name, column in schema.columns.items()
    }
    form = pa.DataFrameSchema(
        columns,
        index=schema.index,
        strict=schema.strict,
        unique_column_names=schema.unique_column_names,
        coerce=schema.coerce,
    )
    try:
        form.validate(frame, lazy=True, inplace=True)  # nothing is coerced: spare a copy
    except pa.errors.SchemaErrors as error:
        first = error.failure_cases.iloc[0]
        raise TableError(
            f"the table is not in canonical form: {first['check']} ({first['failure_case']})."
        ) from None


def _breaches(frame: pd.DataFrame, schema: pa.DataFrameSchema) -> Iterator[Fault]:
    """Run every check of the schema: those of a column, and those that blame one of several."""
    for name, column in schema.columns.items():
        cells = frame[name]
        if not column.nullable:
            yield _breach(cells, MISSING, cells.notna(), shown=False)
        for check in column.checks:
            yield _breach(cells, str(check.error), check(cells).check_output)
    for check in schema.checks:
        cells = frame[str(check.name)]
        yield _breach(cells, str(check.error), check(frame).check_output)


def _breach(
    cells: pd.Series[float], why: str, holds: pd.Series[bool], *, shown: bool = True
) -> Fault:
    """Say which rows break a check; none, too, so that faults are in the order of the checks."""
    rows = _rows(holds)  # by their index, for cells without a value may be left out
    at = cells.index.get_indexer(pd.Index(rows)) if len(rows) else rows
    return Fault(str(cells.name), why, rows, cells.to_numpy()[at] if shown else None)


def _rows(holds: pd.Series[bool]) -> NDArray[np.int64]:
    """Rows for which a check does not hold."""
    if holds.all():
        return np.empty(0, dtype=np.int64)
    return holds.index.to_numpy(dtype=np.int64)[~holds.to_numpy(dtype=bool)]


def _joined(parts: Iterable[Fault]) -> list[Fault]:
    """Put together what one check found in each part of a table."""
    groups: dict[tuple[str, str], list[Fault]] = {}
    for part in parts:
        groups.setdefault((part.column, part.why), []).append(part)
    joined = [
        Fault(
            column,
            why,
            np.concatenate([part.rows for part in found]),
            None if found[0].cells is None else np.concatenate([part.cells for part in found]),
        )
        for (column, why), found in groups.items()
    ]
    return [fault for fault in joined if len(fault.rows)]
