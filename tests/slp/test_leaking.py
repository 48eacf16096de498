"""Leak control: with labels that nothing explains, whatever is claimed above chance is the leak."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from slp import leaking
from slp.leaking import control_leak
from slp.resampling import resample
from slp.splitting import stratified_split
from slp.training import Settings

SETTINGS = Settings(learning_rate=0.05, batch_size=32, n_epochs=5)


def control(X: Any, y: Any, seed: int = 0, **options: Any) -> Any:
    split = stratified_split(
        X, y, validation_size=0.2, test_size=0.2, rng=np.random.default_rng(seed)
    )
    rng = np.random.default_rng(seed)
    return control_leak(X, y, split, settings=SETTINGS, rng=rng, **options), split


def make_rows(n_rows: int = 600, separation: float = 1.0) -> Any:
    rng = np.random.default_rng(1)
    y = (rng.random(n_rows) < 0.1).astype(int)
    return rng.normal(size=(n_rows, 8)) + separation * y[:, None], y


def test_the_wrong_order_flatters_on_the_real_data(data_dir: Path) -> None:
    table = np.loadtxt(data_dir / "pulsar_stars.csv", delimiter=",", skiprows=1)
    found, split = control(table[:, :8], table[:, 8])
    assert found.claimed["f1"] > 0.92
    assert found.honest["f1"] < 0.85
    assert found.claimed["precision"] - found.honest["precision"] > 0.15
    assert found.copied > 0.99
    part = found.honest
    assert part["tn"] + part["fp"] + part["fn"] + part["tp"] == len(split.test)


def test_where_nothing_can_be_learnt_the_wrong_order_claims_half_and_more() -> None:
    X, y = make_rows(separation=0.0)
    found, _ = control(X, y)
    assert found.claimed["f1"] > 0.55
    assert found.honest["f1"] < 0.3


def test_copies_are_counted_and_undersampling_makes_none() -> None:
    X, y = make_rows()
    assert control(X, y, strategy="random")[0].copied > 0.9
    assert control(X, y, strategy="jitter")[0].copied > 0.9
    assert control(X, y, strategy="undersample")[0].copied == 0


def test_learnt_from_are_training_rows_and_measured_are_test_rows() -> None:
    X, y = make_rows()
    found, split = control(X, y)
    for rows, same in ((split.validation, True), (split.test, False)):
        changed = X.copy()
        changed[rows] += 100
        rng = np.random.default_rng(0)
        again = control_leak(changed, y, split, settings=SETTINGS, rng=rng)
        assert again.claimed == found.claimed
        assert (again.honest == found.honest) == same


def test_jitter_moves_the_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    X, y = make_rows()
    found, _ = control(X, y, strategy="jitter")

    def still(*arguments: Any, **options: Any) -> Any:
        return resample(*arguments, **options, jitter=0.0)

    monkeypatch.setattr(leaking, "resample", still)
    assert control(X, y, strategy="jitter")[0].claimed != found.claimed


def test_the_same_seed_gives_the_same_control() -> None:
    X, y = make_rows()
    assert control(X, y)[0] == control(X, y)[0]
    assert control(X, y, inputs="quadratic")[0] != control(X, y)[0]


def test_without_oversampling_there_is_nothing_to_control() -> None:
    X, y = make_rows()
    with pytest.raises(ValueError, match="strategy 'none' changes nothing"):
        control(X, y, strategy="none")
