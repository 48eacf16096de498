"""What is published of scores does not tell in how many partitions they were made."""

from __future__ import annotations

import filecmp
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from flows.scoring import score
from pulsars.simulation.populations import simulate
from pulsars.store.scores import load_scores
from schemas.errors import DamagedRecordError, LabelError
from schemas.features import FEATURE_NAMES
from schemas.score_parameters import ScoreParameters

pytestmark = pytest.mark.usefixtures("prefect_server")

Root = Callable[[], Path]
Scored = Callable[..., Path]

SAME = {"short_list.csv", "scores.csv", "drift.json", "metrics.json", "quality.json"}
"""Files that are the same byte for byte."""


@pytest.fixture
def scored(championed: Root, monkeypatch: pytest.MonkeyPatch) -> Scored:
    """Give a function that scores a file in partitions of at most so many rows."""

    def run(data: Path, n_rows: int, **more: object) -> Path:
        with monkeypatch.context() as patched:
            for module in ("access.opening", "partitions"):
                patched.setattr(f"pulsars.reading.{module}.PARTITION_ROWS", n_rows)
            out = championed()
            asked = {"data": str(data), "out": str(out), "despite_drift": True, **more}
            return Path(score(ScoreParameters.model_validate(asked)).path)

    return run


def page_of(folder: Path) -> str:
    return (folder / "report.html").read_text().replace(str(folder.parent.parent), "")


def assert_the_same(one: Path, several: Path) -> None:
    assert not (one / "scores.parquet").is_dir()
    whole, parts = (pq.read_table(folder / "scores.parquet") for folder in (one, several))
    assert parts.schema.equals(whole.schema, check_metadata=True)
    assert parts.equals(whole)
    pd.testing.assert_frame_equal(
        pd.read_parquet(several / "scores.parquet"), pd.read_parquet(one / "scores.parquet")
    )
    there = {path.name for path in one.iterdir()} & SAME
    assert there >= SAME - {"metrics.json"}
    _, differing, missing = filecmp.cmpfiles(one, several, there, shallow=False)
    assert (differing, missing) == ([], [])
    assert page_of(several) == page_of(one)
    summaries = [load_scores(folder).summary() | {"path": ""} for folder in (one, several)]
    assert summaries[0] == summaries[1]


@pytest.mark.slow
def test_the_real_file_in_partitions_of_four_thousand_rows_gives_what_it_gives_in_one(
    scored: Scored, data_dir: Path
) -> None:
    data = data_dir / "HTRU_2.csv"
    one, several = scored(data, 1 << 20), scored(data, 4000)
    assert len(list((several / "scores.parquet").iterdir())) == 5
    assert (several / "metrics.json").is_file()
    assert_the_same(one, several)


@pytest.mark.slow
@pytest.mark.parametrize("ranked_by", ["model", "companion"])
def test_whoever_ranks_partitions_end_where_one_does(
    scored: Scored, tmp_path: Path, ranked_by: str
) -> None:
    X, _ = simulate(700, prevalence=0.1, rng=np.random.default_rng(3))
    X[5:400:7] = X[5]  # ranks of equal candidates go by their place in the file
    if ranked_by == "companion":
        X[:, [4, 5]] /= 10
    data = tmp_path / "sky.csv"
    named = pd.DataFrame(X, columns=list(FEATURE_NAMES)).assign(name=[f"c{n}" for n in range(700)])
    named.to_csv(data, index=False)
    one, several = scored(data, 1 << 20), scored(data, 97)
    assert load_scores(several).ranked_by == ranked_by
    assert_the_same(one, several)


def test_a_partition_of_which_nothing_was_accepted_is_passed_over(
    scored: Scored, tmp_path: Path
) -> None:
    X, _ = simulate(300, prevalence=0.1, rng=np.random.default_rng(3))
    X[100:200, FEATURE_NAMES.index("profile_stdev")] = -1
    pd.DataFrame(X, columns=list(FEATURE_NAMES)).to_csv(tmp_path / "sky.csv", index=False)
    folder = scored(tmp_path / "sky.csv", 100, max_quarantine=0.5)
    assert len(list((folder / "scores.parquet").iterdir())) == 2
    assert_the_same(scored(tmp_path / "sky.csv", 1 << 20, max_quarantine=0.5), folder)


