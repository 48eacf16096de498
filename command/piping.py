"""DATA that is a dash: what somebody pipes into the command."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TypeVar

from pulsars.reading import keep_piped
from schemas import DASH, FileParameters, ParameterError

F = TypeVar("F", bound=FileParameters)


def with_piped(parameters: F, folder: Path) -> F:
    """Give parameters that name a file where they said a dash, for standard input.

    Parameters
    ----------
    parameters : FileParameters
    folder : Path
        Receives what came.

    Raises
    ------
    ParameterError
        Nothing is piped, or it is to stand twice.
    UnreadableFileError, SizeError
        Nothing came, or too much.
    """
    asked = [parameters.data, *parameters.more]
    if DASH not in asked:
        return parameters
    if asked.count(DASH) > 1:
        raise ParameterError("- stands for standard input, which can be read once; name it once")
    if sys.stdin is None or sys.stdin.isatty():
        what = "is closed" if sys.stdin is None else "is this terminal"
        raise ParameterError(
            f"- stands for standard input, and that {what}; pipe a file into the command, or name "
            "the file"
        )
    kept = str(keep_piped(sys.stdin.buffer, folder, limits=parameters.limits))
    data, *more = [kept if one == DASH else one for one in asked]
    return parameters.model_copy(update={"data": data, "more": tuple(more)})
