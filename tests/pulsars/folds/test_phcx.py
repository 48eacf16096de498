"""The XML of the HTRU surveys: sections, traps, and what its authors measured."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pulsars.folds.dedispersing import fold_of
from pulsars.folds.fold import Fold
from pulsars.folds.measuring import measure
from pulsars.folds.opening import LOOKED_AT, MOST_BYTES, kind_of, read_fold
from pulsars.folds.phcx import MOST_XML
from pulsars.folds.prepfold import pack
from schemas import FoldError
from tests.phcx import pack_phcx
from tests.pulsars.folds.strategies import TEXTS, prepfold


def section(seed: int = 0, **given: Any) -> Fold:
    rng = np.random.default_rng(seed)
    plain: dict[str, Any] = {
        "kind": "phcx",
        "profile": rng.integers(0, 256, 64).astype(float),
        "dm_curve": rng.integers(0, 256, 90).astype(float),
        "dms": np.linspace(0.0, 100.0, 30),
        "sub_bands": rng.integers(0, 256, (4, 64)).astype(float),
        "sub_integrations": rng.integers(0, 256, (3, 64)).astype(float),
        "section": "FFT",
        "name": "0001",
        "telescope": "Parkes",
        "period": 0.5,
        "dm": 40.25,
        "ra": "285.763042",
        "dec": "-25.0072",
    }
    return Fold(**(plain | given))


WHOLE = pack_phcx([section()])


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 99), name=TEXTS, telescope=TEXTS, packed=st.booleans())
def test_what_is_written_is_read(seed: int, name: str, telescope: str, *, packed: bool) -> None:
    printable = all(text.isprintable() for text in (name, telescope))
    name, telescope = (name, telescope) if printable else ("a", "b")
    written = [section(seed, name=name, telescope=telescope), section(seed + 1, section="pdmp")]
    content = pack_phcx(written)
    stored = gzip.compress(content) if packed else content
    found = [read_fold(stored, name="a", section=one) for one in ("FFT", "pdmp")]
    assert [one.section for one in found] == ["FFT", "pdmp"]
    assert (found[0].name, found[0].telescope, found[0].dm) == (name, telescope, 40.25)
    for field in ("profile", "dm_curve", "dms", "sub_bands", "sub_integrations"):
        for one, other in zip(found, written, strict=True):
            assert np.array_equal(getattr(one, field), getattr(other, field))


def test_a_file_is_told_by_its_content() -> None:
    assert [kind_of(one) for one in (WHOLE, gzip.compress(WHOLE), pack(prepfold()))] == [
        "phcx",
        "phcx",
        "pfd",
    ]
    table = "mean,stdev\n" + "12.5,0.25\n" * 99
    wide = [table.encode(f"utf-{bits}{order}") for bits in (16, 32) for order in ("", "-le", "-be")]
    assert [kind_of(one) for one in wide] == [None] * 6
    assert [kind_of(gzip.compress(one)) for one in wide] == [None] * 6
    others = (b"", b"1,2,3\n" * 50, b"PAR1" + b"\x15" * 90, b"\x1f\x8bxx", b"<html></html>", b"<")
    assert [kind_of(one) for one in others] == [None] * 6
    for one in others:
        with pytest.raises(FoldError, match="table"):
            read_fold(one, name="table")


def test_a_section_is_chosen_by_name_or_number_else_it_is_the_first() -> None:
    content = pack_phcx([section(1), section(2, section="pdmp"), section(3, section="pdmp")])
    chosen = [read_fold(content, name="a", section=one) for one in (None, "0", "pdmp", "2")]
    assert [one.profile[0] for one in chosen] == [section(seed).profile[0] for seed in (1, 1, 2, 3)]
    for other in ("3", "FFT2", "-1", "99999999999999999999", ""):
        with pytest.raises(FoldError, match=r"it has 3 sections: 0 \(FFT\), 1 \(pdmp\), 2 \(pdmp"):
            read_fold(content, name="a", section=other)


def test_a_pfd_has_no_section_of_a_name_and_that_is_said() -> None:
    with pytest.raises(
        FoldError, match=r"no section 'FFT'; it has no named .* leave --section out"
    ):
        read_fold(pack(prepfold()), name="a.pfd", section="FFT")
    assert read_fold(pack(prepfold()), name="a.pfd", section="0").kind == "pfd"


def test_a_section_without_curves_is_passed_over_unless_it_is_asked_for() -> None:
    bare = b"<Section name='bare'><DmCurve></DmCurve></Section>"
    content = WHOLE.replace(b"<Section", bare + b"<Section", 1)
    assert read_fold(content, name="a").section == "FFT"
    assert read_fold(content, name="a", section="1").section == "FFT"
    with pytest.raises(FoldError, match="section 'bare' has no Profile and no DataBlock"):
        read_fold(content, name="a", section="0")


SECOND = section(3, section="pdmp")


@pytest.mark.parametrize("curve", ["Profile", "DataBlock"])
@pytest.mark.parametrize(
    ("damage", "what"), [(b"0Z", "no hexadecimal digit: 'Z'"), (b"0", "pairs")]
)
def test_damage_to_the_first_section_with_curves_is_not_answered_by_another(
    curve: str, damage: bytes, what: str
) -> None:
    whole = pack_phcx([section(), SECOND])
    damaged = re.sub(rb"(<%s[^>]*>\n)" % curve.encode(), rb"\g<1>" + damage, whole, count=1)
    with pytest.raises(FoldError, match=what) as refused:
        read_fold(damaged, name="a")
    begins = damaged.index(b"<" + curve.encode())
    assert str(refused.value).startswith(f"a, byte {begins:,}: {curve} ")
    assert read_fold(damaged, name="a", section="pdmp").section == "pdmp"


@pytest.mark.parametrize("curve", [b"Profile", b"DataBlock"])
def test_a_section_that_lacks_one_curve_is_passed_over(curve: bytes) -> None:
    whole = pack_phcx([section(), SECOND])
    lacking = whole.replace(b"<" + curve, b"<Other", 1).replace(b"</" + curve, b"</Other", 1)
    assert read_fold(lacking, name="a").section == "pdmp"


@pytest.mark.parametrize("told", [b"0", b"", b"-0.5", b"nan", b"0.5 s"])
def test_a_period_that_is_none_hides_no_other(told: bytes) -> None:
    both = b"<TopoPeriod>" + told + b"</TopoPeriod><BaryPeriod>0.25</BaryPeriod>"
    content = WHOLE.replace(b"<TopoPeriod>0.5</TopoPeriod>", both)
    assert read_fold(content, name="a").period == 0.25


def test_a_bare_header_suffices() -> None:
    content = (
        b"<phcf><Section><Profile>00FF\n 80</Profile><SnrBlock><DataBlock>0001\t02</DataBlock>"
        b"</SnrBlock></Section></phcf>"
    )
    found = read_fold(content, name="a")
    assert found.profile.tolist() == [0.0, 255.0, 128.0]
    assert (found.dm, found.period, found.dms, found.sub_bands) == (None, None, None, None)
    assert (found.name, found.telescope, found.ra, found.section) == ("", "", "", "")


def test_where_the_highest_frequency_stands_first_the_sub_bands_are_turned_over() -> None:
    turned = WHOLE.replace(b"</head>", b"<BandWidth units='MHz'>-400.0</BandWidth></head>")
    found = read_fold(turned, name="a").sub_bands
    expected = section().sub_bands
    assert found is not None
    assert expected is not None
    assert np.array_equal(found, expected[::-1])


LAUGHS = (
    b"<?xml version='1.0'?><!DOCTYPE phcf [<!ENTITY a 'ha'>" + b"<!ENTITY b '&a;&a;&a;'>"
    b"]><phcf><Section><Profile>&b;</Profile></Section></phcf>"
)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (LAUGHS, "byte 36: a document type or an entity"),
        (b"<!DOCTYPE phcf SYSTEM 'file:///etc/passwd'><phcf/>", "a document type"),
        (b"<phcf>" + b"<a>" * 32, "33 deep"),
        (b"<x><phcf/></x>", "where <phcf> has to be"),
        (b"<phcf></phcf>", "without a section"),
        (b"<phcf>" + b"<Section/>" * 101 + b"</phcf>", "more than 100 sections"),
        (WHOLE[:-20], "no whole XML"),
        (WHOLE + WHOLE, "no whole XML"),
        (b"<?xml version='1.0' encoding='klingon'?><phcf/>", "unknown encoding"),
        (WHOLE.replace(b"format='02X'>\n", b"format='02X'>\nXY"), "no hexadecimal digit"),
        (WHOLE.replace(b"format='02X'>\n", b"format='02X'>\n0"), "digits; pairs"),
        (WHOLE.replace(b"nBins='64'", b"nBins='65'"), "64 values, not 1 × 65"),
        (WHOLE.replace(b"nBins='64'", b"nBins='2' nSub='9'"), "no whole XML"),
        (WHOLE.replace(b"format='02X'", b"format='04X'"), "the format '04X'"),
        (WHOLE.replace(b"<Profile", b"<Other").replace(b"</Profile", b"</Other"), "no Profile"),
    ],
)
def test_what_is_no_such_file_or_a_trap_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(FoldError, match=r"^a[, :]") as refused:
        read_fold(content, name="a")
    assert said in str(refused.value)


def _wide_pfd() -> bytes:
    profiles = np.ones((1, 1000, 4000))
    profiles[0, :, :9] = 2.0
    return gzip.compress(pack(prepfold(shape=(1, 1000, 4000), profiles=profiles)), compresslevel=1)


def _of_numbers() -> bytes:
    index = b"<DmIndex>" + b"1 " * (15 << 20) + b"</DmIndex>"
    return gzip.compress(WHOLE.replace(b"<Profile", index + b"<Profile", 1), compresslevel=1)


def _of_nothing() -> bytes:
    return gzip.compress(b"<phcf>" + b" " * MOST_BYTES, compresslevel=1)


@pytest.mark.parametrize(
    "bomb",
    [
        pytest.param(_of_numbers, id="numbers", marks=pytest.mark.slow),
        pytest.param(_wide_pfd, id="sub-bands"),
        pytest.param(_of_nothing, id="too long", marks=pytest.mark.slow),
    ],
)
def test_what_unpacks_to_much_is_read_or_refused_in_little_memory(
    tmp_path: Path, bomb: Callable[[], bytes]
) -> None:
    path = tmp_path / "bomb.gz"
    path.write_bytes(bomb())
    done = subprocess.run(
        [sys.executable, "-c", _IN_LITTLE, path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


_IN_LITTLE = """
import resource, sys
from pathlib import Path
from pulsars.folds.face import face_of
from pulsars.folds.measuring import measure
from pulsars.folds.opening import read_fold
from schemas import FoldError
here = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (here + (650 << 20),) * 2)
try:
    fold = read_fold(Path(sys.argv[1]).read_bytes(), name="a")
    face_of(fold)
    measure(fold)
