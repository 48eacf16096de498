"""What the runs of a service may be told: whole paths, for the folder they work in is nobody's.

A form and the API are checked as a run is started; the parameters of a schedule, and those that a
deployment is left with, by nobody but the run.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from schemas.addresses import at_home, is_address
from schemas.errors import ParameterError
from schemas.outside import for_place

SERVED = "PULSAR_SERVED"
"""Set where flows are served, so in their runs: a variable of the environment, whatever it says."""

PATHS = ("data", "more", "labels", "inbox", "out", "run", "known", "copy_to")
"""Parameters that name places."""

_LOCAL = re.compile(r"^(file|local)://")


def require_whole_paths(asked: Mapping[str, Any]) -> None:
    """Make sure that a run of a service reads and writes where whoever asked for it meant.

    Parameters
    ----------
    asked : mapping
        Parameters of a flow, by name, with their defaults.

    Raises
    ------
    ParameterError
        The flow is served, and a path begins in whatever folder its process works.
    """
    why = why_refused(asked) if SERVED in os.environ else None
    if why:
        raise ParameterError(why)


def why_refused(asked: Mapping[str, Any]) -> str | None:
    """Say why a run of a service is refused for its paths; None where it is not."""
    wrong = not_whole(asked)
    if wrong is None:
        return None
    name, place = wrong
    return (
        f"{name} is {for_place(place)}, which is no whole path, and what `pulsar up` and `serve` "
        f"run works in a folder of its own; write it from / on"
        + (_ALL_OF_THEM if name == "out" else "")
    )


_ALL_OF_THEM = (
    " (parameters that are given take the place of all that were served, of out too: without it "
    "they mean artifacts)"
)


def not_whole(asked: Mapping[str, Any]) -> tuple[str, str] | None:
    """Find a path that begins in whatever folder a process works, with the parameter's name."""
    found = ((name, place) for name in PATHS for place in _places(asked.get(name)))
    return next((one for one in found if not _is_whole(*one)), None)


def _places(given: str | Iterable[str] | None) -> list[str]:
    return [given] if isinstance(given, str) else list(given or ())


def _is_whole(name: str, place: str) -> bool:
    path = _LOCAL.sub("", place)
    if name == "run" and "/" not in path:  # its name
        return True
    # Results go to `out` as it is written.
    return is_address(path) or (Path(path) if name == "out" else at_home(path)).is_absolute()
