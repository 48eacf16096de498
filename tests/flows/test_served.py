"""A served flow refuses paths that are not whole, and whoever serves it says that it is one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flows.deciding import decide
from flows.inbox import score_inbox
from flows.training import train
from schemas.errors import ParameterError
from schemas.parameters import TrainingParameters
from schemas.score_parameters import InboxParameters
from schemas.served import SERVED, require_whole_paths
from service.foreground import _go_where_nothing_is


@pytest.mark.parametrize(
    ("flow", "asked"),
    [
        (train, {"parameters": TrainingParameters(data="/sky.csv")}),
        (train, {"parameters": TrainingParameters(data="/sky.csv", out="/art", labels="l.jsonl")}),
        (score_inbox, {"parameters": InboxParameters(inbox="/in")}),
        (score_inbox, {"parameters": InboxParameters(inbox="/in", out="/art", copy_to="copies")}),
        (decide, {"run": "3f9a1c20"}),
    ],
)
def test_a_served_flow_that_is_told_no_whole_path_ends_before_it_writes(
    flow: Any, asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv(SERVED, "")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ParameterError, match="no whole path"):
        flow.fn(**asked)
    assert not any(tmp_path.iterdir())


def test_whoever_serves_tells_the_processes_of_its_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv(SERVED, "")
    monkeypatch.delenv(SERVED)  # set by what follows, and taken away with the test
    monkeypatch.chdir(tmp_path)
    _go_where_nothing_is()
    with pytest.raises(ParameterError, match="no whole path"):
        require_whole_paths({"out": "artifacts"})
