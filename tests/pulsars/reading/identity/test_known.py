"""A candidate that is a known pulsar, or a harmonic of one, is found, whatever the order."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pulsars.reading.identity import known
from pulsars.reading.identity.catalogue import Pulsars
from pulsars.reading.identity.known import Harmonics, find_known
from pulsars.reading.identity.marking import Marker, plan_marking

PLACED = Harmonics.of(by_position=True)


def catalogue(n: int = 4, *, seed: int = 0) -> Pulsars:
    """Pulsars close to one another, so that some candidates can be two of them."""
    rng = np.random.default_rng(seed)
    return Pulsars(
        names=np.array([f"J{i:04d}+00" for i in range(n)], dtype=object),
        ra=rng.uniform(0, 0.6, n) % 360,
        dec=rng.uniform(-0.3, 0.3, n),
        period=np.exp(rng.uniform(-4, 1, n)),
        dm=np.where(rng.random(n) < 0.2, np.nan, rng.uniform(10, 40, n)),
    )


def ratios_by_hand() -> set[Fraction]:
    whole = {Fraction(n) for n in range(1, 17)}
    parts = {Fraction(n, m) for n in range(1, 6) for m in range(1, 6)}
    return whole | {1 / ratio for ratio in whole} | parts


def test_the_ratios_are_whole_numbers_to_16_and_fractions_to_5() -> None:
    assert {Fraction(name) for name in PLACED.names} == ratios_by_hand()
    assert {*Harmonics.of(by_position=False).names} == {"1/2", "1", "2"}
    plainest = [PLACED.names[at] for at in np.argsort(PLACED.order)[:4]]
    assert plainest == ["1", "1/2", "2", "1/3"]


def apart(ra: float, dec: float, other_ra: float, other_dec: float) -> float:
    """By the haversine, in degrees."""
    one, other = math.radians(dec), math.radians(other_dec)
    turn = math.sin(math.radians(ra - other_ra) / 2) ** 2
    half = math.sin((one - other) / 2) ** 2 + math.cos(one) * math.cos(other) * turn
    return math.degrees(2 * math.asin(math.sqrt(half)))


def by_hand(
    pulsars: Pulsars, row: dict[str, float], *, within: float, placed: bool
) -> tuple[int, str]:
    found = []
    tried = ratios_by_hand() if placed else {Fraction(1, 2), Fraction(1), Fraction(2)}
    for i, name in enumerate(pulsars.names):
        assert name
        if placed and apart(row["ra"], row["dec"], pulsars.ra[i], pulsars.dec[i]) > within:
            continue
        dms = row["dm"], pulsars.dm[i]
        if not placed and any(map(math.isnan, dms)):
            continue
        if abs(dms[0] - dms[1]) > max(3.0, 0.1 * max(map(abs, dms))):
            continue
        for ratio in tried:
            off = abs(math.log(row["period"] / pulsars.period[i]) - math.log(ratio))
            wide, narrow = (1e-3, 3e-4) if placed else (1e-4, 1e-4)
            if off <= math.log1p(wide if ratio == 1 else narrow):
                plain = (ratio.numerator + ratio.denominator, ratio.numerator)
                found.append((plain, off, i, str(ratio)))
    return min(found)[2:] if found else (-1, "")


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    placed=st.booleans(),
    within=st.sampled_from([0.05, 0.25, 0.5]),
    at_once=st.sampled_from([1, 7, 1 << 20]),
)
def test_what_is_known_is_what_a_naive_loop_finds(
    seed: int,
    placed: bool,  # noqa: FBT001
    within: float,
    at_once: int,
) -> None:
    rng = np.random.default_rng(seed)
    pulsars, n = catalogue(6, seed=seed), 40
    of = rng.integers(0, 6, n)
    ratio = rng.choice([float(one) for one in ratios_by_hand()] + [1.0] * 20 + [2.0] * 20, n)
    rows = pd.DataFrame(
        {
            "ra": (pulsars.ra[of] + rng.normal(0, 0.1, n)) % 360,
            "dec": pulsars.dec[of] + rng.normal(0, 0.1, n),
            "period": pulsars.period[of] * ratio * (1 + rng.normal(0, 2e-4, n)),
            "dm": np.where(rng.random(n) < 0.1, np.nan, pulsars.dm[of] + rng.normal(0, 2, n)),
        }
    )
    harmonics = Harmonics.of(by_position=placed)
    told = {name: rows[name].to_numpy() for name in (rows if placed else ("period", "dm"))}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(known, "_PAIRS", at_once)
        known_as, at = find_known(pulsars, harmonics, within=within, **told)
    found = [
        (i, harmonics.names[h] if h >= 0 else "")
        for i, h in zip(known_as.tolist(), at.tolist(), strict=True)
    ]
    expected = [
        by_hand(pulsars, row, within=within, placed=placed) for row in rows.to_dict("records")
    ]
    assert found == expected
    assert any(name for _, name in found) or seed


def test_a_candidate_across_the_meridian_of_zero_and_at_a_pole_is_near() -> None:
    pulsars = Pulsars(
        names=np.array(["A", "B"], dtype=object),
        ra=np.array([359.95, 10.0]),
        dec=np.array([0.0, 89.95]),
        period=np.array([0.5, 0.7]),
        dm=np.array([np.nan, np.nan]),
    )
    known_as, _ = find_known(
        pulsars, PLACED, within=0.25,
        period=np.array([0.5, 0.7]), dm=np.full(2, np.nan),
        ra=np.array([0.05, 190.0]), dec=np.array([0.0, 89.95]),
    )  # fmt: skip
    assert known_as.tolist() == [0, 1]


def test_rows_without_a_period_or_a_position_are_nobody() -> None:
    pulsars = catalogue(1)
    n = 4
    known_as, _ = find_known(
        pulsars, PLACED, within=5,
        period=np.array([np.nan, 0.0, -1.0, pulsars.period[0]]), dm=np.full(n, np.nan),
        ra=np.array([pulsars.ra[0]] * 3 + [np.nan]), dec=np.full(n, pulsars.dec[0]),
    )  # fmt: skip
    assert known_as.tolist() == [-1] * n


def marked(
    table: pa.Table, *, cut: int | None = None, pulsars: Pulsars | None = None
) -> pd.DataFrame:
    pulsars = pulsars or catalogue()
    plan = plan_marking(
        pulsars, {name: name for name in table.column_names}, lambda names: [table.select(names)]
    )
    marker = Marker(pulsars, plan, 0.25)
    size = cut or len(table)
    found = [marker.mark(table[start : start + size]) for start in range(0, len(table), size)]
    return pd.DataFrame(
        {
            "known": np.concatenate([k for k, _ in found]),
            "harmonic": np.concatenate([h for _, h in found]),
        }
    )


def packed(degrees: float, *, hours: bool) -> str:
    size = abs(degrees) / (15 if hours else 1)
    whole, minutes = int(size), int(size * 60) % 60
    seconds = (size * 60 - int(size * 60)) * 60
    return f"{'-' if degrees < 0 else ''}{whole * 10_000 + minutes * 100 + seconds:.4f}"


@pytest.mark.parametrize("packs", [True, False])
def test_what_is_marked_depends_on_no_partition(packs: bool) -> None:  # noqa: FBT001
    pulsars = catalogue(3)
    pulsars.ra[:] += 150  # packed numbers next to nought look like degrees
    degrees = [*zip(pulsars.ra, pulsars.dec, strict=True), (200.0, -40.0)]
    place = [
        (packed(ra, hours=True), packed(dec, hours=False)) if packs else (str(ra), str(dec))
        for ra, dec in degrees
    ]
    table = pa.table(
        {
            "ra": [ra for ra, _ in place],
            "dec": [dec for _, dec in place],
            "period": [str(1e3 * p) for p in [*pulsars.period * [1, 2, 0.5], 800.0]],
        }
    )
    whole = marked(table, pulsars=pulsars)
    assert whole["known"].tolist() == [*pulsars.names, ""]
    assert whole["harmonic"].tolist() == ["1", "2", "1/2", ""]
    for cut in (1, 2, 3):
        pd.testing.assert_frame_equal(marked(table, cut=cut, pulsars=pulsars), whole)


def test_of_two_periods_the_plainer_name_is_compared() -> None:
    names = ["known_period_ms", "best_known_period_ms", "period_ms", "dm"]
    table = pa.table({name: [5.0] for name in names})
    plan = plan_marking(catalogue(), {n: n for n in names}, lambda some: [table.select(some)])
    assert plan.columns == {"period": "period_ms", "dm": "dm"}


@pytest.mark.parametrize(
    ("columns", "by", "said"),
    [
        (["ra", "dec", "dm"], None, "no column of the file is carried along as a period"),
        (["period_ms"], None, "have to have positions or dispersion"),
        (["period_ms", "ra", "dm"], "dm", None),
        (["period_ms", "ra", "dec"], "position", None),
        (["period", "dm"], None, "period_s or period_ms"),
    ],
)
def test_how_candidates_are_compared_is_told_by_what_they_carry(
    columns: list[str], by: str | None, said: str | None
) -> None:
    table = pa.table({name: [5.0, 6.0] for name in columns})
    names = {name: name for name in columns}
    plan = plan_marking(catalogue(), names, lambda some: [table.select(some)])
    assert plan.by == by
    assert (said in plan.notes[-1]) if said else not plan.notes
    if by is None:
        assert marked(table)["known"].tolist() == ["", ""]


def test_numbers_of_a_typed_file_are_taken_as_they_are() -> None:
    pulsars = catalogue(2)
    table = pa.table(
        {
            "RAJD": pulsars.ra,
            "DECJD": pulsars.dec,
            "period_s": pulsars.period,
            "DM": pa.array([None, 900.0], pa.float64()),
        }
    )
    pulsars.dm[:] = 20.0
    assert marked(table, pulsars=pulsars)["known"].tolist() == ["J0000+00", ""]
