"""Measure scores by the labels that their file happens to have."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from pulsars.learning.measuring import (
    RANKING,
    Measured,
    Part,
    measure_ranking,
    measure_rows,
    plain_interval,
)
from pulsars.learning.predicting import Predicted
from pulsars.learning.scoring import Scorer
from pulsars.store import in_threads
from slp import intervals_in_blocks

AT_ONCE = 1 << 21
"""Rows up to which labels and logits are measured in memory, which takes some 120 bytes a row."""


def measure_scores(
    scorer: Scorer, labels: NDArray[np.int8] | None, logits: NDArray[np.float64]
) -> Measured | None:
    """Give every metric of rows, or of a companion's those of an order; None without labels.

    Parameters
    ----------
    scorer : Scorer
        Who gave the logits.
    labels : ndarray of shape (n_rows,) or None
    logits : ndarray of shape (n_rows,)
    """
    if labels is None:
        return None
    if not scorer.decides:
        return measure_ranking(labels, logits)
    probability = Predicted.by(scorer.model, logits).probability
    return measure_rows(labels, probability, threshold=scorer.model.threshold, by=logits)


def measure_in_parts(scorer: Scorer, parts: Iterable[Part], *, n_rows: int) -> Measured | None:
    """Give the same of a table in partitions, in bounded memory however many rows there are.

    Parameters
    ----------
    scorer : Scorer
        Who gave the logits.
    parts : iterable of tuple
        Labels, logits and ranks of each partition, in the order of the table.
    n_rows : int
        Of all of them. Of more than `AT_ONCE` rows the ranking is measured as of
        `slp.measures.in_blocks`.
    """
    if n_rows <= AT_ONCE:
        labels, logits, _ = (np.concatenate(each) for each in zip(*parts, strict=True))
        return measure_scores(scorer, labels, logits)
    said = (
        (labels, Predicted.by(scorer.model, logits).probability, ranks)
        for labels, logits, ranks in parts
    )
    threshold, mapped = scorer.model.threshold, in_threads()
    found = intervals_in_blocks(said, n_rows=n_rows, threshold=threshold, mapped=mapped)
    names = found if scorer.decides else RANKING
    return {name: plain_interval(found[name]) for name in names}
