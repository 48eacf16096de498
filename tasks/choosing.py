"""Choose the model that scores: a run that was named, or the champion."""

from __future__ import annotations

from pathlib import Path

from prefect import task

from schemas.errors import RunNotFoundError
from schemas.handles import FileRef
from schemas.score_records import Chosen
from tasks.arrays import load_model
from tasks.champions import require_champion
from tasks.observing import say
from tasks.runs import PublishedRun, find_run, kept
from tasks.steps import IO


@task(name="choose model", task_run_name="choose model", **IO)
def choose_model(out: str, run: str | None) -> Chosen:
    """Find the model and the summary of what it learnt from."""
    chosen = find_model(Path(out), run)
    why = "as asked" if run else "the champion"
    say("model of %s (%s), sha256 %s…", chosen.run, why, chosen.model.sha256[:12])
    return chosen


def find_model(out: Path, run: str | None) -> Chosen:
    """Read which model is to score.

    Parameters
    ----------
    out : Path
        Artifact root.
    run : str or None
        A run's name, or the start or end of it; None for the champion.

    Raises
    ------
    ChampionError
        If there is no champion, or the pointer to it leads nowhere.
    RunNotFoundError
        If no run, or more than one, answers to the name, or what it published is not whole.
    """
    found = find_run(out, run) if run else require_champion(out)
    model = _intact(found, "model.json")
    return Chosen(
        run=found.name,
        model=model,
        reference=_intact(found, "reference.json"),
        seen=_intact(found, "seen.npz"),
        threshold=load_model(model).threshold,
        simulated=found.simulated,
    )


def _intact(run: PublishedRun, name: str) -> FileRef:
    file = kept(run, name)
    found = FileRef(path=str(Path(file.path).resolve()), sha256=file.sha256)
    if not found.matches():
        raise RunNotFoundError(
            f"{name} of run {run.name} is gone or was changed since it was published; restore it, "
            f"or name another run with --run"
        )
    return found
