"""What people settled, as a training takes it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pulsars.learning import Labelled
from pulsars.review.meaning import Agreed
from schemas import FEATURE_NAMES, LabelsError, find_breaches


def labelled_of(found: Sequence[Agreed], *, labels: str) -> Labelled:
    """Give candidates with what they are, ordered by the hash of their content.

    Parameters
    ----------
    found : sequence of Agreed
        As of `pulsars.review.meaning.settled`.
    labels : str
        How messages call the file that says so.

    Raises
    ------
    LabelsError
        If a candidate has numbers that none can have; of a candidate file they would be set aside.
    """
    found = sorted(found, key=lambda one: one.candidate)
    labelled = Labelled(
        [one.candidate for one in found],
        np.array([one.features for one in found], dtype=np.float64),
        np.array([one.is_pulsar for one in found], dtype=np.int8),
    )
    if not found:
        return labelled
    frame = pd.DataFrame(labelled.X, columns=list(FEATURE_NAMES))
    # A word does not say of which kind of fold it is.
    chi2 = pd.Series([one.of_fold for one in found], dtype=bool)
    for fault in find_breaches(frame, labelled=False, chi2=chi2):
        raise LabelsError(
            f"{labels}: candidate {labelled.names[fault.rows[0]][:12]}… cannot be true: "
            f"{fault.column} {fault.why}; take its lines out"
        )
    return labelled
