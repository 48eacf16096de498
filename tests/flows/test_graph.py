"""The run graph is the diagram: a step is tied to the steps whose handles it opens, and no other.

The edges are those that the server draws. That they are all there are is held to by a guard around
each step, which hears of every file that the step opens.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import wraps
from itertools import pairwise
from pathlib import Path
from tempfile import gettempprefix
from typing import Any
from uuid import UUID

import httpx
import pandas as pd
import pytest
from prefect import Task

from flows import scoring, sweep, training
from pulsars.review.labels import append_statement
from schemas.handles import Record
from schemas.parameters import TrainingParameters
from schemas.records import Job
from schemas.score_parameters import ScoreParameters
from schemas.sweep_parameters import SweepParameters
from slp.perceptron import Perceptron
from tasks import reading, score_parts, sweep_rounds
from tests.pulsars.review.said import statement

pytestmark = pytest.mark.usefixtures("undrawn")

Edges = dict[str, set[str]]

TRAINING: Edges = {
    "fetch": set(),
    "prepare": {"fetch"},
    "read": {"prepare"},
    "validate": {"prepare", "read"},
    "split": {"prepare", "validate"},
    "oversample": {"prepare", "validate", "split"},
    "train": {"prepare", "validate", "split", "oversample"},
    "evaluate": {"prepare", "validate", "split", "oversample", "train"},
    "report": {"prepare", "validate", "split", "train", "evaluate"},
    "publish": {"prepare", "validate", "split", "train", "evaluate", "report"},
    "challenge": {"publish"},
}
"""Whoever works in the private directory is tied to the step that gave it, `prepare`."""

REVIEWED: Edges = {
    **TRAINING,
    "collect": set(),
    "prepare": {"fetch", "collect"},
    "join": {"prepare", "validate", "split"},
    "oversample": {"prepare", "validate", "split", "join"},
    "train": {"prepare", "validate", "split", "join", "oversample"},
    "evaluate": {"prepare", "validate", "split", "join", "oversample", "train"},
}
"""A training that learns from what people said."""

LONG_TRAINING: Edges = {
    "fetch": set(),
    "prepare": {"fetch"},
    "plan": {"prepare"},
    "read in partition 0": {"prepare", "plan"},
    "read in partition 1": {"prepare", "plan"},
    "gather": {"prepare", "plan", "read in partition 0", "read in partition 1"},
    "validate": {"prepare", "gather"},
    "split": {"prepare", "validate"},
    "train": {"prepare", "validate", "split"},
    "evaluate": {"prepare", "validate", "split", "train"},
    "report": {"prepare", "validate", "split", "train", "evaluate"},
    "publish": {"prepare", "validate", "split", "train", "evaluate", "report"},
    "challenge": {"publish"},
}
"""Of a table in several partitions, which is gone over and measured in part."""

REPLAY: Edges = {
    "fetch": set(),
    "prepare": {"fetch"},
    "read": {"prepare"},
    "validate": {"prepare", "read"},
    "replay": {"prepare", "validate"},
    "evaluate": {"prepare", "validate", "replay"},
    "report": {"prepare", "validate", "replay", "evaluate"},
    "publish": {"prepare", "validate", "replay", "evaluate", "report"},
    "challenge": {"publish"},
}

SCORING: Edges = {
    "choose": set(),
    "fetch": set(),
    "prepare": {"choose", "fetch"},
    "read": {"prepare"},
    "validate": {"prepare", "read"},
    "compare": {"prepare", "validate"},
    "score": {"prepare", "validate", "compare"},
    "report": {"prepare", "validate", "compare", "score"},
    "publish": {"prepare", "validate", "compare", "score", "report"},
}

LONG_SCORING: Edges = {
    "choose": set(),
    "fetch": set(),
    "prepare": {"choose", "fetch"},
    "plan": {"prepare"},
    "read in partition 0": {"prepare", "plan"},
    "read in partition 1": {"prepare", "plan"},
    "gather": {"prepare", "plan", "read in partition 0", "read in partition 1"},
    "validate": {"prepare", "gather"},
    "compare in partition 0": {"prepare", "validate"},
    "compare in partition 1": {"prepare", "validate"},
    "compare": {"prepare", "validate", "compare in partition 0", "compare in partition 1"},
    "rank": {"prepare", "compare", "compare in partition 0", "compare in partition 1"},
    "score in partition 0": {"prepare", "validate", "compare", "rank"},
    "score in partition 1": {"prepare", "validate", "compare", "rank"},
    "assemble": {
        "prepare", "validate", "compare", "compare in partition 0", "compare in partition 1",
        "rank", "score in partition 0", "score in partition 1",
    },
    "report": {"prepare", "validate", "compare", "assemble"},
    "publish": {"prepare", "validate", "compare", "assemble", "report"},
}  # fmt: skip

SWEEP: Edges = {
    "fetch": set(),
    "prepare": {"fetch"},
    "read": {"prepare"},
    "validate": {"prepare", "read"},
    "split": {"prepare", "validate"},
    "draw": {"prepare", "validate", "split"},
    "try in round 0": {"prepare", "draw"},
    "rank": {"prepare", "validate", "try in round 0"},
    "try in round 1": {"prepare", "draw"},
    "measure in round 1": {"prepare", "draw", "try in round 1"},
    "try in round 2": {"prepare", "draw"},
    "measure in round 2": {"prepare", "draw", "try in round 2"},
    "score": {"prepare", "measure in round 1", "measure in round 2"},
    "report": {"prepare", "validate", "split", "rank", "score"},
    "publish": {"prepare", "validate", "split", "rank", "score", "report"},
}

GRAPHS = {
    "training": TRAINING,
    "reviewed": REVIEWED,
    "long training": LONG_TRAINING,
    "replay": REPLAY,
    "scoring": SCORING,
    "long scoring": LONG_SCORING,
    "sweep": SWEEP,
}

VARIANTS = ("reviewed", "long training", "replay", "long scoring", "sweep")

ONLY_TOLD = {
    "training": {("report", "Parts")},
    "reviewed": {("report", "Parts")},
    "long training": {("report", "Parts")},
    "replay": {("report", "Parts")},
    "scoring": {("score", "Compared")},
    "long scoring": {
        ("rank", "Compared"),
        ("score", "Compared"),
        ("assemble", "Accepted"),
        ("assemble", "Compared"),
    },
    "sweep": {("rank", "Accepted"), ("report", "Accepted"), ("report", "Parts")},
}
"""Handles of which a step opens no file: it repeats the numbers that they hold."""


@dataclass
class Step:
    """What a step opened, and what it was given."""

    name: str
    given: tuple[Record, ...]
    opened: list[str] = field(default_factory=list)
    parsed: list[str] = field(default_factory=list)
    applied: list[tuple[list[float], int]] = field(default_factory=list)

    @property
    def job(self) -> Job | None:
        return next((each for each in self.given if isinstance(each, Job)), None)

    def unnamed(self) -> set[str]:
        """Give the files of other steps that no record that it was given names."""
        if self.job is None:
            return set()
        named = {file.path for record in self.given for file in record.files()}
        private = {
            path
            for path in [*self.opened, *self.parsed]
            if Path(path).is_relative_to(self.job.folder) and Path(path).suffix
        }
        own = {
            path
            for path in private
            if _half(path) in private
            or path.endswith(".part")
            or Path(path).parent.name.startswith(gettempprefix())  # spilled, and gone with the step
            or Path(path).parent.name == "ranking"  # as well
        }
        return private - named - own

    def untouched(self) -> set[tuple[str, str]]:
        """Give the handles that it was given and of which it opened no file."""
        touched = {*self.opened, *self.parsed}
        return {
            (self.name, type(record).__name__)
            for record in self.given
            if not isinstance(record, Job) and not touched & {file.path for file in record.files()}
        }


def _half(path: str) -> str:
    """Name what a file is called while it is written."""
    return str(Path(path).with_name(f".{Path(path).name}.part"))


def _records(value: Any) -> Iterator[Record]:
    if isinstance(value, Record):
        yield value
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _records(each)


@dataclass
class Guard:
    """Hears of what each step opens while a flow runs."""

    heard: list[list[tuple[str, str]]]
    steps: list[Step] = field(default_factory=list)

    def around(self, name: str, step: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(step)
        def guarded(*args: Any, **more: Any) -> Any:
            now = Step(name, tuple(_records([*args, *more.values()])))
            self.steps.append(now)
            self.heard.append([])
            try:
                return step(*args, **more)
            finally:
                heard = [path for event, path in self.heard.pop() if event == "open"]
                now.opened += [path for path in heard if not Path(path).is_dir()]

        return guarded


@pytest.fixture
def guard(listener: list[list[tuple[str, str]]], monkeypatch: pytest.MonkeyPatch) -> Guard:
    """Give a guard that stands around every step of the flows."""
    guard = Guard(listener)
    for module in (training, reading, scoring, score_parts, sweep, sweep_rounds):
        for step in vars(module).values():
            if isinstance(step, Task) and not hasattr(step.fn, "__wrapped__"):
                monkeypatch.setattr(step, "fn", guard.around(step.name.split()[0], step.fn))
    parse, decide = pd.read_parquet, Perceptron.decision_function

    def parsed(path: Path, **more: Any) -> pd.DataFrame:
        if guard.steps:
            guard.steps[-1].parsed.append(str(path))
        return parse(path, **more)

    def decided(self: Perceptron, X: Any) -> Any:
        if guard.steps:
            guard.steps[-1].applied.append((self.coef.tolist(), len(X)))
        return decide(self, X)

    monkeypatch.setattr(pd, "read_parquet", parsed)
    monkeypatch.setattr(Perceptron, "decision_function", decided)
    return guard


@pytest.fixture(scope="module")
def sky(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from command.demonstration import write_simulation

    path = tmp_path_factory.mktemp("sky") / "sky.csv"
    for kind in (".csv", ".parquet"):
        write_simulation(path.with_suffix(kind), rows=600, prevalence=0.2, seed=3)
    return path


@contextmanager
def partitioned() -> Iterator[None]:
    """Cut a table into partitions of 300 rows."""
    with pytest.MonkeyPatch.context() as patched:
        for module in ("access.opening", "partitions"):
            patched.setattr(f"pulsars.reading.{module}.PARTITION_ROWS", 300)
        yield


def begin(what: str, sky: Path, out: Path) -> UUID:
    """Run a flow to its end and give its run's id; a long one in two partitions."""
    given = {"data": str(sky), "out": str(out)}
    if what == "scoring":
        state = scoring.score(ScoreParameters.model_validate(given), return_state=True)
    elif what == "long scoring":
        given |= {"data": str(sky.with_suffix(".parquet")), "workers": 1}
        with partitioned():
            state = scoring.score(ScoreParameters.model_validate(given), return_state=True)
    elif what == "sweep":
        small = {"n_folds": 2, "n_epochs": 1, "inputs": ("standard",), "workers": 1}
        asked = SweepParameters.model_validate({**given, **small})
        state = sweep.sweep(asked, return_state=True)
    else:
        more: dict[str, Any] = {"preset": "book-balanced"} if what == "replay" else {}
        if what == "reviewed":
            more = {"labels": str(out / "labels.jsonl")}
            append_statement(out / "labels.jsonl", statement("not"))
        few = {"n_resamples": 100, "workers": 1}  # the guard listens to one step after the other
        train = TrainingParameters.model_validate({**given, **few, **more})
        if what == "long training":
            train = train.model_copy(update={"data": str(sky.with_suffix(".parquet"))})
        with partitioned() if what == "long training" else nullcontext():
            state = training.train(train, return_state=True)
    assert state.is_completed(), state.message
    return state.state_details.flow_run_id


