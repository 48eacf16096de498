"""A kept step serves again only for the same content, the same code and intact files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from prefect import flow, task

from schemas.errors import DownloadError, QuarantineRateError
from schemas.handles import FileRef
from schemas.parameters import TrainingParameters
from tasks import caching
from tasks.files import write_text
from tasks.steps import STEP, can_heal

pytestmark = pytest.mark.usefixtures("prefect_server")


def test_a_key_depends_on_name_inputs_and_code(monkeypatch: pytest.MonkeyPatch) -> None:
    parameters = TrainingParameters(data="x.csv")
    key = caching.content_key("split", {"p": parameters})
    assert key == caching.content_key("split", {"p": TrainingParameters(data="x.csv")})
    assert key != caching.content_key("train", {"p": parameters})
    assert key != caching.content_key("split", {"p": TrainingParameters(data="x.csv", seed=1)})
    monkeypatch.setattr(caching, "code_version", lambda: "another")
    assert key != caching.content_key("split", {"p": parameters})


def test_an_input_that_is_neither_record_nor_json_is_refused() -> None:
    with pytest.raises(TypeError, match="ndarray"):
        caching.content_key("split", {"X": np.zeros(3)})


def test_the_code_version_covers_every_room() -> None:
    assert set(caching._ROOMS) == {"flows", "tasks", "schemas", "slp"}  # noqa: SLF001
    assert len(caching.code_version()) == 16


def test_a_step_is_not_run_again_while_its_file_is_intact(tmp_path: Path) -> None:
    runs: list[str] = []

    @task(name="writes", **STEP)
    def writes(folder: str, word: str) -> FileRef:
        runs.append(word)
        return write_text(Path(folder) / f"{word}.txt", word)

    @flow
    def twice(*words: str) -> list[FileRef]:
        return [writes(str(tmp_path), word) for word in words]

    first = twice("a")[0]
    assert twice("a")[0] == first
    assert runs == ["a"]
    twice("b")
    assert runs == ["a", "b"]

    Path(first.path).write_text("changed")
    assert twice("a")[0].matches()
    assert runs == ["a", "b", "a"], "a changed file was trusted"
    Path(first.path).unlink()
    assert twice("a")[0].matches()
    assert runs == ["a", "b", "a", "a"], "a missing file was trusted"
    assert twice("a")[0].matches()
    assert runs == ["a", "b", "a", "a"]


class Ended:
    """A state that ended in an error."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def result(self) -> None:
        raise self.error


@pytest.mark.parametrize(
    ("error", "heals"),
    [
        (DownloadError("x"), True),
        (ConnectionResetError(), True),
        (TimeoutError(), True),
        (OSError(28, "No space left on device"), True),
        (FileNotFoundError(), False),
        (PermissionError(), False),
        (QuarantineRateError("x"), False),
        (ValueError("x"), False),
        (KeyError("x"), False),
    ],
    ids=repr,
)
def test_only_what_can_heal_is_tried_again(error: Exception, heals: bool) -> None:  # noqa: FBT001
    assert can_heal(None, None, Ended(error)) is heals
