"""A copy of a published folder elsewhere: another disk, or an object store, by fsspec.

The manifest comes last, as it does here: who finds one finds all that it lists.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from schemas import CopyError, ParameterError, at_home, is_address

_log = logging.getLogger(__name__)

_MANIFEST = "manifest.json"


def copy_published(folder: Path, target: str) -> str:
    """Copy a published folder below an address; what is there already is left.

    Parameters
    ----------
    folder : Path
        Complete, with its manifest.
    target : str
        A folder, or an address that fsspec opens, such as ``s3://bucket/scores``.

    Returns
    -------
    str
        The copy's own address.

    Raises
    ------
    ParameterError
        If it is an address of a kind that cannot be opened here.
    CopyError
        If the store does not answer, or takes nothing from us. Trying again may heal it.
    """
    try:
        files, root = _opened(target)
        there = f"{root}/{folder.name}"
        if not _is_there(files, f"{there}/{_MANIFEST}", (folder / _MANIFEST).read_bytes()):
            for path in _in_order(folder):
                remote = f"{there}/{path.relative_to(folder).as_posix()}"
                _put(files, path, remote)
    except ParameterError:
        raise
    except Exception as error:  # noqa: BLE001 - each store has errors of its own
        raise CopyError(
            f"{folder} is published, and could not be copied to {target} ({type(error).__name__}: "
            f"{error}); `pulsar score` of the same file with --copy-to tries it again"
        ) from None
    address = str(files.unstrip_protocol(there))
    _log.info("copied to %s", address)
    return address


def _opened(target: str) -> tuple[Any, str]:
    import fsspec

    where = target if is_address(target) else str(at_home(target).resolve())
    try:
        files, root = fsspec.core.url_to_fs(where)
    except (ValueError, ImportError) as error:
        raise ParameterError(f"--copy-to {target}: cannot be opened ({error})") from None
    files.invalidate_cache()
    return files, root.rstrip("/")


def _put(files: Any, path: Path, remote: str) -> None:
    """Put a file in one step: a store shows it when it is complete, a disk would show a part."""
    from fsspec.implementations.local import LocalFileSystem

    if not isinstance(files, LocalFileSystem):
        files.put_file(str(path), remote)
        return
    files.makedirs(remote.rpartition("/")[0], exist_ok=True)
    files.put_file(str(path), f"{remote}.part")
    Path(f"{remote}.part").replace(remote)


def _is_there(files: Any, path: str, content: bytes) -> bool:
    try:
        return bool(files.cat_file(path) == content)
    except FileNotFoundError:
        return False


def _in_order(folder: Path) -> list[Path]:
    """Give all files, the manifest last."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return sorted(paths, key=lambda path: (path == folder / _MANIFEST, path))
