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
from tasks.challenging import Verdict, keep_verdict, settle
from tasks.champions import champion_name, crown, read_reigns
from tasks.files import write_json
from tasks.runs import load_run


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


def published(out: Path, name: str) -> Path:
    """A run with the files that a champion needs; what they say does not matter here."""
    folder = out / "runs" / name
    needed = ("model.json", "reference.json", "test.npz", "seen.npz")
    files = {each: write_json(folder / each, each).sha256 for each in needed}
    write_json(folder / "metrics.json", {})
    write_json(folder / "manifest.json", {"data": {}, "parameters": {}, "files": files})
    return folder


def test_an_answer_that_was_given_to_another_champion_decides_nothing(tmp_path: Path) -> None:
    asked, other = (load_run(published(tmp_path, name)) for name in ("asked", "other"))
    keep_verdict(tmp_path, asked, Verdict("undecided", "too few to tell", against=None))
    crown(tmp_path, other, how="gate", because="better")
    late = settle(tmp_path, asked, promote=True, because="I looked")
    assert late.decision == "undecided"
    assert "other" in late.because
    assert champion_name(tmp_path) == "other"
    keep_verdict(tmp_path, asked, Verdict("undecided", "too few to tell", against="other"))
    assert settle(tmp_path, asked, promote=True, because="I looked").decision == "promoted"
    assert champion_name(tmp_path) == "asked"
    verdict = asked.verdict()
    assert verdict
    assert verdict["because"] == "a person: I looked"


@pytest.mark.usefixtures("prefect_server")
@pytest.mark.parametrize(("promote", "decision"), [(True, "promoted"), (False, "kept")])
@pytest.mark.slow
def test_a_person_decides(promote: bool, decision: str, tmp_path: Path) -> None:  # noqa: FBT001
    run = published(tmp_path, "r")
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
