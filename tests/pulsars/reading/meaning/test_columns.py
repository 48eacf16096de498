"""Which column is what: by name, by structure, by the user's word, or not without doubt."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from pulsars.reading.access import ranges
from pulsars.reading.cells import Column
from pulsars.reading.checking import check_file
from pulsars.reading.meaning.by_name import find_by_name
from pulsars.reading.meaning.strangers import told_alike
from pulsars.reading.reader import read_candidates
from schemas.errors import ColumnsError, LabelError, LeakageError, ParameterError
from schemas.features import FEATURE_NAMES

Write = Callable[..., Path]
CANONICAL = [*FEATURE_NAMES, "label"]


def way_out(path: Path, missing: str) -> str:
    """Give what is advised where a file is refused because a statistic is missing."""
    with pytest.raises(ColumnsError, match=f"no column is called {missing}") as refused:
        read_candidates(path)
    (way,) = re.findall("--columns ([^ ,]+)", str(refused.value))
    return str(way)


def table(rows: np.ndarray, names: list[str] | None, **extra: list[str]) -> list[str]:
    """CSV lines of `rows`, with extra columns at the end."""
    cells = [[*map(repr, row[:8].tolist()), f"{row[8]:.0f}"] for row in rows]
    for column in extra.values():
        for row, cell in zip(cells, column, strict=True):
            row.append(cell)
    head = [",".join([*names, *extra])] if names is not None else []
    return head + [",".join(row) for row in cells]


@pytest.mark.parametrize(
    "names",
    [
        "mean_ip,std_ip,skew_ip,kurt_ip,mean_dm,std_dm,skew_dm,kurt_dm,target",
        "MeanProfile,StdProfile,SkewProfile,KurtProfile,MeanDM,StdDM,SkewDM,KurtDM,IsPulsar",
        "mean,std,skew,kurt,mean.1,std.1,skew.1,kurt.1,y",
        "Mean,SD,Skewness,Kurtosis,DM Mean,DM SD,DM Skewness,DM Kurtosis,Target Class",
        (
            "average pulse,standard deviation pulse,skewness pulse,excess kurtosis pulse,"
            "DM S/N mean,DM S/N stdev,DM S/N skewness,DM S/N excess kurtosis,label"
        ),
    ],
)
def test_names_are_read_word_by_word(write: Write, rows: np.ndarray, names: str) -> None:
    shuffled = [4, 8, 2, 0, 7, 1, 6, 3, 5]
    labels = names.split(",")
    if "mean.1" in names:  # twins are told apart by their order
        shuffled = [0, 1, 8, 2, 3, 4, 5, 6, 7]
    cells = [[*map(repr, row[:8].tolist()), f"{row[8]:.0f}"] for row in rows]
    text = [",".join(labels[i] for i in shuffled)]
    text += [",".join(row[i] for i in shuffled) for row in cells]
    reading = read_candidates(write(text))
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows)
    assert reading.columns["dm_mean"].position == shuffled.index(4) + 1
    assert all(source.how == "by its name" for source in reading.columns.values())


def test_an_unknown_word_makes_a_name_unknown(write: Write, rows: np.ndarray) -> None:
    flux = [f"{value:.3f}" for value in np.linspace(900, 300, len(rows)) + rows[:, 0] % 1]
    reading = read_candidates(write(table(rows, CANONICAL, mean_flux_profile=flux)))
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows)
    assert "column 10 'mean_flux_profile'" in reading.warnings[-1]


@pytest.mark.parametrize("missing", ["profile_stdev", "dm_stdev", "profile_mean", "dm_skewness"])
@pytest.mark.parametrize("stranger", ["chi2", "width", "SNR", "DM ", "best_dm", "d2", "표준편차"])
def test_a_stranger_takes_no_place_of_a_statistic_whose_curve_is_named(
    write: Write, rows: np.ndarray, missing: str, stranger: str
) -> None:
    at = FEATURE_NAMES.index(missing)
    names = [stranger if name == missing else name for name in CANONICAL]
    path = write(table(rows, names))
    with pytest.raises(ColumnsError, match=missing) as refused:
        read_candidates(path)
    (way,) = re.findall("--columns ([^ ,]+)", str(refused.value))
    assert way == f"{missing}={at + 1}"
    reading = read_candidates(path, columns=way)
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows)


@pytest.mark.parametrize(
    ("scheme", "name"),
    [
        (",".join(CANONICAL), "profile_sd_2"),
        (",".join(CANONICAL), "StdDevs"),
        (",".join(CANONICAL), "pulse_width"),
        (",".join(CANONICAL), "sigma_of_fold"),
        ("mean_ip,sd_ip,skew_ip,kurt_ip,mean_dm,sd_dm,skew_dm,kurt_dm,y", "devn_ip"),
        ("ipMean,ipSd,ipSkew,ipKurt,dmMean,dmSd,dmSkew,dmKurt,y", "ipDeviance"),
    ],
)
def test_a_name_with_a_word_of_what_is_missing_may_be_it(
    write: Write, rows: np.ndarray, scheme: str, name: str
) -> None:
    mean, _, *others = scheme.split(",")
    path = write(table(rows, [mean, name, *others]))
    np.testing.assert_array_equal(read_candidates(path).frame, rows)


def test_of_two_strangers_neither_is_taken_for_what_is_missing(
    write: Write, rows: np.ndarray
) -> None:
    lines = table(rows, ["width", *CANONICAL[:1], *CANONICAL[2:]])
    wide = ["chi2", *(repr(value * 0.9) for value in rows[:, 1].tolist())]
    cells = table(rows[:, [1, 0, *range(2, 9)]], None)
    path = write([f"{one},{line}" for one, line in zip(wide, [lines[0], *cells], strict=True)])
    with pytest.raises(ColumnsError, match="no column is called profile_stdev"):
        read_candidates(path)


def test_the_other_curve_by_its_names_is_no_dm_curve(write: Write, rows: np.ndarray) -> None:
    """Profiles of a second band stand for the DM-SNR curve that was not measured."""
    names = [name.replace("dm_", "acc_profile_") for name in CANONICAL]
    path = write(table(rows, names))
    with pytest.raises(ColumnsError, match="no column is called dm_mean or dm_stdev") as refused:
        read_candidates(path)
    way = str(refused.value).partition("--columns ")[2].partition(" ")[0].rstrip(",")
    np.testing.assert_array_equal(read_candidates(path, columns=way).frame, rows)


@pytest.mark.parametrize("last", ["stdev,stdev", "width_1,width_2"])
@pytest.mark.parametrize("order", [[0, 2, 3, 4, 6, 7, 1, 5], [4, 6, 7, 0, 2, 3, 5, 1]])
def test_of_a_pair_of_strangers_both_ways_round_are_advised_that_of_the_curves_first(
    write: Write, rows: np.ndarray, last: str, order: list[int]
) -> None:
    rows = np.column_stack([rows[:, :4], rows[:, :4] * 1.01, rows[:, 8]])  # by values either may be
    names = [*(FEATURE_NAMES[at] for at in order[:6]), last, "label"]
    cells = [",".join(map(repr, row)) for row in rows[:, [*order, 8]].tolist()]
    path = write([",".join(names), *cells])
    with pytest.raises(ColumnsError, match="profile_stdev or dm_stdev") as refused:
        read_candidates(path)
    straight, crossed = re.findall("--columns ([^ ]+[0-9])", str(refused.value))
    np.testing.assert_array_equal(read_candidates(path, columns=straight).frame, rows)
    first, second = (order.index(at) + 1 for at in (1, 5))
    assert crossed == f"profile_stdev={second},dm_stdev={first}"


def test_a_pair_of_which_one_may_be_told_by_its_place_is_advised_both_ways_as_well(
    write: Write, rows: np.ndarray
) -> None:
    rows = np.column_stack([rows[:, :4], rows[:, :4] * 1.01, rows[:, 8]])
    names = [name for name in CANONICAL[:-1] if "kurtosis" not in name] + ["kurt_1", "kurt_2", "y"]
    cells = rows[:, [0, 1, 2, 4, 5, 6, 3, 7, 8]].tolist()
    path = write([",".join(names), *(",".join(map(repr, row)) for row in cells)])
    with pytest.raises(ColumnsError, match="called profile_kurtosis or dm_kurtosis") as refused:
        read_candidates(path)
    straight, _ = re.findall("--columns ([^ ]+[0-9])", str(refused.value))
    np.testing.assert_array_equal(read_candidates(path, columns=straight).frame, rows)


def test_no_reading_is_advised_in_which_a_column_is_called_another_statistic(
    write: Write, rows: np.ndarray
) -> None:
    names = "prof_mean,skew,kurt,dm_mean,sd,skew,kurt,label,SD"
    cells = rows[:, [0, 2, 3, 4, 5, 6, 7, 8, 1]].tolist()
    path = write([names, *(",".join(map(repr, row)) for row in cells)])
    with pytest.raises(ColumnsError, match=r"no choice of eight .* name them with --columns"):
        read_candidates(path)
    reading = read_candidates(path, columns="1,9,2,3,4,5,6,7")
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows)


def test_of_several_strangers_none_is_advised(write: Write, rows: np.ndarray) -> None:
    names = ",".join(CANONICAL).replace("profile_stdev", "chi2,width")
    cells = np.insert(rows, 2, rows[:, 1] * 1.01, axis=1)
    path = write([names, *(",".join(map(repr, row)) for row in cells.tolist())])
    with pytest.raises(ColumnsError, match="no column is called profile_stdev") as refused:
        read_candidates(path)
    assert "profile_stdev=" not in str(refused.value)
    np.testing.assert_array_equal(read_candidates(path, columns="profile_stdev=2").frame, rows)


def test_what_is_missing_is_named_where_nothing_can_be_it(write: Write, rows: np.ndarray) -> None:
    lines = [line.rsplit(",", 2) for line in table(rows, CANONICAL)]
    path = write([f"{begin},{label}" for begin, _, label in lines])
    with pytest.raises(ColumnsError, match="no column is called dm_kurtosis") as refused:
        read_candidates(path)
    assert "--columns" not in str(refused.value), "no option names what is not there"


SHORT = "prof_mean,prof_std,prof_skew,prof_kurt,dm_mean,dm_std,dm_skew,dm_kurt,class"
BARE = "ip_mean,ip_std,ip_skew,ip_kurt,curve mean,curve std,curve skew,curve kurt,class"


@pytest.mark.parametrize(
    ("names", "unknown"),
    [
        (f"{SHORT.replace('prof_std', 'prof_sdev')},sigma", "prof_sdev"),
        (f"sigma,{SHORT.replace('prof_std', 'prof_sdev')}", "prof_sdev"),
        (f"{SHORT.replace('prof_std', 'Width Profile')},Sigma", "Width Profile"),
        (f"{SHORT.replace('dm_std', 'dm_sdev')},sigma", "dm_sdev"),
        (f"sigma,{SHORT.replace('dm_std', 'dm_sdev')}", "dm_sdev"),
        (f"{SHORT.replace('prof_kurt', 'prof_4')},kurt", "prof_4"),
        (f"{SHORT.replace('prof_std,prof_skew,prof_kurt', 'x2,s3,k4')},sd", "x2"),
        (f"{BARE},mean_snr", "curve mean"),
        (f"mean_snr,{BARE}", "curve mean"),
    ],
)
def test_a_name_without_a_curve_counts_where_its_curve_stands(
    write: Write, rows: np.ndarray, names: str, unknown: str
) -> None:
    others = np.random.default_rng(3).lognormal(0, 0.5, len(rows)).tolist()
    pairs = zip(table(rows, None), others, strict=True)
    last = not names.endswith("class")
    cells = [f"{row},{other}" if last else f"{other},{row}" for row, other in pairs]
    reading = read_candidates(write([names, *cells]))
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows)
    assert any(f"'{unknown}' for " in note for note in reading.warnings)


DM = "dm_mean,dm_std,dm_skew,dm_kurt"


@pytest.mark.parametrize(
    "names",
    [
        f"mean,median,sd,skew,kurt,{DM},class",
        f"mean,std,max,skew,kurt,{DM},class",
        f"mean,sd,skew,peak,kurt,{DM},class",
        f"mean,peak,stdev,skew,kurt,{DM},class",
        "mean,dm_mean,stdev,dm_stdev,skew,dm_skew,kurt,dm_kurt,x,class",
        f"profile_mean,sigma,profile_skewness,profile_kurtosis,{DM},profile_stdev,class",
        f"profile_stdev,id,period,profile_mean,sigma,profile_skewness,profile_kurtosis,{DM},class",
    ],
)
def test_names_that_say_enough_are_taken_wherever_they_stand(
    write: Write, rows: np.ndarray, names: str
) -> None:
    """Foreign columns look like a mean or a stdev: no place makes them one."""
    said = names.split(",")
    own = {"mean": 0, "std": 1, "stdev": 1, "sd": 1, "skew": 2, "skewness": 2, "kurt": 3}
    own["kurtosis"] = 3
    curves = {"profile": 0, "prof": 0, "dm": 4}
    cells = []
    for name in said:
        curve, _, statistic = name.rpartition("_")
        if name == "class":
            cells.append(rows[:, 8])
        elif statistic in own and (curve in curves or not curve):
            cells.append(rows[:, own[statistic] + curves.get(curve, 0)])
        else:
            cells.append(rows[:, 1] * 1.1)
    lines = [",".join(map(repr, line)) for line in zip(*(c.tolist() for c in cells), strict=True)]
    reading = read_candidates(write([names, *lines]))
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows)
    assert not any("no name that is known" in note for note in reading.warnings)


@pytest.mark.parametrize("first", ["profile", "dm"])
@pytest.mark.parametrize("last", [["skewness", "kurtosis"], ["kurtosis", "skewness"]])
def test_names_without_a_curve_are_of_the_curve_that_they_stand_in_whichever_is_first(
    first: str, last: list[str]
) -> None:
    """Any of the eight but not all of them, of either curve, in either order of the moments."""
    curves = ["profile", "dm"] if first == "profile" else ["dm", "profile"]
    right = [f"{curve}_{one}" for curve in curves for one in ("mean", "stdev", *last)]
    cells, ok = np.random.default_rng(0).random((8, 3)), np.zeros(3, dtype=np.uint8)
    for bare in range(1, 255):
        called = [
            name.partition("_")[2] if bare >> at & 1 else name for at, name in enumerate(right)
        ]
        columns = [Column(called[at], at, None, cells[at], ok) for at in range(8)]
        found = find_by_name(columns, file="sky.csv")
        assert {name: right[column.position] for name, column in found.items()} == {
            name: name for name in FEATURE_NAMES
        }, called


@pytest.mark.parametrize(
    ("missing", "bare", "place"),
    [
        ("profile_stdev", "sigma", 0),
        ("profile_stdev", "SD", 8),
        ("profile_mean", "avg", 8),
        ("profile_skewness", "skew", 0),
        ("dm_stdev", "SD", 0),
        ("dm_mean", "mean", 0),
        ("dm_mean", "mean", 8),
        ("dm_kurtosis", "kurt", 0),
    ],
)
def test_a_name_without_a_curve_apart_from_its_curve_fills_nothing(
    write: Write, rows: np.ndarray, missing: str, bare: str, place: int
) -> None:
    """PRESTO's sigma was taken for profile_stdev, by its name, where there was none."""
    left = [name for name in CANONICAL if name != missing]
    order = [CANONICAL.index(name) for name in left]
    order.insert(place, CANONICAL.index(missing))
    names = [bare if CANONICAL[at] == missing else CANONICAL[at] for at in order]
    cells = [",".join(map(repr, row[order].tolist())) for row in rows]
    path = write([",".join(names), *cells])
    way = way_out(path, missing)
    assert way == f"{missing}={order.index(CANONICAL.index(missing)) + 1}"
    np.testing.assert_array_equal(read_candidates(path, columns=way).frame, rows)


