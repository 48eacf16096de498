"""A stream of random numbers for each step of a run, from its seed."""

from __future__ import annotations

import numpy as np

_STREAMS = ("split", "oversample", "fit", "evaluate", "sweep", "procedure")
# Nothing is drawn to evaluate any more; without its place the steps after it would draw otherwise.


def rng_for(seed: int, step: str) -> np.random.Generator:
    """Give a step its own stream of random numbers.

    Parameters
    ----------
    seed : int
        The run's seed.
    step : {"split", "oversample", "fit", "sweep", "procedure"}
        Each has an independent stream, so a step draws the same whether or not the steps
        before it were run in this process.
    """
    sequence = np.random.SeedSequence(seed, spawn_key=(_STREAMS.index(step),))
    return np.random.default_rng(sequence)
