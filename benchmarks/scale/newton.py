"""Newton's method over blocks beside scikit-learn's newton-cholesky: time and memory, in turns.

Both begin at a file of eight features and end at the weights of 44 inputs. scikit-learn makes all
inputs at once by this project's transformer, which is faster than its own three, and stops by its
own tolerance. This project makes them block by block in every pass. Each side is a process of its
own, with a thread a processor.

Usage: python -m benchmarks.scale.newton [N_ROWS]
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.audit.line import Line, Size
from benchmarks.harness import leave
from slp.blocks import by_threads
from slp.inputs import Inputs
from slp.training.newton import fit_newton_over

FASTER = 0.5
LEANER = 0.1
"""Of ten million rows on; of fewer, what Python takes counts for more."""

LEANER_OF_FEW = 0.25
GAP = 1e-9
MANY = 10**7
ROWS = {"short": (10**6, 3), "full": (MANY, 1)}
"""How many, and how many turns."""

N_PROCESSORS = len(os.sched_getaffinity(0))
"""That this process may use: `taskset` makes them fewer."""

_DRAWN = 200_000
_PART = 2**17


def measure(size: Size) -> list[Line]:
    """Run both sides in turns on as many rows as the size asks for."""
    return compare(*ROWS[size])


def compare(n_rows: int, turns: int) -> list[Line]:
    """Run both sides in turns, each in processes of its own."""
    with tempfile.TemporaryDirectory(prefix="newton-") as name:
        write_rows(Path(name), n_rows)
        ran: dict[str, list[dict[str, float]]] = {side: [] for side in SIDES}
        for _ in range(turns):
            for side, found in ran.items():
                found.append(_run(side, Path(name)))
    seconds = {side: median(one["seconds"] for one in found) for side, found in ran.items()}
    worked = {side: median(one["worked"] for one in found) for side, found in ran.items()}
    memory = {side: max(one["mebibytes"] for one in found) for side, found in ran.items()}
    losses = {side: found[-1]["loss"] for side, found in ran.items()}
    print("processor seconds:", ", ".join(f"{side} {each:.1f}" for side, each in worked.items()))
    return _lines(n_rows, seconds, memory, losses)


def _lines(
    n_rows: int, seconds: dict[str, float], memory: dict[str, float], losses: dict[str, float]
) -> list[Line]:
    what = f"{n_rows:,} rows, 44 inputs"
    lines = []
    for name, unit, found, bound in (
        ("seconds", "s", seconds, FASTER),
        ("peak memory", "MiB", memory, LEANER if n_rows >= MANY else LEANER_OF_FEW),
    ):
        ratio = found["project"] / found["sklearn"]
        both = f"{found['project']:.1f} {unit} to {found['sklearn']:.1f} {unit}"
        lines.append(
            Line(
                f"{what}: {name}, to scikit-learn's",
                f"at most {bound}",
                f"{ratio:.3f} ({both})",
                ratio <= bound,
            )
        )
    gap = losses["project"] - losses["sklearn"]
    lines.append(Line(f"{what}: loss above it", f"at most {GAP}", f"{gap:+.1e}", gap <= GAP))
    return lines


def write_rows(folder: Path, n_rows: int, seed: int = 0) -> None:
    """Write features, row by row, and labels of simulated candidates, each jittered."""
    from pulsars.simulation import simulate

    rng = np.random.default_rng(seed)
    X, y = simulate(min(n_rows, _DRAWN), rng=rng)
    with (folder / "X").open("wb") as features, (folder / "y").open("wb") as labels:
        for first in range(0, n_rows, _PART):
            rows = rng.integers(0, len(X), min(_PART, n_rows - first))
            features.write((X[rows] * rng.uniform(0.99, 1.01, (len(rows), 8))).tobytes())
            labels.write(y[rows].astype(np.int8).tobytes())


def parts(folder: Path) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Read features and labels, a part after the other."""
    with (folder / "X").open("rb") as features, (folder / "y").open("rb") as labels:
        while len(y := np.fromfile(labels, np.int8, _PART)):
            yield np.fromfile(features, np.float64, 8 * len(y)).reshape(-1, 8), y


def inputs_of(folder: Path) -> Inputs:
    """Fit what either side's layer sees to the first rows, outside of both timings."""
    return Inputs.fit("yeo-johnson-quadratic", next(parts(folder))[0])


def by_project(folder: Path, inputs: Inputs) -> np.ndarray:
    """Fit block by block; give the weights, the bias last."""
    n_rows = (folder / "y").stat().st_size
    mapped = by_threads(N_PROCESSORS)
    found = fit_newton_over(lambda: parts(folder), inputs, l2=1 / n_rows, mapped=mapped)
    return np.append(found.coef, found.intercept)


def by_sklearn(folder: Path, inputs: Inputs) -> np.ndarray:
    """Fit all at once."""
    from sklearn.linear_model import LogisticRegression

    y = np.fromfile(folder / "y", np.int8)
    seen = inputs.transform(np.fromfile(folder / "X", np.float64).reshape(-1, 8))
    model = LogisticRegression(C=1.0, solver="newton-cholesky", max_iter=1000)  # l2 = 1 / n_rows
    model.fit(seen, y)
    return np.append(model.coef_[0], model.intercept_)


SIDES: dict[str, Callable[[Path, Inputs], np.ndarray]] = {
    "project": by_project,
    "sklearn": by_sklearn,
}


def loss_of(weights: np.ndarray, folder: Path, inputs: Inputs) -> float:
    """Give mean loss plus penalty, by NumPy's own softplus."""
    total, n_rows = 0.0, 0
    for X, y in parts(folder):
        logits = inputs.transform(X) @ weights[:-1] + weights[-1]
        total += float(np.sum(np.logaddexp(0, logits) - y * logits))
        n_rows += len(y)
    return total / n_rows + float(weights[:-1] @ weights[:-1]) / 2 / n_rows


def _run(side: str, folder: Path) -> dict[str, float]:
    threads = "1" if side == "project" else str(N_PROCESSORS)  # its threads are over blocks
    env = {**os.environ, "OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads}
    command = [sys.executable, "-m", "benchmarks.scale.newton", side, str(folder)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{side} ended with {done.returncode}: {done.stderr[-2000:]}")
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _one_side(side: str, folder: Path) -> dict[str, Any]:
    from resource import RUSAGE_SELF, getrusage

    inputs = inputs_of(folder)
    began, worked = time.perf_counter(), time.process_time()
    weights = SIDES[side](folder, inputs)
    seconds, worked = time.perf_counter() - began, time.process_time() - worked
    most = getrusage(RUSAGE_SELF).ru_maxrss / 1024
    loss = loss_of(weights, folder, inputs)
    return {"seconds": seconds, "worked": worked, "mebibytes": most, "loss": loss}


def main() -> None:
    """Compare; or, told a side and a folder, be that side."""
    if sys.argv[1:] and sys.argv[1] in SIDES:
        print(json.dumps(_one_side(sys.argv[1], Path(sys.argv[2]))))
        return
    n_rows, turns = (int(sys.argv[1]), 1) if sys.argv[1:] else ROWS["short"]
    leave("newton", compare, n_rows, turns)


if __name__ == "__main__":
    main()
