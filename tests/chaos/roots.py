"""What rests below an artifact root: read whole, checked by every hash, and told apart from time.

Two commands that did the same leave equal states, whenever and wherever they ran.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pulsars.store.champions import find_champion, read_reigns, require_whole
from pulsars.store.runs import read_runs
from pulsars.store.scores import load_scores
from pulsars.store.sweeps import load_sweep
from pulsars.store.verdicts import read_verdict
from schemas.handles import sha256_of

_KNOWN = frozenset(
    {
        ".champion.lock", ".inbox.lock", ".lock", "champion.json", "history.html", "inboxes",
        "rejected", "runs", "scores", "sweeps", "verdicts",
    }
)  # fmt: skip
_ON_THE_WAY = (".part", ".arrived", ".gone")
_PAUSE_SECONDS = 0.02

State = dict[str, Any]


def state(folder: Path) -> State:
    """Say what an artifact root and an inbox hold, without names that tell of a moment.

    Raises
    ------
    AssertionError, PulsarError
        If a file is not what its manifest says, or cannot be read.
    """
    out = folder / "out"
    runs = read_runs(out)[0]
    models = {run.name: run.manifest["files"]["model.json"][:12] for run in runs}
    # A person may say the same twice, and so may who is asked again after it was done.
    said = [(reign.model_sha256[:12], reign.how, reign.because) for reign in read_reigns(out)]
    found = {
        "runs": _as_text([_intact(run.path, folder) for run in runs]),
        "scores": {f.name: _intact(f, folder) for f in _folders(out / "scores") if load_scores(f)},
        "sweeps": _as_text([_intact(f, folder) for f in _folders(out / "sweeps") if load_sweep(f)]),
        "champions": [one for n, one in enumerate(said) if one not in said[max(n - 1, 0) : n]],
        "verdicts": _verdicts(out, models),
        "rejected": {
            p.stem: _rejected(p, folder) for p in sorted((out / "rejected").glob("*.json"))
        },
        "box": {
            str(path.relative_to(folder)): _content(path, folder)
            for path in sorted((folder / "box").rglob("*"))
            if path.is_file()
        },
    }
    champion = find_champion(out)
    return {
        **found,
        "champion": champion and models[require_whole(champion).name],
        "published": len(runs) + len(_folders(out / "scores")) + len(_folders(out / "sweeps")),
    }


def _folders(where: Path) -> list[Path]:
    return sorted(manifest.parent for manifest in where.glob("*/manifest.json"))


def _as_text(found: list[dict[str, str]]) -> list[str]:
    return sorted({json.dumps(files, sort_keys=True) for files in found})


def _content(path: Path, root: Path) -> str:
    """Hash a file as it would be elsewhere: some pages say where a file came from."""
    return hashlib.sha256(path.read_bytes().replace(str(root).encode(), b"")).hexdigest()


def _intact(folder: Path, root: Path) -> dict[str, str]:
    files: dict[str, str] = json.loads((folder / "manifest.json").read_text())["files"]
    for name, sha256 in files.items():
        assert sha256_of(folder / name) == sha256, f"{folder / name} is not what was published"
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    strangers = found - files.keys() - {"manifest.json"}
    assert not strangers, f"{folder} holds {strangers}, of which its manifest says nothing"
    return {name: _content(folder / name, root) for name in files}


def _verdicts(out: Path, models: dict[str, str]) -> dict[str, Any]:
    """Give the first verdict on each model: another try of the same is judged against itself."""
    found: dict[str, Any] = {}
    for run, model in models.items():
        said = read_verdict(out, run)
        if said and model not in found:
            against = models.get(said.against or "", said.against)
            found[model] = [said.decision, said.by, against]
    return found


def _rejected(path: Path, folder: Path) -> list[str]:
    record = json.loads(path.read_text())
    said = [record[name] for name in ("name", "error", "message")]
    return [one.replace(str(folder), "") for one in said]


def leftovers(folder: Path) -> list[str]:
    """List what should not be there when nothing is under way."""
    out = folder / "out"
    strangers = [path for path in out.iterdir() if path.name not in _KNOWN]
    held = [p for p in strangers if p.is_file() or any(p.iterdir())]
    halves = [p for p in folder.rglob("*") if p.name.endswith(_ON_THE_WAY)]
    return sorted({str(path.relative_to(folder)) for path in [*held, *halves]})


@contextmanager
def watched(folder: Path) -> Iterator[list[str]]:
    """Read all there is again and again for the length of the block; give what was no whole."""
    seen: list[str] = []
    ended = threading.Event()
    watcher = threading.Thread(target=_watch, args=(folder, ended, seen))
    watcher.start()
    try:
        yield seen
    finally:
        ended.set()
        watcher.join()


def _watch(folder: Path, ended: threading.Event, seen: list[str]) -> None:
    while not ended.wait(_PAUSE_SECONDS) and not seen:
        before = _published(folder)
        try:
            state(folder)
        except FileNotFoundError as error:
            # What is set aside or pruned meanwhile is gone, whole; what was published stays.
            if not _went(before, folder):
                seen.append(f"a reader missed {error.filename}")
        except Exception as error:  # noqa: BLE001 - whatever a reader may not see
            if not _went(before, folder):
                seen.append(f"a reader saw {type(error).__name__}: {error}")


def _published(folder: Path) -> frozenset[str]:
    with suppress(FileNotFoundError):
        listed = [*(folder / "out" / "runs").glob("*"), *(folder / "box").glob("*")]
        return frozenset(str(path) for path in listed)
    return frozenset()


def _went(before: frozenset[str], folder: Path) -> bool:
    return bool(before - _published(folder))
