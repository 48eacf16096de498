"""A published run in Python: its model, what it measured, and the rows that it was measured on.

Without Prefect and without a server: `docs/python.md` goes through it.
"""

from __future__ import annotations

import html
import json
import math
from dataclasses import dataclass, replace
from functools import cached_property
from os import PathLike, fspath
from os.path import isdir
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pulsars.store import PublishedRun, find_run, kept, load_model, read_kept_arrays
from pulsars.store import load_run as load_published
from schemas import FEATURE_NAMES, ColumnsError, ParameterError, for_name, for_page
from slp import Perceptron, as_floats

_SHOWN = ("f1", "precision", "recall", "average_precision", "roc_auc", "brier")


class TestPart(NamedTuple):
    """What a run was measured on, in the order of the table.

    Attributes
    ----------
    lines : ndarray of shape (n_rows,), int64
        Where each row stands in the user's file, 1-based.
    X : ndarray of shape (n_rows, 8), float64
        Features, as `schemas.FEATURE_NAMES` orders them.
    y : ndarray of shape (n_rows,), int8
        1 for a pulsar, 0 for a non-pulsar.
    probability : ndarray of shape (n_rows,), float64
        What the run said of each, in [0, 1]: its model says the same again, to the last bit.
    """

    lines: NDArray[np.int64]
    X: NDArray[np.float64]
    y: NDArray[np.int8]
    probability: NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Run:
    """A published run, as `load_run` gives it.

    Attributes
    ----------
    published : PublishedRun
        Its folder, read back.
    model : slp.Perceptron
        The trained model with its threshold. It takes columns by their places, and knows no name.
    """

    published: PublishedRun
    model: Perceptron

    @property
    def path(self) -> Path:
        """The folder, from the root on."""
        return self.published.path

    @property
    def name(self) -> str:
        """What it is called: when it was published, and the first digits of its request."""
        return self.published.name

    @property
    def threshold(self) -> float:
        """The probability from which on a candidate is called a pulsar."""
        return self.model.threshold

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """What decided it: data, parameters, seed, code version, files with their sha256."""
        return _plain(self.published.manifest)

    @cached_property
    def metrics(self) -> dict[str, dict[str, dict[str, float | None]]]:
        """By part and metric, ``value`` and the ends ``low`` and ``high`` of a 95 % interval.

        None where undefined.
        """
        return _plain(self.published.measured["parts"])

    def epochs(self) -> list[dict[str, Any]]:
        """Give the learning curve, a dict an epoch of sgd or a step of newton."""
        return self.published.epochs()

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Give the probability that each candidate is a pulsar.

        Parameters
        ----------
        X : array-like of shape (n_samples, 8), or DataFrame
            Features in the order of `schemas.FEATURE_NAMES`, finite, kurtosis as excess kurtosis.
            Of a DataFrame the columns of these names are taken, in whatever order they stand.

        Returns
        -------
        ndarray of shape (n_samples,), float64
            In [0, 1]; a row's is the same to the last bit whatever rows stand beside it.

        Raises
        ------
        ColumnsError
            When a DataFrame lacks a column, has it twice, or one of them holds no numbers.
        ValueError
            When the number of columns is another, or a value is no finite number.

        Examples
        --------
        >>> run = load_run("artifacts/runs/20260301-020000-000-0123abcd")
        >>> rows = run.test_part()
        >>> bool((run.predict_proba(rows.X) == rows.probability).all())
        True
        """
        return self.model.predict_proba(_features(X))

    def predict(self, X: ArrayLike) -> NDArray[np.int64]:
        """Give 1 for each candidate whose probability reaches `threshold`, else 0.

        `X` and errors as of `predict_proba`; shape (n_samples,).
        """
        return self.model.predict(_features(X))

    def feature_contributions(self, X: ArrayLike) -> NDArray[np.float64]:
        """Split each row's logit into its features' parts: with ``model.intercept`` they add up.

        `X`, errors as of `predict_proba`; (n_samples, 8), in logits, as `FEATURE_NAMES` has them.
        """
        return self.model.feature_contributions(_features(X))

    def test_part(self) -> TestPart:
        """Give the rows that the run was measured on, and what it said of them.

        Raises
        ------
        DamagedRecordError, FingerprintError
            When `test.npz` is gone or is not what was written.
        RunNotFoundError
            When an earlier version published the run without it.
        """
        names = ("line", "X", "y", "probability")
        stored = read_kept_arrays(kept(self.published, "test.npz"), *names)
        return TestPart(*(stored[name] for name in names))

    def __repr__(self) -> str:
        return f"<Run {self.name} of {self.manifest['data'].get('name')!r}>"

    def _repr_html_(self) -> str:
        """Show it in a notebook: what it learnt from, and its test part's measures."""
        simulated = "; SIMULATED candidates: no statement about the sky" * self.published.simulated
        failing = f"; {self.published.failing}" * bool(self.published.failing)
        data, seed = self.manifest["data"].get("name"), self.manifest.get("seed")
        said = f"{data}, seed {seed}{simulated}{failing}"
        rows = "".join(_row(name, *self.published.interval(name)) for name in _SHOWN)
        head = "<tr><th>test part<th>value<th>95 % interval"
        return (
            f"<table><caption>Run {html.escape(self.name)}: {html.escape(for_page(said))}</caption>"
            f"<thead>{head}</thead><tbody>{rows}</tbody></table>"
        )


