"""A catalogue of known pulsars is read as it is exported, and what is none is said."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from pulsars.reading.identity.catalogue import Pulsars, read_pulsars
from schemas.errors import CatalogueError, DataError
from schemas.outside import for_name

PLAIN = """name,ra,dec,period,dm
J0437-4715,04:37:15.9,-47:15:09,0.005757,2.64
B1937+21,19:39:38.56,+21:34:59.1,0.0015578,71.0
J0007+7303,00:07:01.7,+73:03:07.4,0.3158,*
"""
SHORT_CSV = """#;NAME;;RAJ;;DECJ;;P0;;DM;;
;;;(hms);;(dms);;(s);;(cm^-3 pc);;
1;J0437-4715;jlh+93;04:37:15.9;6;-47:15:09;7;0.005757;0;2.64;0
2;B1937+21;bkh+82;19:39:38.56;2;+21:34:59.1;4;0.0015578;14;71.0;55
3;J0007+7303;aaa+09c;00:07:01.7;2;+73:03:07.4;8;0.3158;8;*;0
"""
IN_DEGREES = """# known pulsars, of today; not all
# and	more
DM\tPSRJ\tRAJD\tDECJD\tP (ms)
2.64\tJ0437-4715\t69.31625\t-47.2525\t5.757
71.0\tB1937+21\t294.910667\t21.583083\t1.5578
\tJ0007+7303\t1.757083\t73.052056\t315.8
"""


def read(tmp_path: Path, text: str | bytes, name: str = "known.csv") -> Pulsars:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_pulsars(path, name=name)


@pytest.mark.parametrize(
    "text",
    [PLAIN, SHORT_CSV, IN_DEGREES, gzip.compress(PLAIN.encode()), PLAIN.replace("\n", "\r\n")],
)
def test_a_catalogue_means_the_same_however_it_is_written(tmp_path: Path, text: str) -> None:
    found = read(tmp_path, text)
    assert found.names.tolist() == ["J0437-4715", "B1937+21", "J0007+7303"]
    np.testing.assert_allclose(found.ra, [69.31625, 294.910667, 1.757083], atol=1e-6)
    np.testing.assert_allclose(found.dec, [-47.2525, 21.583083, 73.052056], atol=1e-6)
    np.testing.assert_allclose(found.period, [0.005757, 0.0015578, 0.3158], rtol=1e-12)
    np.testing.assert_array_equal(found.dm, [2.64, 71.0, np.nan])


@pytest.mark.parametrize(
    ("ra", "dec"), [("_RAJ2000", "_DEJ2000"), ("RAdeg", "DEdeg"), ("RA_ICRS", "DE_ICRS")]
)
def test_a_catalogue_of_vizier_has_positions(tmp_path: Path, ra: str, dec: str) -> None:
    found = read(tmp_path, IN_DEGREES.replace("RAJD", ra).replace("DECJD", dec))
    np.testing.assert_allclose(found.ra, [69.31625, 294.910667, 1.757083])
    np.testing.assert_allclose(found.dec, [-47.2525, 21.583083, 73.052056])
    assert found.notes == ()


def test_a_catalogue_of_half_a_position_says_so(tmp_path: Path) -> None:
    found = read(tmp_path, PLAIN.replace("dec", "delta"))
    assert not found.placed.any()
    assert found.notes[-1].endswith("call its column dec")


def test_rows_that_are_wrong_are_left_out_and_named(tmp_path: Path) -> None:
    wrong = "J1,24:99,1,0.5,3\nJ2,1,2,abc,3\nJ3,1,2,0.5,much\n,1,2,0.5,3\nJ4,1,2,-0.5,3\n"
    found = read(tmp_path, PLAIN + wrong + "J5,10,20,0.7,5\nJ6,10,20,0.7\nJ7,10,20,0.7,5,,\n")
    assert found.names[3:].tolist() == ["J5", "J6", "J7"]
    (_, said) = found.notes
    assert said.startswith("5 rows")
    assert "line 5 has the ra '24:99'" in said
    assert "line 6 has the period 'abc'" in said
    assert "and 2 more" in said


def test_by_their_values_periods_are_seconds_or_milliseconds(tmp_path: Path) -> None:
    rows = [f"J{n},1,2,{{}},3" for n in range(3)]
    for periods, said in (((0.7, 1.5, 0.03), 0.7), ((700, 1500, 30), 0.7)):
        text = "\n".join(["name,ra,dec,p0,dm", *map(str.format, rows, map(str, periods))])
        found = read(tmp_path, text)
        assert found.period[0] == pytest.approx(said)
        assert len(found.notes) == 1
    with pytest.raises(CatalogueError, match="period_s or period_ms"):
        read(tmp_path, "name,ra,dec,p0,dm\nA,1,2,5,3\n")


def test_a_catalogue_in_parquet_is_told_to_be_text(tmp_path: Path) -> None:
    (tmp_path / "known.parquet").write_bytes(b"PAR1\x15" + bytes(100))
    with pytest.raises(CatalogueError, match=r"known\.parquet is a Parquet file; save .* as CSV"):
        read_pulsars(tmp_path / "known.parquet", name="known.parquet")


@pytest.mark.parametrize("unit", ["(h)", "(s^-1)", "(\u202e)"])
def test_a_unit_that_is_not_known_is_refused_by_name(tmp_path: Path, unit: str) -> None:
    with pytest.raises(CatalogueError, match="not known") as refused:
        read(tmp_path, SHORT_CSV.replace("(s)", unit))
    assert for_name(unit) in str(refused.value)
    assert "P0" in str(refused.value)


def test_periods_called_as_atnf_calls_them_are_seconds_whatever_their_values(
    tmp_path: Path,
) -> None:
    rows = "A,1,2,700,3\nB,1,2,5,3\n"
    for header, first in (("P0", 700), ("p0", 0.7), ("P0_ms", 0.7)):
        found = read(tmp_path, f"name,ra,dec,{header},dm\n{rows}")
        assert found.period[0] == pytest.approx(first)
        assert len(found.notes) == (header == "p0")
    found = read(tmp_path, f"name,ra,dec,P0,dm\n,,,(ms),\n{rows}")
    assert found.period[0] == pytest.approx(0.7)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("no columns\nat all\n", "no line has cells"),
        ("name,ra,dec\nA,1,2\n", "no column is the period"),
        ("name,period\nA,0.5\n", "position (ra and dec) nor a dm"),
        ("1,2,0.5,3\n1,2,0.5,3\n", "no column is the name and period"),
        ("name,period,dm\n", "no pulsar below it"),
        ("name,period,dm" + ",x" * 1000 + "\nA,0.5,1\n", "1,003 columns"),
        ("name,period,dm\nA,x,1\nB,0.5,1\n", "line 2 has the period 'x'"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"PK\x03\x04nonsense", "damaged zip"),
        (gzip.compress(PLAIN.encode())[:-20], "damaged gzip"),
        (gzip.compress(b"name,period,dm\n" * 9_000_000), "unpacks to"),
        (b"name,period,dm\n\x00\n", "NUL"),
    ],
)
def test_what_is_no_catalogue_is_refused_in_a_sentence(
    tmp_path: Path, text: str | bytes, said: str
) -> None:
    with pytest.raises(CatalogueError) as refused:
        read(tmp_path, text)
    assert said in str(refused.value)
    assert str(refused.value).startswith("--known known.csv")


def test_a_catalogue_that_is_none_is_no_fault_of_a_candidate_file(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError) as refused:
        read_pulsars(tmp_path / "nowhere.csv", name="nowhere.csv")
    assert "no such file" in str(refused.value)
    assert not isinstance(refused.value, DataError), "or an inbox would set the file aside"


def test_a_name_that_a_terminal_would_obey_is_made_harmless(tmp_path: Path) -> None:
    found = read(tmp_path, PLAIN.replace("B1937+21", "B19\x1b[2J" + "x" * 900))
    assert found.names[1].startswith(r"B19\x1b[2J")
    assert len(found.names[1]) <= 200
