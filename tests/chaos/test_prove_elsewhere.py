"""The same bytes wherever a training runs."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from pulsars.simulation.populations import simulate

Pulsar = Callable[..., "subprocess.CompletedProcess[str]"]
Size = Callable[[int, int, int], int]

SAME = ("model.json", "metrics.json", "epochs.csv", "split.npz", "quarantine.csv",
        "seen.npz", "test.npz", "reference.json")  # fmt: skip
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
ELSEWHERE: dict[str, dict[str, Any]] = {
    "hash seed": {"env": {"PYTHONHASHSEED": "12345"}},
    "threads": {"env": dict.fromkeys(THREADS, "2")},
    "German": {"env": {"LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8"}},
    "Korean": {"env": {"LC_ALL": "ko_KR.EUC-KR", "LANG": "ko_KR.EUC-KR"}},
    "no locale": {"env": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}},
    "time zone": {"env": {"TZ": "Pacific/Kiritimati"}},
    "umask": {"umask": 0o077},
    "folder": {"cwd": "elsewhere"},
}  # fmt: skip
PLAIN: dict[str, Any] = {"env": {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C.UTF-8"}}


def merged(*kinds: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"env": {}}
    for kind in kinds:
        found = {**found, **kind, "env": {**found["env"], **kind.get("env", {})}}
    return found


def survey(path: Path) -> Path:
    """Write candidates, two of which no run can accept."""
    import numpy as np

    X, y = simulate(400, prevalence=0.2, rng=np.random.default_rng(3))
    lines = [
        ",".join([*(repr(float(v)) for v in row), str(k)]) for row, k in zip(X, y, strict=True)
    ]
    lines[5] = lines[5].replace(lines[5].split(",")[0], "nan", 1)
    lines[7] = f"{lines[7]}0"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.slow
def test_a_training_ends_with_the_same_bytes_wherever_it_runs(
    served: Pulsar, tmp_path: Path, size: Size, tally: Callable[[str], Any]
) -> None:
    data = survey(tmp_path / "survey.csv")
    places = {"plain": merged(PLAIN), "all of it": merged(*ELSEWHERE.values())}
    if size(0, 1, 1):
        places.update({name: merged(PLAIN, one) for name, one in ELSEWHERE.items()})
    first: dict[str, bytes] = {}
    for n, (name, place) in enumerate(places.items()):
        folder = tmp_path / str(n) / place.pop("cwd", "here")
        folder.mkdir(parents=True)
        env = {**place.pop("env"), "PREFECT_HOME": str(tmp_path / f"home-{n}")}
        done = served("train", data, "--out", "out", "--json", cwd=folder, env=env, **place)
        assert done.returncode == 0, (name, done.stderr)
        run = folder / json.loads(done.stdout)["path"]
        found = {kept: (run / kept).read_bytes() for kept in SAME}
        assert len(found["quarantine.csv"].splitlines()) == 3
        first = first or found
        tally("prove: the same bytes elsewhere").count(wrong=found != first)
        assert [kept for kept in SAME if found[kept] != first[kept]] == [], name
