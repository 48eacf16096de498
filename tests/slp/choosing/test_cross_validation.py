"""A sweep against fits one by one and scikit-learn's measures."""

from __future__ import annotations

import dataclasses
import warnings
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, f1_score, log_loss

from slp.choosing.cross_validation import fit_inputs, sweep, try_pass
from slp.choosing.grid import _WORDS, Grid
from slp.choosing.results import best, ranked
from slp.choosing.setting import Setting
from slp.inputs import Inputs
from slp.kinds import MEASURES
from slp.measures.many_models import score_many
from slp.measures.metrics import measure
from slp.prior import prior_shift
from slp.splitting.folds import stratified_folds
from slp.training.newton import fit_newton

if TYPE_CHECKING:
    from pathlib import Path

GRID = Grid(
    learning_rate=(0.05, 0.3),
    l2=(0.001, 0.01),
    batch_size=(8, 20),
    oversample=("none", "cycle"),
    inputs=("standard", "quadratic"),
    n_epochs=3,
)


def make_rows(n_rows: int = 150) -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    X = rng.normal(5, 3, size=(n_rows, 3))
    y = (X @ [1, 2, -1] + 5 * rng.normal(size=n_rows) > 18).astype(np.int64)
    return X, y


def rng_of(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def minimum_alone(rows: Any, y: Any, weight: Any, setting: Setting, _rng: Any) -> Any:
    """Find the minimum with scikit-learn."""
    model = LogisticRegression(C=1 / (setting.l2 * weight.sum()), tol=1e-10, max_iter=10_000)
    model.fit(rows, y, sample_weight=weight)
    return model.coef_[0], model.intercept_[0]


def descended_alone(rows: Any, y: Any, weight: Any, setting: Any, rng: Any) -> Any:
    coef, bias = 0.0, 0.0
    for _ in range(GRID.n_epochs):
        order = rng.permutation(len(y))
        for start in range(0, len(y), setting.batch_size):
            batch = order[start : start + setting.batch_size]
            p = 1 / (1 + np.exp(-((rows[batch] * coef).sum(axis=1) + bias)))
            error = weight[batch] * (p - y[batch]) / len(batch)
            decay = 1 - setting.learning_rate * setting.l2 * weight.mean()
            coef = coef * decay - setting.learning_rate * error @ rows[batch]
            bias = bias - setting.learning_rate * error.sum()
    return coef, bias


def trained_alone(X: Any, y: Any, held: Any, setting: Setting, seed: int) -> Any:
    """Train on the rows not held out, in plain steps; logits of those held out."""
    inputs = Inputs.fit(setting.inputs, X[~held])
    rows = inputs.transform(X)
    weight = (~held).astype(float)
    if setting.oversample == "cycle":
        weight[~held & (y == 1)] *= np.sum(~held & (y == 0)) / np.sum(~held & (y == 1))
    descend = minimum_alone if setting.solver == "newton" else descended_alone
    coef, bias = descend(rows, y, weight, setting, rng_of(seed))
    logits = (rows[held] * coef).sum(axis=1) + bias
    if setting.oversample == "cycle":
        logits += prior_shift(trained=0.5, true=y[~held].mean())
    return logits


def expected_settings() -> list[Setting]:
    """The grid's settings in words of their own: Newton's method before the descents."""
    found = []
    for inputs, oversample in product(GRID.inputs, GRID.oversample):
        kind: Any = {"inputs": inputs, "oversample": oversample}
        found += [Setting(**kind, solver="newton", l2=l2) for l2 in GRID.l2]
        found += [
            Setting(**kind, solver="sgd", batch_size=size, learning_rate=rate, l2=l2, n_epochs=3)
            for size, rate, l2 in product(GRID.batch_size, GRID.learning_rate, GRID.l2)
        ]
    return found


def test_every_setting_scores_as_if_trained_alone_on_the_other_folds() -> None:
    X, y = make_rows()
    swept = sweep(X, y, grid=GRID, n_folds=3, rng=rng_of())
    assert [each.setting for each in swept] == expected_settings()
    rng = rng_of()
    fold = stratified_folds(X, y, n_folds=3, rng=rng)
    seed = int(rng.integers(2**63))
    for each, number in product(swept, range(3)):
        held = fold == number
        logits = trained_alone(X, y, held, each.setting, seed)
        alone = measure(y[held], 1 / (1 + np.exp(-logits)), threshold=0.5)
        for name in MEASURES:  # float32 against float64
            assert getattr(each, name)[number] == pytest.approx(alone[name], abs=1e-4)


@given(
    st.integers(1, 4),
    st.lists(st.integers(-3, 3), min_size=2, max_size=30),
    st.integers(0, 2**32),
)
@settings(deadline=None)
def test_many_models_are_measured_as_scikit_learn_measures_one(
    n_models: int, levels: list[int], seed: int
) -> None:
    rng = rng_of(seed)
    y = rng.permutation(np.arange(len(levels)) % 2)
    logits = rng.choice(np.array(levels, dtype=float), (len(y), n_models))  # with ties
    scores = score_many(y, logits)
    for k in range(n_models):
        p = 1 / (1 + np.exp(-logits[:, k]))
        assert scores["f1"][k] == pytest.approx(f1_score(y, p >= 0.5, zero_division=0))
        assert scores["average_precision"][k] == pytest.approx(average_precision_score(y, p))
        assert scores["log_loss"][k] == pytest.approx(log_loss(y, p, labels=[0, 1]))


def test_mean_and_spread_are_over_folds() -> None:
    swept = sweep(*make_rows(), grid=Grid(n_epochs=1), n_folds=4, rng=rng_of())
    assert len(swept) == 4 + 20
    for each in swept:
        assert len(each.f1) == 4
        assert each.mean("f1") == pytest.approx(sum(each.f1) / 4)
        assert each.spread("log_loss") == pytest.approx(np.std(each.log_loss) * (4 / 3) ** 0.5)


def test_the_best_setting_has_the_lowest_loss_or_the_highest_score() -> None:
    swept = sweep(*make_rows(), grid=GRID, n_folds=3, rng=rng_of())
    assert best(swept) is min(swept, key=lambda each: sum(each.log_loss))
    assert best(swept, by="log_loss") is best(swept)
    assert best(swept, by="f1").mean("f1") == max(each.mean("f1") for each in swept)
    by_ranking = best(swept, by="average_precision")
    assert by_ranking is max(swept, key=lambda each: sum(each.average_precision))
    twin = dataclasses.replace(by_ranking)
    assert best((by_ranking, twin), by="average_precision") is by_ranking
    losses = [each.mean("log_loss") for each in ranked(swept)]
    assert losses == sorted(losses)
    assert set(ranked(swept)) == set(swept)
    with pytest.raises(ValueError, match="no setting"):
        best(())
    with pytest.raises(ValueError, match="'brier' is none of f1, average_precision, log_loss"):
        best(swept, by="brier")  # type: ignore[arg-type]


def test_the_same_seed_gives_the_same_table() -> None:
    X, y = make_rows()
    first = sweep(X, y, grid=GRID, n_folds=3, rng=rng_of(7))
    assert first == sweep(X, y, grid=GRID, n_folds=3, rng=rng_of(7))
    assert first != sweep(X, y, grid=GRID, n_folds=3, rng=rng_of(8))
    assert GRID.n_passes == 12


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"learning_rate": ()}, "learning_rate is empty"),
        ({"l2": ()}, "l2 is empty"),
        ({"batch_size": ()}, "batch_size is empty"),
        ({"inputs": ()}, "inputs is empty"),
        ({"inputs": "standard"}, "inputs 'standard' is no tuple"),
        ({"inputs": ("standard", "x")}, "inputs 'x' is none of raw, standard"),
        ({"l2": 0.1}, "l2 0.1 is no tuple"),
        ({"l2": ("x",), "solver": ("newton",)}, "l2 'x' is not a number"),
        ({"oversample": ("balanced",)}, "oversample 'balanced' is none of none, cycle"),
        ({"solver": ()}, "solver is empty"),
        ({"solver": ("lbfgs",)}, "solver 'lbfgs' is none of newton, sgd"),
        ({"solver": ("newton",), "l2": (0.1, -1.0)}, "l2 -1.0 is negative"),
        ({"learning_rate": (0.1, -1.0)}, "learning_rate -1.0 is not positive"),
        ({"learning_rate": (0.1, 10.0), "l2": (0.1,)}, r"l2 0.1 is outside \[0"),
        ({"batch_size": (10, 0)}, "batch_size 0 is below 1"),
        ({"n_epochs": 0}, "n_epochs 0 is below 1"),
    ],
)
def test_what_cannot_be_tried_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Grid(**change)


