"""Scores of one content, read alike by one model, are in one folder; all others in another."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pulsars.store.leftovers import find_leftovers
from pulsars.store.score_folders import READ_AS, scores_folder
from schemas.file_parameters import ReadingParameters
from schemas.handles import FileRef
from schemas.records import Source
from schemas.score_parameters import ScoreParameters
from schemas.score_records import Catalogue, Chosen

FILE, MODEL, KNOWN = (FileRef(path=f"/{digit}", sha256=digit * 64) for digit in "abc")
PLAIN = "a" * 16 + "-" + "b" * 8
CHOSEN = Chosen(run="r", model=MODEL, reference=MODEL, seen=MODEL, threshold=0.5, simulated=True)
CATALOGUE = Catalogue(name="psrcat.csv", file=KNOWN, n_pulsars=3)
SAID: dict[str, Any] = {
    "columns": "5,6,7,8,1,2,3,4",
    "drop": ["label"],
    "keep": ["none"],
    "pulsar_is": ["2"],
    "not_pulsar_is": ["2"],
    "kurtosis": "excess",
}


def name(*, folds: str | None = None, catalogue: Catalogue | None = None, **said: Any) -> str:
    source = Source(origin="a.csv", name="a.csv", file=FILE, folds=folds)
    asked = ScoreParameters.model_validate({"data": "a.csv", "out": "/out", **said})
    folder = scores_folder(source, asked, CHOSEN, catalogue)
    assert folder.parent == Path("/out/scores")
    return folder.name


def test_each_option_by_which_a_file_is_read_otherwise_gives_another_folder() -> None:
    assert SAID.keys() == {*READ_AS}
    names = {name(**{option: said}) for option, said in SAID.items()}
    assert len({PLAIN, *names}) == len(SAID) + 1


def test_what_is_unsaid_or_changes_nothing_that_is_read_stands_in_no_name() -> None:
    unread = {"budget": 7, "csv": True, "workers": 3, "max_quarantine": 0.5, "section": "1"}
    said_as_it_is = {"kurtosis": "auto", "drop": [], "columns": None}
    assert {name(), name(**unread), name(**said_as_it_is)} == {PLAIN}


def test_no_option_that_says_how_a_file_is_read_is_forgotten() -> None:
    other = {"section", "max_quarantine", "max_bytes", "max_cells", "runner", "workers"}
    assert ReadingParameters.model_fields.keys() == {*READ_AS, *other, "dask_address"}


@pytest.mark.parametrize("catalogue", [None, CATALOGUE])
@pytest.mark.parametrize("said", [{}, {"section": "1"}, SAID, {**SAID, "section": "1"}])
def test_a_pruning_finds_scores_of_every_name(
    said: dict[str, Any], catalogue: Catalogue | None, tmp_path: Path
) -> None:
    named = name(folds="d" * 64, catalogue=catalogue, **said)
    assert named.startswith("d" * 16 + "-" + "b" * 8)
    (tmp_path / "scores" / named).mkdir(parents=True)
    found = find_leftovers(tmp_path, older_than=timedelta(days=-1), gone=(), results=None)
    assert [Path(one.path).name for one in found] == [named]
