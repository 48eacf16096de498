"""What the one layer sees: features as they are, standardised, made normal, or multiplied.

Whatever the kind, inputs are fitted on training rows, rest in the model as plain numbers, and
leave it a single layer: a logit is a sum with one term an input. A row's inputs are the same to
the last bit whatever rows stand beside it.

Beyond the rows that it was fitted to a curve knows nothing, and runs away: curved inputs take a
feature beyond the training range for the end of that range.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from slp.blocks import Mapped, Source
from slp.checks import Floats, check_features, check_vector
from slp.input_fitting import fit_parts, parts_of, within_reach
from slp.kinds import INPUT_KINDS, InputKind
from slp.power import EXPONENTS, transform
from slp.products import pairs, shared_out, with_product_names, with_products
from slp.scaling import Scale

_BLOCK = 4096  # rows whose products are made at once: they stay in the cache


@dataclass(frozen=True, eq=False)
class Inputs:
    """Fitted inputs: a power of each feature, a scale, products of two and their scale.

    Attributes
    ----------
    kind : {"raw", "standard", "yeo-johnson", "quadratic", "yeo-johnson-quadratic"}
        The features as they are; standardised; made as normal as a power makes them, then
        standardised; either of the last two with all squares and products, standardised again.
    scale : Scale
        Of the features, after their power; it changes nothing when the kind is "raw".
    exponents : ndarray of shape (n_features,), float64, read-only, or None
        Of the power transform, where the kind has one; in `slp.power.EXPONENTS`.
    products : Scale or None
        Of the features and their products, where the kind has these.
    low, high : ndarray of shape (n_features,), float64, read-only, or None
        The training range, in the units of the features: what lies beyond counts as its end. Of
        curved kinds only; None, both, in models of earlier versions, and where a curve is known to
        flatten (see `pulsars.learning.companion`).
    unit : ndarray of shape (n_features,), float64, read-only, or None
        Positive: what a feature is divided by before its power, where the kind has one; None by 1.
    """

    kind: InputKind
    scale: Scale
    exponents: NDArray[np.float64] | None = None
    products: Scale | None = None
    low: NDArray[np.float64] | None = None
    high: NDArray[np.float64] | None = None
    unit: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        """Freeze the exponents; refuse parts that are not those of the kind."""
        if self.kind not in INPUT_KINDS:
            raise ValueError(f"inputs {self.kind!r} are none of {', '.join(INPUT_KINDS)}")
        powered, multiplied = parts_of(self.kind)
        for name, part, wanted in (
            ("exponents", self.exponents, powered),
            ("products", self.products, multiplied),
        ):
            if (part is not None) != wanted:
                raise ValueError(f"{self.kind} inputs have {'no ' if wanted else ''}{name}")
        if self.kind == "raw" and (self.scale.mean.any() or (self.scale.std != 1).any()):
            raise ValueError("raw inputs have a scale that changes them")
        if self.exponents is not None:
            exponents = check_vector("exponents", self.exponents, length=self.n_features)
            object.__setattr__(self, "exponents", exponents)
            low, high = EXPONENTS
            if not (low <= exponents.min() and exponents.max() <= high):
                raise ValueError(f"exponents {exponents.tolist()} are not all in [{low}, {high}]")
        if self.products is not None:
            first, _ = pairs(self.n_features)
            check_vector("products", self.products.mean, length=self.n_features + len(first))
        self._freeze_range()
        if self.unit is not None:
            unit = check_vector("unit", self.unit, length=self.n_features)
            object.__setattr__(self, "unit", unit)
            if self.exponents is None or (unit <= 0).any():
                raise ValueError(f"units {unit.tolist()} are not positive, or there is no power")

    def _freeze_range(self) -> None:
        if self.low is None and self.high is None:
            return
        if self.low is None or self.high is None:
            raise ValueError("the range has one end only; give both low and high, or neither")
        if not any(parts_of(self.kind)):
            raise ValueError(f"{self.kind} inputs have a range, and are not curved")
        for name in ("low", "high"):
            end = check_vector(name, getattr(self, name), length=self.n_features)
            object.__setattr__(self, name, end)
        if (self.low > self.high).any():
            raise ValueError(f"low {self.low.tolist()} is above high {self.high.tolist()}")

    @classmethod
    def fit(cls, kind: InputKind, X: ArrayLike) -> Inputs:
        """Fit inputs to the training rows; of a curved kind their range is kept.

        Parameters
        ----------
        kind : {"raw", "standard", "yeo-johnson", "quadratic", "yeo-johnson-quadratic"}
            As for the attribute.
        X : array-like of shape (n_samples, n_features)
            The training rows, at least one.

        Raises
        ------
        ValueError
            When there is no row or such a kind, a number is not finite or a spread overflows.
        """
        features = check_features(X)
        if kind == "raw" and not len(features):
            raise ValueError("this needs at least 1 row; there are 0")
        if kind == "raw" or kind not in INPUT_KINDS:
            return cls(kind, Scale.identity(features.shape[1]))  # which refuses an unknown kind
        return cls(kind, *fit_parts(kind, lambda: [(features,)]))

    @classmethod
    def fit_over(cls, kind: InputKind, source: Source, *, mapped: Mapped = map) -> Inputs:
        """Fit the same inputs, to the last bit, to rows that are never in memory together.

        `source` and `mapped` are those of `slp.training.newton.fit_newton_over`; only features are
        looked at, in up to three passes. What is refused is named by the row in its block.
        """
        return cls(kind, *fit_parts(kind, source, mapped))

    @classmethod
    def raw(cls, n_features: int) -> Inputs:
        """Leave `n_features` features as they are; ValueError where these are not 1 or more."""
        return cls("raw", Scale.identity(n_features))

    @classmethod
    def of(cls, scale: Scale) -> Inputs:
        """Take a scale alone: "raw" when it changes nothing, else "standard"."""
        unchanged = not scale.mean.any() and (scale.std == 1).all()
        return cls("raw" if unchanged else "standard", scale)

    @property
    def n_features(self) -> int:
        """How many features go in."""
        return len(self.scale.mean)

    @property
    def n_outputs(self) -> int:
        """How many numbers the layer sees, one weight each: 8 features make 8, or 44."""
        return self.n_features if self.products is None else len(self.products.mean)

    def transform(self, X: ArrayLike) -> NDArray[np.float64]:
        """Turn rows of features into what the layer sees.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features as they are in the file, finite; what lies beyond `low` and `high` counts as
            these.

        Returns
        -------
        ndarray of shape (n_samples, n_outputs), float64
            A new array in C order: the features, then their squares and products of two, the
            first with all, then the second with all but the first, and so on.

        Raises
        ------
        ValueError
            When the number of columns is another, or a number is not finite.
        """
        features = check_features(X, n_features=self.n_features)
        seen = np.empty((len(features), self.n_outputs))
        for first in range(0, len(features), _BLOCK):
            block = slice(first, first + _BLOCK)
            seen[block] = self._transform(features[block])
        return seen

    def _transform(self, features: Floats) -> NDArray[np.float64]:
        if self.low is not None:
            features = np.clip(features.astype(np.float64), self.low, self.high)
        if self.exponents is not None:
            features = transform(features.astype(np.float64), self.exponents, self.unit)
        with np.errstate(over="ignore"):  # brought back at once, or refused with the logits
            scaled = within_reach(self.kind, self.scale.transform(features))
        return scaled if self.products is None else self.products.transform(with_products(scaled))

    def names(self, feature_names: Sequence[str]) -> tuple[str, ...]:
        """Name what the layer sees, one name an output of `transform`, in its order.

        Raises
        ------
        ValueError
            When there are not `n_features` names.
        """
        names = tuple(feature_names)
        if len(names) != self.n_features:
            raise ValueError(f"there are {len(names)} names for {self.n_features} features")
        return names if self.products is None else with_product_names(names)

    def share_out(self, parts: NDArray[np.float64]) -> NDArray[np.float64]:
        """Share the outputs' parts of a sum among the features, as `slp.products.shared_out` does.

        From shape (n_samples, n_outputs) to (n_samples, n_features).
        """
        return parts if self.products is None else shared_out(parts, self.n_features)

    def to_dict(self) -> dict[str, Any]:
        """Give plain numbers and lists, ready for JSON; `from_dict` restores every bit."""
        record: dict[str, Any] = {"kind": self.kind, **self.scale.to_dict()}
        if self.exponents is not None:
            record["exponents"] = self.exponents.tolist()
        if self.products is not None:
            record["products"] = self.products.to_dict()
        if self.low is not None and self.high is not None:
            record |= {"low": self.low.tolist(), "high": self.high.tolist()}
        if self.unit is not None:
            record["unit"] = self.unit.tolist()
        return record

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Inputs:
        """Restore inputs from what `to_dict` gave; without a range, nothing is held to one.

        Raises
        ------
        ValueError
            When an entry is missing or is not what its attribute can be.
        """
        if not isinstance(record, Mapping):
            raise ValueError(f"inputs {record!r} are no record")  # noqa: TRY004 - slp raises ValueError
        products = record.get("products")
        return cls(
            record.get("kind", "unnamed"),
            Scale.from_dict("inputs", record),
            record.get("exponents"),
            None if products is None else Scale.from_dict("products", products),
            record.get("low"),
            record.get("high"),
            record.get("unit"),
        )
