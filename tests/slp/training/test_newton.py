"""Newton's minimum against scikit-learn's, finite differences and data that have none."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from slp.blocks import BLOCK
from slp.inputs import Inputs
from slp.perceptron import learn
from slp.training.newton import NewtonFit, SeparableWarning, fit_newton, fit_newton_over
from slp.training.system import System

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def make_rows(n_rows: int, n_features: int = 3, seed: int = 0) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_rows, n_features))
    y = (X @ np.arange(1, n_features + 1) + 3 * rng.normal(size=n_rows) > 1).astype(np.int64)
    return X, y


def plain_loss(
    weights: NDArray[Any], X: NDArray[Any], y: NDArray[Any], l2: float, counts: Any = None
) -> float:
    logits = X @ weights[:-1] + weights[-1]
    losses = np.logaddexp(0, logits) - y * logits
    return float(np.average(losses, weights=counts) + l2 / 2 * weights[:-1] @ weights[:-1])


def weights_of(found: NewtonFit) -> NDArray[np.float64]:
    return np.append(found.coef, found.intercept)


def scikit_learns(X: Any, y: Any, l2: float, counts: Any = None) -> NDArray[np.float64]:
    total = len(y) if counts is None else np.sum(counts)
    model = LogisticRegression(C=1 / (l2 * total), tol=1e-8, max_iter=10_000)
    model.fit(X, y, sample_weight=counts)
    return np.append(model.coef_[0], model.intercept_[0])


def test_the_plain_loop_ends_at_the_minimum() -> None:
    X, y = make_rows(300)
    path, _ = learn(
        X, y, learning_rate=1.0, batch_size=300, n_epochs=3000, l2=0.01, rng=np.random.default_rng()
    )
    assert path[-1] == pytest.approx(weights_of(fit_newton(X, y, l2=0.01)), abs=1e-9)


@pytest.mark.parametrize("kind", ["standard", "yeo-johnson", "quadratic", "yeo-johnson-quadratic"])
@pytest.mark.parametrize("l2", [1e-5, 1e-2])
def test_the_loss_on_real_data_is_scikit_learns(data_dir: Path, kind: Any, l2: float) -> None:
    table = np.loadtxt(data_dir / "pulsar_stars.csv", delimiter=",", skiprows=1)
    X, y = Inputs.fit(kind, table[:, :8]).transform(table[:, :8]), table[:, 8]
    found = fit_newton(X, y, l2=l2)
    model = LogisticRegression(C=1 / (l2 * len(y)), tol=1e-8, solver="newton-cholesky").fit(X, y)
    other = plain_loss(np.append(model.coef_[0], model.intercept_), X, y, l2)
    assert abs(plain_loss(weights_of(found), X, y, l2) - other) < 1e-9
    assert found.loss == pytest.approx(plain_loss(weights_of(found), X, y, l2), abs=1e-13)
    assert found.n_steps <= 15
    assert not found.separable


@given(
    n_rows=st.integers(20, 200),
    l2=st.sampled_from([1e-3, 0.1, 10.0]),
    scale=st.sampled_from([1e-3, 1.0, 1e3]),
    seed=st.integers(0, 2**32),
)
@settings(deadline=None)
def test_no_weights_nearby_have_a_lower_loss(
    n_rows: int, l2: float, scale: float, seed: int
) -> None:
    X, y = make_rows(n_rows, seed=seed)
    X, y[:2], l2 = X * scale, [0, 1], l2 * scale**2
    rng = np.random.default_rng(seed)
    counts = rng.integers(0, 4, n_rows)
    counts[:2] = 1
    found = fit_newton(X, y, l2=l2, sample_weight=counts)
    lowest = plain_loss(weights_of(found), X, y, l2, counts)
    assert found.loss == pytest.approx(lowest, rel=1e-12)
    for _ in range(20):
        there = weights_of(found) + 1e-3 * rng.normal(size=4) / np.append([scale] * 3, 1)
        assert plain_loss(there, X, y, l2, counts) >= lowest - 1e-12


def test_weighted_rows_count_as_scikit_learn_has_them() -> None:
    X, y = make_rows(300)
    counts = np.random.default_rng(1).exponential(size=300)
    found = fit_newton(X, y, l2=0.01, sample_weight=counts)
    assert weights_of(found) == pytest.approx(scikit_learns(X, y, 0.01, counts), abs=1e-6)


def test_the_intercept_is_not_penalised() -> None:
    X, y = make_rows(300)
    found = fit_newton(X, y, l2=1e6)
    assert found.coef == pytest.approx(np.zeros(3), abs=1e-5)
    assert found.intercept == pytest.approx(np.log(y.mean() / (1 - y.mean())), abs=1e-5)


def test_slope_and_curvature_are_finite_differences() -> None:
    X, y = make_rows(70_000)  # more than two blocks
    weights = np.array([0.3, -0.7, 0.2, 0.5])
    system = System.of(X, y, l2=0.1, sample_weight=None)
    there = system.at(weights)
    assert there.loss == pytest.approx(plain_loss(weights, X, y, 0.1), rel=1e-14)
    for number, small in enumerate(1e-5 * np.eye(4)):
        up, down = weights + small, weights - small
        difference = plain_loss(up, X, y, 0.1) - plain_loss(down, X, y, 0.1)
        assert there.slope[number] == pytest.approx(difference / 2e-5, abs=1e-9)
        slopes = [system.at(moved).slope for moved in (up, down)]
        expected = (slopes[0] - slopes[1]) / 2e-5
        assert there.curvature[number] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("n_rows", [2, 4096, 4097, 32_768])
def test_rows_of_one_block_are_summed_as_all_rows_at_once(n_rows: int) -> None:
    X, y = make_rows(n_rows)
    y[:2] = [0, 1]
    weights = np.array([0.3, -0.7, 0.2, 0.5])
    there = System.of(X, y, l2=0.1, sample_weight=None).at(weights)
    penalty, columns = np.array([0.1, 0.1, 0.1, 0.0]), np.vstack([X.T.copy(), np.ones(len(y))])
    share, logits = np.full(len(y), 1 / len(y)), weights @ columns
    losses = np.maximum(logits, 0) - logits * y + np.log1p(np.exp(-np.abs(logits)))
    decay = np.exp(-np.abs(logits))
    slope = columns @ (share * (np.where(logits > 0, 1.0, decay) / (1 + decay) - y))
    root = np.sqrt(share * decay) / (1 + decay)
    curvature = np.diag(penalty)
    for first in range(0, len(y), 4096):
        weighed = columns[:, first : first + 4096] * root[first : first + 4096]
        curvature += weighed @ weighed.T
    assert there.loss == float(share @ losses + penalty @ weights**2 / 2)
    assert there.slope.tobytes() == (slope + penalty * weights).tobytes()
    assert there.curvature.tobytes() == curvature.tobytes()


@pytest.mark.parametrize("n_rows", [500, 70_000])
def test_what_a_refused_step_is_not_asked_changes_no_bit(
    n_rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    X, y = make_rows(n_rows)
    far = np.array([3.0, -4.0, 2.0, 5.0])  # from where whole steps lead too far
    found, whole, refused = fit_newton(X, y, l2=1e-4, start=far), System.at, []

    def asked(system: System, weights: Any, most: float = np.inf, **more: Any) -> Any:
        there = whole(system, weights, **more)
        if there.loss > most:
            refused.append(whole(system, weights, most=most, **more))
            assert refused[-1].loss == there.loss
        else:
            assert whole(system, weights, most=most, **more).curvature.tobytes() == (
                there.curvature.tobytes()
            )
        return there

    monkeypatch.setattr(System, "at", asked)
    assert fit_newton(X, y, l2=1e-4, start=far).path.tobytes() == found.path.tobytes()
    assert refused
    assert not any(one.curvature.any() for one in refused if n_rows <= BLOCK)


@pytest.mark.parametrize("gap", [0.0, 1.0])
def test_separable_rows_end_with_a_warning(gap: float) -> None:
    X = np.array([-2.0, -1.0, 0.0, gap, 1.0 + gap, 3.0])[:, None]  # without a gap, two rows touch
    y = np.array([0, 0, 0, 1, 1, 1])
    with pytest.warns(SeparableWarning, match="set l2 above 0"):
        found = fit_newton(X, y)
    assert found.separable
    assert np.isfinite(weights_of(found)).all()
    called = X[:, 0] * found.coef[0] + found.intercept > 0
    assert called[[0, 1, 4, 5]].tolist() == [False, False, True, True]


def test_where_nobody_is_to_be_warned_separable_rows_are_told_by_the_fit_alone() -> None:
    X, y = np.array([[-1.0], [-0.5], [0.5], [1.0]]), np.array([0, 0, 1, 1])
    source, raw = (lambda: [(X, y)]), Inputs.raw(1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert fit_newton(X, y, warns=False).separable
        assert fit_newton_over(source, raw, warns=False).separable


def test_a_penalty_holds_separable_rows_without_a_warning() -> None:
    X, y = np.array([[-1.0], [-0.5], [0.5], [1.0]]), np.array([0, 0, 1, 1])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = fit_newton(X, y, l2=1e-6)
    assert not found.separable
    assert plain_loss(weights_of(found), X, y, 1e-6) < 1e-3
    assert weights_of(found) == pytest.approx(scikit_learns(X, y, 1e-6), rel=1e-3, abs=1e-3)


def test_a_logit_that_moves_late_is_not_taken_for_a_separating_plane() -> None:
    X, y = make_rows(200)
    alone = np.zeros((3, 4))
    alone[:, 3] = 1  # nothing but these three rows, which hardly count, moves the last weight
    X = np.vstack([np.hstack([X, np.zeros((200, 1))]), alone])
    y, counts = np.append(y, [1, 1, 0]), np.append(np.ones(200), np.full(3, 1e-6))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = fit_newton(X, y, sample_weight=counts)
        start = weights_of(found) * [1, 1, 1, 0, 1]
        again = fit_newton(X, y, sample_weight=counts, start=start)
    assert found.coef[3] + found.intercept == pytest.approx(np.log(2), abs=1e-3)
    assert again.coef[3] == pytest.approx(found.coef[3], abs=1e-2)
    assert not again.separable


def test_columns_that_do_not_vary_or_repeat_change_nothing() -> None:
    X, y = make_rows(200)
    bare = fit_newton(X, y)
    more = fit_newton(np.hstack([X, X[:, :1], np.zeros((200, 1))]), y)
    assert more.loss == pytest.approx(bare.loss, abs=1e-12)
    assert more.coef[0] + more.coef[3] == pytest.approx(bare.coef[0], abs=1e-6)
    assert more.coef[4] == 0


def test_a_far_start_is_halved_back_to_the_same_minimum() -> None:
    X, y = make_rows(200)
    near, far = fit_newton(X, y, l2=0.01), fit_newton(X, y, l2=0.01, start=[30, -30, 30, 9])
    assert weights_of(far) == pytest.approx(weights_of(near), abs=1e-5)
    again = fit_newton(X, y, l2=0.01, start=weights_of(near))
    assert again.n_steps == 1


def test_the_same_rows_give_the_same_bits_and_stay_as_they_were() -> None:
    X, y = make_rows(200)
    start, kept = np.zeros(4), X.copy()
    first, second = (fit_newton(X, y, l2=0.01, start=start) for _ in range(2))
    assert weights_of(first).tobytes() == weights_of(second).tobytes()
    assert np.array_equal(X, kept)
    assert not start.any()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"l2": -1.0}, "l2 -1.0 is negative"),
        ({"l2": np.nan}, "l2 nan"),
        ({"l2": np.inf}, "l2 inf"),
        ({"X": np.full((4, 1), np.inf)}, "feature inf in row 0"),
        ({"y": [0, 1, 2, 0]}, "label 2 in row 2"),
        ({"y": [0, 1, 0]}, "3 labels for 4 rows"),
        ({"y": [0, 0, 0, 0]}, "no row labelled 1 counts"),
        ({"y": [1, 1, 1, 1]}, "no row labelled 0 counts"),
        ({"sample_weight": [1, 0, 1, 0]}, "no row labelled 1 counts"),
        ({"sample_weight": [1, -1, 1, 1]}, "sample weight -1.0 in row 1 is negative"),
        ({"sample_weight": [1, 1, np.nan, 1]}, "sample weight nan in row 2"),
        ({"sample_weight": [1, 1, np.inf, 1]}, "sample weight inf in row 2"),
        ({"sample_weight": [1, 1, 1]}, "3 sample weights for 4 rows"),
        ({"sample_weight": np.ones((4, 1))}, r"sample_weight has shape \(4, 1\)"),
        ({"start": [1.0]}, r"start \[1.0\] is not 2 finite numbers"),
        ({"start": [1.0, np.nan]}, "is not 2 finite numbers"),
        ({"start": np.ones(2) * 1j}, "are of type complex128"),
        ({"start": np.zeros(2, "m8[s]")}, r"are of type timedelta64\[s\]"),
    ],
)
def test_what_has_no_minimum_is_refused(change: dict[str, Any], message: str) -> None:
    possible = {"X": np.array([[0.0], [1.0], [0.5], [0.2]]), "y": [0, 1, 0, 1], "l2": 0.1}
    with pytest.raises(ValueError, match=message):
        fit_newton(**{**possible, **change})


def test_weights_that_add_up_past_all_floats_are_what_is_named() -> None:
    X, y = np.arange(8.0)[:, None], np.arange(8) % 2
    for number in (4, 8):  # in one sum, and where the halves are finite
        weight = np.full(8, 1.7e308 / number * 3)
        with pytest.raises(ValueError, match="sample weights"):
            fit_newton(X, y, l2=1.0, sample_weight=weight)


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid value")
@pytest.mark.parametrize("size", [1e155, 1e160, 1e300])
@pytest.mark.parametrize("columns", [slice(None), slice(1)])
def test_features_whose_squares_overflow_are_refused_at_once(size: float, columns: slice) -> None:
    X, y = make_rows(60)
    X[:, columns] *= size
    with pytest.raises(
        ValueError, match="the squares of the features overflow; scale the features"
    ):
        fit_newton(X, y)
