"""Rows held as columns, one array an input: to the last bit what `Inputs.transform` gives, faster.

What is done to an input then runs along memory, with one number for the whole column, and a block
of rows stays in the cache from its features to its logits. `Inputs.transform`, `contributions` and
`share_out` say the same in plain lines, row by row; tests hold this file to them, every bit.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from slp.checks import Floats
from slp.input_fitting import FARTHEST
from slp.inputs import Inputs
from slp.power import transform_column
from slp.products import pairs

BLOCK = 2**14
"""Rows that are held at once: 44 inputs of them take 6 MB. Larger blocks gain nothing."""

_ACCUMULATORS = 8  # of NumPy's sum along a row,
_LONGEST = 128  # which is cut in two when it is longer


def blocks(n_rows: int, size: int = BLOCK) -> Iterator[slice]:
    """Cut rows into blocks of `size`, the last one shorter."""
    return (slice(first, min(first + size, n_rows)) for first in range(0, n_rows, size))


def input_columns(
    inputs: Inputs, features: Floats, out: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Turn rows of features into what the layer sees, one row of numbers an input.

    Parameters
    ----------
    inputs : Inputs
        Of any kind.
    features : ndarray of shape (n_samples, n_features), float32 or float64
        As `check_features` gives them.
    out : ndarray of shape (n_outputs, n_samples), float64, optional
        Where to write them; each of its rows without gaps.

    Returns
    -------
    ndarray of shape (n_outputs, n_samples), float64
        The bits of ``inputs.transform(features).T``.
    """
    columns = np.empty((inputs.n_outputs, len(features))) if out is None else out
    scaled = columns[: inputs.n_features]
    scaled[:] = features.T
    with np.errstate(over="ignore"):  # as in `Inputs.transform`
        for number, column in enumerate(scaled):
            _scale(inputs, number, column)
    if inputs.products is not None:
        mean, std = inputs.products.mean.tolist(), inputs.products.std.tolist()
        for number, (i, j) in enumerate(zip(*pairs(len(scaled)), strict=True), len(scaled)):
            np.multiply(scaled[i], scaled[j], out=columns[number])
        for column, middle, spread in zip(columns, mean, std, strict=True):
            np.subtract(column, middle, out=column)
            np.divide(column, spread, out=column)
    return columns


def _scale(inputs: Inputs, number: int, column: NDArray[np.float64]) -> None:
    """Take a feature, as the file has it, to its scaled and bounded power, in place."""
    if inputs.low is not None and inputs.high is not None:
        np.clip(column, inputs.low[number], inputs.high[number], out=column)
    if inputs.exponents is not None:
        unit = None if inputs.unit is None else float(inputs.unit[number])
        transform_column(column, float(inputs.exponents[number]), unit, out=column)
    column -= inputs.scale.mean[number]
    column /= inputs.scale.std[number]
    if inputs.kind not in ("raw", "standard"):
        np.clip(column, -FARTHEST, FARTHEST, out=column)


def weighed_columns(
    inputs: Inputs, coef: NDArray[np.float64], features: Floats
) -> Iterator[tuple[slice, NDArray[np.float64]]]:
    """Give what each input adds to the logits, block of rows by block of rows.

    No matrix product: it would let a row's last bit depend on the number of rows.

    Parameters
    ----------
    inputs : Inputs
        Of any kind.
    coef : ndarray of shape (n_outputs,), float64
        One weight an input.
    features : ndarray of shape (n_samples, n_features), float32 or float64
        As `check_features` gives them.

    Yields
    ------
    slice
        Which rows.
    ndarray of shape (n_outputs, n_rows), float64
        Their parts, in memory that the next block is written to as well.
    """
    held = np.empty(len(coef) * min(len(features), BLOCK))
    for block in blocks(len(features)):
        n_rows = block.stop - block.start
        parts = held[: len(coef) * n_rows].reshape(-1, n_rows)
        input_columns(inputs, features[block], out=parts)
        for part, weight in zip(parts, coef.tolist(), strict=True):
            np.multiply(part, weight, out=part)
        yield block, parts


def row_sums(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum over the first axis in the order in which NumPy sums a row that lies in one piece.

    From shape (n_columns, n_samples) to (n_samples,): the bits of ``rows.sum(axis=1)``, where
    ``rows`` is ``columns.T`` in C order. NumPy keeps eight sums, adds these by twos, then what is
    left over; a row above 128 numbers is cut in two first.
    """
    if len(columns) > _LONGEST:
        middle = len(columns) // 2 - len(columns) // 2 % _ACCUMULATORS
        return row_sums(columns[:middle]) + row_sums(columns[middle:])
    whole = len(columns) - len(columns) % _ACCUMULATORS
    if whole == 0:
        return _added(columns[0].copy(), columns[1:])
    sums = [_added(columns[k].copy(), columns[k + 8 : whole : 8]) for k in range(_ACCUMULATORS)]
    left = (sums[0] + sums[1]) + (sums[2] + sums[3])
    right = (sums[4] + sums[5]) + (sums[6] + sums[7])
    return _added(left + right, columns[whole:])


def _added(total: NDArray[np.float64], columns: NDArray[np.float64]) -> NDArray[np.float64]:
    for column in columns:
        total += column
    return total


def share_columns(parts: NDArray[np.float64], n_features: int) -> NDArray[np.float64]:
    """Share the columns' parts among the features as `slp.products.shared_out` does.

    From shape (n_columns, n_samples) to (n_features, n_samples), in the place of the first parts;
    the others are overwritten.
    """
    shared, halves = parts[:n_features], parts[n_features:]
    halves /= 2
    for half, i, j in zip(halves, *pairs(n_features), strict=True) if len(halves) else ():
        shared[i] += half
        shared[j] += half
    return shared
