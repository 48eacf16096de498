"""When Python searches for garbage, seen from outside: each in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


def told(*lines: str) -> str:
    """Run a program, and give what it prints."""
    code = "\n".join(("from service.collector import nothing_to_collect", *lines))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_what_is_made_meanwhile_costs_later_searches_nothing() -> None:
    """A search takes as long as there is to search; these are what an import makes, and more."""
    search = (
        "import gc, time",
        "times = []",
        "for _ in range(5):",
        "    since = time.process_time(); gc.collect(); times.append(time.process_time() - since)",
        "print(min(times))",
    )
    made = "made = [[] for _ in range(1_000_000)]"
    left_out = float(told("with nothing_to_collect():", f"    {made}", *search))
    searched = float(told(made, *search))
    assert left_out < searched / 3


@pytest.mark.parametrize("at_first", ["enable", "disable"])
@pytest.mark.parametrize("ending", ["pass", "raise ImportError"])
def test_garbage_is_searched_for_afterwards_if_it_was_before(at_first: str, ending: str) -> None:
    """Two lists that hold each other are garbage that only a search finds."""
    found = told(
        "import gc, weakref",
        "class Thing: pass",
        f"gc.{at_first}()",
        "try:",
        "    with nothing_to_collect():",
        f"        {ending}",
        "except ImportError: pass",
        "thing = Thing(); thing.itself = thing; gone = weakref.ref(thing); del thing",
        "many = [[] for _ in range(1_000_000)]",
        "print(gone() is None)",
    )
    assert found == str(at_first == "enable")


def test_a_command_that_ends_still_writes_what_it_had_to_say(tmp_path: Path) -> None:
    code = (
        "import sys; sys.argv = ['pulsar', 'runs', '--out', sys.argv[1]]\n"
        "from command.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, check=True)
    assert b"No published run yet" in done.stdout
