"""How the steps of a flow are run: by whom, and by how many. It never decides what comes out."""

from __future__ import annotations

import re
from typing import Any, Literal, TypeVar

from pydantic import BaseModel

RunnerKind = Literal["threads", "processes", "dask"]


NOT_DECIDING = ("runner", "workers", "dask_address", "copy_to")
"""Fields that say how a thing is made, or where else it goes, and not what it is.

No request, record or manifest has them.
"""

_ADDRESS = re.compile(r"(?:(?:tcp|tls|ws|wss)://)?[^\s/@?#]+:[0-9]{1,5}")

P = TypeVar("P", bound=BaseModel)


def require_one_way(asked: Any) -> None:
    """Make sure that what is said of a runner goes together.

    Raises
    ------
    ValueError
        A Dask address for another runner, or none, or a number of workers that the cluster knows
        by itself.
    """
    if asked.dask_address is None:
        return
    if asked.runner != "dask":
        raise ValueError("dask_address has no effect without the runner dask; leave out either")
    if asked.workers is not None:
        raise ValueError("workers has no effect beside dask_address: a cluster has those it has")
    if not _ADDRESS.fullmatch(asked.dask_address):
        raise ValueError("dask_address is no address of a scheduler, such as tcp://host:8786")


def what_decides(parameters: P) -> P:
    """Give the same parameters without saying how the steps are run."""
    fields = type(parameters).model_fields
    said = [name for name in NOT_DECIDING if name in fields]
    return parameters.model_copy(update={name: fields[name].default for name in said})
