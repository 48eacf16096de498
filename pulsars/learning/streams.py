"""A stream of random numbers for each step of a run, from its seed."""

from __future__ import annotations

import numpy as np

# A place in this list is a stream: those of steps that draw nothing any more stay where they were.
_STREAMS = ("split", "oversample", "fit", "evaluate", "sweep", "procedure")


def rng_for(seed: int, step: str) -> np.random.Generator:
    """Give a step its own stream of random numbers.

    Parameters
    ----------
    seed : int
        The run's seed.
    step : {"oversample", "fit", "evaluate", "sweep", "procedure"}
        Each has an independent stream, so a step draws the same whether or not the steps
        before it were run in this process.
    """
    sequence = np.random.SeedSequence(seed, spawn_key=(_STREAMS.index(step),))
    return np.random.default_rng(sequence)