def named(label: str) -> str:
    """Name a step by its first word, and by its round or its partition where it has one."""
    turn = re.search(r"(round|partition) \d+", label)
    return label.split(maxsplit=1)[0] + (f" in {turn[0]}" if turn else "")


def drawn(server: str, run: UUID, n_steps: int) -> Edges:
    """Ask the server for the graph of a run, which it writes once a second."""
    deadline = time.monotonic() + 120
    while True:
        answer = httpx.get(f"{server}/flow_runs/{run}/graph-v2").raise_for_status().json()
        nodes = {key: node for key, node in answer["nodes"] if node["end_time"]}
        if len(nodes) >= n_steps or time.monotonic() > deadline:
            label = {key: named(node["label"]) for key, node in nodes.items()}
            return {
                label[key]: {label[parent["id"]] for parent in node["parents"]}
                for key, node in nodes.items()
            }
        time.sleep(0.2)


@pytest.mark.parametrize(
    "what",
    [pytest.param(what, marks=pytest.mark.slow if what in VARIANTS else ()) for what in GRAPHS],
)
def test_a_step_is_tied_to_the_steps_whose_handles_it_opens_and_to_no_other(
    what: str, prefect_server: str, sky: Path, tmp_path: Path, guard: Guard,
    championed: Callable[[], Path],
) -> None:  # fmt: skip
    run = begin(what, sky, championed() if "scoring" in what else tmp_path)
    assert drawn(prefect_server, run, len(GRAPHS[what])) == GRAPHS[what]
    assert {step.name: step.unnamed() for step in guard.steps if step.unnamed()} == {}
    later = [step for step in guard.steps if step.job]
    assert {each for step in later for each in step.untouched()} == ONLY_TOLD[what]


