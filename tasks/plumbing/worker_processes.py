"""How a process that runs steps for a flow begins, and with what it ends."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

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


@contextmanager
def ctrl_c_for_the_flow_alone() -> Iterator[None]:
    """Have what is started meanwhile, threads and their processes, never hear of Ctrl-C.

    A terminal sends it to all processes of a command; the flow's own ends the others.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def n_cores() -> int:
    """Count the cores that this process may use."""
    return len(os.sched_getaffinity(0))
