"""Whether a probability is one, however the classes were balanced.

Means over the test parts of several seeds: the sum of the probabilities over the pulsars that there
are, and the expected calibration error beside its noise floor: what a model without any fault would
show on as many rows, with labels drawn by its own probabilities.
"""

from __future__ import annotations

import numpy as np

from benchmarks.audit.line import Line, Size
from benchmarks.runs import Run, htru2, trained
from slp.kinds import OVERSAMPLINGS
from slp.measures.calibration import expected_calibration_error, reliability
from slp.training.newton import fit_newton

SEEDS = {"short": 10, "full": 40}
SUM = (0.97, 1.03)
ABOVE_FLOOR = 0.003
N_DRAWS = 20


def measure(size: Size) -> list[Line]:
    """Give two lines for each way to balance the classes, and one with eight weights."""
    lines = []
    for strategy in OVERSAMPLINGS:
        found = table_row(SEEDS[size], oversample=strategy)
        lines += [_sum(f"default inputs, {strategy}", found), _error(strategy, found)]
        eight = table_row(SEEDS[size], oversample=strategy, inputs="standard")
        lines.append(_sum(f"standard inputs, {strategy}", eight))
    return lines


def table_row(n_seeds: int, **asked: str) -> dict[str, float]:
    """Train with the seeds from 0 on; give the means of what the test parts say."""
    X, y = htru2()
    rows = [
        _one(trained(X, y, seed, **asked), np.random.default_rng(seed)) for seed in range(n_seeds)
    ]
    return {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}


def _one(run: Run, rng: np.random.Generator) -> dict[str, float]:
    y, p, raw = run.truth, run.probability, run.uncorrected
    drawn = rng.random((N_DRAWS, len(p))) < p
    logits = np.log(np.clip(p, 1e-15, None)) - np.log1p(-np.clip(p, None, 1 - 1e-15))
    line = fit_newton(logits[:, None], y, l2=0.0)
    measured = run.measured()
    return {
        **{name: measured[name] for name in ("f1", "average_precision", "log_loss", "brier")},
        "brier_raw": float(np.mean((raw - y) ** 2)),
        "ece": _ece(y, p),
        "ece_raw": _ece(y, raw),
        "floor": float(np.mean([_ece(one.astype(np.int64), p) for one in drawn])),
        "sum": float(p.sum() / y.sum()),
        "slope": float(line.coef[0]),
        "intercept": line.intercept,
    }


def _ece(y: np.ndarray, p: np.ndarray) -> float:
    return expected_calibration_error(reliability(y, p))


def _sum(name: str, found: dict[str, float]) -> Line:
    low, high = SUM
    text = f"{found['sum']:.3f} (slope {found['slope']:.2f}, intercept {found['intercept']:+.2f})"
    what = f"{name}: probabilities summed, over pulsars"
    return Line(what, f"{low} to {high}", text, low <= found["sum"] <= high)


def _error(strategy: str, found: dict[str, float]) -> Line:
    text = f"{found['ece']:.4f}, floor {found['floor']:.4f} (AP {found['average_precision']:.4f})"
    what = f"default inputs, {strategy}: expected calibration error"
    holds = found["ece"] <= found["floor"] + ABOVE_FLOOR
    return Line(what, f"<= its floor + {ABOVE_FLOOR}", text, holds)
