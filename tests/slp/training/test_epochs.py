"""Mini-batch descent against a plain loop, scikit-learn's optimum and the real data."""

from __future__ import annotations

import dataclasses
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from slp.choosing.thresholds import choose_threshold
from slp.inputs import Inputs
from slp.kinds import parse_threshold
from slp.measures.metrics import measure
from slp.perceptron import Perceptron, learn
from slp.settings import Settings
from slp.splitting.split import stratified_split
from slp.training.epochs import Fit, fit

if TYPE_CHECKING:
    from pathlib import Path


def make_rows(n_rows: int, n_features: int = 3, seed: int = 0) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_rows, n_features))
    y = (X @ np.arange(1, n_features + 1) + 2 * rng.normal(size=n_rows) > 1).astype(np.int64)
    return X, y


@given(
    n_rows=st.integers(5, 40),
    batch_size=st.integers(1, 45) | st.just(2**31),
    learning_rate=st.floats(0.001, 0.5),
    l2=st.sampled_from([0.0, 0.01, 0.3]),
    init_std=st.sampled_from([0.0, 0.1]),
    seed=st.integers(0, 2**32),
)
@settings(deadline=None)
def test_every_step_is_that_of_the_plain_loop(
    n_rows: int, batch_size: int, learning_rate: float, l2: float, init_std: float, seed: int
) -> None:
    X, y = make_rows(n_rows, seed=seed)
    how = Settings(
        learning_rate=learning_rate, batch_size=batch_size, n_epochs=3, l2=l2, init_std=init_std
    )
    got = fit(X, y, settings=how, rng=np.random.default_rng(seed))
    rng = np.random.default_rng(seed)
    drawn = rng.normal(0, init_std, 3) if init_std else np.zeros(3)
    path, losses = learn(
        X,
        y,
        learning_rate=learning_rate,
        batch_size=batch_size,
        n_epochs=3,
        l2=l2,
        rng=rng,
        start=[*drawn, 0],
    )
    assert got.path == pytest.approx(path, rel=1e-10, abs=1e-12)
    assert got.loss_history == pytest.approx(losses, rel=1e-10)
    assert got.coef.tolist() == got.path[-1, :-1].tolist()
    assert got.intercept == got.path[-1, -1]
    assert got.best_epoch == 2
    assert got.validation_loss is None


def test_a_full_batch_ends_where_scikit_learn_does() -> None:
    X, y = make_rows(400)
    how = Settings(learning_rate=1.0, batch_size=400, n_epochs=3000, l2=0.01)
    got = fit(X, y, settings=how, rng=np.random.default_rng(0))
    other = LogisticRegression(C=1 / (0.01 * len(X)), tol=1e-10, max_iter=1000).fit(X, y)
    assert got.coef == pytest.approx(other.coef_[0], abs=1e-6)
    assert got.intercept == pytest.approx(other.intercept_[0], abs=1e-6)


def test_single_precision_stays_near_double() -> None:
    X, y = make_rows(1000)
    how = Settings(learning_rate=0.1, batch_size=32, n_epochs=5)
    double = fit(X, y, settings=how, rng=np.random.default_rng(0), validation=(X, y))
    single_rows = X.astype(np.float32)
    single = fit(
        single_rows, y, settings=how, rng=np.random.default_rng(0), validation=(single_rows, y)
    )
    assert single.path == pytest.approx(double.path, abs=1e-5)
    assert single.path.tolist() != double.path.tolist()
    assert single.validation_loss == pytest.approx(double.validation_loss, abs=1e-6)


def overfitted(patience: int | None, **more: Any) -> Fit:
    X, y = make_rows(40, n_features=20)
    how = Settings(learning_rate=0.5, batch_size=5, n_epochs=60, patience=patience)
    rows = make_rows(200, n_features=20, seed=9)
    return fit(X, y, settings=how, rng=np.random.default_rng(0), validation=rows, **more)


def test_the_weights_of_the_lowest_validation_loss_are_kept() -> None:
    got = overfitted(patience=None)
    X, y = make_rows(200, n_features=20, seed=9)
    expected = [
        log_loss(y, 1 / (1 + np.exp(-(X @ weights[:-1] + weights[-1])))) for weights in got.path
    ]
    assert got.validation_loss == pytest.approx(expected, rel=1e-12)
    assert got.best_epoch == int(np.argmin(expected))
    assert 0 < got.best_epoch < 59
    assert got.coef.tolist() == got.path[got.best_epoch, :-1].tolist()
    assert got.intercept == got.path[got.best_epoch, -1]


@pytest.mark.parametrize("patience", [1, 4])
def test_training_stops_when_patience_runs_out(patience: int) -> None:
    whole, got = overfitted(patience=None), overfitted(patience=patience)
    losses = whole.validation_loss
    assert losses is not None
    stop = next(
        epoch for epoch in range(60) if epoch - int(np.argmin(losses[: epoch + 1])) >= patience
    )
    assert got.path.tolist() == whole.path[: stop + 1].tolist()
    assert got.best_epoch == stop - patience
    assert len(got.loss_history) == stop + 1


