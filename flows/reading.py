"""Read candidates: a small file in a step, a large one or a set of many rows by partitions."""

from __future__ import annotations

from pulsars.reading import has_partitions
from schemas import Candidates, Job
from tasks import Runner, gather, plan_partitions, read, read_partition


def read_candidates(job: Job, runner: Runner) -> Candidates:
    """Read and check the candidates of a job.

    A partition is a task run, wherever the runner has it done; what comes out is the same. Text
    that only the careful reader can judge is read as a whole, once that is found.
    """
    plan = plan_partitions(job) if has_partitions(job.source.path()) else None
    if plan is None:
        return read(job)
    calls = [{"job": job, "plan": plan, "number": number} for number in range(plan.n_partitions)]
    parts = runner.map(read_partition, calls)
    return gather(job, plan, parts) if all(parts) else read(job)
