"""The model that scores: whose it is, and where what it was learnt from rests."""

from __future__ import annotations

from pathlib import Path

from pulsars.store.arrays import load_model
from pulsars.store.champions import require_champion
from pulsars.store.finding import find_run
from pulsars.store.runs import PublishedRun, kept, require_unchanged
from schemas import Chosen, FileRef


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
