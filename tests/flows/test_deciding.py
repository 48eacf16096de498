"""An undecided run waits for a person, who answers in the form of the Prefect UI."""

from __future__ import annotations

import json
import logging
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import numpy as np
import pytest
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterName,
    LogFilter,
    LogFilterFlowRunId,
)
from prefect.client.schemas.objects import (
    ConcurrencyLimitConfig,
    ConcurrencyLimitStrategy,
    FlowRun,
)
from prefect.exceptions import Pause
from prefect.flow_engine import run_flow
from prefect.flow_runs import resume_flow_run
from prefect.input import RunInput
from prefect.states import Cancelled, Pending

from flows import deciding
from flows.deciding import Answer, decide
from pulsars.gate.by_hand import promote_by_hand, settle
from pulsars.store.champions import champion_name, crown, read_reigns
from pulsars.store.files import write_arrays, write_json
from pulsars.store.runs import load_run
from pulsars.store.verdicts import Verdict, keep_verdict
from schemas.errors import DamagedRecordError, GateError, ParameterError
from schemas.handles import sha256_of
from schemas.parameters import TrainingParameters
from schemas.records import Judged
from slp.inputs import Inputs
from slp.perceptron import Perceptron
from tests.failing import fail_once
from tests.published import published_as, vouch_for

SAID = {"name": "Ada", "because": "I looked"}


def answer(run: str, /, **words: object) -> None:
    """Fill the form of the run of that name, as soon as it is paused."""
    deadline = time.monotonic() + 300
    wanted = FlowRunFilter(name=FlowRunFilterName(any_=[run]))
    while time.monotonic() < deadline:
        with get_client(sync_client=True) as client:
            found: list[FlowRun] = client.read_flow_runs(flow_run_filter=wanted)
            if found and found[0].state and found[0].state.is_paused():
                client.resume_flow_run(found[0].id, run_input=words)
                return
        time.sleep(0.2)
    raise TimeoutError(f"{run} was not paused within five minutes")


def published(out: Path, name: str) -> Path:
    """A run whose model is another than that of any other name, and repeats its scores."""
    rng = np.random.default_rng(list(name.encode()))
    model = Perceptron(rng.normal(size=8), 0.0, Inputs.raw(8))
    X = rng.normal(size=(20, 8))
    scores = {"X": X, "probability": model.predict_proba(X)}
    return published_as(
        out, name, {"model.json": {"perceptron": model.to_dict()}, "test.npz": scores}
    )


@pytest.mark.usefixtures("undrawn")
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
    assert verdict.because == "a person: I looked"


@pytest.mark.usefixtures("prefect_server")
@pytest.mark.parametrize(("promote", "decision"), [(True, "promoted"), (False, "kept")])
@pytest.mark.slow
def test_a_person_decides(promote: bool, decision: str, tmp_path: Path) -> None:  # noqa: FBT001
    run = published(tmp_path, "r")
    name = f"asks-{decision}"
    judged = judged_undecided(run)

    @flow(name="asks", flow_run_name=name)
    def asks() -> Any:
        return deciding.ask_a_person(TrainingParameters(data="x", out=str(tmp_path)), judged)

    person = threading.Thread(target=answer, args=(name,),
                              kwargs={"promote": promote, **SAID})  # fmt: skip
    person.start()
    found = asks()
    person.join()
    assert found.decision == decision
    assert "I looked" in found.because
    reigns = read_reigns(tmp_path)
    assert [(r.run, r.how, r.because) for r in reigns] == (
        [("r", "person", "I looked")] if promote else []
    )


def undecided(out: Path, name: str, *, against: str | None) -> Judged:
    """A published run of which nobody can tell whether it is better than the champion."""
    run = published(out, name)
    keep_verdict(out, load_run(run), Verdict("undecided", "too few to tell", against=against))
    return judged_undecided(run)


def judged_undecided(run: Path) -> Judged:
    return Judged(
        run=run.name,
        path=str(run),
        model_sha256=sha256_of(run / "model.json"),
        decision="undecided",
        because="too few to tell",
    )


@pytest.fixture
def decides(prefect_server: str) -> Iterator[UUID]:  # noqa: ARG001 - it is deployed there
    """The deployment that asks a person; nothing serves it but these tests."""
    deployment: Any = decide.to_deployment(name="decide").apply()
    yield deployment
    with get_client(sync_client=True) as client:
        client.delete_deployment(deployment)


def read(run: UUID) -> FlowRun:
    with get_client(sync_client=True) as client:
        return client.read_flow_run(run)


