"""Choose the model that scores: a run that was named, or the champion."""

from __future__ import annotations

from pathlib import Path

from prefect import task

from pulsars.store import (
    PublishedRun,
    find_run,
    kept,
    load_model,
    require_champion,
    require_unchanged,
)
from schemas import Chosen, FileRef
from tasks.plumbing.steps import IO
from tasks.preparing import _log


@task(name="choose model", task_run_name="choose model", **IO)
def choose_model(out: str, run: str | None) -> Chosen:
    """Find the model and the summary of what it learnt from."""
    chosen = find_model(Path(out), run)
    why = "as asked" if run else "the champion"
    _log.info("model of %s (%s), sha256 %s…", chosen.run, why, chosen.model.sha256[:12])
    return chosen


def find_model(out: Path, run: str | None) -> Chosen:
    """Read which model is to score.

    Parameters
    ----------
    out : Path
        Artifact root.
    run : str or None
        A run's name, the start or end of it, its folder; None for the champion.

    Raises
    ------
    ChampionError
        If there is no champion, or the pointer to it leads nowhere.
    DamagedRecordError
        If any file of it is not what was published.
    RunNotFoundError
        If no run, or more than one, answers to the name, or an earlier version published it.
    """
    found = require_unchanged(require_champion(out) if run is None else find_run(out, run))
    model = _resolved(found, "model.json")
    return Chosen(
        run=found.name,
        model=model,
        reference=_resolved(found, "reference.json"),
        seen=_resolved(found, "seen.npz"),
        threshold=load_model(model).threshold,
        simulated=found.simulated,
        folds=list(found.manifest["data"].get("folds", [])),
    )


def _resolved(run: PublishedRun, name: str) -> FileRef:
    file = kept(run, name)
    return FileRef(path=str(Path(file.path).resolve()), sha256=file.sha256)
