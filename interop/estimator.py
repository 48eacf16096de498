"""The perceptron as a scikit-learn classifier, for pipelines and grid searches.

Needs scikit-learn, which nothing else here does: install the extra `sklearn`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from interop.calling import calling, check_rule
from interop.solving import OF_SGD, solve
from interop.weighing import refuse_masked, weigh
from slp import InputKind, Inputs, Perceptron, Solver


class PulsarPerceptron(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # untyped bases
    """A single-layer perceptron on inputs that it fits itself, by default as `pulsar train` does.

    Parameters
    ----------
    inputs : {"raw", "standard", "yeo-johnson", "quadratic", "yeo-johnson-quadratic"}
        What the layer sees, see `slp.inputs`. Fitted to the rows that weigh anything, each once.
    solver : {"newton", "sgd"} or None
        To the minimum of the loss, or down in batches. None is sgd where one of its own three
        parameters is given, else newton.
    learning_rate, batch_size, n_epochs : optional
        Of sgd alone, as for `slp.settings.Settings`; 0.05, 32 and 60 where None.
    l2 : float, optional
        Weight of the penalty ``l2 / 2 * sum(coef ** 2)``; None is 1 / the sum of the weights of
        the rows, which is scikit-learn's ``C=1``.
    threshold : float or "expected-f1"
        The probability from which on the second of the sorted classes is predicted, in [0, 1],
        which can also be set after the fit, or on a run. Or the rule: `fit` then finds the one with
        the best F1 to be expected of the rows as `sample_weight` has them.
    class_weight : dict, "balanced" or None
        As for scikit-learn's own; sgd takes none.
    prior_correction : bool
        Shift the intercept so that probabilities are those of the rows as `sample_weight` has
        them, whatever `class_weight` did to the mix: calibrated, but few more are then called.
    random_state : int, numpy.random.RandomState or None
        An int gives the same fit each time; newton draws nothing.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        Sorted labels; the second is the positive class.
    n_features_in_ : int
        Features of the rows it was fitted to.
    coef_ : ndarray of shape (1, n_outputs)
        Weights, one for each output of the inputs: ``model_.inputs.names`` names them.
    intercept_ : ndarray of shape (1,)
        The bias, in logits.
    model_ : slp.perceptron.Perceptron
        The fitted model, with the threshold of the fit; `to_dict` writes it as plain numbers.
    loss_history_ : ndarray of shape (n_epochs,)
        Mean loss in nats: of sgd of each epoch's rows, of newton where it ended, with the penalty.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> y = np.repeat(["noise", "pulsar"], [90, 10])
    >>> X = rng.normal(size=(100, 2)) + 2 * (y == "pulsar")[:, None]
    >>> fitted = PulsarPerceptron(inputs="standard").fit(X, y)
    >>> fitted.predict([[0.0, 0.0], [3.0, 3.0]]).tolist()
    ['noise', 'pulsar']
    >>> fitted.coef_.shape
    (1, 2)
    """

    def __init__(  # noqa: PLR0913 - scikit-learn wants each parameter named
        self,
        *,
        inputs: InputKind = "yeo-johnson-quadratic",
        solver: Solver | None = None,
        learning_rate: float | None = None,
        batch_size: int | None = None,
        n_epochs: int | None = None,
        l2: float | None = None,
        threshold: float | str = 0.5,
        class_weight: Mapping[Any, float] | str | None = None,
        prior_correction: bool = False,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.inputs = inputs
        self.solver = solver
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.n_epochs = n_epochs
        self.l2 = l2
        self.threshold = threshold
        self.class_weight = class_weight
        self.prior_correction = prior_correction
        self.random_state = random_state

    @classmethod
    def from_run(
        cls, run: str | Path | None = None, *, out: str | Path = "artifacts"
    ) -> PulsarPerceptron:
        """Give a published run as a fitted classifier, with the run's probabilities to the bit.

        Parameters
        ----------
        run, out
            As for `pulsars.load_run`, which says what is refused.

        Returns
        -------
        PulsarPerceptron
            Fitted on the features by their names (`feature_names_in_`); classes 0 and 1. Its
            parameters are the run's, as far as it has them, for whoever fits a clone.
        """
        from pulsars.run import load_run
        from schemas import FEATURE_NAMES

        found = load_run(run, out=out)
        asked = found.manifest["parameters"]
        replayed = asked.get("preset") is not None  # with settings that are the book's own
        solver: Solver = "sgd" if replayed else asked.get("solver", "sgd")
        told = OF_SGD if solver == "sgd" and not replayed else {}
        seed = asked.get("seed")
        fitted = cls(
            inputs=found.model.inputs.kind,
            solver=solver,
            **{name: asked.get(name) for name in told},
            l2=asked.get("l2"),
            threshold=found.threshold,
            random_state=seed if seed is not None and seed < 2**32 else None,  # scikit-learn's most
        )
        fitted.classes_ = np.array([0, 1])
        fitted.n_features_in_ = len(FEATURE_NAMES)
        fitted.feature_names_in_ = np.array(FEATURE_NAMES, dtype=object)
        fitted.model_ = found.model
        fitted.loss_history_ = np.array([row["loss"] for row in found.epochs()])
        return fitted

    def fit(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> PulsarPerceptron:
        """Fit inputs and weights.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Finite.
        y : array-like of shape (n_samples,)
            Labels of two classes.
        sample_weight : array-like of shape (n_samples,), optional
            How much each row counts, finite and at least 0; a row of 0 is as if it were not there.
            sgd takes rows that count alike only.

        Returns
        -------
        PulsarPerceptron
            Itself.

        Raises
        ------
        ValueError
            When there are not two classes, or a parameter or a number is out of bounds.
        """
        refuse_masked(X, y)
        X, y = map(np.asarray, validate_data(self, X, y, dtype=np.float64))
        check_classification_targets(y)
        classes, rows = weigh(X, y, sample_weight, self.class_weight)
        inputs = Inputs.fit(self.inputs, rows.X)
        coef, intercept, losses = solve(
            inputs.transform(rows.X),
            rows,
            solver=self.solver,
            of_sgd={name: getattr(self, name) for name in OF_SGD},
            l2=self.l2,
            random_state=self.random_state,
        )
        self.classes_ = classes
        self.model_ = calling(
            Perceptron(coef, intercept, inputs),
            rows,
            threshold=self.threshold,
            prior_correction=self.prior_correction,
        )
        self.loss_history_ = losses
        return self

    @property
    def coef_(self) -> NDArray[np.float64]:
        """Weights, shape (1, n_outputs)."""
        return self._fitted().coef[np.newaxis].copy()

    @property
    def intercept_(self) -> NDArray[np.float64]:
        """The bias, shape (1,)."""
        return np.array([self._fitted().intercept])

    def decision_function(self, X: ArrayLike) -> NDArray[np.float64]:
        """Give the logit of the positive class for each row, shape (n_samples,)."""
        return self._fitted().decision_function(self._rows(X))

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Give the probability of either class, shape (n_samples, 2), as `classes_` are ordered."""
        positive = self._fitted().predict_proba(self._rows(X))
        return np.column_stack([1 - positive, positive])

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Give a label for each row, shape (n_samples,); ValueError for a bad `threshold`."""
        model = self._fitted()
        if isinstance(self.threshold, str):  # a rule is for `fit`, which has kept what it gave
            check_rule(self.threshold)
        else:
            model = model.with_threshold(self.threshold)
        called = model.predict(self._rows(X))
        return self.classes_[called]

    def _fitted(self) -> Perceptron:
        check_is_fitted(self)
        return self.model_

    def _rows(self, X: ArrayLike) -> NDArray[np.float64]:
        refuse_masked(X)
        try:
            return np.asarray(validate_data(self, X, dtype=np.float64, reset=False))
        except ValueError as error:
            raise ValueError(f"{_column_of_words(X)}{error}") from None

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags


def _column_of_words(X: Any) -> str:
    """Say which column of a DataFrame holds words, if one does."""
    for name in getattr(X, "columns", ()):
        try:
            np.asarray(X[name], dtype=np.float64)
        except (TypeError, ValueError):
            return f"column {str(name)!r}: "
    return ""
