"""What a model says of candidates, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pulsars.learning.predicting import Predicted
from schemas import FEATURE_NAMES, LABEL, SAME_SOURCE
from slp import rank

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from pulsars.store import Learnt
    from schemas import RankedBy
    from slp import Perceptron, Reference


PULSAR, NON_PULSAR = "pulsar", "non-pulsar"


def count_learnt(table: pd.DataFrame, learnt: Learnt) -> int:
    """Count the candidates that had a say in the model: what is measured on them flatters it.

    Parameters
    ----------
    table : DataFrame
        With the eight features.
    learnt : Learnt
        By the model; a candidate printed with fewer digits is the same one.
    """
    return int(learnt.holds(table[list(FEATURE_NAMES)].to_numpy(dtype=np.float64)).sum())


def score_table(
    accepted: pd.DataFrame,
    model: Perceptron,
    reference: Reference,
    *,
    ranked_by: RankedBy,
    carried: Sequence[str] = (),
    converted: Sequence[str] = (),
) -> pd.DataFrame:
    """Give every candidate its score and the reasons for it.

    Parameters
    ----------
    accepted : DataFrame
        The eight features, `line`, and `label` where there is one.
    model : Perceptron
        Scores, or a companion, which only ranks.
    reference : Reference
        Of the rows that the model learnt from.
    ranked_by : {"model", "companion"}
        Which of the two it is. A companion gives no probability (NaN) and no decision (empty).
    carried : sequence of str
        Columns of `accepted` that say which candidate a row is.
    converted : sequence of str
        Features that are not as the file has them.

    Returns
    -------
    DataFrame
        In the order of `accepted`: ``line``, what is carried, ``same_source`` if there is one,
        the features, ``label`` if there is one, ``logit``, ``probability``, ``decision`` by the
        model's threshold, ``rank`` (1 is best), ``ranked_by``, ``outside`` (names of features
        beyond the training range, with blanks between them), ``converted`` (names of features that
        are not as the file has them) if there are any, and the parts of the logit: ``intercept``
        and ``contribution_<feature>``. The logit of a companion is the sum that ranks, and no
        log-odds.
    """
    X = accepted[list(FEATURE_NAMES)].to_numpy(dtype=np.float64)
    predicted = Predicted.of(model, X)
    contributions = model.feature_contributions(X)
    decides = ranked_by == "model"
    labels = [LABEL] if LABEL in accepted else []
    beside = [*carried, *([SAME_SOURCE] if SAME_SOURCE in accepted else [])]
    return accepted[["line", *beside, *FEATURE_NAMES, *labels]].assign(
        logit=predicted.logit,
        probability=predicted.probability if decides else np.nan,
        decision=np.where(predicted.called, PULSAR, NON_PULSAR) if decides else "",
        rank=rank(predicted.logit),
        ranked_by=ranked_by,
        outside=_names_outside(reference, X),
        **({"converted": " ".join(converted)} if converted else {}),
        intercept=model.intercept,
        **{
            f"contribution_{name}": part
            for name, part in zip(FEATURE_NAMES, contributions.T, strict=True)
        },
    )


def _names_outside(reference: Reference, X: np.ndarray) -> list[str]:
    names = np.array(FEATURE_NAMES)
    return [" ".join(names[row]) if row.any() else "" for row in reference.outside(X)]
