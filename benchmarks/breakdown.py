"""One `pulsar train`, step by step: seconds since the step before, and since the start.

Usage: python benchmarks/breakdown.py DATA OUT
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from tasks.plumbing.watchers import Watcher, watching


class StopWatch(Watcher):
    """A watcher of tasks that prints the time at each of their log lines."""

    def __init__(self) -> None:
        super().__init__()
        self._start = self._last = time.perf_counter()

    def said(self, line: str) -> None:
        """Print what has just ended, and how long it took."""
        now = time.perf_counter()
        print(f"{now - self._last:7.2f} s {now - self._start:7.2f} s  {line[:60]}", flush=True)
        self._last = now


def main() -> None:
    """Do what `command.running.run_training` does, with a stop watch."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command does
    watch = StopWatch()
    from schemas.parameters import TrainingParameters
    from service.collector import nothing_to_collect
    from service.server import prefect_server
    from service.tuning import quieten

    asked = TrainingParameters(data=sys.argv[1], out=str(Path(sys.argv[2])))
    quieten()
    with prefect_server() as server:
        watch.said("parameters read, private server begun if none is named")
        with nothing_to_collect():
            from flows.training import train
            from service.tuning import import_what_tasks_need, prefect_tuned

            watch.said("Prefect and the flow imported")
            import_what_tasks_need()
            watch.said("what tasks need imported")
        server.wait()
        watch.said("waited for the server")
        with watching(watch), prefect_tuned():
            train(asked)
            watch.said("flow ended")
        watch.said("log lines sent")
    watch.said("private server ended, if there was one")


if __name__ == "__main__":
    main()
