"""Training parameters from a file and from the command line, which wins."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from schemas.errors import ParameterError
from schemas.parameters import TrainingParameters

_FROM_THE_COMMAND_LINE = ("data", "out")


def training_parameters(given: dict[str, Any], *, file: Path | None) -> TrainingParameters:
    """Put together what was asked for.

    Parameters
    ----------
    given : dict
        What the command line said, `data` among it.
    file : Path or None
        A JSON object of other parameters; what the command line says wins over it.

    Raises
    ------
    ParameterError
        When the file cannot be read, has a key that is no parameter, or leads to a value that is
        out of bounds.
    pydantic.ValidationError
        When a value of the command line is, and there is no file.
    """
    if file is None:
        return TrainingParameters(**given)
    kept = read_parameters(file)
    try:
        return TrainingParameters(**{**kept, **given})
    except ValidationError as error:
        faults = "; ".join(_said(fault, file, given) for fault in error.errors())
        raise ParameterError(faults) from None


def read_parameters(file: Path) -> dict[str, Any]:
    """Read a JSON object whose keys are training parameters.

    Raises
    ------
    ParameterError
        When it is not there, no JSON, no object, or a key is unknown.
    """
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ParameterError(
            f"--parameters {file}: cannot be read ({error.strerror}); name a JSON file, such as "
            f"the best.json of a sweep"
        ) from None
    except ValueError as error:
        raise ParameterError(f"--parameters {file}: is no JSON ({error})") from None
    if not isinstance(kept, dict):
        raise ParameterError(
            f"--parameters {file}: holds {json.dumps(kept)[:40]}, no object of parameters such as "
            f'{{"l2": 0.001}}'
        )
    known = [n for n in TrainingParameters.model_fields if n not in _FROM_THE_COMMAND_LINE]
    for key in kept:
        if key in _FROM_THE_COMMAND_LINE:
            raise ParameterError(
                f"--parameters {file}: {key} comes from the command line; take it out of the file"
            )
        if key not in known:
            raise ParameterError(
                f"--parameters {file}: {key} is no parameter; known are {', '.join(known)}"
            )
    return kept


def _said(fault: Any, file: Path, given: dict[str, Any]) -> str:
    """Say what is wrong, and whether the file or an option said it."""
    message = str(fault["msg"]).removeprefix("Value error, ")
    if not fault["loc"]:
        return f"--parameters {file}, with the options beside it: {message}"
    name = str(fault["loc"][0])
    if name in given:
        return f"--{name.replace('_', '-')} {fault['input']!r}: {message}"
    return f"--parameters {file}: {name} {fault['input']!r}: {message}"
