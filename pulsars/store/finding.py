"""Which run somebody means: by its name or a part of it, by its folder, or as the champion."""

from __future__ import annotations

from os.path import realpath
from pathlib import Path

from pulsars.store.champions import require_champion
from pulsars.store.runs import PublishedRun, load_run, run_folders
from schemas import ParameterError, RunNotFoundError, at_home, shortened

CHAMPION_ROLE = "champion"
"""Who is called so is whoever has that place."""

_SHOWN = 5  # names, where more than one run answers


def find_run(out: Path, name: str | None) -> PublishedRun:
    """Read the run that somebody means; the newest when no name is given.

    Parameters
    ----------
    out : Path
        Artifact root.
    name : str, optional
        Of a run, or the start or end of it, where the last of those that one request gave is
        meant; the path of its folder, as commands print it; or ``champion``.

    Raises
    ------
    ChampionError
        If the champion is asked for, and there is none or it is damaged.
    DamagedRecordError
        If its files are not what was written.
    OSError
        If the runs cannot be listed.
    ParameterError
        If the name is empty, or a path that leads elsewhere.
    RunNotFoundError
        If no run, or more than one, answers to the name.
    """
    is_path = name is not None and "/" in name
    name = None if name is None else _name_alone(out, name)
    folders = run_folders(out)
    if not folders:
        raise RunNotFoundError(f"{out} holds no published run yet; `pulsar train DATA` makes one")
    if name is None:
        return load_run(folders[-1])
    exact = [folder for folder in folders if folder.name == name]
    if name == CHAMPION_ROLE and not exact and not is_path:
        return require_champion(out)
    found = exact or [one for one in folders if not is_path and answers_to(one.name, name)]
    if not found:
        raise RunNotFoundError(
            f"no run below {out} answers to {shortened(name)!r}; `pulsar runs` lists them"
        )
    if len(found) > 1 and not _is_request(name, found):
        raise RunNotFoundError(
            f"{len(found)} runs below {out} answer to {name!r}: {_some(found)}; say more of the "
            f"name"
        )
    return load_run(found[-1])


def _is_request(name: str, found: list[Path]) -> bool:
    """Whether it is the request that all of them end with: runs of one request are alike."""
    return all(folder.name.rpartition("-")[2] == name for folder in found)


def answers_to(run: str, name: str) -> bool:
    """Whether a run may be called so: by its name, the start or end of it, or its folder."""
    name = Path(name).name
    return run.startswith(name) or run.endswith(name)


def _name_alone(out: Path, name: str) -> str:
    """Take a run's folder for its name; refuse what an unset variable leaves, and other folders."""
    if not name.strip():
        raise ParameterError("the name of the run is empty; `pulsar runs` lists the names")
    if name in {".", ".."} or "\0" in name:
        raise ParameterError(
            f"{name!r} is no name of a run; say the name alone, as `pulsar runs` lists it"
        )
    if "/" not in name:
        return name
    folder = at_home(name)
    # Not `resolve`, which raises at a link that leads to itself.
    if realpath(folder.parent) != realpath(out / "runs") or folder.name in {"", ".."}:
        raise ParameterError(
            f"{shortened(name)!r} is no run below {out}; say its name alone, as `pulsar runs` "
            f"lists it, and where its artifact root is with --out"
        )
    return folder.name


def _some(folders: list[Path]) -> str:
    more = ", …" if len(folders) > _SHOWN else ""
    return ", ".join(folder.name for folder in folders[:_SHOWN]) + more
