"""Gradient descent over rows that are never in memory together: groups shuffled, rows within.

An epoch draws the order of the groups and, as its turn comes, that of the rows of each: a row is in
a batch with others of its group alone. So every group has to be mixed, as the rows of a survey are
and those of a sorted file are not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike

from slp.blocks import BLOCK, Arrays, Mapped, Source, add_by_twos
from slp.checks import check_labels, check_rng
from slp.inputs import Inputs
from slp.settings import Settings
from slp.training.descent import Descent
from slp.training.epochs import Fit, OnEpoch, check_pair, descend, first_weights, validation_loss

MIXED = BLOCK
"""A group of so many rows has both classes, or is refused as sorted."""


def fit_groups(  # noqa: PLR0913 - what is optional is keyword-only
    groups: Sequence[Source],
    inputs: Inputs,
    *,
    settings: Settings,
    rng: np.random.Generator,
    validation: tuple[ArrayLike, ArrayLike] | None = None,
    on_epoch: OnEpoch | None = None,
    mapped: Mapped = map,
) -> Fit:
    """Train a perceptron's weights, with memory for the features of one group.

    Parameters
    ----------
    groups : sequence of callables
        Each gives its rows whenever it is called, in parts of any size: features as they are in
        the file, shape (n_rows, n_features), and labels. A group may have none.
    inputs : Inputs
        What the layer sees of them; made anew in every epoch.
    settings, on_epoch
        As for `slp.training.epochs.fit`.
    rng : numpy.random.Generator
        Draws the first weights (when `init_std` is not 0), then in every epoch the order of the
        groups and, as its turn comes, that of the rows of each.
    validation : tuple of X and y, optional
        Rows that are held out, with features as they are in the file, whose loss chooses the
        epoch and stops early.
    mapped : callable
        Applies a function to each of many blocks and gives what it returns in their order: `map`,
        or `slp.blocks.by_threads`. The result is the same to the last bit.

    Returns
    -------
    Fit
        Of one group of up to `slp.blocks.BLOCK` rows what `fit` gives of their inputs, to the last
        bit; of more the same weights, and losses that differ by roundings.

    Raises
    ------
    ValueError
        As `fit`; and when a group of `MIXED` rows or more is of one class.

    Notes
    -----
    The last batch of a group may be short, as that of all rows is in `fit`.
    """
    check_rng(rng)
    seen = None
    if validation is not None:
        X, y = check_pair(validation)
        seen = inputs.transform(X), y
    loss_of = validation_loss(seen, inputs.n_outputs, settings)
    start = first_weights(inputs.n_outputs, settings, rng)
    nothing = np.empty((0, inputs.n_outputs)), np.empty(0, dtype=np.int64)
    descent = Descent(*nothing, weights=start, settings=settings)

    def run_block(rows: Arrays) -> tuple[int, float]:
        descent.turn_to(*rows)
        return len(rows[1]), descent.run_epoch(np.arange(len(rows[1])))

    def prepare(rows: Arrays) -> Arrays:
        return inputs.transform(rows[0]), check_labels(rows[1], n_samples=len(rows[0]))

    def run_epoch() -> float:
        blocks = mapped(prepare, _shuffled(groups, rng, batch_size=settings.batch_size))
        _, loss = add_by_twos(map(run_block, blocks), _joined)
        return loss

    return descend(run_epoch, descent, settings=settings, loss_of=loss_of, on_epoch=on_epoch)


def _shuffled(
    groups: Sequence[Source], rng: np.random.Generator, *, batch_size: int
) -> Iterator[Arrays]:
    """Give all rows once, in a drawn order, in blocks of whole batches."""
    size = max(BLOCK // batch_size, 1) * batch_size
    for number in rng.permutation(len(groups)):
        parts = list(groups[number]())
        if not any(len(y) for _, y in parts):
            continue
        X, y = (np.concatenate(each) for each in zip(*parts, strict=True))
        if len(y) >= MIXED and y.min() == y.max():
            raise ValueError(
                f"all {len(y):,} rows of group {number + 1} of {len(groups)} are labelled {y[0]}, "
                "and batches of one class lead nowhere: shuffle the rows of the file, or ask for "
                "the solver newton, which takes them in any order"
            )
        order = rng.permutation(len(y))
        for first in range(0, len(y), size):
            rows = order[first : first + size]
            yield X[rows], y[rows]


def _joined(one: tuple[int, float], other: tuple[int, float]) -> tuple[int, float]:
    """Give the mean loss of two blocks, each with how many rows it is of."""
    n_rows = one[0] + other[0]
    return n_rows, (one[0] * one[1] + other[0] * other[1]) / n_rows