@pytest.mark.parametrize(
    ("names", "missing", "at"),
    [
        ("prof_mean,prof_std,prof_skew,prof_kurt,mean,skew,kurt,label,SD", "dm_stdev", 5),
        ("prof_mean,prof_std,prof_skew,prof_kurt,mean,skew,dm_kurt,label,SD", "dm_stdev", 5),
        ("mean,skew,kurt,dm_mean,dm_sd,dm_skew,dm_kurt,label,SD", "profile_stdev", 1),
    ],
)
def test_a_name_apart_from_others_without_a_curve_fills_nothing_where_all_stand_in_order(
    write: Write, rows: np.ndarray, names: str, missing: str, at: int
) -> None:
    cells = np.column_stack([np.delete(rows, at, axis=1), rows[:, at]])
    path = write([names, *(",".join(map(repr, row)) for row in cells.tolist())])
    way = way_out(path, missing)
    assert way == f"{missing}=9"
    np.testing.assert_array_equal(read_candidates(path, columns=way).frame, rows)


@pytest.mark.parametrize(
    ("names", "order"),
    [
        ("prof_mean,prof_sd,prof_skew,dm_mean,dm_sd,dm_skew,kurt,kurt,y", [0, 1, 2, 4, 5, 6, 3, 7]),
        ("dm_mean,dm_sd,dm_skew,prof_mean,prof_sd,prof_skew,kurt,kurt,y", [4, 5, 6, 0, 1, 2, 7, 3]),
        ("dm_mean,prof_mean,sd,sd,skew,skew,kurt,kurt,y", [4, 0, 5, 1, 6, 2, 7, 3]),
        ("mean,mean,sd,sd,skew,skew,kurt,dm_kurt,y", [0, 4, 1, 5, 2, 6, 3, 7]),
        ("prof_mean,mean,sd,dm_sd,skew,skew,kurt,kurt,y", [0, 4, 1, 5, 2, 6, 3, 7]),
    ],
)
def test_pairs_of_names_without_a_curve_go_in_the_order_in_which_the_curves_stand(
    write: Write, rows: np.ndarray, names: str, order: list[int]
) -> None:
    cells = rows[:, [*order, 8]]
    path = write([names, *(",".join(map(repr, row)) for row in cells.tolist())])
    reading = read_candidates(path)
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows)
    assert all(source.how == "by its name" for source in reading.columns.values())


