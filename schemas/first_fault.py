"""What Pydantic finds wrong first, as the part of a sentence."""

from __future__ import annotations

from pydantic import ValidationError


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