def load_run(run: str | Path | None = None, *, out: str | Path = "artifacts") -> Run:
    """Read a published run back, its manifest, metrics and model checked against their hashes.

    Parameters
    ----------
    run : str or Path, optional
        Path of its folder; or below `out` its name, the start or end of that, or ``champion``.
        None is the newest there.
    out : str or Path
        Artifact root, as `pulsar train --out` has it.

    Returns
    -------
    Run

    Raises
    ------
    DamagedRecordError, FingerprintError
        When a file is gone or is not what was written; `LaterFormatError` when a later version
        wrote it. Each names the file.
    ParameterError
        When the name is empty, or it or `out` is neither text nor a path.
    ChampionError, RunNotFoundError
        When there is no such run or no champion, or more than one answers to the name.

    Examples
    --------
    >>> run = load_run("20260301", out="artifacts")
    >>> run
    <Run 20260301-020000-000-0123abcd of 'sky.csv'>
    >>> sorted(run.metrics)
    ['test', 'train', 'validation']
    """
    given: dict[str, object] = {"run": "" if run is None else run, "out": out}
    for what, place in given.items():
        if not isinstance(place, str | PathLike) or isinstance(fspath(place), bytes):
            raise ParameterError(f"{what} {place!r} is neither text nor a path")
    name = None if run is None else fspath(run)
    if name and (isinstance(run, PathLike) or "/" in name or isdir(name)):  # noqa: PTH112 - pathlib raises at a long name
        found = load_published(Path(name))
    else:
        found = find_run(Path(out), name)
    here = replace(found, path=found.path.absolute())  # wherever its caller goes next
    return Run(here, load_model(kept(here, "model.json")))


def _features(X: ArrayLike) -> ArrayLike:
    """Take the eight columns of a DataFrame by their names; leave what has none as it is."""
    if not hasattr(X, "columns"):
        return X
    names_at = "column_names" if hasattr(type(X), "column_names") else "columns"  # Arrow's or not
    names = [str(name) for name in getattr(X, names_at)]
    wrong = [name for name in FEATURE_NAMES if names.count(name) != 1]
    if wrong:
        raise ColumnsError(
            f"{', '.join(wrong)}: not in the table, or twice; it has {for_name(', '.join(names))}. "
            f"`pulsars.reading.read_candidates(path).frame` has the names"
        )
    return np.column_stack([_numbers(X, name) for name in FEATURE_NAMES])


def _numbers(table: Any, name: str) -> NDArray[np.float64]:
    """Give a column as numbers, or say which one is none."""
    try:
        return as_floats("cells", table[name]).astype(np.float64, copy=False)
    except ValueError as error:
        raise ColumnsError(f"{name}: holds more than numbers ({for_name(str(error))})") from None


def _row(name: str, value: float, low: float, high: float) -> str:
    if math.isnan(value):
        return f"<tr><th>{name}<td>undefined<td>"
    return f"<tr><th>{name}<td>{value:.3f}<td>{low:.3f} to {high:.3f}"


def _plain(record: dict[str, Any]) -> dict[str, Any]:
    """Give a copy that is the reader's own, and knows nothing of its file."""
    copy: dict[str, Any] = json.loads(json.dumps(record))
    return copy
