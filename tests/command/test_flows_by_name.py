"""A command names its flow as text, which no type checker follows; here it is followed."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from pkgutil import resolve_name
from typing import Any

import pytest

from command import running

RUNS = (
    running.run_training,
    running.run_sweep,
    running.run_scoring,
    running.run_inbox,
    running.run_features,
)


@pytest.mark.parametrize("run", RUNS)
def test_a_flow_takes_and_gives_what_its_command_says(run: Callable[..., Any]) -> None:
    found = re.search(r': (.+) = run_\w+\(parameters, "([\w.:]+)"', inspect.getsource(run))
    assert found
    outcome, name = found.groups()
    flow = inspect.signature(resolve_name(name).fn)
    asked = inspect.signature(run).parameters["parameters"].annotation
    assert [one.annotation for one in flow.parameters.values()] == [asked]
    assert flow.return_annotation == outcome
