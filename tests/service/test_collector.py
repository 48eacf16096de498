from __future__ import annotations

import gc
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from service.collector import nothing_to_collect

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def collector() -> Iterator[None]:
    yield
    gc.unfreeze()
    gc.enable()


@pytest.mark.usefixtures("collector")
def test_what_is_made_meanwhile_is_left_out_of_later_searches() -> None:
    before = gc.get_freeze_count()
    with nothing_to_collect():
        assert not gc.isenabled()
        made = [[] for _ in range(1000)]
    assert gc.isenabled()
    assert gc.get_freeze_count() >= before + len(made)


@pytest.mark.usefixtures("collector")
def test_the_collector_works_again_after_an_import_that_fails() -> None:
    with pytest.raises(ImportError), nothing_to_collect():
        raise ImportError
    assert gc.isenabled()


@pytest.mark.usefixtures("collector")
def test_who_had_it_off_keeps_it_off() -> None:
    gc.disable()
    with nothing_to_collect():
        pass
    assert not gc.isenabled()


def test_a_command_that_ends_still_writes_what_it_had_to_say() -> None:
    code = (
        "import sys; sys.argv = ['pulsar', 'runs', '--out', sys.argv[1]]\n"
        "from command.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code, "nowhere"], capture_output=True, check=True)
    assert b"No published run yet" in done.stdout
