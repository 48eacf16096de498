"""Logits and all eight contributions of many candidates, 44 inputs each, beside the plain way.

The plain way is what `slp` says in plain lines: make the inputs, weigh them, add them up, share
them out. It is given blocks of rows too, for all rows at once it is slower still. Both run on one
thread, and must agree in every bit.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.audit.line import Line, Size
from benchmarks.harness import timed
from slp.inputs import Inputs
from slp.perceptron import Perceptron

Said = tuple[np.ndarray, np.ndarray]

SECONDS_A_MILLION = 0.35
ROWS = {"short": 10**6, "full": 4 * 10**6}
TURNS = 5

_DRAWN = 100_000
_PLAIN_BLOCK = 4096


def measure(size: Size) -> list[Line]:
    """Time both in turns, the best of each: other work on the machine only adds."""
    from pulsars.simulation import simulate

    rng = np.random.default_rng(0)
    X, _ = simulate(_DRAWN, rng=rng)
    inputs = Inputs.fit("yeo-johnson-quadratic", X)
    model = Perceptron(rng.normal(size=inputs.n_outputs), -2.0, inputs)
    rows = X[rng.integers(0, len(X), ROWS[size])] * rng.uniform(0.9, 1.1, (ROWS[size], 8))
    fast, plain = _in_turns(lambda: model.explain(rows), lambda: plainly(model, rows))
    same = all(np.array_equal(*both) for both in zip(fast[1], plain[1], strict=True))
    millions = ROWS[size] / 1e6
    seconds = fast[0] / millions
    return [
        Line(
            "logit and contributions of a million candidates",
            f"at most {SECONDS_A_MILLION} s",
            f"{seconds:.3f} s, plainly {plain[0] / millions:.2f} s",
            seconds <= SECONDS_A_MILLION,
        ),
        Line("their bits", "those of the plain way", "the same" if same else "others", same),
    ]


def plainly(model: Perceptron, X: np.ndarray) -> Said:
    """Transform, weigh, add, share out."""
    logits, shared = [], []
    for first in range(0, len(X), _PLAIN_BLOCK):
        parts = model.inputs.transform(X[first : first + _PLAIN_BLOCK]) * model.coef
        logits.append(parts.sum(axis=1) + model.intercept)
        shared.append(model.inputs.share_out(parts))
    return np.concatenate(logits), np.concatenate(shared)


def _in_turns(*ways: Callable[[], Said]) -> list[tuple[float, Said]]:
    best = [float("inf")] * len(ways)
    said = [way() for way in ways]
    for _ in range(TURNS):
        for number, way in enumerate(ways):
            best[number] = min(best[number], timed(way)[1])
    return list(zip(best, said, strict=True))