def question(deployment: UUID, out: Path, name: str) -> UUID:
    """Run `decide` up to its question; give the run, which by then waits without a process."""
    with get_client(sync_client=True) as client:
        made = client.create_flow_run_from_deployment(
            deployment, parameters={"run": name, "out": str(out)}
        )
    with pytest.raises(Pause):
        run_flow(decide, flow_run=made)
    return made.id


def answered(asked: UUID, *, promote: bool) -> Any:
    """Fill the form, and run `decide` anew from its start, as whoever serves it does."""
    resume_flow_run(asked, run_input={"promote": promote, **SAID})
    return run_flow(decide, flow_run=read(asked))


@pytest.mark.parametrize(
    ("promote", "decision"),
    [(True, "promoted"), pytest.param(False, "kept", marks=pytest.mark.slow)],
)
def test_a_run_of_its_own_asks_without_a_process_and_does_what_was_answered(
    decides: UUID,
    promote: bool,  # noqa: FBT001
    decision: str,
    tmp_path: Path,
) -> None:
    undecided(tmp_path, "r", against=None)
    asked = question(decides, tmp_path, "r")
    waiting = read(asked)
    assert (waiting.name, waiting.state and waiting.state.name) == ("decide on r", "Suspended")
    found = answered(asked, promote=promote)
    assert found == {"run": "r", "decision": decision, "because": "a person: I looked"}
    assert champion_name(tmp_path) == ("r" if promote else None)
    verdict = load_run(tmp_path / "runs" / "r").verdict()
    assert verdict
    assert (verdict.decision, verdict.by, verdict.who) == (decision, "person", "Ada")


@pytest.mark.parametrize(
    "said",
    [
        {"because": "I looked"},
        {"name": "Ada"},
        pytest.param({"name": "Ada", "because": " "}, marks=pytest.mark.slow),
        pytest.param({"name": "", "because": "I looked"}, marks=pytest.mark.slow),
        pytest.param({}, marks=pytest.mark.slow),
    ],
)
def test_no_answer_is_taken_without_a_name_and_a_reason(
    decides: UUID, said: dict[str, str], tmp_path: Path
) -> None:
    undecided(tmp_path, "r", against=None)
    asked = question(decides, tmp_path, "r")
    with pytest.raises(Exception, match=r"(?i)validation failed|invalid|400|409"):
        resume_flow_run(asked, run_input={"promote": True, **said})
    state = read(asked).state
    assert state
    assert state.name == "Suspended"
    assert answered(asked, promote=True)["decision"] == "promoted"