@pytest.mark.parametrize(
    "names",
    [
        "mean,sd,skew,kurt,mean,sd,skew,kurt,class",
        f"mean,sd,skew,kurt,{DM},class",
        f"prof_mean,sd,prof_skew,prof_kurt,{DM},class",
    ],
)
@pytest.mark.parametrize("place", [0, 4, 9])
def test_of_several_names_without_a_curve_that_in_its_place_is_taken(
    write: Write, rows: np.ndarray, names: str, place: int
) -> None:
    said, sigma = names.split(","), np.random.default_rng(3).uniform(0.5, 3, len(rows))
    cells = np.insert(rows, place, sigma, axis=1)
    said.insert(place, "sigma")
    reading = read_candidates(
        write([",".join(said), *(",".join(map(repr, row)) for row in cells.tolist())])
    )
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows)
    assert all(source.how == "by its name" for source in reading.columns.values())


@pytest.mark.parametrize("mean", ["Mean", "mean_integrated"])
def test_names_of_one_curve_without_it_are_taken_in_any_order(
    write: Write, rows: np.ndarray, mean: str
) -> None:
    rng = np.random.default_rng(0)
    names = f"{mean},sigma,Skewness,Kurtosis,DM Mean,DM sigma,DM Skewness,DM Kurtosis,class,period"
    cells = np.column_stack([rows, rng.uniform(1, 9, len(rows))])
    for _ in range(20):
        order = rng.permutation(10)
        head = ",".join(names.split(",")[at] for at in order)
        lines = [",".join(map(repr, row)) for row in cells[:, order].tolist()]
        reading = read_candidates(write([head, *lines]))
        np.testing.assert_array_equal(reading.frame.to_numpy(), rows)


