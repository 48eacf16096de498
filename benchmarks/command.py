"""How long `pulsar train` takes, beside the same work in a plain script, in one run.

Three commands in turn, A B C A B C …: the plain script, `pulsar train` against a running server,
and `pulsar train` with none. Then one more run of each kind says where its time goes.

Exits with 1 when `pulsar train` against a running server takes more than 3 times the plain script.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 3
LIMIT = 3.0
PREFECT = (sys.executable, "-m", "prefect", "server", "start", "--port")
PULSAR = "from command.cli import main; main()"
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}  # as the command does: the last bits depend on it


def main() -> None:
    """Measure, print, judge."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        data = data_file(home)
        alone = environment(home / "alone") | ONE_THREAD
        with server(home / "served") as url:
            served = {**alone, "PREFECT_HOME": str(home / "served"), "PREFECT_API_URL": url}
            train = [sys.executable, "-c", PULSAR, "train", str(data), "--out"]
            plain = [sys.executable, "-m", "benchmarks.plain", str(data)]
            commands = {
                "plain script": ([*plain, str(home / "plain")], alone),
                "pulsar train, running server": ([*train, str(home / "b")], served),
                "pulsar train, no server": ([*train, str(home / "c")], alone),
            }
            seconds = in_turn(commands)
            require_same_work(home / "plain", home / "b")
            ratio = _print_ratios(seconds)
            _break_down("running server", data, home, served)
        _break_down("no server", data, home, alone)
    print(f"\nlimit {LIMIT} against a running server: {'held' if ratio <= LIMIT else 'BROKEN'}")
    sys.exit(ratio > LIMIT)


def data_file(home: Path) -> Path:
    """Give HTRU2, or simulated candidates where it is not to be found; say which."""
    real = Path(os.environ.get("PULSAR_DATA_DIR", "data")) / "HTRU_2.csv"
    if real.is_file():
        print(f"data: {real.name}, the real one")
        return real.resolve()
    path = home / "simulated.csv"
    subprocess.run([sys.executable, "-c", PULSAR, "simulate", str(path)], check=True)
    print("data: simulated, for the real file was not found (PULSAR_DATA_DIR)")
    return path


def environment(home: Path) -> dict[str, str]:
    """Give an environment in which `pulsar` starts a private server with a home of its own."""
    env = {**os.environ, "PREFECT_HOME": str(home)}
    env.pop("PREFECT_API_URL", None)
    return env


@contextmanager
def server(home: Path, command: Sequence[str] = PREFECT, /, **settings: str) -> Iterator[str]:
    """Run a real Prefect server on loopback, on a port of its own, which ends the command."""
    from service.answering import Server

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    url = f"http://127.0.0.1:{port}/api"
    own = {"PREFECT_HOME": str(home), "PREFECT_UI_API_URL": url, "DO_NOT_TRACK": "1"}
    env = {**os.environ, **own, **settings}
    # Or a bench that is stopped would leave it.
    before = signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    quiet = subprocess.DEVNULL
    process = subprocess.Popen([*command, str(port)], env=env, cwd=ROOT, stdout=quiet, stderr=quiet)
    try:
        Server(url, process).wait()
        yield url
    finally:
        signal.signal(signal.SIGTERM, before)
        process.terminate()
        process.wait(30)


def in_turn(commands: dict[str, tuple[list[str], dict[str, str]]]) -> dict[str, list[float]]:
    """Time every command in turn, after one round that does not count."""
    # The round that does not count leaves compiled modules behind, for all alike.
    compiled = "PYTHONDONTWRITEBYTECODE"
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(ROUNDS + 1):  # the first warms up
        for name, (words, env) in commands.items():
            since = time.perf_counter()
            told = {key: value for key, value in env.items() if key != compiled}
            subprocess.run(words, env=told, cwd=ROOT, check=True, capture_output=True)
            if turn:
                seconds[name].append(time.perf_counter() - since)
    return seconds


def require_same_work(plain: Path, root: Path) -> None:
    """Stop unless the plain script ended with the model, numbers and figures of the command."""
    run = max((root / "runs").iterdir())
    one, other = (json.loads((folder / "model.json").read_text()) for folder in (plain, run))
    same = all(one[layer] == other[layer] for layer in ("perceptron", "companion"))
    one, other = (json.loads((folder / "metrics.json").read_text()) for folder in (plain, run))
    same &= one == {name: other[name] for name in one}
    same &= (plain / "epochs.csv").read_bytes() == (run / "epochs.csv").read_bytes()
    pages = ((folder / "report.html").read_text() for folder in (plain, run))
    one, other = (re.findall("<svg.*?</svg>", page, flags=re.DOTALL) for page in pages)
    if not (same and one == other and len(one) > 1):
        sys.exit("the plain script does not do the work of `pulsar train`: nothing to compare")


def _print_ratios(seconds: dict[str, list[float]]) -> float:
    base = seconds["plain script"]
    print(f"\n{'':32}  median s    min    max   ratio to plain, pair by pair")
    for name, found in seconds.items():
        ratio = statistics.median(a / b for a, b in zip(found, base, strict=True))
        print(
            f"{name:32}  {statistics.median(found):8.2f} {min(found):6.2f} {max(found):6.2f}  "
            f"{ratio:6.2f}"
        )
    against = seconds["pulsar train, running server"]
    return statistics.median(a / b for a, b in zip(against, base, strict=True))


def _break_down(kind: str, data: Path, home: Path, env: dict[str, str]) -> None:
    print(f"\nwhere the time goes, {kind}:", flush=True)
    words = [sys.executable, str(ROOT / "benchmarks" / "breakdown.py"), str(data), str(home / "d")]
    subprocess.run(words, env=env, cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
