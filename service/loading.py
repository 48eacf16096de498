"""Prefect's client, whose import reads a user's settings: what it cannot read is said.

As a command at a terminal wants it, it is quiet, quick to end, and patient.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from inspect import CO_OPTIMIZED
from traceback import walk_tb
from typing import TYPE_CHECKING

from schemas import SettingsError
from service.settings import anywhere, place_of, unreadable_file

if TYPE_CHECKING:
    from pydantic import ValidationError

# What a number, a truth, a time or one of a few words is refused as: such a setting is no secret.
_PLAIN = ("int_", "float_", "bool_", "time_delta_", "literal_error", "greater_than", "less_than")


def load_prefect() -> None:
    """Import Prefect's client, which takes seconds and reads all its settings.

    Raises
    ------
    SettingsError
        If a setting can be none, or a file of settings cannot be read.
    """
    with settings_explained():
        import prefect.context  # noqa: F401


@contextmanager
def settings_explained() -> Iterator[None]:
    """Say which of Prefect's settings, or which file of them, cannot be read in the block."""
    from pydantic import ValidationError

    try:
        yield
    except (ValueError, TypeError, AttributeError) as error:  # the last two: another shape
        found = unreadable_file()
        if found:
            said = f"cannot read {found}; correct that file, or move it away"
        elif isinstance(error, ValidationError):
            said = _refused(error)
        elif _of_settings(error):
            said = f"cannot read its settings ({error}); they stand in {anywhere()}"
        else:
            raise
        raise SettingsError(f"Prefect {said}") from None


def _of_settings(error: Exception) -> bool:
    """Tell a fault of settings that were read from one of an installation that cannot be loaded."""
    return any(
        frame.f_globals.get("__name__", "").startswith("prefect.settings")
        and frame.f_code.co_flags & CO_OPTIMIZED  # a function: no body of a module, or of a class
        for frame, _ in walk_tb(error.__traceback__)
    )


def _refused(error: ValidationError) -> str:
    """Say which setting is at fault; a later one may be so for its sake alone."""
    fault = error.errors(include_url=False)[0]
    message = str(fault["msg"]).removeprefix("Value error, ")
    name = str(fault["loc"][0]).upper() if fault["loc"] else ""
    if not name:
        return f"refuses its settings ({message}); they stand in {anywhere()}"
    variable = name if name.startswith("PREFECT_") else f"{_prefix(error.title)}{name}"
    plain = len(fault["loc"]) == 1 and fault["type"].startswith(_PLAIN)
    value = f" {fault['input']!r}" if plain else ""
    return f"refuses its setting {variable}{value} ({message}); correct it in {place_of(variable)}"


def _prefix(title: str) -> str:
    """Give what the names of a group of settings begin with in the environment."""
    from prefect.settings import Settings
    from pydantic import BaseModel

    groups: list[type[BaseModel]] = [Settings]
    for one in groups:  # which grow by what each holds
        if one.__name__ == title:
            return str(one.model_config.get("env_prefix", ""))
        kinds = (field.annotation for field in one.model_fields.values())
        groups += [k for k in kinds if isinstance(k, type) and issubclass(k, BaseModel)]
    return "PREFECT_"
