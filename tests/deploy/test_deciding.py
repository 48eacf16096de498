"""A question to a person outlives the training, the process and the restart of what serves it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect import flow
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterName
from prefect.events import Event, RelatedResource, Resource
from prefect.flow_runs import resume_flow_run
from prefect.states import Running

PULSAR = (sys.executable, "-c", "from command.cli import main; main()")
STATES = ("Completed", "Failed", "Crashed", "Cancelled")


def test_a_served_training_leaves_a_question_that_waits_without_a_process(
    sqlite_server: Any,
    processes: Callable[[Path], Any],
    until: Callable[..., Any],
    sky: Path,
    tmp_path: Path,
) -> None:
    out = tmp_path / "out"
    words = ("serve", "--data", str(sky), "--out", str(out), "--train-cron", "0 3 29 2 *")

    def question() -> UUID | None:
        wanted = FlowRunFilter(name=FlowRunFilterName(any_=[f"decide on {run['run']}"]))
        with sqlite_server.client() as client:
            found = client.read_flow_runs(flow_run_filter=wanted)
        return found[0].id if found else None

    with processes(tmp_path) as start:
        first = start("first", *PULSAR, *words, env=sqlite_server.env)
        until(lambda: deployed_for(sqlite_server, out), what="`pulsar serve` deploys")
        for seed in (0, 5):
            asked = sqlite_server.ask_for(
                "train/nightly", data=str(sky), out=str(out), seed=seed, n_resamples=100,
                when_undecided="ask",
            )  # fmt: skip
            assert sqlite_server.wait(asked, *STATES).state.is_completed()
        before = json.loads((out / "champion.json").read_text())["run"]
        (run,) = (
            one for path in (out / "verdicts").iterdir()
            if (one := json.loads(path.read_text()))["decision"] == "undecided"
        )  # fmt: skip
        assert run["against"] == before
        asks = until(question, what="a run asks")
        sqlite_server.wait(asks, "Suspended")
        until(lambda: not children_of(first.pid), what="its process ends")
    with processes(tmp_path) as start:
        start("second", *PULSAR, *words, env=sqlite_server.env)
        # Who fell silent later is ended: so is who did before, if that one may not be silent.
        sqlite_server.wait(falling_silent(sqlite_server), "Crashed")
        assert sqlite_server.read(asks).state.name == "Suspended"
        with sqlite_server.settings():
            resume_flow_run(asks, run_input={"promote": True, "name": "Ada", "because": "I looked"})
        ended = sqlite_server.wait(asks, *STATES)
    assert ended.state.is_completed(), ended.state.message
    assert sqlite_server.history(asks).count("Running") == 2
    champion = json.loads((out / "champion.json").read_text())
    assert champion["run"] == run["run"]
    assert champion["history"][-1]["because"] == "I looked"


def falling_silent(server: Any) -> UUID:
    """Give a run that says once that it lives."""

    @flow
    def silent() -> None:
        """Stand in the server alone."""

    with server.client() as client:
        made = client.create_flow_run(silent, state=Running(), tags=["pulsar"])
        beat = Event(
            event="prefect.flow-run.heartbeat",
            resource=Resource({"prefect.resource.id": f"prefect.flow-run.{made.id}"}),
            related=[
                RelatedResource(
                    {"prefect.resource.id": "prefect.tag.pulsar", "prefect.resource.role": "tag"}
                )
            ],
        )
        client.request("POST", "/events", json=[beat.model_dump(mode="json")])
    return UUID(str(made.id))


def children_of(pid: int) -> list[str]:
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
    return found.stdout.split()


def deployed_for(server: Any, out: Path) -> bool:
    """Whether `decide` is deployed for this artifact root, and not another test's."""
    with server.client() as client:
        return any(one.parameters == {"out": str(out)} for one in client.read_deployments())
