"""Whoever asks a command to end gets one sentence, one code, and a root that goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from command.console import explain_interruption
from command.demonstration import write_simulation

HOLD = (
    "import os, signal, sys, time\n"
    "nohup = sys.argv.pop(1) == 'nohup'\n"  # whatever these tests themselves were started below
    "signal.signal(signal.SIGHUP, signal.SIG_IGN if nohup else signal.SIG_DFL)\n"
    "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    "from command import cli, ending\n"
    "ending._PATIENCE_SECONDS = float(os.environ.get('PULSAR_TEST_PATIENCE', 300))\n"
    "end = ending._end\n"
    "def say_so(clear):\n"
    "    os.write(2, b'at once\\n')\n"
    "    end(clear)\n"
    "ending._end = say_so\n"
    "held = os.environ.get('PULSAR_TEST_HELD', '')\n"
    "def hear(event, args):\n"
    "    if event == 'open' and '/.accepted.parquet' in str(args[0]) and os.path.exists(held):\n"
    "        os.rename(held, held + '.reached')\n"
    "        while os.path.exists(held + '.reached'):\n"
    "            time.sleep(0.02)\n"
    "sys.addaudithook(hear)\n"
    "cli.main()\n"
)
"""Waits before the first rows are kept while a file is there; says of an end if it is at once."""


def start(
    environment: dict[str, str], log: Path, *words: object, nohup: bool = False
) -> subprocess.Popen[bytes]:
    """Start the command and wait until its flow is at work."""
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-c", HOLD, "nohup" if nohup else "", *map(str, words)],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=file,
        )
    wait_for(lambda: "working in" in log.read_text(), process, log)
    return process


def wait_for(true: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until something is so, or the process has ended."""
    deadline = time.monotonic() + 240
    while not true() and process.poll() is None:
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.02)


def goes_on(said: str) -> bool:
    """Whether it is said that a command was interrupted, and how to go on."""
    return "interrupted" in said and "same command" in said


@pytest.mark.slow
@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_ends_a_training_like_ctrl_c_and_the_same_command_goes_on(
    sent: signal.Signals,
    served_environment: dict[str, str],
    train_here: Callable[..., dict[str, Any]],
    tmp_path: Path,
) -> None:
    sky, out = tmp_path / "sky.csv", tmp_path / "out"
    write_simulation(sky, rows=600, prevalence=0.2, seed=3)
    process = start(served_environment, tmp_path / "said", "train", sky, "--out", out)
    process.send_signal(sent)
    assert process.wait(300) == 130, (tmp_path / "said").read_text()
    said = (tmp_path / "said").read_text()
    assert goes_on(said.splitlines()[-1])
    assert "Traceback" not in said
    assert not (out / "runs").exists()
    found = train_here(sky, out)
    assert [path.name for path in (out / "runs").iterdir()] == [found["run"]]
    assert not list((out / "unfinished").iterdir())


@pytest.mark.slow
def test_a_signal_that_is_ignored_from_outside_stays_ignored(
    served_environment: dict[str, str], tmp_path: Path
) -> None:
    sky, out = tmp_path / "sky.csv", tmp_path / "out"
    write_simulation(sky, rows=600, prevalence=0.2, seed=3)
    log = tmp_path / "said"
    process = start(served_environment, log, "train", sky, "--out", out, nohup=True)
    process.send_signal(signal.SIGHUP)
    assert process.wait(300) == 0, log.read_text()


def server_of(process: subprocess.Popen[bytes]) -> int:
    """Give the private server of a command."""
    words = ["pgrep", "-P", str(process.pid), "-f", "service.private_server"]
    return int(subprocess.run(words, capture_output=True, text=True, check=True).stdout)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sent", "patience"),
    [((signal.SIGTERM,), 1.0), ((signal.SIGINT,), 1.0), ((signal.SIGTERM, signal.SIGINT), 3000.0)],
)
def test_a_command_whose_server_is_gone_ends_soon_after_it_is_asked_to(
    sent: tuple[signal.Signals, ...],
    patience: float,
    environment: dict[str, str],
    tmp_path: Path,
) -> None:
    sky, out, log = tmp_path / "sky.csv", tmp_path / "out", tmp_path / "said"
    write_simulation(sky, rows=600, prevalence=0.2, seed=3)
    held, reached = tmp_path / "held", tmp_path / "held.reached"
    held.touch()
    env = {**environment, "PULSAR_TEST_PATIENCE": str(patience), "PULSAR_TEST_HELD": str(held)}
    process = start(env, log, "train", sky, "--out", out)
    try:
        wait_for(reached.exists, process, log)
        os.kill(server_of(process), signal.SIGKILL)
        reached.unlink()
        wait_for(lambda: "accepted 600" in log.read_text(), process, log)
        assert process.poll() is None, log.read_text()
        first, *again = sent
        process.send_signal(first)
        deadline = time.monotonic() + 300
        while again and process.poll() is None and time.monotonic() < deadline:
            time.sleep(2)  # what comes within a second of the first is taken for the same
            process.send_signal(again[0])
        assert process.wait(300) == 130, log.read_text()
    finally:
        process.kill()
        process.wait()
    said = log.read_text()
    assert "at once\n" in said
    assert goes_on(said.splitlines()[-1])
    assert "Traceback" not in said


