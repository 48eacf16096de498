"""A survey of three nights: few labels, a night that people review, and a night that measures.

Usage: python -m benchmarks.survey [ROWS]

Everything goes by the command, as a survey would have it: `pulsar train` on 500 labelled
candidates, `pulsar score` on a night in parts, a person who looks at the top of the list and at
what would teach most and is wrong once in twenty times, `pulsar train --labels`. Both models then
score a third night, whose labels are true. Exits with 1 unless the whole interval of the gain is
above 0.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.audit.line import Line
from pulsars.review.content import content_hash
from pulsars.review.labels import append_statement
from pulsars.simulation import simulate
from schemas.features import FEATURE_NAMES
from schemas.review_records import Statement
from slp.choosing.teaching import most_informative
from slp.measures.metrics import measure
from slp.scaling import Scale

N_FIRST, N_PARTS, N_REVIEWED, WRONG, N_BOOTSTRAP = 500, 4, 500, 0.05, 1_000

Pulsar = Callable[..., dict[str, Any]]
"""Runs the command with some words, and gives what --json says."""


def main() -> None:
    """Run it, print, judge."""
    n_rows = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with tempfile.TemporaryDirectory() as folder:
        lines = survey(Path(folder), command(Path(folder) / "prefect"), n_rows=n_rows, seed=52)
    for line in lines:
        print("holds" if line.holds else "FAILS", line.what, line.measured, f"({line.bound})")
    sys.exit(not all(line.holds for line in lines))


def command(home: Path) -> Pulsar:
    """Give the command, with a Prefect of its own."""
    env = {**os.environ, "PREFECT_HOME": str(home), "OPENBLAS_NUM_THREADS": "1"}
    env.pop("PREFECT_API_URL", None)

    def pulsar(*words: str) -> dict[str, Any]:
        program = "from command.cli import main; main()"
        asked = [sys.executable, "-c", program, *words, "--json"]
        done = subprocess.run(asked, env=env, check=True, capture_output=True, text=True)
        said: dict[str, Any] = json.loads(done.stdout)
        return said

    return pulsar


def survey(folder: Path, pulsar: Pulsar, *, n_rows: int, seed: int) -> list[Line]:
    """Go through three nights.

    Parameters
    ----------
    folder : Path
        Where files and artifacts go.
    pulsar : callable
    n_rows : int
        Candidates of the second and of the third night.
    seed : int
        Of candidates, of who is wrong, and of the bootstrap.

    Returns
    -------
    list of Line
        Average precision and log loss gained on the third night, with paired bootstrap intervals.
    """
    rng = np.random.default_rng(seed)
    out, said = folder / "artifacts", folder / "labels.jsonl"
    first = write_night(folder / "first", N_FIRST, rng, n_parts=1, labelled=True)
    second = write_night(folder / "second", n_rows, rng, n_parts=N_PARTS)
    third = write_night(folder / "third", n_rows, rng, n_parts=N_PARTS)
    asked = ["--out", str(out), "--floor", "0"]
    before = pulsar("train", str(folder / "first"), *asked)
    scored = scores_of(pulsar, folder / "second", out, before["run"])
    seen = Scale.fit(scored[list(FEATURE_NAMES)])
    look_at(scored, known=first[0], scale=seen, truth=second, file=said, rng=rng)
    after = pulsar("train", str(folder / "first"), "--labels", str(said), *asked)
    told = np.empty((2, n_rows))
    for probability, run in zip(told, (before, after), strict=True):
        found = scores_of(pulsar, folder / "third", out, run["run"])
        probability[places_of(found, third[0])] = found["probability"]
    return gains(third[1], *told, rng=rng)


def write_night(
    folder: Path, n_rows: int, rng: np.random.Generator, *, n_parts: int, labelled: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Draw candidates, and write them in parts; give features and labels."""
    X, y = simulate(n_rows, rng=rng)
    table = pd.DataFrame(X, columns=list(FEATURE_NAMES))
    if labelled:
        table["label"] = y
    folder.mkdir(parents=True)
    for number, rows in enumerate(np.array_split(np.arange(n_rows), n_parts)):
        table.iloc[rows].to_csv(folder / f"part-{number}.csv", index=False)
    return X, y


def scores_of(pulsar: Pulsar, night: Path, out: Path, run: str) -> pd.DataFrame:
    """Score a night, and read all scores, the best first."""
    found = pulsar("score", str(night), "--out", str(out), "--run", run, "--despite-drift")
    folder = Path(found["path"])
    tables = [pd.read_parquet(path) for path in sorted(folder.glob("scores*.parquet"))]
    return pd.concat(tables).sort_values("rank", ignore_index=True)


def places_of(scored: pd.DataFrame, X: np.ndarray) -> np.ndarray:
    """Give where each scored row stands in a night, found by its content."""
    known = {content_hash(row): place for place, row in enumerate(X)}
    return np.array([known[content_hash(row)] for row in scored[list(FEATURE_NAMES)].to_numpy()])


def look_at(
    scored: pd.DataFrame,
    *,
    known: np.ndarray,
    scale: Scale,
    truth: tuple[np.ndarray, np.ndarray],
    file: Path,
    rng: np.random.Generator,
) -> None:
    """Have a person say what half a list's top and half the most informative are, and err."""
    X, listed = scored[list(FEATURE_NAMES)].to_numpy(), N_REVIEWED // 2
    taught = scale.transform(np.concatenate([known, X[:listed]]))
    probability = scored["probability"].to_numpy()[listed:]
    more = most_informative(
        probability, scale.transform(X[listed:]), N_REVIEWED - listed, known=taught
    )
    looked = np.append(np.arange(listed), listed + more)
    true = truth[1][places_of(scored.iloc[looked], truth[0])]
    y = true ^ (rng.random(len(looked)) < WRONG)
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    for number, (row, is_pulsar) in enumerate(zip(X[looked], y, strict=True)):
        append_statement(
            file,
            Statement(
                id=f"statement-{number:06d}",
                when=(begin + timedelta(seconds=number)).isoformat(),
                who="a script",
                candidate=content_hash(row),
                value="pulsar" if is_pulsar else "not",
                features=tuple(row.tolist()),
            ),
        )


def gains(
    y: np.ndarray, before: np.ndarray, after: np.ndarray, *, rng: np.random.Generator
) -> list[Line]:
    """Compare two models on the same rows, drawn again and again."""
    draws = [rng.integers(len(y), size=len(y)) for _ in range(N_BOOTSTRAP)]
    lines = []
    for name, sign in (("average_precision", 1), ("log_loss", -1)):

        def value(p: np.ndarray, rows: np.ndarray | slice, name: str = name) -> float:
            return measure(y[rows], p[rows], threshold=0.5)[name]

        was, now = (value(p, slice(None)) for p in (before, after))
        gained = [sign * (value(after, rows) - value(before, rows)) for rows in draws]
        low, high = np.quantile(gained, [0.025, 0.975])
        lines.append(
            Line(
                f"{name} on {len(y):,} candidates of the next night, {N_REVIEWED} reviewed",
                "whole interval of the gain > 0",
                f"{was:.4f}, then {now:.4f}: gain {sign * (now - was):+.4f} "
                f"({low:+.4f} to {high:+.4f})",
                bool(low > 0),
            )
        )
    return lines


if __name__ == "__main__":
    main()
