"""Single numbers: whatever their type, they are the numbers that they are, or they are refused."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import slp

NUMBERS = np.random.default_rng(0).normal(size=(300, 3))
LABELS = np.arange(300) % 2
SIZES = {"validation_size": 0.25, "test_size": 0.25, "seed": 0}
SPLIT = slp.stratified_split(NUMBERS, LABELS, **SIZES)
WILSON = slp.wilson(3, 5)
ONE_EPOCH: dict[str, Any] = {"learning_rate": 0.1, "batch_size": 5, "n_epochs": 1}


def one_epoch(**given: Any) -> list[float]:
    settings = slp.Settings(**(ONE_EPOCH | given))
    return slp.fit(NUMBERS, LABELS, settings=settings, rng=np.random.default_rng(0)).path.tolist()


def shifted(shift: Any) -> Any:
    return slp.fit(
        NUMBERS, LABELS, settings=slp.Settings(**ONE_EPOCH), rng=np.random.default_rng(0),
        validation=(NUMBERS, LABELS), validation_shift=shift,
    ).validation_loss  # fmt: skip


def jittered(jitter: Any) -> Any:
    rng = np.random.default_rng(0)
    return slp.resample(
        SPLIT.train, LABELS, strategy="jitter", rng=rng, X=NUMBERS, jitter=jitter
    ).noise


TAKES_A_NUMBER: dict[str, Callable[[Any], Any]] = {
    "hits": lambda number: slp.wilson(number, 3),
    "level": lambda number: slp.wilson(1, 3, level=number),
    "share": lambda number: slp.stratified_split(
        NUMBERS, LABELS, **(SIZES | {"test_size": number})
    ).test.tolist(),
    "jitter": lambda number: jittered(number).tolist(),
    "rate": lambda number: slp.alarms_per_pulsar(number, number, prevalence=number),
    "prevalence": lambda number: slp.project(WILSON, WILSON, prevalence=number),
    "ends": lambda number: slp.project(slp.Interval(*[number] * 3), WILSON, prevalence=0.1),
    "learning_rate": lambda number: one_epoch(learning_rate=number),
    "l2": lambda number: one_epoch(l2=number),
    "init_std": lambda number: one_epoch(init_std=number),
    "l2 of newton": lambda number: slp.fit_newton(NUMBERS, LABELS, l2=number).coef.tolist(),
    "shift": lambda number: shifted(number).tolist(),
}


@pytest.mark.parametrize("entry", TAKES_A_NUMBER)
@pytest.mark.parametrize(
    "number", [Decimal("0.25"), Fraction(1, 4), np.float16(0.25), np.longdouble(0.25)], ids=repr
)
def test_a_number_of_any_kind_is_the_number_that_it_is(entry: str, number: Any) -> None:
    assert TAKES_A_NUMBER[entry](number) == TAKES_A_NUMBER[entry](0.25)


@pytest.mark.parametrize("entry", TAKES_A_NUMBER)
@pytest.mark.parametrize(
    "value", [np.True_, np.asarray(np.True_), np.array("0.25"), np.complex128(0.25)], ids=repr
)
def test_what_numpy_would_take_for_a_number_is_none(entry: str, value: Any) -> None:
    with pytest.raises(ValueError, match=r"is not a number$"):
        TAKES_A_NUMBER[entry](value)


@pytest.mark.parametrize(
    ("few", "many"),
    [
        (np.int32(3), np.int32(32_769)),
        (np.int32(25_000), np.int32(50_000)),
        (np.uint8(100), np.uint8(200)),
    ],
)
def test_a_share_of_small_integers_is_that_of_the_counts(few: Any, many: Any) -> None:
    assert slp.wilson(few, many) == slp.wilson(int(few), int(many))


def folded(n_folds: Any) -> Any:
    return slp.stratified_folds(NUMBERS, LABELS, n_folds=n_folds, rng=np.random.default_rng(0))


TAKES_A_COUNT: dict[str, Callable[[Any], Any]] = {
    "batch_size": lambda count: one_epoch(batch_size=count),
    "of a group": lambda count: slp.fit_groups(
        [lambda: [(NUMBERS, LABELS)]], slp.Inputs.raw(3), rng=np.random.default_rng(0),
        settings=slp.Settings(learning_rate=0.1, batch_size=count, n_epochs=1),
    ).coef.tolist(),
    "n_folds": lambda count: folded(count).tolist(),
    "n_bins": lambda count: slp.expected_calibration_error(
        slp.reliability(LABELS, np.linspace(0, 1, 300), n_bins=count)
    ),
    "n_features": lambda count: slp.Inputs.raw(count).scale.std.tolist(),
}  # fmt: skip


@pytest.mark.parametrize("entry", TAKES_A_COUNT)
@pytest.mark.parametrize("count", [np.int8(100), np.uint8(3)], ids=repr)
def test_a_count_of_a_small_integer_type_is_the_count_that_it_is(entry: str, count: Any) -> None:
    assert TAKES_A_COUNT[entry](count) == TAKES_A_COUNT[entry](int(count))


@pytest.mark.parametrize("count", ["2", 1.5, 2.0, True, None, -1, 0])
def test_inputs_are_of_one_feature_or_more(count: Any) -> None:
    with pytest.raises(ValueError, match=rf"n_features {count!r} is "):
        slp.Inputs.raw(count)


@pytest.mark.parametrize("validation", [(NUMBERS,), (NUMBERS, LABELS, LABELS), 3])
def test_rows_held_out_are_features_and_labels(validation: Any) -> None:
    given: Any = {"settings": slp.Settings(**ONE_EPOCH), "rng": np.random.default_rng(0)}
    with pytest.raises(ValueError, match="no pair of features and labels"):
        slp.fit(NUMBERS, LABELS, validation=validation, **given)
    with pytest.raises(ValueError, match="no pair of features and labels"):
        slp.fit_groups(
            [lambda: [(NUMBERS, LABELS)]], slp.Inputs.raw(3), validation=validation, **given
        )
