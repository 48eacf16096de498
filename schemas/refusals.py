"""What is wrong with parameters, as `pydantic` found it."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from pydantic import ValidationError


class Refusal(NamedTuple):
    """One value that cannot be.

    Attributes
    ----------
    name : str
        The parameter; empty where several together are at fault.
    said : str
        What is wrong, with the value where there is a parameter.
    """

    name: str
    said: str

    @property
    def as_option(self) -> str:
        """The sentence where an option was the one to say it."""
        return f"--{self.name.replace('_', '-')} {self.said}" if self.name else self.said


def refusals_of(error: ValidationError) -> list[Refusal]:
    """Read the faults, each by the parameter that a person gave.

    An item of a parameter that may be given more than once has no name of its own. And where one
    is at fault, that too few are left is no news.
    """
    found = error.errors()
    with_items = {fault["loc"][0] for fault in found if len(fault["loc"]) > 1}
    return [
        _read(fault)
        for fault in found
        if not (fault["type"] == "too_short" and fault["loc"][0] in with_items)
    ]


def _read(fault: Any) -> Refusal:
    message = str(fault["msg"]).removeprefix("Value error, ")
    if not fault["loc"]:
        return Refusal("", message)
    name = ".".join(part for part in fault["loc"] if isinstance(part, str))
    if isinstance(fault["input"], float) and math.isnan(fault["input"]):
        message = f"is no number; {message[:1].lower()}{message[1:]}"
    return Refusal(name, f"{fault['input']!r}: {message}")


def first_fault(error: ValidationError) -> str:
    """Say where the first fault is and what it is, without the value: that came from outside.

    Examples
    --------
    >>> from pydantic import TypeAdapter, ValidationError
    >>> for found in ({"n": ["x"]}, 7):
    ...     try:
    ...         TypeAdapter(dict[str, list[float]]).validate_python(found, strict=True)
    ...     except ValidationError as error:
    ...         print(first_fault(error))
    n.0: Input should be a valid number
    the whole: Input should be a valid dictionary
    """
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(map(str, first["loc"])) or "the whole"
    return f"{where}: {first['msg'].removeprefix('Value error, ')}"