def test_settings_that_newtons_method_does_not_have_are_not_looked_at() -> None:
    grid = Grid(learning_rate=(0.1, 10.0), l2=(0.5,), solver=("newton",))
    (swept,) = sweep(*make_rows(), grid=grid, n_folds=3, rng=rng_of())
    assert swept.setting.learning_rate is None
    assert swept.setting.batch_size is None
    with pytest.raises(ValueError, match="newton has no settings of a descent"):
        swept.setting.descent()


def test_a_penalty_too_weak_to_hold_the_weights_warns_nobody_and_is_not_chosen() -> None:
    rng = rng_of(3)
    X = np.linspace(-1, 1, 60)[:, None] + [[0.0, 1.0]] + rng.normal(size=(60, 2)) * [0.0, 1.0]
    y = (X[:, 0] > 0).astype(np.int64)
    grid = Grid(l2=(0.0, 0.1), solver=("newton",))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        free, held = sweep(X, y, grid=grid, n_folds=3, rng=rng_of())
    assert free.setting.l2 == 0
    assert held.mean("log_loss") < np.log(2) < free.mean("log_loss")


def test_one_setting_is_tried_on_rows_of_choice() -> None:
    X, y = make_rows()
    held = np.arange(len(y)) % 3 == 0
    setting = Setting(inputs="standard", oversample="none", solver="newton", l2=0.01)
    fitted = fit_inputs(X, kind="standard", held=held[None])
    (tried,) = try_pass(X, y, settings=[setting], held=held[None], inputs=fitted, seed=0)
    inputs = Inputs.fit("standard", X[~held])
    found = fit_newton(inputs.transform(X[~held]), y[~held], l2=0.01)
    logits = inputs.transform(X[held]) @ found.coef + found.intercept
    alone = measure(y[held], 1 / (1 + np.exp(-logits)), threshold=0.5)
    for name in MEASURES:
        assert getattr(tried, name) == (pytest.approx(alone[name], abs=1e-9),)


