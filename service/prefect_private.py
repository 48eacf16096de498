"""The parts of Prefect that the service uses and Prefect's documentation does not promise.

No other module of `service` or `command` imports such a part; those of `flows` and `tasks` stand in
`tasks.plumbing.prefect_private`. `tests/service/test_prefect_private.py` says of each what it is
for.
"""

from __future__ import annotations

import asyncio
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prefect.deployments.runner import RunnerDeployment
    from starlette.types import ASGIApp

LEASES_IN_FILES = "prefect.server.concurrency.lease_storage.filesystem"
"""Where a server may keep who holds a place, for `PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE`."""

IMPORTED_LATE = "fastapi.encoders"
"""A module that Prefect imports only as a flow run begins, for the parameters of the run."""

_PLACES = {"data", "labels", "inbox", "known", "copy_to"}  # as of schemas.served, one path each


def application(*, whole: bool) -> ASGIApp:
    """Make Prefect's server, as an application that some web server runs.

    Parameters
    ----------
    whole : bool
        With its UI and all its services; else only what a single command needs.
    """
    from prefect.server.api.server import create_app

    return create_app(ephemeral=not whole, final=True)


def migrate() -> None:
    """Bring the database of the settings up to date, or make it."""
    from prefect.server.database import provide_database_interface

    asyncio.run(provide_database_interface().create_db())


def send_last_lines(seconds: float) -> None:
    """Wait until what was logged is with the server, but no longer than so many seconds."""
    from prefect.logging.handlers import APILogWorker

    APILogWorker.drain_all(timeout=seconds)


def without_heartbeat() -> AbstractContextManager[object]:
    """Have flow runs of this process say nothing of being alive; settings allow no such value."""
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

    return temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None})


def close_parameters(deployment: RunnerDeployment, *, out: str) -> None:
    """Have a server start no run with unknown parameters, or with paths that are not whole.

    What no form was asked for, such as the parameters of a schedule, `schemas.served` refuses. Who
    starts a run replaces `parameters` altogether, and what is not named falls back to a default:
    that of `out` is a folder wherever the run's process happens to be.

    Parameters
    ----------
    deployment : RunnerDeployment
        Changed: `to_deployment` takes no schema of its own.
    out : str
        What a form proposes.
    """
    from prefect.utilities.callables import ParameterSchema

    class Closed(ParameterSchema):
        additionalProperties: bool = False  # noqa: N815 - as a schema spells it

    told = deployment._parameter_openapi_schema.model_dump()  # noqa: SLF001
    for part in (told, *told["definitions"].values()):
        if "out" in part.get("properties", {}):
            part["required"] = [*part.get("required", []), "out"]
            part["properties"]["out"] |= {"default": out, "pattern": "^/"}
        for name in _PLACES & part.get("properties", {}).keys():
            part["properties"][name]["pattern"] = r"^[/~]|://"
    closed = Closed(**told, additionalProperties=False)
    deployment._parameter_openapi_schema = closed  # noqa: SLF001