except FoldError:
    pass
"""


@pytest.mark.slow
def test_what_is_larger_than_any_fold_is_refused() -> None:
    bomb = gzip.compress(b"<phcf>" + b" " * MOST_BYTES, compresslevel=1)
    with pytest.raises(FoldError, match="unpacks to more"):
        read_fold(bomb, name="a")
    with pytest.raises(FoldError, match="bytes of XML"):
        read_fold(WHOLE + b" " * MOST_XML, name="a")
    wide = np.broadcast_to(1.0, (1, 4097, 2048))
    with pytest.raises(FoldError, match="4,097 sub-bands of 2,048 bins"):
        fold_of(prepfold(shape=(1, 4097, 2), profiles=wide), name="a")


def test_an_index_that_holds_anything_else_is_none() -> None:
    others = "1 x", "1 nan", "1 1e999", "1 1_0", "1 0x1", "1 \u0663", "1 2,5", "1 2\u20034", " "
    whole = "1 2.5\n3e0", " -1\t2\n", " ".join(map(str, range(90)))
    counts = {**dict.fromkeys(others), **{one: len(one.split()) for one in whole}, "1 " * 91: None}
    for said, n in counts.items():
        index = said.encode()
        content = re.sub(rb"(<DmIndex.*?>)[^<]*", rb"\g<1>" + index, WHOLE)
        dms = read_fold(content, name="a").dms
        assert (dms if dms is None else len(dms)) == n


def test_a_block_that_is_not_as_long_as_its_indices_say_is_refused_with_both_counts() -> None:
    said = "<PeriodIndex nVals='%s'/><AccnIndex nVals='1'/><DmIndex nVals='30'>"
    for counts in (b"3", b"x"):  # 90 values; an index that gives no number says nothing
        whole = WHOLE.replace(b"<DmIndex>", said.encode() % counts)
        assert len(read_fold(whole, name="a").dm_curve) == 90
    for n, what in ((b"4", "cut short"), (b"2", "too long")):
        torn = WHOLE.replace(b"<DmIndex>", said.encode() % n)
        with pytest.raises(FoldError) as refused:
            read_fold(torn, name="a")
        expected = (
            f"DataBlock is {what}: it has 90 values, not {n.decode()} × 30 × 1 as PeriodIndex, "
        )
        assert expected in str(refused.value)


def test_a_gzip_that_is_cut_short_or_changed_is_refused() -> None:
    packed = gzip.compress(WHOLE)
    changed = bytearray(packed)
    changed[-5] ^= 1
    for content in (packed[:-9], packed[:40], bytes(changed)):
        with pytest.raises(FoldError, match=r"a: no whole gzip|a, byte"):
            read_fold(content, name="a")


def test_bytes_behind_a_gzip_and_a_long_comment_before_the_root_are_passed_over() -> None:
    long = WHOLE.replace(b"<phcf", b"<!--" + b"-said " * 5000 + b"--><phcf", 1)
    long = long.replace(b"<!---", b"<!-- ", 1)
    packed = gzip.compress(WHOLE[:900]) + gzip.compress(WHOLE[900:])
    for content in (long, gzip.compress(long), packed, packed + bytes(512), packed + b"more"):
        assert kind_of(content[:LOOKED_AT]) == "phcx"
        assert read_fold(content, name="a").section == "FFT"


def test_a_flat_curve_has_no_skewness() -> None:
    flat = np.full(64, 9.0)
    with pytest.raises(FoldError, match="profile is flat"):
        measure(read_fold(pack_phcx([section(profile=flat)]), name="a"))
    with pytest.raises(FoldError, match="DM curve is flat"):
        measure(read_fold(pack_phcx([section(dm_curve=flat)]), name="a"))


HTRU_1 = [
    *(125.703125, 60.812899455907996, 0.0793736582587698, -0.6829578690327645),
    *(101.53199221949222, 65.63254324841182, 0.6887326679591569, -0.8006635512964748),
]
HTRU_2 = [
    *(126.1328125, 44.081134551413754, 0.18639108323003695, 0.49991715175392715),
    *(0.6747491638795987, 9.319239522167537, 20.284734102401508, 493.5759868250484),
]
HTRU_2_PDMP = [
    *(83.640625, 37.719510529822294, 0.5355497692280238, 2.203194045740652),
    *(112.78971533516989, 34.09139184589845, -0.07470032749239247, 0.48800359248710423),
]


@pytest.mark.parametrize(
    ("file", "asked", "expected"),
    [
        ("HTRU_1_PHCX_Candidate_1.phcx", None, HTRU_1),
        ("HTRU_1_PHCX_Candidate_1.phcx", "PDMP", HTRU_1),
        ("HTRU_2_PHCX_Candidate_1.phcx.gz", None, HTRU_2),
        ("HTRU_2_PHCX_Candidate_1.phcx.gz", "0", HTRU_2),
        ("HTRU_2_PHCX_Candidate_1.phcx.gz", "FFT-pdmpd", HTRU_2_PDMP),
    ],
)
def test_folds_of_a_telescope_have_the_statistics_that_their_authors_give(
    data_dir: Path, file: str, asked: str | None, expected: list[float]
) -> None:
    content = (data_dir / "folds" / file).read_bytes()
    fold = read_fold(content, name=file, section=asked)
    np.testing.assert_allclose(measure(fold), expected, rtol=1e-9)
    assert fold.telescope.lower() == "parkes"
    assert fold.dm is not None
    assert fold.dms is not None
    best = fold.dm_curve.reshape(len(fold.dms), -1).max(axis=1).argmax()
    assert fold.dms[best] == pytest.approx(fold.dm, abs=0.001)  # so a row of the plane is a DM
