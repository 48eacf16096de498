"""A challenge that is cut short is done by the next try, and leaves no root that looks damaged."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from pulsars.store.champions import read_reigns
from schemas.records import Published
from tasks import challenging
from tasks.challenging import challenge
from tests.pulsars.gate.challengers import ASKED, publish


def full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_the_first_champion_is_never_without_a_pointer_and_heals_where_it_is_cut_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = publish(tmp_path, "a")
    done = Published(run="a", path=str(run.path), model_sha256=run.model_sha256)
    asked = ASKED.model_copy(update={"out": str(tmp_path)})
    for name in ("crown", "keep_verdict"):
        with monkeypatch.context() as patched:
            patched.setattr(challenging, name, full)
            with pytest.raises(OSError, match="No space"):
                challenge.fn(asked, done)
        read_reigns(tmp_path)
    assert challenge.fn(asked, done).decision == "promoted"
    assert [reign.run for reign in read_reigns(tmp_path)] == ["a"]
    said = run.verdict()
    assert said
    assert said.decision == "promoted"
