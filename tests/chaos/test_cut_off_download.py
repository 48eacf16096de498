"""A host that breaks off, stalls or lies in the middle of a download."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas.errors import DataError, DownloadError
from tests.hosts import QuietHandler, serving

pytestmark = pytest.mark.slow  # `make chaos` runs it too


class Host(QuietHandler):
    """A host that serves a file well, by half, too slowly, or says that another thing is it."""

    content = b""
    faults: tuple[str, ...] = ()

    def do_GET(self) -> None:
        fault, type(self).faults = (*self.faults, "")[0], self.faults[1:]
        body = b"<html><body>Please log in.</body></html>" if fault == "lies" else self.content
        start = 0
        given = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if given and fault != "lies":
            start = int(given[1])
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        left = body[start:]
        self.wfile.write(left[: len(left) // 2] if fault in {"halves", "stalls"} else left)
        if fault == "stalls":
            time.sleep(8)
        self.close_connection = True


@pytest.fixture
def host(sky: Path) -> Iterator[str]:
    Host.content, Host.faults = sky.read_bytes(), ()
    with serving(Host) as port:
        yield f"http://127.0.0.1:{port}/sky.csv"


@pytest.mark.usefixtures("prefect_server")
def test_a_download_that_was_cut_ends_with_the_same_rows(
    host: str, sky: Path, tmp_path: Path, tally: Callable[[str], Any]
) -> None:
    from pulsars.reading.fetching import obtain

    for fault in ("halves", "stalls"):
        Host.faults = (fault,)
        try:
            source = obtain(host, tmp_path / fault, patience=4)
        except DownloadError:
            source = obtain(host, tmp_path / fault, patience=60)
        same = Path(source.file.path).read_bytes() == sky.read_bytes()
        tally("cut off: download").count(wrong=int(not same))
        assert same, fault


def test_a_page_in_place_of_the_file_is_refused_and_the_file_itself_is_taken_later(
    host: str,
    train_here: Callable[..., dict[str, Any]],
    undisturbed: str,
    tmp_path: Path,
    tally: Callable[[str], Any],
) -> None:
    Host.faults = ("lies",)
    with pytest.raises(DataError):
        train_here(host, tmp_path)
    found = train_here(host, tmp_path)
    tally("cut off: download").count(wrong=int(found["model_sha256"] != undisturbed))
    assert found["model_sha256"] == undisturbed
