"""The words that a training is told: what each may be, and how a threshold is written.

Nothing here needs NumPy, so that a form, a command's help or a file of parameters can be read
without loading it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, Never, get_args

InputKind = Literal["raw", "standard", "yeo-johnson", "quadratic", "yeo-johnson-quadratic"]
"""What the layer sees: `slp.inputs.Inputs` says what each is."""

Solver = Literal["newton", "sgd"]
"""To the minimum of the loss, or down in batches."""

Oversampling = Literal["none", "cycle", "random", "jitter", "undersample"]
"""How a training part is balanced: `slp.splitting.resampling.resample` says what each does."""

Balance = Literal["none", "cycle"]
"""Of these, what a sweep tries, by weights."""

Measure = Literal["f1", "average_precision", "log_loss"]
"""What a sweep measures, and is best at."""

INPUT_KINDS: tuple[InputKind, ...] = get_args(InputKind)
SOLVERS: tuple[Solver, ...] = get_args(Solver)
OVERSAMPLINGS: tuple[Oversampling, ...] = get_args(Oversampling)
BALANCES: tuple[Balance, ...] = get_args(Balance)
MEASURES: tuple[Measure, ...] = get_args(Measure)

ALLOWED = (
    "expected-f1, f1, recall:R with R in (0, 1], budget:N with a whole N of at least 0, or a "
    "number in (0, 1)"
)
"""What a threshold may be, in words."""

THRESHOLD = r"(expected-f1|f1|((recall|budget):)?((\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?))"
"""How a threshold is written, as a regular expression; its bounds are those of `ThresholdSpec`."""


@dataclass(frozen=True)
class ThresholdSpec:
    """A rule that gives a threshold.

    Attributes
    ----------
    rule : {"expected-f1", "f1", "recall", "budget", "fixed"}
        The best F1 that the probabilities let expect; the best F1 found on labelled rows; a recall
        to reach; a number of calls to stay within; or a given threshold.
    amount : float
        The recall in (0, 1], the number of calls, the threshold in (0, 1); 0 for the first two.
    """

    rule: Literal["expected-f1", "f1", "recall", "budget", "fixed"]
    amount: float = 0.0

    def __post_init__(self) -> None:
        """Refuse an amount that the rule does not take."""
        possible = {
            "expected-f1": self.amount == 0,
            "f1": self.amount == 0,
            "recall": 0 < self.amount <= 1,
            "budget": self.amount >= 0 and float(self.amount).is_integer(),
            "fixed": 0 < self.amount < 1,
        }
        if not possible.get(self.rule, False):
            raise ValueError(f"threshold {self.rule}:{self.amount} is not {ALLOWED}")

    @property
    def needs_held_out_rows(self) -> bool:
        """Whether it says something of rows that must not be those that the model learnt from.

        What is found, missed or called among them would flatter. "expected-f1" asks for no label,
        and a given threshold for nothing.
        """
        return self.rule not in ("expected-f1", "fixed")


def parse_threshold(text: str) -> ThresholdSpec:
    """Read ``expected-f1``, ``f1``, ``recall:0.95``, ``budget:200`` or a number in (0, 1).

    Raises
    ------
    ValueError
        When `text` is anything else; the message says what is allowed.
    """
    if not isinstance(text, str):
        raise ValueError(f"threshold {text!r} is not text: {ALLOWED}")  # noqa: TRY004 - as all here
    found = re.fullmatch(THRESHOLD, text.strip().lower(), re.ASCII)
    try:
        match found and found.group(1, 3, 4):
            case ("expected-f1" | "f1") as rule, _, _:
                return ThresholdSpec(rule)
            case _, ("recall" | "budget") as rule, amount:
                return ThresholdSpec(rule, float(amount))
            case _, None, amount:
                return ThresholdSpec("fixed", float(amount))
    except ValueError:
        pass
    raise ValueError(f"threshold {text!r} is not {ALLOWED}")


def untaken(word: Never) -> ValueError:
    """Give the error for a word that no branch took: with one more above, mypy names each place."""
    return ValueError(f"{word!r} is a word for which nothing is done here")
