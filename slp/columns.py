"""Rows held as columns, one array an input: to the last bit what `Inputs.transform` gives, faster.

What is done to an input then runs along memory, with one number for the whole column, and what a
block of rows takes stays in the cache from its features to its logits. `Inputs.transform`,
`contributions` and `share_out` say the same in plain lines, row by row; tests hold this file to
them, every bit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice, repeat

import numpy as np
from numpy.typing import NDArray

from slp.checks import Floats
from slp.input_fitting import within_reach
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
    for _ in _each_input(inputs, features, np.empty(features.shape[::-1]), columns):
        pass
    return columns


def _each_input(
    inputs: Inputs,
    features: Floats,
    scaled: NDArray[np.float64],
    outs: Iterable[NDArray[np.float64]],
) -> Iterator[NDArray[np.float64]]:
    """Write one input after another, each to the next of `outs`, and give it.

    Features are scaled in `scaled`, (n_features, n_samples), which their products are made of.
    """
    scaled[:] = features.T
    with np.errstate(over="ignore"):  # as in `Inputs.transform`
        for number, column in enumerate(scaled):
            _scale(inputs, number, column)
    if inputs.products is None:
        for column, out in zip(scaled, outs, strict=False):
            out[:] = column
            yield out
        return
    mean, std = inputs.products.mean.tolist(), inputs.products.std.tolist()
    alone = [(column, None) for column in scaled]
    both = [(scaled[i], scaled[j]) for i, j in zip(*pairs(len(scaled)), strict=True)]
    for (one, other), middle, spread, out in zip([*alone, *both], mean, std, outs, strict=False):
        made = one if other is None else np.multiply(one, other, out=out)
        np.subtract(made, middle, out=out)
        np.divide(out, spread, out=out)
        yield out


def _scale(inputs: Inputs, number: int, column: NDArray[np.float64]) -> None:
    """Take a feature, as the file has it, to its scaled and bounded power, in place."""
    if inputs.low is not None and inputs.high is not None:
        np.clip(column, inputs.low[number], inputs.high[number], out=column)
    if inputs.exponents is not None:
        unit = None if inputs.unit is None else float(inputs.unit[number])
        transform_column(column, float(inputs.exponents[number]), unit, out=column)
    column -= inputs.scale.mean[number]
    column /= inputs.scale.std[number]
    within_reach(inputs.kind, column, out=column)


def weigh(
    inputs: Inputs,
    coef: NDArray[np.float64],
    features: Floats,
    shares: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Sum what the inputs of each row add to its logit, one after another in the same memory.

    No matrix product: it would let a row's last bit depend on the number of rows.

    Parameters
    ----------
    inputs : Inputs
        Of any kind.
    coef : ndarray of shape (n_outputs,), float64
        One weight an input.
    features : ndarray of shape (n_samples, n_features), float32 or float64
        As `check_features` gives them, in either order.
    shares : ndarray of shape (n_features, n_samples), float64, optional
        Where to write what each feature has of the sum, as of `slp.products.shared_out`.

    Returns
    -------
    ndarray of shape (n_samples,), float64
    """
    sums = np.empty(len(features))
    held = np.empty((inputs.n_features + 2) * min(len(features), BLOCK))
    for block in blocks(len(features)):
        n_rows = block.stop - block.start
        memory = held[: (inputs.n_features + 2) * n_rows].reshape(-1, n_rows)
        made = _each_input(inputs, features[block], memory[:-2], repeat(memory[-2]))
        parts = (np.multiply(x, w, out=x) for x, w in zip(made, coef.tolist(), strict=True))
        told = parts if shares is None else _shared(parts, shares[:, block], memory[-1])
        sums[block] = row_sums(told, len(coef))
    return sums


def logits_of(
    inputs: Inputs,
    coef: NDArray[np.float64],
    intercept: float,
    features: Floats,
    shares: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Give `weigh` and the intercept, shape (n_samples,).

    Raises
    ------
    ValueError
        When a logit is not finite, as of features near the largest float.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        logits = weigh(inputs, coef, features, shares) + intercept
    lost = np.flatnonzero(~np.isfinite(logits))
    if len(lost):
        most = np.abs(features[lost[0]]).max()
        raise ValueError(
            f"the logit of row {lost[0]} is {logits[lost[0]]}: its features reach {most:.3g}, too "
            f"far for these weights"
        )
    return logits


def _shared(
    parts: Iterator[NDArray[np.float64]],
    shares: NDArray[np.float64],
    half: NDArray[np.float64],
) -> Iterator[NDArray[np.float64]]:
    """Give the parts, once each is shared among the features that it is of."""
    for share, part in zip(shares, parts, strict=False):
        share[:] = part
        yield part
    for part, i, j in zip(parts, *pairs(len(shares)), strict=False):
        np.multiply(part, 0.5, out=half)
        shares[i] += half
        shares[j] += half
        yield part


def row_sums(columns: Iterator[NDArray[np.float64]], n_columns: int) -> NDArray[np.float64]:
    """Sum columns, which may come in one place, in the order in which NumPy sums a row of them.

    From shape (n_columns, n_samples) to (n_samples,): the bits of ``rows.sum(axis=1)``, where
    ``rows.T`` are the columns and ``rows`` lies in one piece. NumPy keeps eight sums, adds these
    by twos, then what is left over; a row above 128 numbers is cut in two first.
    """
    if n_columns > _LONGEST:
        middle = n_columns // 2 - n_columns // 2 % _ACCUMULATORS
        first = row_sums(columns, middle)
        return first + row_sums(columns, n_columns - middle)
    left_over = n_columns % _ACCUMULATORS
    if n_columns < _ACCUMULATORS:
        return _added(next(columns).copy(), islice(columns, left_over - 1))
    sums = [next(columns).copy() for _ in range(_ACCUMULATORS)]
    for k in range(_ACCUMULATORS, n_columns - left_over):
        sums[k % _ACCUMULATORS] += next(columns)
    left = (sums[0] + sums[1]) + (sums[2] + sums[3])
    right = (sums[4] + sums[5]) + (sums[6] + sums[7])
    return _added(left + right, islice(columns, left_over))


def _added(
    total: NDArray[np.float64], columns: Iterable[NDArray[np.float64]]
) -> NDArray[np.float64]:
    for column in columns:
        total += column
    return total
