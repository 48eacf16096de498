"""What others would write to score a file: pandas with scikit-learn, polars with NumPy.

Both read a file, make the 44 inputs, score by one fit of scikit-learn's, rank and write; neither
validates or explains. Polars is no dependency of the project: it stands in the environment of the
orchestrators, and where that is not made, its line says so.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from benchmarks.audit.line import Line
from benchmarks.command import ROOT

OTHERS = ROOT / ".venv-orchestrators" / "bin" / "python"
"""That `make bench-scale` makes."""

_TURNS = 2
_AGREE, _SWAPPED = 1e-9, 0.01

PANDAS = """
import json, sys, time, pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, PowerTransformer, StandardScaler
few = pd.read_parquet(sys.argv[2])
power, scaler, layer = PowerTransformer(), StandardScaler(), LogisticRegression()
model = make_pipeline(power, PolynomialFeatures(2, include_bias=False), scaler, layer)
model.fit(few.drop(columns="label"), few["label"])
since, worked = time.perf_counter(), time.process_time()
table = pd.read_parquet(sys.argv[1])
table["probability"] = model.predict_proba(table)[:, 1]
table["rank"] = table["probability"].rank(method="first", ascending=False).astype("int64")
table.to_parquet(sys.argv[3])
print(time.perf_counter() - since, time.process_time() - worked)
of_power = power._scaler
fit = {"powers": power.lambdas_, "means": of_power.mean_, "scales": of_power.scale_,
       "product_means": scaler.mean_, "product_scales": scaler.scale_,
       "weights": layer.coef_[0], "bias": layer.intercept_}
json.dump({name: value.tolist() for name, value in fit.items()}, open(sys.argv[4], "w"))
"""

POLARS = """
import json, sys, time, numpy as np, polars as pl
fit = {name: np.array(value) for name, value in json.load(open(sys.argv[4])).items()}
i, j = np.triu_indices(8)

def curved(x, power):  # Yeo and Johnson 2000
    y, up = np.empty_like(x), x >= 0
    y[up] = ((x[up] + 1) ** power - 1) / power
    y[~up] = -((1 - x[~up]) ** (2 - power) - 1) / (2 - power)
    return y

since, worked = time.perf_counter(), time.process_time()
table = pl.read_parquet(sys.argv[1])
X = table.to_numpy()
Z = np.column_stack([curved(*one) for one in zip(X.T, fit["powers"])])
Z = (Z - fit["means"]) / fit["scales"]
inputs = (np.hstack([Z, Z[:, i] * Z[:, j]]) - fit["product_means"]) / fit["product_scales"]
p = pl.Series(1 / (1 + np.exp(-(inputs @ fit["weights"] + fit["bias"]))))
table = table.with_columns(probability=p, rank=p.rank("ordinal", descending=True))
table.write_parquet(sys.argv[3])
print(time.perf_counter() - since, time.process_time() - worked)
"""


def beside_others(data: Path, few: Path, ours: float, worked: float) -> Iterator[Line]:
    """Hold what others take for a file against what `pulsar score` took.

    Parameters
    ----------
    data, few : Path
        Parquet: what is scored, without labels, and what the pipelines are fitted to, with them.
    ours, worked : float
        Seconds by the clock, and of processors.

    Raises
    ------
    RuntimeError
        If the two do not give the same probabilities and ranks.
    """
    by_pandas, by_polars = (data.with_suffix(f".{name}") for name in ("pandas", "polars"))
    yield _line(
        "pandas and scikit-learn", _best(sys.executable, PANDAS, data, few, by_pandas), ours, worked
    )
    if not has_polars():
        yield _line("polars and NumPy", None, ours, worked)
        return
    taken = _best(str(OTHERS), POLARS, data, few, by_polars)
    require_same(by_pandas, by_polars)
    yield _line("polars and NumPy", taken, ours, worked)


def has_polars() -> bool:
    """Whether there is the environment of the orchestrators, with polars in it."""
    words = [str(OTHERS), "-c", "import polars"]
    return (
        OTHERS.exists() and not subprocess.run(words, check=False, capture_output=True).returncode
    )


def require_same(one: Path, other: Path) -> None:
    """Make sure that two pipelines said the same.

    Raises
    ------
    RuntimeError
        If they did not: then there is nothing to compare.
    """
    tables = [pq.read_table(path, columns=["probability", "rank"]) for path in (one, other)]
    (p, rank), (q, place) = ([column.to_numpy() for column in table] for table in tables)
    apart = float(np.abs(p - q).max())
    swapped = float((rank != place).mean())  # whose logits differ in the last bit may change places
    if not (apart <= _AGREE and swapped <= _SWAPPED):
        raise RuntimeError(
            f"{one.name} and {other.name} differ by {apart:.1e} in a probability, and in "
            f"{swapped:.1%} of the ranks: the pipelines do not do the same work"
        )


def _line(name: str, taken: tuple[float, float] | None, ours: float, worked: float) -> Line:
    what = f"{name}, a million rows with the same inputs, over pulsar score"
    if taken is None:
        return Line(what, "above 1", f"no polars at {OTHERS.relative_to(ROOT)}", holds=None)
    ratio, of_processor = taken[0] / ours, taken[1] / worked
    said = f"{ratio:.2f} ({taken[0]:.2f} s; of processor {of_processor:.2f}, {taken[1]:.2f} s)"
    return Line(what, "above 1", said, ratio > 1)


def _best(python: str, script: str, data: Path, few: Path, out: Path) -> tuple[float, float]:
    """Run a pipeline in processes of its own, which print their seconds without their imports."""
    fit = data.with_suffix(".fit")
    words = [python, "-c", script, *map(str, (data, few, out, fit))]
    done = [
        subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True)
        for _ in range(_TURNS)
    ]
    seconds, worked = min(tuple(map(float, one.stdout.split())) for one in done)
    return seconds, worked