def test_of_another_statistic_in_the_place_of_a_bare_name_both_ways_out_work(
    write: Write, rows: np.ndarray
) -> None:
    sigma = [repr(value) for value in (rows[:, 1] * 0.9).tolist()]
    names = SHORT.replace("prof_std", "prof_rms").split(",")
    path = write(table(rows, names, sigma=sigma))
    with pytest.raises(ColumnsError, match="column 10 'sigma' may be called") as refused:
        read_candidates(path)
    ways = re.findall(r"--columns (\w+=\d+)", str(refused.value))
    assert ways == ["profile_stdev=10", "profile_stdev=2"]
    for way, factor in zip(ways, (0.9, 1), strict=True):
        found = read_candidates(path, columns=way).frame["profile_stdev"]
        np.testing.assert_array_equal(found.to_numpy(), rows[:, 1] * factor)


PROFILE = "mean_profile,std_profile,skew_profile,kurt_profile"
BARE, CURVE = "mean,std,skew,kurt", "mean_curve,std_curve,skew_curve,kurt_curve"
DM = "dm_mean,dm_std,dm_skew,dm_kurt"


@pytest.mark.parametrize(
    ("names", "row", "taken"),
    [
        (f"{BARE},{DM},pulse_mean,pulse_std", "1,2,3,4,5,6,7,8", "9,10,3,4,5,6,7,8"),
        (f"{PROFILE},{CURVE},mean_dm,std_dm", "1,2,3,4,5,6,7,8", "1,2,3,4,9,10,7,8"),
        (f"{PROFILE},{CURVE},mean_snr,std_snr", "1,2,3,4,5,6,7,8", "1,2,3,4,9,10,7,8"),
        (f"mean_snr,std_snr,{PROFILE},{CURVE}", "3,4,5,6,7,8,9,10", "3,4,5,6,1,2,9,10"),
        (f"{PROFILE},{CURVE},mean_dm", "1,2,3,4,5,6,7,8", "1,2,3,4,9,6,7,8"),
        (f"{PROFILE},{BARE},snr_mean", "1,2,3,4,5,6,7,8", "1,2,3,4,9,6,7,8"),
        (
            f"{BARE},{DM},sb_mean,sb_std,sb_skew,sb_kurt,int_mean,int_std,int_skew,int_kurt",
            "1,2,3,4,5,6,7,8",
            "13,14,15,16,5,6,7,8",
        ),
        (
            f"{PROFILE},{CURVE},snr_mean,snr_std,snr_skew,snr_kurt",
            "1,2,3,4,5,6,7,8",
            "1,2,3,4,9,10,11,12",
        ),
    ],
)
def test_a_name_that_claims_the_place_of_one_in_a_row_of_four_is_refused_with_both_ways_out(
    write: Write, rows: np.ndarray, names: str, row: str, taken: str
) -> None:
    n_more, rng = names.count(",") + 1 - 8, np.random.default_rng(2)
    first = row.startswith("3")
    more = np.round(rng.uniform(5, 60, (len(rows), n_more)), 3)
    more[:, 2::4], more[:, 3::4] = more[:, 2::4] / 100, more[:, 3::4] / 10
    X = np.hstack([more, rows[:, :8]] if first else [rows[:, :8], more])
    path = write(
        [
            f"{names},label",
            *(",".join(map(repr, x)) for x in np.hstack([X, rows[:, 8:]]).tolist()),
        ]
    )
    with pytest.raises(ColumnsError) as refused:
        read_candidates(path)
    assert re.findall(r"--columns ([0-9,]+[0-9])", str(refused.value)) == [row, taken]
    for way in (row, taken):
        read = read_candidates(path, columns=way)
        assert [read.columns[name].position for name in FEATURE_NAMES] == [
            *map(int, way.split(","))
        ]


def test_two_rows_without_a_curve_lead_out_too_where_a_name_claims_two_places(
    write: Write, rows: np.ndarray
) -> None:
    snr = np.round(np.random.default_rng(2).uniform(5, 60, (len(rows), 2)), 3)
    names = "mean,std,skew,kurt,mean.1,std.1,skew.1,kurt.1,mean_snr,std_snr,label"
    X = np.hstack([rows[:, :8], snr, rows[:, 8:]])
    path = write([names, *(",".join(map(repr, x)) for x in X.tolist())])
    with pytest.raises(ColumnsError) as refused:
        read_candidates(path)
    way, other = re.findall(r"--columns ([a-z_0-9=,]+[0-9])", str(refused.value))
    assert (way, other) == ("dm_mean=5,dm_stdev=6", "dm_mean=9,dm_stdev=10")
    read = read_candidates(path, columns=way)
    assert [read.columns[name].position for name in FEATURE_NAMES] == [1, 2, 3, 4, 5, 6, 7, 8]


