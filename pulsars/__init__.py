"""The library: what a task does, without Prefect."""

from __future__ import annotations

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from pulsars.run import Run as Run
    from pulsars.run import load_run as load_run

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__, submod_attrs={"run": ["Run", "load_run"]}
)
