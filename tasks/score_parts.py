"""Score a table in several partitions side by side, and rank over all of them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
from prefect import task

from pulsars.learning import (
    Said,
    add_counts,
    explain_part,
    measure_in_parts,
    rank_parts,
    reader_schema,
    scorer_of,
    write_part,
)
from pulsars.reading import mark_of
from pulsars.store import (
    in_threads,
    partition_path,
    read_arrays,
    read_columns,
    write_arrays,
    write_columns,
)
from schemas import (
    LABEL,
    Accepted,
    Compared,
    FileRef,
    Marking,
    PartCompared,
    PartScored,
    Ranked,
    RankedBy,
    Scored,
    ScoreJob,
    TableRef,
)
from tasks.plumbing.runners import Runner
from tasks.plumbing.steps import STEP
from tasks.scoring import gather, score_candidates


def score_rows(
    job: ScoreJob,
    accepted: Accepted,
    compared: Compared,
    parts: Sequence[PartCompared],
    runner: Runner,
    *,
    marking: Marking | None = None,
) -> Scored:
    """Score a table in one partition in one step; `parts` of one in several side by side."""
    if not parts:
        return score_candidates(job, accepted, compared, marking)
    ranked = rank_all(job, compared, parts)
    calls = [
        {
            "job": job,
            "accepted": accepted,
            "compared": compared,
            "ranked": ranked,
            "number": number,
            "marking": marking,
        }
        for number in range(len(parts))
    ]
    made = runner.map(score_part, calls)
    return gather_parts(job, accepted, compared, parts, ranked, made, marking=marking)


@task(name="rank", task_run_name="rank {job.source.name}", **STEP)
def rank_all(job: ScoreJob, compared: Compared, parts: Sequence[PartCompared]) -> Ranked:
    """Rank the candidates of all partitions, as if they stood in one."""
    folder = job.steps_folder / "ranking"
    shutil.rmtree(folder, ignore_errors=True)  # of a try that was killed
    folder.mkdir(parents=True)
    loads = [partial(_logits, part, compared.ranked_by) for part in parts]

    def keep(numbered: tuple[int, np.ndarray]) -> FileRef:
        number, ranks = numbered
        return write_arrays(job.steps_folder / f"ranks-{number:05d}.npz", {"rank": ranks})

    kept = list(in_threads()(keep, enumerate(rank_parts(loads, folder))))
    folder.rmdir()
    return Ranked(ranks=kept)


def _logits(part: PartCompared, by: RankedBy) -> tuple[np.ndarray, np.ndarray | None]:
    kept = read_arrays(part.logits, [by, "order"])
    return kept[by], kept["order"] if by == "model" else None


@task(name="score part", task_run_name="score partition {number}", **STEP)
def score_part(
    job: ScoreJob,
    accepted: Accepted,
    compared: Compared,
    ranked: Ranked,
    number: int,
    *,
    marking: Marking | None = None,
) -> PartScored:
    """Write the scores of a partition, and its share of the short list."""
    scorer = scorer_of(job, accepted, compared.ranked_by, mark=mark_of(job, marking))
    rows = read_columns(accepted.table.partitions[number])
    scores, said = write_part(
        partition_path(job.run_folder / "scores.parquet", number),
        scorer,
        rows,
        explain_part(scorer, rows, threads=1),  # partitions are worked on side by side
        read_arrays(ranked.ranks[number])["rank"],
        budget=job.parameters.budget,
    )
    best = job.steps_folder / f"best-{number:05d}.parquet"
    return PartScored(
        scores=scores,
        best=write_columns(best, reader_schema(said.best[0]), said.best) if said.best else None,
        n_called=said.n_called,
        n_outside=said.n_outside,
        n_learnt=said.n_learnt,
        histogram=said.histogram,
        n_known=said.n_known,
    )


@task(name="assemble", task_run_name="assemble scores of {job.source.name}", **STEP)
def gather_parts(  # noqa: PLR0913 - all that was made of the partitions
    job: ScoreJob,
    accepted: Accepted,
    compared: Compared,
    parts: Sequence[PartCompared],
    ranked: Ranked,
    scored: Sequence[PartScored],
    *,
    marking: Marking | None = None,
) -> Scored:
    """Put the short list together, and measure where there are labels."""
    said = Said(
        best=[read_columns(part.best) for part in scored if part.best],
        n_called=sum(part.n_called for part in scored),
        n_outside=sum(part.n_outside for part in scored),
        n_learnt=sum(part.n_learnt for part in scored),
        n_known=sum(part.n_known for part in scored),
        histogram=add_counts([part.histogram for part in scored]),
    )
    scorer = scorer_of(job, accepted, compared.ranked_by)
    # Handles of its own, as a step's result has to be.
    scores = [part.scores.own() for part in scored]
    table = TableRef(partitions=scores, n_rows=list(accepted.table.n_rows))
    labelled = accepted.n_pulsars is not None
    metrics = (
        measure_in_parts(scorer, _measured(compared, parts, ranked), n_rows=sum(table.n_rows))
        if labelled
        else None
    )
    return gather(job, scorer, table, said, metrics, marking=marking)


def _measured(
    compared: Compared, parts: Sequence[PartCompared], ranked: Ranked
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Read labels, logits and ranks of one partition after the other."""
    for part, ranks in zip(parts, ranked.ranks, strict=True):
        kept = read_arrays(part.logits, [LABEL, compared.ranked_by])
        yield kept[LABEL], kept[compared.ranked_by], read_arrays(ranks)["rank"]
