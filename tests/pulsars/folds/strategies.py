"""Folds that Hypothesis draws."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from pulsars.folds.prepfold import Prepfold

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0 "), max_size=20)
POSITIONS = st.sampled_from(["", "00:00:00.0000", "17:44:29.3", "-45:10:34.5", "-02:06"])


def prepfold(seed: int = 0, *, shape: tuple[int, int, int] = (4, 8, 32), **given: Any) -> Prepfold:
    rng = np.random.default_rng(seed)
    plain: dict[str, Any] = {
        "name": "cand 1",
        "telescope": "Parkes",
        "ra": "17:44:29.3",
        "dec": "-45:10:34.5",
        "n_channels": 4 * shape[1],
        "low_frequency": 1182.0,
        "channel_width": 400.0 / (4 * shape[1]),
        "dm": 40.0,
        "period": 0.1,
        "fold_frequency": 10.0,
        "dms": np.linspace(0.0, 80.0, 9),
        "profiles": rng.normal(100.0, 3.0, shape),
        "variances": rng.uniform(8.0, 10.0, shape[:2]),
    }
    return Prepfold(**(plain | given))


@st.composite
def prepfolds(draw: st.DrawFn) -> Prepfold:
    n_bands = draw(st.integers(2, 6))
    shape = (draw(st.integers(1, 4)), n_bands, draw(st.integers(4, 24)))
    low = draw(st.floats(100.0, 3000.0))
    dms = np.linspace(draw(st.floats(0.0, 10.0)), draw(st.floats(20.0, 500.0)), 7)
    frequency = draw(st.floats(0.1, 700.0))
    return prepfold(
        draw(st.integers(0, 2**32 - 1)),
        shape=shape,
        name=draw(TEXTS),
        telescope=draw(TEXTS),
        ra=draw(POSITIONS),
        dec=draw(POSITIONS),
        n_channels=n_bands * draw(st.integers(1, 64)),
        low_frequency=low,
        channel_width=draw(st.floats(0.1, 2.0)),
        dm=draw(st.floats(dms[0], dms[-1])),
        period=draw(st.sampled_from([0.0, 1.0, 1.2])) / frequency,
        fold_frequency=frequency,
        dms=dms,
    )
