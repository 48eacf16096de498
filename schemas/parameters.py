"""What a training run can be told: one frozen model, shown as a form in the Prefect UI."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from schemas.addresses import is_address
from schemas.split_parameters import Seed, SplitParameters
from slp import ALLOWED, THRESHOLD, InputKind, Oversampling, Solver, parse_threshold

Preset = Literal["book", "book-extended", "book-balanced"]

# What a book preset fixes; a run that asks for one of these beside a preset contradicts itself.
FIXED_BY_PRESET = (
    "seed",
    "validation_size",
    "test_size",
    "oversample",
    "inputs",
    "solver",
    "learning_rate",
    "batch_size",
    "n_epochs",
    "patience",
    "l2",
    "threshold",
    "labels",
)

ONLY_FOR_SGD = ("learning_rate", "batch_size", "n_epochs", "patience")


def _as_text(value: object) -> object:
    """Take a threshold that is a number, as a library or JSON has it; true is none."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else value


def _known_threshold(text: str) -> str:
    try:
        parse_threshold(text)
    except ValueError:
        # A pattern would quote itself at the user.
        raise ValueError(f"is none of {ALLOWED}") from None
    return text.strip().lower()


class TrainingParameters(SplitParameters):
    """Parameters of `flows.training.train`.

    The defaults were chosen by measurement; `docs/decisions/` says how.
    """

    oversample: Annotated[
        Oversampling, Field(description="How the training part, and only it, is balanced.")
    ] = "none"
    threshold: Annotated[
        str,
        BeforeValidator(_as_text),
        AfterValidator(_known_threshold),
        Field(
            json_schema_extra={"pattern": f"^{THRESHOLD}$"},
            description="expected-f1, from the probabilities of the rows learnt from, or of the "
            "validation part where sgd holds it back; f1, recall:0.95 or budget:N, from the "
            "validation part; or a probability between 0 and 1. Never from the test part.",
        ),
    ] = "expected-f1"
    inputs: Annotated[
        InputKind,
        Field(
            description="What the layer sees, fitted on the training part: the eight features as "
            "they are, standardised, made normal by a power, or with all products of two."
        ),
    ] = "yeo-johnson-quadratic"
    solver: Annotated[
        Solver,
        Field(
            description="newton goes to the minimum of the loss in a few steps over all rows; sgd "
            "walks down in batches, epoch by epoch, and stops early."
        ),
    ] = "newton"
    learning_rate: Annotated[float, Field(gt=0, le=10, description="Step size of sgd.")] = 0.3
    batch_size: Annotated[int, Field(ge=1, le=2**31, description="Rows a step of sgd.")] = 32
    n_epochs: Annotated[
        int, Field(ge=1, le=10_000, description="Passes of sgd over the rows, at the most.")
    ] = 100
    patience: Annotated[
        int | None,
        Field(ge=1, description="sgd stops after so many epochs without a better validation loss."),
    ] = 10
    l2: Annotated[
        float | None,
        Field(
            ge=0,
            le=1e6,
            description="Penalty on the squared weights; without one 1 / the rows learnt from, "
            "which is scikit-learn's C = 1.",
        ),
    ] = None
    n_resamples: Annotated[
        int,
        Field(
            ge=100,
            le=100_000,
            description="Of no effect: nothing is resampled any more. Taken so that earlier "
            "schedules and files of parameters go on working.",
        ),
    ] = 1000
    floor: Annotated[
        float,
        Field(ge=0, le=1, description="Average precision that a champion needs on its test part."),
    ] = 0.8
    margin: Annotated[
        float,
        Field(
            ge=0,
            le=1,
            description="A challenger may be worse than the champion, and than the best before it, "
            "by so much average precision and no more; else a person decides.",
        ),
    ] = 0.004
    when_undecided: Annotated[
        Literal["leave", "ask"],
        Field(
            description="Leave the champion, or ask a person: the flow run pauses; in a deployment "
            "with a limit it ends, and a run of `decide` asks."
        ),
    ] = "leave"
    preset: Annotated[
        Preset | None,
        Field(description="Replay a run of the book this project grew from, to the last digit."),
    ] = None
    labels: Annotated[
        str | None,
        Field(
            min_length=1,
            description="File of what people said of candidates, as `pulsar review` writes it: the "
            "weights are learnt from these too. Nothing is measured on them.",
        ),
    ] = None
    chosen_by: Annotated[
        ChosenBy | None,
        Field(
            description="The sweep that chose these settings, as its best.json says; the report "
            "warns where the test part may hold rows that had a say. A preset has none."
        ),
    ] = None

    @property
    def refits(self) -> bool:
        """Whether the model learns from the validation part too.

        It does where that part would have nothing to choose: newton has no epochs, and the
        threshold is given, or comes from probabilities and not from what is found.
        """
        held_out = parse_threshold(self.threshold).needs_held_out_rows
        return self.solver == "newton" and self.preset is None and not held_out

    @model_validator(mode="after")
    def _a_step_keeps_the_sign_of_a_weight(self) -> Self:
        l2 = self.l2 or 0.0
        if self.solver == "sgd" and l2 * self.learning_rate >= 1:
            raise ValueError(
                f"l2 {l2:g} is not below 1 / learning_rate = {1 / self.learning_rate:g}; a "
                f"step of sgd would turn every weight around"
            )
        return self

    @model_validator(mode="after")
    def _a_preset_stands_alone(self) -> Self:
        changed = self._changed(FIXED_BY_PRESET)
        if self.preset and changed:
            raise ValueError(
                f"preset {self.preset} fixes {', '.join(changed)}; leave out either the preset "
                f"or {'them' if len(changed) > 1 else 'it'}"
            )
        return self

    @model_validator(mode="after")
    def _labels_are_on_this_machine(self) -> Self:
        if self.labels and is_address(self.labels):
            raise ValueError("labels is an address; name a file on this machine")
        return self

    @model_validator(mode="after")
    def _newton_takes_no_setting_of_sgd(self) -> Self:
        changed = self._changed(ONLY_FOR_SGD)
        if self.solver == "newton" and changed:
            raise ValueError(
                f"{', '.join(changed)} would have no effect: the solver newton goes to the minimum "
                f"by itself; ask for the solver sgd, or leave {changed[0]} out"
            )
        return self


class ChosenBy(BaseModel):
    """What a sweep writes beside its best setting.

    A training with the same candidates, seed and sizes sets the same test part aside, which had no
    say in the choice; any other may not.

    Attributes
    ----------
    sweep : str
        What the sweep is called.
    seed, validation_size, test_size
        How it split the candidates, as of `schemas.split_parameters.SplitParameters`.
    fingerprint : str
        Of the candidates that it accepted.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sweep: Annotated[str, Field(min_length=1)]
    seed: Annotated[int, Field(ge=0, lt=2**63, strict=True)]
    validation_size: Annotated[float, Field(gt=0, lt=1)]
    test_size: Annotated[float, Field(gt=0, lt=1)]
    fingerprint: Annotated[str, Field(min_length=1)]


class SimulationParameters(BaseModel):
    """How many candidates are drawn; the defaults are HTRU2's numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rows: Annotated[int, Field(ge=1, le=10**9, description="How many candidates.")] = 17_898
    prevalence: Annotated[float, Field(ge=0, le=1, description="Share of pulsars among them.")] = (
        0.092
    )
    seed: Seed = 0
