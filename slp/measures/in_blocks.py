"""Every measure of a table that is never in memory as a whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple
from functools import partial

import numpy as np
from numpy.typing import NDArray

from slp.blocks import Arrays, Mapped, in_blocks
from slp.checks import as_array, check_labels, check_length, check_probabilities
from slp.measures.confusion import Confusion, calls_of, confusion
from slp.measures.interval import Interval
from slp.measures.intervals import intervals_of_sums
from slp.measures.loss_intervals import LOSSES, PowerSums
from slp.measures.metrics import by_loss, row_losses
from slp.scalars import check_whole

Block = tuple[NDArray[np.int8], NDArray[np.float64], NDArray[np.int64]]

CELLS = 2**20
"""Stretches of the ranking that pulsars are counted in."""

BLOCK = 2**16
"""Rows whose losses are summed at once, counted from the first row of the table."""


def intervals_in_blocks(
    parts: Iterable[Block],
    *,
    n_rows: int,
    threshold: float,
    level: float = 0.95,
    mapped: Mapped = map,
) -> dict[str, Interval]:
    """Give every measure with its interval, as `slp.measures.intervals.intervals` does.

    Parameters
    ----------
    parts : iterable of tuple
        In the order of the table, in pieces of any size: labels, probabilities and ranks (1 to
        `n_rows`, each once), shape (n_rows_of_part,).
    n_rows : int
        Of all parts.
    threshold, level
        As for `intervals`.
    mapped : callable, optional
        As of `slp.blocks`; the result is the same to the last bit.

    Returns
    -------
    dict of str to Interval
        The four counts and what follows from them are the same. Sums of losses are of blocks, and
        differ in their last digits. Of up to `CELLS` rows ROC AUC and average precision are the
        same where no two scores are equal; those that are go by their ranks here. Of more, rows
        whose ranks fall in one of so many stretches count as equal: ROC AUC is off by half the rows
        of a stretch over the non-pulsars at most, 5e-7 for a hundred million rows.

    Raises
    ------
    ValueError
        When a label is neither 0 nor 1, a probability is outside [0, 1], a rank is no whole number
        from 1 to `n_rows`, the ranks do not add up to what each of these once does, there is no
        row, parts hold others than three arrays or `n_rows` rows, or `threshold` or `level` is out
        of bounds.
    """
    n_rows = check_whole("n_rows", n_rows)
    if n_rows < 1:
        raise ValueError(f"n_rows {n_rows} is below 1")
    width = -(-n_rows // CELLS)
    n_cells = -(-n_rows // width)
    rows, found = np.full(n_cells, float(width)), np.zeros(n_cells)
    rows[-1] -= n_cells * width - n_rows
    counts, losses = np.zeros(4), [PowerSums(0, 0, 0, 0) for _ in LOSSES]
    ranked = 0
    for of_pulsars, called, summed, ranks in mapped(
        partial(_measured, n_rows=n_rows, width=width, threshold=threshold),
        enumerate(in_blocks(parts, BLOCK)),
    ):
        np.add.at(found, of_pulsars, 1)
        counts += called
        ranked += ranks
        losses = [one + more for one, more in zip(losses, summed, strict=True)]
    if counts.sum() != n_rows:
        raise ValueError(f"the parts hold {int(counts.sum())} rows; n_rows is {n_rows}")
    if ranked != n_rows * (n_rows + 1) // 2:
        raise ValueError(
            f"the ranks are not those from 1 to {n_rows}, each once; slp.rank gives them"
        )
    of_cells = found, rows - found
    return intervals_of_sums(Confusion(*counts.tolist()), of_cells, losses, level=level)


def _measured(
    numbered: tuple[int, Arrays], *, n_rows: int, width: int, threshold: float
) -> tuple[NDArray[np.int64], tuple[float, ...], list[PowerSums], int]:
    """Give the stretch of each pulsar, the four counts, the losses' sums, and that of the ranks."""
    number, block = numbered
    try:
        truth, probability, ranks = _checked(block, n_rows=n_rows)
    except ValueError as error:
        raise ValueError(f"in the rows from {number * BLOCK} on: {error}") from None
    of_pulsars = (ranks[truth == 1] - 1) // width
    labels, score = by_loss(truth, probability)
    losses = row_losses(labels, score).T
    called = astuple(confusion(labels, calls_of(score, threshold)))
    return of_pulsars, called, [PowerSums.of(loss) for loss in losses], int(ranks.sum())


def _checked(
    block: Arrays, *, n_rows: int
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
    if len(block) != 3:  # noqa: PLR2004 - as told
        raise ValueError(f"a part is labels, probabilities and ranks, not {len(block)} arrays")
    labels, probability, ranks = block
    truth = check_labels(labels)
    score = check_probabilities(probability, n_samples=len(truth))
    places = as_array("ranks", ranks)
    check_length("ranks", places, len(truth))
    if places.dtype.kind not in "iu":
        raise ValueError(f"the ranks are of type {places.dtype}, not whole numbers")
    wrong = np.flatnonzero((places < 1) | (places > n_rows))
    if len(wrong):
        row = wrong[0]
        raise ValueError(f"rank {places[row]} in row {row} is outside [1, n_rows = {n_rows}]")
    return truth, score, places.astype(np.int64, copy=False)