def test_a_fold_s_curves_end_with_the_range_of_the_rows_that_it_learns_from() -> None:
    X, y = make_rows()
    held = np.arange(len(y)) % 3 == np.arange(3)[:, None]
    for each, inputs in zip(
        held, fit_inputs(X, kind="yeo-johnson-quadratic", held=held), strict=True
    ):
        training = Inputs.fit("yeo-johnson-quadratic", X[~each])
        assert inputs.to_dict() == training.to_dict()
        assert inputs.to_dict()["high"] == X[~each].max(axis=0).tolist()


def test_inputs_that_there_are_not_are_refused() -> None:
    with pytest.raises(ValueError, match="'cubic' is none of raw, standard"):
        sweep(
            *make_rows(),
            grid=Grid(inputs=("cubic",)),  # type: ignore[arg-type]
            n_folds=3,
            rng=rng_of(),
        )


def test_a_small_grid_on_the_real_data_finds_what_a_fit_reaches(data_dir: Path) -> None:
    table = np.loadtxt(data_dir / "pulsar_stars.csv", delimiter=",", skiprows=1)
    grid = Grid(learning_rate=(0.1, 1.0), l2=(0.0, 1e-5), inputs=("standard", "yeo-johnson"))
    swept = sweep(table[:, :8], table[:, 8], grid=grid, n_folds=5, rng=rng_of())
    found = best(swept)
    assert found.setting.inputs == "yeo-johnson"
    assert found.mean("f1") >= 0.875
    assert found.mean("average_precision") >= 0.925


