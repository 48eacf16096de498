"""Newton's method of `slp.training.newton` beside each of scikit-learn's solvers, in one run.

To the minimum of the penalised mean loss, on HTRU2 with its eight standardised features and with
their 44 products. scikit-learn's solvers run with tol=1e-8; liblinear penalises the intercept
too, so its loss is another problem's and only its time is compared. All run on one thread.

Ends with exit code 1 when the project takes longer than scikit-learn's fastest solver or their
losses differ by more than 1e-9.
"""

from __future__ import annotations

import statistics
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from benchmarks.harness import timed
from benchmarks.sweep import load
from slp.inputs import Inputs
from slp.kinds import InputKind
from slp.training.newton import fit_newton

BOUND = 1e-9
ROUNDS = 7
L2 = 1e-4
SOLVERS = ("lbfgs", "newton-cg", "newton-cholesky", "liblinear")
KINDS: tuple[InputKind, ...] = ("standard", "quadratic")


def run(who: str, X: NDArray[Any], y: NDArray[Any]) -> NDArray[Any]:
    """Fit by the project or by a solver of scikit-learn; give the weights, the bias last."""
    if who == "project":
        found = fit_newton(X, y, l2=L2)
        return np.append(found.coef, found.intercept)
    model = LogisticRegression(C=1 / (L2 * len(y)), tol=1e-8, solver=who, max_iter=10_000)
    model.fit(X, y)
    return np.append(model.coef_[0], model.intercept_)


def loss_of(weights: NDArray[Any], X: NDArray[Any], y: NDArray[Any]) -> float:
    """Give mean loss plus penalty, by NumPy's own softplus."""
    logits = X @ weights[:-1] + weights[-1]
    return float(
        np.mean(np.logaddexp(0, logits) - y * logits) + L2 / 2 * weights[:-1] @ weights[:-1]
    )


def compare(kind: InputKind, X: NDArray[Any], y: NDArray[Any]) -> bool:
    """Time all in turns on one kind of inputs, print; tell whether both bounds hold."""
    rows = Inputs.fit(kind, X).transform(X)
    times: dict[str, list[float]] = {who: [] for who in ("project", *SOLVERS)}
    losses: dict[str, float] = {}
    for turn in range(ROUNDS):
        for who, found in times.items():
            if turn > 1 and statistics.median(found) > 20 * statistics.median(times["project"]):
                continue  # out of the race
            weights, seconds = timed(run, who, rows, y)
            found.append(seconds)
            losses[who] = loss_of(weights, rows, y)
    medians = {who: statistics.median(found) for who, found in times.items()}
    print(f"{kind}, {rows.shape[1]} inputs")
    for who, median in medians.items():
        gap = losses[who] - losses["project"]
        print(f"  {who:16} {1000 * median:8.1f} ms   loss {gap:+.1e} from the project's")
    ratio = medians["project"] / min(medians[who] for who in SOLVERS)
    worst = max(abs(losses[who] - losses["project"]) for who in SOLVERS if who != "liblinear")
    print(f"  ratio            {ratio:8.2f}      at most 1; losses within {BOUND}: {worst < BOUND}")
    return ratio <= 1 and worst < BOUND


def main() -> int:
    """Compare on each kind of inputs."""
    name, X, y = load()
    print(f"To the minimum on {len(X)} rows of {name}, median of up to {ROUNDS} runs in turns")
    with threadpool_limits(1):  # threads of several libraries that wait for each other time nothing
        held = [compare(kind, X, y) for kind in KINDS]
    return int(not all(held))


if __name__ == "__main__":
    sys.exit(main())
