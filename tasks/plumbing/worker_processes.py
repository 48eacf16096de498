"""How a process that runs steps for a flow begins, and with what it ends."""

from __future__ import annotations

import multiprocessing
import os
import threading

from pulsars.store import on_one_thread
from tasks.plumbing.observing import forward_log


def prepare_worker() -> None:
    """Have a process work as the flow's own does, but on one thread: a core for each worker."""
    import pyarrow as pa

    pa.set_cpu_count(1)
    on_one_thread()
    forward_log()


def prepare_process() -> None:
    """Ready a process of a pool, which would outlive a flow that is killed and wait for ever."""
    threading.Thread(target=_end_with_the_flow, daemon=True).start()
    prepare_worker()


def _end_with_the_flow() -> None:
    flow = multiprocessing.parent_process()
    if flow is not None:
        flow.join()
        os._exit(1)


def n_cores() -> int:
    """Count the cores that this process may use."""
    return len(os.sched_getaffinity(0))
