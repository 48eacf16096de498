"""Rows that are the same to five digits, found otherwise than the split finds them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_DIGITS = 5
_SLACK = 1.0003e-4
"""A unit of the last digit is at most 1e-4 of a number; the rest is for rounding."""

_ROUNDING = 1 + 1e-9


@dataclass(frozen=True, eq=False)
class Twins:
    """Which rows are the same, bit for bit or to five digits.

    Attributes
    ----------
    content : ndarray of shape (n_rows,), int64
        The number of each row's content: rows with the same bits share it.
    pairs : ndarray of shape (n_pairs, 2), int64
        Contents that differ in no feature by more than one in the fifth significant digit.
    """

    content: np.ndarray
    pairs: np.ndarray

    @classmethod
    def of(cls, X: np.ndarray) -> Twins:
        """Find them: sort by what leaves the fewest rows to compare, and look at neighbours.

        Parameters
        ----------
        X : ndarray of shape (n_rows, n_features), float64
            Finite.
        """
        distinct, content = np.unique(X + 0.0, axis=0, return_inverse=True)
        return cls(content.ravel(), _near_pairs(distinct))

    @property
    def most(self) -> int:
        """Rows that are the same as one of them, itself included, at most."""
        alike = np.bincount(self.content)
        total = alike.copy()
        np.add.at(total, self.pairs[:, 0], alike[self.pairs[:, 1]])
        np.add.at(total, self.pairs[:, 1], alike[self.pairs[:, 0]])
        return int(total.max())

    def of_rows(self, rows: np.ndarray) -> np.ndarray:
        """Tell which rows, of shape (n_rows,), are the same as one of these."""
        there = np.zeros(self.content.max() + 1, dtype=bool)
        there[self.content[rows]] = True
        same = there.copy()
        same[self.pairs[there[self.pairs[:, 1]], 0]] = True
        same[self.pairs[there[self.pairs[:, 0]], 1]] = True
        found: np.ndarray = same[self.content]
        return found


def _near_pairs(X: np.ndarray) -> np.ndarray:
    order, end = _shortest_windows(X)
    found, step, at = [np.empty((0, 2), dtype=np.int64)], 1, np.arange(len(X))
    while len(at):
        at = at[at + step < end[at]]
        pairs = np.column_stack([order[at], order[at + step]])
        found.append(pairs[_same(X, pairs)])
        step += 1
    return np.concatenate(found)


def _shortest_windows(X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give an order of the rows, and where in it a row's neighbours end."""
    with np.errstate(divide="ignore"):
        size = np.maximum(np.log(np.abs(X)), -800.0)
    weight = np.sqrt(np.arange(2.0, X.shape[1] + 2))  # of no two columns alike
    candidates = [*zip(X.T, np.abs(X.T) * _SLACK, strict=True)]
    candidates.append((size @ weight, np.full(len(X), weight.sum() * _SLACK)))
    best = None
    for value, reach in candidates:
        order = np.argsort(value, kind="stable")
        end = np.searchsorted(value[order], (value + reach)[order], side="right")
        if best is None or end.sum() < best[1].sum():
            best = order, end
    if best is None:
        raise ValueError("there is no feature to compare")
    return best


def _same(X: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Tell which pairs differ in no feature by more than one in the last digit that counts."""
    left = np.arange(len(pairs))
    for column in X.T:  # few are left after the first
        one, other = column[pairs[left]].T
        size = np.maximum(np.abs(one), np.abs(other))
        left = left[np.abs(one - other) <= size * _SLACK]
    one, other = X[pairs[left, 0]], X[pairs[left, 1]]
    size = np.maximum(np.abs(one), np.abs(other))
    with np.errstate(divide="ignore"):
        unit = 10.0 ** (np.floor(np.log10(size)) - (_DIGITS - 1))
    same = np.zeros(len(pairs), dtype=bool)
    same[left] = (np.abs(one - other) <= unit * _ROUNDING).all(axis=1)
    return same
