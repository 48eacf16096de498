"""What the service needs of Prefect that Prefect does not promise, name by name."""

from __future__ import annotations

import importlib
import inspect

import pytest

LOST = {
    "prefect.server.api.server.create_app": (
        "no private server for a command, and no server of `pulsar up` that answers only its own "
        "pages and this machine's names: `prefect server start` takes any"
    ),
    "prefect.server.database.provide_database_interface": (
        "two commands that start at once would both make a new database, and one of them dies"
    ),
    "prefect.logging.handlers.APILogWorker": (
        "the last lines of a run's log are lost, for a private server ends with its command"
    ),
    "prefect.logging.handlers.APILogWorker.drain_all": "the same",
    "prefect.server.concurrency.lease_storage.filesystem.ConcurrencyLeaseStorage": (
        "the server of `pulsar up` forgets at a restart who trains, and starts a second training"
    ),
    "prefect.settings.PREFECT_FLOWS_HEARTBEAT_FREQUENCY": (
        "each flow at a terminal waits a second for a heartbeat that nobody listens to"
    ),
    "prefect.utilities.callables.ParameterSchema": (
        "a run of a served deployment with an unknown parameter crashes, and one without `out` "
        "publishes where nobody looks"
    ),
    "prefect.deployments.runner.RunnerDeployment._parameter_openapi_schema": "the same",
    "fastapi.encoders.jsonable_encoder": (
        "a module that is imported beforehand; delete it from the list if Prefect needs it no more"
    ),
}


def found(name: str) -> object:
    """Import as much of a name as is a module, and look up the rest."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        place, _, last = name.rpartition(".")
        return getattr(found(place), last)


@pytest.mark.parametrize("name", LOST)
def test_prefect_still_has_what_it_does_not_promise(name: str) -> None:
    try:
        assert found(name) is not None
    except (ImportError, AttributeError) as gone:
        pytest.fail(f"this Prefect has no {name}; without it: {LOST[name]} ({gone})")


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("prefect.server.api.server.create_app", {"ephemeral", "final"}),
        ("prefect.logging.handlers.APILogWorker.drain_all", {"timeout"}),
    ],
)
def test_prefect_still_takes_what_it_is_given(name: str, given: set[str]) -> None:
    taken = set(inspect.signature(found(name)).parameters)  # type: ignore[arg-type]
    assert given <= taken, f"{name} takes no {given - taken}; without it: {LOST[name]}"


def test_a_flow_of_a_command_has_no_heartbeat() -> None:
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY

    from service.prefect_private import without_heartbeat

    with without_heartbeat():
        assert PREFECT_FLOWS_HEARTBEAT_FREQUENCY.value() is None