@pytest.mark.parametrize("extra", ["profile_median", "dm_snr", "mean_period", "DM", "sigma"])
def test_a_row_of_four_is_taken_whole_beside_what_claims_nothing(
    write: Write, rows: np.ndarray, extra: str
) -> None:
    cells = [f"{x:.3f}" for x in np.random.default_rng(2).uniform(5, 60, len(rows))]
    path = write(table(rows, [*f"{PROFILE},{CURVE},label".split(",")], **{extra: cells}))
    read = read_candidates(path)
    assert [read.columns[name].position for name in FEATURE_NAMES] == [1, 2, 3, 4, 5, 6, 7, 8]


def test_two_columns_of_one_name_are_refused_unless_they_are_equal(
    write: Write, rows: np.ndarray
) -> None:
    same = [repr(value) for value in rows[:, 4].tolist()]
    reading = read_candidates(write(table(rows, CANONICAL, DM_mean=same)))
    assert reading.columns["dm_mean"].position == 5
    other = [repr(value + 1) for value in rows[:, 4].tolist()]
    with pytest.raises(ColumnsError, match=r"column 5 'dm_mean' and column 10 'DM_mean' .*--drop"):
        read_candidates(write(table(rows, CANONICAL, DM_mean=other)))
    dropped = read_candidates(write(table(rows, CANONICAL, DM_mean=other)), drop=["10"])
    np.testing.assert_array_equal(dropped.frame.to_numpy(), rows)


def test_counters_and_constants_are_no_features(write: Write, rows: np.ndarray) -> None:
    order = np.random.default_rng(0).permutation(len(rows))
    cells = table(rows, None)
    text = [f"{order[i]},cand{i}.phcx,{line},2.5,{1400 + i}" for i, line in enumerate(cells)]
    reading = read_candidates(write(text))
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows)
    assert reading.columns["profile_mean"].position == 3
    said = reading.warnings[-1]
    assert re.findall(r"column \d+", said) == ["column 1", "column 12", "column 13"]
    assert all(named in said for named in ("no feature", "no label", "ignored"))
    assert list(reading.carried) == ["column_2"]  # what looks like a path


def test_an_extra_measurement_is_found_by_physics(write: Write, rows: np.ndarray) -> None:
    period = np.random.default_rng(1).uniform(300, 9000, len(rows))
    for at in (0, 2, 4, 8):
        cells = [line.split(",") for line in table(rows, None)]
        for row, value in zip(cells, period, strict=True):
            row.insert(at, repr(float(value)))
        reading = read_candidates(write([",".join(row) for row in cells]))
        np.testing.assert_array_equal(reading.frame.to_numpy(), rows)


@pytest.mark.parametrize(
    "names",
    [
        "mean_ip,sd_ip,ec_ip,sw_ip,mean_dm,sd_dm,ec_dm,sw_dm,pulsar",
        "mean,sd,ec,sw,mean_dm,sd_dm,ec_dm,sw_dm,pulsar",
        (
            "Mean_Integrated,SD_Integrated,g3_Integrated,g4_Integrated,"
            "Mean_DMSNR_Curve,SD_DMSNR_Curve,g3_DMSNR_Curve,g4_DMSNR_Curve,Class"
        ),
    ],
)
@pytest.mark.parametrize("order", ["01234567", "04152637", "40516273", "45670123", "30724165"])
def test_columns_of_one_unknown_word_and_that_of_each_curve_are_its_moments_wherever_they_stand(
    write: Write, rows: np.ndarray, names: str, order: str
) -> None:
    rng = np.random.default_rng(3)
    places = [*map(int, order), 8]
    strangers = {
        "P": list(map(repr, np.exp(rng.uniform(-6, 1.5, len(rows))))),
        "width": list(map(repr, rng.uniform(0.01, 0.5, len(rows)))),
    }
    path = write(table(rows[:, places], [names.split(",")[i] for i in places], **strangers))
    reading = read_candidates(path)
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows)


def test_strangers_of_one_word_and_that_of_each_curve_are_no_moments_where_their_values_cannot_be(
    write: Write, rows: np.ndarray
) -> None:
    rng = np.random.default_rng(3)
    names = ["mean_ip", "sd_ip", "V3", "V4", "mean_dm", "sd_dm", "V7", "V8", "label"]
    strangers = ["width_ip", "width_dm", "err_ip", "err_dm"]
    extra = {name: list(map(repr, rng.uniform(0, 1, len(rows)))) for name in strangers}
    reading = read_candidates(write(table(rows, names, **extra)))
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows)


def test_moments_of_one_word_are_told_by_it_though_some_of_their_cells_are_wrong(
    write: Write, rows: np.ndarray
) -> None:
    rng = np.random.default_rng(3)
    names = ["mean_ip", "mean_dm", "sd_ip", "sd_dm", "ec_ip", "ec_dm", "sw_ip", "sw_dm", "pulsar"]
    cells = rows[:, [0, 4, 1, 5, 2, 6, 3, 7, 8]]
    cells[::50, 5] = -999
    width = list(map(repr, rng.uniform(0.01, 0.5, len(rows))))
    reading = read_candidates(write(table(cells, names, width=width)))
    assert reading.columns["dm_skewness"].position == 6
    assert reading.columns["dm_kurtosis"].position == 8


