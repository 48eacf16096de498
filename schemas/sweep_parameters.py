"""What a sweep can be told: one frozen model, shown as a form in the Prefect UI."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from schemas.split_parameters import SplitParameters
from slp import Balance, InputKind, Measure, Solver


class SweepParameters(SplitParameters):
    """Parameters of `flows.sweep.sweep`: every combination is tried."""

    inputs: Annotated[
        tuple[InputKind, ...], Field(min_length=1, description="What the layer may see.")
    ] = ("standard", "yeo-johnson", "quadratic", "yeo-johnson-quadratic")
    oversample: Annotated[
        tuple[Balance, ...],
        Field(min_length=1, description="Leave the training rows as they are, or balance them."),
    ] = ("none", "cycle")
    solver: Annotated[
        tuple[Solver, ...], Field(min_length=1, description="How the weights are found.")
    ] = ("newton", "sgd")
    l2: Annotated[
        tuple[Annotated[float, Field(ge=0, le=1e6)], ...],
        Field(min_length=1, description="Penalties on the squared weights."),
    ] = (1e-5, 1e-4, 1e-3, 1e-2)
    learning_rate: Annotated[
        tuple[Annotated[float, Field(gt=0, le=10)], ...],
        Field(min_length=1, description="Step sizes of sgd."),
    ] = (0.01, 0.03, 0.1, 0.3)
    batch_size: Annotated[
        tuple[Annotated[int, Field(ge=1, le=2**31)], ...],
        Field(min_length=1, description="Rows a step of sgd."),
    ] = (32,)
    n_epochs: Annotated[int, Field(ge=1, le=10_000, description="Passes of sgd over the rows.")] = (
        10
    )
    n_folds: Annotated[int, Field(ge=2, le=100, description="Folds of the cross-validation.")] = 5
    by: Annotated[Measure, Field(description="What the best setting is best at.")] = "log_loss"
    nested: Annotated[
        bool,
        Field(description="Also score the whole procedure, by choosing anew in each outer fold."),
    ] = True

    @model_validator(mode="after")
    def _each_value_is_tried_once(self) -> Self:
        for name in ("inputs", "oversample", "solver", "l2", "learning_rate", "batch_size"):
            values = getattr(self, name)
            twice = [value for value in values if values.count(value) > 1]
            if twice:
                raise ValueError(f"{name} names {twice[0]} more than once; leave the others out")
        return self

    @model_validator(mode="after")
    def _each_step_keeps_the_sign_of_a_weight(self) -> Self:
        rate, l2 = max(self.learning_rate), max(self.l2)
        if "sgd" in self.solver and l2 * rate >= 1:
            raise ValueError(
                f"l2 {l2:g} is not below 1 / learning_rate = {1 / rate:g}; a step of sgd would "
                f"turn every weight around"
            )
        return self

    @model_validator(mode="after")
    def _newton_alone_takes_no_setting_of_sgd(self) -> Self:
        changed = self._changed(("learning_rate", "batch_size", "n_epochs"))
        if "sgd" not in self.solver and changed:
            raise ValueError(
                f"{', '.join(changed)} would have no effect: the solver newton goes to the minimum "
                f"by itself; try the solver sgd too, or leave {changed[0]} out"
            )
        return self
