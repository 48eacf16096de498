"""Proofs by many short lives: crashes between any two steps, and the same bytes everywhere."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from pulsars.gate import by_hand
from pulsars.store.arrays import load_model, row_hashes
from pulsars.store.champions import find_champion, read_reigns, require_whole
from pulsars.store.files import write_arrays, write_json, write_text
from pulsars.store.history import find_history
from pulsars.store.pruning import prune_runs
from pulsars.store.publishing import appear
from pulsars.store.reigns import Reign, succession
from pulsars.store.runs import PublishedRun, kept, read_runs, require_unchanged
from pulsars.store.verdicts import awaits_a_person, damaged_verdicts
from schemas.errors import ChampionError, PulsarError
from schemas.features import FEATURE_NAMES
from schemas.parameters import TrainingParameters
from schemas.records import Published
from slp.inputs import Inputs
from slp.measures.metrics import measure
from slp.perceptron import Perceptron
from slp.watching.reference import Reference
from tasks import challenging
from tasks.challenging import challenge

N_TEST = 150
N_MODELS = 5
ASKED = TrainingParameters(data="x", n_resamples=100, floor=0.5, margin=0.05)
CRASH = st.sampled_from([None, None, None, *range(1, 14)])


def make_model(folder: Path, noise: float) -> None:
    """Write what a training publishes, as small as a comparison allows."""
    rng = np.random.default_rng(1)
    y = (np.arange(N_TEST) % 5 == 0).astype(np.int64)
    X = rng.normal(size=(N_TEST, len(FEATURE_NAMES)))
    X[:, 0] += 3 * y
    coef = np.zeros(len(FEATURE_NAMES))
    coef[0], coef[1] = 2.0, noise
    model = Perceptron(coef, -3.0, Inputs.raw(len(FEATURE_NAMES)))
    score = model.predict_proba(X)
    found = {key: {"value": value, "low": value, "high": value} for key, value in
             measure(y, score, threshold=0.5).items()}  # fmt: skip
    write_json(folder / "model.json", {"format": 2, "perceptron": model.to_dict()})
    test = {"line": np.arange(N_TEST), "X": X, "y": y, "probability": score}
    write_arrays(folder / "test.npz", test)
    write_arrays(folder / "seen.npz", {"hashes": np.sort(row_hashes(X + 9))})
    write_json(folder / "reference.json", Reference.of(X).to_dict())
    write_json(folder / "metrics.json", {"threshold": 0.5, "parts": {"test": found}})
    write_text(folder / "report.html", "<!DOCTYPE html>")


def _repeats(folder: Path) -> bool:
    """Stand in for the process that scores anew, which takes a second and changes no file."""
    return folder.is_dir()


def survives(work: Callable[[], object], *, crash: int | None) -> bool:
    """Do something in a process of its own that dies before its n-th change of a file.

    Returns
    -------
    bool
        Whether it came to its end; a refusal is an end too.
    """
    child = os.fork()
    if child == 0:
        left = [crash or 0]

        def hear(event: str, args: tuple[Any, ...]) -> None:
            changes = event in {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.truncate"}
            if not changes and not (event == "open" and args[2] & (os.O_WRONLY | os.O_RDWR)):
                return
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        by_hand.repeats_its_scores = challenging.repeats_its_scores = _repeats
        if crash:
            sys.addaudithook(hear)
        try:
            work()
        except PulsarError:
            os._exit(3)
        except BaseException:  # noqa: BLE001 - anything else is what is looked for
            sys.excepthook(*sys.exc_info())
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return False
    assert os.WEXITSTATUS(status) in {0, 3}, "an untyped error"
    return True


class Store(RuleBasedStateMachine):
    """Everything that changes an artifact root, each step cut off anywhere."""

    models: Path
    fault: Callable[[], None]

    def __init__(self) -> None:
        super().__init__()
        self.out = Path(tempfile.mkdtemp(prefix="store-"))
        self.reigns: list[Reign] = []
        self.names: list[str] = []
        self.n = 0

    def teardown(self) -> None:
        shutil.rmtree(self.out)

    def do(self, work: Callable[[], object], crash: int | None) -> bool:
        ended = survives(work, crash=crash)
        if not ended:
            type(self).fault()
        return ended

    def runs(self) -> list[PublishedRun]:
        runs, damaged = read_runs(self.out)
        assert damaged == []
        return runs

    def a_run(self, which: int) -> PublishedRun:
        runs = self.runs()
        return runs[which % len(runs)]

    @rule(which=st.integers(0, N_MODELS - 1), crash=CRASH)
    def publish(self, which: int, crash: int | None) -> None:
        self.n += 1
        request = f"{self.n:08x}"
        model = self.models / str(which)

        def work() -> None:
            unfinished = self.out / "unfinished" / request
            shutil.rmtree(unfinished, ignore_errors=True)
            shutil.copytree(model, unfinished)
            data = {"name": "x.csv", "simulated": False}
            asked = {"preset": None}
            manifest = {"format": 1, "created": "2026-01-01T00:00:00+00:00", "data": data,
                        "parameters": asked, "seed": 0, "rows": {}}  # fmt: skip
            appear(unfinished, self.out / "runs", manifest, request=request)

        before = {run.name for run in self.runs()}
        ended = self.do(work, crash)
        if not ended and not any(run.name.endswith(request) for run in self.runs()):
            assert survives(work, crash=None)  # the same command goes on
        new = [run.name for run in self.runs() if run.name not in before]
        assert [name[-8:] for name in new] == [request]
        assert [run.name for run in self.runs()][-1] == new[0], "the newest is the last"

    @precondition(lambda self: self.runs())
    @rule(which=st.integers(0, 20), crash=CRASH)
    def challenge(self, which: int, crash: int | None) -> None:
        run = self.a_run(which)
        of = Published(run=run.name, path=str(run.path), model_sha256="")
        ended = self.do(lambda: challenge.fn(ASKED.model_copy(update={"out": str(self.out)}), of),
                        crash)  # fmt: skip
        said = run.verdict()
        if ended:
            assert said
            if said.decision == "promoted":
                assert read_reigns(self.out)[-1].run == run.name

    @precondition(lambda self: self.runs())
    @rule(which=st.integers(0, 20), crash=CRASH)
    def promote(self, which: int, crash: int | None) -> None:
        name = self.a_run(which).name
        if self.do(lambda: by_hand.promote_by_hand(self.out, name, because="x"), crash):
            assert read_reigns(self.out)[-1].run == name

    @rule(crash=CRASH)
    def roll_back(self, crash: int | None) -> None:
        line = succession(read_reigns(self.out))
        ended = self.do(lambda: by_hand.roll_back_by_hand(self.out, because="x"), crash)
        after = succession(read_reigns(self.out))
        if ended:
            expected = line[:-1] if len(line) > 1 else line
            assert [one.model_sha256 for one in after] == [one.model_sha256 for one in expected]

    @rule(keep=st.integers(1, 3), crash=CRASH)
    def prune(self, keep: int, crash: int | None) -> None:
        before = [run.name for run in self.runs()]
        reigns = read_reigns(self.out)
        needed = {one.run for one in succession(reigns)} | set(before[-keep:])
        # Under two names one model is one champion in the line, and reigns under the last of them.
        needed |= {name for last in reigns[-1:] for name in (last.run, last.anchor)}
        ended = self.do(lambda: prune_runs(self.out, keep=keep, remove=True), crash)
        after = [run.name for run in self.runs()]
        assert set(before) >= set(after) >= needed
        if ended:
            asked = {run.name for run in self.runs() if awaits_a_person(run.verdict())}
            assert set(after) == needed | asked
            assert not list((self.out / "runs").glob(".*.gone"))
        self.names = after

    @invariant()
    def every_run_is_whole(self) -> None:
        runs = self.runs()
        for run in runs:
            require_unchanged(run)
            load_model(kept(run, "model.json"))
        names = [run.name for run in runs]
        assert [name for name in self.names if name not in names] == [], "a run was lost"
        self.names = names

    @invariant()
    def the_history_only_grows_and_the_champion_scores(self) -> None:
        reigns = read_reigns(self.out)
        assert reigns[: len(self.reigns)] == self.reigns
        assert len(reigns) <= len(self.reigns) + 1
        self.reigns = reigns
        champion = find_champion(self.out)
        assert (champion is None) == (reigns == [])
        if champion:
            require_whole(champion)
        for one in succession(reigns):
            assert (self.out / "runs" / one.run / "manifest.json").is_file()

    @invariant()
    def nothing_left_over_is_taken_for_a_result(self) -> None:
        told = find_history(self.out)
        assert len(told.runs) == len(self.runs())
        assert (told.damaged, damaged_verdicts(self.out)) == ((), [])
        shown = {p.name for p in (self.out / "runs").glob("[!.]*")}
        assert shown == {run.name for run in self.runs()}


def test_a_crash_between_any_two_steps_loses_nothing_and_shows_no_half(
    tmp_path: Path, size: Callable[[int, int, int], int], tally: Callable[[str], Any]
) -> None:
    for n in range(N_MODELS):
        make_model(tmp_path / str(n), noise=0.15 * n)
    faults = tally("prove: a crash between two steps")
    machine = type("Store", (Store,), {"models": tmp_path, "fault": staticmethod(faults.count)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=size(5, 80, 800),
            stateful_step_count=size(12, 25, 50),
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=size(1, 0, 0) == 1,
            database=None,
        ),
    )
    assert faults.tried > 0


def test_the_crash_of_these_proofs_is_one(tmp_path: Path) -> None:
    """A proof that never kills anybody would prove nothing."""
    for n in range(N_MODELS):
        make_model(tmp_path / str(n), noise=0.15 * n)
    target = tmp_path / "target"
    assert not survives(lambda: write_text(target, "x"), crash=2)
    assert not target.exists()
    assert survives(lambda: write_text(target, "x"), crash=None)
    with pytest.raises(ChampionError):
        by_hand.roll_back_by_hand(tmp_path, because="x")
