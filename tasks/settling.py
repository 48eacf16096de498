"""Have what people say of candidates, one label each, as it is now."""

from __future__ import annotations

import hashlib
import json
import logging
from pathlib import Path

import numpy as np
import pandas as pd
from prefect import task

from pulsars.learning import Labelled
from pulsars.review import read_labels, settled, summarise
from pulsars.store import write_bytes
from schemas import (
    FEATURE_NAMES,
    LabelsError,
    Settled,
    TrainingParameters,
    at_home,
    find_breaches,
)
from tasks.plumbing.steps import IO

_log = logging.getLogger(__name__)


@task(name="collect", task_run_name="collect labels", **IO)
def collect_labels(parameters: TrainingParameters) -> Settled:
    """Keep it under its hash: people go on reviewing while a run learns from what they said."""
    said = read_labels(at_home(parameters.labels or ""))
    for note in said.notes:
        _log.info("note: %s", note)
    found = sorted(settled(said), key=lambda one: one.candidate)
    labelled = Labelled(
        [one.candidate for one in found],
        np.array([one.features for one in found], dtype=np.float64),
        np.array([one.is_pulsar for one in found], dtype=np.int8),
    )
    _require_possible(parameters, labelled, [one.of_fold for one in found])
    n_open = summarise(said)["candidates"] - len(found)
    content = json.dumps(labelled.to_dict(), sort_keys=True).encode()
    name = hashlib.sha256(content).hexdigest()
    kept = write_bytes((Path(parameters.out) / "downloads" / name).resolve(), content)
    n_pulsars = int(labelled.y.sum())
    _log.info("%d reviewed candidates, %d pulsars; %d open", len(found), n_pulsars, n_open)
    return Settled(
        file=kept,
        n_reviewed=len(found),
        n_pulsars=n_pulsars,
        n_open=n_open,
        n_simulated=sum(one.simulated for one in found),
        n_drifted=sum(one.drifted for one in found),
    )


def _require_possible(
    parameters: TrainingParameters, labelled: Labelled, of_folds: list[bool]
) -> None:
    """Refuse numbers that no candidate can have; of a candidate file they would be set aside."""
    if not len(labelled.y):
        return
    frame = pd.DataFrame(labelled.X, columns=list(FEATURE_NAMES))
    chi2 = pd.Series(of_folds, dtype=bool)  # a word does not say of which kind of fold it is
    for fault in find_breaches(frame, labelled=False, chi2=chi2):
        raise LabelsError(
            f"{parameters.labels}: candidate {labelled.names[fault.rows[0]][:12]}… cannot be true: "
            f"{fault.column} {fault.why}; take its lines out"
        )
