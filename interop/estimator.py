"""The perceptron as a scikit-learn classifier, for pipelines and grid searches.

Needs scikit-learn, which nothing else here does: install the extra `sklearn`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import (
    BaseEstimator,
    ClassifierMixin,
)
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    check_is_fitted,
    validate_data,
)

from slp import InputKind, Inputs, Perceptron, Settings, fit

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


class PulsarPerceptron(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # untyped bases
    """A single-layer perceptron on inputs that it fits itself.

    Parameters
    ----------
    inputs : {"raw", "standard", "yeo-johnson", "quadratic", "yeo-johnson-quadratic"}
        What the layer sees, see `slp.inputs`.
    learning_rate, batch_size, n_epochs, l2
        As for `slp.training.epochs.Settings`.
    threshold : float
        The probability from which on the second of the sorted classes is predicted, in [0, 1].
    random_state : int, numpy.random.RandomState or None
        An int gives the same fit each time.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        Sorted labels; the second is the positive class.
    n_features_in_ : int
        Features of the rows it was fitted to.
    model_ : slp.perceptron.Perceptron
        The fitted model, which `to_dict` writes as plain numbers.
    loss_history_ : ndarray of shape (n_epochs,)
        Mean loss of each epoch's rows, in nats.
    """

    def __init__(  # noqa: PLR0913 - scikit-learn wants each parameter named
        self,
        *,
        inputs: InputKind = "standard",
        learning_rate: float = 0.05,
        batch_size: int = 32,
        n_epochs: int = 60,
        l2: float = 0.0,
        threshold: float = 0.5,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.inputs = inputs
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.n_epochs = n_epochs
        self.l2 = l2
        self.threshold = threshold
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike) -> PulsarPerceptron:
        """Fit inputs and weights.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Finite.
        y : array-like of shape (n_samples,)
            Labels of two classes.

        Returns
        -------
        PulsarPerceptron
            Itself.

        Raises
        ------
        ValueError
            When there are not two classes, or a parameter or a number is out of bounds.
        """
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        classes, labels = np.unique(y, return_inverse=True)
        if len(classes) != 2:  # noqa: PLR2004 - pulsar and not
            raise ValueError(
                f"Only binary classification is supported: y has {len(classes)} "
                f"class{'es' if len(classes) > 1 else ''}, and 2 are needed"
            )
        seed = check_random_state(self.random_state).randint(2**31)
        inputs = Inputs.fit(self.inputs, X)
        found = fit(
            inputs.transform(X), labels, settings=self._settings(), rng=np.random.default_rng(seed)
        )
        self.classes_ = classes
        self.model_ = Perceptron(found.coef, found.intercept, inputs, self.threshold)
        self.loss_history_ = found.loss_history
        return self

    def decision_function(self, X: ArrayLike) -> NDArray[np.float64]:
        """Give the logit of the positive class for each row, shape (n_samples,)."""
        return self._fitted().decision_function(self._rows(X))

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Give the probability of either class, shape (n_samples, 2), as `classes_` are ordered."""
        positive = self._fitted().predict_proba(self._rows(X))
        return np.column_stack([1 - positive, positive])

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Give a label for each row, shape (n_samples,)."""
        called = self._fitted().predict(self._rows(X))
        labels: NDArray[Any] = self.classes_[called]
        return labels

    def _settings(self) -> Settings:
        return Settings(
            learning_rate=self.learning_rate,
            batch_size=self.batch_size,
            n_epochs=self.n_epochs,
            l2=self.l2,
        )

    def _fitted(self) -> Perceptron:
        check_is_fitted(self)
        model: Perceptron = self.model_
        return model

    def _rows(self, X: ArrayLike) -> NDArray[np.float64]:
        rows: NDArray[np.float64] = validate_data(self, X, dtype=np.float64, reset=False)
        return rows

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags
