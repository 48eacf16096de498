"""Read a file of candidates: a small one in a step, a large one by partitions."""

from __future__ import annotations

from pathlib import Path

from prefect import unmapped

from pulsars.reading import has_partitions
from schemas import Candidates, Job
from tasks import gather, plan_partitions, read, read_partition


def read_candidates(job: Job) -> Candidates:
    """Read and check the candidates of a job.

    A partition is a task run, wherever the flow's runner has it done; what comes out is the same.
    """
    if not has_partitions(Path(job.source.file.path)):
        return read(job)
    plan = plan_partitions(job)
    numbers = list(range(plan.n_partitions))
    parts = read_partition.map(unmapped(job), unmapped(plan), numbers).result()
    return gather(job, plan, parts)
