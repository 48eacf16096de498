"""How far a threshold jumps from split to split, and what each rule, and a refit, is worth.

The rules are held against "f1", which chooses on the labels of a validation part that the model has
not learnt from: the same splits, differences pair by pair, with the standard error of their mean.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.audit.line import Line, Size
from benchmarks.runs import Run, few_of_htru2, htru1, htru2, trained
from slp.choosing.thresholds import choose_threshold
from slp.kinds import parse_threshold
from slp.measures import metrics

SPLITS = {"short": 10, "full": 40}
ELSEWHERE: dict[str, Callable[[int], tuple[np.ndarray, np.ndarray]]] = {
    "HTRU 1 sample": lambda _: htru1(),
    "600 rows of HTRU2": lambda seed: few_of_htru2(600, seed),
    "2,000 rows of HTRU2": lambda seed: few_of_htru2(2_000, seed),
}
"""Fewer pulsars, and another survey."""
DEFAULT = "expected-f1, refit (default)"
HELD_OUT = "expected-f1, validation held out"
OLD_RULE = "f1, validation held out"
OLD_RULE_REFIT = "f1, then refit at its threshold"
MEASURES = ("f1", "average_precision")

Found = dict[str, np.ndarray]
"""Threshold, F1 and average precision of a rule, one a split."""


def measure_rules(
    n_splits: int, candidates: Callable[[int], tuple[np.ndarray, np.ndarray]] = lambda _: htru2()
) -> dict[str, Found]:
    """Train with the seeds from 0 on, and measure each rule on each test part.

    `candidates` gives the rows of each seed.
    """
    rows: dict[str, list[dict[str, float]]] = {}
    for seed in range(n_splits):
        X, y = candidates(seed)
        held, refit = (trained(X, y, seed, threshold=rule) for rule in ("f1", "expected-f1"))
        validation = held.parts["validation"]
        expected = choose_threshold(
            y[validation],
            held.model.predict_proba(X[validation]),
            parse_threshold("expected-f1"),
        )
        for name, run, threshold in (
            (OLD_RULE, held, held.model.threshold),
            (HELD_OUT, held, expected),
            (OLD_RULE_REFIT, refit, held.model.threshold),
            (DEFAULT, refit, refit.model.threshold),
        ):
            rows.setdefault(name, []).append(_at(run, threshold))
    keys = ("threshold", *MEASURES)
    return {
        name: {key: np.array([row[key] for row in found]) for key in keys}
        for name, found in rows.items()
    }


def measure(size: Size) -> list[Line]:
    """Give a line for each claim, measured on as many splits as there is time for."""
    found = measure_rules(SPLITS[size])
    spreads = [_spread(name, found) for name in (DEFAULT, HELD_OUT)]
    gains = [
        _gain(name, found, by=by)
        for by in MEASURES
        for name in (DEFAULT, HELD_OUT, OLD_RULE_REFIT)
        if not (by == "average_precision" and name == HELD_OUT)  # the same model, the same ranking
    ]
    for name, candidates in ELSEWHERE.items():
        there = measure_rules(40, candidates)
        gains.append(_gain(DEFAULT, there, by="f1", where=f"{name}, "))
    return [*spreads, *gains, _mean(found, "f1", 0.885), _mean(found, "average_precision", 0.930)]


def _at(run: Run, threshold: float) -> dict[str, float]:
    measured = metrics.measure(run.truth, run.probability, threshold=threshold)
    return {"threshold": threshold, **{name: measured[name] for name in MEASURES}}


def _spread(name: str, found: dict[str, Found]) -> Line:
    mine, old = (float(found[rule]["threshold"].std(ddof=1)) for rule in (name, OLD_RULE))
    where = found[name]["threshold"]
    text = f"{mine:.4f} ({where.min():.3f} to {where.max():.3f}; f1 {old:.3f})"
    what = f"{name}: sd of the threshold, {len(where)} splits"
    return Line(what, "<= 0.01", text, mine <= 0.01)  # noqa: PLR2004 - a tenth of the old rule's


def gain(found: dict[str, Found], name: str, by: str) -> tuple[float, float]:
    """Give by how much a rule measures more than the old one, and the standard error of that."""
    more = found[name][by] - found[OLD_RULE][by]
    return float(more.mean()), float(more.std(ddof=1) / np.sqrt(len(more)))


def _gain(name: str, found: dict[str, Found], *, by: str, where: str = "") -> Line:
    mean, se = gain(found, name, by)
    text = f"{mean:+.4f} ± {se:.4f} (mean {found[name][by].mean():.4f})"
    what = f"{where}{name}: {by} less that of {OLD_RULE}"
    return Line(what, "not below 0 by 2 se", text, mean + 2 * se >= 0)


def _mean(found: dict[str, Found], by: str, least: float) -> Line:
    ten = found[DEFAULT][by][:10]
    text = f"{ten.mean():.4f} (single seeds {ten.min():.3f} to {ten.max():.3f})"
    return Line(f"default: {by}, seeds 0 to 9", f">= {least}", text, bool(ten.mean() >= least))
