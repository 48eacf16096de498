"""A review in this process: the page is served and opened, until Ctrl-C."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from command.demonstration import find_demo_data, write_folds
from command.opening import page_opener
from command.running import run_scoring, run_training
from command.show_files import print_scored
from command.show_review import print_review
from command.show_runs import print_learnt
from pulsars.review import LABELS_NAME, Session
from pulsars.store import champion_name
from schemas import ScoreParameters, SimulationParameters
from service import prefect_server, review_here

if TYPE_CHECKING:
    from pulsars.store import ScoredFile
    from schemas import TrainingParameters

_FOLDS = SimulationParameters(rows=100, prevalence=0.2)


def look_at(
    scores: ScoredFile,
    out: Path,
    *,
    labels: Path | None = None,
    port: int = 0,
    browser: bool = True,
    as_json: bool = False,
) -> None:
    """Serve the page of some scores.

    Parameters
    ----------
    scores : ScoredFile
        What is looked at.
    out : Path
        Artifact root, where the labels file is unless it is named.
    labels : Path, optional
        The labels file.
    port : int, optional
        On loopback; 0 finds a free one.
    browser : bool, optional
        Whether to open the page.
    as_json : bool, optional
        Whether to print the address as one JSON object.
    """
    session = Session(scores, labels or out / LABELS_NAME)
    with page_opener(asked=browser) as opened:

        def tell(url: str) -> None:
            print_review(session, url, as_json=as_json)
            opened(url)

        review_here(session, port=port, tell=tell)


def look_at_a_night(asked: TrainingParameters, folder: Path, *, as_json: bool) -> None:
    """Simulate a night of folds, score it, and serve the page; train first where nobody reigns.

    Parameters
    ----------
    asked : TrainingParameters
        What a training takes, but for the data, which are found.
    folder : Path
        Where data are looked for and kept.
    as_json : bool
        Whether to print the address as one JSON object, and nothing else.
    """
    out, night = Path(asked.out), folder / "night"
    with prefect_server() as server:  # one for both: Prefect reads once which it is
        server.wait()
        if champion_name(out) is None:
            run = run_training(asked.model_copy(update={"data": str(find_demo_data(folder))}))
            if not as_json:
                print_learnt(run, as_json=False)
        if not (night / "truth.csv").is_file():
            write_folds(night, **_FOLDS.model_dump())
        # They may be unlike what the champion learnt from, and are ranked all the same.
        asked_of_night = ScoreParameters(data=str(night), out=asked.out, despite_drift=True)
        scored, anew = run_scoring(asked_of_night)
    if not as_json:
        print_scored(scored, anew=anew, as_json=False)
    look_at(scored, out, as_json=as_json)
