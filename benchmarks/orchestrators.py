"""The same six steps by Prefect, Kedro, Dagster and Metaflow: whole commands, in one run.

Usage: python -m benchmarks.orchestrators PYTHON

PYTHON is the interpreter of an environment with all four; `make bench-orchestrators` makes one.
Each command is a fresh process of it; they take turns. Prefect runs the real `pulsar train`, with
proofs, hashes, the champion gate and atomic publishing; the others run the steps of
`benchmarks/steps.py`, which end with the same model, numbers and figures, bit for bit, and a page
and a card of the same templates. An empty flow shows what of the rest is Prefect's own.

Exits with 1 unless `pulsar train` against a running server takes less than Dagster, and without a
server less than an empty flow without one.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.command import (
    ONE_THREAD,
    PULSAR,
    ROOT,
    data_file,
    environment,
    in_turn,
    require_same_work,
    server,
)
from service.settings import QUIET

EMPTY = "benchmarks.others.empty_flow"


def main() -> None:
    """Measure, print, judge."""
    other = str(Path(sys.argv[1]).absolute())
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        data = str(data_file(home))
        alone = environment(home / "alone") | ONE_THREAD | QUIET | {"PYTHONPATH": str(ROOT)}
        quiet = {
            **alone,
            "USERNAME": "bench",
            "METAFLOW_DATASTORE_SYSROOT_LOCAL": str(home / "metaflow"),
            "DAGSTER_HOME": "",
            "KEDRO_DISABLE_TELEMETRY": "1",
            "DO_NOT_TRACK": "1",
        }
        others = [other, "-m"]
        with server(home / "served") as url:
            served = {**alone, "PREFECT_HOME": str(home / "served"), "PREFECT_API_URL": url}
            train = [other, "-c", PULSAR, "train", data, "--out"]
            metaflow = [*others, "benchmarks.others.metaflow_steps", "run", "--data", data, "--out"]
            seconds = in_turn(
                {
                    "plain script": (
                        [other, "-m", "benchmarks.plain", data, str(home / "plain")],
                        alone,
                    ),
                    "Prefect, running server": ([*train, str(home / "b")], served),
                    "Prefect, no server": ([*train, str(home / "c")], alone),
                    "an empty flow, running server": ([other, "-m", EMPTY], served),
                    "an empty flow, no server": ([other, "-m", EMPTY], alone),
                    "Kedro": (
                        [*others, "benchmarks.others.kedro_steps", data, str(home / "kedro")],
                        quiet,
                    ),
                    "Dagster, in process": (
                        [*others, "benchmarks.others.dagster_steps", data, str(home / "dagster")],
                        quiet,
                    ),
                    "Metaflow, local": ([*metaflow, str(home / "mf")], quiet),
                }
            )
            for name in ("plain", "kedro", "dagster", "mf"):
                require_same_work(home / name, home / "b")
    sys.exit(_judge(seconds))


def _judge(seconds: dict[str, list[float]]) -> bool:
    print(f"\n{'':30}  median s   ratio to plain, pair by pair")
    for name, found in seconds.items():
        ratio = _ratio(seconds, name, "plain script")
        print(f"{name:30}  {statistics.median(found):8.2f} {ratio:8.2f}")
    goals = (
        ("Prefect, running server", "Dagster, in process", 1.0),
        ("Prefect, no server", "an empty flow, no server", 1.0),
    )
    broken = False
    for ours, theirs, limit in goals:
        ratio = _ratio(seconds, ours, theirs)
        broken |= ratio >= limit
        word = "held" if ratio < limit else "BROKEN"
        print(f"{ours} / {theirs}: {ratio:.2f}, goal below {limit:g}: {word}")
    return broken


def _ratio(seconds: dict[str, list[float]], ours: str, theirs: str) -> float:
    return statistics.median(a / b for a, b in zip(seconds[ours], seconds[theirs], strict=True))


if __name__ == "__main__":
    main()
