"""prepfold's files: read as they were written, whatever the byte order, and refused when not."""

from __future__ import annotations

import re
import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from benchmarks.folds import naive
from pulsars.folds.counts import byte_order_of
from pulsars.folds.dedispersing import fold_of
from pulsars.folds.fold import Fold
from pulsars.folds.measuring import measure
from pulsars.folds.opening import kind_of, read_fold
from pulsars.folds.prepfold import COUNTS, ByteOrder, Prepfold, pack, write_pfd
from pulsars.folds.unpacking import unpack
from schemas import FoldError, breaks_moments
from tests.pulsars.folds.strategies import prepfold, prepfolds

ORDERS: list[ByteOrder] = ["<", ">"]
ORDER = st.sampled_from(ORDERS)
WHOLE = pack(prepfold())
N_DATA = 8 * (9 + 1 + 1 + 4 * 8 * (32 + 7))


@settings(max_examples=50, deadline=None)
@given(pfd=prepfolds(), order=ORDER, with_position=st.booleans())
@example(pfd=prepfold(ra="", dec=""), order="<", with_position=True)
@example(pfd=prepfold(ra="", dec=""), order=">", with_position=False)
def test_what_is_written_is_read_in_either_byte_order_with_and_without_a_position(
    pfd: Prepfold, order: ByteOrder, *, with_position: bool
) -> None:
    content = pack(pfd, byte_order=order, with_position=with_position)
    found = unpack(content, name="a.pfd")
    assert byte_order_of(content) == order
    assert (found.name, found.telescope) == (pfd.name, pfd.telescope)
    assert (found.ra, found.dec) == ((pfd.ra, pfd.dec) if with_position else ("", ""))
    assert (found.dm, found.n_channels) == (pfd.dm, pfd.n_channels)
    for field in ("dms", "profiles", "variances"):
        assert np.array_equal(getattr(found, field), getattr(pfd, field))


@settings(max_examples=50, deadline=None)
@given(pfd=prepfolds(), order=ORDER, with_position=st.booleans())
def test_curves_are_those_of_the_naive_loops(
    pfd: Prepfold, order: ByteOrder, *, with_position: bool
) -> None:
    content = pack(pfd, byte_order=order, with_position=with_position)
    fold = fold_of(pfd, name="a.pfd")
    assume(fold.dm_curve.std() > 1e-3 * fold.dm_curve.mean())  # else all digits cancel
    profile, curve = naive.curves(content, order=order, position=with_position)
    # A delay that falls between two bins may be rounded either way; few do.
    assert np.mean(np.isclose(fold.dm_curve, curve, rtol=2e-7)) > 0.9
    np.testing.assert_allclose(fold.profile, profile, atol=1e-8)
    measured = measure(read_fold(content, name="a.pfd"))
    np.testing.assert_allclose(measured[:4], naive.statistics(profile), rtol=1e-9, atol=1e-9)


def test_statistics_are_those_of_the_naive_loops() -> None:
    found = measure(read_fold(WHOLE, name="a.pfd"))
    expected = naive.eight(WHOLE)
    np.testing.assert_allclose(found[:4], expected[:4], rtol=1e-9)
    np.testing.assert_allclose(found[4:], expected[4:], rtol=1e-4)  # in single precision


CHI2 = st.floats(2.0**-46, 2.0**26, width=32)


@given(low=CHI2, high=CHI2, n=st.integers(1, 99))
@example(low=1000.0, high=float(np.float32(1000.01)), n=3)  # digits cancel
@example(low=1e-9, high=2e-9, n=30)  # a fourth power is as good as 0
@example(low=1.0, high=2.0, n=30)
def test_a_dm_curve_of_two_values_has_the_moments_of_a_coin(
    low: float, high: float, n: int
) -> None:
    """What equality holds for in kurtosis ≥ skewness² − 2 breaks it by any error of rounding."""
    assume(low != high)
    curve = np.repeat(np.array([low, high], np.float32), [n, 100 - n])
    found = measure(Fold(kind="pfd", profile=np.arange(9.0), dm_curve=curve))[4:]
    p = (100 - n) / 100
    spread = np.sqrt(p * (1 - p))
    mean = (1 - p) * float(curve[0]) + p * float(curve[-1])
    stdev = abs(float(curve[-1]) - float(curve[0])) * spread
    np.testing.assert_allclose(found[:2], [mean, stdev], rtol=1e-6)
    skewness = (1 - 2 * p) / spread * np.sign(high - low)
    np.testing.assert_allclose(found[2:], [skewness, spread**-2 - 6], rtol=1e-6, atol=1e-6)
    assert not breaks_moments(*found[2:])


