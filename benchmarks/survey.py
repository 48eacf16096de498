"""A survey of three nights: few labels, a night that people review, and a night that measures.

Usage: python -m benchmarks.survey [ROWS]

Everything goes by the command, from the folds on, as a survey would have it: `pulsar features` and
`pulsar train` on 500 labelled folds, `pulsar score` on a night in parts, a person who looks at the
top of the list and at what would teach most and is wrong once in twenty times, `pulsar train
--labels`. Both models then score a third night, of which the truth is known. Exits with 1 unless
the whole interval of the gain is above 0. A night of 20,000 folds takes 3 GB while it is measured.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.audit.line import Line
from benchmarks.command import ONE_THREAD, PULSAR, environment
from pulsars.review.content import content_hash
from pulsars.review.labels import append_statement
from schemas.features import FEATURE_NAMES
from schemas.review_records import Statement
from slp.choosing.teaching import most_informative
from slp.measures.metrics import measure
from slp.scaling import Scale

N_PARTS, N_REVIEWED, WRONG, N_BOOTSTRAP = 4, 500, 0.05, 1_000

Pulsar = Callable[..., dict[str, Any]]
"""Runs the command with some words, and gives what --json says."""


def main() -> None:
    """Run it, print, judge."""
    n_rows = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with tempfile.TemporaryDirectory() as folder:
        lines = survey(Path(folder), command(Path(folder) / "prefect"), n_rows=n_rows, seed=52)
    for line in lines:
        print(line.word, line.what, line.measured, f"({line.bound})")
    sys.exit(not all(line.holds for line in lines))


def command(home: Path) -> Pulsar:
    """Give the command, with a Prefect of its own."""
    env = environment(home) | ONE_THREAD

    def pulsar(*words: str) -> dict[str, Any]:
        asked = [sys.executable, "-c", PULSAR, *words, "--json"]
        done = subprocess.run(asked, env=env, check=True, capture_output=True, text=True)
        said: dict[str, Any] = json.loads(done.stdout)
        return said

    return pulsar


def survey(
    folder: Path,
    pulsar: Pulsar,
    *,
    n_rows: int,
    seed: int,
    n_first: int = 500,
    n_measured: int | None = None,
) -> list[Line]:
    """Go through three nights.

    Parameters
    ----------
    folder : Path
        Where files and artifacts go.
    pulsar : callable
    n_rows : int
        Candidates of the second night.
    seed : int
        Of candidates, of who is wrong, and of the bootstrap.
    n_first : int
        Labelled candidates of the first night.
    n_measured : int, optional
        Candidates of the third night; without it as many as of the second.

    Returns
    -------
    list of Line
        Average precision and log loss gained on the third night, with paired bootstrap intervals.
    """
    rng = np.random.default_rng(seed)
    out, said, first = folder / "artifacts", folder / "labels.jsonl", folder / "first"
    pulsar("simulate", "--folds", str(first), "--rows", str(n_first), "--seed", str(seed))
    known, truth = str(folder / "first.parquet"), str(first / "truth.csv")
    pulsar("features", str(first), "--labels", truth, "-o", known)
    asked = [known, "--out", str(out), "--floor", "0"]
    before = pulsar("train", *asked)
    with night(folder / "second", pulsar, n_rows, seed + 1) as second:
        scored = scores_of(pulsar, second, out, before["run"])
    look_at(scored, known=pd.read_parquet(known)[list(FEATURE_NAMES)], file=said, rng=rng)
    after = pulsar("train", *asked, "--labels", str(said))
    with night(folder / "third", pulsar, n_measured or n_rows, seed + 1 + N_PARTS) as third:
        told = [
            scores_of(pulsar, third, out, run["run"]).set_index("fold").sort_index()
            for run in (before, after)
        ]
    was, now = (one["probability"].to_numpy() for one in told)
    return gains(told[0]["truth"].to_numpy(), was, now, rng=rng)


@contextmanager
def night(folder: Path, pulsar: Pulsar, n_rows: int, seed: int) -> Iterator[list[Path]]:
    """Have a night of folds on disk, in parts, each with its truth beside it."""
    parts = [folder / f"part-{number}" for number in range(N_PARTS)]
    for number, part in enumerate(parts):
        part.parent.mkdir(exist_ok=True)
        n_part = str(n_rows // N_PARTS)
        pulsar("simulate", "--folds", str(part), "--rows", n_part, "--seed", str(seed + number))
    yield parts
    shutil.rmtree(folder)


def scores_of(pulsar: Pulsar, parts: list[Path], out: Path, run: str) -> pd.DataFrame:
    """Score a night, and read all scores beside the truth, the best first."""
    found = pulsar("score", *map(str, parts), "--out", str(out), "--run", run, "--despite-drift")
    scored = pd.concat(map(pd.read_parquet, sorted(Path(found["path"]).glob("scores*.parquet"))))
    tables = [pd.read_csv(part / "truth.csv") for part in parts]
    named = zip(tables, parts, strict=True)
    truth = pd.concat([table.assign(fold=f"{part}/" + table["file"]) for table, part in named])
    scored["truth"] = scored["fold"].map(truth.set_index("fold")["label"])
    return scored.sort_values("rank", ignore_index=True)


def look_at(
    scored: pd.DataFrame, *, known: pd.DataFrame, file: Path, rng: np.random.Generator
) -> None:
    """Have a person say what half a list's top and half the most informative are, and err."""
    X, listed = scored[list(FEATURE_NAMES)].to_numpy(), N_REVIEWED // 2
    scale, probability = Scale.fit(X), scored["probability"].to_numpy()
    taught = scale.transform(np.concatenate([known.to_numpy(), X[:listed]]))
    more = most_informative(
        probability[listed:], scale.transform(X[listed:]), N_REVIEWED - listed, known=taught
    )
    looked = np.append(np.arange(listed), listed + more)
    y = scored["truth"].to_numpy()[looked] ^ (rng.random(len(looked)) < WRONG)
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
    whole, *drawn = (
        [measure(y[rows], p[rows], threshold=0.5) for p in (before, after)]
        for rows in (np.arange(len(y)), *draws)
    )
    lines = []
    for name, sign in (("average_precision", 1), ("log_loss", -1)):
        was, now = (one[name] for one in whole)
        gained = [sign * (other[name] - one[name]) for one, other in drawn]
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
