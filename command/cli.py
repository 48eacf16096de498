"""The `pulsar` command: options in, flows run, results out.

Nothing heavy is imported here, so that `pulsar --help` answers at once: what a command takes is
found out when that command is named.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from command.listed import COMMANDS
from command.out_of_memory import end_where_a_thread_finds_no_memory
from command.process import (
    end_like_ctrl_c,
    leave,
    open_standard_streams,
    run_command,
    settle_prefect_home,
)
from schemas import ExitCode
from service import end_without_collecting

# Importing what draws boxes would triple the time to the first help.
_PLAIN: dict[str, Any] = {"rich_markup_mode": None, "pretty_exceptions_enable": False}


class _OnDemand(Mapping[str, Any]):
    """The commands by name, each loaded when it is taken out."""

    def __getitem__(self, name: str) -> Any:
        listed = COMMANDS[name]
        word = "Example" if len(listed.examples) == 1 else "Examples"
        alone = typer.Typer(add_completion=False, **_PLAIN)
        alone.command(
            short_help=listed.line,
            epilog="\n\n".join([f"{word}:", *(f"`{example}`" for example in listed.examples)]),
        )(getattr(import_module(listed.module), name))
        return get_command(alone)

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class _Group(TyperGroup):
    """A group that knows what its commands do without loading them."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes | {"commands": _OnDemand()})

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Show the help where nothing is asked for: as the words of an error it would be a line."""
        if not args and not ctx.resilient_parsing:
            typer.echo(ctx.get_help(), err=True)
            ctx.exit(ExitCode.USAGE)
        rest: list[str] = super().parse_args(ctx, args)
        return rest

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - they are always the same
        """Give their names."""
        return list(COMMANDS)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002
        """Write a line of each."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, listed.line) for name, listed in COMMANDS.items()])


app = typer.Typer(
    cls=_Group,
    epilog="Exit codes: 0 done, 1 internal, 2 usage, 3 data refused, 4 gate not passed, "
    "130 interrupted, 141 nobody reads the output.",
    **_PLAIN,
)


def _print_version(asked: bool) -> None:  # noqa: FBT001 - as Typer calls it
    if asked:
        from importlib import metadata

        typer.echo(f"pulsar {metadata.version('pulsar-perceptron')}")
        raise typer.Exit


@app.callback()
def pulsar(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Say which it is."),
    ] = False,
) -> None:
    """From labelled pulsar candidates to a perceptron that can be trusted."""


def main() -> None:
    """Run the command; a refusal ends in one sentence and its exit code."""
    open_standard_streams()
    settle_prefect_home()
    end_like_ctrl_c()
    end_where_a_thread_finds_no_memory(as_json="--json" in sys.argv)
    # Counts only before NumPy is imported: threads that `pulsars.store.arithmetic` would leave
    # without work are not even started. OMP's would be Arrow's number, too.
    for library in ("OPENBLAS", "MKL"):
        os.environ[f"{library}_NUM_THREADS"] = "1"
    code = run_command(app, as_json="--json" in sys.argv)
    end_without_collecting()
    leave(code)
