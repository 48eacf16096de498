"""An undecided run waits for a person, who answers in the form of the Prefect UI."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterName
from prefect.client.schemas.objects import FlowRun

from flows import asking
from schemas.parameters import TrainingParameters
from schemas.records import Judged
from tasks.champions import read_reigns
from tasks.files import write_json


def answer(name: str, **words: object) -> None:
    """Fill the form of the run of that name, as soon as it is paused."""
    deadline = time.monotonic() + 60
    wanted = FlowRunFilter(name=FlowRunFilterName(any_=[name]))
    while time.monotonic() < deadline:
        with get_client(sync_client=True) as client:
            found: list[FlowRun] = client.read_flow_runs(flow_run_filter=wanted)
            if found and found[0].state and found[0].state.is_paused():
                client.resume_flow_run(found[0].id, run_input=words)
                return
        time.sleep(0.2)


@pytest.mark.usefixtures("prefect_server")
@pytest.mark.parametrize(("promote", "decision"), [(True, "promoted"), (False, "kept")])
@pytest.mark.slow
def test_a_person_decides(promote: bool, decision: str, tmp_path: Path) -> None:  # noqa: FBT001
    run = tmp_path / "runs" / "r"
    write_json(run / "metrics.json", {})
    write_json(run / "manifest.json", {"files": {"model.json": "0"}})
    name = f"asks-{decision}"
    judged = Judged(
        run="r", path=str(run), model_sha256="0", decision="undecided", because="too few to tell"
    )

    @flow(name="asks", flow_run_name=name)
    def asks() -> Any:
        return asking.ask_a_person(TrainingParameters(data="x", out=str(tmp_path)), judged)

    person = threading.Thread(target=answer, args=(name,),
                              kwargs={"promote": promote, "because": "I looked"})  # fmt: skip
    person.start()
    found = asks()
    person.join()
    assert found.decision == decision
    assert "I looked" in found.because
    reigns = read_reigns(tmp_path)
    assert [(r.run, r.how, r.because) for r in reigns] == (
        [("r", "person", "I looked")] if promote else []
    )