@settings(max_examples=50, deadline=None)
@given(pfd=prepfolds())
def test_statistics_in_single_precision_are_taken_where_they_are_those_in_double(
    pfd: Prepfold,
) -> None:
    fold = fold_of(pfd, name="a.pfd")
    assume(np.ptp(fold.dm_curve) > 0)
    in_double = measure(replace(fold, dm_curve=fold.dm_curve.astype(np.float64)))
    np.testing.assert_allclose(measure(fold), in_double, rtol=1e-6, atol=1e-6)


def test_a_dispersed_pulse_is_lined_up_at_its_dm_and_found_there() -> None:
    shape = (3, 16, 64)
    frequencies = 1182.0 + 400.0 / 16 * np.arange(1, 17) - 400.0 / 64
    lags = 40.0 / 0.000241 * (frequencies**-2 - frequencies.max() ** -2) * 10.0 * 64
    cube = np.zeros(shape)
    for band, lag in enumerate(np.floor(lags + 0.5).astype(int)):
        cube[:, band, (20 + lag) % 64] = 5.0
    fold = fold_of(prepfold(shape=shape, profiles=cube, variances=np.ones(shape[:2])), name="x")
    assert fold.profile.argmax() == 20
    assert np.count_nonzero(fold.profile) == 1
    assert fold.dms is not None
    assert abs(fold.dms[fold.dm_curve.argmax()] - 40.0) < 1.0
    for picture in (fold.sub_bands, fold.sub_integrations):
        assert picture is not None
        assert set(np.nonzero(picture)[1]) == {20}


@pytest.mark.parametrize("length", [0, 3, 47, 48, 60, 130, len(WHOLE) - N_DATA, len(WHOLE) - 1])
def test_a_file_that_is_cut_short_is_refused(length: int) -> None:
    with pytest.raises(FoldError, match=r"^a\.pfd, byte \d"):
        unpack(WHOLE[:length], name="a.pfd")


def test_a_file_that_is_too_long_is_refused_with_both_lengths() -> None:
    with pytest.raises(FoldError) as refused:
        unpack(WHOLE + b"\0", name="a.pfd")
    assert f"{N_DATA + 1:,} bytes follow" in str(refused.value)
    assert f"says {N_DATA:,}" in str(refused.value)


LEAST = (1, 0, 0, 1, 1, 2, 1, 0, 0, 0, 0, 0)
ABSURD = [
    (place, count)
    for place, least in enumerate(LEAST)
    for count in (-5, least - 1, (1 << 20) + 1, 2**31 - 1)
]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(("place", "count"), ABSURD)
def test_an_absurd_count_is_named_with_its_byte_and_bounds(
    place: int, count: int, order: ByteOrder
) -> None:
    content = bytearray(pack(prepfold(), byte_order=order))
    struct.pack_into(f"{order}i", content, 4 * place, count)
    assert kind_of(bytes(content)) == "pfd"
    with pytest.raises(FoldError) as refused:
        read_fold(bytes(content), name="a.bin")
    bounds = f"it must be from {LEAST[place]} to 1,048,576"
    assert f"a.bin, byte {4 * place}: {COUNTS[place]} is {count:,}; {bounds}" in str(refused.value)


def test_what_is_called_a_fold_and_is_no_text_is_one_however_many_counts_are_absurd() -> None:
    content = struct.pack("<12i", 9, -1, 1, 0, *[0] * 8) + WHOLE[48:]
    assert [kind_of(content, name=name) for name in ("a.pfd", "b.PFD.gz", "a.bin", "")] == [
        *("pfd", "pfd", None, None)
    ]
    with pytest.raises(FoldError, match=r"a\.pfd, byte 4: numperiods is -1;.* from 0 to 1,048,576"):
        read_fold(content, name="a.pfd")
    with pytest.raises(FoldError, match="byte 0: it ends after 9 of 48 bytes"):
        read_fold(content[:9], name="a.pfd")
    table = "1,2,3\n" * 50
    others = [b"", table.encode(), table.encode("utf-16"), table.encode("utf-32"), b"PAR1\0\0"]
    assert [kind_of(one, name="a.pfd") for one in others] == [None] * 5


def test_zeros_and_numbers_that_begin_nearly_as_a_fold_are_none() -> None:
    absurd = struct.pack("<12i", 9, -1, *[2] * 10)
    numbers = np.arange(4, 400, dtype="<i4").tobytes()
    for content in (bytes(400), numbers, absurd, absurd + b"\1", absurd + bytes(300)):
        assert kind_of(content) is None


