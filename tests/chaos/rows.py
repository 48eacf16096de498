"""Candidates to write down, and the names that their columns are known by."""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

Candidate = tuple[tuple[float, ...], int]

CURVES = [
    ("integrated profile", "DM-SNR curve"),
    ("profile", "dm"),
    ("int_pf", "dm"),
    ("IP", "DMSNR"),
    ("pulse", "snr"),
    ("prof", "dispersion measure"),
    ("folded profile", "DM curve"),
    ("integrated pulse profile", "DM"),
]
STATISTICS = [
    ("mean", "standard deviation", "skewness", "excess kurtosis"),
    ("avg", "std", "skew", "kurt"),
    ("average", "stdev", "sk", "ek"),
    ("mean", "sd", "skew", "ex_kurt"),
    ("Mean", "sigma", "Skewness", "Kurtosis"),
    ("mean", "std dev", "skewness", "exc kurtosis"),
]
TEMPLATES = ["{s} of the {c}", "{c}_{s}", "{s}_{c}", "{c} {s}", "{s}-{c}", " {s}  {c} "]
BARE = [
    "mean_integrated,sd,skewness,ek,mean_dmsnr_curve,sd_dmsnr_curve,skewness_dmsnr_curve,ek_dmsnr",
    "Mean,SD,Skewness,Kurtosis,DM mean,DM SD,DM skewness,DM kurtosis",
]
LABELS = ["target_class", "class", "Class", "label", "LABEL", "target", "is_pulsar", "pulsar", "y"]
LABELS += ["truth", "ground_truth", "true label", "Target Class", "the class"]
FOREIGN = ["f{}", "feature {}", "x{}", "Spalte {}", "V{}"]


def draw_names(rng: Random) -> tuple[list[str], str]:
    """Eight names that say what they are, one in three interchanged as in HTRU2, and a label's."""
    if rng.random() < 0.15:
        names = rng.choice(BARE).split(",")
    else:
        curves, statistics = rng.choice(CURVES), rng.choice(STATISTICS)
        template = rng.choice(TEMPLATES)
        names = [template.format(s=s, c=c) for c in curves for s in statistics]
    letters = rng.choice([str, str, str.upper, str.lower, str.title])
    names = [letters(name) for name in names]
    if rng.random() < 0.35:
        names[2], names[3], names[6], names[7] = names[3], names[2], names[7], names[6]
    return names, rng.choice(LABELS)


def draw_rows(rng: Random, *, least: int = 20, most: int = 140) -> list[Candidate]:
    """Take candidates that follow one another in a pool: simulated, and real where there are."""
    pools = [_simulated(), _real() or _simulated()]
    pool = pools[rng.random() < 0.4]
    n = rng.randint(least, most)
    start = rng.randint(0, len(pool) - n)
    return pool[start : start + n]


@functools.cache
def _simulated() -> list[Candidate]:
    import numpy as np

    from pulsars.simulation.populations import simulate

    X, y = simulate(1500, prevalence=0.3, rng=np.random.default_rng(9))
    return [(tuple(row), int(label)) for row, label in zip(X.tolist(), y.tolist(), strict=True)]


@functools.cache
def _real() -> list[Candidate]:
    """Every pulsar of HTRU2 and the non-pulsar after it, in a fixed order of both classes."""
    folder = os.environ.get("PULSAR_DATA_DIR")
    if not folder:
        return []
    lines = (Path(folder) / "HTRU_2.csv").read_text(encoding="ascii").split()
    rows = [line.split(",") for line in lines]
    read = [(tuple(float(cell) for cell in row[:8]), int(row[8])) for row in rows]
    pulsars = [row for row in read if row[1]]
    others = [row for row in read if not row[1]]
    mixed = [pulsars[i // 3] if i % 3 == 0 else others[i] for i in range(3 * len(pulsars))]
    return list(dict.fromkeys(mixed))
