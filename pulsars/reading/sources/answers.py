"""Ask a host for a file, or for the rest of it, and hold what it answers against what is there."""

from __future__ import annotations

import logging
import re
from email.utils import parsedate_to_datetime

import httpx

from pulsars.credentials import request_for
from pulsars.reading.sources.growing import Growing
from schemas import DownloadError, SourceNotFoundError, UnreadableFileError

_log = logging.getLogger(__name__)


class ChangedError(Exception):
    """The host no longer has what it began to give."""


def ask(work: Growing) -> None:
    """Ask once, for all of it or for the rest."""
    have = work.take_up()
    # Bytes as they are stored: a length and a range speak of these, not of what they unpack to.
    headers = {"Accept-Encoding": "identity"}
    if have and work.version is not None:
        headers |= {"Range": f"bytes={have}-", "If-Range": work.version}
    with httpx.stream(
        "GET",
        **request_for(work.url),
        headers=headers,
        timeout=work.patience,
        follow_redirects=True,
    ) as answer:
        total = _begin(work, answer, have)
        for chunk in answer.iter_raw():
            work.add(chunk, total or 0)
    have = work.file.tell()
    if total is not None and have != total:
        raise httpx.RemoteProtocolError(f"{have:,} of {total:,} bytes came")
    if total is None and "chunked" not in answer.headers.get("transfer-encoding", ""):
        _log.warning("%s did not say how long it is; if it broke off, nobody can tell", work.url)


def _begin(work: Growing, answer: httpx.Response, have: int) -> int | None:
    """Read the head of an answer, and whether it goes on; give the length of the whole."""
    if have and answer.status_code in {
        httpx.codes.PARTIAL_CONTENT,
        httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE,
    }:
        start, total = _range(answer.headers.get("content-range", ""))
        goes_on = answer.status_code == httpx.codes.PARTIAL_CONTENT and start == have
        if not goes_on or _version(answer) != work.version:
            work.note.unlink(missing_ok=True)
            work.restart()
            raise ChangedError(f"{work.url} is no longer what it was when it broke off")
    else:
        _require_success(work.url, answer.status_code)
        total = _number(answer.headers.get("content-length", ""))
        work.restart(_version(answer))
    if total is not None:
        work.limits.require_bytes(total, name=work.url, what="gives")
    return total


def _require_success(url: str, status: int) -> None:
    if status in {httpx.codes.NOT_FOUND, httpx.codes.GONE}:
        raise SourceNotFoundError(f"{url}: the host has no such file (HTTP {status})")
    if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        raise UnreadableFileError(
            f"{url}: the host wants a user and a password, or refuses what it was given (HTTP "
            f"{status}); put them into ~/.netrc"
        )
    if status != httpx.codes.OK:
        raise DownloadError(f"{url}: the host answered with HTTP {status}; try again later")


def _version(answer: httpx.Response) -> str | None:
    """Give what tells one content from another without fail, or None."""
    etag: str = answer.headers.get("etag", "")
    if etag.startswith('"'):  # a weak one, W/"…", may stay the same for other bytes
        return etag
    changed: str = answer.headers.get("last-modified", "")
    try:  # within the second of the answer the file may have changed once more
        old = parsedate_to_datetime(changed) < parsedate_to_datetime(answer.headers["date"])
    except (KeyError, ValueError, TypeError):
        return None
    return changed if old else None


def _range(text: str) -> tuple[int, int | None]:
    """Start and whole length of ``bytes 5-9/10``; -1 where it says none."""
    found = re.fullmatch(r"bytes ([0-9]{1,18})-[0-9]{1,18}/([0-9]{1,18}|\*)", text)
    return (int(found[1]), _number(found[2])) if found else (-1, None)


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else None
