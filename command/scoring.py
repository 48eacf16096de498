"""`pulsar score` and `pulsar inbox`: options in, the flow run, a ranked list or a summary out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from command.options import AsJson, require_root, takes
from schemas import InboxParameters, ScoreParameters


@takes(ScoreParameters)
def score(given: dict[str, Any], *, as_json: AsJson = False) -> None:
    """Score candidates, with or without labels, and rank them.

    They are first compared with what the model learnt from; what is too far from that is not
    scored. The same file, read alike, is scored once by the same model, whatever it is called.
    """
    from command.running import run_scoring
    from command.show_files import print_scored

    asked = ScoreParameters(**given)
    require_root(Path(asked.out))
    scored, anew = run_scoring(asked)
    print_scored(scored, anew=anew, as_json=as_json)


@takes(InboxParameters)
def inbox(given: dict[str, Any], *, as_json: AsJson = False) -> None:
    """Score every new file of a folder once, and set bad files aside with a report.

    One pass: run it again, or on a schedule, for what arrives later.
    """
    from command.running import run_inbox
    from command.show_files import print_pass

    code = print_pass(run_inbox(InboxParameters(**given)), as_json=as_json)
    raise typer.Exit(code)
