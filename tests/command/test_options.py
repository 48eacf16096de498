"""What a command takes is what its model has: a name, a help and a default are spelled once."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_origin

import pytest
from pydantic import BaseModel
from typer import Context
from typer.main import get_command

from command.cli import app
from command.listed import COMMANDS
from schemas.file_parameters import FeatureParameters, FileParameters
from schemas.parameters import SimulationParameters, TrainingParameters
from schemas.score_parameters import InboxParameters, ScoreParameters
from schemas.sweep_parameters import SweepParameters
from service.asked import ASKS, plan_of
from service.plan import Times

Pulsar = Callable[..., subprocess.CompletedProcess[str]]

WHOLE = {
    "train": [TrainingParameters],
    "sweep": [SweepParameters],
    "score": [ScoreParameters],
    "inbox": [InboxParameters],
    "simulate": [SimulationParameters],
    "serve": [TrainingParameters, InboxParameters, Times],
    "up": [TrainingParameters, InboxParameters, Times],
}
"""Commands that take every field of their models."""
MODELS: list[type[BaseModel]] = [
    TrainingParameters, SweepParameters, ScoreParameters, InboxParameters, SimulationParameters,
    Times,
]  # fmt: skip
OF_ANOTHER_MEANING = {
    ("fetch", "patience"), ("prune", "keep"), ("show", "run"), ("promote", "run"),
    ("compare", "more"), ("review", "labels"), ("labels", "labels"), ("prune", "labels"),
}  # fmt: skip
SAID_BY_PROGRAMS = {"chosen_by", "origin"}
SHARED = {"columns", "drop", "keep", "kurtosis", "max_quarantine", "max_bytes", "max_cells"}


def taken(command: str) -> dict[str, Any]:
    return {one.name: one for one in get_command(app).commands[command].params}  # type: ignore[attr-defined]


def fields_of(command: str) -> dict[str, Any]:
    some = [FeatureParameters] if command == "features" else [TrainingParameters, FileParameters]
    models = WHOLE.get(command, some)
    return {name: field for model in models for name, field in model.model_fields.items()}


def shown(name: str, field: Any) -> str | None:
    """Say a default as a person would look for it."""
    value = field.default
    if field.is_required() or value is None or value is False or value == ():
        return None
    if value is True:
        return name.replace("_", "-")
    values = value if isinstance(value, tuple) else (value,)
    return " ".join(f"{one:g}" if isinstance(one, float) else str(one) for one in values)


@pytest.mark.parametrize("command", WHOLE)
def test_a_command_takes_every_field_of_its_models(command: str) -> None:
    assert fields_of(command).keys() - SAID_BY_PROGRAMS <= taken(command).keys()


@pytest.mark.parametrize("command", COMMANDS)
def test_what_a_model_has_a_command_says_in_its_words(command: str) -> None:
    fields = fields_of(command)
    names = {name for model in MODELS for name in model.model_fields}
    context = Context(get_command(app).commands[command])  # type: ignore[attr-defined]
    for name, option in taken(command).items():
        if name.removeprefix("inbox_") in SHARED and name.startswith("inbox_"):
            field = InboxParameters.model_fields[name.removeprefix("inbox_")]
            default: str | None = f"as --{name.removeprefix('inbox_').replace('_', '-')}"
        elif name in names and (command, name) not in OF_ANOTHER_MEANING:
            field, default = fields[name], shown(name, fields[name])
        else:
            continue
        if command in {"serve", "up"} and name == "when_undecided":
            default = ASKS
        _, said = option.get_help_record(context)
        assert said.split("  [")[0] == field.description
        found = re.search(r"[\[ ]default: ([^;\]]*)", said)
        assert (found[1] if found else None) == default, name
        assert ("repeatable" in said) == (get_origin(field.annotation) is tuple), name
        if command in WHOLE:
            assert option.default is None, "what was typed is told from what was not"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_speaks_to_machines(command: str) -> None:
    assert taken(command)["as_json"].opts == ["--json"]


@pytest.fixture
def root(yesterday: Path) -> Path:
    return yesterday / "artifacts"


FIRST, SECOND = "20261125-030409-894-8911d011", "20261125-030419-025-6735e3ea"
SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample.csv"
HERE = [
    f"validate {SAMPLE}",
    "simulate --rows 50 sky.csv",
    f"show {FIRST} --out OUT",
    "runs --out OUT",
    f"compare {FIRST} {SECOND} --out OUT",
    f"promote {SECOND} --because x --out OUT",
    "prune --keep 9 --out OUT",
    "history --out OUT",
    "labels --out OUT",
    "down",
]
REFUSED = [
    "train x.csv", "sweep x.csv", "score x.csv", "inbox nowhere", "demo --seed -1",
    "fetch --folder far --patience 1", "rollback --because x --out OUT", "serve --inbox in", "up",
    "features nowhere", "review none --out OUT",
]  # fmt: skip
"""What takes long elsewhere, or cannot be here."""


def documented() -> dict[str, set[str]]:
    """Read which entries the page promises of each command."""
    page = (SAMPLE.parents[1] / "docs" / "json.md").read_text()
    rows = [line.split("|")[1:3] for line in page.splitlines() if line.startswith("| `")]
    said = [
        (re.findall("`(.*?)`", names), set(re.findall("`(.*?)`", what))) for names, what in rows
    ]
    return {name: entries for names, entries in said for name in names}


def test_the_page_tells_what_every_command_says_to_a_machine() -> None:
    assert documented().keys() == COMMANDS.keys()
    assert {words.split()[0] for words in HERE + REFUSED} == COMMANDS.keys()


def told(pulsar_here: Pulsar, words: str, out: Path, folder: Path) -> dict[str, Any]:
    """Give the one object that stands on stdout."""
    env = {"https_proxy": "http://127.0.0.1:9", "PREFECT_HOME": str(folder / "home")}
    spelled = [str(out) if word == "OUT" else word for word in words.split()]
    done = pulsar_here(*spelled, "--json", cwd=folder, env=env)
    found: dict[str, Any] = json.loads(done.stdout)
    assert found.get("exit_code", 0) == done.returncode, done.stderr
    return found


@pytest.mark.parametrize("words", HERE, ids=lambda words: words.split()[0])
def test_what_a_command_says_to_a_machine_is_one_object_as_the_page_tells(
    words: str, pulsar_here: Pulsar, root: Path, tmp_path: Path
) -> None:
    name, *_ = words.split()
    assert told(pulsar_here, words, root, tmp_path).keys() == documented()[name]


@pytest.mark.parametrize("words", REFUSED, ids=lambda words: words.split()[0])
def test_a_refusal_is_one_object_of_every_command(
    words: str, pulsar_here: Pulsar, root: Path, tmp_path: Path
) -> None:
    found = told(pulsar_here, words, root, tmp_path)
    assert found.keys() == {"error", "message", "exit_code"}
    assert found["exit_code"] > 0


def test_the_advice_of_a_refusal_can_be_followed_by_up(pulsar_here: Pulsar, tmp_path: Path) -> None:
    lines = SAMPLE.read_text().splitlines()
    rows = [line if n % 4 else line.replace("0", "inf", 1) for n, line in enumerate(lines)]
    (tmp_path / "bad.csv").write_text("\n".join([*lines[:2], *rows[2:]]) + "\n")
    refused = pulsar_here("validate", "bad.csv", cwd=tmp_path)
    assert refused.returncode == 3
    (advice,) = re.findall(r"--max-quarantine (0\.\d+)", refused.stdout + refused.stderr)
    heeded = pulsar_here("validate", "bad.csv", "--max-quarantine", advice, cwd=tmp_path)
    assert heeded.returncode == 0
    group = get_command(app).commands["up"]  # type: ignore[attr-defined]
    words = ["--data", str(tmp_path / "bad.csv"), "--inbox", str(tmp_path / "in")]
    context = group.make_context("up", [*words, "--max-quarantine", advice])
    given = {name: value for name, value in context.params.items() if value is not None}
    plan = plan_of({name: given[name] for name in ("data", "inbox", "max_quarantine")})
    assert plan.training
    assert plan.inbox
    assert plan.training.max_quarantine == plan.inbox.max_quarantine == float(advice)


@pytest.mark.parametrize("command", [name for name in COMMANDS if "out" in taken(name)])
def test_an_empty_root_is_not_the_current_folder(
    command: str, pulsar_here: Pulsar, tmp_path: Path
) -> None:
    needed = [one for one in taken(command).values() if one.required]
    told = [word for one in needed for word in (*one.opts[-1:] * (one.opts[0][0] == "-"), "x")]
    for spelled in (["--out", ""], ["--out="]):
        done = pulsar_here(command, *spelled, *told, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (2, "")
        assert "--out is empty" in done.stderr
    assert not list(tmp_path.iterdir())


def test_the_help_of_a_command_imports_no_table_and_no_server() -> None:
    script = (
        "import sys\n"
        "from command.cli import app\n"
        "for name in ['train', 'up']:\n"
        "    app([name, '--help'], standalone_mode=False)\n"
        "heavy = {'prefect', 'pandas', 'pandera', 'matplotlib', 'pyarrow', 'numpy'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_version_is_said(pulsar: Pulsar) -> None:
    assert re.fullmatch(r"pulsar \d+\.\d+\.\d+\n", pulsar("--version").stdout)


@pytest.mark.parametrize(
    ("line", "at", "offered"),
    [
        ("pulsar tr", 1, ["train"]),
        ("pulsar train --solver ", 3, ["newton", "sgd"]),
        ("pulsar sweep x.csv --oversample n", 4, ["none"]),
        ("pulsar up --time-z", 2, ["--time-zone"]),
    ],
)
def test_a_shell_is_told_how_a_line_may_go_on(
    line: str, at: int, offered: list[str], pulsar: Pulsar
) -> None:
    # As the shell asks `pulsar`; the program's name is here that of the test's interpreter, -c.
    env = {"__C_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(at)}
    done = pulsar(env=env)
    assert done.stdout.split() == offered


@pytest.mark.parametrize(
    ("line", "at", "offered"),
    [
        ("pulsar show --out ROOT ", 4, ["20260102-b", "20260101-a"]),
        ("pulsar compare --out ROOT 20260101-a 20260102", 5, ["20260102-b"]),
        ("pulsar promote --out ROOT x", 4, []),
        ("pulsar review --out ROOT ", 4, ["20260103-c"]),
    ],
)
def test_a_shell_is_told_what_is_published(
    line: str, at: int, offered: list[str], pulsar: Pulsar, tmp_path: Path
) -> None:
    for name in ("runs/20260101-a", "runs/20260102-b", "scores/20260103-c"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "runs" / "stray.txt").touch()
    words = line.replace("ROOT", str(tmp_path))
    env = {"__C_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(at)}
    assert pulsar(env=env).stdout.split() == offered


@pytest.mark.parametrize("command", COMMANDS)
def test_every_path_that_is_taken_may_begin_at_home(command: str) -> None:
    for one in taken(command).values():
        if one.type_descriptor.annotation is Path:
            assert one.callback, f"{command} {one.name}: ~ is not taken as a shell would"
