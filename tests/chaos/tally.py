"""Counts of faults, by kind, and the table of them.

Run as ``python -m tests.chaos.tally FILE...`` it prints what several sessions counted as one table.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

_ROW = "{:<44} {:>8} {:>9} {:>6} {:>6}".format


@dataclass
class Tally:
    """What became of the faults of one kind.

    Attributes
    ----------
    tried, survived : int
        Faults that were made to happen, and those after which all was as it has to be.
    lost : int
        Results that were there, or due, and are not.
    wrong : int
        Results, readings or messages that are not the truth.
    """

    tried: int = 0
    survived: int = 0
    lost: int = 0
    wrong: int = 0

    def count(self, *, lost: int = 0, wrong: int = 0) -> None:
        """Note one fault, and what it did."""
        self.add(Tally(1, not (lost or wrong), lost, wrong))

    def add(self, other: Tally) -> None:
        """Add what was counted elsewhere."""
        for name, n in asdict(other).items():
            setattr(self, name, getattr(self, name) + n)


Tallies = dict[str, Tally]


def table(tallies: Mapping[str, Tally]) -> Iterator[str]:
    """Give the lines of the table, with all kinds together in the last."""
    yield _ROW("fault", *asdict(Tally()))
    total = Tally()
    for kind, tally in sorted(tallies.items()):
        yield _ROW(kind, *asdict(tally).values())
        total.add(tally)
    yield _ROW("all", *asdict(total).values())


def write(tallies: Mapping[str, Tally], path: Path) -> None:
    """Keep counts for another process."""
    path.write_text(json.dumps({kind: asdict(tally) for kind, tally in tallies.items()}))


def main() -> None:
    """Print one table of all counts in the files that are named."""
    found: Tallies = {}
    for name in sys.argv[1:]:
        for kind, counts in json.loads(Path(name).read_text()).items():
            found.setdefault(kind, Tally()).add(Tally(**counts))
    sys.stdout.writelines(f"{line}\n" for line in table(found))


if __name__ == "__main__":
    main()
