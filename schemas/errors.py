"""Every way a run can be refused: one typed error a cause, each with an exit code.

A message is for a person: it names the file, the line, the column, the value and the
bound as far as they are known, and ends with what to do. What it quotes came from outside, so it
is made harmless and its length bounded here, once for all.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum

from schemas.outside import for_log


class ExitCode(IntEnum):
    """What the `pulsar` command returns to the shell."""

    OK = 0
    INTERNAL = 1
    USAGE = 2
    DATA = 3
    GATE = 4
    INTERRUPTED = 130
    UNREAD = 141


class PulsarError(Exception):
    """A refusal with a cause that a person can act on."""

    exit_code = ExitCode.INTERNAL

    def __init__(self, *args: object) -> None:
        super().__init__(*(for_log(arg) if isinstance(arg, str) else arg for arg in args))


class DataError(PulsarError, ValueError):
    """The data are at fault; trying again changes nothing."""

    exit_code = ExitCode.DATA


class SourceNotFoundError(DataError):
    """There is no such file or address."""


class UnreadableFileError(DataError):
    """The file is there and is not a candidate table: binary, empty, a folder, wrong encoding."""


class FoldError(DataError):
    """A folded candidate that is no whole one, or of whose curves there are no statistics."""


class SizeError(DataError):
    """More bytes, rows or columns than may be read without having been asked to."""


class ColumnsError(DataError):
    """The eight features or the label cannot be told apart, or not without doubt."""


class LeakageError(DataError):
    """A column repeats the label under another name."""


class KurtosisError(DataError):
    """Rows of excess kurtosis and rows of Pearson's in one file, or other rows than was said."""


class LabelError(DataError):
    """No label where one is needed, or values that no known encoding explains."""


class LabelsError(DataError):
    """A file of labels holds what no reviewing wrote, or cannot be read."""


class QuarantineRateError(DataError):
    """More rows were rejected than `max_quarantine` allows."""


class TableError(DataError):
    """The rows are right one by one, and the table is still unfit: too few, one class."""


class FingerprintError(DataError):
    """A file's content is not what its sha256 says."""


class CatalogueError(PulsarError, ValueError):
    """A catalogue of known pulsars is none, or cannot be read; no candidate file is to blame."""

    exit_code = ExitCode.DATA


class ParameterError(PulsarError, ValueError):
    """A parameter is outside what it can be."""

    exit_code = ExitCode.USAGE


class DownloadError(PulsarError, OSError):
    """A host did not answer in time, or not with the file. Trying again may heal it."""

    exit_code = ExitCode.DATA


class CopyError(PulsarError, OSError):
    """What is published could not be copied elsewhere; it is published all the same."""


class GateError(PulsarError, RuntimeError):
    """A run finished and what it proved about itself does not hold; it is not published."""

    exit_code = ExitCode.GATE


class DriftError(GateError):
    """Candidates are so unlike the training rows that their scores are not to be trusted."""


class ServerError(PulsarError, ConnectionError):
    """No Prefect server answers where the settings name one, or it does not let us in."""

    exit_code = ExitCode.USAGE


class SettingsError(PulsarError, ValueError):
    """Prefect refuses one of its settings, or cannot read a file of them."""

    exit_code = ExitCode.USAGE


class RunnerError(PulsarError, RuntimeError):
    """Who is asked to run the steps cannot: not installed, no answer, or another code there."""

    exit_code = ExitCode.USAGE


class WorkerLostError(PulsarError, RuntimeError):
    """Processes that run steps die again and again; what is finished is kept."""


class InboxBusyError(PulsarError, RuntimeError):
    """Another pass over an inbox is under way; nothing is lost by leaving it to that."""


class RunNotFoundError(PulsarError, LookupError):
    """No published run has that name."""

    exit_code = ExitCode.USAGE


class ChampionError(PulsarError, LookupError):
    """There is no champion, or the pointer to it leads nowhere."""

    exit_code = ExitCode.USAGE


class DamagedRecordError(FingerprintError, RunNotFoundError):
    """A file that a command of ours wrote is not what was written; where a run was, none is."""


class ForbiddenRecordError(DamagedRecordError):
    """A file of ours may not be read by whoever asks; to its owner it may be whole."""

    exit_code = ExitCode.USAGE


class LaterFormatError(DamagedRecordError):
    """A file of ours was written by a later version, in a format that this one cannot know."""


def and_what_led_to_it(error: BaseException) -> Iterator[BaseException]:
    """Give an error and all that it was raised from, or while handling, members of groups too."""
    seen: set[int] = set()
    left: list[BaseException | None] = [error]
    while left:
        one = left.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        left += [one.__context__, one.__cause__]
        left += one.exceptions if isinstance(one, BaseExceptionGroup) else ()
