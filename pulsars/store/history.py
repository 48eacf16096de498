"""What happened below an artifact root, told as plain facts: runs, champions, files, refusals."""

from __future__ import annotations

import math
from collections.abc import Container, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pulsars.store.champions import read_reigns
from pulsars.store.listing import entries
from pulsars.store.published import published_in
from pulsars.store.reigns import Reign
from pulsars.store.runs import Estimate, PublishedRun, load_run, run_folders, sweep_below
from pulsars.store.stored import Damaged, read_each, read_record
from pulsars.store.verdicts import damaged_verdicts
from pulsars.store.workplace import REJECTED
from schemas import By, RejectedRecord, ScoresManifest, StoredDrift


@dataclass(frozen=True, kw_only=True)
class RunFact:
    """One published run.

    Attributes
    ----------
    run, at, data : str
        Its name, when it was published (ISO 8601, UTC), and the name of its data.
    simulated : bool
        Whether it learnt from simulated candidates.
    average_precision, f1 : mapping
        Of the test part: ``value``, ``low``, ``high`` (95 % interval; None where undefined).
    decision : str or None
        The last one on it; None when the run never came before the champion gate.
    by : {"gate", "person"} or None
        Who decided so.
    because : str
        Why, in words.
    reigned : bool
        Whether it ever became champion.
    failing : str
        How many of its proofs do not hold, so that its numbers must not be compared; else empty.
    settings : mapping
        Those that are not the default.
    sweep : str
        The one that chose them, where its page lies below the same artifact root; else empty.
    """

    run: str
    at: str
    data: str
    simulated: bool
    average_precision: Estimate
    f1: Estimate
    decision: str | None
    by: By | None
    because: str
    reigned: bool
    failing: str
    settings: Mapping[str, Any]
    sweep: str


@dataclass(frozen=True, kw_only=True)
class ReignFact:
    """One stretch of time under one champion.

    Attributes
    ----------
    run, since, how, because : str
        As of `pulsars.store.reigns.Reign`.
    until : str or None
        When the next one took over; None while it lasts.
    anchor : str
        As of `pulsars.store.reigns.Reign`.
    """

    run: str
    since: str
    until: str | None
    how: str
    because: str
    anchor: str


@dataclass(frozen=True, kw_only=True)
class ScoredFact:
    """One scored file.

    Attributes
    ----------
    name, at, run : str
        Of the file, when it was scored (ISO 8601, UTC), and by which run.
    rows, called : int
        Candidates accepted, and of them called pulsars; None where the companion ranked them, which
        calls none.
    drift : {"ok", "watch", "stop", "too few"}
        The level, which rests on more than `psi`.
    psi : float
        The largest of any feature less what chance alone gives, at least 0: what is held against
        the limits.
    feature : str
        The one that it was found in.
    folder : str
        The name of the folder of its scores.
    """

    name: str
    at: str
    run: str
    rows: int
    called: int | None
    drift: str
    psi: float
    feature: str
    folder: str


@dataclass(frozen=True, kw_only=True)
class RejectedFact:
    """One content that an inbox refused: when (ISO 8601, UTC), the type of error, and why."""

    name: str
    at: str
    error: str
    message: str


@dataclass(frozen=True, kw_only=True)
class History:
    """Everything that happened, each kind in order of time, and what can no longer be read."""

    runs: tuple[RunFact, ...]
    reigns: tuple[ReignFact, ...]
    scored: tuple[ScoredFact, ...]
    rejected: tuple[RejectedFact, ...]
    damaged: tuple[Damaged, ...] = ()

    @property
    def champion(self) -> ReignFact | None:
        """Who reigns now."""
        return self.reigns[-1] if self.reigns else None

    def summary(self) -> dict[str, Any]:
        """Say everything as one JSON object."""
        return {"champion": self.champion and self.champion.run, **asdict(self)}


def find_history(out: Path) -> History:
    """Read what happened below an artifact root; what is damaged is named and left out.

    Raises
    ------
    ChampionError
        If the history of champions cannot be read: all else is told by it.
    OSError
        If a folder cannot be listed.
    """
    reigns = read_reigns(out)
    reigned = {reign.run for reign in reigns}
    runs, lost = read_each(run_folders(out), lambda path: _run(load_run(path), reigned))
    scored, also = read_each(published_in(out / "scores"), _scored)
    rejected, more = read_each(entries(out / REJECTED, "*.json"), _rejected)
    return History(
        runs=tuple(runs),
        reigns=_reigns(reigns),
        scored=tuple(sorted(scored, key=_by_time)),
        rejected=tuple(sorted(rejected, key=_by_time)),
        damaged=(*lost, *damaged_verdicts(out), *also, *more),
    )


def _by_time(fact: ScoredFact | RejectedFact) -> tuple[str, str]:
    return fact.at, fact.name


def _run(run: PublishedRun, champions: Container[str]) -> RunFact:
    said = run.verdict()
    return RunFact(
        run=run.name,
        at=run.manifest["created"],
        data=run.manifest["data"]["name"],
        simulated=run.simulated,
        average_precision=_interval(run, "average_precision"),
        f1=_interval(run, "f1"),
        decision=said.decision if said else None,
        by=said.by if said else None,
        because=said.because if said else "",
        reigned=run.name in champions,
        failing=run.failing,
        settings=run.settings,
        sweep=sweep_below(run.path.parent.parent, run.settings),
    )


def _interval(run: PublishedRun, metric: str) -> Estimate:
    found = zip(("value", "low", "high"), run.interval(metric), strict=True)
    return {name: number if math.isfinite(number) else None for name, number in found}


def _reigns(reigns: Sequence[Reign]) -> tuple[ReignFact, ...]:
    ends = [*(reign.since for reign in reigns[1:]), None]
    return tuple(
        ReignFact(
            run=one.run,
            since=one.since,
            until=end,
            how=one.how,
            because=one.because,
            anchor=one.anchor,
        )
        for one, end in zip(reigns, ends, strict=False)  # of no reign there is no end
    )


def _scored(folder: Path) -> ScoredFact:
    manifest = read_record(folder / "manifest.json", ScoresManifest)
    drift = read_record(folder / "drift.json", StoredDrift)
    excess = {name: one["psi"] - one["psi_noise"] for name, one in drift["features"].items()}
    feature = max(excess, key=lambda name: excess[name])
    return ScoredFact(
        name=manifest["data"]["name"],
        at=manifest["created"],
        run=manifest["model"]["run"],
        rows=manifest["rows"]["accepted"],
        called=manifest["n_called"],
        drift=drift["verdict"],
        psi=max(excess[feature], 0.0),
        feature=feature,
        folder=folder.name,
    )


def _rejected(path: Path) -> RejectedFact:
    record = read_record(path, RejectedRecord)
    return RejectedFact(**{name: record[name] for name in ("name", "at", "error", "message")})
