"""Published sweeps, as they rest on disk."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class PublishedSweep:
    """One folder below `sweeps/`, read back.

    Attributes
    ----------
    path : Path
        The folder.
    manifest : dict
        What decided the sweep: data, parameters, code version, files with their sha256.
    settings : list of dict
        As of `tasks.settings.setting_row`, the best first.
    nested : dict or None
        As of `tasks.sweeping.describe_outer`.
    """

    path: Path
    manifest: dict[str, Any]
    settings: list[dict[str, Any]]
    nested: dict[str, Any] | None

    @property
    def simulated(self) -> bool:
        """Whether it was made on simulated candidates."""
        return bool(self.manifest["data"]["simulated"])

    @property
    def parameters_file(self) -> Path:
        """What `pulsar train --parameters` takes to train by the best setting."""
        return self.path / "best.json"

    def summary(self) -> dict[str, Any]:
        """Say everything a machine may ask of a sweep, as one JSON object."""
        return {
            "sweep": self.path.name,
            "path": str(self.path),
            "parameters_file": str(self.parameters_file),
            "simulated": self.simulated,
            "data": self.manifest["data"],
            "seed": self.manifest["seed"],
            "parameters": self.manifest["parameters"],
            "rows": self.manifest["rows"],
            "by": self.manifest["parameters"]["by"],
            "best": self.settings[0],
            "settings": self.settings,
            "nested": self.nested,
        }


def load_sweep(folder: Path) -> PublishedSweep:
    """Read a published sweep."""
    manifest, settings = (_read(folder / name) for name in ("manifest.json", "settings.json"))
    nested = folder / "nested.json"
    return PublishedSweep(folder, manifest, settings, _read(nested) if nested.is_file() else None)


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
