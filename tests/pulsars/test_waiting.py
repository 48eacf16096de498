"""A file that has no length, and makes who reads it wait, is not waited for."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from pulsars.folds.finding import is_fold
from pulsars.folds.labelling import read_labels_of_folds
from pulsars.reading.parameters_file import read_parameters
from pulsars.reading.sources.files import require_file
from pulsars.review.labels import read_labels
from pulsars.store.files import require_ours
from pulsars.store.stored import read_record
from schemas import Limits
from schemas.errors import DamagedRecordError, LabelError, ParameterError, UnreadableFileError
from tests.pulsars.waiting import ended_after

SILENT = Path("/proc/kmsg")


@pytest.fixture
def silent() -> Iterator[Path]:
    """Give the kernel's log, of which all has been read: only its next words end a read."""
    try:
        descriptor = os.open(SILENT, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        pytest.skip("the kernel's log is for root")
    with suppress(BlockingIOError):
        while os.read(descriptor, 1 << 16):
            pass
    os.close(descriptor)
    with ended_after():
        yield SILENT


def test_it_is_no_fold_and_holds_no_labels(silent: Path) -> None:
    assert not is_fold(silent)
    assert read_labels(silent).statements == ()


@pytest.mark.parametrize(
    ("read", "error"),
    [
        (lambda path: require_file(path, name="a", limits=Limits()), UnreadableFileError),
        (read_parameters, ParameterError),
        (read_labels_of_folds, LabelError),
        (lambda path: require_ours(path, b"mark"), ParameterError),
        (lambda path: read_record(path, dict[str, int]), DamagedRecordError),
    ],
    ids=["data", "parameters", "labels of folds", "target", "record"],
)
def test_it_is_refused(silent: Path, read: Callable[[Path], Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        read(silent)


def test_labels_of_folds_in_a_pipe_are_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "truth.csv")
    for path in (tmp_path / "truth.csv", Path("/dev/zero"), tmp_path):
        with ended_after(), pytest.raises(UnreadableFileError, match="no regular file"):
            read_labels_of_folds(path)
