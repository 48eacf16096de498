"""Every figure of HTRU2 that the documents quote, measured anew and in their layout.

Usage: python -m benchmarks.figures [SECTION ...]

Data are those of PULSAR_DATA_DIR. Each section names the document that it stands in. Means are over
the test parts of the seeds 0 to 9, unless a section says otherwise.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from benchmarks.audit.calibration import table_row
from benchmarks.audit.thresholds import DEFAULT, ELSEWHERE, HELD_OUT, OLD_RULE, gain, measure_rules
from benchmarks.companions import layer
from benchmarks.runs import Run, htru2, trained
from pulsars.learning.leak import find_leak
from pulsars.simulation.populations import simulate
from schemas.parameters import SimulationParameters
from slp.kinds import INPUT_KINDS, OVERSAMPLINGS
from slp.measures.budget import recall_at_budget
from slp.measures.metrics import measure
from slp.measures.projection import alarms_per_pulsar
from slp.splitting.folds import stratified_folds

SEEDS = range(10)
PREVALENCES = (None, 0.01, 0.001, 0.0001)
BUDGETS = (300, 500)
SOLVED = (
    ("yeo-johnson-quadratic", "newton"),
    ("quadratic", "newton"),
    ("standard", "newton"),
    ("yeo-johnson-quadratic", "sgd"),
    ("standard", "sgd"),
)


def main() -> None:
    """Print the sections that are named, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.figures")
    parser.add_argument("section", nargs="*", choices=[*SECTIONS, []])
    for name in parser.parse_args().section or SECTIONS:
        print(f"\n## {SECTIONS[name].__doc__}\n")
        SECTIONS[name]()


def headline() -> None:
    """README.md: the default, seed by seed."""
    found = [run.measured() for run in _runs()]
    for name, digits in (("f1", 3), ("average_precision", 3), ("log_loss", 4)):
        each = np.array([one[name] for one in found])
        print(f"{name}: mean {each.mean():.{digits}f}, single seeds range from ", end="")
        print(f"{each.min():.{digits}f} to {each.max():.{digits}f}")


def rules() -> None:
    """docs/decisions/0039: rules for the threshold, and a refit, over 40 splits."""
    found = measure_rules(40)
    head = ("rule", "threshold", "sd", "range", "F1", "less the first's", "AP", "less the first's")
    rows = []
    for name, rule in found.items():
        at = rule["threshold"]
        cells = [
            name,
            f"{at.mean():.3f}",
            f"{at.std(ddof=1):.4f}",
            f"{at.min():.2f}–{at.max():.2f}",
        ]
        for by in ("f1", "average_precision"):
            more, se = gain(found, name, by)
            cells += [f"{rule[by].mean():.4f}", f"{more:+.4f} ± {se:.4f}"]
        rows.append(cells)
    _table(head, rows)


def elsewhere() -> None:
    """docs/numbers.md, From which probability on: fewer pulsars, and another survey; 40 splits."""
    rows = []
    for name, candidates in ELSEWHERE.items():
        found = measure_rules(40, candidates)
        old = found[OLD_RULE]
        cells = [name, f"{old['threshold'].std(ddof=1):.3f}", f"{old['f1'].mean():.3f}"]
        for rule in (HELD_OUT, DEFAULT):
            more, se = gain(found, rule, "f1")
            cells += [f"{found[rule]['threshold'].std(ddof=1):.3f}", f"{more:+.3f} ± {se:.3f}"]
        rows.append(cells)
    head = ("", "`f1`: sd", "F1", "held out: sd", "F1 more", "default: sd", "F1 more")
    _table(head, rows)


def inputs() -> None:
    """docs/numbers.md, What the layer sees: 2 × 5 folds, C = 1, threshold 0.5."""
    X, y = htru2()
    rng, rows = np.random.default_rng(0), []
    folds = [stratified_folds(X, y, n_folds=5, rng=rng) for _ in range(2)]
    for kind in INPUT_KINDS[1:]:
        found = []
        for fold in folds:
            for number in range(5):
                held = fold == number
                model = layer(kind)(X[~held], y[~held])
                found.append(measure(y[held], model.predict_proba(X[held]), threshold=0.5))
        rows.append([f"`{kind}`", *_means(found)])
    _table(("kind", "F1", "average precision", "log loss"), rows)


def solvers() -> None:
    """docs/decisions/0011: inputs and solver."""
    rows = [
        [f"{kind}, {solver}", *_means(run.measured() for run in _runs(inputs=kind, solver=solver))]
        for kind, solver in SOLVED
    ]
    _table(("inputs, solver", "F1", "average precision", "log loss"), rows)


