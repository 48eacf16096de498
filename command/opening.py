"""A page opened in the person's browser, without telling others on the machine its key."""

from __future__ import annotations

import os
import sys
import tempfile
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path

_PAGE = """<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><title>Review</title>
<meta http-equiv="refresh" content="0; url={url}">
"""


@contextmanager
def page_opener(*, asked: bool) -> Iterator[Callable[[str], None]]:
    """Give what opens an address, as long as the block lasts.

    A browser is told by an argument, which every user of the machine can read: it is given the
    name of a file that its owner alone can read, which leads on.

    Parameters
    ----------
    asked : bool
        Whether anything is to be opened; nothing is where there is no screen.
    """
    if not asked or not _has_screen():
        yield lambda _: None
        return
    with _private_folder() as folder:

        def opened(url: str) -> None:
            page = Path(folder) / "review.html"
            page.write_text(_PAGE.format(url=escape(url)), encoding="utf-8")
            webbrowser.open(page.as_uri())

        yield opened


def _private_folder() -> tempfile.TemporaryDirectory[str]:
    """Make a folder of mode 0700: a browser in a sandbox may have another /tmp, but this home.

    Its name begins with no dot, for such a browser is kept from those that do.
    """
    try:
        return tempfile.TemporaryDirectory(prefix="pulsar-review-", dir=Path.home())
    except (OSError, RuntimeError):  # no home, or nothing can be written there
        return tempfile.TemporaryDirectory(prefix="pulsar-review-")


def _has_screen() -> bool:
    """Whether a browser has a window of its own: one in this terminal would take it over."""
    if sys.platform != "linux":
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