@pytest.mark.parametrize("n_channels", [7, 9, 31, 33])
def test_channels_that_are_no_multiple_of_the_sub_bands_are_refused(n_channels: int) -> None:
    with pytest.raises(FoldError) as refused:
        read_fold(pack(prepfold(n_channels=n_channels)), name="a.pfd")
    for said in ("a.pfd, byte 24: numchan is", f"is {n_channels};", "nsub, 8 at byte 12"):
        assert said in str(refused.value)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"low_frequency": 0.9}, "lofreq is 0.9; it must be from 1 to 1e+06"),
        ({"low_frequency": -1182.0}, "lofreq is -1182.0"),
        ({"channel_width": -0.4}, "chan_wid is -0.4; it must be from 1e-09 to 1108.12, 30 lof"),
        ({"channel_width": 0.0}, "chan_wid is 0.0"),
        ({"channel_width": 1200.0}, "chan_wid is 1200.0"),
        ({"dm": 80.5}, "bestdm is 80.5; the trial DMs go from 0.0 to 80.0"),
        ({"dm": -40.0}, "bestdm is -40.0"),
        ({"fold_frequency": 15.5}, "fold_p1 is 15.5 turns a second, and the best period 0.1 s"),
        ({"fold_frequency": 6.0}, "fold_p1 is 6.0"),
        ({"fold_frequency": -10.0}, "fold_p1 is -10.0; it must be from 1e-06 to 100000"),
        ({"period": 0.0, "fold_frequency": 1e6}, "fold_p1 is 1000000.0"),
        ({"dms": np.linspace(-10.0, 70.0, 9)}, "the first trial DM is -10.0"),
        ({"dms": np.linspace(80.0, 0.0, 9)}, "trial DM 80.0 is followed by 70.0"),
        ({"dms": np.r_[0.0:70.0:8j, 160.0]}, "trial DM 70.0 is followed by 160.0"),
        ({"dms": np.r_[4.0, 10.0:80.0:8j]}, "trial DM 4.0 is followed by 10.0"),
        ({"dms": np.full(9, 40.0)}, "trial DM 40.0 is followed by 40.0"),
        ({"variances": np.r_[np.full(31, 9.0), -9.0].reshape(4, 8)}, "a variance is -9.0"),
    ],
)
def test_what_no_observation_has_is_refused_at_its_byte(given: dict[str, Any], said: str) -> None:
    content = pack(prepfold(**given))
    with pytest.raises(FoldError) as refused:
        unpack(content, name="a.pfd")
    assert said in str(refused.value)
    byte = int(str(refused.value).split("byte ")[1].split(":")[0].replace(",", ""))
    assert struct.unpack_from("<d", content, byte)[0] == float(re.findall(r" (-?[0-9.]+)", said)[0])


@pytest.mark.parametrize("order", ORDERS)
def test_a_position_ends_at_its_first_nul_whatever_stands_behind(order: ByteOrder) -> None:
    texts = [b"17:44:29.3".ljust(16, b"\0"), b"-45:10:34.5".ljust(16, b"\0")]
    whole = pack(prepfold(), byte_order=order)
    assert whole.count(b"".join(texts)) == 1
    for parts, position in (
        ((b"12:34:56.7890\0\x07z", b"-12:34:56.789\0\xffQ"), ("12:34:56.7890", "-12:34:56.789")),
        ((b"12:34:56 \0:::::::", texts[1]), ("12:34:56", "-45:10:34.5")),
        ((b"Unknown\0\xff\xff01:02:0", b"-12:34\0".ljust(16, b"9")), ("", "-12:34")),
        ((b"17:44:29.3456789", b"-45:10:34.567890"), ("17:44:29.3456789", "-45:10:34.567890")),
    ):
        content = whole.replace(b"".join(texts), b"".join(part[:16] for part in parts))
        found = unpack(content, name="a.pfd")
        assert (found.ra, found.dec) == position
        assert found.dm == 40.0


@pytest.mark.parametrize("with_position", [True, False])
@pytest.mark.parametrize("more", [4, -4])
@pytest.mark.parametrize("place", range(3))
def test_a_count_that_is_wrong_by_the_length_of_a_position_makes_none_and_takes_none_away(
    place: int, more: int, *, with_position: bool
) -> None:
    content = bytearray(pack(prepfold(), with_position=with_position))
    (count,) = struct.unpack_from("<i", content, 4 * place)
    struct.pack_into("<i", content, 4 * place, count + more)
    with pytest.raises(FoldError, match=r"a\.pfd, byte"):
        unpack(bytes(content), name="a.pfd")