def ended(script: str) -> subprocess.CompletedProcess[str]:
    """Run a few lines of Python to their end."""
    words = [sys.executable, "-c", script]
    return subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)


def ended_by(body: str) -> subprocess.CompletedProcess[str]:
    """Run the command where it does what this body says."""
    return ended(f"from command import cli\ndef app(**_):\n{body}cli.app = app\ncli.main()\n")


@pytest.mark.slow
@pytest.mark.parametrize("tight", [True, False])
def test_a_command_ends_also_where_a_thread_never_does(tight: bool) -> None:  # noqa: FBT001
    script = (
        "import threading\n"
        "from command import process\n"
        "process._PATIENCE_SECONDS = 0.5\n"
        f"process.has_room_for_a_thread = lambda: {not tight}\n"
        "threading.Thread(target=threading.Event().wait).start()\n"
        "print('said', end='')\n"
        "process.leave(2)\n"
    )
    done = ended(script)
    assert (done.returncode, done.stdout) == (2, "said")


@pytest.mark.parametrize(
    ("where", "comes_as"),
    [
        ("run", ""),
        ("run", 'raise RuntimeError("can\'t allocate lock") from None'),
        ("run", "raise ExceptionGroup('', [MemoryError()]) from None"),
        ("run", "raise KeyError from ValueError()"),
        (
            "run",
            "tell._is_short.__globals__['is_of_no_memory'] = lambda _: [0] * 2**60; raise KeyError",
        ),
        ("_bootstrap_inner", ""),
        ("_set_ident", "raise KeyError"),
        ("_delete", "sys.unraisablehook = print; raise KeyError"),
    ],
)
def test_a_thread_that_finds_no_memory_ends_the_command_with_a_sentence(
    where: str, comes_as: str
) -> None:
    done = ended(
        "import sys, threading\n"
        "from command import out_of_memory as tell\n"
        "def none(_self):\n"
        "    try:\n"
        "        raise MemoryError\n"
        "    except MemoryError:\n"
        f"        {comes_as or 'raise'}\n"
        "def app(**_):\n"
        f"    threading.Thread.{where} = none\n"
        "    threading.Thread(daemon=True).start()\n"
        "    threading.Event().wait()\n"
        "from command import cli\n"
        "cli.app = app\n"
        "sys.argv = ['pulsar', '--json']\n"
        "cli.main()\n"
    )
    told = json.loads(done.stdout)
    assert (done.returncode, told["error"], told["exit_code"]) == (1, "MemoryError", 1)
    assert f"pulsar: {told['message']}\n" == done.stderr


@pytest.mark.parametrize(
    ("room", "waits", "ends"),
    [
        (0, "threading.Event().wait()", True),
        (64 << 20, "threading.Event().wait(2)", False),
        (0, "time.sleep(2)", False),  # as who waits for a lock does
    ],
)
def test_a_command_that_waits_for_a_thread_where_no_memory_is_left_ends_with_a_sentence(
    room: int,
    waits: str,
    ends: bool,  # noqa: FBT001
) -> None:
    done = ended(
        "import resource, sys, threading, time\n"
        "from command import out_of_memory as tell\n"
        "from command.ending import ended_when_asked\n"
        "tell._LOOKS, tell._BETWEEN_SECONDS = 5, 0.1\n"
        "resource.setrlimit(resource.RLIMIT_AS, (1 << 40, -1))\n"
        "def app(**_):\n"
        "    with ended_when_asked(lambda: None):\n"
        f"        left = tell._left() - {room} - tell._LEAST // 2\n"
        "        resource.setrlimit(resource.RLIMIT_AS, (int((1 << 40) - left), -1))\n"
        f"        {waits}\n"
        "    print('waited')\n"
        "from command import cli\n"
        "cli.app = app\n"
        "cli.main()\n"
    )
    assert (done.returncode, done.stdout) == ((1, "") if ends else (0, "waited\n"))
    assert ("pulsar: there is not enough memory" in done.stderr) == ends


