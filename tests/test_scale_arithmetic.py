"""What the benches of scale hold side by side is the same work: one problem, one answer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.scale import kernel, newton
from slp.inputs import Inputs
from slp.perceptron import Perceptron


def test_both_sides_of_newton_end_at_one_minimum(tmp_path: Path) -> None:
    newton.write_rows(tmp_path, 3000)
    assert sum(len(y) for _, y in newton.parts(tmp_path)) == 3000
    inputs = newton.inputs_of(tmp_path)
    losses = {
        name: newton.loss_of(side(tmp_path, inputs), tmp_path, inputs)
        for name, side in newton.SIDES.items()
    }
    assert losses["project"] == pytest.approx(losses["sklearn"], abs=1e-4)
    assert losses["project"] <= losses["sklearn"] + newton.GAP


def test_a_line_holds_when_its_ratio_does() -> None:
    def held(n_rows: int, mebibytes: float) -> list[bool]:
        both = {"project": mebibytes, "sklearn": 10.0}
        same = {"project": 0.1, "sklearn": 0.1}
        return [line.holds for line in newton._lines(n_rows, both, both, same)]  # noqa: SLF001

    assert held(10**6, 2.5) == [True, True, True]
    assert held(10**7, 2.5) == [True, False, True]
    assert held(10**7, 1.0) == [True, True, True]
    assert held(10**6, 5.1) == [False, False, True]


def test_the_plain_way_says_what_the_kernel_says() -> None:
    X = np.random.default_rng(0).normal(size=(5000, 8))
    inputs = Inputs.fit("yeo-johnson-quadratic", X)
    model = Perceptron(np.ones(inputs.n_outputs), 0.5, inputs)
    for one, other in zip(kernel.plainly(model, X), model.explain(X), strict=True):
        assert one.tobytes() == other.tobytes()