def test_progress_is_told_after_each_epoch() -> None:
    told: list[tuple[int, float, float | None]] = []
    got = overfitted(patience=3, on_epoch=lambda *now: told.append(now))
    assert got.validation_loss is not None
    epochs = range(len(got.path))
    assert told == list(zip(epochs, got.loss_history, got.validation_loss, strict=True))
    told.clear()
    X, y = make_rows(20)
    how = Settings(learning_rate=0.1, batch_size=5, n_epochs=2)
    alone = fit(
        X, y, settings=how, rng=np.random.default_rng(0), on_epoch=lambda *now: told.append(now)
    )
    assert told == [(0, alone.loss_history[0], None), (1, alone.loss_history[1], None)]


def test_the_validation_loss_takes_the_shifted_prior() -> None:
    X, y = make_rows(60)
    how = Settings(learning_rate=0.1, batch_size=7, n_epochs=3)
    got = fit(
        X,
        y,
        settings=how,
        rng=np.random.default_rng(0),
        validation=(X, y),
        validation_shift=-1.5,
    )
    expected = [
        log_loss(y, 1 / (1 + np.exp(-(X @ weights[:-1] + weights[-1] - 1.5))))
        for weights in got.path
    ]
    assert got.validation_loss == pytest.approx(expected, rel=1e-12)


def test_the_same_seed_gives_the_same_bits_and_inputs_stay_as_they_were() -> None:
    X, y = make_rows(100)
    kept = X.copy(), y.copy()
    how = Settings(learning_rate=0.1, batch_size=8, n_epochs=4, init_std=0.01)
    first, second = (fit(X, y, settings=how, rng=np.random.default_rng(5)) for _ in range(2))
    assert first.path.tobytes() == second.path.tobytes()
    assert np.array_equal(X, kept[0])
    assert np.array_equal(y, kept[1])


def test_huge_features_saturate_without_a_warning() -> None:
    X, y = make_rows(50)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        got = fit(
            X * 1e4,
            y,
            settings=Settings(learning_rate=1.0, batch_size=8, n_epochs=3),
            rng=np.random.default_rng(0),
        )
    assert np.isfinite(got.path).all()


def test_weights_past_all_bounds_are_refused_without_a_warning() -> None:
    X, y = make_rows(50)
    how = Settings(learning_rate=1e200, batch_size=8, n_epochs=3)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ValueError, match=r"learning_rate 1e\+200 is too large.*after epoch 1"):
            fit(X * 1e150, y, settings=how, rng=np.random.default_rng(0))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"learning_rate": 0.0}, "learning_rate 0.0 is not positive"),
        ({"learning_rate": -1.0}, "learning_rate -1.0"),
        ({"learning_rate": np.nan}, "learning_rate nan"),
        ({"learning_rate": np.inf}, "learning_rate inf"),
        ({"batch_size": 0}, "batch_size 0 is below 1"),
        ({"n_epochs": 0}, "n_epochs 0 is below 1"),
        ({"patience": 0}, "patience 0 is below 1"),
        ({"l2": -0.1}, r"l2 -0.1 is outside \[0"),
        ({"l2": 10.0}, r"l2 10.0 is outside \[0, 1 / learning_rate = 10.0\)"),
        ({"init_std": -1.0}, "init_std -1.0 is negative"),
        ({"init_std": np.inf}, "init_std inf is not finite"),
    ],
)
def test_settings_out_of_bounds_are_refused(change: dict[str, Any], message: str) -> None:
    possible = Settings(learning_rate=0.1, batch_size=1, n_epochs=1, patience=1)
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(possible, **change)


def test_what_is_not_said_is_off() -> None:
    said = {"learning_rate": 0.1, "batch_size": 1, "n_epochs": 1}
    assert Settings(**said) == Settings(**said, l2=0.0, patience=None, init_std=0.0)


def test_rows_that_do_not_fit_are_refused() -> None:
    X, y = make_rows(10)
    how = Settings(learning_rate=0.1, batch_size=5, n_epochs=2)
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="9 labels for 10 rows"):
        fit(X, y[:9], settings=how, rng=rng)
    with pytest.raises(ValueError, match="2 columns; 3 are needed"):
        fit(X, y, settings=how, rng=rng, validation=(X[:, :2], y))
    with pytest.raises(ValueError, match="patience 2 needs validation rows"):
        fit(X, y, settings=dataclasses.replace(how, patience=2), rng=rng)


def test_ten_seeds_reach_the_promised_f1_on_the_real_data(data_dir: Path) -> None:
    table = np.loadtxt(data_dir / "HTRU_2.csv", delimiter=",")
    X, y = table[:, :8], table[:, 8]
    how = Settings(learning_rate=0.3, batch_size=64, n_epochs=40, patience=10)
    scores = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        split = stratified_split(X, y, validation_size=0.2, test_size=0.2, seed=seed)
        inputs = Inputs.fit("standard", X[split.train.indices])
        found = fit(
            inputs.transform(X[split.train.indices]),
            y[split.train.indices],
            settings=how,
            rng=rng,
            validation=(inputs.transform(X[split.validation]), y[split.validation]),
        )
        model = Perceptron(found.coef, found.intercept, inputs)
        threshold = choose_threshold(
            y[split.validation], model.predict_proba(X[split.validation]), parse_threshold("f1")
        )
        probability = model.predict_proba(X[split.test])
        scores.append(measure(y[split.test], probability, threshold=threshold)["f1"])
    assert np.mean(scores) >= 0.875
    assert min(scores) >= 0.84