@pytest.mark.parametrize("name", ["solver", "oversample"])
def test_a_word_that_only_the_lists_know_is_neither_tried_nor_another_one(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    X, y = np.random.default_rng(0).normal(size=(30, 2)), np.arange(30) % 3 == 0
    held = np.arange(30) % 2 == np.arange(2)[:, None]
    asked: Any = {"inputs": "raw", "oversample": "none", "solver": "newton", "l2": 0.1}
    with pytest.raises(ValueError, match="'new word'"):
        try_pass(
            X,
            y,
            settings=[Setting(**asked | {name: "new word"})],
            held=held,
            inputs=fit_inputs(X, kind="raw", held=held),
            seed=0,
        )
    monkeypatch.setitem(_WORDS, "solver", ("new word",))
    unknown: Any = ("new word",)
    with pytest.raises(ValueError, match="'new word'"):
        Grid(solver=unknown)


def test_numbers_of_a_grid_and_of_a_setting_are_plain_ones() -> None:
    asked: Any = {"l2": [Decimal("0.1")], "learning_rate": [np.float32(0.5)]}
    grid = Grid(**asked, batch_size=(np.uint8(32),), n_epochs=np.uint8(3))  # type: ignore[arg-type]
    plain = Grid(l2=(0.1,), learning_rate=(0.5,), batch_size=(32,), n_epochs=3)
    assert repr(grid) == repr(plain)
    assert repr(grid.passes()) == repr(plain.passes())
    alone: Any = {"inputs": "raw", "oversample": "none", "solver": "newton", "l2": Fraction(1, 2)}
    assert repr(Setting(**alone)) == repr(Setting(**alone | {"l2": 0.5}))


def test_settings_may_be_an_array_and_are_not_to_be_none_at_all() -> None:
    X, y = make_rows()
    given, held = Grid(n_epochs=1).passes()[0], np.arange(150) % 3 == np.arange(3)[:, None]
    told: Any = {"held": held, "inputs": fit_inputs(X, kind="standard", held=held), "seed": 1}
    array: Any = np.array(given, dtype=object)
    assert try_pass(X, y, settings=array, **told) == try_pass(X, y, settings=given, **told)
    for none in ((), array[:0]):
        with pytest.raises(ValueError, match="no settings to try"):
            try_pass(X, y, settings=none, **told)


@pytest.mark.parametrize("number", [0, 1])
def test_folds_of_zeros_and_ones_are_folds(number: int) -> None:
    X, y = make_rows()
    settings_, held = Grid(n_epochs=1).passes()[number], np.arange(150) % 3 == np.arange(3)[:, None]
    inputs = fit_inputs(X, kind="standard", held=held)
    found = try_pass(X, y, settings=settings_, held=held, inputs=inputs, seed=1)
    for same in (held.astype(np.int8), held.astype(float), held.tolist()):
        again = fit_inputs(X, kind="standard", held=same)
        assert [each.to_dict() for each in again] == [each.to_dict() for each in inputs]
        assert try_pass(X, y, settings=settings_, held=same, inputs=inputs, seed=1) == found


@pytest.mark.parametrize(
    "held",
    [np.zeros((2, 140), bool), np.zeros(150, bool), np.full((2, 150), 2), [["a"] * 150] * 2, None],
)
def test_folds_that_do_not_say_of_each_row_whether_it_is_held_out_are_refused(held: Any) -> None:
    X, y = make_rows()
    with pytest.raises(ValueError, match=r"^held |^the folds hold what is no number"):
        fit_inputs(X, kind="raw", held=held)
    inputs = (Inputs.raw(3), Inputs.raw(3))
    with pytest.raises(ValueError, match=r"^held |^the folds hold what is no number"):
        try_pass(X, y, settings=GRID.passes()[0], held=held, inputs=inputs, seed=1)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"settings": []}, "no settings to try"),
        ({"inputs": (Inputs.raw(3),)}, "1 inputs for 2 folds"),
        ({"y": np.arange(149) % 2}, "149 labels for 150 rows"),
    ],
)
def test_a_pass_of_what_does_not_belong_together_is_refused(change: Any, said: str) -> None:
    X, y = make_rows()
    whole: Any = {
        "X": X, "y": y, "settings": GRID.passes()[0], "seed": 1,
        "held": np.arange(150) % 2 == np.arange(2)[:, None], "inputs": (Inputs.raw(3),) * 2,
    }  # fmt: skip
    with pytest.raises(ValueError, match=said):
        try_pass(**(whole | change))
