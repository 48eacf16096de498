"""What docs/python.md shows works as it stands there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.published import published_as, trained
from tests.rooms import ROOT, listed

PAGE = ROOT / "docs" / "python.md"
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
REFUSING = """
import sys

class Refused:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {refused}:
            raise ImportError(f"{{name}} is not to be had here")

sys.meta_path.insert(0, Refused())
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder to work in: `sky.csv`, and a run below `artifacts`."""
    published_as(tmp_path / "artifacts", "20260301-020000-000-0123abcd")
    (tmp_path / "sky.csv").write_bytes((trained(11).parents[1] / "sky.csv").read_bytes())
    return tmp_path


def needs_prefect(block: str) -> bool:
    return "from flows" in block


def test_what_needs_no_flow_works_where_there_is_no_prefect(folder: Path) -> None:
    blocks = [block for block in BLOCKS if not needs_prefect(block)]
    assert len(blocks) > 5
    refused = {"prefect", *listed().prefect}
    script = "\n".join([REFUSING.format(refused=refused), *blocks, "print('to the end')"])
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("to the end\n")
    assert "<Run 20260301-020000-000-0123abcd of 'sky.csv'>" in done.stdout


@pytest.mark.slow
@pytest.mark.usefixtures("prefect_server")
def test_a_training_is_asked_for_as_the_page_says(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import pulsars

    monkeypatch.chdir(folder)
    (block,) = [block for block in BLOCKS if needs_prefect(block)]
    seen: dict[str, Any] = {"pulsars": pulsars}
    exec(compile(block, str(PAGE), "exec"), seen)  # noqa: S102 - the page's own lines
    assert seen["judged"].decision in capsys.readouterr().out
    assert pulsars.load_run(seen["judged"].path).manifest["seed"] == 7


@pytest.mark.slow
@pytest.mark.parametrize("taken", ["schemas.py", "slp/__init__.py"])
def test_where_a_name_is_taken_each_remedy_helps(tmp_path: Path, taken: str) -> None:
    (tmp_path / taken).parent.mkdir(exist_ok=True)
    (tmp_path / taken).write_text("")
    (mended,) = [block for block in BLOCKS if "sys.path[:]" in block]
    load = "import pulsars; pulsars.load_run"

    def returned(*words: str, **more: str) -> int:
        import os

        done = subprocess.run(
            [sys.executable, *words], cwd=tmp_path, env={**os.environ, **more},
            capture_output=True, check=False,
        )  # fmt: skip
        return done.returncode

    assert returned("-c", load) == 1
    assert returned("-P", "-c", load) == 0
    assert returned("-c", load, PYTHONSAFEPATH="1") == 0
    assert returned("-c", mended + load) == 0


def test_the_page_names_every_package_of_ours() -> None:
    (listing,) = re.findall(r"The packages here are called (.*?)\.", PAGE.read_text(), re.DOTALL)
    named = set(re.findall(r"`(\w+)`", listing))
    assert named == {room.split(".")[0] for room in listed().may_import}
