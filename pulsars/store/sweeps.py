"""Published sweeps, as they rest on disk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from pulsars.store.published import PublishedFolder, require_as_listed
from pulsars.store.stored import read_record
from schemas import Manifest, StoredNested, StoredSetting

_SETTINGS = Annotated[list[StoredSetting], Field(min_length=1)]


@dataclass(frozen=True)
class PublishedSweep(PublishedFolder):
    """One folder below `sweeps/`, read back.

    Attributes
    ----------
    settings : list of dict
        As of `pulsars.learning.settings.setting_row`, the best first.
    nested : dict or None
        As of `pulsars.learning.settings.describe_outer`.
    """

    settings: list[dict[str, Any]]
    nested: dict[str, Any] | None

    @property
    def parameters_file(self) -> Path:
        """What `pulsar train --parameters` takes to train by the best setting."""
        return self.path / "best.json"

    def summary(self) -> dict[str, Any]:
        """Say everything a machine may ask of a sweep, as one JSON object."""
        return {
            "sweep": self.name,
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
    """Read a published sweep.

    Raises
    ------
    DamagedRecordError
        If a file is not what was published.
    """
    manifest = read_record(folder / "manifest.json", Manifest)
    require_as_listed(folder, manifest["files"])
    settings = read_record(folder / "settings.json", _SETTINGS)
    nested = folder / "nested.json"
    found = read_record(nested, StoredNested) if nested.is_file() else None
    return PublishedSweep(folder, manifest, settings, found)
