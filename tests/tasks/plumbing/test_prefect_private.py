"""What tasks and flows need of Prefect that Prefect does not promise, name by name."""

from __future__ import annotations

import importlib

import pytest
from prefect import tags
from prefect.context import TagsContext

from tasks.plumbing.prefect_private import holds_a_slot, untagged

TAGS = (
    "each task asks the server twice for a place, for each tag of its flow: a training takes half "
    "as long again"
)
LEASE = (
    "a scheduled training that nobody can judge would pause instead of leaving the question to "
    "another run, and Prefect would end it, for a pause gives its place back"
)
LOST = [
    ("prefect.context", "TagsContext", "current_tags", TAGS),
    ("prefect.client.schemas.objects", "StateDetails", "deployment_concurrency_lease_id", LEASE),
]


@pytest.mark.parametrize(("module", "name", "field", "lost"), LOST)
def test_prefect_still_has_what_it_does_not_promise(
    module: str, name: str, field: str, lost: str
) -> None:
    thing = getattr(importlib.import_module(module), name, None)
    assert thing is not None, f"this Prefect has no {module}.{name}; without it: {lost}"
    assert field in thing.model_fields, f"{module}.{name} has no {field}; without it: {lost}"


def test_tags_around_a_flow_are_kept_from_its_tasks_and_come_back() -> None:
    with tags("pulsar"):
        with untagged():
            assert TagsContext.get().current_tags == set()
        assert TagsContext.get().current_tags == {"pulsar"}


def test_what_is_no_run_holds_no_place() -> None:
    assert not holds_a_slot()
