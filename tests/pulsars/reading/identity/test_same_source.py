"""Rows of one source are told by name, or by position and period; a group swallows no table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulsars.reading.identity.near import MAX_HARMONIC, find_near
from pulsars.reading.identity.same_source import find_sources
from pulsars.reading.identity.sky import degrees_of, names_of
from pulsars.reading.judging.in_memory import examine_candidates
from pulsars.reading.reader import read_candidates
from schemas import FEATURE_NAMES

Write = Callable[..., Path]


def sources(
    n_rows: int = 40, *, label: list[int] | None = None, **columns: list[object]
) -> list[int]:
    """Groups of rows; the first are given, the others carry something of their own."""
    roles = {"name": "name", "ra": "ra", "dec": "dec", "period": "period", "dm": "dm"}
    rng = np.random.default_rng(1)
    own = {
        "name": [f"c{i}" for i in range(n_rows)],
        "ra": rng.uniform(0, 360, n_rows).tolist(),
        "dec": rng.uniform(-60, 60, n_rows).tolist(),
        "period": rng.uniform(0.01, 4, n_rows).tolist(),
        "dm": rng.uniform(5, 900, n_rows).tolist(),
    }
    table = pd.DataFrame({k: [*v, *own[k][len(v) :]] for k, v in columns.items()})
    if label is not None:
        table["label"] = label
    groups, _ = find_sources(table, {k: roles[k] for k in columns})
    return groups.tolist()[: max(map(len, columns.values()))]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("J0437-4715", "PSR J0437-4715", True),
        ("j0437\N{MINUS SIGN}4715", "0437-4715", True),
        ("B1937+21", "PSR_B1937+21", True),
        ("Crab", "CRAB ", True),
        ("J0437-4715", "J0437-4716", False),
        ("unknown", "unknown", False),
        ("", "", False),
        ("B2", "2", False),
    ],
)
def test_names_compare_without_prefix_case_and_blanks(one: str, other: str, same: bool) -> None:  # noqa: FBT001
    assert (sources(name=[one, other]) == [0, 0]) is same


def test_a_survey_that_stands_in_every_row_is_no_source() -> None:
    assert sources(name=["HTRU"] * 40) == [-1] * 40
    assert sources(name=["J0000+00"] * 40) == [-1] * 40
    assert sources(name=[f"pointing {i // 10}" for i in range(40)]) == [-1] * 40


def test_a_pulsar_with_more_than_a_fifth_of_its_class_is_not_believed() -> None:
    names = ["J0437-4715"] * 6
    label = [1] * 20 + [0] * 20
    assert sources(name=names, label=label) == [-1] * 6
    assert sources(name=names[:5], label=label) == [0] * 5


PLACE = ("04:37:15.8", "-47:15:09")


@pytest.mark.parametrize(
    ("place", "period", "dm", "same"),
    [
        (PLACE, 0.5, 30.0, True),
        (("04:38:00", "-47:15:09"), 0.5, 30.0, True),
        (("04:39:00", "-47:15:09"), 0.5, 30.0, False),
        (PLACE, 0.50045, 30.0, True),
        (PLACE, 0.501, 30.0, False),
        (PLACE, 1.0, 30.0, True),
        (PLACE, 8.0, 30.0, True),
        (PLACE, 0.5 / 3, 30.0, True),
        (PLACE, 0.75, 30.0, True),
        (PLACE, 8.5, 30.0, False),
        (PLACE, 0.5, 32.0, True),
        (PLACE, 0.5, 40.0, False),
        (PLACE, 0.5, float("nan"), True),
        (PLACE, float("nan"), 30.0, False),
    ],
)
def test_position_period_and_dm_within_tolerance_are_one_source(
    place: tuple[str, str],
    period: float,
    dm: float,
    same: bool,  # noqa: FBT001
) -> None:
    found = sources(
        ra=[PLACE[0], place[0]], dec=[PLACE[1], place[1]], period=[0.5, period], dm=[30.0, dm]
    )
    assert (found == [0, 0]) is same


def test_a_position_alone_and_a_period_alone_are_no_source() -> None:
    assert sources(ra=[10.0, 10.0], dec=[5.0, 5.0]) == [-1, -1]
    assert sources(period=[0.5, 0.5], dm=[30.0, 30.0]) == [-1, -1]


def test_across_the_pole_and_the_zero_of_right_ascension() -> None:
    assert sources(ra=[359.95, 0.05], dec=[0.0, 0.0], period=[0.5, 0.5]) == [0, 0]
    assert sources(ra=[10.0, 190.0], dec=[89.95, 89.95], period=[0.5, 0.5]) == [0, 0]


def test_name_and_position_work_together() -> None:
    found = sources(
        name=["J0437-4715", "a", "J0437-4715"], ra=[10.0, 10.0, 50.0], dec=[5.0, 5.0, 9.0],
        period=[0.5, 0.5, 3.3],
    )  # fmt: skip
    assert found == [0, 0, 0]


def test_a_name_that_is_no_pulsar_s_and_stands_at_two_places_joins_no_rows() -> None:
    tape, nowhere = ["tape 7"] * 4, float("nan")
    assert sources(name=tape, ra=[10.0, 10.1, nowhere, 9.9], dec=[5.0, 5.1, 5.0, 5.2]) == [0] * 4
    assert sources(name=tape, ra=[359.95, 0.05, 0.1, nowhere], dec=[0.0] * 4) == [0] * 4
    two = {"ra": [10.0, 200.0, 10.01, 200.01], "dec": [5.0, 5.001, 5.002, 5.003]}
    assert sources(name=tape, **two) == [-1] * 4
    assert sources(name=["tape 7", "tape 8", "tape 7", "tape 8"], **two) == [0, 1, 0, 1]
    assert sources(name=tape[:2], ra=["unknown", 10.0], dec=[5.0, 5.0]) == [0, 0]
    assert sources(name=["Crab"] * 2, ra=[10.0, 14.0]) == [0, 0]
    assert sources(name=["B1937+21"] * 4, **two) == [0] * 4


NOWHERE = [float("nan")] * 4


@pytest.mark.parametrize(
    ("name", "period", "expected"),
    [
        ("cand_1", [0.5, 0.7, 0.5004, 0.9], [0, -1, 0, -1]),
        ("cand_1", [0.5, 0.5004, 0.5008, 1.0], [0, 0, 0, -1]),
        ("cand_1", [0.5, float("nan"), float("nan"), 0.7], [-1] * 4),
        ("cand_1", [0.0, 0.0, -0.5, -0.5], [-1] * 4),
        ("cand_1", None, [-1] * 4),
        ("B1937+21", [0.5, 0.7, float("nan"), 0.9], [0] * 4),
    ],
)
def test_files_of_one_name_are_one_source_where_they_have_one_period(
    name: str, period: list[float] | None, expected: list[int]
) -> None:
    names, roles = [name] * 4 + [f"c{i}" for i in range(36)], {"name": "name", "period": "period"}
    table = pd.DataFrame({"name": names, "period": (period or NOWHERE) + NOWHERE * 9})
    if period is None:
        del table["period"], roles["period"]
    assert find_sources(table, roles, files="name")[0].tolist()[:4] == expected
    assert find_sources(table, roles)[0].tolist()[:4] == [0] * 4


@pytest.mark.parametrize(
    ("hashed", "expected"), [("fold_sha256", [7, 107]), ("md5", [5, 7, 105, 107])]
)
def test_a_fold_is_called_by_its_file_and_that_alone_makes_no_source(
    write: Write, rows: np.ndarray, hashed: str, expected: list[int]
) -> None:
    header = ",".join([*FEATURE_NAMES, "label", "name", "period", "source", "section", hashed])
    lines = [
        ",".join([*map(repr, row[:8].tolist()), f"{row[8]:.0f}", f"cand_{i}", f"{1 + i / 7}"])
        for i, row in enumerate(rows)
    ]
    ends = [f"own {i},FFT,{i:064x}" for i in range(len(rows))]
    lines[105] = lines[105].replace("cand_105", "cand_5")
    ends[107] = f"own 7,FFT,{107:064x}"
    both = [f"{line},{end}" for line, end in zip(lines, ends, strict=True)]
    checked = examine_candidates(read_candidates(write([header, *both])))
    assert np.flatnonzero(checked.accepted["same_source"] >= 0).tolist() == expected


@pytest.mark.parametrize("seed", range(5))
def test_files_of_beams_join_no_candidates(seed: int) -> None:
    rng = np.random.default_rng(seed)
    beam = [f"/b/{number}.raw" for number in rng.integers(0, 300, 300)]
    ra, dec = rng.uniform(0, 360, 300), rng.uniform(-60, 60, 300)
    table = pd.DataFrame({"file": beam, "ra": ra, "dec": dec})
    groups, _ = find_sources(table, {"file": "path", "ra": "ra", "dec": "dec"})
    assert len({*beam}) > 150
    assert (groups == -1).mean() > 0.99


@pytest.mark.parametrize(
    ("cells", "name", "degrees"),
    [
        (["04:37:15.8"], "ra", 69.3158333), (["4h37m15.8s"], "ra", 69.3158333),
        (["04 37 15.8"], "ra", 69.3158333), (["69.3158333"], "ra", 69.3158333),
        (["4.62105555"], "ra_hours", 69.3158333), (["043715.8"], "ra", 69.3158333),
        ([69.3158333], "ra", 69.3158333), (["-47:15:09"], "dec", -47.2525),
        (["-00:15:00"], "dec", -0.25), (["-471509"], "dec", -47.2525), (["99"], "dec", np.nan),
        (["unknown"], "dec", np.nan), (["+47d15m09s"], "dec", 47.2525), (["12:30"], "dec", 12.5),
    ],
)  # fmt: skip
def test_a_position_is_read_as_it_is_written(
    cells: list[object], name: str, degrees: float
) -> None:
    found = degrees_of(pd.Series(cells, name=name), right_ascension=name.startswith("ra"))
    np.testing.assert_allclose(found, [degrees], atol=1e-6)


def test_many_candidates_of_one_pointing_are_not_chained_into_one() -> None:
    rng = np.random.default_rng(3)
    n = 2_000
    table = pd.DataFrame(
        {"ra": np.full(n, 80.0), "dec": np.full(n, -30.0), "p": np.exp(rng.uniform(-6, 2, n))}
    )
    groups, too_large = find_sources(table, {"ra": "ra", "dec": "dec", "p": "period"})
    assert too_large == 0
    assert np.bincount(groups[groups >= 0]).max() < 60


@given(
    st.lists(
        st.tuples(st.floats(0, 360), st.floats(-90, 90), st.floats(0.002, 20), st.floats(0, 1000)),
        max_size=25,
    ),
    st.integers(0, 2**32 - 1),
)
def test_pairs_are_those_that_a_plain_loop_finds(
    rows: list[tuple[float, float, float, float]], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    near = [  # some that are near to others in everything
        (ra + rng.normal(0, 0.2), float(np.clip(dec + rng.normal(0, 0.2), -90, 90)),
         p * rng.choice([1, 2, 1 / 3, 1.5]) * (1 + rng.normal(0, 5e-4)), dm + rng.normal(0, 3))
        for ra, dec, p, dm in rows
    ]  # fmt: skip
    ra, dec, period, dm = np.array([*rows, *near]).reshape(-1, 4).T
    same, harmonic = (
        set(map(tuple, np.sort(p, axis=1).tolist())) for p in find_near(ra, dec, period, dm)
    )
    expected: tuple[set[tuple[int, int]], set[tuple[int, int]]] = (set(), set())
    lon, lat = np.radians(ra), np.radians(dec)
    for i in range(len(ra)):
        for j in range(i + 1, len(ra)):
            cos = np.sin(lat[i]) * np.sin(lat[j]) + np.cos(lat[i]) * np.cos(lat[j]) * np.cos(
                lon[i] - lon[j]
            )
            if np.degrees(np.arccos(np.clip(cos, -1, 1))) > 0.25 * (1 - 1e-6):
                continue
            if abs(dm[i] - dm[j]) > max(3, 0.1 * max(dm[i], dm[j])):
                continue
            ratio = max(period[i], period[j]) / min(period[i], period[j])
            if ratio <= 1.001:
                expected[0].add((i, j))
            whole = [float(n) for n in range(2, MAX_HARMONIC + 1)]
            for one in [*whole, 3 / 2, 5 / 2, 4 / 3, 5 / 3, 5 / 4]:
                if abs(np.log(ratio / one)) <= np.log1p(3e-4):
                    expected[1].add((i, j))
    assert same == expected[0]
    assert harmonic == expected[1]


def test_accepted_rows_say_their_source_and_a_note_says_how_many(
    write: Write, rows: np.ndarray
) -> None:
    names = [f"c{i}" for i in range(len(rows))]
    names[5] = names[100] = "B1937+21"
    header = ",".join([*FEATURE_NAMES, "label", "source"])
    lines = [
        ",".join([*map(repr, r[:8].tolist()), f"{r[8]:.0f}", n])
        for r, n in zip(rows, names, strict=True)
    ]
    checked = examine_candidates(read_candidates(write([header, *lines])))
    groups = checked.accepted["same_source"].to_numpy()
    assert np.flatnonzero(groups == 0).tolist() == [5, 100]
    assert (groups[np.arange(len(rows)) % 95 != 5] == -1).all()
    assert "2 rows are of one source that stands" in checked.quality.warnings[-1]


def test_names_say_which_are_pulsars() -> None:
    words, pulsars = names_of(pd.Series(["PSR J0437-4715", "crab", "1913+16b"]))
    assert words.tolist() == ["0437-4715", "crab", "1913+16b"]
    assert pulsars.tolist() == [True, False, True]