@pytest.mark.parametrize("what", ["training", "replay"])
def test_a_step_opens_what_the_step_before_it_made_so_that_a_run_is_a_line(what: str) -> None:
    steps = list(GRAPHS[what])
    assert [(a, b) for a, b in pairwise(steps) if a not in GRAPHS[what][b]] == []


def test_the_guard_finds_a_file_that_was_reached_without_its_handle(
    tmp_path: Path, listener: list[list[tuple[str, str]]], sky: Path
) -> None:
    from pulsars.store.files import write_text
    from tasks.preparing import fetch, prepare

    asked = TrainingParameters(data=str(sky), out=str(tmp_path))
    job = prepare.fn(fetch.fn(asked), asked)
    ref = write_text(job.run_folder / "model.json", "{}")
    guard = Guard(listener)

    def reaches(job: Job, *_given: Record) -> None:
        write_text(job.steps_folder / "own.txt", (job.run_folder / "model.json").read_text())

    guard.around("reaches", reaches)(job)
    guard.around("reaches", reaches)(job, ref)
    without, with_it = guard.steps
    assert without.unnamed() == {ref.path}
    assert with_it.unnamed() == with_it.untouched() == set()


@pytest.mark.usefixtures("prefect_server")
def test_rows_are_read_once_a_step_and_the_model_is_applied_to_them_once(
    sky: Path, tmp_path: Path, guard: Guard
) -> None:
    begin("training", sky, tmp_path)
    (model,) = (tmp_path / "runs").glob("*/model.json")
    coef = json.loads(model.read_text())["perceptron"]["coef"]
    accepted = {
        step.name: (
            sum(path.endswith("/accepted.parquet") for path in step.opened),
            sum(path.endswith("/accepted.parquet") for path in step.parsed),
        )
        for step in guard.steps
    }
    once = dict.fromkeys(("split", "oversample", "train", "evaluate", "publish"), (1, 1))
    # The step that wrote them hashed them as it did, and opens them no more.
    assert {name: counts for name, counts in accepted.items() if any(counts)} == once
    applied = {
        step.name: [n for weights, n in step.applied if n > 1 and weights == coef]
        for step in guard.steps
    }
    assert (applied["evaluate"], applied["report"], applied["publish"]) == ([600], [], [600])


