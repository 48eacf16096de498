"""A copy of an artifact root in the order that `docs/operating.md` tells has all that it names."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pulsars.gate.by_hand import promote_by_hand
from pulsars.store.champions import find_champion, read_reigns
from pulsars.store.pruning import prune_runs
from schemas.records import Published
from tasks.challenging import challenge
from tests.pulsars.gate.challengers import ASKED, publish

ORDER = ("verdicts", "champion.json", "runs")


def challenged(out: Path, name: str) -> None:
    run = publish(out, name)
    done = Published(run=name, path=str(run.path), model_sha256=run.model_sha256)
    challenge.fn(ASKED.model_copy(update={"out": str(out)}), done)


def copied(part: Path, copy: Path) -> None:
    if part.is_dir():
        shutil.copytree(part, copy / part.name)
    elif part.exists():
        shutil.copy(part, copy)


@pytest.mark.parametrize("at", range(len(ORDER) + 1))
@pytest.mark.parametrize("is_first", [True, False])
def test_a_copy_has_its_champion_whenever_another_is_made_meanwhile(
    *, is_first: bool, at: int, tmp_path: Path
) -> None:
    out, copy = tmp_path / "out", tmp_path / "copy"
    copy.mkdir()
    if not is_first:
        challenged(out, "a")
    for n in range(len(ORDER) + 1):
        if n == at and is_first:
            challenged(out, "b")
        elif n == at:
            publish(out, "b", noise=0.1)
            promote_by_hand(out, "b", because="better")
        if n < len(ORDER):
            copied(out / ORDER[n], copy)
    champion, reigns = find_champion(copy), read_reigns(copy)
    assert (champion is None) == (is_first and at > ORDER.index("champion.json"))
    assert {reign.run for reign in reigns} <= {path.name for path in (copy / "runs").glob("*")}
    assert prune_runs(copy, keep=1, remove=False).damaged == ()
