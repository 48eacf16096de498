"""The terminal: progress and log lines on stderr, results on stdout, errors as sentences."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Protocol, runtime_checkable

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn
from rich.table import Column
from rich.text import Text

from command.listed import KEEP_STEPS
from command.out_of_memory import no_memory
from schemas import ExitCode, PulsarError, for_json, for_log, for_terminal, refusals_of
from schemas import what_was_short as shortage_of
from service import prefect_home, secret_file
from tasks import Watcher, lost_server

_ASKED = re.compile(r"\w+Parameters|Times|Plan")  # whose fields are options; nothing else's are

_NARROWEST = 72
"""Characters. In fewer, a table drops what names its rows, for their numbers are not folded."""


class HarmlessConsole(Console):
    """A console that shows what a terminal would obey, whoever wrote it: the last way out."""

    def render_str(self, text: str, **options: Any) -> Text:
        """Make visible what is no text; tabs and line ends of a layout stay."""
        return super().render_str(for_terminal(text, lines=True), **options)


def out() -> Console:
    """Make a console for results, wide enough for every table; a narrower terminal wraps it."""
    console = HarmlessConsole(highlight=False, emoji=False)
    console.width = max(console.width, _NARROWEST)
    return console


def err() -> Console:
    """Make a console for everything else."""
    return HarmlessConsole(stderr=True, highlight=False, soft_wrap=True, emoji=False)


def folded(*headings: str) -> list[Column]:
    """Make columns of a table that fold what is long, and cut nothing off."""
    return [Column(heading, overflow="fold") for heading in headings]


def print_places(console: Console, places: Mapping[str, object]) -> None:
    """Say where things are, a line each that is never cut."""
    for word, place in places.items():
        console.print(f"{word:8} {quoted(str(place))}", soft_wrap=True)


def quoted(text: str) -> str:
    """Make of text from outside what a layout takes for words: one line, and no markup."""
    return escape(for_terminal(text))


class Terminal(Watcher):
    """Shows what tasks say: a bar for what is under way, a line for what is done.

    Attributes
    ----------
    outcome : object
        What a flow came to that reached its end; None before.
    """

    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self._progress = progress
        self._bars: dict[str, TaskID] = {}
        self.outcome: Any = None

    def said(self, line: str) -> None:
        """Print one line above the bars."""
        self._progress.console.print(for_terminal(line), markup=False, style="dim")

    def progressed(self, what: str, done: int, total: int) -> None:
        """Move the bar of `what`, and take it away when it is full."""
        if what not in self._bars:
            self._bars[what] = self._progress.add_task(what, total=None)
        self._progress.update(self._bars[what], completed=done, total=total or None)
        if total and done >= total:
            self._progress.remove_task(self._bars.pop(what))

    def clear(self) -> None:
        """Take all bars away, and give the terminal back."""
        self._progress.stop()

    def came_to(self, outcome: object) -> None:
        """Keep what a flow came to, should its server not live to hear of it."""
        self.outcome = outcome


@contextmanager
def terminal(waiting_for: str) -> Iterator[Terminal]:
    """Show progress on stderr for the length of the block; bars only where a person looks on."""
    console = err()
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bars:
        shown = Terminal(bars)
        shown.progressed(waiting_for, 0, 0)
        yield shown


def print_json(value: dict[str, Any]) -> None:
    """Print exactly one JSON object on stdout."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    sys.stdout.write(for_json(text) + "\n")
    sys.stdout.flush()


@runtime_checkable
class _ShowsItself(Protocol):
    """An error of the command line's own library, which knows what was typed wrong."""

    message: str
    __cause__: BaseException | None

    def show(self) -> None:
        """Print the usage and what is wrong with it, on stderr."""

    def format_message(self) -> str:
        """Give what is wrong."""


def explain_interruption(*, as_json: bool) -> None:
    """Say that a command was asked to end, and that nothing is lost where it keeps its steps."""
    goes_on = not KEEP_STEPS.isdisjoint(sys.argv[1:2])
    sentence = "interrupted; the same command goes on where it was" if goes_on else "interrupted"
    with suppress(OSError):  # the terminal may be what was closed
        err().print(f"pulsar: {sentence}", markup=False)
        if as_json:
            code = int(ExitCode.INTERRUPTED)
            print_json({"error": "Interrupted", "message": sentence, "exit_code": code})


def explain(error: Exception, *, as_json: bool) -> int:
    """Say what went wrong in a sentence and give the exit code.

    Parameters
    ----------
    error : Exception
        A refusal, or something that should not have happened.
    as_json : bool
        Whether stdout was promised one JSON object.
    """
    if not isinstance(error, PulsarError):
        error = lost_server(error, password_in=secret_file()) or error
    if isinstance(error, _ShowsItself):
        error.message = for_log(_with_value(error))  # which may be anything, such as a file's name
    code, sentence = _read_error(error)
    sentence = for_log(sentence)
    if isinstance(error, _ShowsItself):
        error.show()
    else:
        err().print(f"pulsar: {sentence}", markup=False, style="red")
    if as_json:
        with suppress(OSError):  # the error may be that stdout cannot be written
            print_json({"error": type(error).__name__, "message": sentence, "exit_code": int(code)})
    return int(code)


def _with_value(error: _ShowsItself) -> str:
    """Give the message of a usage error with the word that was typed, which Typer leaves out."""
    from pydantic import ValidationError

    cause = error.__cause__
    typed = f"{cause.errors()[0]['input']}: " if isinstance(cause, ValidationError) else ""
    return f"{typed}{error.message}"


def what_was_short(error: OSError) -> str:
    """Say where the system refused a command something, why, and what helps."""
    return shortage_of(
        error,
        # Prefect's own writes, and those to standard output, say no name.
        elsewhere=f"below --out, below {prefect_home()} or where the output goes",
        then="the same command goes on where it was",
    )


def _read_error(error: Exception) -> tuple[ExitCode, str]:
    from pydantic import ValidationError

    if isinstance(error, PulsarError):
        return error.exit_code, str(error)
    if isinstance(error, _ShowsItself):
        return ExitCode.USAGE, error.format_message()
    if isinstance(error, ValidationError) and _ASKED.fullmatch(error.title):
        return ExitCode.USAGE, "; ".join(fault.as_option for fault in refusals_of(error))
    if isinstance(error, OSError):
        code = ExitCode.USAGE if isinstance(error, PermissionError) else ExitCode.INTERNAL
        return code, what_was_short(error)
    if short := no_memory(error):
        return ExitCode.INTERNAL, short
    if os.environ.get("PULSAR_TRACEBACK"):
        raise error
    return ExitCode.INTERNAL, (
        f"internal error, please report it: {type(error).__name__}: {error} "
        f"(PULSAR_TRACEBACK=1 shows where)"
    )
