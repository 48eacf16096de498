"""What a process is like that runs steps for a flow."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pytest

from pulsars.store import in_threads
from tasks.plumbing import worker_processes
from tasks.plumbing.worker_processes import n_cores, prepare_worker


@pytest.fixture
def arrow_on_two(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(worker_processes, "forward_log", lambda: None)  # other tests read the log
    before = pa.cpu_count()
    pa.set_cpu_count(2)
    yield
    pa.set_cpu_count(before)


@pytest.mark.skipif(n_cores() < 2, reason="one core has one thread")
@pytest.mark.usefixtures("arrow_on_two")
def test_a_worker_works_on_one_thread_where_the_command_would_on_two() -> None:
    assert in_threads() is not map
    prepare_worker()
    assert in_threads() is map
    assert pa.cpu_count() == 1
