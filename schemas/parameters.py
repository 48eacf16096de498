"""What a training run can be told: one frozen model, shown as a form in the Prefect UI."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

Oversampling = Literal["none", "cycle", "random", "jitter", "undersample"]
InputKind = Literal["raw", "standard", "yeo-johnson", "quadratic", "yeo-johnson-quadratic"]
Preset = Literal["book", "book-extended", "book-balanced"]

THRESHOLD_PATTERN = r"^(f1|((?P<rule>recall|budget):)?(?P<amount>(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?))$"

# What a book preset fixes; a run that asks for one of these beside a preset contradicts itself.
_FIXED_BY_PRESET = (
    "validation_size",
    "test_size",
    "oversample",
    "inputs",
    "learning_rate",
    "batch_size",
    "n_epochs",
    "patience",
    "l2",
    "threshold",
)


def _known_threshold(text: str) -> str:
    """Refuse in words where a pattern would quote itself at the user.

    `slp.thresholds.parse_threshold` gives the text its meaning; a test holds the two together.
    """
    found = re.fullmatch(THRESHOLD_PATTERN, text, re.ASCII)
    if found:
        rule, amount = found["rule"], float(found["amount"] or 0)
        in_bounds = {
            None: text == "f1" or 0 < amount < 1,
            "recall": 0 < amount <= 1,
            "budget": amount.is_integer(),
        }
        if in_bounds[rule]:
            return text
    raise ValueError(
        "is none of f1, recall:R with R in (0, 1], budget:N with a whole N, or a probability "
        "in (0, 1)"
    )


class TrainingParameters(BaseModel):
    """Parameters of `flows.training.train`.

    The defaults were chosen by measurement; `docs/decisions/` says how.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: Annotated[
        str,
        Field(min_length=1, description="Path or URL of labelled candidates: CSV, ARFF, Parquet."),
    ]
    out: Annotated[
        str, Field(min_length=1, description="Artifact root; runs appear in its folder runs/.")
    ] = "artifacts"
    seed: Annotated[
        int, Field(ge=0, lt=2**63, description="Every random draw comes from this number.")
    ] = 0
    columns: Annotated[
        str | None,
        Field(
            description="Which columns are the eight features and the label, when the file leaves "
            "that open: names or 1-based positions in canonical order, or canonical=source pairs."
        ),
    ] = None
    drop: Annotated[
        tuple[str, ...], Field(description="Columns to leave out, by name or 1-based position.")
    ] = ()
    max_quarantine: Annotated[
        float, Field(ge=0, lt=1, description="Stop when more than this share of rows is rejected.")
    ] = 0.05
    validation_size: Annotated[
        float, Field(gt=0, lt=1, description="Share of rows that choose epoch and threshold.")
    ] = 0.2
    test_size: Annotated[
        float, Field(gt=0, lt=1, description="Share of rows that only measure.")
    ] = 0.2
    oversample: Annotated[
        Oversampling, Field(description="How the training part, and only it, is balanced.")
    ] = "none"
    threshold: Annotated[
        str,
        AfterValidator(_known_threshold),
        Field(
            json_schema_extra={"pattern": re.sub(r"\?P<\w+>", "", THRESHOLD_PATTERN)},
            description="f1, recall:0.95, budget:N, or a probability between 0 and 1; chosen on "
            "the validation part, never on the test part.",
        ),
    ] = "f1"
    inputs: Annotated[
        InputKind,
        Field(
            description="What the layer sees, fitted on the training part: the eight features as "
            "they are, standardised, made normal by a power, or with all products of two."
        ),
    ] = "standard"
    learning_rate: Annotated[float, Field(gt=0, le=10, description="Step size of SGD.")] = 0.3
    batch_size: Annotated[int, Field(ge=1, le=2**31, description="Rows a step.")] = 32
    n_epochs: Annotated[int, Field(ge=1, le=10_000, description="Passes at the most.")] = 100
    patience: Annotated[
        int | None,
        Field(ge=1, description="Stop after so many epochs without a better validation loss."),
    ] = 10
    l2: Annotated[float, Field(ge=0, description="Penalty on the squared weights.")] = 0.0
    n_resamples: Annotated[
        int, Field(ge=100, le=100_000, description="Bootstrap resamples behind each interval.")
    ] = 1000
    preset: Annotated[
        Preset | None,
        Field(description="Replay a run of the book this project grew from, to the last digit."),
    ] = None

    @property
    def data_name(self) -> str:
        """How people call the file: the last part of its path or address."""
        return self.data.rstrip("/").rsplit("/", 1)[-1]

    @model_validator(mode="after")
    def _parts_leave_rows_to_train_on(self) -> Self:
        held_out = self.validation_size + self.test_size
        if held_out >= 1:
            raise ValueError(
                f"validation_size {self.validation_size} + test_size {self.test_size} = "
                f"{held_out:g} leaves nothing to train on; their sum must be below 1"
            )
        return self

    @model_validator(mode="after")
    def _a_step_keeps_the_sign_of_a_weight(self) -> Self:
        if self.l2 * self.learning_rate >= 1:
            raise ValueError(
                f"l2 {self.l2:g} is not below 1 / learning_rate = {1 / self.learning_rate:g}; a "
                f"step would turn every weight around"
            )
        return self

    @model_validator(mode="after")
    def _a_preset_stands_alone(self) -> Self:
        fields = type(self).model_fields
        changed = [name for name in _FIXED_BY_PRESET if getattr(self, name) != fields[name].default]
        if self.preset and changed:
            raise ValueError(
                f"preset {self.preset} fixes {', '.join(changed)}; leave out either the preset "
                f"or {'them' if len(changed) > 1 else 'it'}"
            )
        return self
