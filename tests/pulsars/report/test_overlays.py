"""Each feature over its training rows, drawn from what `drift.json` holds."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest

from pulsars.report.drift_words import describe_drift
from pulsars.report.overlays import drift_overlays, thinned
from pulsars.simulation.populations import simulate
from schemas.features import FEATURE_NAMES
from slp.watching.drift import measure_drift
from slp.watching.reference import Reference


def found(n: int = 600, factor: float = 1.0) -> dict[str, Any]:
    rng = np.random.default_rng(4)
    X, y = simulate(2000, prevalence=0.1, rng=rng)
    new, _ = simulate(n, prevalence=0.1, rng=rng)
    new[:, 4] *= factor
    written = describe_drift(measure_drift(Reference.of(X, y), new), run="r")
    again: dict[str, Any] = json.loads(json.dumps(written, allow_nan=False))
    return again


def test_every_feature_is_drawn_and_said_from_the_file_beside_the_page() -> None:
    svg = drift_overlays(found(factor=10.0))
    label = re.search('aria-label="([^"]+)"', svg)
    assert label
    assert "DM mean stop" in label[1]
    assert svg.count("stop") == label[1].count("stop") + 1  # in bold above its picture
    assert re.search(r"\d+\s% above", svg)
    assert svg.count("currentColor") > 8  # at home on light and dark paper
    assert "#d55e00" in svg
    assert len(svg) < 50_000


def test_without_drift_nothing_is_in_the_colour_of_alarm() -> None:
    svg = drift_overlays(found())
    assert "#d55e00" not in svg
    assert svg == drift_overlays(found())


def test_what_lies_beyond_is_said_beside_the_name_where_no_line_crosses_it() -> None:
    svg = drift_overlays(found(factor=10.0))
    said = re.findall(r' y="([0-9.]+)"[^>]*>(DM mean: stop|[^<]* above)<', svg)
    assert len(said) == 2
    assert len({height for height, _ in said}) == 1, "on one line, above the picture"


def test_few_candidates_are_drawn_in_wider_bins_that_hold_all_of_them() -> None:
    assert len(drift_overlays(found(100))) < len(drift_overlays(found(1000)))
    for one in found()["features"].values():
        for together, n_bins in ((1, 25), (5, 5)):
            edges, training, candidates = thinned(one, together)
            assert (len(edges), len(training), len(candidates)) == (n_bins + 1, n_bins, n_bins)
            assert (edges[0], edges[-1]) == (one["edges"][0], one["edges"][-1])
            assert training.sum() == pytest.approx(1, abs=1e-3)
            assert candidates.sum() == pytest.approx(sum(one["candidates"]))


def test_equal_values_are_drawn_too() -> None:
    X = np.ones((100, len(FEATURE_NAMES)))
    X[:30, 1] = 2.0
    drift = describe_drift(measure_drift(Reference.of(X), X), run="r")
    assert "nan" not in drift_overlays(drift)


def test_what_a_file_holds_for_the_picture_is_small() -> None:
    assert len(json.dumps(found())) < 12_000
