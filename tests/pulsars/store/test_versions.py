"""Versions of packages are looked up once a process, and are the same to all who ask."""

from __future__ import annotations

import platform
from collections.abc import MutableMapping
from importlib.metadata import version

from pulsars.store.versions import PACKAGES, package_versions


def test_versions_are_those_that_are_installed_and_nobody_can_change_them_for_others() -> None:
    found = package_versions()
    installed = {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}}
    assert list(found.items()) == list(installed.items())
    assert not isinstance(found, MutableMapping)
    assert package_versions() is found
