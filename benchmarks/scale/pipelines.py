"""What others would write to score a file: pandas with scikit-learn, polars with NumPy.

Polars is no dependency of anything here: where it is not installed, that line says so.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from typing import TYPE_CHECKING

from benchmarks.audit.line import Line
from benchmarks.command import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PANDAS = """
import sys, time, pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, PowerTransformer, StandardScaler
few = pd.read_parquet(sys.argv[2])
model = make_pipeline(PowerTransformer(), PolynomialFeatures(2, include_bias=False),
                      StandardScaler(), LogisticRegression())
model.fit(few.drop(columns="label"), few["label"])
since = time.perf_counter()
table = pd.read_parquet(sys.argv[1])
table["probability"] = model.predict_proba(table.drop(columns="label"))[:, 1]
table["rank"] = table["probability"].rank(method="first", ascending=False).astype("int64")
table.to_parquet(sys.argv[3])
print(time.perf_counter() - since)
"""

_POLARS = """
import sys, time, numpy as np, polars as pl
from sklearn.preprocessing import PowerTransformer
rng = np.random.default_rng(0)
few = pl.read_parquet(sys.argv[2]).drop("label").to_numpy()
power, weights = PowerTransformer().fit(few).lambdas_, rng.normal(size=44)
i, j = np.triu_indices(8)
since = time.perf_counter()
table = pl.read_parquet(sys.argv[1])
X = table.drop("label").to_numpy()
Z = np.where(X >= 0, ((X.clip(0) + 1) ** power - 1) / power,
             -((1 - X.clip(None, 0)) ** (2 - power) - 1) / (2 - power))
Z = (Z - Z.mean(axis=0)) / Z.std(axis=0)
p = 1 / (1 + np.exp(-np.hstack([Z, Z[:, i] * Z[:, j]]) @ weights))
table = table.with_columns(probability=p, rank=pl.Series(p).rank("ordinal", descending=True))
table.write_parquet(sys.argv[3])
print(time.perf_counter() - since)
"""

OTHERS = {"pandas and scikit-learn": _PANDAS, "polars and NumPy": _POLARS}
"""Each reads a file, makes the 44 inputs, scores, ranks and writes; none validates or explains."""


def beside_others(data: Path, few: Path, ours: float) -> Iterator[Line]:
    """Hold what others take for a file against the seconds that `pulsar score` took.

    Parameters
    ----------
    data, few : Path
        Parquet: what is scored, and what a pipeline is fitted to.
    ours : float
    """
    for name, script in OTHERS.items():
        package = name.split()[0]
        what = f"{name}, a million rows with the same inputs, over pulsar score"
        if importlib.util.find_spec(package) is None:
            yield Line(what, "above 1", f"{package} is not installed", holds=None)
            continue
        taken = min(_alone(script, data, few) for _ in range(2))
        yield Line(what, "above 1", f"{taken / ours:.2f} ({taken:.2f} s)", taken > ours)


def _alone(script: str, data: Path, few: Path) -> float:
    """Run a pipeline in a process of its own, which prints its seconds without its imports."""
    words = [sys.executable, "-c", script, str(data), str(few), str(data.with_suffix(".out"))]
    done = subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True)
    return float(done.stdout)
