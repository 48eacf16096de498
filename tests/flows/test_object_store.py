"""Candidates from an object store, scores into it: an imitation of S3's."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from flows.inbox import score_inbox
from flows.scoring import score
from schemas import InboxParameters, ScoreParameters

pytestmark = pytest.mark.usefixtures("prefect_server", "undrawn")

Root = Callable[[], Path]


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from command.demonstration import write_simulation

    path = tmp_path_factory.mktemp("sky") / "night.csv"
    write_simulation(path, rows=200, prevalence=0.1, seed=8)
    return path


def test_an_object_is_scored_and_the_scores_are_copied_into_the_store(
    object_store: Any, night: Path, championed: Root
) -> None:
    object_store.put_file(str(night), "survey/night/one#2?.csv")
    out = championed()
    asked = ScoreParameters(
        data="s3://survey/night/one#2?.csv", out=str(out), copy_to="s3://survey/copies"
    )
    done = score(asked)
    folder = Path(done.path)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["data"]["origin"] == "s3://survey/night/one#2?.csv"
    assert "copy_to" not in manifest["parameters"]
    there = f"survey/copies/{folder.name}"
    assert (
        object_store.cat_file(f"{there}/manifest.json") == (folder / "manifest.json").read_bytes()
    )
    scores = pd.read_parquet(
        f"s3://{there}/scores.parquet", storage_options=object_store.storage_options
    )
    assert len(scores) == 200
    # Scored before: nothing is scored anew, and a copy is where it is asked for.
    score(asked.model_copy(update={"copy_to": "s3://survey/others"}))
    assert object_store.exists(f"survey/others/{folder.name}/manifest.json")


@pytest.mark.slow
def test_an_inbox_in_a_store_is_worked_off_once(
    object_store: Any, night: Path, championed: Root
) -> None:
    object_store.put_file(str(night), "survey/arriving/night.csv")
    object_store.pipe_file("survey/arriving/empty.csv", b"")
    asked = InboxParameters(
        inbox="s3://survey/arriving", out=str(championed()), settle_seconds=0,
        copy_to="s3://survey/of-inbox",
    )  # fmt: skip
    found = score_inbox(asked)
    assert ([one["name"] for one in found["rejected"]], found["failed"]) == (["empty.csv"], [])
    (scored,) = found["scored"]
    assert object_store.exists(f"survey/of-inbox/{Path(scored['path']).name}/manifest.json")
    left = [path.rsplit("/", 1)[-1] for path in object_store.find("survey/arriving")]
    assert [name for name in left if "empty" not in name] == ["night.csv"]
    assert len(left) == 3  # one that was scored; one that was set aside, and its report
    again = score_inbox(asked)
    assert (again["known"], again["scored"], again["rejected"]) == (1, [], [])
    # Another content by the same name is another file.
    object_store.pipe_file("survey/arriving/night.csv", night.read_bytes() + b"\n")
    assert [one["name"] for one in score_inbox(asked)["scored"]] == ["night.csv"]
