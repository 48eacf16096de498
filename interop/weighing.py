"""Rows and weights as scikit-learn hands them over, as slp takes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.class_weight import compute_class_weight

from slp import as_array, check_weights


class Rows(NamedTuple):
    """Rows to learn from: those that weigh nothing are left out.

    Attributes
    ----------
    X : ndarray of shape (n_rows, n_features), float64
    y : ndarray of shape (n_rows,), int64
        1 for the second of the sorted classes.
    given : ndarray of shape (n_rows,), float64
        The weight that was handed over.
    weight : ndarray of shape (n_rows,), float64
        With that of the class.
    """

    X: NDArray[np.float64]
    y: NDArray[np.int64]
    given: NDArray[np.float64]
    weight: NDArray[np.float64]

    @property
    def mix(self) -> float:
        """The share of class 1 that was handed over."""
        return float(np.average(self.y, weights=self.given))

    @property
    def mix_learnt(self) -> float:
        """The share of class 1 that is learnt from."""
        return float(np.average(self.y, weights=self.weight))


def weigh(
    X: NDArray[np.float64],
    y: NDArray[Any],
    sample_weight: ArrayLike | None,
    class_weight: Mapping[Any, float] | str | None,
) -> tuple[NDArray[Any], Rows]:
    """Give the sorted classes, and the rows that have a say with their weights.

    Raises
    ------
    ValueError
        When there are not two classes among these rows, or a weight is not what it can be.
    """
    given = check_weights(sample_weight, len(y))
    there = given > 0
    if not there.any():
        raise ValueError("every sample_weight is zero: there is no row to learn from")
    classes, labels = np.unique(y[there], return_inverse=True)
    if len(classes) != 2:  # noqa: PLR2004 - pulsar and not
        raise ValueError(
            f"Only binary classification is supported: y has {len(classes)} "
            f"class{'' if len(classes) == 1 else 'es'}, and 2 are needed"
        )
    given = given[there]
    each = compute_class_weight(class_weight, classes=classes, y=y[there], sample_weight=given)
    if len(wrong := each[~(np.isfinite(each) & (each > 0))]):
        said = f"class_weight {class_weight!r} gives a class {wrong[0]}"
        raise ValueError(f"{said}; give a finite number above 0")
    return classes, Rows(X[there], labels, given, given * each[labels])


def refuse_masked(*arrays: Any) -> None:
    """Raise ValueError where some are masked: scikit-learn takes what is under the mask."""
    for what, values in zip(("features", "labels"), arrays, strict=False):
        if isinstance(values, np.ma.MaskedArray):
            as_array(what, values)
