"""A grid of 250 fits by `slp.choosing` beside scikit-learn's GridSearchCV, in one run.

Ten learning rates, five penalties, five folds, ten epochs each. scikit-learn's steps are single
rows, the project's are batches of 32 in which 32 rows move the weights together: its learning
rates are 32 times as large, so that an epoch goes as far. Both run on standardised features; the
project fits these inside the folds and measures average precision and log loss too. Folds are the
same, and both run on one thread.

Ends with exit code 1 when the project takes more than a fifteenth of scikit-learn's time or its
best F1 is more than 0.002 below scikit-learn's.
"""

from __future__ import annotations

import os
import statistics
import sys
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import SGDClassifier
from sklearn.model_selection import GridSearchCV, PredefinedSplit
from threadpoolctl import threadpool_limits

from benchmarks.harness import timed
from pulsars.simulation.populations import simulate
from slp.choosing.cross_validation import sweep
from slp.choosing.grid import Grid
from slp.choosing.results import best
from slp.splitting.folds import stratified_folds

BOUND = 1 / 15
SLACK = 0.002
ROUNDS = 10
"""F1 of one seed varies by 0.005 between the two: of few seeds chance decides."""

BATCH = 32
N_FOLDS = 5
N_EPOCHS = 10
LEARNING_RATES = np.logspace(-2, 0.5, 10)
PENALTIES = (0.0, 1e-5, 1e-4, 1e-3, 1e-2)


def load() -> tuple[str, NDArray[Any], NDArray[Any]]:
    """Give HTRU2 where it can be found, else simulated candidates."""
    path = Path(os.environ.get("PULSAR_DATA_DIR", "data")) / "HTRU_2.csv"
    if path.is_file():
        text = path.read_text(encoding="ascii").replace("\r", "\n")
        table = np.loadtxt(text.splitlines(), delimiter=",")
        return "HTRU2", table[:, :8], table[:, 8].astype(np.int64)
    return ("simulated candidates", *simulate(17_898, rng=np.random.default_rng(0)))


def run_sklearn(X: NDArray[Any], y: NDArray[Any], seed: int) -> float:
    """Search scikit-learn's grid; give its best F1."""
    search = GridSearchCV(
        SGDClassifier(
            loss="log_loss",
            max_iter=N_EPOCHS,
            tol=None,
            learning_rate="constant",
            random_state=seed,
        ),
        {"eta0": LEARNING_RATES / BATCH, "alpha": PENALTIES},
        scoring="f1",
        cv=PredefinedSplit(
            stratified_folds(X, y, n_folds=N_FOLDS, rng=np.random.default_rng(seed))
        ),
        n_jobs=1,
        refit=False,
    )
    standardised = (X - X.mean(axis=0)) / X.std(axis=0)
    return float(search.fit(standardised, y).best_score_)


def run_project(X: NDArray[Any], y: NDArray[Any], seed: int) -> float:
    """Sweep the project's grid; give its best F1."""
    grid = Grid(
        learning_rate=tuple(LEARNING_RATES.tolist()),
        l2=PENALTIES,
        batch_size=(BATCH,),
        solver=("sgd",),
        n_epochs=N_EPOCHS,
    )
    swept = sweep(X, y, grid=grid, n_folds=N_FOLDS, rng=np.random.default_rng(seed))
    return best(swept, by="f1").mean("f1")


def main() -> int:
    """Time both in turns, print medians, ratio and scores."""
    name, X, y = load()
    runs = {"scikit-learn": run_sklearn, "project": run_project}
    found: dict[str, list[tuple[float, float]]] = {who: [] for who in runs}
    for seed, (who, run) in product(range(ROUNDS), runs.items()):
        with threadpool_limits(1):
            found[who].append(timed(run, X, y, seed))
    scores = {who: [score for score, _ in each] for who, each in found.items()}
    times = {who: [seconds for _, seconds in each] for who, each in found.items()}
    ratio = statistics.median(
        ours / theirs for ours, theirs in zip(times["project"], times["scikit-learn"], strict=True)
    )
    loss = statistics.mean(scores["scikit-learn"]) - statistics.mean(scores["project"])
    n_fits = len(LEARNING_RATES) * len(PENALTIES) * N_FOLDS
    print(f"{n_fits} fits of {N_EPOCHS} epochs on {len(X)} rows of {name}, {ROUNDS} runs in turns")
    for who in runs:
        print(
            f"  {who:14} {statistics.median(times[who]):7.2f} s   "
            f"best F1 {statistics.mean(scores[who]):.4f}"
        )
    print(f"  ratio          {ratio:7.4f}     at most {BOUND:.4f} (1 to {1 / ratio:.1f})")
    lost = np.subtract(scores["scikit-learn"], scores["project"])
    print(f"  F1 given up    {loss:7.4f}     at most {SLACK}; seeds vary by {lost.std(ddof=1):.4f}")
    return int(ratio > BOUND or loss > SLACK)


if __name__ == "__main__":
    sys.exit(main())
