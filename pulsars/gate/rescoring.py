"""Whether a published model repeats its scores in a process that has seen nothing else.

Usage: python -P -m pulsars.gate.rescoring RUN_FOLDER

NumPy and `slp` only: what a model needs to be used, and nothing that trained it. The last
digits may differ: they are the processor's, and a run may have been made on another.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np

from schemas import GateError
from slp import Perceptron, repeats

_SECONDS = 600  # of a machine that does much else
_DIFFERS = 3  # 1 is what Python itself ends with after an error


def repeats_its_scores(folder: Path) -> bool:
    """Score the test rows of a published run in a fresh process and compare; see `slp.repeats`.

    Parameters
    ----------
    folder : Path
        Of the run, with `model.json` and `test.npz`.

    Raises
    ------
    GateError
        If the process could not do it: whether the model repeats its scores is then not known.
    """
    try:
        done = subprocess.run(  # noqa: S603 - this interpreter, this module
            [sys.executable, "-P", "-m", "pulsars.gate.rescoring", str(folder.resolve())],
            cwd=Path(__file__).resolve().parents[2],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise GateError(f"a fresh process did not score {folder.name} in {_SECONDS} s") from None
    if done.returncode not in (0, _DIFFERS):
        said = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise GateError(f"a fresh process could not score {folder.name}: {said}")
    return done.returncode == 0


def main() -> None:
    """Exit with 0 when the scores are repeated, the companion's too, else with another code."""
    folder = Path(sys.argv[1])
    stored = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    with np.load(folder / "test.npz", allow_pickle=False) as test:
        again = Perceptron.from_dict(stored["perceptron"]).predict_proba(test["X"])
        agree = repeats(again, test["probability"])
        if "companion" in test:  # earlier versions had none
            ranked = Perceptron.from_dict(stored["companion"]).decision_function(test["X"])
            agree = agree and repeats(ranked, test["companion"])
        sys.exit(0 if agree else _DIFFERS)


if __name__ == "__main__":
    main()
