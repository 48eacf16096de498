"""What several files carry has one type for the set, which loses nothing wherever it is cut."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pulsars.reading.access import ranges
from pulsars.reading.access.opening import open_parts, open_ranges
from pulsars.reading.in_turn import read_all
from pulsars.reading.partitions import Plan, plan_reading, read_part
from pulsars.store.tables import read_partitions
from schemas import TableRef
from schemas.features import FEATURE_NAMES
from schemas.limits import Limits

HEADER = ",".join([*FEATURE_NAMES, "label"])
BIG = 2**53 + 1
"""The first whole number that a float cannot hold."""

Paths = Mapping[str, Path]


def read_wherever_cut(
    paths: Paths, folder: Path, monkeypatch: pytest.MonkeyPatch, **asked: Any
) -> Iterator[pd.DataFrame]:
    """Read accepted rows of a set: at once, in small blocks, in partitions, and opened anew."""
    for rows, block in ((1000, 1 << 17), (1000, 70), (100, 30)):
        monkeypatch.setattr(ranges, "BLOCK_ROWS", block)
        with open_ranges(paths, name="night", limits=Limits()) as opened:
            plan = plan_reading(opened, partition_rows=rows, **asked)
            whole = read_all(plan, opened, path=folder / f"{rows}_{block}.parquet")
        parts = whole.stored()
        types = {str(pq.read_schema(part.file.path).remove_metadata()) for part in parts}
        assert len(types) == 1
        table = TableRef(partitions=[p.file for p in parts], n_rows=[p.n_rows for p in parts])
        yield read_partitions(table)
    with open_parts(paths, name="night", limits=Limits()) as opened:
        plan = plan_reading(opened, partition_rows=100, **asked)
    plan = Plan.from_dict(json.loads(json.dumps(plan.to_dict())))
    frames = []
    for number in range(plan.n_partitions):
        with open_parts(paths, plan.again, name="night", limits=Limits()) as opened:
            frames += read_part(plan, opened, number).accepted.frames
    yield pd.concat(frames, ignore_index=True)


def parquet_set(rows: np.ndarray, folder: Path, name: str, *cells: pa.Array) -> dict[str, Path]:
    """Write the candidates as Parquet files, one for each array of cells of a column."""
    paths = {}
    for at, (own, part) in enumerate(zip(cells, np.array_split(rows, len(cells)), strict=True)):
        columns = dict(zip([*FEATURE_NAMES, "label"], part.T, strict=True))
        paths[f"{at}.parquet"] = folder / f"{at}.parquet"
        table = pa.table({**columns, name: own})
        pq.write_table(table, paths[f"{at}.parquet"], row_group_size=40)
    return paths


SMALL = np.arange(1, 121)
FRACTIONS = SMALL / 7


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ((pa.array(SMALL, pa.int32()), pa.array(BIG + 2 * SMALL)), "int64"),
        ((pa.array(SMALL, pa.uint8()), pa.array(-SMALL, pa.int16())), "int16"),
        ((pa.array(FRACTIONS, pa.float32()), pa.array(FRACTIONS)), "float64"),
        ((pa.array(FRACTIONS.astype(np.float16)), pa.array(FRACTIONS, pa.float32())), "float32"),
        ((pa.array(SMALL, pa.int32()), pa.array(FRACTIONS, pa.float32())), "float64"),
        ((pa.array(BIG + SMALL), pa.array(FRACTIONS)), "str"),
        ((pa.array(FRACTIONS), pa.array(BIG + SMALL)), "str"),
        ((pa.array(BIG + SMALL), pa.array(2**63 + SMALL.astype(np.uint64))), "str"),
        (
            (
                pa.array(SMALL[:80], pa.int32()),
                pa.array(FRACTIONS[:80], pa.float32()),
                pa.array(BIG + SMALL[:80]),
            ),
            "str",
        ),
    ],
)
def test_numbers_of_several_types_are_carried_in_one_that_loses_nothing(
    cells: tuple[pa.Array, ...],
    kind: str,
    rows: np.ndarray,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    paths = parquet_set(rows, tmp_path, "candidate_id", *cells)
    meant = [cell for own in cells for cell in own.to_pylist()]
    given = [np.dtype(own.type.to_pandas_dtype()) for own in cells]
    types = [kind for kind, own in zip(given, cells, strict=True) for _ in range(len(own))]
    for found in read_wherever_cut(paths, tmp_path, monkeypatch):
        assert str(found["candidate_id"].dtype) == kind
        kept = found["candidate_id"].tolist()
        assert [one.type(cell) for one, cell in zip(types, kept, strict=True)] == meant


@pytest.mark.parametrize(
    "ids", [123_456_789_012 + SMALL, BIG + 1 + 2 * SMALL, -(2**62) + 1024 * SMALL]
)
def test_a_whole_number_is_one_text_in_a_file_of_floats_and_in_one_of_integers(
    ids: np.ndarray, rows: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    floats = [float("nan"), None, 0.5, 2.0**63, *map(float, ids[4:])]
    paths = parquet_set(rows, tmp_path, "candidate_id", pa.array(ids), pa.array(floats))
    meant = [*map(str, ids), "", "", "0.5", "9.223372036854776e+18", *map(str, ids[4:])]
    for found in read_wherever_cut(paths, tmp_path, monkeypatch):
        assert found["candidate_id"].tolist() == meant


def test_gaps_among_numbers_of_several_types_are_empty(
    rows: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gaps = pa.array([None, *SMALL[1:].tolist()], pa.int32())
    paths = parquet_set(rows, tmp_path, "candidate_id", gaps, pa.array(BIG + SMALL))
    meant = ["", *map(str, SMALL[1:]), *map(str, BIG + SMALL)]
    for found in read_wherever_cut(paths, tmp_path, monkeypatch):
        assert found["candidate_id"].tolist() == meant
    paths = parquet_set(rows, tmp_path, "candidate_id", gaps, pa.array([None, *FRACTIONS[1:]]))
    for found in read_wherever_cut(paths, tmp_path, monkeypatch):
        meant = [np.nan, *SMALL[1:], np.nan, *FRACTIONS[1:]]
        np.testing.assert_array_equal(found["candidate_id"].to_numpy(), meant)


def test_a_label_and_a_feature_of_several_types_are_what_they_are_in_one(
    rows: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = {}
    for name, part, kind in (("a", rows[:120], pa.int64()), ("b", rows[120:], pa.float64())):
        columns = dict(zip([*FEATURE_NAMES, "label"], map(pa.array, part.T), strict=True))
        columns["label"] = columns["label"].cast(kind)
        columns["profile_mean"] = pa.array(np.round(part[:, 0])).cast(kind)
        paths[name] = tmp_path / name
        pq.write_table(pa.table(columns), paths[name])
    for found in read_wherever_cut(paths, tmp_path, monkeypatch):
        assert found["label"].tolist() == rows[:, 8].tolist()
        assert found["profile_mean"].tolist() == np.round(rows[:, 0]).tolist()


@pytest.mark.parametrize(
    "commented", [(0,), *(pytest.param(one, marks=pytest.mark.slow) for one in ((1,), (1, 2)))]
)
def test_comments_behind_rows_are_carried_though_a_file_of_the_set_has_none(
    commented: tuple[int, ...],
    lines: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    paths, meant = {}, []
    for at in range(3):
        comments = [f"/data/{at}_{row}.phcx" if at in commented else "" for row in range(80)]
        meant += comments
        own = zip(lines[80 * at : 80 * at + 80], comments, strict=True)
        written = [f"{line}%{said}" if said else line for line, said in own]
        paths[f"{at}.csv"] = tmp_path / f"{at}.csv"
        paths[f"{at}.csv"].write_text("\n".join([HEADER, *written]) + "\n")
    for found in read_wherever_cut(paths, tmp_path, monkeypatch):
        assert found["comment"].tolist() == meant


@pytest.mark.parametrize(("flipped", "told"), [({1}, True), ({0, 1, 2}, False)])
def test_a_file_of_a_set_of_which_most_are_labelled_pulsars_is_named(
    flipped: set[int],
    rows: np.ndarray,
    tmp_path: Path,
    *,
    told: bool,
) -> None:
    """Its label may be turned round; a file of pulsars alone is none."""
    paths = {}
    pulsars = rows[rows[:, 8] == 1]
    rng = np.random.default_rng(0)
    for at, part in enumerate((*np.array_split(rng.permutation(rows), 3), pulsars)):
        own = part.copy()
        own[:, 8] = 1 - own[:, 8] if at in flipped else own[:, 8]
        paths[f"{at}.csv"] = tmp_path / f"{at}.csv"
        pd.DataFrame(own, columns=HEADER.split(",")).to_csv(paths[f"{at}.csv"], index=False)
    found = set()
    for size in (1000, 50):
        with open_ranges(paths, name="night", limits=Limits()) as opened:
            plan = plan_reading(opened, partition_rows=size, max_quarantine=1.0)
            whole = read_all(plan, opened, path=tmp_path / f"{size}.parquet")
        found.add(whole.quality.warnings)
    (warnings,) = found
    named = [each for each in warnings if "candidates are labelled pulsars in 1.csv, and" in each]
    assert len(named) == told
    assert not any("labelled pulsars in 0" in each or "tenths of" in each for each in warnings)
