"""Known pulsars are marked in every list, by the catalogue that somebody names."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from command.cli import app
from flows.inbox import score_inbox
from flows.scoring import score
from pulsars.report.tables import short_list_table
from pulsars.simulation.populations import simulate
from pulsars.store.scores import load_scores
from schemas import (
    FEATURE_NAMES,
    CatalogueError,
    InboxParameters,
    ScoreParameters,
    SourceNotFoundError,
    sha256_of,
)

pytestmark = pytest.mark.usefixtures("prefect_server", "undrawn")

Root = Callable[[], Path]

N_ROWS = 300
CATALOGUE = (
    "name,ra,dec,period,dm\n<b>J0437-4715</b>,04:37:15.9,-47:15:09,0.005757,2.64\n"
    "B1937+21,19:39:38.56,+21:34:59.1,0.0015578,71.0\nJ0007+7303,00:07:01.7,+73:03:07.4,0.3158,*\n"
)


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    path = tmp_path / "known.csv"
    path.write_text(CATALOGUE)
    return path


@pytest.fixture
def night(tmp_path: Path) -> Path:
    """Candidates of which three are known: a pulsar, half of one, and three times another."""
    X, _ = simulate(N_ROWS, prevalence=0.2, rng=np.random.default_rng(3))
    table = pd.DataFrame(X, columns=list(FEATURE_NAMES))
    rng = np.random.default_rng(4)
    table["raj"], table["decj"] = "10:00:00", [f"{i % 60:02d}:00:00" for i in range(N_ROWS)]
    table["period_ms"], table["dm"] = rng.uniform(1, 2000, N_ROWS), rng.uniform(5, 300, N_ROWS)
    who = ["raj", "decj", "period_ms", "dm"]
    table.loc[20, who] = ["04:37:10", "-47:15:00", 5.757, 2.6]
    table.loc[170, who] = ["19:39:40", "21:35:00", 1.5578 / 2, 70]
    table.loc[290, who] = ["00:07:00", "73:00:00", 3 * 315.8, 1000]
    path = tmp_path / "night.csv"
    table.to_csv(path, index=False)
    return path


def asked(data: Path, out: Path, **more: object) -> ScoreParameters:
    given = {"data": str(data), "out": str(out), "budget": N_ROWS, "despite_drift": True}
    return ScoreParameters.model_validate({**given, **more})


def run(*words: object) -> Any:
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, [*map(str, words)])


def test_known_pulsars_and_their_harmonics_are_marked_in_lists_and_counted(
    championed: Root, night: Path, catalogue: Path
) -> None:
    folder = Path(score(asked(night, championed(), known=str(catalogue))).path)
    for table in (pd.read_parquet(folder / "scores.parquet"), pd.read_csv(folder / "scores.csv")):
        marked = table[table["known"].fillna("") != ""].set_index("line")
        assert marked["known"].to_dict() == {
            22: "<b>J0437-4715</b>", 172: "B1937+21", 292: "J0007+7303",
        }  # fmt: skip
        assert marked["harmonic"].astype(str).to_dict() == {22: "1", 172: "1/2", 292: "3"}
    listed = short_list_table(pd.read_parquet(folder / "scores.parquet").iloc[[20, 21, 170]])
    assert [row.get("known") for row in listed] == [
        "known: <b>J0437-4715</b>", None, "known: B1937+21, 1/2 of its period",
    ]  # fmt: skip
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["known"] == {
        "name": "known.csv", "sha256": sha256_of(catalogue), "n_pulsars": 3, "within": 0.25,
        "by": "position", "n_marked": 3, "n_listed": 3,
        "notes": ["periods of the catalogue are taken for seconds, by their values"],
    }  # fmt: skip
    page = (folder / "report.html").read_text()
    assert re.search(r"\b3 of the 300\b[^.<]*\bknown\b[^<]*\bknown\.csv\b[^.<]*\b3\b", page)
    assert "<b>J0437" not in page
    told = load_scores(folder).summary()
    assert told["known"]["n_listed"] == 3
    by_line = {one["line"]: (one["known"], one["harmonic"]) for one in told["short_list"]}
    assert by_line[172] == ("B1937+21", "1/2")
    assert by_line[23] == (None, None)


@pytest.mark.slow
def test_partitions_mark_what_one_does(
    championed: Root, night: Path, catalogue: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def marks() -> pd.DataFrame:
        folder = Path(score(asked(night, championed(), known=str(catalogue))).path)
        assert load_scores(folder).summary()["known"]["n_marked"] == 3
        return pd.read_parquet(folder / "scores.parquet")

    whole = marks()
    for module in ("access.opening", "partitions"):
        monkeypatch.setattr(f"pulsars.reading.{module}.PARTITION_ROWS", 90)
    pd.testing.assert_frame_equal(marks(), whole)


@pytest.mark.slow
def test_another_catalogue_is_another_scoring_and_the_same_is_none(
    championed: Root, night: Path, catalogue: Path, tmp_path: Path
) -> None:
    out = championed()
    plain = score(asked(night, out))
    assert "known" not in pd.read_csv(Path(plain.path) / "scores.csv")
    assert load_scores(Path(plain.path)).summary()["known"] is None
    first = score(asked(night, out, known=str(catalogue)))
    renamed = tmp_path / "renamed.csv"
    renamed.write_text(CATALOGUE)
    same = score(asked(night, out, known=str(renamed)))
    assert (first.anew, same.anew, same.path) == (True, False, first.path)
    catalogue.write_text(CATALOGUE.replace("B1937+21", "J1939+2134"))
    other = score(asked(night, out, known=str(catalogue)))
    assert other.anew
    assert "J1939+2134" in (Path(other.path) / "short_list.csv").read_text()


@pytest.mark.parametrize("lacking", ["period_ms", pytest.param("raj", marks=pytest.mark.slow)])
def test_what_cannot_be_compared_is_said_and_scored_all_the_same(
    championed: Root, night: Path, catalogue: Path, tmp_path: Path, lacking: str
) -> None:
    fewer = tmp_path / "fewer.csv"
    pd.read_csv(night).drop(columns=lacking).to_csv(fewer, index=False)
    folder = Path(score(asked(fewer, championed(), known=str(catalogue))).path)
    table = pd.read_csv(folder / "scores.csv", keep_default_na=False)
    told = load_scores(folder).known
    assert told
    if lacking == "period_ms":
        assert (told["by"], told["n_marked"]) == (None, 0)
        assert set(table["known"]) == {""}
        assert "No candidate is held against known.csv" in (folder / "report.html").read_text()
    else:
        assert told["by"] == "dm"
        assert table.loc[[20, 170, 290], "known"].tolist() == [
            "<b>J0437-4715</b>", "B1937+21", "",
        ]  # fmt: skip
        assert "for want of positions" in (folder / "report.html").read_text()


@pytest.mark.slow
def test_an_inbox_marks_and_blames_no_file_for_a_catalogue_that_is_none(
    championed: Root, night: Path, catalogue: Path, tmp_path: Path
) -> None:
    out, inbox = championed(), tmp_path / "inbox"
    inbox.mkdir()
    arrived = night.rename(inbox / "night.csv")
    given = {"inbox": str(inbox), "out": str(out), "settle_seconds": 0, "despite_drift": True}
    parameters = InboxParameters.model_validate({**given, "known": str(catalogue)})
    catalogue.write_text("nothing of the kind\n")
    with pytest.raises(CatalogueError, match="no CSV"):
        score_inbox(parameters)
    assert arrived.is_file()
    assert not (out / "rejected").exists()
    catalogue.write_text(CATALOGUE)
    (done,) = score_inbox(parameters)["scored"]
    known = load_scores(Path(done["path"])).known
    assert known
    assert known["n_marked"] == 3


def test_a_person_and_a_machine_are_told(
    championed: Root, night: Path, catalogue: Path, prefect_server: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("PREFECT_API_URL", prefect_server)
    words = ("score", night, "--out", championed(), "--despite-drift", "--known")
    done = run(*words, catalogue)
    assert done.exit_code == 0, done.output
    (said,) = (line for line in done.stdout.splitlines() if "known.csv" in line)
    numbers = re.findall(r"\d+", said.replace("known.csv", ""))
    assert (numbers[1:], "known pulsar" in said) == (["100", "3"], True), "listed, and of all"
    told = json.loads(run(*words, catalogue, "--json").stdout)
    assert told["known"]["n_marked"] == 3
    nowhere = run(*words, night.parent / "nowhere.csv").exception
    assert isinstance(nowhere, SourceNotFoundError)
    assert str(nowhere).startswith("--known ")
    for refused in (run(*words, "https://host/k.csv"), run(*words[:-1], "--known-within", 1)):
        assert isinstance(refused.exception, ValidationError)
