"""The data contract as pandera schemas: labelled and unlabelled from one source."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pandera.pandas as pa

from schemas.errors import TableError
from schemas.faults import list_faults
from schemas.features import FEATURES, FULL_SCALE, LABEL
from schemas.moments import CURVES, breaks_moments, breaks_variance

if TYPE_CHECKING:
    from schemas.features import Curve, Feature


def candidate_schema(*, labelled: bool) -> pa.DataFrameSchema:
    """Build the schema of a table of candidates.

    Checks that need one column stand with it; those that need two (moment inequality, variance
    bound) stand with the table and name the column that they blame. The label is checked as it
    was read and never coerced, so 0.5 cannot become 0.

    Parameters
    ----------
    labelled : bool
        Whether there is a ``label``, 1.0 or 0.0.
    """
    columns = {feature.name: _feature_column(feature) for feature in FEATURES}
    if labelled:
        columns[LABEL] = pa.Column(
            float, pa.Check.isin([0.0, 1.0], name=LABEL, error="is no label; it must be 0 or 1")
        )
    wide = [check for curve in CURVES for check in (_moment_check(curve), _variance_check(curve))]
    return pa.DataFrameSchema(
        columns,
        checks=wide,
        index=pa.Index(int, unique=True),
        strict=True,
        unique_column_names=True,
        coerce=False,
    )


def find_breaches(frame: pd.DataFrame, *, labelled: bool) -> pd.DataFrame:
    """List what breaks the contract.

    Parameters
    ----------
    frame : DataFrame
        Canonical columns; the index counts the rows from 0.

    Returns
    -------
    DataFrame
        ``row``, ``column``, ``value`` (text) and ``why``, one line for each breach.

    Raises
    ------
    TableError
        The table as a whole has another form: columns, types, index.
    """
    try:
        candidate_schema(labelled=labelled).validate(frame, lazy=True)
    except pa.errors.SchemaErrors as error:
        cases = error.failure_cases
    else:
        return list_faults([])
    form = cases["index"].isna() | ~cases["schema_context"].isin(["Column", "DataFrameSchema"])
    if form.any():
        first = cases[form].iloc[0]
        raise TableError(
            f"the table is not in canonical form: {first['check']} ({first['failure_case']})."
        )
    cases = cases.replace({"check": {"not_nullable": "is missing"}})
    blamed = cases["check"].map(_blamed_columns()).fillna(cases["column"])
    # A check on the table reports every cell of the row; only the blamed one is kept.
    cases = cases[blamed == cases["column"]]
    values = cases["failure_case"].astype("str").fillna("")
    parts = {
        "row": cases["index"],
        "column": cases["column"],
        "value": values,
        "why": cases["check"],
    }
    return list_faults([parts])


def _feature_column(feature: Feature) -> pa.Column:
    """Finite and in range."""
    checks = [pa.Check(np.isfinite, name="finite", error="is not finite")]
    if np.isfinite(feature.low) and np.isfinite(feature.high):
        bound = f"is outside {feature.low:g} to {feature.high:g}"
        checks.append(pa.Check.in_range(feature.low, feature.high, error=bound))
    elif np.isfinite(feature.low):
        checks.append(pa.Check.ge(feature.low, error=f"is below {feature.low:g}"))
    return pa.Column(float, checks, nullable=False)


def _moment_check(curve: Curve) -> pa.Check:
    """Pearson's inequality: no distribution breaks it."""

    def holds(frame: pd.DataFrame) -> pd.Series[bool]:
        broken = breaks_moments(frame[f"{curve}_skewness"], frame[f"{curve}_kurtosis"])
        return pd.Series(~broken, index=frame.index)

    return pa.Check(holds, name=f"{curve}_kurtosis", error=f"is below {curve}_skewness² − 2")


def _variance_check(curve: Curve) -> pa.Check:
    """Bhatia–Davis inequality on the 0–255 scale."""

    def holds(frame: pd.DataFrame) -> pd.Series[bool]:
        mean, stdev = frame[f"{curve}_mean"], frame[f"{curve}_stdev"]
        return pd.Series(~breaks_variance(mean, stdev, top=FULL_SCALE), index=frame.index)

    why = f"is more than {curve}_mean allows: variance ≤ mean·({FULL_SCALE:g} − mean)"
    return pa.Check(holds, name=f"{curve}_stdev", error=why)


def _blamed_columns() -> dict[str, str]:
    """Column that each check on the table blames, by the check's sentence."""
    checks = [check for curve in CURVES for check in (_moment_check(curve), _variance_check(curve))]
    return {str(check.error): str(check.name) for check in checks}