@pytest.mark.parametrize(
    ("free", "told"),
    [
        ("ec_ip sw_ip ec_dm sw_dm width", "ec_ip sw_ip ec_dm sw_dm"),
        ("ec_ip sw_ip ec_dm swdm w_ip w_dm", ""),  # a slip parted sw from its partner
        ("ec_ip sw_ip ec_dm sw_dm w_ip", ""),
    ],
)
def test_pairs_of_names_tell_the_moments_where_no_other_is_of_a_curve(free: str, told: str) -> None:
    named: Any = {
        f"{curve}_{one}": SimpleNamespace(name=f"{one}_{word}")
        for curve, word in (("profile", "ip"), ("dm", "dm"))
        for one in ("mean", "stdev")
    }
    columns: Any = [SimpleNamespace(name=name) for name in free.split()]
    assert {column.name for column in told_alike(columns, named)} == set(told.split())


def test_two_possible_readings_are_both_named(write: Write, rows: np.ndarray) -> None:
    cells = [line.split(",") for line in table(rows, None)]
    for row in cells:
        row.insert(1, repr(float(row[1]) * 0.99))
    path = write([",".join(row) for row in cells])
    with pytest.raises(ColumnsError) as refused:
        read_candidates(path)
    offers = re.findall(r"--columns ([\d,]+\d)", str(refused.value))
    assert {"1,2,4,5,6,7,8,9", "1,3,4,5,6,7,8,9"} == set(offers)
    reading = read_candidates(path, columns="1,3,4,5,6,7,8,9")
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows)
    assert reading.columns["profile_stdev"].how == "given by --columns"
    assert reading.columns["label"].how == "by its values"


FOREIGN = "media_p,desv_p,asim_p,curt_p,media_c,desv_c,asim_c,curt_c"


@pytest.mark.parametrize(
    ("names", "first"),
    [
        ("DM,DM_sigma,f1,f2,f3,f4,f5,f6,f7,f8", 3),
        (f"{FOREIGN},dm_sigma", 1),
        ("V1,V2,V3,V4,V5,V6,V7,V8,dm_sigma", 1),
        ("V1,V2,V3,V4,V5,V6,V7,V8,mean_snr,std_snr", 1),
        ("f1,f2,f3,f4,f5,f6,f7,f8,snr_mean", 1),
    ],
)
@pytest.mark.parametrize("dm_first", [False, True])
def test_beside_a_name_that_says_a_statistic_eight_in_a_row_are_offered_first(
    write: Write, rows: np.ndarray, names: str, first: int, *, dm_first: bool
) -> None:
    rng, n_more = np.random.default_rng(3), names.count(",") + 1 - 8
    more = np.round(rng.uniform([20, 1][:n_more], [90, 5][:n_more], (len(rows), n_more)), 3)
    X = rows[:, [4, 5, 6, 7, 0, 1, 2, 3]] if dm_first else rows[:, :8]
    X = np.hstack([more, X] if first > 1 else [X, more])
    path = write(
        [f"{names},label", *(",".join(map(repr, x)) for x in np.hstack([X, rows[:, 8:]]).tolist())]
    )
    with pytest.raises(ColumnsError) as refused:
        read_candidates(path)
    way = re.findall(r"--columns ([0-9,]+[0-9])", str(refused.value))[0]
    read = read_candidates(path, columns=way)
    np.testing.assert_array_equal(read.frame[[*FEATURE_NAMES]], rows[:, :8])


def test_names_that_are_known_limit_the_readings(write: Write, rows: np.ndarray) -> None:
    names = ["Profile_mean", "b", "c", "d", "DM_mean", "f", "g", "h", "class"]
    other = [repr(float(value)) for value in np.linspace(1, 200, len(rows))]
    reading = read_candidates(write(table(rows, names, depth=other)))
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows)
    assert reading.columns["dm_mean"].how == "by its name"
    assert reading.columns["dm_stdev"].how == "by its values and place"


def test_columns_that_break_physics_are_refused(write: Write, rows: np.ndarray) -> None:
    wrong = rows[:, [3, 2, 1, 0, 7, 6, 5, 4, 8]]
    with pytest.raises(ColumnsError, match="no choice of eight"):
        read_candidates(write(table(wrong, None)))
    with pytest.raises(ColumnsError, match="no choice of eight"):
        read_candidates(write(table(wrong, None, extra=[repr(v) for v in rows[:, 0].tolist()])))


def test_too_many_columns_are_not_searched(write: Write, rows: np.ndarray) -> None:
    rng = np.random.default_rng(2)
    extra = {f"x{i}": [repr(v) for v in rng.normal(size=len(rows)).tolist()] for i in range(20)}
    with pytest.raises(ColumnsError, match="28 unnamed columns"):
        read_candidates(write(table(rows, [*"abcdefgh", "class"], **extra)))


@pytest.mark.parametrize(
    "columns",
    [
        "8,7,6,5,4,3,2,1,9",
        "h,g,f,e,d,c,b,a,class",
        (
            "profile_mean=8,profile_stdev=g,profile_skewness=6,profile_kurtosis=5,dm_mean='d',"
            "dm_stdev=3,dm_skewness=B,dm_kurtosis=1,label=class"
        ),
    ],
)
def test_the_user_says_which_column_is_what(write: Write, rows: np.ndarray, columns: str) -> None:
    mirrored = rows[:, [7, 6, 5, 4, 3, 2, 1, 0, 8]]
    path = write(table(mirrored, [*"abcdefgh", "class"]))
    reading = read_candidates(path, columns=columns)
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows)
    assert {source.how for source in reading.columns.values()} == {"given by --columns"}


def test_pairs_may_be_few(write: Write, rows: np.ndarray) -> None:
    names = ["what", *CANONICAL[1:]]
    reading = read_candidates(write(table(rows, names)), columns="profile_mean=what")
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows)


