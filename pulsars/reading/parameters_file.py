"""Training parameters from a file and from the command line, which wins."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pulsars.store import NoRegularFileError, regular
from schemas import ParameterError, Refusal, TrainingParameters, refusals_of

_FROM_THE_COMMAND_LINE = ("data", "more", "out")


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
        faults = "; ".join(_said(fault, file, given) for fault in refusals_of(error))
        raise ParameterError(faults) from None


def read_parameters(file: Path) -> dict[str, Any]:
    """Read a JSON object whose keys are training parameters.

    Raises
    ------
    ParameterError
        When it is not there, no ordinary file, no JSON, no object, or a key is unknown or there
        twice.
    """
    try:
        text = _read_text(file)
        kept = json.loads(text, object_pairs_hook=_object_without_repeats, parse_int=_whole)
    except OSError as error:
        raise ParameterError(
            f"--parameters {file}: cannot be read ({error.strerror}); name a JSON file, such as "
            f"the best.json of a sweep"
        ) from None
    except _RefusedError as error:
        raise ParameterError(f"--parameters {file}: {error}") from None
    except RecursionError:
        raise ParameterError(
            f"--parameters {file}: is nested too deeply; parameters are one object of names and "
            f"values"
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
        if isinstance(kept[key], bool):  # Python would count it as 0 or 1
            raise ParameterError(
                f"--parameters {file}: {key} {json.dumps(kept[key])}: no parameter is true or false"
            )
    return kept


def _object_without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a key that is there twice: JSON's own rule, the last wins, would hide the first."""
    found = dict(pairs)
    for name in found:
        if [key for key, _ in pairs].count(name) > 1:
            raise _RefusedError(f"names {name} more than once; leave the others out")
    return found


def _whole(digits: str) -> int:
    """Read a whole number, unless it is longer than Python would spend time on."""
    try:
        return int(digits)
    except ValueError:
        raise _RefusedError(
            f"holds a whole number of {len(digits):,} digits, larger than any parameter"
        ) from None


class _RefusedError(ValueError):
    """What a file of parameters may not say."""


def _read_text(file: Path) -> str:
    """Read the file, unless it is one that may never end."""
    better = "name a JSON file, such as the best.json of a sweep"
    try:
        with regular(file) as (opened, _):
            text = opened.read().decode()
    except NoRegularFileError:
        raise _RefusedError(f"is no ordinary file; {better}") from None
    if not text:
        raise _RefusedError(f"is empty; {better}")
    return text


def _said(fault: Refusal, file: Path, given: dict[str, Any]) -> str:
    """Say what is wrong, and whether the file or an option said it."""
    if not fault.name:
        return f"--parameters {file}, with the options beside it: {fault.said}"
    if fault.name in given:
        return fault.as_option
    return f"--parameters {file}: {fault.name} {fault.said}"