def test_what_fails_of_something_else_is_told_as_python_does_and_the_command_goes_on() -> None:
    done = ended_by(
        "    import threading\n"
        "    class Untidy:\n"
        "        def __del__(self):\n"
        "            raise RuntimeError('coroutine ignored GeneratorExit')\n"
        "    def fail():\n"
        "        raise ValueError('of its own')\n"
        "    Untidy()\n"
        "    thread = threading.Thread(target=fail)\n"
        "    thread.start()\n"
        "    thread.join()\n"
    )
    assert done.returncode == 0
    assert "ignored GeneratorExit" in done.stderr
    assert "of its own" in done.stderr


LOST = {
    "thrown away": "class Lost:\n  def __del__(self):\n   raise MemoryError\n Lost()\n",
    "cut": "class Lost:\n  def __del__(self):\n   raise SystemError('NULL')\n Lost()\n",
    "never awaited": "async def call():\n  pass\n call()\n",
}


@pytest.mark.parametrize("what", LOST)
@pytest.mark.parametrize("room", [5, 1000])
def test_what_is_lost_near_a_limit_of_memory_ends_the_command(what: str, room: int) -> None:
    done = ended_by(
        " import resource\n"
        " now = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()\n"
        f" resource.setrlimit(resource.RLIMIT_AS, (now * {room} // 4,) * 2)\n"
        f" {LOST[what]}"
    )
    short = room == 5 or what == "thrown away"
    assert done.returncode == int(short)
    assert ("not enough memory" in done.stderr) == short
    assert short or any(word in done.stderr for word in ("SystemError", "never awaited"))


def test_prefect_s_own_signal_is_an_interruption_where_it_comes_alone() -> None:
    done = ended_by(
        "    from prefect.exceptions import TerminationSignal\n    raise TerminationSignal(15)\n"
    )
    assert done.returncode == 130


@pytest.mark.parametrize(
    "signalled",
    ["KeyboardInterrupt", pytest.param("TerminationSignal(15)", marks=pytest.mark.slow)],
)
def test_what_prefect_trips_over_when_it_is_asked_to_end_is_an_interruption_too(
    signalled: str,
) -> None:
    done = ended_by(
        "    from prefect.exceptions import TerminationSignal\n"
        "    try:\n"
        f"        raise {signalled}\n"
        "    finally:\n"
        "        raise ValueError('Task run is not set')\n"
    )
    assert (done.returncode, done.stderr) == (130, "pulsar: interrupted\n")


def said_of(words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: Any) -> str:
    """Give what is said of a command that was asked to end, on both streams."""
    monkeypatch.setattr(sys, "argv", ["pulsar", *words])
    explain_interruption(as_json=True)
    told = capsys.readouterr()
    said = str(json.loads(told.out)["message"])
    assert told.err == f"pulsar: {said}\n"
    return said


@pytest.mark.parametrize("name", ["train", "sweep", "score", "inbox", "demo", "features"])
def test_of_a_command_that_keeps_its_steps_it_is_said_that_it_goes_on(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert goes_on(said_of((name, "x"), monkeypatch, capsys))


@pytest.mark.parametrize(
    "words", [("simulate", "--folds", "train"), ("fetch",), ("validate", "x"), ("review",), ()]
)
def test_of_a_command_that_keeps_no_steps_it_is_not_said(
    words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = said_of(words, monkeypatch, capsys)
    assert "interrupted" in said
    assert not goes_on(said)


def test_without_memory_a_command_ends_though_no_thread_can_start() -> None:
    done = ended_by(
        "    import threading\n"
        "    threading.Thread.start = lambda _: threading.Event().wait()\n"
        "    raise MemoryError\n"
    )
    assert done.returncode == 1
    assert "not enough memory" in done.stderr


@pytest.mark.slow
def test_a_private_server_ends_with_a_command_that_is_asked_to_end(
    environment: dict[str, str], tmp_path: Path
) -> None:
    sky, out = tmp_path / "sky.csv", tmp_path / "out"
    write_simulation(sky, rows=600, prevalence=0.2, seed=3)
    process = start(environment, tmp_path / "said", "train", sky, "--out", out)
    found = subprocess.run(
        ["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=False
    )
    children = [int(word) for word in found.stdout.split()]
    assert children
    process.send_signal(signal.SIGTERM)
    assert process.wait(300) == 130, (tmp_path / "said").read_text()
    deadline = time.monotonic() + 120
    while any(Path(f"/proc/{pid}").exists() for pid in children):
        assert time.monotonic() < deadline
        time.sleep(0.1)
