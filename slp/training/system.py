"""What Newton's method asks of rows at given weights: loss, slope and curvature, summed by blocks.

With p the probabilities, the slope is ``X.T @ (p - y)`` and the curvature
``X.T @ diag(p (1 - p)) @ X``. Rows are held as columns: what weighs them then runs along memory,
and the curvature is one symmetric product of a few thousand rows that stay in the cache. Sums go
over blocks as `slp.blocks` says, so they do not depend on who worked out what.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from slp.blocks import Mapped, Source, add_by_twos, in_blocks
from slp.checks import check_features, check_labels
from slp.inputs import Inputs
from slp.scalars import check_number
from slp.training.rows import (
    AT_MOST,
    EVERY,
    Block,
    LabelTally,
    Prepare,
    as_columns,
    check_weights,
    count,
)

_ROWS = 4096  # whose curvature is one product


class Point(NamedTuple):
    """What the rows say at some weights.

    `moved` is by how much the logit of a row that counts has changed at the most. Slope, shape
    (n_weights,), and curvature, shape (n_weights, n_weights), are empty where nobody asked.
    """

    weights: NDArray[np.float64]
    loss: float
    slope: NDArray[np.float64]
    curvature: NDArray[np.float64]
    moved: float


@dataclass(frozen=True, eq=False)
class System:
    """A penalised mean loss over rows that are given again and again.

    Attributes
    ----------
    blocks : callable
        Gives all blocks from the first on.
    prepare : callable
        Makes a `Block` of one, inside `mapped`.
    penalty : ndarray of shape (n_inputs + 1,), float64
        Of each weight; of the bias 0.
    tally : LabelTally
        Of all rows.
    sample : list
        Some blocks, with their tallies, to begin with; empty where there are few blocks.
    mapped : callable
        As of `slp.blocks`.
    """

    blocks: Callable[[], Iterable[Any]]
    prepare: Callable[[Any], Block]
    penalty: NDArray[np.float64]
    tally: LabelTally
    sample: list[tuple[Any, LabelTally]]
    mapped: Mapped = map

    @classmethod
    def of(
        cls, X: ArrayLike, y: ArrayLike, *, l2: float, sample_weight: ArrayLike | None
    ) -> System:
        """Hold rows of inputs in memory, as columns."""
        features = check_features(X)
        labels = check_labels(y, n_samples=len(features))
        penalty = _penalties(l2, features.shape[1])
        weight = check_weights(sample_weight, len(labels))
        held = [as_columns(rows) for rows in in_blocks([(features, labels, weight)])]
        tallies = [LabelTally.of(each.labels, each.weight) for each in held]
        every = EVERY * -(-len(held) // (EVERY * AT_MOST))
        sample = list(zip(held, tallies, strict=True))[::every] if len(held) > EVERY else []
        tally = add_by_twos(tallies, LabelTally.plus).check()
        return cls(lambda: held, _as_it_is, penalty, tally, sample)

    @classmethod
    def over(cls, source: Source, inputs: Inputs, *, l2: float, mapped: Mapped) -> System:
        """Make the inputs of a block each time it is asked for: no more than that is held."""
        penalty = _penalties(l2, inputs.n_outputs)
        tallies, found = count(in_blocks(source()), inputs.n_features)
        tally = add_by_twos(tallies, LabelTally.plus).check()
        sample = [(rows, tallies[number]) for number, rows in found]
        return cls(lambda: in_blocks(source()), Prepare(inputs), penalty, tally, sample, mapped)

    def of_sample(self) -> System:
        """Give the same over the sample alone, whose rows must have both labels."""
        tally = add_by_twos((tally for _, tally in self.sample), LabelTally.plus).check()
        held = [rows for rows, _ in self.sample]
        return System(lambda: held, self.prepare, self.penalty, tally, [], self.mapped)

    def start(self) -> NDArray[np.float64]:
        """Give the weights that know nothing but the prevalence."""
        weights = np.zeros(len(self.penalty))
        weights[-1] = np.log(self.tally.pulsars) - np.log1p(-self.tally.pulsars)
        return weights

    def at(
        self,
        weights: NDArray[np.float64],
        *,
        before: NDArray[np.float64] | None = None,
        derivatives: bool = True,
        most: float = np.inf,
    ) -> Point:
        """Measure; how far logits have moved is told only of weights that were there before.

        Where the loss is more than `most`, slope and curvature may say nothing.
        """
        ask = _Measure(
            self.prepare, weights, before, derivatives, most, self.penalty, self.tally.weight
        )
        point: Point = add_by_twos(self.mapped(ask, enumerate(self.blocks())), _added)
        loss = float(point.loss + self.penalty @ weights**2 / 2)
        slope = point.slope + self.penalty * weights if derivatives else point.slope
        return point._replace(loss=loss, slope=slope)


@dataclass(frozen=True, eq=False)
class _Measure:
    """The part of a block in `System.at`; the first has the penalty's curvature with it."""

    prepare: Callable[[Any], Block]
    weights: NDArray[np.float64]
    before: NDArray[np.float64] | None
    derivatives: bool
    most: float
    penalty: NDArray[np.float64]
    total: float

    def __call__(self, numbered: tuple[int, Any]) -> Point:
        number, rows = numbered
        columns, labels, weight = self.prepare(rows)
        share = weight / self.total
        logits = self.weights @ columns
        decay = np.exp(-np.abs(logits))
        loss = float(share @ (np.maximum(logits, 0) - logits * labels + np.log1p(decay)))
        moved = 0.0
        if self.before is not None:
            moved = float(np.abs(logits - self.before @ columns)[share > 0].max(initial=0.0))
        if not self.derivatives:
            return Point(self.weights, loss, np.empty(0), np.empty(0), moved)
        if loss > self.most:  # and no block's is below 0, so that nobody will go from here
            nothing = np.zeros_like(self.penalty)
            return Point(self.weights, loss, nothing, np.diag(nothing), moved)
        probability = np.where(logits > 0, 1.0, decay) / (1 + decay)
        slope = columns @ (share * (probability - labels))
        curvature = np.diag(self.penalty if number == 0 else np.zeros_like(self.penalty))
        _add_curvature(curvature, columns, np.sqrt(share * decay) / (1 + decay))
        return Point(self.weights, loss, slope, curvature, moved)


def _add_curvature(
    curvature: NDArray[np.float64], columns: NDArray[np.float64], root: NDArray[np.float64]
) -> None:
    for first in range(0, len(root), _ROWS):
        weighed = columns[:, first : first + _ROWS] * root[first : first + _ROWS]
        curvature += weighed @ weighed.T


def _added(left: Point, right: Point) -> Point:
    return Point(
        left.weights,
        left.loss + right.loss,
        left.slope + right.slope,
        left.curvature + right.curvature,
        max(left.moved, right.moved),
    )


def _penalties(l2: float, n_inputs: int) -> NDArray[np.float64]:
    if check_number("l2", l2) < 0:
        raise ValueError(f"l2 {l2} is negative")
    return np.append(np.full(n_inputs, float(l2)), 0.0)


def _as_it_is(block: Block) -> Block:
    return block
