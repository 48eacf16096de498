"""Every list names a candidate by what its file says of it, and nothing in that is obeyed."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from command.cli import app
from schemas import FEATURE_NAMES


@pytest.fixture(autouse=True)
def _server(prefect_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", prefect_server)
    monkeypatch.setenv("COLUMNS", "200")


FORMULA, SCRIPT, ESCAPE = "=HYPERLINK(1)", "<script>alert(1)</script>", "\x1b[31mred"


def named(path: Path, *, rows: int = 400, seed: int = 5, labelled: bool = False) -> pd.DataFrame:
    """Write simulated candidates with names, some hostile, and two rows of one pulsar."""
    from pulsars.simulation.populations import simulate

    X, y = simulate(rows, prevalence=0.15, rng=np.random.default_rng(seed))
    table = pd.DataFrame(X, columns=list(FEATURE_NAMES))
    hostile = [FORMULA, SCRIPT, ESCAPE, "long" * 400]
    names = [f"{hostile[i % 4]} {i}" for i in range(rows)]
    pulsars = np.flatnonzero(y == 1)
    for row in pulsars[:2]:
        names[row] = "J0437-4715"
    table["source_name"] = names
    table["Period"] = np.linspace(0.1, 3, rows)
    table["rank"] = 7
    if labelled:
        table["label"] = y
    path.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(path, index=False)
    return table


def run(*words: object) -> str:
    done = CliRunner().invoke(app, [*map(str, words)])
    assert done.exit_code == 0, (done.output, done.exception)
    return done.stdout


def test_a_score_names_its_candidates_everywhere(
    championed: Callable[[], Path], tmp_path: Path
) -> None:
    out = championed()
    table = named(tmp_path / "night.csv")
    asked = ("score", tmp_path / "night.csv", "--out", out, "--keep", "rank", "--despite-drift")
    found = json.loads(run(*asked, "--json"))
    first = found["short_list"][0]
    row = table.iloc[first["line"] - 2]
    assert float(first["carried"]["Period"]) == row["Period"]
    assert first["carried"]["file_rank"] == "7"
    folder = Path(found["path"])
    scores = pd.read_parquet(folder / "scores.parquet")
    assert list(scores)[:5] == ["line", "source_name", "Period", "file_rank", "same_source"]
    assert scores["source_name"].str[:12].tolist() == table["source_name"].str[:12].tolist()
    same = scores.loc[scores["same_source"] == 0, "source_name"]
    assert same.tolist() == ["J0437-4715"] * 2
    with (folder / "short_list.csv").open(newline="") as file:
        cells = [one["source_name"] for one in csv.DictReader(file)]
    assert not any(cell.startswith("=") for cell in cells)
    assert any(cell.startswith("'=") for cell in cells)
    page = (folder / "report.html").read_text()
    assert SCRIPT not in page
    assert "&lt;script&gt;" in page
    assert "\x1b" not in page
    assert "longlong" * 50 not in page
    assert "same source, no. 0" in page
    shown = run(*asked)
    assert "\x1b[31mred" not in shown
    assert "HYPERLINK" in shown


@pytest.mark.usefixtures("undrawn")
def test_the_worst_mistakes_are_named(tmp_path: Path) -> None:
    named(tmp_path / "sky.csv", rows=600, labelled=True)
    out = tmp_path / "out"
    found = json.loads(
        run("train", tmp_path / "sky.csv", "--out", out, "--inputs", "standard", "--json")
    )
    worst = [*found["mistakes"]["missed"], *found["mistakes"]["false_alarms"]]
    assert worst
    lines = (tmp_path / "sky.csv").read_text().replace("long" * 400, "long").splitlines()
    for one in worst:
        assert f"{float(one['carried']['Period'])}" in lines[one["line"] - 1]
    page = (Path(found["path"]) / "report.html").read_text()
    assert SCRIPT not in page
    assert "source_name (carried)" in page
    assert one["carried"]["Period"] in page


@pytest.mark.slow
def test_a_conversion_is_said_wherever_the_scores_are(
    championed: Callable[[], Path], tmp_path: Path
) -> None:
    out = championed()
    path = tmp_path / "night.csv"
    table = named(path).drop(columns=["source_name", "Period", "rank"])
    table[["profile_kurtosis", "dm_kurtosis"]] += 3
    table.to_csv(path, index=False)
    done = CliRunner().invoke(app, ["score", str(path), "--out", str(out), "--despite-drift"])
    assert done.exit_code == 0, done.output
    assert "3 was taken off profile kurtosis and DM kurtosis" in " ".join(done.stdout.split())
    found = json.loads(run("score", path, "--out", out, "--despite-drift", "--json"))
    assert found["converted"] == ["profile_kurtosis", "dm_kurtosis"]
    folder = Path(found["path"])
    assert json.loads((folder / "manifest.json").read_text())["converted"] == found["converted"]
    scores = pd.read_parquet(folder / "scores.parquet")
    assert set(scores["converted"]) == {"profile_kurtosis dm_kurtosis"}
    np.testing.assert_allclose(scores["dm_kurtosis"], table["dm_kurtosis"] - 3)
    assert "3 was taken off" in (folder / "report.html").read_text()


def test_validate_says_what_is_carried_and_what_looks_like_pearsons(tmp_path: Path) -> None:
    path = tmp_path / "night.csv"
    table = named(path)
    table[["profile_kurtosis", "dm_kurtosis"]] += 3
    table.to_csv(path, index=False)
    found = json.loads(run("validate", path, "--json"))
    assert [*found["carried"]] == ["source_name", "Period"]
    assert any("--kurtosis pearson" in one for one in found["warnings"])
    told = json.loads(run("validate", path, "--kurtosis", "pearson", "--keep", "none", "--json"))
    assert told["carried"] == {}
    assert told["converted"] == ["profile_kurtosis", "dm_kurtosis"]
