"""What a run proves about itself before it may be published."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from schemas import Accepted


@dataclass(frozen=True)
class Proof:
    """A statement about the run, whether it holds, and the numbers behind it."""

    name: str
    holds: bool
    text: str

    def to_dict(self) -> dict[str, Any]:
        """Give plain JSON values."""
        return asdict(self)


def prove(
    accepted: Accepted,
    X: np.ndarray,
    y: np.ndarray,
    parts: dict[str, np.ndarray],
    sample_indices: np.ndarray,
    *,
    fitted: dict[str, np.ndarray] | None = None,
) -> list[Proof]:
    """Check conservation, prevalence and leaks.

    Parameters
    ----------
    accepted : Accepted
        Row counts.
    X, y : ndarray of shape (n_accepted, 8) and (n_accepted,)
        The accepted rows.
    parts : dict
        Row indices of each part that has rows.
    sample_indices : ndarray of shape (n_training_rows,)
        Rows the model saw, with repeats.
    fitted : dict, optional
        The parts as the model was fitted by them, where those are others: as of
        `pulsars.learning.learnt.fitted_parts`.

    Returns
    -------
    list of Proof
        In the order in which a reader should ask.
    """
    return [
        _every_row_accounted_for(accepted),
        _every_row_in_one_part(accepted, parts),
        _prevalence_kept(y, parts),
        _no_row_on_two_sides(X, fitted or parts),
        _only_training_rows_seen(fitted or parts, sample_indices),
    ]


def _every_row_accounted_for(accepted: Accepted) -> Proof:
    read, kept, out = accepted.rows_read, accepted.rows_accepted, accepted.rows_quarantined
    text = f"{read:,} rows read = {kept:,} accepted + {out:,} quarantined"
    return Proof("conservation of rows", read == kept + out, text)


def _every_row_in_one_part(accepted: Accepted, parts: dict[str, np.ndarray]) -> Proof:
    named = np.concatenate(list(parts.values()))
    holds = np.array_equal(np.sort(named), np.arange(accepted.rows_accepted))
    counts = " + ".join(f"{len(rows):,} {name}" for name, rows in parts.items())
    sign = "=" if holds else "≠"
    text = f"{accepted.rows_accepted:,} rows accepted {sign} {counts}, each row once"
    return Proof("conservation over the parts", holds, text)


def _prevalence_kept(y: np.ndarray, parts: dict[str, np.ndarray]) -> Proof:
    held_out = [name for name in parts if name != "train"]
    off = {name: abs(y[parts[name]].sum() - y.mean() * len(parts[name])) for name in held_out}
    shares = ", ".join(f"{name} {y[parts[name]].mean():.2%}" for name in held_out)
    text = f"pulsars among accepted rows {y.mean():.2%}; {shares}"
    return Proof("prevalence kept", all(rows <= 1 for rows in off.values()), text)


def _no_row_on_two_sides(X: np.ndarray, parts: dict[str, np.ndarray]) -> Proof:
    _, content = np.unique(X, axis=0, return_inverse=True)
    seen = content.ravel()[parts["train"]]
    shared = {
        name: int(np.isin(content.ravel()[rows], seen).sum())
        for name, rows in parts.items()
        if name != "train"
    }
    counts = ", ".join(f"{n:,} of {len(parts[name]):,} {name} rows" for name, n in shared.items())
    text = f"{counts} have the features of a training row"
    return Proof("no leak between parts", not any(shared.values()), text)


def _only_training_rows_seen(parts: dict[str, np.ndarray], sample_indices: np.ndarray) -> Proof:
    strangers = int((~np.isin(sample_indices, parts["train"])).sum())
    text = (
        f"the model saw {len(sample_indices):,} rows, {strangers:,} of them from outside "
        f"the rows to learn from"
    )
    return Proof("only training rows resampled", strangers == 0, text)
