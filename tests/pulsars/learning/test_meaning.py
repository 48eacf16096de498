"""What a run says its numbers mean, against counts by hand and models whose answer is known."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pulsars.learning import meaning
from pulsars.learning.explaining import influence, mistakes
from pulsars.learning.leak import find_leak
from pulsars.learning.naming import name_mistakes
from pulsars.learning.predicting import Predicted
from pulsars.report import tables
from pulsars.store.arrays import Rows
from schemas.features import FEATURE_NAMES
from schemas.parameters import TrainingParameters
from slp.inputs import Inputs
from slp.perceptron import NOTHING_REACHES, Perceptron
from slp.scaling import Scale
from slp.settings import Settings
from slp.splitting.resampling import resample
from slp.splitting.split import stratified_split
from slp.training.epochs import fit
from slp.training.newton import fit_newton


def make_part(n_rows: int = 400, kind: str = "quadratic", threshold: float = 0.4) -> Any:
    rng = np.random.default_rng(3)
    y = (rng.random(n_rows) < 0.2).astype(np.int8)
    X = rng.normal(size=(n_rows, 8)) + 0.5 * y[:, None] * np.arange(8) / 4
    inputs = Inputs.fit(kind, X)  # type: ignore[arg-type]
    found = fit_newton(inputs.transform(X), y, l2=1e-2)
    model = Perceptron(found.coef, found.intercept, inputs, threshold)
    return model, Rows(X, y, np.arange(n_rows) * 2 + 1)


def find(model: Perceptron, part: Rows, trained: float = 0.2, true: float = 0.2) -> dict[str, Any]:
    found = meaning.find_meaning(
        model,
        part,
        Predicted.of(model, part.X),
        trained_prevalence=trained,
        true_prevalence=true,
    )
    json.dumps(found, allow_nan=False)  # refuses what is no JSON
    return found


@pytest.mark.parametrize("kind", ["raw", "standard", "yeo-johnson-quadratic"])
def test_the_parts_of_a_mistake_sum_to_its_logit(kind: str) -> None:
    model, part = make_part(kind=kind)
    found = mistakes(model, part, Predicted.of(model, part.X))
    assert len(found["missed"]) == len(found["false_alarms"]) == 5
    for row in found["missed"] + found["false_alarms"]:
        total = sum(row["contributions"].values()) + found["intercept"]
        assert total == pytest.approx(row["logit"], rel=1e-12)
        assert row["probability"] == pytest.approx(1 / (1 + np.exp(-row["logit"])))
        place = (row["line"] - 1) // 2
        assert list(row["values"].values()) == part.X[place].tolist()
        assert row["label"] == part.y[place]


def test_mistakes_have_the_names_of_their_own_rows_though_lines_stand_in_two_files() -> None:
    model, part = make_part()
    twice = Rows(part.X, part.y, np.concatenate([part.line[:200]] * 2))
    names = pd.DataFrame({"candidate": [f"no. {row}" for row in range(400)]}, index=twice.line)
    found = mistakes(model, twice, Predicted.of(model, part.X))
    named = name_mistakes(found, names)
    for kind in ("missed", "false_alarms"):
        assert named[kind]
        for row in named[kind]:
            place = int(row["carried"]["candidate"].removeprefix("no. "))
            assert list(row["values"].values()) == part.X[place].tolist()
            assert "row" not in row


def test_the_mistakes_are_the_worst_ones_the_worst_first() -> None:
    model, part = make_part()
    found = mistakes(model, part, Predicted.of(model, part.X))
    score, call = model.predict_proba(part.X), model.predict(part.X)
    missed = sorted(score[(part.y == 1) & (call == 0)])
    alarms = sorted(score[(part.y == 0) & (call == 1)], reverse=True)
    assert [row["probability"] for row in found["missed"]] == missed[:5]
    assert [row["probability"] for row in found["false_alarms"]] == alarms[:5]
    assert (found["n_missed"], found["n_false_alarms"]) == (len(missed), len(alarms))


def test_a_linear_model_is_moved_by_weight_times_spread_in_the_weight_s_direction() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(5, 3, size=(400, 8))
    coef = np.array([2.0, -1.0, 0.5, 0, 0, 0, 0, 0])
    found = influence(Perceptron(coef, -1.0, Inputs.of(Scale([5.0] * 8, [3.0] * 8))), X)
    assert list(found) == list(FEATURE_NAMES)
    spread = np.abs(X - X.mean(axis=0)).mean(axis=0)
    assert [one["moves"] for one in found.values()] == pytest.approx(abs(coef) * spread / 3)
    assert [one["direction"] for one in found.values()] == [1, -1, 1, 0, 0, 0, 0, 0]


def test_the_projection_of_the_part_s_own_mix_is_its_own_precision() -> None:
    y, called = np.repeat([1, 0], [100, 900]), np.zeros(1000, dtype=bool)
    called[:80], called[-20:] = True, True
    found = meaning.projection(y, called)
    assert found is not None
    own, rare, *_ = found["surveys"]
    assert own["prevalence"] == pytest.approx(0.1)
    assert own["precision"]["value"] == pytest.approx(80 / 100)
    assert own["called"]["value"] == pytest.approx(100 / 1000)
    # of 100,000 candidates 1,000 are pulsars: 800 found; of 99,000 others 2,200 called
    assert rare["precision"]["value"] == pytest.approx(800 / 3000)
    assert rare["false_alarms"]["value"] == pytest.approx(2200 / 800)
    assert [one["prevalence"] for one in found["surveys"][1:]] == [0.01, 0.001, 0.0001]


def test_a_budget_finds_what_a_walk_down_the_list_finds() -> None:
    rng = np.random.default_rng(1)
    y, score = (rng.random(500) < 0.2).astype(int), rng.permutation(500) / 500
    found = meaning.budget(y, score, n_called=37)
    assert found is not None
    ranked = y[np.argsort(-score)]
    for point in [*found["points"], *found["round"], found["called"]]:
        assert point["recall"] == pytest.approx(ranked[: point["n"]].sum() / y.sum())
        assert 0 <= point["low"] <= point["recall"] <= point["high"] <= 1
    assert found["called"]["n"] == 37
    assert [point["n"] for point in found["round"]] == [10, 30, 100, 300]
    assert (found["points"][0]["n"], found["points"][-1]["n"]) == (1, 500)
    assert 40 <= len(found["points"]) <= 60


@pytest.mark.parametrize("label", [0, 1])
def test_a_part_of_one_class_leaves_undefined_what_is_undefined(label: int) -> None:
    model, part = make_part()
    rows = part.y == label
    found = find(model, part[rows])
    assert found["projection"] is None
    assert (found["budget"] is None) == (label == 0)
    assert "one class" in tables.projection_table(found["projection"])[0]["share of pulsars"]
    assert tables.mistakes_table(found["mistakes"])


@pytest.mark.parametrize("threshold", [0.0, NOTHING_REACHES])
def test_a_threshold_that_calls_all_or_nothing_is_no_trouble(threshold: float) -> None:
    found = find(*make_part(threshold=threshold))
    everything = threshold == 0
    sure = float(everything)  # what all looks find, and none, is known without a sample
    called = {"n": 400 * everything, "recall": sure, "low": sure, "high": sure}
    assert found["budget"]["called"] == called
    alarms = found["projection"]["surveys"][1]["false_alarms"]
    assert (alarms["value"] is None) == (not everything)
    assert all(tables.projection_table(found["projection"]))


def test_the_bins_and_the_parts_are_those_of_the_brier_score() -> None:
    model, part = make_part()
    found = find(model, part)["calibration"]
    brier = np.mean((model.predict_proba(part.X) - part.y) ** 2)
    assert found["brier"]["score"] == pytest.approx(brier)
    assert sum(one["n_rows"] for one in found["bins"]) == 400
    assert found["brier_uncorrected"] is None


def test_the_uncorrected_brier_score_is_that_of_the_model_before_it_was_moved() -> None:
    model, part = make_part()
    moved = model.with_prior(trained=0.5, true=0.2)
    found = find(moved, part, trained=0.5, true=0.2)["calibration"]
    before = np.mean((model.predict_proba(part.X) - part.y) ** 2)
    assert found["brier_uncorrected"] == pytest.approx(before)


def test_prior_correction_shows_on_the_real_data(data_dir: Path) -> None:
    table = np.loadtxt(data_dir / "HTRU_2.csv", delimiter=",")
    X, y = table[:, :8], table[:, 8].astype(np.int8)
    split = stratified_split(X, y, validation_size=0.2, test_size=0.2, seed=0)
    train, test = split.train.indices, split.test
    balanced = resample(split.train, y, strategy="cycle", rng=np.random.default_rng(0))
    inputs = Inputs.fit("standard", X[train])
    found = fit(
        inputs.transform(X[balanced.sample_indices]),
        y[balanced.sample_indices],
        settings=Settings(learning_rate=0.05, batch_size=32, n_epochs=20),
        rng=np.random.default_rng(0),
    )
    prior = {"trained": balanced.prevalence, "true": float(y[train].mean())}
    model = Perceptron(found.coef, found.intercept, inputs).with_prior(**prior)
    part = Rows(X[test], y[test], test + 1)
    said = find(model, part, **prior)["calibration"]
    assert 0.028 < said["brier_uncorrected"] < 0.036
    assert said["brier"]["score"] <= 0.020


def leak_of(**asked: Any) -> dict[str, Any]:
    _, part = make_part(600)
    rows = np.random.default_rng(0).permutation(600)
    parts = {"train": rows[:360], "validation": rows[360:480], "test": rows[480:]}
    if asked.get("preset"):
        del parts["validation"]
    parameters = TrainingParameters.model_validate({"data": "x", **asked})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return find_leak(part.X, part.y, parts, parameters)


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"solver": "sgd", "inputs": "standard", "n_epochs": 5},
        {"solver": "sgd", "inputs": "standard", "oversample": "jitter", "patience": 3},
        {"solver": "newton", "inputs": "standard", "l2": 0.0},
    ],
    ids=["default", "sgd", "jitter", "newton without penalty"],
)
def test_the_leak_is_measured_with_the_run_s_own_solver(asked: dict[str, Any]) -> None:
    found = leak_of(**asked)
    assert found["not_measured"] is None
    assert found["strategy"] == asked.get("oversample", "none").replace("none", "cycle")
    assert found["claimed"]["precision"] > found["honest"]["precision"]
    assert found["copied"] > 0.9
    assert found == leak_of(**asked)
    assert [row["f1"] for row in tables.leak_table(found)] == [
        f"{found[key]['f1']:.3f}" for key in ("claimed", "honest")
    ]


def test_a_separating_plane_does_not_warn_in_the_control() -> None:
    X = np.concatenate([np.zeros((60, 8)), np.ones((40, 8))]) + np.arange(100)[:, None] / 1000
    y = np.repeat([0, 1], [60, 40])
    parts = {"train": np.arange(0, 100, 2), "validation": np.arange(1, 100, 4)}
    parts["test"] = np.arange(3, 100, 4)
    parameters = TrainingParameters(data="x", inputs="standard", solver="newton", l2=0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert find_leak(X, y, parts, parameters)["honest"]["f1"] == 1


def test_a_preset_s_order_is_not_controlled_twice() -> None:
    found = leak_of(preset="book-balanced")
    assert found["claimed"] is None
    assert "book" in found["not_measured"]
    assert tables.leak_table(found)[0]["not measured"] == found["not_measured"]


def test_a_control_that_cannot_be_trained_gives_its_reason() -> None:
    X, y = np.arange(96.0).reshape(12, 8), np.array([1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 1, 1])
    parts = {"train": np.arange(4), "validation": np.arange(4, 8), "test": np.arange(8, 12)}
    found = find_leak(X, y, parts, TrainingParameters(data="x"))
    assert "none can be held back" in found["not_measured"]
    assert found["claimed"] is None


def test_every_cell_of_every_table_is_text_or_a_whole_number() -> None:
    found = find(*make_part())
    for table in (
        tables.projection_table(found["projection"]),
        tables.mistakes_table(found["mistakes"]),
        tables.leak_table(leak_of()),
    ):
        assert len(table) >= 2
        assert all(type(cell) in {str, int} for row in table for cell in row.values())
