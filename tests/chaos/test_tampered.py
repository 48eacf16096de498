"""Whatever is done to the files of an artifact root: a typed error, or named and left out.

Every file of a root that real commands made is tampered with, one at a time, and everything that
commands read is read. A file that fails is named by its seed: TAMPER_SEED=12 tries that one alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import tarfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from pulsars.inbox.memory import Memory, forget
from pulsars.store.arrays import load_model, load_reference
from pulsars.store.champions import find_champion, read_reigns, require_champion, succession
from pulsars.store.finding import find_run
from pulsars.store.history import find_history
from pulsars.store.kept_arrays import read_kept_arrays
from pulsars.store.reigns import rolled_back
from pulsars.store.runs import PublishedRun, kept, load_run, read_runs
from pulsars.store.score_folders import scored_contents
from pulsars.store.scores import load_scores
from pulsars.store.verdicts import left_by_a_person, read_verdict
from schemas.errors import PulsarError
from tests.chaos.rubbish import watched
from tests.chaos.tampering import tamper

TARGETS = ("champion.json", "runs/*/*.json", "runs/*/*.npz", "runs/*/epochs.csv", "verdicts/*.json")
TARGETS += ("scores/*/manifest.json", "scores/*/drift.json", "scores/*/metrics.json")
TARGETS += ("scores/*/short_list.csv", "rejected/*.json", "inboxes/*.json", "sweeps/*/best.json")
FORGED = ("model.json", "reference.json", "seen.npz", "test.npz")
ROWS = np.array(
    [[100.0, 40.0, 0.3, 0.2, 3.0, 20.0, 8.0, 70.0], [30.0, 40.0, 3.0, 9.0, 60.0, 70.0, 1.0, 0.0]]
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unpack an artifact root as commands left it."""
    folder = tmp_path_factory.mktemp("yesterday")
    archive = Path(__file__).parent.parent / "fixtures" / "yesterday.tar.xz"
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return folder / "artifacts"


def scores_by(run: PublishedRun | None) -> list[float]:
    """Score two candidates as the scoring flow does; read all else that it reads."""
    assert run is not None
    model = load_model(kept(run, "model.json"))
    load_reference(kept(run, "reference.json")).outside(ROWS)
    read_kept_arrays(kept(run, "seen.npz"), "hashes")["hashes"]
    return [float(value) for value in model.predict_proba(ROWS)]


def readers(root: Path) -> dict[str, Callable[[], Any]]:
    """Give everything that a command reads below an artifact root."""
    runs = sorted(folder for folder in (root / "runs").iterdir() if folder.is_dir())
    scores = sorted(folder for folder in (root / "scores").iterdir() if folder.is_dir())
    memory = next((root / "inboxes").glob("*.json"))
    best = next((root / "sweeps").glob("*/best.json"))
    return {
        "list runs": lambda: [run.name for run in read_runs(root)[0]],
        "summaries": lambda: [json.dumps(run.summary()) for run in read_runs(root)[0]],
        "newest": lambda: find_run(root, None).name,
        **{f"run {folder.name}": lambda folder=folder: whole(load_run(folder)) for folder in runs},
        "reigns": lambda: (succession(read_reigns(root)), rolled_back(read_reigns(root))),
        "champion": lambda: scores_by(find_champion(root)),
        "required champion": lambda: require_champion(root).name,
        "verdicts": lambda: [read_verdict(root, folder.name) for folder in runs],
        "left": lambda: left_by_a_person(root, find_run(root, None), against=runs[0].name),
        **{
            f"scores {one.name}": lambda one=one: json.dumps(load_scores(one).summary())
            for one in scores
        },
        "contents": lambda: scored_contents(root),
        "history": lambda: json.dumps(find_history(root).summary(), default=str),
        "memory": lambda: (Memory(memory, ["a.csv"]).keep(), forget(memory, "no such")),
        "parameters": lambda: parameters(best),
    }


def whole(run: PublishedRun) -> str:
    """Read all of a run that `show` and `compare` read."""
    run.epochs()
    run.verdict()
    return json.dumps([run.summary(), run.simulated, run.interval("f1")])


def parameters(file: Path) -> Any:
    """Read a file of parameters as `pulsar train --parameters` does."""
    from pulsars.reading.parameters_file import training_parameters

    return training_parameters({"data": "x.csv"}, file=file).model_dump(mode="json")


def outcomes(root: Path) -> dict[str, Any]:
    """Read everything; a typed error is an outcome, any other a text that begins with untyped."""
    found: dict[str, Any] = {}
    for name, read in readers(root).items():
        try:
            with watched():
                found[name] = read()
        except PulsarError as error:
            found[name] = error
        except Exception:  # noqa: BLE001 - whatever else it raises is what is looked for
            found[name] = "untyped: " + traceback.format_exc()[-400:]
    return found


@contextmanager
def tampered(path: Path, content: bytes, *, forged: bool) -> Iterator[None]:
    """Put another content into a file, for a while; forged, its run's manifest vouches for it."""
    manifest, champion = path.parent / "manifest.json", path.parents[2] / "champion.json"
    before = {one: one.read_bytes() for one in (path, manifest, champion) if one.is_file()}
    path.write_bytes(content)
    if forged:
        old, new = (hashlib.sha256(one).hexdigest() for one in (before[path], content))
        for one in (manifest, champion):
            one.write_bytes(before[one].replace(old.encode(), new.encode()))
    yield
    for one, content_before in before.items():
        one.write_bytes(content_before)


def wrong(path: Path, found: dict[str, Any], sound: dict[str, Any], *, forged: bool) -> list[str]:
    """Say what is not as it has to be."""
    said = [f"{name}: {one}" for name, one in found.items() if str(one).startswith("untyped")]
    champion = found["champion"]
    if not forged and not isinstance(champion, PulsarError) and champion != sound["champion"]:
        said.append(f"other scores: {champion}")
    others = {name for name in sound["list runs"] if name != path.parent.name}
    listed = found["list runs"]
    if isinstance(listed, PulsarError) or not others <= set(listed):
        said.append(f"one damaged run hides the others: {listed}")
    return said


def test_a_tampered_file_is_refused_or_left_out(
    root: Path, tally: Callable[[str], Any], size: Callable[[int, int, int], int]
) -> None:
    sound = outcomes(root)
    assert not [
        one
        for one in sound.values()
        if isinstance(one, (PulsarError, str)) and str(one).startswith("untyped")
    ]
    targets = sorted({path for pattern in TARGETS for path in root.glob(pattern)})
    contents = [path.read_bytes() for path in targets]
    failed = []
    seeds = range(size(60, 2000, 10_000))
    if "TAMPER_SEED" in os.environ:
        seeds = range(int(os.environ["TAMPER_SEED"]), int(os.environ["TAMPER_SEED"]) + 1)
    for seed in seeds:
        rng = Random(seed)  # noqa: S311 - the same damage from the same seed is what it is for
        path = rng.choice(targets)
        forged = path.name in FORGED and rng.random() < 0.5
        content, how = tamper(path.read_bytes(), contents, rng)
        with tampered(path, content, forged=forged):
            said = wrong(path, outcomes(root), sound, forged=forged)
        kind = path.name if path.parent.parent == root / "runs" else path.relative_to(root).parts[0]
        tally(f"tampered: {kind}").count(wrong=bool(said))
        if said:
            failed.append(f"seed {seed}, {path.relative_to(root)}, {how}: {said[0][-330:]}")
    assert not failed, f"{len(failed)} files:\n" + "\n".join(failed[:30])
    assert str(outcomes(root)) == str(sound)
