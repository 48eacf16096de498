"""Folders with little room, or that nobody may write: small file systems of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_MUCH = "size=256m,nr_inodes=100000"


def _mount(*words: str) -> None:
    subprocess.run(["mount", *words], check=True, capture_output=True)


class Small:
    """A file system in memory, below a folder, that can be made smaller and larger."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def leave(self, *, pages: int | None = None, inodes: int | None = None) -> None:
        """Leave only so much room; of what is not said there is plenty."""
        found = os.statvfs(self._folder)
        limits = ["remount"]
        # A size or number of 0 would mean no limit at all.
        if pages is not None:
            used = (found.f_blocks - found.f_bfree) * found.f_frsize
            limits.append(f"size={max(used + pages * 4096, 4096)}")
        if inodes is not None:
            limits.append(f"nr_inodes={max(found.f_files - found.f_ffree + inodes, 1)}")
        _mount("-o", ",".join(limits), str(self._folder))

    def give_room(self) -> None:
        """Make it large again."""
        _mount("-o", f"remount,{_MUCH}", str(self._folder))


@contextmanager
def small(folder: Path) -> Iterator[Small]:
    """Move a folder's content into a file system of its own for the length of the block."""
    aside = folder.with_name(f"{folder.name}-aside")
    folder.rename(aside)
    folder.mkdir()
    _mount("-t", "tmpfs", "-o", _MUCH, "tmpfs", str(folder))
    try:
        shutil.copytree(aside, folder, dirs_exist_ok=True)
        shutil.rmtree(aside)
        yield Small(folder)
    finally:
        _unmount(folder)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Let nobody write below a folder for the length of the block."""
    _mount("--bind", str(folder), str(folder))
    try:
        _mount("-o", "remount,ro,bind", str(folder))
        yield
    finally:
        _unmount(folder)


def _unmount(folder: Path) -> None:
    subprocess.run(["umount", "--lazy", str(folder)], check=True, capture_output=True)


def why_not(folder: Path) -> str | None:
    """Say why nothing can be mounted here; None where it can."""
    folder.mkdir()
    try:
        with small(folder):
            return None
    except subprocess.CalledProcessError as error:
        return str(error.stderr.decode().strip())