@pytest.mark.slow
@pytest.mark.usefixtures("prefect_server")
def test_a_sweep_that_was_cut_short_makes_only_the_passes_that_are_missing(
    sky: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {
        "data": str(sky), "n_folds": 2, "inputs": ("standard", "quadratic"), "n_epochs": 1,
        "workers": 1,
    }  # fmt: skip
    undisturbed = sweep.sweep(SweepParameters.model_validate({**asked, "out": str(tmp_path / "a")}))
    monkeypatch.setattr(sweep_rounds, "ROWS_A_STEP", 1)
    n_passes, made, try_pass = 2 * 4 * (1 + 2), [0], sweep_rounds.try_pass

    def counted(*args: Any, **more: Any) -> Any:
        made[0] += 1
        if made[0] == cut_after + 1:
            raise RuntimeError("the power is gone")
        return try_pass(*args, **more)

    monkeypatch.setattr(sweep_rounds, "try_pass", counted)
    parameters = SweepParameters.model_validate({**asked, "out": str(tmp_path / "b")})
    cut_after = 11
    with pytest.raises(RuntimeError, match="power"):
        sweep.sweep(parameters)
    made[0], cut_after = 0, n_passes + 2
    done = sweep.sweep(parameters)
    # 11 were kept: 8 of the first round and 3 of the next; the other calls train by each best.
    assert made[0] == n_passes - 11 + 2
    for name in ("settings.json", "sweep.csv", "nested.json", "split.npz"):
        first, second = (Path(each.path) / name for each in (undisturbed, done))
        assert first.read_bytes() == second.read_bytes(), name
