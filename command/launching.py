"""Start a flow from a terminal, once what it is asked for can be had and kept."""

from __future__ import annotations

import errno
import os
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from pkgutil import resolve_name
from tempfile import TemporaryFile
from typing import Any, TypeVar

from command.console import Terminal, err, terminal
from command.ending import ended_when_asked
from pulsars.credentials import handed
from pulsars.reading import (
    among_folds,
    asked_encoding,
    asked_pairs,
    find_members,
    keep_piped,
    require_file,
)
from pulsars.store import NOT_OURS
from schemas import (
    DASH,
    FileParameters,
    InboxParameters,
    ParameterError,
    at_home,
    called_like_a_fold,
    is_address,
    is_secret,
    require_fetched,
)
from service import (
    Server,
    import_what_tasks_need,
    load_prefect,
    nothing_to_collect,
    prefect_server,
    prefect_tuned,
    quieten,
)

_WRITES = {"training": "runs", "sweep": "sweeps", "scoring": "scores", "features": "downloads"}
_FEWEST_FILES = 32  # below it Prefect's threads die one by one, and the rest wait for them for ever

F = TypeVar("F", bound=FileParameters)


def run_on_file(parameters: FileParameters, flow: str, *, kind: str) -> Any:
    """Run a flow, as ``module:name``, on a file that is there, when results can be written."""
    out = Path(parameters.out)
    asked_pairs(parameters.columns)  # these say what no file could mend, before it is waited for
    asked_encoding(parameters.pulsar_is, parameters.not_pulsar_is)
    if DASH in {parameters.data, *parameters.more}:  # which takes long, and is had once
        require_room(out, _WRITES[kind])
        parameters = with_piped(parameters, out / "downloads")
    # Said before anything heavy is imported: most refusals are a mistyped path.
    named = [parameters.data, *parameters.more]
    found = find_members(named)
    aside = among_folds(found)
    for one in found:
        if aside and (called_like_a_fold(one) or one not in named):
            continue  # a fold is set aside alone, and what lies beside folds is passed over
        if not is_address(one):
            require_file(at_home(one), name=one)
        elif not is_secret(one):
            require_fetched(one)
    require_room(out, _WRITES[kind])
    with handed(parameters.data) as shown:  # for Prefect writes down what a flow is called with
        bare = parameters.model_copy(update={"data": shown})
        return run_served(bare, flow, kind=kind)


def run_served(parameters: FileParameters | InboxParameters, flow: str, *, kind: str) -> Any:
    """Run a flow that is imported only once the private server, if need be, is on its way."""
    with _prefect_on_its_way() as (server, shown):
        with nothing_to_collect():
            from prefect import tags

            from command.insisting import insist
            from tasks import watching

            run = resolve_name(flow)
            import_what_tasks_need()
        server.wait()
        shown.progressed("starting Prefect", 1, 1)
        with watching(shown), prefect_tuned(), tags("pulsar", kind, "command-line"):
            return insist(run, parameters, server=server, shown=shown)


@contextmanager
def opened_by_server(address: str) -> Iterator[None]:
    """Have what a Secret block holds, of which a server is asked; no other address needs one."""
    if not is_secret(address):
        yield
        return
    with _prefect_on_its_way() as (server, shown):
        with nothing_to_collect():
            import prefect.blocks.system  # noqa: F401 - which takes as long as a server does

            from tasks import opened
        server.wait()
        shown.progressed("starting Prefect", 1, 1)
        with opened(address):
            yield


@contextmanager
def _prefect_on_its_way() -> Iterator[tuple[Server, Terminal]]:
    """Have a server that is shut and sends nothing, which may not be ready yet, before Prefect."""
    require_files_to_open()
    quieten()
    with (
        terminal("starting Prefect") as shown,
        ended_when_asked(shown.clear),
        prefect_server(lambda sentence: err().print(sentence, markup=False)) as server,
    ):
        with nothing_to_collect():
            load_prefect()
        yield server, shown


def require_files_to_open() -> None:
    """Have as many files to open as a flow needs.

    Raises
    ------
    OSError
        With EMFILE, before anything has begun.
    """
    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < _FEWEST_FILES:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))


def require_known(known: str | None) -> None:
    """Refuse a mistyped name, then what is no catalogue, before anything is waited for."""
    if known is not None:
        require_file(at_home(known), name=f"--known {known}")
        from pulsars.reading import read_pulsars  # and with it pandas

        read_pulsars(at_home(known), name=known)


def require_room(out: Path, name: str) -> None:
    """Refuse an artifact root in which nothing can be written, or not what is to be published."""
    with_champion = ", such as a copy, that has a champion" if name == "scores" else ""
    remedy = f"have it made writable, or name another folder{with_champion}"
    require_writable(out, option="--out", what=name, remedy=remedy)
    if (out / name).is_file():
        raise ParameterError(
            f"--out {out}: {name} cannot be written there ({out / name} is a file); take that "
            f"away, or name another folder"
        )


def require_writable(
    folder: Path, *, option: str, what: str, remedy: str = "name another folder"
) -> None:
    """Refuse a folder in which nothing can be written; one that is not there is made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        TemporaryFile(dir=folder).close()
    except OSError as error:
        if error.errno not in NOT_OURS:  # a disk without room is the machine's, not the caller's
            raise OSError(error.errno, error.strerror, str(folder)) from None
        raise ParameterError(
            f"{option} {folder}: {what} cannot be written there ({error.strerror}); {remedy}"
        ) from None


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