@pytest.mark.parametrize(
    ("columns", "error", "says"),
    [
        ("1,2,3", ParameterError, "3 entries"),
        ("1,2,3,4,5,6,7,7", ParameterError, "'7' for both dm_skewness and dm_kurtosis"),
        ("mean=1", ParameterError, "'mean' is no canonical column"),
        ("1,2,3,4,5,6,7,dm_mean", ParameterError, "takes column 5 'dm_mean' for both"),
        ("dm_mean=1,dm_mean=2", ParameterError, "gives dm_mean twice"),
        ("1,2,3,4,5,6,7,77", ColumnsError, "no column '77'; there are: 1 'profile_mean'"),
        ("dm_mean=dm_maen", ColumnsError, "did you mean 'dm_mean'"),
        ("label=profile_stdev", LabelError, "column 2 'profile_stdev' should be the label"),
    ],
)
def test_a_wrong_choice_is_explained(
    write: Write, rows: np.ndarray, columns: str, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        read_candidates(write(table(rows, CANONICAL)), columns=columns)


def test_a_position_is_needed_where_a_name_stands_twice(write: Write, rows: np.ndarray) -> None:
    twice = table(rows, [*CANONICAL, "note", "note"])
    path = write([twice[0], *(f"{line},5,6.5" for line in twice[1:])])
    with pytest.raises(ColumnsError, match="2 columns are called 'note'"):
        read_candidates(path, drop=["note"])
    assert "column 11" in read_candidates(path, drop=["10"]).warnings[-1]


@pytest.mark.parametrize(
    ("no", "yes"), [("0", "1"), ("1", "0"), ("star", "pulsar"), ("0.5", "7"), ("False", "True")]
)
def test_a_column_that_repeats_the_label_is_leakage(
    write: Write, rows: np.ndarray, no: str, yes: str
) -> None:
    copy = [yes if value else no for value in rows[:, 8]]
    for names in (CANONICAL, None):
        path = write(table(rows, names, kind=copy))
        with pytest.raises(LeakageError, match=r"column 10.*column 9.*--drop ('kind'|10)"):
            read_candidates(path)
        reading = read_candidates(path, drop=["kind" if names else "10"])
        np.testing.assert_array_equal(reading.frame.to_numpy(), rows)


@pytest.mark.parametrize(
    ("names", "other"),
    [(None, ""), ([f"f{i}" for i in range(9)], "f9"), (CANONICAL, "target")],
)
@pytest.mark.parametrize("words", [("1", "0"), ("1.0", "0.0"), ("Yes", "No")])
@pytest.mark.parametrize("turned", [True, False])
def test_of_two_labels_that_are_opposites_both_ways_out_are_named_the_rarer_pulsars_first(
    write: Write,
    rows: np.ndarray,
    names: list[str] | None,
    other: str,
    words: tuple[str, str],
    *,
    turned: bool,
) -> None:
    held = rows.copy()
    held[:, 8] = 1 - rows[:, 8] if turned else rows[:, 8]
    path = write(table(held, names, **{other: [words[int(label)] for label in held[:, 8]]}))
    handles = [f"'{names[8]}'", f"'{other}'"] if names else ["9", "10"]
    first, second = handles if turned else handles[::-1]
    with pytest.raises(LeakageError, match=f"--drop {first}.*--drop {second}") as refusal:
        read_candidates(path)
    n_pulsars = int(rows[:, 8].sum())
    assert f"{n_pulsars} rows" in str(refusal.value)
    assert f"{len(rows) - n_pulsars} by" in str(refusal.value)
    for handle, label in ((first, rows[:, 8]), (second, 1 - rows[:, 8])):
        reading = read_candidates(path, drop=[handle])
        np.testing.assert_array_equal(reading.frame["label"], label)


def test_of_a_label_that_no_name_tells_the_refusal_of_a_copy_says_how_many_are_pulsars(
    write: Write, rows: np.ndarray
) -> None:
    turned = rows.copy()
    turned[:, 8] = 1 - rows[:, 8]
    path = write(table(turned, None, kind=["rfi" if one else "psr" for one in turned[:, 8]]))
    n_others = int(turned[:, 8].sum())
    with pytest.raises(LeakageError, match=f"--drop 10.*{n_others} of {len(rows)} rows"):
        read_candidates(path)


def test_of_two_columns_of_one_name_the_way_out_names_a_place(
    write: Write, rows: np.ndarray
) -> None:
    twice = table(rows, [*CANONICAL, CANONICAL[-1]])
    path = write([twice[0], *(f"{line},{line.split(',')[8]}" for line in twice[1:])])
    with pytest.raises(LeakageError, match="--drop 10"):
        read_candidates(path)
    np.testing.assert_array_equal(read_candidates(path, drop=["10"]).frame.to_numpy(), rows)


def test_a_copy_with_gaps_is_leakage_and_a_coincidence_is_not(
    write: Write, rows: np.ndarray
) -> None:
    copy = [f"{value:.0f}" if i % 3 else "" for i, value in enumerate(rows[:, 8])]
    with pytest.raises(LeakageError):
        read_candidates(write(table(rows, CANONICAL, kind=copy)))
    few = [cell if i < 30 else "" for i, cell in enumerate(copy)]
    assert read_candidates(write(table(rows, CANONICAL, kind=few))).labelled
    flag = [str(i % 2) for i in range(len(rows))]
    reading = read_candidates(write(table(rows, CANONICAL, flag=flag)))
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows)


@pytest.mark.parametrize("turned", [True, False])
def test_of_a_larger_file_the_refusal_of_a_copy_says_how_many_rows_were_looked_at(
    write: Write, rows: np.ndarray, monkeypatch: pytest.MonkeyPatch, *, turned: bool
) -> None:
    monkeypatch.setattr(ranges, "SAMPLE_ROWS", 160)
    other = rows[:, 8] != turned
    other[10:15] = ~other[10:15]  # between the first two of 16 stretches
    path = write(table(rows, None, kind=[f"{value:d}" for value in other]))
    with pytest.raises(LeakageError, match="of 160 looked at"):
        read_candidates(path)


@pytest.mark.parametrize("names", [None, [*CANONICAL[:8], "class"]])
def test_two_different_label_columns_are_both_named(
    write: Write, rows: np.ndarray, names: list[str] | None
) -> None:
    flag = [str(i % 2) for i in range(len(rows))]
    path = write(table(rows, names, target=flag))
    with pytest.raises(ColumnsError, match=r"column 9.* and column 10.* can both be the label"):
        read_candidates(path)
    reading = read_candidates(path, columns="1,2,3,4,5,6,7,8,9")
    np.testing.assert_array_equal(reading.frame.to_numpy(), rows)


