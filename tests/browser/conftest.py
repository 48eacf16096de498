"""A real browser, the system's own Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Chromium without a window; a machine without one fails, it does not skip."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    assert path, f"no browser found; install one of {', '.join(NAMES)}"
    expect.set_options(timeout=60_000)  # for what a busy machine may hold up
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield found
        found.close()