def test_a_question_that_an_earlier_version_asked_is_answered_without_a_name(
    decides: UUID, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Answer(RunInput):
        promote: bool = False
        because: str = ""

    undecided(tmp_path, "r", against=None)
    with monkeypatch.context() as patched:
        patched.setattr(deciding, "form", lambda *_, **__: Answer)
        asked = question(decides, tmp_path, "r")
    resume_flow_run(asked, run_input={"promote": True, "because": ""})
    found = run_flow(decide, flow_run=read(asked))
    assert found == {"run": "r", "decision": "promoted", "because": "a person: no reason given"}
    verdict = load_run(tmp_path / "runs" / "r").verdict()
    assert verdict
    assert verdict.who is None


def test_a_verdict_that_an_earlier_version_wrote_names_nobody(tmp_path: Path) -> None:
    run = load_run(published(tmp_path, "r"))
    keep_verdict(tmp_path, run, Verdict("kept", "a person: no", against="a", by="person"))
    path = tmp_path / "verdicts" / "r.json"
    said = json.loads(path.read_text())
    write_json(path, {name: it for name, it in said.items() if name not in {"who", "seal"}})
    verdict = run.verdict()
    assert verdict
    assert (verdict.decision, verdict.who) == ("kept", None)


def test_a_name_is_one_line_of_bounded_length() -> None:
    assert Answer(name=" Ada\x1b[2J\n ", because="x").who == r"Ada\x1b[2J"
    assert len(Answer(name="a" * 9999, because="x").who or "") <= 200
    assert Answer(name=" ", because="x").who is None


def test_the_form_says_what_was_measured_and_who_would_have_to_go(
    decides: UUID, tmp_path: Path
) -> None:
    undecided(tmp_path, "r", against="before")
    asked = question(decides, tmp_path, "r")
    with get_client(sync_client=True) as client:
        said = client.read_flow_run_input(asked, "suspended-1-description")
    assert "r become champion in place of before" in said
    assert "too few to tell" in said


@pytest.mark.slow
def test_of_two_questions_against_one_champion_only_the_first_answer_moves_it(
    decides: UUID, tmp_path: Path
) -> None:
    for name in ("one", "other"):
        undecided(tmp_path, name, against=None)
    first, second = (question(decides, tmp_path, name) for name in ("one", "other"))
    assert answered(second, promote=True)["decision"] == "promoted"
    late = answered(first, promote=True)
    assert late["decision"] == "undecided"
    assert "the champion is other by now" in late["because"]
    assert champion_name(tmp_path) == "other"


@pytest.mark.slow
@pytest.mark.parametrize("promote", [True, False])
def test_a_form_that_is_answered_after_a_promotion_by_hand_does_no_harm(
    decides: UUID,
    promote: bool,  # noqa: FBT001
    tmp_path: Path,
) -> None:
    undecided(tmp_path, "r", against=None)
    asked = question(decides, tmp_path, "r")
    promote_by_hand(tmp_path, "r", because="at three")
    before = (tmp_path / "champion.json").read_bytes()
    assert "at three" in answered(asked, promote=promote)["because"]
    assert (tmp_path / "champion.json").read_bytes() == before


@pytest.mark.usefixtures("prefect_server")
def test_there_is_no_question_about_a_run_that_is_gone_or_was_decided(tmp_path: Path) -> None:
    gone = decide(run="gone", out=str(tmp_path))
    assert gone["decision"] == "undecided"
    assert "no published run" in gone["because"]
    run = load_run(published(tmp_path, "r"))
    assert "nobody was asked" in decide(run="r", out=str(tmp_path))["because"]
    keep_verdict(tmp_path, run, Verdict("kept", "worse", against="before"))
    assert decide(run="r", out=str(tmp_path)) == {
        "run": "r", "decision": "kept", "because": "it was decided before: worse",
    }  # fmt: skip


@pytest.mark.usefixtures("prefect_server")
def test_whether_anybody_was_asked_is_not_said_of_a_verdict_that_cannot_be_read(
    tmp_path: Path,
) -> None:
    undecided(tmp_path, "r", against=None)
    (tmp_path / "verdicts" / "r.json").write_text("")
    with pytest.raises(DamagedRecordError, match=r"r\.json"):
        decide(run="r", out=str(tmp_path))


@pytest.mark.usefixtures("prefect_server")
def test_runs_that_cannot_be_listed_are_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "runs").symlink_to("runs")
    with pytest.raises(ParameterError, match="runs: Too many levels"):
        decide(run="r", out=str(tmp_path))


def test_why_there_is_no_question_stands_in_the_log_of_the_run(
    decides: UUID, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("flows"), "handlers", [])  # as in a process of its own
    with get_client(sync_client=True) as client:
        made = client.create_flow_run_from_deployment(
            decides, parameters={"run": "gone", "out": str(tmp_path)}
        )
        run_flow(decide, flow_run=made)
        of_this = LogFilter(flow_run_id=LogFilterFlowRunId(any_=[made.id]))
        deadline = time.monotonic() + 120
        said = ""
        while "Finished in" not in said:  # the log is sent in batches
            assert time.monotonic() < deadline
            time.sleep(0.2)
            said = "\n".join(line.message for line in client.read_logs(of_this))
    assert said.count("there is nothing to decide") == 1


def end_undecided(out: Path, judged: Judged) -> Judged:
    """Ask from a run that holds the one slot of its deployment; give how that run ended."""

    @flow(name="holds a slot", persist_result=True, result_serializer="json")
    def holds() -> Judged:
        return deciding.ask_a_person(TrainingParameters(data="x", out=str(out)), judged)

    limit = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.ENQUEUE)
    deployed: Any = holds.to_deployment(name="one at a time", concurrency_limit=limit).apply()
    with get_client(sync_client=True) as client:
        made = client.create_flow_run_from_deployment(deployed)
        client.set_flow_run_state(made.id, Pending())  # which takes the slot
    ended: Any = run_flow(holds, flow_run=read(made.id))
    return Judged.model_validate(ended)


@pytest.mark.slow
def test_a_run_with_a_slot_ends_and_leaves_its_question_to_a_run_without_one(
    decides: UUID, tmp_path: Path
) -> None:
    judged = undecided(tmp_path, "r", against=None)
    for _ in range(2):  # a step that is tried again asks no second time
        assert end_undecided(tmp_path, judged) == judged
    with get_client(sync_client=True) as client:
        (asks,) = client.read_flow_runs(
            deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[decides]))
        )
    assert asks.name == "decide on r"
    assert asks.parameters == {"run": "r", "out": str(tmp_path)}
    assert asks.parent_task_run_id is None, "or it would end with the training"
    with pytest.raises(Pause):
        run_flow(decide, flow_run=asks)
    assert answered(asks.id, promote=True)["decision"] == "promoted"


