"""Whatever bit flips in a sealed record, it is noticed; what was never sealed is read as ever."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pulsars.store.seals import is_broken, sealed
from pulsars.store.stored import read_record
from schemas.errors import DamagedRecordError

RECORD = {"format": 1, "l2": 1e-05, "name": "파 ", "files": {"a": "0" * 64}}


def test_a_sealed_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(sealed(RECORD), encoding="utf-8")
    found = read_record(tmp_path / "x.json", dict[str, Any])
    assert {name: found[name] for name in RECORD} == RECORD
    assert list(found) == [*RECORD, "seal"]


def test_every_flipped_bit_is_refused(tmp_path: Path) -> None:
    path, content = tmp_path / "x.json", sealed(RECORD).encode()
    for place in range(8 * len(content)):
        flipped = bytearray(content)
        flipped[place // 8] ^= 1 << place % 8
        path.write_bytes(flipped)
        with pytest.raises(DamagedRecordError, match=r"x\.json"):
            read_record(path, dict[str, Any])


def test_a_record_that_was_cut_or_lengthened_is_refused() -> None:
    text = sealed(RECORD)
    assert is_broken(text + "\n", json.loads(text))
    assert is_broken(text.replace(": 1,", ": 2,"), json.loads(text))


def test_a_record_of_an_earlier_version_has_no_seal_to_break() -> None:
    text = json.dumps(RECORD, indent=2)
    assert not is_broken(text, RECORD)
