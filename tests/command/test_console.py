"""The terminal is told words, whoever wrote them."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys

import click
import pandas as pd
import pytest
from pydantic import BaseModel, ValidationError
from rich.table import Table

from command.console import HarmlessConsole, explain, out, print_json, quoted
from pulsars.store.files import csv_text
from schemas import (
    ExitCode,
    FeatureParameters,
    FileParameters,
    InboxParameters,
    ScoreParameters,
    SimulationParameters,
    SweepParameters,
    TrainingParameters,
)
from schemas.errors import DataError
from service.plan import Plan, Times
from tasks.plumbing.observing import harmless_table

HOSTILE = "\x1b]0;owned\x07\x1b[2J\u202e[bold]x[/]\n:warning:\tend"
SHOWN = r"\x1b]0;owned\x07\x1b[2J\u202e[bold]x[/]\n:warning:\tend"


def printed(*things: object, **options: bool) -> str:
    file = io.StringIO()
    HarmlessConsole(file=file, width=200, highlight=False, emoji=False).print(*things, **options)
    return file.getvalue()


def test_what_is_quoted_is_one_line_of_words() -> None:
    assert printed(f"Name {quoted(HOSTILE)}") == f"Name {SHOWN}\n"


def test_what_nobody_quoted_is_made_visible_all_the_same() -> None:
    for said in (printed(HOSTILE, markup=False), printed(HOSTILE)):
        assert "\x1b" not in said
        assert "\x07" not in said
        assert "\u202e" not in said
        assert r"\x1b[2J" in said


@pytest.mark.parametrize("errors", ["strict", "surrogateescape"])  # the second in the locale C
def test_a_letter_that_a_locale_has_not_is_no_failure(errors: str) -> None:
    code = (
        "from command.process import open_standard_streams; open_standard_streams(); print('κ = 1')"
    )
    env = {**os.environ, "PYTHONUTF8": "0", "PYTHONIOENCODING": f"ascii:{errors}"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=True)
    assert done.stdout == b"? = 1\n"


def test_no_column_of_a_table_goes_where_a_terminal_is_narrow(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    table = Table()
    table.add_column("setting", overflow="fold")
    for name in ("one", "two", "three"):  # as those of a sweep
        table.add_column(name, width=15)
    table.add_row("seed 1", *["0.1234 ± 0.0123"] * 3)
    out().print(table)
    said = capsys.readouterr().out
    assert "seed 1" in said
    assert said.count("0.1234 ± 0.0123") == 3


def test_a_table_is_told_words_too() -> None:
    table = Table(title=quoted(HOSTILE))
    table.add_column(quoted(HOSTILE), overflow="fold")
    table.add_row(quoted(HOSTILE))
    said = printed(table)
    assert said.count(SHOWN) == 3
    assert "\x1b" not in said


def test_json_keeps_the_value_and_spells_the_rest(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"name": HOSTILE + "펄서\x9b"})
    said = capsys.readouterr().out
    assert json.loads(said) == {"name": HOSTILE + "펄서\x9b"}
    assert "펄서" in said
    assert not {"\x1b", "\x9b", "\u202e"} & set(said)


ASKED = (
    TrainingParameters, SweepParameters, ScoreParameters, InboxParameters, FeatureParameters,
    FileParameters, SimulationParameters, Times, Plan,
)  # fmt: skip


class Answer(BaseModel):
    """Of another program, such as a server."""

    level: int


@pytest.mark.parametrize("model", [*ASKED, Answer])
def test_only_what_a_person_can_ask_for_is_called_an_option(
    model: type[BaseModel], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ValidationError) as refused:
        model.model_validate(dict.fromkeys(model.model_fields, object()))
    code = explain(refused.value, as_json=False)
    said = capsys.readouterr().err
    if model is Answer:
        assert code == ExitCode.INTERNAL
        assert "--level" not in said
    else:
        assert code == ExitCode.USAGE
        assert f"--{next(iter(model.model_fields)).replace('_', '-')} " in said


@pytest.mark.parametrize(
    "error",
    [
        DataError(HOSTILE),
        click.UsageError(HOSTILE),
        click.NoSuchOption(HOSTILE),
        RuntimeError(HOSTILE),
        OSError(5, HOSTILE, HOSTILE),
        DataError("7" * 80_000),
        RuntimeError("7" * 80_000),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_is_a_sentence_of_words(
    error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    explain(error, as_json=True)
    said = capsys.readouterr()
    for text in said:
        assert not {"\x1b", "\x07", "\u202e"} & set(text)
        assert len(text) < 3_000
    assert json.loads(said.out)["message"]


def test_a_cell_in_the_prefect_ui_is_no_markdown() -> None:
    (row,) = harmless_table([{"what": "[x](javascript:a) <b> | \x1b", "found": 3}])
    assert row == {"what": r"\[x\](javascript:a) \<b\> \| \\x1b", "found": 3}


def test_rows_set_aside_are_no_formulas() -> None:
    rows = pd.DataFrame(
        {
            "line": [3, 4],
            "reasons": ["row has 1 of 9 cells", "-"],
            "text": ["=cmd|' /C'!A0", "-1,2"],
        }
    )
    assert csv_text(rows).splitlines() == [
        "line,reasons,text",
        "3,row has 1 of 9 cells,'=cmd|' /C'!A0",
        '4,\'-,"-1,2"',
    ]
    assert rows["text"].tolist() == ["=cmd|' /C'!A0", "-1,2"]
