"""A disk that fails once."""

from __future__ import annotations

import errno
import os
from collections.abc import Collection
from pathlib import Path

import pytest


def fail_once(monkeypatch: pytest.MonkeyPatch, *names: str) -> Collection[str]:
    """Have the first write of each of some files fail; give the names that have yet to."""
    sync, fails = os.fsync, set(names)

    def fsync(descriptor: int) -> None:
        name = Path(f"/proc/self/fd/{descriptor}").readlink().name
        if name in fails:
            fails.remove(name)
            raise OSError(errno.EIO, "Input/output error")
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    return fails
