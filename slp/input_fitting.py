"""What inputs take from the training rows, in as many passes over blocks of them as it needs.

Range, mean and spread are those of all rows. An exponent is that of a sample where there are very
many: it bends an axis, and a few hundredths more or less cost 1e-5 nats, for weights make it good.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from slp.blocks import Mapped, Source, add_by_twos, in_blocks
from slp.checks import check_features
from slp.kinds import InputKind, untaken
from slp.power import best_exponent, transform_column
from slp.products import pairs
from slp.scaling import Moments, Scale

FARTHEST = 1e6
"""Standard deviations from the mean beyond which a curved input counts as no farther out.

So a product of two features of any size is finite, also where no range holds them.
"""

AT_MOST = 2**17
"""Rows that exponents are found on: all, or every second, fourth, eighth … of more than these."""


class Fitted(NamedTuple):
    """What inputs are made of, in the order of `Inputs`."""

    scale: Scale
    exponents: NDArray[np.float64] | None = None
    products: Scale | None = None
    low: NDArray[np.float64] | None = None
    high: NDArray[np.float64] | None = None


def parts_of(kind: InputKind) -> tuple[bool, bool]:
    """Say whether inputs of a kind have a power of each feature, and whether products of two.

    Raises
    ------
    ValueError
        When there is no such kind.
    """
    match kind:
        case "raw" | "standard":
            return False, False
        case "yeo-johnson":
            return True, False
        case "quadratic":
            return False, True
        case "yeo-johnson-quadratic":
            return True, True
        case other:
            raise untaken(other)


def fit_parts(kind: InputKind, source: Source, mapped: Mapped = map) -> Fitted:
    """Fit inputs of a kind to rows that are given again and again.

    Parameters
    ----------
    kind : {"raw", "standard", "yeo-johnson", "quadratic", "yeo-johnson-quadratic"}
        As of `Inputs`.
    source : callable
        Gives all rows; of each tuple only the features are looked at.
    mapped : callable
        As of `slp.blocks`.

    Raises
    ------
    ValueError
        When there is no row or such a kind, a number is not finite, or a spread overflows.
    """
    powered, multiplied = parts_of(kind)
    sample = _Sample() if powered else None
    bare = _moments(Moments.of, source, mapped, sample)
    if kind == "raw":
        return Fitted(Scale.identity(len(bare.mean)))
    exponents, features = None, bare
    if sample is not None:
        exponents = np.array(list(mapped(best_exponent, np.ascontiguousarray(sample.rows.T))))
        features = _moments(partial(_powers, exponents=exponents), source, mapped)
    scale, products = features.scale(), None
    if multiplied:
        of = partial(_products, exponents=exponents, scale=scale)
        products = _moments(of, source, mapped).scale()
    match kind:
        case "standard":
            return Fitted(scale)
        case "yeo-johnson" | "quadratic" | "yeo-johnson-quadratic":
            return Fitted(scale, exponents, products, bare.low, bare.high)
        case other:
            raise untaken(other)


def within_reach(
    kind: InputKind, scaled: NDArray[np.float64], out: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Hold scaled features of a curved kind to `FARTHEST`; others are given as they are."""
    match kind:
        case "raw" | "standard":
            return scaled
        case "yeo-johnson" | "quadratic" | "yeo-johnson-quadratic":
            return np.clip(scaled, -FARTHEST, FARTHEST, out=out)
        case other:
            raise untaken(other)


class _Sample:
    """Every row, or every second, fourth, eighth of them, so that they are at most `AT_MOST`."""

    def __init__(self) -> None:
        self._held: list[NDArray[np.float64]] = []
        self._step, self._seen, self._kept = 1, 0, 0

    @property
    def rows(self) -> NDArray[np.float64]:
        return np.concatenate(self._held)

    def add(self, features: NDArray[np.float64]) -> None:
        taken = features[-self._seen % self._step :: self._step]
        self._held.append(taken if self._step == 1 else taken.copy())
        self._seen, self._kept = self._seen + len(features), self._kept + len(taken)
        while self._kept > AT_MOST:
            self._held = [self.rows[::2].copy()]
            self._step, self._kept = 2 * self._step, len(self._held[0])


def _moments(
    of: Callable[[NDArray[np.float64]], Moments],
    source: Source,
    mapped: Mapped,
    sample: _Sample | None = None,
) -> Moments:
    found: Moments = add_by_twos(mapped(of, _checked(source, sample)), Moments.plus)
    return found


def _checked(source: Source, sample: _Sample | None) -> Iterator[NDArray[np.float64]]:
    first = 0
    for arrays in in_blocks(source()):
        try:
            features = check_features(arrays[0]).astype(np.float64)
        except ValueError as error:
            raise ValueError(f"in the rows from {first} on: {error}") from None
        if sample is not None:
            sample.add(features)
        yield features
        first += len(features)


def _powers(features: NDArray[np.float64], exponents: NDArray[np.float64]) -> Moments:
    columns = np.ascontiguousarray(features.T)
    for column, exponent in zip(columns, exponents.tolist(), strict=True):
        transform_column(column, exponent, out=column)
    return Moments.of_columns(np.ascontiguousarray(columns.T), columns)


def _products(
    features: NDArray[np.float64], exponents: NDArray[np.float64] | None, scale: Scale
) -> Moments:
    """Take the moments of the scaled features and of all products of two."""
    first, second = pairs(n_features := features.shape[1])
    columns = np.empty((n_features + len(first), len(features)))
    scaled = columns[:n_features]
    scaled[:] = features.T
    with np.errstate(over="ignore"):  # what overflows is brought back at once
        for number, column in enumerate(scaled):
            if exponents is not None:
                transform_column(column, float(exponents[number]), out=column)
            np.subtract(column, scale.mean[number], out=column)
            np.divide(column, scale.std[number], out=column)
            np.clip(column, -FARTHEST, FARTHEST, out=column)
    for product, i, j in zip(columns[n_features:], first, second, strict=True):
        np.multiply(scaled[i], scaled[j], out=product)
    return Moments.of_columns(np.ascontiguousarray(columns.T), columns)