def test_a_third_class_of_which_two_partitions_hold_a_row_each_is_refused(
    scored: Scored, tmp_path: Path
) -> None:
    X, labels = simulate(300, prevalence=0.1, rng=np.random.default_rng(3))
    labels[[50, 250]] = 2
    frame = pd.DataFrame(X, columns=list(FEATURE_NAMES)).assign(label=labels)
    frame.to_csv(tmp_path / "sky.csv", index=False)
    for n_rows in (100, 1 << 20):
        with pytest.raises(LabelError, match="holds 0, 1 and 2 in 2 rows"):
            scored(tmp_path / "sky.csv", n_rows)


def test_a_partition_of_published_scores_that_changed_is_noticed(
    scored: Scored, tmp_path: Path
) -> None:
    X, _ = simulate(300, prevalence=0.1, rng=np.random.default_rng(3))
    pd.DataFrame(X, columns=list(FEATURE_NAMES)).to_csv(tmp_path / "sky.csv", index=False)
    folder = scored(tmp_path / "sky.csv", 100)
    names = [name for name in load_scores(folder).manifest["files"] if "/" in name]
    assert names == [f"scores.parquet/part-0000{n}.parquet" for n in range(3)]
    (folder / names[1]).write_bytes((folder / names[0]).read_bytes())
    with pytest.raises(DamagedRecordError, match=r"part-00001\.parquet is gone or was changed"):
        load_scores(folder)
    assert load_scores(folder, whole=False).summary()["rows"]["accepted"] == 300


@pytest.mark.slow
def test_many_candidates_are_written_as_text_on_request_alone(
    scored: Scored, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    X, _ = simulate(300, prevalence=0.1, rng=np.random.default_rng(3))
    pd.DataFrame(X, columns=list(FEATURE_NAMES)).to_csv(tmp_path / "sky.csv", index=False)
    few = scored(tmp_path / "sky.csv", 100)
    monkeypatch.setattr("tasks.scoring.CSV_ROWS", 299)
    many = scored(tmp_path / "sky.csv", 100)
    assert load_scores(many).table_name == "scores.parquet"
    assert not (many / "scores.csv").exists()
    asked = scored(tmp_path / "sky.csv", 100, csv=True)
    assert load_scores(asked).table_name == "scores.csv"
    assert (asked / "scores.csv").read_bytes() == (few / "scores.csv").read_bytes()
    table = pd.read_csv(asked / "scores.csv")
    assert len(table) == 300
    assert (table["line"].diff().dropna() == 1).all()


@pytest.mark.slow
@pytest.mark.parametrize("ranked_by", ["model", "companion"])
def test_labels_of_many_rows_are_measured_in_blocks(
    scored: Scored, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ranked_by: str
) -> None:
    X, y = simulate(500, prevalence=0.1, rng=np.random.default_rng(3))
    if ranked_by == "companion":
        X[:, [4, 5]] /= 10
    labelled = pd.DataFrame(X, columns=list(FEATURE_NAMES)).assign(label=y)
    labelled.to_csv(tmp_path / "sky.csv", index=False)
    at_once = load_scores(scored(tmp_path / "sky.csv", 100)).metrics
    monkeypatch.setattr("pulsars.learning.measuring_scores.AT_ONCE", 499)
    in_blocks = load_scores(scored(tmp_path / "sky.csv", 100)).metrics
    assert at_once is not None
    assert in_blocks is not None
    assert list(in_blocks) == list(at_once)
    assert ("f1" in at_once) == (ranked_by == "model")
    for name, one in at_once.items():
        assert in_blocks[name] == pytest.approx(one, rel=1e-9), name
