"""The history of champions: who took the place from whom, and what follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from schemas import How


@dataclass(frozen=True, kw_only=True)
class Reign:
    """One change of the pointer.

    Attributes
    ----------
    run : str
        The run that became champion.
    model_sha256 : str
        Of its `model.json`.
    since : str
        ISO 8601, UTC.
    how : {"gate", "person", "rollback"}
        Who decided.
    because : str
        Why, in words.
    anchor : str
        The run that challengers were held against from then on, beside the champion, so that small
        losses cannot add up: the best that the gate has proven, or the last that a person named.
        Of a change that an earlier version wrote, the run itself.
    """

    run: str
    model_sha256: str
    since: str
    how: How
    because: str
    anchor: str


def succession(reigns: Sequence[Reign]) -> list[Reign]:
    """Give the line that leads to the champion, without those who were rolled back."""
    return _walked(reigns)[0]


def rolled_back(reigns: Sequence[Reign]) -> dict[str, str]:
    """Give the models that a person took the place from, with the reason, by their sha256.

    Promoting such a model by hand forgives it; training it once more does not.
    """
    return _walked(reigns)[1]


def _walked(reigns: Sequence[Reign]) -> tuple[list[Reign], dict[str, str]]:
    line: list[Reign] = []
    refused: dict[str, str] = {}
    for reign in reigns:
        if reign.how == "rollback":
            refused[line.pop().model_sha256] = reign.because
        elif not line or line[-1].model_sha256 != reign.model_sha256:
            line.append(reign)
            refused.pop(reign.model_sha256, None)
    return line, refused


STEPS_BACK = 10
"""Champions before the present one that a rollback can lead to, one after the other.

Where a recipe is repeated every night an equal one may take the place every night.
"""


def in_line(reigns: Sequence[Reign]) -> set[str]:
    """Name the runs that the place depends on: champion, anchor, who a rollback could lead to."""
    last, line = reigns[-1:], succession(reigns)[-STEPS_BACK - 1 :]
    return {reign.run for reign in (*line, *last)} | {one.anchor for one in last}