def test_a_text_of_absurd_length_is_refused_at_its_byte() -> None:
    for length in (-1, 5000):
        content = bytearray(WHOLE)
        struct.pack_into("<i", content, 48, length)
        with pytest.raises(FoldError, match=rf"byte 48: filenm has a length of {length:,}"):
            unpack(bytes(content), name="a.pfd")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("field", ["profiles", "variances", "dms"])
def test_what_is_no_finite_number_is_refused_at_its_byte(field: str, value: float) -> None:
    pfd = prepfold()
    values = getattr(pfd, field).copy()
    values.flat[5] = value
    content = pack(prepfold(**{field: values}))
    with pytest.raises(FoldError, match=f"{value} is no finite number") as refused:
        unpack(content, name="a.pfd")
    byte = int(str(refused.value).split("byte ")[1].split(":")[0].replace(",", ""))
    assert struct.unpack_from("<d", content, byte)[0] == pytest.approx(value, nan_ok=True)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"low_frequency": np.nan}, "lofreq is nan"),
        ({"dm": np.inf}, "bestdm is inf"),
        ({"low_frequency": 0.0, "channel_width": 0.0}, "lofreq is 0.0"),
        (
            {"dms": np.linspace(0.0, 1e308, 9), "period": 1e-5, "fold_frequency": 1e5},
            "no finite",
        ),
        ({"fold_frequency": 0.0}, "fold_p1 is 0"),
        ({"fold_frequency": np.nan}, "fold_p1 is nan"),
        ({"variances": np.zeros((4, 8))}, "sum to 0"),
        ({"variances": np.full((4, 8), -1.0)}, "a variance is -1.0; it must be at least 0"),
        ({"variances": np.full((4, 8), 1e-300)}, "too large"),
        ({"profiles": np.full((4, 8, 32), 7.0)}, "flat"),
        ({"profiles": np.full((4, 8, 32), 1e308)}, "overflows"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_a_fold_without_curves_is_refused(given: dict[str, object], said: str) -> None:
    with np.errstate(over="ignore"):
        content = pack(prepfold(**given))
    with pytest.raises(FoldError, match=r"a\.pfd") as refused:
        fold_of(unpack(content, name="a.pfd"), name="a.pfd")
    assert said in str(refused.value)


def test_of_one_trial_dm_or_one_sub_band_the_dm_curve_is_flat_and_refused() -> None:
    for pfd in (prepfold(dms=np.array([4.0])), prepfold(shape=(4, 1, 32))):
        with pytest.raises(FoldError, match="DM curve is flat"):
            measure(fold_of(pfd, name="x"))


def test_the_period_is_topocentric_else_barycentric_else_as_folded() -> None:
    told = [(0.1, 0.2, 4.0), (0.0, 0.2, 4.0), (0.0, 0.0, 4.0)]
    found = [
        fold_of(
            prepfold(period=one, barycentric_period=other, fold_frequency=turns), name="x"
        ).period
        for one, other, turns in told
    ]
    assert found == [0.1, 0.2, 0.25]


def test_a_file_is_written_whole_and_the_same_each_time(tmp_path: Path) -> None:
    first, again = (write_pfd(tmp_path / name, prepfold()) for name in ("a.pfd", "b.pfd"))
    assert first.sha256 == again.sha256
    assert Path(first.path).read_bytes() == WHOLE


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(WHOLE) - N_DATA), st.integers(0, 255), ORDER)
def test_a_header_with_a_flipped_byte_is_read_or_refused_and_nothing_else(
    place: int, byte: int, order: ByteOrder
) -> None:
    content = bytearray(pack(prepfold(), byte_order=order))
    content[place] = byte
    try:
        found = measure(read_fold(bytes(content), name="a.pfd"))
    except FoldError:
        return
    assert np.isfinite(found).all()


def test_the_fold_of_a_telescope_has_the_statistics_that_its_authors_give(data_dir: Path) -> None:
    content = (data_dir / "folds" / "LOTAAS_1_PFD_Candidate_1.pfd").read_bytes()
    fold = read_fold(content, name="LOTAAS")
    expected = [
        *(41.602233423733324, 29.413150736583415, 4.32822538582686, 26.99928744158336),
        *(2.0320847034454346, 1.5118499994277954, 1.6556556224822998, 1.6543030738830566),
    ]
    np.testing.assert_allclose(measure(fold), expected, rtol=1e-9)
    assert (fold.telescope, fold.ra, fold.dec) == ("LOFAR", "22:34:57.0000", "21:14:19.0000")
    assert fold.period == pytest.approx(1.35862548)
