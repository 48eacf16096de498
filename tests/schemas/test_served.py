"""What a service runs is told whole paths: its processes work in a folder that nobody means."""

from __future__ import annotations

import re
from typing import Any

import pytest

from schemas.errors import ParameterError
from schemas.parameters import TrainingParameters
from schemas.score_parameters import InboxParameters
from schemas.served import PATHS, SERVED, require_whole_paths

NO_PATHS = {
    "chosen_by", "columns", "dask_address", "drop", "inputs", "keep", "kurtosis", "not_pulsar_is",
    "oversample", "preset", "pulsar_is", "runner", "section", "solver", "threshold",
    "when_undecided",
}  # fmt: skip


def test_every_word_that_a_service_takes_is_a_path_or_known_to_be_none() -> None:
    fields = {**TrainingParameters.model_fields, **InboxParameters.model_fields}
    words = {name for name, field in fields.items() if "str" in repr(field.annotation)}
    chosen = {name for name, field in fields.items() if "Literal" in repr(field.annotation)}
    assert {*PATHS} <= words
    assert (words | chosen | {"chosen_by"}) - {*PATHS} == NO_PATHS


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("out", "artifacts"),
        ("out", "~/artifacts"),  # as it is written, and so below the folder of the process
        ("data", "sky.csv"),
        ("data", "night/*.csv"),
        ("more", ("/sky.csv", "more.csv")),
        ("labels", "artifacts/labels.jsonl"),
        ("labels", "./labels.jsonl"),
        ("inbox", "in"),
        ("known", "psrcat.csv"),
        ("copy_to", "copies"),
        ("copy_to", "file://copies"),
        ("run", "artifacts/runs/x"),
    ],
)
def test_a_path_that_begins_wherever_the_process_is_is_refused_where_flows_are_served(
    name: str, given: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(SERVED, raising=False)
    require_whole_paths({name: given})  # a worker of prefect.yaml stands in the project
    monkeypatch.setenv(SERVED, "1")
    wrong = given if isinstance(given, str) else given[-1]
    with pytest.raises(ParameterError, match=rf"^{name} is {re.escape(wrong)}, .* no whole path"):
        require_whole_paths({name: given})


@pytest.mark.parametrize(
    "asked",
    [
        {"data": "/sky.csv", "more": ("~/more.csv",), "out": "/art", "labels": "~/labels.jsonl"},
        {"data": "https://host/sky.csv", "out": "/art", "labels": None, "more": ()},
        {"data": "s3://survey/sky.csv", "more": ("secret://NAME",), "out": "/art"},
        {"inbox": "/in", "out": "/art", "run": None, "known": None, "copy_to": None},
        {"inbox": "s3://survey/in", "out": "/art", "run": "3f9a1c20", "copy_to": "s3://survey/out"},
        {"inbox": "file:///in", "out": "/art", "run": "/art/runs/x", "copy_to": "file:///copies"},
        {"out": "/art", "run": "20260101-000000-000-3f9a1c20"},
    ],
)
def test_a_whole_path_an_address_and_the_name_of_a_run_are_taken(
    asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SERVED, "1")
    require_whole_paths(asked)
