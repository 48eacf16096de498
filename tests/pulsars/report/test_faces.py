"""The face of a candidate: its curves and planes, and its eight numbers among the training rows."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pulsars.folds.face import Face
from pulsars.report.faces import draw_face, grounds_of
from pulsars.report.fold_pictures import fold_pictures, grey_png
from pulsars.report.standing import CELLS, Ground, standing_words
from pulsars.simulation.populations import simulate
from schemas.features import FEATURE_NAMES
from slp.watching.reference import Reference


def fold() -> Face:
    rng = np.random.default_rng(1)
    profile = rng.integers(0, 90, 64, dtype=np.uint8)
    profile[16] = 255
    plane = rng.integers(0, 256, (32, 64), dtype=np.uint8)
    curve = np.arange(128, dtype=np.uint8)
    return Face(
        kind="pfd",
        profile=profile,
        dm_curve=curve,
        dm_low=0.0,
        dm_high=120.0,
        sub_bands=plane,
        sub_integrations=plane[:8],
    )


@cache
def sky() -> tuple[np.ndarray, np.ndarray, Reference]:
    X, y = simulate(2000, prevalence=0.2, rng=np.random.default_rng(2))
    return X, y, Reference.of(X, y)


@cache
def grounds() -> dict[str, Ground]:
    return grounds_of(sky()[2])


def drawn(row: int = 0, face: Face | None = None, part: float = 1.5, **values: float) -> str:
    X, _, _ = sky()
    features = {**dict(zip(FEATURE_NAMES, X[row].tolist(), strict=True)), **values}
    parts = {name: part * (-1) ** n for n, name in enumerate(FEATURE_NAMES)}
    return draw_face(face=face, features=features, contributions=parts, grounds=grounds())


@settings(deadline=None)
@given(
    st.integers(1, 9).flatmap(
        lambda n: st.lists(st.lists(st.integers(0, 255), min_size=n, max_size=n), min_size=1)
    )
)
def test_another_library_reads_every_pixel_that_was_written(levels: list[list[int]]) -> None:
    written = np.array(levels, dtype=np.uint8)
    image = Image.open(io.BytesIO(grey_png(written)))
    assert image.mode == "L"
    np.testing.assert_array_equal(np.asarray(image), written)


def test_planes_show_two_turns_dark_where_bright_and_the_first_row_at_the_bottom() -> None:
    one = fold()
    assert one.sub_bands is not None
    [*_, bands, parts] = fold_pictures(one)
    image = np.asarray(Image.open(io.BytesIO(_bytes(bands.uri))))
    assert image.shape == (32, 128)
    np.testing.assert_array_equal(image[-1, :64], 255 - one.sub_bands[0])
    np.testing.assert_array_equal(image[:, :64], image[:, 64:])
    assert "32 by 64" in bands.label
    assert "earliest at the bottom" in parts.label


def _bytes(uri: str) -> bytes:
    import base64

    return base64.b64decode(uri.removeprefix("data:image/png;base64,"))


def test_curves_say_where_they_are_highest() -> None:
    profile, curve, *_ = fold_pictures(fold())
    assert "phase 0.25" in profile.label
    assert "from 0 to 120 pc cm⁻³, highest at 120" in curve.label
    assert profile.svg.count("L") == 2 * 64 - 1
    [_, unnamed, *_] = fold_pictures(replace(fold(), dm_low=None, sub_bands=None))
    assert "highest at value 128" in unnamed.label


@pytest.mark.parametrize("column", range(8))
@pytest.mark.parametrize("kind", ["pulsars", "non-pulsars"])
def test_shares_below_are_those_of_the_rows_to_within_a_bin(column: int, kind: str) -> None:
    X, y, reference = sky()
    ground = Ground.of(FEATURE_NAMES[column], reference, column)
    rows = X[y == (kind == "pulsars"), column]
    for value in np.quantile(X[:, column], [0.05, 0.3, 0.5, 0.9, 0.99]):
        near = (X[:, column] <= value).mean() * 50 // 1 / 50  # a bin holds a fiftieth of all rows
        low, high = np.quantile(X[:, column], [near, min(near + 0.02, 1)])
        bounds = (rows < low).mean() - 0.01, (rows <= high).mean() + 0.01
        assert bounds[0] <= ground.share_below(kind, value) <= bounds[1]
    assert ground.heights(kind).shape == (CELLS,)
    assert ground.heights(kind).sum() == pytest.approx(1)
    assert (ground.heights(kind) >= 0).all()


def test_a_feature_of_one_value_and_a_reference_without_classes_are_drawn_too() -> None:
    X = np.ones((50, 8))
    ground = Ground.of("dm_mean", Reference.of(X), 4)
    assert ground.heights("training rows").sum() == pytest.approx(1)
    assert ground.place(1.0) == 0.5
    assert "nan" not in ground.drawn
    assert standing_words(ground, 2.0) == "DM mean lies above all training rows"
    assert standing_words(ground, 1.0).endswith("100\u00a0% of the training rows")


def test_a_face_without_a_fold_is_the_eight_numbers_in_words_too() -> None:
    text = drawn()
    assert text.count("<tr>") == 9
    assert len(re.findall(r'<svg role="img" aria-label="[^"]+ of the pulsars"', text)) == 8
    assert "<figure" not in text
    assert text.count("+1.50") == text.count("−1.50") == 4
    assert text == drawn()


def test_a_face_with_a_fold_shows_its_four_pictures_in_few_bytes() -> None:
    text = drawn(face=fold())
    assert len(re.findall(r'<figure role="img" aria-label="[^"]+"', text)) == 4
    assert text.count("data:image/png;base64,") == 2
    assert len(text) < 20_000
    assert not re.search(r" (style|id)=|<script|<h\d", text)


def test_what_lies_beyond_the_training_rows_is_said_and_stays_in_the_picture() -> None:
    text = drawn(dm_mean=-1e308)
    assert "DM mean lies below all training rows" in text
    assert "<small>below all</small>" in text
    assert "inf" not in text
    assert "nan" not in text
    assert len(drawn(part=1e300)) < 12_000


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_number_that_is_not_finite_is_refused_by_name(value: float) -> None:
    with pytest.raises(ValueError, match="dm_stdev"):
        drawn(dm_stdev=value)


def test_the_grounds_of_a_page_are_drawn_once_and_alike() -> None:
    X, _, reference = sky()
    features = dict(zip(FEATURE_NAMES, X[0].tolist(), strict=True))
    parts = dict.fromkeys(FEATURE_NAMES, 0.0)
    once = grounds_of(reference)
    faces = [
        draw_face(face=None, features=features, contributions=parts, grounds=one)
        for one in (once, once, grounds_of(reference))
    ]
    assert faces[0] == faces[1] == faces[2]


def test_the_parts_and_the_intercept_are_shown_and_add_up() -> None:
    X, _, _ = sky()
    features = dict(zip(FEATURE_NAMES, X[0].tolist(), strict=True))
    parts = dict.fromkeys(FEATURE_NAMES, 0.25)
    shown = {"face": None, "features": features, "contributions": parts, "grounds": grounds()}
    said = draw_face(**shown, intercept=-3.5)
    cells = re.findall(r'<td class="number">([+−][\d.]+)</td></tr>', said)
    assert cells == ["+0.25"] * 8 + ["−3.50"]
    assert "intercept" not in draw_face(**shown)
    with pytest.raises(ValueError, match="finite"):
        draw_face(**shown, intercept=float("nan"))


def test_what_a_companion_does_not_weigh_is_said_to_be_no_part_of_its_sum() -> None:
    X, _, _ = sky()
    features = dict(zip(FEATURE_NAMES, X[0].tolist(), strict=True))
    parts = {name: float(name.startswith("dm")) for name in FEATURE_NAMES}
    shown = {"face": None, "features": features, "contributions": parts, "grounds": grounds()}
    assert draw_face(**shown, ranked_by="companion").count("not used") == 4
    assert "not used" not in draw_face(**shown)