def balanced() -> None:
    """docs/decisions/0005 and docs/numbers.md: how the classes were balanced, default inputs."""
    head = (
        *("`--oversample`", "F1", "average precision", "log loss", "Brier raw → corrected"),
        *("calibration error (floor)", "Σ probability / pulsars"),
    )
    rows = []
    for strategy in OVERSAMPLINGS:
        found = table_row(len(SEEDS), oversample=strategy)
        brier = f"{found['brier']:.4f}"
        if strategy != "none":
            brier = f"{found['brier_raw']:.4f} → {brier}"
        error = f"{found['ece']:.4f} ({found['floor']:.4f})"
        rows.append([f"`{strategy}`", *_means([found]), brier, error, f"{found['sum']:.3f}"])
    _table(head, rows)


def projection() -> None:
    """docs/numbers.md, What it means in a survey."""
    found = [run.measured() for run in _runs()]
    precision, alarms = ["precision"], ["false alarms for each pulsar found"]
    for share in PREVALENCES:
        each = np.array([_alarms(one, share) for one in found])
        shares = 100 / (1 + each)
        precision.append(f"{shares.mean():.2g} % ({shares.min():.2g}–{shares.max():.2g})")
        alarms.append(f"{each.mean():.2g}")
    names = ("share of pulsars", "9.2 % (HTRU2)", "1 %", "0.1 %", "0.01 %")
    _table(names, [precision, alarms])


def budget() -> None:
    """docs/numbers.md, With N candidates a night."""
    runs = _runs()
    for n in BUDGETS:
        each = np.array([recall_at_budget(run.truth, run.probability, [n])[0] for run in runs])
        print(f"{n} inspections: {each.mean():.1%} ({each.min():.1%} to {each.max():.1%})")


def leak() -> None:
    """docs/numbers.md, What the wrong order would have claimed: by the run's own inputs."""
    rows = []
    for kind in ("yeo-johnson-quadratic", "standard"):
        found = [find_leak(run.X, run.y, run.fitted, run.asked) for run in _runs(inputs=kind)]
        for side in ("claimed", "honest"):
            cells = [
                _range([one[side][name] for one in found]) for name in ("precision", "recall", "f1")
            ]
            rows.append([f"`{kind}`", side, *cells])
    _table(("HTRU2, ten splits", "", "precision", "recall", "F1"), rows)


def simulated() -> None:
    """docs/decisions/0007: learnt from simulated candidates alone, measured on HTRU2."""
    X, y = htru2()
    asked = SimulationParameters()
    rng = np.random.default_rng(asked.seed)
    made_X, made_y = simulate(asked.rows, prevalence=asked.prevalence, rng=rng)
    rows = []
    for kind in ("standard", "yeo-johnson-quadratic"):
        model = trained(made_X, made_y.astype(np.int64), 0, inputs=kind).model
        p = model.predict_proba(X)
        found = measure(y, p, threshold=0.5)
        names = ("roc_auc", "average_precision", "f1")
        rows.append([f"`{kind}`", *(f"{found[n]:.3f}" for n in names), f"{p.sum() / y.sum():.2f}"])
    head = ("inputs", "ROC AUC", "average precision", "F1 at 0.5", "Σ probability / pulsars")
    _table(head, rows)


SECTIONS: dict[str, Callable[[], None]] = {
    function.__name__: function
    for function in (
        headline,
        rules,
        elsewhere,
        inputs,
        solvers,
        balanced,
        projection,
        budget,
        leak,
        simulated,
    )
}
"""By the word that asks for it."""


def _runs(**asked: str) -> list[Run]:
    X, y = htru2()
    return [trained(X, y, seed, **asked) for seed in SEEDS]


def _means(found: Iterable[dict[str, float]]) -> list[str]:
    rows = list(found)
    return [
        f"{np.mean([row[name] for row in rows]):.{digits}f}"
        for name, digits in (("f1", 3), ("average_precision", 3), ("log_loss", 4))
    ]


def _alarms(measured: dict[str, float], prevalence: float | None) -> float:
    if prevalence is None:
        return measured["fp"] / measured["tp"]
    false = 1 - measured["specificity"]
    return alarms_per_pulsar(measured["recall"], false, prevalence=prevalence)


def _range(values: Sequence[float]) -> str:
    low, high = f"{min(values):.2f}", f"{max(values):.2f}"
    return low if low == high else f"{low}–{high}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    for row in (head, ["---"] * len(head), *rows):
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()
