"""The six steps as a Kedro pipeline, run in this process.

Usage: python -m benchmarks.others.kedro_steps DATA OUT
"""

from __future__ import annotations

import sys

from kedro.io import DataCatalog, MemoryDataset
from kedro.pipeline import node, pipeline
from kedro.runner import SequentialRunner

from benchmarks import steps


def main() -> None:
    """Run the pipeline."""
    data, out = sys.argv[1:]
    learnt = ["model", "epochs"]
    made = ["out", "checked", "parts", *learnt, "metrics"]
    nodes = [
        node(steps.read, "data", "reading"),
        node(steps.validate, "reading", "checked"),
        node(steps.split, "checked", "parts"),
        node(steps.train, ["checked", "parts"], learnt),
        node(steps.evaluate, ["checked", "parts", "model"], "metrics"),
        node(steps.report, made, "folder"),
    ]
    # Kedro copies what passes between nodes unless told not to.
    passed = {
        name: MemoryDataset(copy_mode="assign")
        for name in ("reading", "checked", "parts", *learnt, "metrics", "folder")
    }
    given = {"data": MemoryDataset(data), "out": MemoryDataset(out)}
    SequentialRunner().run(pipeline(nodes), DataCatalog({**given, **passed}))


if __name__ == "__main__":
    main()
