"""What every entry of `slp` asks of its arrays, said once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.floating[Any]]
"""Floats of either precision."""

Scalar = TypeVar("Scalar", bound=np.generic)

_NO_NUMBERS = "cmMV"
"""Kinds of dtype that NumPy makes floats of all the same: complex numbers, times and records."""


def as_array(what: str, values: ArrayLike) -> NDArray[Any]:
    """Give what may be numbers as an array.

    Raises
    ------
    ValueError
        When some are masked, of which an array would have what is under the mask, or are complex
        numbers, times or records; `what` says what they were to be.
    """
    if isinstance(values, np.ma.MaskedArray) and np.ma.is_masked(values):
        raise ValueError(f"of the {what} some are masked and have no value; leave these rows out")
    array = np.asarray(values)
    if array.dtype.kind in _NO_NUMBERS:
        raise ValueError(f"the {what} are of type {array.dtype}, which no plain number is")
    return array


def as_floats(what: str, values: ArrayLike) -> Floats:
    """Give numbers of any shape as floats, float32 and float64 as they are.

    Raises
    ------
    ValueError
        As `as_array`, or when one is no number.
    """
    array = as_array(what, values)
    if np.issubdtype(array.dtype, np.floating):
        return array
    try:
        return array.astype(np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"the {what} hold what is no number: {error}") from None


def check_labels(y: ArrayLike, *, n_samples: int | None = None) -> NDArray[np.int64]:
    """Give labels as integers.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        0 or 1, of any numeric or boolean dtype.
    n_samples : int, optional
        How many there must be.

    Returns
    -------
    ndarray of shape (n_samples,), int64

    Raises
    ------
    ValueError
        When a label is neither 0 nor 1, there is none, or their number is not `n_samples`.
    """
    labels = as_array("labels", y)
    if labels.ndim != 1 or len(labels) == 0:
        raise ValueError(f"labels have shape {labels.shape}; one dimension and a row are needed")
    try:
        wrong = np.flatnonzero((labels != 0) & (labels != 1))
    except TypeError as error:  # of pd.NA, of which nobody knows
        raise ValueError(f"the labels hold what is no number: {error}") from None
    if len(wrong):
        (label,) = labels[wrong[:1]].tolist()  # of words with their quotes: '1' is no 1
        raise ValueError(f"label {label!r} in row {wrong[0]} is neither 0 nor 1")
    check_length("labels", labels, n_samples)
    return labels.astype(np.int64)


def check_features(
    X: ArrayLike, *, n_features: int | None = None, order: Literal["C", "K"] = "C"
) -> Floats:
    """Give features as finite floats in C order, which fixes the order of every later sum.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Finite numbers.
    n_features : int, optional
        How many columns there must be.
    order : {"C", "K"}
        "K" leaves them as they lie, for who sums over no rows.

    Returns
    -------
    ndarray of shape (n_samples, n_features)
        float32 when `X` is, else float64.

    Raises
    ------
    ValueError
        When a number is none or not finite, or the shape is another.
    """
    given = as_floats("features", X)
    precision = np.float32 if given.dtype == np.float32 else np.float64
    features: Floats = np.asarray(given, dtype=precision, order=order)
    if features.ndim != 2:  # noqa: PLR2004 - rows and columns
        raise ValueError(f"features have shape {features.shape}; two dimensions are needed")
    if n_features is not None and features.shape[1] != n_features:
        raise ValueError(f"features have {features.shape[1]} columns; {n_features} are needed")
    if not all_finite(features):
        row, column = np.argwhere(~np.isfinite(features))[0]
        raise ValueError(
            f"feature {features[row, column]} in row {row}, column {column} is not finite"
        )
    return features


def check_columns(X: ArrayLike) -> Iterator[NDArray[np.float64]]:
    """Give features one by one, as float64 and in one piece each: no copy of a table is made.

    Parameter and errors are those of `check_features`.
    """
    table = as_array("features", X)
    if table.dtype.kind not in "biuf" or table.ndim != 2 or not all_finite(table):  # noqa: PLR2004
        table = check_features(table)  # which says what is wrong
    return (np.ascontiguousarray(column, dtype=np.float64) for column in table.T)


def all_finite(array: NDArray[Any]) -> bool:
    """Tell whether all numbers are finite: a sum that is says so at once, without an array more."""
    with np.errstate(over="ignore", invalid="ignore"):  # of finite numbers, too, it may not be
        return bool(np.isfinite(array.sum()) or np.isfinite(array).all())


def check_probabilities(
    probability: ArrayLike, *, n_samples: int | None = None
) -> NDArray[np.float64]:
    """Give probabilities as float64.

    Parameters
    ----------
    probability : array-like of shape (n_samples,)
        Numbers in [0, 1].
    n_samples : int, optional
        How many there must be.

    Returns
    -------
    ndarray of shape (n_samples,), float64

    Raises
    ------
    ValueError
        When a number is outside [0, 1] or their number is not `n_samples`.
    """
    numbers = np.asarray(as_floats("probabilities", probability), dtype=np.float64)
    if numbers.ndim != 1:
        raise ValueError(f"probabilities have shape {numbers.shape}; one dimension is needed")
    wrong = np.flatnonzero(~((numbers >= 0) & (numbers <= 1)))
    if len(wrong):
        raise ValueError(f"probability {numbers[wrong[0]]} in row {wrong[0]} is outside [0, 1]")
    check_length("probabilities", numbers, n_samples)
    return numbers


def check_vector(name: str, values: ArrayLike, *, length: int | None = None) -> NDArray[np.float64]:
    """Give one finite number a feature as a read-only float64 array.

    Parameters
    ----------
    name : str
        What the numbers are, for the sentence that refuses them.
    values : array-like of shape (n_features,)
        At least one.
    length : int, optional
        How many there must be.

    Raises
    ------
    ValueError
        When these are not finite numbers in one dimension, or another number of them.
    """
    try:
        vector = np.asarray(as_floats(name, values), dtype=np.float64)
    except ValueError:
        raise ValueError(f"{name} {values!r} is not a list of numbers") from None
    if vector.ndim != 1 or len(vector) == 0:
        raise ValueError(f"{name} has shape {vector.shape}; one number a feature is needed")
    if length is not None and len(vector) != length:
        raise ValueError(f"{name} has {len(vector)} numbers; {length} are needed, one a feature")
    if not np.isfinite(vector).all():
        raise ValueError(f"{name} {vector.tolist()} is not finite throughout")
    return frozen(vector)


def check_table(name: str, values: ArrayLike, *shapes: tuple[int, ...]) -> NDArray[np.float64]:
    """Give finite numbers as a read-only float64 array of one of these shapes.

    Raises
    ------
    ValueError
        When these are not numbers, not finite, or of another shape.
    """
    try:
        table = np.asarray(as_floats(name, values), dtype=np.float64)
    except ValueError:
        raise ValueError(f"{name} are not lists of numbers, one list a feature") from None
    if table.shape not in shapes:
        raise ValueError(f"{name} have shape {table.shape}; {shapes[0]} is needed")
    if not np.isfinite(table).all():
        raise ValueError(f"{name} are not finite throughout")
    return frozen(table)


def check_entries(what: str, record: Mapping[str, Any], names: Sequence[str]) -> None:
    """Raise ValueError unless the record of a model, or whatever it is, has all these entries."""
    if not isinstance(record, Mapping):
        raise ValueError(f"the {what} {record!r} is no record")  # noqa: TRY004 - slp raises ValueError
    if missing := [name for name in names if name not in record]:
        inside = "; its entry 'perceptron' is a model" if "perceptron" in record else ""
        raise ValueError(
            f"the {what} has no {', '.join(missing)}; it needs {', '.join(names)}{inside}"
        )


def check_length(what: str, array: NDArray[Scalar], n_samples: int | None) -> None:
    """Raise ValueError unless `array` has `n_samples` entries; None asks nothing."""
    if n_samples is not None and len(array) != n_samples:
        raise ValueError(f"there are {len(array)} {what} for {n_samples} rows")


def check_rng(rng: object) -> None:
    """Raise ValueError unless `rng` is a numpy.random.Generator."""
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng {rng!r} is not a Generator: numpy.random.default_rng(seed)")  # noqa: TRY004 - slp raises ValueError


def frozen(array: NDArray[Scalar]) -> NDArray[Scalar]:
    """Give a read-only copy, so that no later step can change an earlier one's result."""
    copy = np.array(array, order="C")
    copy.flags.writeable = False
    return copy
