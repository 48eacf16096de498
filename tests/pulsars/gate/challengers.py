"""Published runs that challenge each other, on a sky of one telling feature."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pulsars.store.learnt import Learnt
from pulsars.store.runs import PublishedRun, load_run
from schemas.features import FEATURE_NAMES
from schemas.parameters import TrainingParameters
from slp.inputs import Inputs
from slp.measures.metrics import measure
from slp.perceptron import Perceptron
from tests.published import published_as

N_TEST = 400
ASKED = TrainingParameters(data="x", n_resamples=200)


def sky(n: int, *, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Candidates whose first feature tells pulsars apart, with an overlap."""
    rng = np.random.default_rng(seed)
    y = (np.arange(n) % 5 == 0).astype(np.int8)
    X = rng.normal(size=(n, len(FEATURE_NAMES)))
    X[:, 0] += 3 * y
    return X, y


def publish(  # noqa: PLR0913 - one a fact of a run
    out: Path,
    name: str,
    *,
    noise: float = 0.0,
    test: int = 1,
    learnt: int = 2,
    digits: int = 17,
    simulated: bool = False,
    preset: str | None = None,
    holds: bool = True,
    threshold: float = 0.5,
    area: tuple[float | None, ...] | None = None,
    n_pulsars: int | None = None,
    wrong: int = 0,
    steep: float = 1.0,
) -> PublishedRun:
    """Publish a run whose one weight that matters is spoilt by `noise`, and some labels `wrong`.

    All weights and the bias are `steep` times as large.
    """
    coef = np.zeros(len(FEATURE_NAMES))
    coef[0], coef[1] = 2.0, noise
    model = Perceptron(steep * coef, -3.0 * steep, Inputs.raw(len(FEATURE_NAMES)))
    X, y = sky(N_TEST, seed=test)
    y[np.flatnonzero(y == 0)[:wrong]] = 1
    X = np.vectorize(lambda value: float(f"{value:.{digits}g}"))(X)
    score = model.predict_proba(X)
    found = {key: {"value": v, "low": v, "high": v} for key, v in
             measure(y, score, threshold=threshold).items()}  # fmt: skip
    if area:
        found["roc_auc"] = dict(zip(("value", "low", "high"), area, strict=True))
    if n_pulsars is not None:
        found["tp"]["value"], found["fn"]["value"] = n_pulsars - 1, 1
    proofs = [{"name": "no leak", "holds": True, "text": "0 rows"}]
    proofs.append({"name": "prevalence kept", "holds": holds, "text": "9 % and 9 %"})
    contents = {
        "model.json": {"perceptron": model.to_dict()},
        "test.npz": {"line": np.arange(N_TEST), "X": X, "y": y, "probability": score},
        "seen.npz": Learnt.of(sky(N_TEST, seed=learnt)[0]).to_arrays(),
        "metrics.json": {"parts": {"test": found}, "proofs": proofs},
    }
    data = {"name": f"{test}.csv", "simulated": simulated}
    return load_run(published_as(out, name, contents, data=data, parameters={"preset": preset}))
