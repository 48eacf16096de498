"""What a run proves about itself before it may be published."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pulsars.learning.twins import Twins
from pulsars.store import Rows
from schemas import Accepted
from slp import SHOWN, TEST, VALIDATION, Chunks, Names, five_digit_names

_EVEN = 0.05
"""Of a part's pulsars, by how many at most groups that stay together may shift it."""


@dataclass(frozen=True)
class Proof:
    """A statement about the run, whether it holds, and the numbers behind it."""

    name: str
    holds: bool
    text: str


def prove(
    accepted: Accepted,
    rows: Rows,
    parts: dict[str, np.ndarray],
    sample_indices: np.ndarray,
    *,
    fitted: dict[str, np.ndarray] | None = None,
    added: np.ndarray | None = None,
) -> list[Proof]:
    """Check conservation, prevalence and leaks.

    Parameters
    ----------
    accepted : Accepted
        Row counts.
    rows : Rows
        The accepted rows.
    parts : dict
        Row indices of each part that has rows.
    sample_indices : ndarray of shape (n_training_rows,)
        Rows the model saw, with repeats.
    fitted : dict, optional
        The parts as the model was fitted by them, where those are others: as of
        `pulsars.learning.learnt.fitted_parts`.
    added : ndarray of shape (n_added, 8), optional
        Reviewed candidates that were learnt from; their row numbers, of the training part of
        `fitted`, follow those of `rows`.

    Returns
    -------
    list of Proof
        In the order in which a reader should ask.
    """
    twins, source = Twins.of(rows.X), rows.source
    if added is not None and len(added):
        twins = Twins.of(np.concatenate([rows.X, added]))
        source = np.concatenate([source, np.full(len(added), -1)])
    return [
        _every_row_accounted_for(accepted),
        _every_row_in_one_part(accepted, parts),
        _prevalence_kept(rows.y, parts, _largest(twins, rows.source)),
        _no_row_on_two_sides(twins, fitted or parts, source),
        _only_training_rows_seen(fitted or parts, sample_indices),
    ]


def _every_row_accounted_for(accepted: Accepted) -> Proof:
    read, kept, out = accepted.rows_read, accepted.rows_accepted, accepted.rows_quarantined
    text = f"{read:,} rows read = {kept:,} accepted + {out:,} quarantined"
    return Proof("conservation of rows", read == kept + out, text)


def _every_row_in_one_part(accepted: Accepted, parts: dict[str, np.ndarray]) -> Proof:
    named = np.concatenate(list(parts.values()))
    holds = np.array_equal(np.sort(named), np.arange(accepted.rows_accepted))
    return _conserved(accepted, {name: len(rows) for name, rows in parts.items()}, holds=holds)


def _conserved(accepted: Accepted, sizes: dict[str, int], *, holds: bool) -> Proof:
    counts = " + ".join(f"{n:,} {name}" for name, n in sizes.items())
    sign = "=" if holds else "≠"
    text = f"{accepted.rows_accepted:,} rows accepted {sign} {counts}, each row once"
    return Proof("conservation over the parts", holds, text)


def keeps_prevalence(known: Rows, rows: np.ndarray) -> bool:
    """Tell whether a part has its share of pulsars, as near as rows that stay together allow.

    Parameters
    ----------
    known : Rows
        All of them.
    rows : ndarray of shape (n_part,)
        The rows of the part.

    Returns
    -------
    bool
        Whether its pulsars are within one row of the share of all, or within the largest group of
        near-identical rows, or of one source, and a twentieth of the share.
    """
    y = known.y
    return _is_even(y, rows, 1) or _is_even(y, rows, _largest(Twins.of(known.X), known.source))


def _is_even(y: np.ndarray, rows: np.ndarray, largest: int) -> bool:
    share = y.mean() * len(rows)
    return bool(abs(y[rows].sum() - share) <= max(1, min(largest, _EVEN * share)))


def _largest(twins: Twins, source: np.ndarray) -> int:
    """Rows of the largest group that has to stay together."""
    sizes = np.unique(source[source >= 0], return_counts=True)[1]
    return max(twins.most, int(sizes.max(initial=1)))


def _prevalence_kept(y: np.ndarray, parts: dict[str, np.ndarray], largest: int) -> Proof:
    held_out = {name: rows for name, rows in parts.items() if name != "train"}
    holds = all(_is_even(y, rows, largest) for rows in held_out.values())
    return _kept(y.mean(), {name: y[rows].mean() for name, rows in held_out.items()}, holds=holds)


