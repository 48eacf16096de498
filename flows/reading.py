"""Read a file of candidates: a small one in a step, a large one by partitions."""

from __future__ import annotations

from pathlib import Path

from pulsars.reading import has_partitions
from schemas import Candidates, Job
from tasks import Runner, gather, plan_partitions, read, read_partition


def read_candidates(job: Job, runner: Runner) -> Candidates:
    """Read and check the candidates of a job.

    A partition is a task run, wherever the runner has it done; what comes out is the same.
    """
    if not has_partitions(Path(job.source.file.path)):
        return read(job)
    plan = plan_partitions(job)
    calls = [{"job": job, "plan": plan, "number": number} for number in range(plan.n_partitions)]
    return gather(job, plan, runner.map(read_partition, calls))
