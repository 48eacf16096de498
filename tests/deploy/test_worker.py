"""`prefect.yaml` on a process work pool: a worker trains and scores, one at a time each."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterName
from prefect.flow_runs import resume_flow_run

from pulsars.store.locks import exclusive
from pulsars.store.runs import load_run

STATES = ("Completed", "Failed", "Crashed", "Cancelled")


@pytest.fixture(scope="module")
def deployed(sqlite_server: Any, start: Callable[..., Any], worker_on: Callable[..., None]) -> Any:
    """The server, with the pool, the deployments and a worker, as docs/operating.md says."""
    sqlite_server("work-pool", "create", "--type", "process", "pulsar")
    sqlite_server("deploy", "--all")
    sqlite_server.stop_schedules()
    worker_on(start, sqlite_server, "alone")
    return sqlite_server


@pytest.fixture(scope="module")
def trained(deployed: Any, sky: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The artifact root that a nightly training left."""
    out = tmp_path_factory.mktemp("out")
    asked = deployed.ask_for("train/nightly", data=str(sky), out=str(out), n_resamples=100)
    ended = deployed.wait(asked, *STATES)
    assert ended.state.is_completed(), ended.state.message
    return out


def test_a_worker_trains_and_publishes(trained: Path) -> None:
    (folder,) = (trained / "runs").iterdir()
    assert load_run(folder).manifest["parameters"]["n_resamples"] == 100
    assert (trained / "champion.json").is_file()


def test_a_worker_scores_the_inbox(deployed: Any, trained: Path, sky: Path, tmp_path: Path) -> None:
    pd.read_csv(sky, comment="#").drop(columns="label").to_csv(tmp_path / "new.csv", index=False)
    asked = deployed.ask_for("inbox/inbox", inbox=str(tmp_path), out=str(trained), settle_seconds=0)
    ended = deployed.wait(asked, *STATES)
    assert ended.state.is_completed(), ended.state.message
    assert [path.is_dir() for path in (trained / "scores").glob("[!.]*")] == [True]


def test_an_undecided_training_ends_and_a_run_of_decide_asks_and_does_what_is_answered(
    deployed: Any, trained: Path, sky: Path, until: Callable[..., Any]
) -> None:
    asked = deployed.ask_for(
        "train/nightly", data=str(sky), out=str(trained), seed=5, n_resamples=100,
        when_undecided="ask",
    )  # fmt: skip
    ended = deployed.wait(asked, *STATES, "Paused")
    assert ended.state.is_completed(), ended.state.name
    verdicts = [json.loads(path.read_text()) for path in (trained / "verdicts").iterdir()]
    assert sorted(one["decision"] for one in verdicts) == ["promoted", "undecided"]
    (run,) = (one["run"] for one in verdicts if one["decision"] == "undecided")

    def asks() -> Any:
        wanted = FlowRunFilter(name=FlowRunFilterName(any_=[f"decide on {run}"]))
        with deployed.client() as client:
            return client.read_flow_runs(flow_run_filter=wanted)

    (question,) = until(asks, what="a run asks")
    deployed.wait(question.id, "Suspended")
    with deployed.settings():
        resume_flow_run(
            question.id, run_input={"promote": True, "name": "Ada", "because": "I looked"}
        )
    assert deployed.wait(question.id, *STATES).state.is_completed()
    assert json.loads((trained / "champion.json").read_text())["run"] == run


def test_a_training_waits_for_the_one_before_and_no_data_are_lost(
    deployed: Any, sky: Path, tmp_path: Path
) -> None:
    with exclusive(tmp_path, waiting=lambda: None):  # so the first cannot end meanwhile
        asked = {"data": str(sky), "out": str(tmp_path), "n_resamples": 100}
        first = deployed.ask_for("train/nightly", seed=1, **asked)
        deployed.wait(first, "Running")  # of two that are due together either may be the first
        second = deployed.ask_for("train/nightly", seed=2, **asked)
        deployed.wait(second, "AwaitingConcurrencySlot")
        assert deployed.read(first).state.name == "Running"
    for run in (first, second):
        assert deployed.wait(run, *STATES).state.is_completed()
    assert deployed.history(first).count("Running") == 1
    assert deployed.history(second).count("Running") == 1
    assert len(list((tmp_path / "runs").iterdir())) == 2


def test_a_pass_over_the_inbox_that_is_due_while_one_runs_is_dropped(
    deployed: Any, trained: Path, sky: Path, tmp_path: Path
) -> None:
    frame = pd.read_csv(sky, comment="#").drop(columns="label")
    frame.head(300).to_csv(tmp_path / "newer.csv", index=False)
    asked = {"inbox": str(tmp_path), "out": str(trained), "settle_seconds": 0}
    with exclusive(trained / "scores", waiting=lambda: None):
        first = deployed.ask_for("inbox/inbox", **asked)
        deployed.wait(first, "Running")
        second = deployed.ask_for("inbox/inbox", **asked)
        deployed.wait(second, "Cancelled")
        assert deployed.read(first).state.name == "Running"
    assert deployed.wait(first, *STATES).state.is_completed()
    assert "Running" not in deployed.history(second)
