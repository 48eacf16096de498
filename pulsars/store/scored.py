"""Which published scores somebody means: the newest, or those of a name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from pulsars.store.published import published_in
from pulsars.store.score_folders import are_published
from pulsars.store.scores import ScoredFile, load_scores
from pulsars.store.stored import read_record
from schemas import DamagedRecordError, RunNotFoundError, ScoresManifest

_AHEAD = timedelta(days=1)
"""By how much the clocks of two machines may differ, or one may be set back."""


def find_scored(out: Path, name: str | None) -> ScoredFile:
    """Read published scores by the folder's name, or the start of it; the newest when none is said.

    Of the files those alone are checked that are read here, as `load_scores` does where not the
    whole is asked for.

    Parameters
    ----------
    out : Path
        Artifact root.
    name : str or None
        Of a folder below `scores/`, or a path to one.

    Raises
    ------
    DamagedRecordError
        If their files are not what was written.
    RunNotFoundError
        If there are none, or not these alone.
    """
    folders = published_in(out / "scores")
    if name is None:
        return load_scores(_newest(folders, out), whole=False)
    if "/" in name:
        found = [out.cwd() / name] if are_published(out.cwd() / name) else []
    else:
        alike = [folder for folder in folders if name and folder.name.startswith(name)]
        found = [folder for folder in alike if folder.name == name] or alike
    if len(found) != 1:
        known = found or folders
        names = ", ".join(folder.name for folder in known[:3])
        names += f" and {len(known) - 3} more" if len(known) > 3 else ""  # noqa: PLR2004
        raise RunNotFoundError(
            f"{len(found) or 'no'} scores below {out / 'scores'} answer to {name!r}"
            + (f"; there are {names}" if names else "; `pulsar score DATA` makes some")
        )
    return load_scores(found[0], whole=False)


def _newest(folders: list[Path], out: Path) -> Path:
    if not folders:
        raise RunNotFoundError(f"{out} holds no scores yet; `pulsar score DATA` makes some")
    return max(folders, key=_published)


def _published(folder: Path) -> tuple[bool, datetime, int]:
    """Say when scores were published; where they cannot be read, when they were written.

    A time that is to come was told by a clock that was wrong, and comes before all others: or
    scores of such a day would be the newest until then.
    """
    manifest = folder / "manifest.json"
    written = manifest.stat().st_mtime_ns
    try:
        at = datetime.fromisoformat(read_record(manifest, ScoresManifest)["created"])
    except DamagedRecordError:
        at = datetime.fromtimestamp(written / 1e9, UTC)
    return at < datetime.now(UTC) + _AHEAD, at, written
