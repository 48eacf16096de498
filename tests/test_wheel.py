"""What is installed from the wheel, away from the checkout, is whole."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.rooms import OUTSIDE, ROOT, listed, tracked

pytestmark = pytest.mark.slow
BUILD = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"
NOWHERE = "http://127.0.0.1:9"
"""A proxy that is none: what would be fetched by it cannot be."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build it from what is committed, or would be: an old `build/` adds nothing."""
    words = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    source, made = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, source / name)
    subprocess.run([sys.executable, "-c", BUILD, str(made)], cwd=source, check=True)
    (found,) = made.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install it into an environment of its own, what it needs from the lock; give its `bin`."""
    folder = tmp_path_factory.mktemp("fresh") / "venv"
    python = folder / "bin" / "python"
    uv = shutil.which("uv")
    if uv:
        make = [uv, "venv", "--quiet", "--python", sys.executable, str(folder)]
        install = [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(python)]
    else:
        make = [sys.executable, "-m", "venv", str(folder)]
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run(make, check=True)
    lock = ["--require-hashes", "-r", str(ROOT / "requirements.lock")]
    subprocess.run([*install, *lock], check=True)
    subprocess.run([*install, "--no-deps", str(wheel)], check=True)
    return python.parent


@pytest.fixture
def newcomer(tmp_path: Path) -> dict[str, str]:
    """Give an environment that knows nothing of the checkout, nor of data, nor of a way out."""
    ours = ("PYTHONPATH", "PULSAR_DATA_DIR", "NO_PROXY", "no_proxy")
    proxies = {
        name: NOWHERE for base in ("http_proxy", "https_proxy") for name in (base, base.upper())
    }
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return {**kept, **proxies, "PREFECT_HOME": str(tmp_path / "prefect")}


def test_every_module_and_face_of_a_room_and_every_template_is_in_the_wheel(wheel: Path) -> None:
    modules = {path.relative_to(ROOT).as_posix() for path in tracked()}
    modules = {name for name in modules if name.split("/")[0] not in OUTSIDE}
    templates = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("pulsars/*/templates/*")}
    assert len(modules) > 150
    faces = {room.replace(".", "/") + "/__init__.pyi" for room in listed().faces}
    assert len(templates) > 5
    assert len(faces) > 8
    with zipfile.ZipFile(wheel) as archive:
        (record,) = (name for name in archive.namelist() if name.endswith(".dist-info/RECORD"))
        recorded = {line.split(",")[0] for line in archive.read(record).decode().splitlines()}
    packaged = {name for name in recorded if ".dist-info/" not in name}
    assert packaged == modules | templates | faces


def test_the_demo_of_a_fresh_installation_publishes_a_run_with_its_page(
    installed: Path, newcomer: dict[str, str], tmp_path: Path
) -> None:
    ask = [str(installed / "python"), "-c", "import pulsars; print(pulsars.__file__)"]
    asked = subprocess.run(
        ask, cwd=tmp_path, env=newcomer, capture_output=True, text=True, check=True
    )
    assert Path(asked.stdout.strip()).is_relative_to(installed.parent)
    done = subprocess.run(
        [str(installed / "pulsar"), "demo", "--json"],
        cwd=tmp_path, env=newcomer, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    run = json.loads(done.stdout)
    assert run["data"]["simulated"]
    page = tmp_path / run["path"] / "report.html"
    assert "<h1>" in page.read_text(encoding="utf-8")
    assert page.is_relative_to(tmp_path)
