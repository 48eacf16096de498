"""Folds through the command: simulated, measured, and taken wherever a table is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from command import demonstration, launching, running
from schemas import FeatureParameters, ParameterError, SourceNotFoundError

if TYPE_CHECKING:
    from tests.conftest import Pulsar


def test_simulated_folds_and_their_truth_are_written_into_an_empty_folder(
    pulsar_here: Pulsar, tmp_path: Path
) -> None:
    words = ("simulate", "--rows", "12", "--prevalence", "0.25", "--folds")
    done = pulsar_here(*words, tmp_path / "night", "--json")
    assert json.loads(done.stdout)["pulsars"] == 3
    lines = (tmp_path / "night" / "truth.csv").read_text().splitlines()
    assert lines[0] == "file,label"
    assert sum(int(line.split(",")[1]) for line in lines[1:]) == 3
    names = sorted(path.name for path in (tmp_path / "night").glob("*.pfd"))
    assert names == [line.split(",")[0] for line in lines[1:]]
    again = pulsar_here(*words, tmp_path / "night")
    assert again.returncode == 2
    assert "no empty folder" in again.stderr


@pytest.mark.parametrize(
    ("rows", "said"), [(1, "1 simulated {}, 0 pulsars"), (2, "{}s, 1 pulsar:")]
)
def test_one_of_them_is_said_as_one(
    rows: int, said: str, pulsar_here: Pulsar, tmp_path: Path
) -> None:
    words = ("simulate", "--rows", rows, "--prevalence", 0.5)
    for target, what in (
        (("--folds", tmp_path / "night"), "fold"),
        ((tmp_path / "n.csv",), "candidate"),
    ):
        assert said.format(what) in pulsar_here(*words, *target).stderr


def test_folds_and_a_table_are_not_simulated_at_once_nor_nothing(
    pulsar_here: Pulsar, tmp_path: Path
) -> None:
    for words in ((), (tmp_path / "sky.csv", "--folds", tmp_path / "night")):
        done = pulsar_here("simulate", *words)
        assert done.returncode == 2
        assert "--folds" in done.stderr
        assert not list(tmp_path.iterdir())


def test_what_lies_beside_folds_stops_nothing_and_what_is_named_has_to_be_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    demonstration.write_folds(tmp_path / "night", rows=3, prevalence=0.5, seed=1)
    (tmp_path / "night" / "0.ps").touch()
    monkeypatch.setattr(launching, "run_served", lambda asked, *_, **__: asked)
    fold = str(next((tmp_path / "night").glob("*.pfd")))
    for data, more in ((str(tmp_path / "night"), ()), (fold, (str(tmp_path / "nowhere.csv"),))):
        asked = FeatureParameters(data=data, more=more, out=str(tmp_path / "out"))
        if more:
            with pytest.raises(SourceNotFoundError, match=r"nowhere\.csv"):
                launching.run_on_file(asked, "no:flow", kind="features")
        else:
            assert launching.run_on_file(asked, "no:flow", kind="features") == asked


def test_folds_whose_writing_is_stopped_leave_nothing_and_are_written_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"rows": 40, "prevalence": 0.25, "seed": 1}
    write, written = demonstration.write_pfd, []

    def stopped(path: Path, *fold: Any) -> Any:
        written.append(path)
        if len(written) > 35:
            raise KeyboardInterrupt
        return write(path, *fold)

    monkeypatch.setattr(demonstration, "write_pfd", stopped)
    with pytest.raises(KeyboardInterrupt):
        demonstration.write_folds(tmp_path / "night", **asked)
    monkeypatch.undo()
    assert not list(tmp_path.iterdir())
    demonstration.write_folds(tmp_path / "night", **asked)
    assert [path.name for path in tmp_path.iterdir()] == ["night"]
    assert len(list((tmp_path / "night").iterdir())) == 41


@pytest.mark.parametrize("data", [("-",), ("a.pfd", "-")])
def test_labels_of_a_fold_from_standard_input_are_refused_before_it_is_read(
    data: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "run_on_file", pytest.fail)
    asked = {"data": data[0], "more": data[1:], "labels": str(tmp_path / "truth.csv")}
    asked |= {"target": str(tmp_path / "made.csv"), "out": str(tmp_path)}
    with pytest.raises(ParameterError, match=r"truth\.csv.* standard input .*save it as a file"):
        running.run_features(FeatureParameters.model_validate(asked))