def questions(deployment: UUID) -> list[str]:
    with get_client(sync_client=True) as client:
        found = client.read_flow_runs(
            deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[deployment]))
        )
    return sorted(one.name for one in found)


def as_the_same_model(out: Path, name: str, other: Path) -> Judged:
    """A run of another night with the model of an earlier one, and undecided like that."""
    folder = out / "runs" / name
    shutil.copytree(other, folder)
    keep_verdict(out, load_run(folder), Verdict("undecided", "too few to tell", against=None))
    return judged_undecided(folder)


@pytest.mark.slow
def test_the_same_model_on_the_next_night_asks_no_second_time(
    decides: UUID, tmp_path: Path
) -> None:
    first, other = (undecided(tmp_path, name, against=None) for name in ("r", "t"))
    again = as_the_same_model(tmp_path, "s", Path(first.path))
    for judged in (first, again, other):
        end_undecided(tmp_path, judged)
    assert questions(decides) == ["decide on r", "decide on t"]


@pytest.mark.slow
def test_a_question_is_the_same_however_many_nights_it_stays_open(
    decides: UUID, tmp_path: Path
) -> None:
    first = undecided(tmp_path, "r", against=None)
    end_undecided(tmp_path, first)
    path = tmp_path / "verdicts" / "r.json"
    said = json.loads(path.read_text())
    write_json(path, said | {"at": "2020-01-01T00:00:00Z"})
    end_undecided(tmp_path, as_the_same_model(tmp_path, "s", Path(first.path)))
    assert questions(decides) == ["decide on r"]


@pytest.mark.slow
def test_a_question_that_was_cancelled_is_asked_anew(decides: UUID, tmp_path: Path) -> None:
    first = undecided(tmp_path, "r", against=None)
    end_undecided(tmp_path, first)
    with get_client(sync_client=True) as client:
        (asks,) = client.read_flow_runs(
            deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[decides]))
        )
        client.set_flow_run_state(asks.id, Cancelled(), force=True)
    again = as_the_same_model(tmp_path, "s", Path(first.path))
    for _ in range(2):
        end_undecided(tmp_path, again)
    assert questions(decides) == ["decide on r", "decide on s"]


@pytest.mark.usefixtures("decides")
def test_a_server_that_stumbles_at_the_question_costs_no_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged = undecided(tmp_path, "r", against=None)

    def stumbles(*_: object, **__: object) -> None:
        raise httpx.ConnectError("all connection attempts failed")

    monkeypatch.setattr(deciding, "run_deployment", stumbles)
    assert end_undecided(tmp_path, judged) == judged


def test_there_is_no_question_about_the_run_that_reigns(decides: UUID, tmp_path: Path) -> None:
    undecided(tmp_path, "r", against=None)
    crown(tmp_path, load_run(tmp_path / "runs" / "r"), how="person", because="at three")
    assert decide(run="r", out=str(tmp_path))["decision"] == "promoted"
    assert questions(decides) == []
    said = load_run(tmp_path / "runs" / "r").verdict()
    assert said
    assert (said.decision, said.because) == ("promoted", "a person: at three")


@pytest.mark.slow
def test_an_answer_that_cannot_be_written_down_at_once_is_written_by_the_next_try(
    decides: UUID, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    undecided(tmp_path, "r", against=None)
    asked = question(decides, tmp_path, "r")
    fails = fail_once(monkeypatch, ".champion.json.part", ".r.json.part")
    assert answered(asked, promote=True)["decision"] == "promoted"
    assert not fails
    assert [reign.run for reign in read_reigns(tmp_path)] == ["r"]


def test_no_word_makes_a_champion_of_a_run_whose_model_does_not_repeat_its_scores(
    decides: UUID, tmp_path: Path
) -> None:
    folder = published(tmp_path, "r")
    nothing = {"X": np.zeros((1, 8)), "probability": np.zeros(1)}
    write_arrays(folder / "test.npz", nothing)
    vouch_for(folder)
    keep_verdict(tmp_path, load_run(folder), Verdict("undecided", "too few", against=None))
    asked = question(decides, tmp_path, "r")
    with pytest.raises(GateError, match="does not repeat the scores"):
        answered(asked, promote=True)
    assert champion_name(tmp_path) is None


@pytest.mark.usefixtures("prefect_server")
def test_without_a_deployment_that_asks_the_champion_stays(tmp_path: Path) -> None:
    judged = undecided(tmp_path, "r", against=None)
    assert end_undecided(tmp_path, judged) == judged
    assert json.loads((tmp_path / "verdicts" / "r.json").read_text())["decision"] == "undecided"
    assert champion_name(tmp_path) is None
