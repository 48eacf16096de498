"""Have what people say of candidates, one label each, as it is now."""

from __future__ import annotations

import hashlib
import json
import logging
from pathlib import Path

from prefect import task

from pulsars.review import labelled_of, read_labels, settled, summarise
from pulsars.store import write_bytes
from schemas import Settled, TrainingParameters, at_home
from tasks.plumbing.steps import IO

_log = logging.getLogger(__name__)


@task(name="collect", task_run_name="collect labels", **IO)
def collect_labels(parameters: TrainingParameters) -> Settled:
    """Keep it under its hash: people go on reviewing while a run learns from what they said."""
    said = read_labels(at_home(parameters.labels or ""))
    for note in said.notes:
        _log.info("note: %s", note)
    found = settled(said)
    labelled = labelled_of(found, labels=parameters.labels or "")
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