def _kept(among_all: float, among_held: dict[str, float], *, holds: bool) -> Proof:
    shares = ", ".join(f"{name} {share:.2%}" for name, share in among_held.items())
    return Proof("prevalence kept", holds, f"pulsars among accepted rows {among_all:.2%}; {shares}")


def _no_row_on_two_sides(twins: Twins, parts: dict[str, np.ndarray], source: np.ndarray) -> Proof:
    learnt = twins.of_rows(parts["train"])
    what = "have the features of a training row, to five digits"
    if (source >= 0).any():
        learnt |= (source >= 0) & np.isin(source, source[parts["train"]])
        what += ", or its source"
    shared = {name: int(learnt[rows].sum()) for name, rows in parts.items() if name != "train"}
    counts = ", ".join(f"{n:,} of {len(parts[name]):,} {name} rows" for name, n in shared.items())
    return Proof("no leak between parts", not any(shared.values()), f"{counts} {what}")


def _only_training_rows_seen(parts: dict[str, np.ndarray], sample_indices: np.ndarray) -> Proof:
    strangers = int((~np.isin(sample_indices, parts["train"])).sum())
    text = (
        f"the model saw {len(sample_indices):,} rows, {strangers:,} of them from outside "
        f"the rows to learn from"
    )
    return Proof("only training rows resampled", strangers == 0, text)


def prove_over(
    accepted: Accepted,
    chunks: Chunks,
    codes: np.ndarray,
    test: np.ndarray,
    *,
    refits: bool,
    added: np.ndarray | None = None,
) -> list[Proof]:
    """Check the same of a table that is gone over; what is alike is told by its name.

    Parameters
    ----------
    accepted : Accepted
        Row counts.
    chunks : callable
        All accepted rows.
    codes : ndarray of shape (n_rows,), uint8
        The part of each, as of `slp.hold_out`.
    test : ndarray of shape (n_test, 8)
        The test rows.
    refits : bool
        Whether the validation part is learnt from too.
    added : ndarray of shape (n_added, 8), optional
        Reviewed candidates that were learnt from.
    """
    names, learnt_from, start = Names.of(five_digit_names(test)), VALIDATION if refits else SHOWN, 0
    counts, shared, n_learnt = np.zeros((SHOWN + 2, 2), dtype=np.int64), 0, 0
    for part in chunks():
        code = codes[start : start + len(part.y)]
        start += len(code)
        counts += np.bincount(2 * code + part.y, minlength=counts.size).reshape(counts.shape)
        learnt = part.X[code >= learnt_from]
        n_learnt += len(learnt)
        shared += int(names.find(five_digit_names(learnt)).sum())
    if added is not None:
        n_learnt += len(added)
        shared += int(names.find(five_digit_names(added)).sum())
    return [
        _every_row_accounted_for(accepted),
        _every_code_once(accepted, counts),
        _prevalence_held(counts),
        Proof(
            "no leak between parts",
            shared == 0,
            f"{shared:,} of {n_learnt:,} rows learnt from have the features of a test row, rounded "
            "to 17 bits, five digits",
        ),
    ]


def _every_code_once(accepted: Accepted, counts: np.ndarray) -> Proof:
    n_rows = counts.sum(axis=1)
    named = {"train": n_rows[SHOWN:].sum(), "validation": n_rows[VALIDATION], "test": n_rows[TEST]}
    return _conserved(accepted, named, holds=int(n_rows.sum()) == accepted.rows_accepted)


def _prevalence_held(counts: np.ndarray) -> Proof:
    held = {"validation": counts[VALIDATION], "test": counts[TEST]}
    shares = {name: n[1] / n.sum() for name, n in held.items()}
    return _kept(counts[:, 1].sum() / counts.sum(), shares, holds=are_even(counts))


def are_even(counts: np.ndarray) -> bool:
    """Tell whether what is held out has its share of pulsars, by a twentieth of that or one row.

    Parameters
    ----------
    counts : ndarray of shape (4, 2), int64
        Rows of each part, by the codes of `slp.hold_out`, and class.
    """
    held = counts[[TEST, VALIDATION]]
    wanted = held.sum(axis=1) * counts[:, 1].sum() / counts.sum()
    return bool((np.abs(held[:, 1] - wanted) <= np.maximum(1, _EVEN * wanted)).all())
