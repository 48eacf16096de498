"""One file of an inbox, before it is scored or set aside: a copy of it, or a second look.

What is scored is a copy whose hash is known, never the file itself: somebody may still be writing
that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

from pulsars.inbox.arrivals import hash_of, memory_of, open_inbox
from pulsars.inbox.memory import forget
from pulsars.inbox.pieces import pieces_of
from pulsars.inbox.stamps import stamp_of
from pulsars.store import named
from schemas import (
    Arrival,
    FileRef,
    InboxParameters,
    SizeError,
    is_address,
    is_object,
    without_credentials,
)

Take = Callable[[InboxParameters, Arrival], FileRef | None]


def origin_of(parameters: InboxParameters, arrival: Arrival) -> str:
    """Say where a file came from, as its owner would."""
    if not is_address(parameters.inbox):
        return arrival.path
    whole: str = open_inbox(parameters.inbox)[0].unstrip_protocol(arrival.path)
    # What a store says that an object is called opens nothing, whatever it looks like.
    return whole if is_object(parameters.inbox) else without_credentials(whole)


def still_holds(parameters: InboxParameters, arrival: Arrival) -> bool:
    """Whether a file has the content that it is taken to have, by reading it once more.

    Where it has not, its memory is forgotten, and the next pass takes it for what it is.
    """
    files, folder = open_inbox(parameters.inbox)
    try:
        same = arrival.unread is not None or arrival.sha256 == hash_of(
            files, arrival.path, most=parameters.max_bytes
        )
        if same and stamp_of(files, arrival.path).text == arrival.stamp:
            return True
    except FileNotFoundError:
        return False
    except SizeError:  # it has grown
        pass
    forget(memory_of(parameters, files, folder), arrival.name)
    return False


def clear_copies(out: Path) -> None:
    """Take away the copies of a pass that was killed; call it when no other is under way."""
    for left in _copies(out).glob("*.arrived"):
        left.unlink(missing_ok=True)


@contextmanager
def copied(
    parameters: InboxParameters, arrival: Arrival, *, take: Take | None = None
) -> Iterator[FileRef | None]:
    """Have a copy of a file for the length of the block; None when it is another file by now.

    Parameters
    ----------
    parameters : InboxParameters
    arrival : Arrival
        The file.
    take : callable, optional
        Makes the copy as `copy_of`, which is the default, does.
    """
    copy = _place_of(parameters, arrival)
    copy.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield (take or copy_of)(parameters, arrival)
    finally:
        copy.unlink(missing_ok=True)


def copy_of(parameters: InboxParameters, arrival: Arrival) -> FileRef | None:
    """Copy a file; None when it is gone, or another file by now."""
    files, folder = open_inbox(parameters.inbox)
    copy = _place_of(parameters, arrival)
    try:
        with copy.open("wb", buffering=0) as target:
            pour(pieces_of(files, arrival.path, most=parameters.max_bytes), target)
    except FileNotFoundError:
        return None
    found = FileRef.of(copy)
    if found.sha256 == arrival.sha256:
        return found
    # Either it was changed meanwhile, or what was remembered of it is wrong.
    forget(memory_of(parameters, files, folder), arrival.name)
    return None


def _place_of(parameters: InboxParameters, arrival: Arrival) -> Path:
    return _copies(Path(parameters.out)) / f"{arrival.sha256}.arrived"


def _copies(out: Path) -> Path:
    return out / "downloads"


def pour(pieces: Iterable[bytes], target: FileIO) -> None:
    """Write a file, a piece at a time; an error of writing names it, one of reading does not."""
    for piece in pieces:
        left = memoryview(piece)
        while left:  # a disk that fills up takes a part
            with named(Path(str(target.name))):
                left = left[target.write(left) :]