def test_an_unknown_label_is_never_coerced(write: Write, rows: np.ndarray) -> None:
    for names in (CANONICAL, None):
        text = table(rows, names)
        first = len(text) - len(rows)
        for row, cell in enumerate(["2", "0.5", "maybe", "", "-1", "1.0", " 0 "]):
            text[first + row] = text[first + row][:-1] + cell
        reading = read_candidates(write(text))
        assert reading.frame["label"][:5].isna().all()
        assert reading.frame["label"][5:7].tolist() == [1, 0]
        assert reading.cells["value"].tolist() == ["2", "0.5", "maybe", "", "-1"]
        assert set(reading.cells["why"]) == {"is no known label", "is missing"}


@pytest.mark.parametrize(
    "name",
    ["!pulsar", "~pulsar", "¬pulsar", "pulsar?", "非pulsar", "!label", "not_pulsar", "non-pulsar"],
)
def test_a_name_that_may_say_not_is_no_label_s(write: Write, rows: np.ndarray, name: str) -> None:
    reading = read_candidates(write(table(rows, [*CANONICAL[:8], name])))
    assert not reading.labelled
    assert f'--columns "label={name}"' in (reading.label_hint or "")


@pytest.mark.parametrize("name", ["is.pulsar", "(label)", "Target: class", "true_label.1", "'y'"])
def test_marks_that_say_nothing_leave_a_label_s_name_one(
    write: Write, rows: np.ndarray, name: str
) -> None:
    reading = read_candidates(write(table(rows, [*CANONICAL[:8], name])))
    assert reading.columns["label"].how == "by its name"


@pytest.mark.parametrize("values", [("1", "2"), ("a", "b"), ("-1", "1"), ("0.3", "0.7")])
def test_a_label_in_no_known_encoding_is_refused(
    write: Write, rows: np.ndarray, values: tuple[str, str]
) -> None:
    text = table(rows, [*CANONICAL[:8], "class"])
    text[1:] = [line[:-1] + values[int(line[-1])] for line in text[1:]]
    with pytest.raises(LabelError, match=rf"column 9 'class'.*'{values[0]}'.*--drop 'class'"):
        read_candidates(write(text))
    assert not read_candidates(write(text), drop=["class"]).labelled


def test_an_empty_or_absent_label_means_unlabelled(write: Write, rows: np.ndarray) -> None:
    text = table(rows, CANONICAL)
    empty = read_candidates(write([text[0], *(line[:-1] for line in text[1:])]))
    assert not empty.labelled
    assert empty.cells.empty
    (said,) = empty.warnings
    assert all(named in said for named in ("column 9 'label'", "empty", "unlabelled"))
    chosen = read_candidates(
        write([text[0], *(line[:-1] for line in text[1:])]), columns="1,2,3,4,5,6,7,8,9"
    )
    assert not chosen.labelled
    absent = read_candidates(write([line.rsplit(",", 1)[0] for line in text[1:]]))
    assert not absent.labelled
    np.testing.assert_array_equal(absent.frame.to_numpy(), rows[:, :8])


def test_an_empty_column_beside_the_label_makes_no_candidates_unlabelled(
    write: Write, rows: np.ndarray
) -> None:
    reading = read_candidates(write(table(rows, CANONICAL, truth=[""] * len(rows))))
    assert reading.labelled
    assert reading.warnings == ()


def test_one_class_is_a_label_even_without_a_name(write: Write, rows: np.ndarray) -> None:
    reading = read_candidates(write(table(rows[rows[:, 8] == 0], None)))
    assert reading.labelled
    assert (reading.frame["label"] == 0).all()


def test_columns_of_which_thousands_of_choices_fit_are_refused_soon(
    write: Write, rows: np.ndarray
) -> None:
    triples = [rows[:, i] * (1 + 0.0005 * k) for i in range(8) for k in range(3)]
    text = [",".join(map(repr, row.tolist())) for row in np.column_stack(triples)]
    start = time.process_time()
    with pytest.raises(ColumnsError, match=r"more than one reading .*--columns .*--columns "):
        read_candidates(write(text))
    assert time.process_time() - start < 10  # once 6,561 readings and more were listed


@pytest.mark.parametrize("other", ["profile_variance", "RMS of the profile", "median_pf"])
def test_another_statistic_by_name_is_none_of_the_eight(
    write: Write, rows: np.ndarray, other: str
) -> None:
    names = [other if name == "profile_stdev" else name for name in CANONICAL]
    with pytest.raises(ColumnsError, match=f"no column is called profile_stdev.*{other}"):
        read_candidates(write(table(rows, names)))
    given = read_candidates(write(table(rows, names)), columns="profile_stdev=2")
    np.testing.assert_array_equal(given.frame.to_numpy(), rows)


def test_a_plain_text_is_one_value_and_not_its_letters(write: Write, rows: np.ndarray) -> None:
    path = write(table(rows, [*CANONICAL[:8], "class"], beam=["7"] * len(rows)))
    assert list(read_candidates(path, keep="all").carried) == ["beam"]
    assert not read_candidates(path, drop="class").labelled
    lines = [line[:-1] + f"1{line[-1]}" for line in table(rows, CANONICAL)[1:]]
    path = write([",".join(CANONICAL), *lines])
    reading = read_candidates(path, pulsar_is="11", not_pulsar_is="10")
    np.testing.assert_array_equal(reading.frame["label"], rows[:, 8])


@pytest.mark.parametrize("word", ["Pearson", "exces", "", None, 3])
def test_a_word_for_no_kurtosis_is_refused(write: Write, rows: np.ndarray, word: str) -> None:
    path = write(table(rows, CANONICAL))
    with pytest.raises(ParameterError, match="auto, excess and pearson"):
        read_candidates(path, kurtosis=word)
    with pytest.raises(ParameterError, match="auto, excess and pearson"):
        check_file(str(path), max_quarantine=0.05, columns=None, drop=(), kurtosis=word)


@pytest.mark.parametrize("option", ["keep", "drop"])
def test_a_statistic_that_an_option_took_is_named_with_the_option(
    write: Write, rows: np.ndarray, option: str
) -> None:
    with pytest.raises(ColumnsError, match=f"--{option} took column 5 'dm_mean'"):
        read_candidates(write(table(rows, CANONICAL)), **{option: ("dm_mean",)})
