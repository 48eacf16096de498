"""What is read by partitions is what is read at once, byte for byte, wherever they are cut."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pulsars.reading.access import ranges
from pulsars.reading.access.opening import open_ranges
from pulsars.reading.counts import repeats
from pulsars.reading.formats import parquet
from pulsars.reading.in_turn import read_all
from pulsars.reading.partitions import Plan, plan_reading
from pulsars.reading.reader import read_candidates
from pulsars.store.files import csv_text
from pulsars.store.tables import read_partitions
from schemas import TableRef
from schemas.errors import ColumnsError, KurtosisError, PulsarError
from schemas.features import FEATURE_NAMES
from schemas.limits import Limits

Write = Callable[..., Path]


@dataclass
class Outcome:
    """All that reading leaves."""

    quality: str
    aside: str
    accepted: pd.DataFrame
    n_partitions: int


def read(path: Path, folder: Path, *, rows: int, **asked: Any) -> Outcome:
    """Read a file in partitions of so many rows."""
    with open_ranges(path, name="night", limits=Limits()) as opened:
        plan = plan_reading(opened, partition_rows=rows, **asked)
        plan = Plan.from_dict(json.loads(json.dumps(plan.to_dict())))
        whole = read_all(plan, opened, path=folder / f"{rows}.parquet")
        assert all(
            end - start <= rows for start, end in zip(plan.edges[:-1], plan.edges[1:], strict=True)
        )
    parts = whole.stored()
    assert len(parts) == plan.n_partitions
    table = TableRef(partitions=[p.file for p in parts], n_rows=[p.n_rows for p in parts])
    accepted = read_partitions(table)
    assert sum(table.n_rows) == len(accepted)
    return Outcome(
        json.dumps(whole.quality.to_dict()), csv_text(whole.aside), accepted, plan.n_partitions
    )


def same(path: Path, folder: Path, *, rows: int, **asked: Any) -> Outcome:
    """Read a file in one partition and in several, and hold the two against each other."""
    one = read(path, folder, rows=10_000_000, **asked)
    many = read(path, folder, rows=rows, **asked)
    assert one.n_partitions == 1
    assert many.n_partitions > 1
    assert json.loads(many.quality) == json.loads(one.quality)
    assert many.quality == one.quality
    assert many.aside == one.aside
    pd.testing.assert_frame_equal(many.accepted, one.accepted, check_exact=True)
    return one


def parquet_of(table: dict[str, Any], path: Path, *, group: int) -> Path:
    """Write columns as Parquet, in row groups of so many rows."""
    pq.write_table(pa.table(table), path, row_group_size=group)
    return path


@pytest.fixture
def columns(rows: np.ndarray) -> dict[str, np.ndarray]:
    """Give 240 candidates by their canonical names."""
    return dict(zip([*FEATURE_NAMES, "label"], rows.T.copy(), strict=True))


@pytest.mark.parametrize(
    "file",
    [
        "HTRU_2.csv",
        *(
            pytest.param(n, marks=pytest.mark.slow)
            for n in ("HTRU_2.arff", "pulsar_data_train.csv")
        ),
    ],
)
def test_htru2_reads_the_same_in_eighteen_partitions(
    file: str, data_dir: Path, tmp_path: Path
) -> None:
    said = same(data_dir / file, tmp_path, rows=1000, max_quarantine=0.3)
    assert len(said.accepted) > 9000


@pytest.mark.slow
@pytest.mark.parametrize("group", [700, 1000, 20_000])
def test_htru2_as_parquet_reads_the_same_whatever_its_row_groups(
    group: int, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "_BATCH_ROWS", 300)
    monkeypatch.setattr(parquet, "HELD_ROWS", 300)
    monkeypatch.setattr(ranges, "BLOCK_ROWS", 777)
    frame = pd.read_csv(data_dir / "HTRU_2.csv", header=None, names=[*FEATURE_NAMES, "label"])
    path = parquet_of({str(k): v.to_numpy() for k, v in frame.items()}, tmp_path / "x", group=group)
    said = same(path, tmp_path, rows=1000)
    csv = read(data_dir / "HTRU_2.csv", tmp_path, rows=10_000_000)
    assert (
        json.loads(said.quality)["fingerprint"]
        == json.loads(csv.quality)["fingerprint"]
        == "bff7e0d962f5762938f833075d6bbfd3ce229cdcfb30091b4ecaa7dca4a81a74"
    )


def test_a_hostile_file_reads_the_same_in_partitions(
    lines: list[str], write: Write, tmp_path: Path
) -> None:
    text = list(lines)
    text[3] = text[3].replace(",", ",,", 1)
    text[50] = text[50].replace(text[50].split(",")[2], "nan", 1)
    text[90] = "x" + text[90]
    text[91] = text[91].replace(text[91].split(",")[1], "-1", 1)
    text[130] = text[12]  # a repeat
    text[200] = text[20][:-1] + str(1 - int(text[20][-1]))  # torn
    text[239] = text[20]
    near = text[30].split(",")
    text[160] = ",".join([*(repr(float(cell) * (1 + 1e-7)) for cell in near[:8]), near[8]])
    said = same(write(text), tmp_path, rows=37)
    found = json.loads(said.quality)
    assert found["rows"] == {"read": 240, "accepted": 233, "quarantined": 7}
    torn = {why: n for why, n in found["reasons"].items() if "same features" in why}
    assert [("label" in why, n) for why, n in torn.items()] == [(True, 3)]
    assert found["row_warnings"] == {"repeats an earlier row": 1}
    assert any("1 rows repeat another one but for digits" in note for note in found["warnings"])
    assert list(said.accepted["line"]) == [
        i for i in range(1, 241) if i not in {4, 21, 51, 91, 92, 201, 240}
    ]


def test_rows_of_a_summary_are_set_aside_in_any_partition(
    write: Write, rows: np.ndarray, tmp_path: Path
) -> None:
    lines = [",".join(["id", *FEATURE_NAMES, "label"])]
    lines += [",".join([f"c{at}", *map(repr, row.tolist())]) for at, row in enumerate(rows)]
    del lines[194:]
    for at, word in enumerate(("Average", "25%", "max"), start=191):
        lines[at] = ",".join([word, *lines[at].split(",")[1:]])
    outcome = same(write(lines), tmp_path, rows=64)
    assert outcome.aside.count("is a summary of others") == 3
    assert len(outcome.accepted) == 190


@pytest.mark.parametrize(("n_rows", "told"), [(20, True), (19, False)])
def test_a_block_of_rows_on_another_scale_is_told_of_in_the_same_words(
    n_rows: int, write: Write, rows: np.ndarray, tmp_path: Path, *, told: bool
) -> None:
    """Tables of two scales were joined; a sample of a large file holds hardly a row of the few."""
    many = np.tile(rows, (12, 1))
    many[:, 0] += np.linspace(0, 1, len(many))
    many[1000 : 1000 + n_rows, 0:2] /= 255
    lines = [",".join([*FEATURE_NAMES, "label"]), *(",".join(map(repr, r)) for r in many.tolist())]
    said = same(write(lines), tmp_path, rows=1010).quality
    where = f"in {n_rows} rows in a row (lines 1,002 to {1001 + n_rows:,}): were tables of two"
    assert (where in said) == told
    assert ("scales joined" in said) == told


def test_rows_that_a_sample_sizes_otherwise_are_named_anew(
    lines: list[str], write: Write, tmp_path: Path
) -> None:
    near = lines[30].split(",")
    again = ",".join([*(repr(float(cell) * (1 + 1e-7)) for cell in near[:8]), near[8]])
    path = write([*lines, again])
    said = []
    with open_ranges(path, name="night", limits=Limits()) as opened:
        plan = plan_reading(opened, partition_rows=37)
        for units in (plan.units, tuple(4 * unit for unit in plan.units), (2.0**-40,) * 8):
            named = replace(plan, units=units)
            said.append(read_all(named, opened, path=tmp_path / "x.parquet").quality.to_dict())
    assert said[1] == said[2] == said[0]
    assert any("1 rows repeat another one but for digits" in each for each in said[0]["warnings"])


def test_labels_that_are_torn_between_partitions_are_set_aside_in_both(
    columns: dict[str, np.ndarray], tmp_path: Path
) -> None:
    for name in FEATURE_NAMES:
        columns[name][200] = columns[name][7]
    columns["label"][200] = 1 - columns["label"][7]
    path = parquet_of(columns, tmp_path / "x", group=50)
    said = same(path, tmp_path, rows=50)
    assert [line.split(",")[0] for line in said.aside.splitlines()[1:]] == ["8", "201"]


@pytest.mark.parametrize("size", [20, pytest.param(60, marks=pytest.mark.slow)])
def test_a_file_with_too_many_bad_rows_lists_the_same_first_thousand(
    size: int, columns: dict[str, np.ndarray], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pulsars.reading.judging import parts

    monkeypatch.setattr(parts, "N_LISTED", 30)
    columns["profile_stdev"][70:190] = -1
    path = parquet_of(columns, tmp_path / "x", group=20)
    said = same(path, tmp_path, rows=size, max_quarantine=0.1)
    assert len(said.aside.splitlines()) == 31
    said = same(path, tmp_path / "all", rows=size, max_quarantine=0.6)
    assert len(said.aside.splitlines()) == 121


def test_candidates_of_one_source_in_two_partitions_are_found(
    columns: dict[str, Any], tmp_path: Path
) -> None:
    names = [f"cand{i}" for i in range(240)]
    names[5] = names[210] = "J0437-4715"
    ids: list[int | None] = list(range(2**60, 2**60 + 240))
    ids[100] = None
    path = parquet_of({"name": names, "id": ids, **columns}, tmp_path / "x", group=60)
    said = same(path, tmp_path, rows=60)
    assert list(np.flatnonzero(said.accepted["same_source"] == 0)) == [5, 210]
    assert said.accepted["id"].iloc[1] == str(2**60 + 1)


@pytest.mark.parametrize("asked", ["auto", "pearson", "excess"])
def test_kurtosis_is_judged_the_same(
    asked: str, columns: dict[str, np.ndarray], tmp_path: Path
) -> None:
    for curve in ("profile", "dm"):
        columns[f"{curve}_kurtosis"] = columns[f"{curve}_kurtosis"] + 3
    said = same(parquet_of(columns, tmp_path / "x", group=40), tmp_path, rows=40, kurtosis=asked)
    taken = ["profile_kurtosis", "dm_kurtosis"] if asked == "pearson" else []
    assert json.loads(said.quality)["converted"] == taken


def test_a_file_that_mixes_two_kinds_of_kurtosis_is_refused_in_the_same_words(
    columns: dict[str, np.ndarray], tmp_path: Path
) -> None:
    for curve in ("profile", "dm"):
        columns[f"{curve}_kurtosis"][95:155] += 3
    path = parquet_of(columns, tmp_path / "x", group=30)
    said = []
    for rows in (30, 1000):
        with pytest.raises(KurtosisError) as refused:
            read(path, tmp_path, rows=rows)
        said.append(str(refused.value))
    assert said[0] == said[1]
    assert "lines 96 to 155" in said[0] or "lines 95 to" in said[0] or "rows" in said[0]


@pytest.mark.parametrize("how", ["in a block", "strewn"])
def test_rows_of_two_orders_of_the_moments_are_told_of_in_the_same_words(
    how: str, data_dir: Path, tmp_path: Path
) -> None:
    frame = read_candidates(data_dir / "HTRU_2.csv").frame
    at = np.arange(1470, 1530) if how == "in a block" else np.arange(3, 6000, 150)
    for curve in ("profile", "dm"):
        skewness, kurtosis = (frame[f"{curve}_{m}"].to_numpy() for m in ("skewness", "kurtosis"))
        there = np.isin(np.arange(len(frame)), at)
        frame[f"{curve}_skewness"] = np.where(there, kurtosis, skewness)
        frame[f"{curve}_kurtosis"] = np.where(there, skewness, kurtosis)
    path = tmp_path / "x.parquet"
    frame.to_parquet(path, row_group_size=1500)
    if how == "strewn":
        said = same(path, tmp_path, rows=1500)
        (note,) = [note for note in json.loads(said.quality)["warnings"] if "two orders" in note]
        assert "line 4)" in note
        return
    refusals = []
    for rows in (1500, 100_000):
        with pytest.raises(ColumnsError, match="joins rows of two orders") as refused:
            read(path, tmp_path, rows=rows)
        refusals.append(str(refused.value))
    assert refusals[0] == refusals[1]


def test_a_feature_that_is_the_label_is_told_of_in_the_same_words(
    columns: dict[str, np.ndarray], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pulsars.reading.counts import leading_counts, telling

    label = columns["label"]
    columns["dm_skewness"] = columns["dm_skewness"] * 1e-3 + label * 0.01
    path = parquet_of(columns, tmp_path / "x", group=60)
    said = same(path, tmp_path, rows=60).quality
    monkeypatch.setattr(leading_counts, "COLLECTED", 4)
    monkeypatch.setattr(telling, "COLLECTED", 4)
    monkeypatch.setattr(repeats, "HELD", 16)
    assert same(path, tmp_path / "narrow", rows=60).quality == said


few = st.integers(0, 5)


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    picks=st.lists(st.tuples(few, st.booleans(), st.booleans()), min_size=2, max_size=40),
    size=st.integers(1, 12),
)
def test_repeats_and_torn_labels_are_found_across_any_border(
    picks: list[tuple[int, bool, bool]],
    size: int,
    rows: np.ndarray,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Held against a naive count: rows are known by their features, and labels compared."""
    content = np.array([[*rows[at, :8], float(label)] for at, label, _ in picks])
    for row, (_, _, bad) in zip(content, picks, strict=True):
        row[1] = -1 if bad else row[1]
    if len(content) <= size:
        return
    folder = tmp_path_factory.mktemp("x")
    table = dict(zip([*FEATURE_NAMES, "label"], content.T, strict=True))
    path = parquet_of(table, folder / "x", group=max(size // 2, 1))
    try:
        said = same(path, folder, rows=size)
    except PulsarError:
        return
    labels: dict[bytes, set[float]] = {}
    for row in content:
        if row[1] >= 0:
            labels.setdefault(row[:8].tobytes(), set()).add(row[8])
    kept = [
        i for i, row in enumerate(content)
        if row[1] >= 0 and len(labels[row[:8].tobytes()]) == 1
    ]  # fmt: skip
    assert list(said.accepted["line"]) == [i + 1 for i in kept]
    repeats_found = json.loads(said.quality)["row_warnings"].get("repeats an earlier row", 0)
    assert repeats_found == len(kept) - len({content[i].tobytes() for i in kept})
