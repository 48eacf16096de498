"""The rows that Newton's method goes over: as columns, counted, and a sample to begin with."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from slp.blocks import BLOCK, Arrays
from slp.checks import as_floats, check_features, check_labels, check_length
from slp.columns import input_columns
from slp.inputs import Inputs

EVERY = 16
"""Which blocks of a large table are its sample: one in so many, or in twice, four times so many"""

AT_MOST = 32
"""where these are more than this; a table of `EVERY` blocks or fewer has none."""

WEIGHED = 3
"""Arrays a block where rows are weighed: features, labels and weights."""


class Block(NamedTuple):
    """Rows as columns, shape (n_inputs + 1, n_rows), the last of them ones; label and weight."""

    columns: NDArray[np.float64]
    labels: NDArray[np.float64]
    weight: NDArray[np.float64]


class LabelTally(NamedTuple):
    """What rows weigh, the share of pulsars in that, and whether either label counts at all."""

    weight: float
    pulsars: float
    zeros: bool
    ones: bool

    @classmethod
    def of(cls, labels: NDArray[Any], weight: NDArray[np.float64]) -> LabelTally:
        """Count the rows of a block."""
        with np.errstate(over="ignore"):  # `check` asks whether it is finite
            total = float(weight.sum())
        pulsars = float((weight / (total or 1.0)) @ labels.astype(np.float64))
        return cls(total, pulsars, *(bool(weight[labels == one].any()) for one in (0, 1)))

    def plus(self, other: LabelTally) -> LabelTally:
        """Count these and others."""
        weight = self.weight + other.weight
        pulsars = self.weight * self.pulsars + other.weight * other.pulsars
        zeros, ones = self.zeros or other.zeros, self.ones or other.ones
        return LabelTally(weight, pulsars / (weight or 1.0), zeros, ones)

    def check(self) -> LabelTally:
        """Refuse rows without both labels, or of which nobody can say what they weigh together."""
        if not math.isfinite(self.weight):
            raise ValueError("the sample weights add up to more than a float holds; give smaller")
        for label, counts in enumerate((self.zeros, self.ones)):
            if not counts:
                raise ValueError(f"no row labelled {label} counts; both classes are needed")
        return self


@dataclass(frozen=True, eq=False)
class Prepare:
    """Makes columns of what the layer sees from a block of features, labels and, maybe, weights."""

    inputs: Inputs

    def __call__(self, rows: Arrays) -> Block:
        """Make them, in new memory."""
        columns = np.empty((self.inputs.n_outputs + 1, len(rows[0])))
        columns[-1] = 1
        features = check_features(rows[0], n_features=self.inputs.n_features)
        input_columns(self.inputs, features, out=columns[:-1])
        weight = check_weights(rows[2] if len(rows) == WEIGHED else None, len(features))
        return Block(columns, rows[1].astype(np.float64), weight)


def as_columns(rows: Arrays) -> Block:
    """Turn a block of inputs, labels and weights round."""
    columns = np.empty((rows[0].shape[1] + 1, len(rows[0])))
    columns[:-1], columns[-1] = rows[0].T, 1
    return Block(columns, rows[1].astype(np.float64), rows[2])


def count(
    blocks: Iterable[Arrays], n_features: int
) -> tuple[list[LabelTally], list[tuple[int, Arrays]]]:
    """Check all rows; give the tally of each block, and the sample as copies with their numbers.

    Raises
    ------
    ValueError
        When a feature is not finite, a label is neither 0 nor 1, a weight is negative or not
        finite, or shapes disagree; it names the row of the block, and where the block begins.
    """
    tallies: list[LabelTally] = []
    sample: list[tuple[int, Arrays]] = []
    every = EVERY
    for number, rows in enumerate(blocks):
        try:
            check_features(rows[0], n_features=n_features)
            labels = check_labels(rows[1], n_samples=len(rows[0]))
            weight = check_weights(rows[2] if len(rows) == WEIGHED else None, len(labels))
        except ValueError as error:
            raise ValueError(f"in the rows from {number * BLOCK} on: {error}") from None
        tallies.append(LabelTally.of(labels, weight))
        if number % every == 0:
            sample.append((number, tuple(each.copy() for each in rows)))
        if len(sample) > AT_MOST:
            sample, every = sample[::2], 2 * every
    return tallies, sample if len(tallies) > EVERY else []


def check_weights(sample_weight: ArrayLike | None, n_rows: int) -> NDArray[np.float64]:
    """Give one finite weight, at least 0, a row; None is 1 for each.

    Raises
    ------
    ValueError
        When these are others.
    """
    if sample_weight is None:
        return np.ones(n_rows)
    given = np.asarray(as_floats("sample weights", sample_weight), dtype=np.float64)
    if given.ndim != 1:
        raise ValueError(f"sample_weight has shape {given.shape}; one dimension is needed")
    check_length("sample weights", given, n_rows)
    wrong = np.flatnonzero(~((given >= 0) & np.isfinite(given)))
    if len(wrong):
        raise ValueError(
            f"sample weight {given[wrong[0]]} in row {wrong[0]} is negative or not finite"
        )
    return given
