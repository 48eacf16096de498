"""Many commands at once on one artifact root and one server: all end well, and nothing is lost."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from command.demonstration import write_simulation

pytestmark = pytest.mark.slow  # `make chaos` runs it too

ROWS = 600
PATIENCE_SECONDS = 1800


def write_files(folder: Path, count: int, *, seed: int) -> list[Path]:
    files = [folder / f"{seed + n}.csv" for n in range(count)]
    folder.mkdir()
    for n, path in enumerate(files):
        write_simulation(path, rows=ROWS, prevalence=0.2, seed=seed + n)
    return files


@pytest.fixture
def started(
    command: tuple[str, ...], served_environment: dict[str, str], tmp_path: Path
) -> Callable[[list[list[object]]], list[tuple[int, str]]]:
    """Give a function that runs commands at once, and gives of each its code and last words."""

    def run(commands: list[list[object]]) -> list[tuple[int, str]]:
        said = [(tmp_path / f"{n}.out").open("w+") for n in range(len(commands))]
        running = [
            subprocess.Popen(
                [*command, *map(str, words)], env=served_environment, stdout=file, stderr=file
            )
            for words, file in zip(commands, said, strict=True)
        ]
        try:
            codes = [process.wait(PATIENCE_SECONDS) for process in running]
        finally:
            for process in running:
                process.kill()
        return [(code, tail(file.name)) for code, file in zip(codes, said, strict=True)]

    return run


def tail(name: str) -> str:
    return Path(name).read_text()[-1500:]


def manifests(out: Path, kind: str) -> dict[str, dict[str, Any]]:
    found = (out / kind).glob("*/manifest.json")
    return {path.parent.name: json.loads(path.read_text()) for path in found}


def wrong_hashes(folder: Path, manifest: dict[str, Any]) -> list[str]:
    return [
        f"{folder.name}/{name}"
        for name, sha256 in manifest["files"].items()
        if hashlib.sha256((folder / name).read_bytes()).hexdigest() != sha256
    ]


def test_a_crowd_on_one_root_loses_nothing_and_does_nothing_twice(
    started: Callable[[list[list[object]]], list[tuple[int, str]]],
    train_here: Callable[..., dict[str, Any]],
    tmp_path: Path,
    size: Callable[[int, int, int], int],
    tally: Callable[[str], Any],
) -> None:
    out, inbox = tmp_path / "out", tmp_path / "inbox"
    (labelled,) = write_files(tmp_path / "labelled", 1, seed=1)
    first = train_here(labelled, out)["run"]
    arrived = write_files(inbox, size(1, 3, 3), seed=20)
    nights = write_files(tmp_path / "nights", size(1, 4, 6), seed=40)
    for path in arrived:
        os.utime(path, (1, 1))  # it has long been whole

    trainings = size(2, 8, 12)
    crowd: list[list[object]] = [
        *(["train", labelled, "--seed", seed] for seed in range(1, trainings + 1)),
        *(["score", night, "--run", first] for night in nights * 2),
        *(["inbox", inbox] for _ in range(size(1, 4, 6))),
    ]
    ended = started([[*words, "--out", out] for words in crowd])

    runs, scores = manifests(out, "runs"), manifests(out, "scores")
    verdicts = {p.stem: json.loads(p.read_text()) for p in (out / "verdicts").glob("*.json")}
    pointer = json.loads((out / "champion.json").read_text())
    line = [reign["run"] for reign in pointer["history"]]
    wrong = [
        fault
        for kind, found in (("runs", runs), ("scores", scores))
        for name, manifest in found.items()
        for fault in wrong_hashes(out / kind / name, manifest)
    ]
    contents = sorted(manifest["data"]["sha256"] for manifest in scores.values())
    failed = [
        (words[0], code, said) for words, (code, said) in zip(crowd, ended, strict=True) if code
    ]
    counted = tally("crowd: commands at once")
    for code, _ in ended:
        counted.count(lost=int(code != 0))
    counted.wrong += len(wrong)

    assert not failed
    assert not wrong
    assert len(runs) == trainings + 1
    assert verdicts.keys() == runs.keys()
    promoted = {name for name, verdict in verdicts.items() if verdict["decision"] == "promoted"}
    assert sorted(line) == sorted(promoted)
    assert pointer["run"] == line[-1]
    assert [verdicts[run]["against"] for run in line] == [None, *line[:-1]]
    due = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (*arrived, *nights)]
    assert contents == sorted(due)
    assert not list((out / "unfinished").iterdir())
