"""The same work as `pulsar train`, without Prefect: what the flow is measured against.

Usage: python -m benchmarks.plain DATA OUT
"""

from __future__ import annotations

import sys

from benchmarks import steps


def main() -> None:
    """Read, validate, split, train, evaluate, report."""
    data, out = sys.argv[1:]
    checked = steps.validate(steps.read(data))
    parts = steps.split(checked)
    model, epochs = steps.train(checked, parts)
    metrics = steps.evaluate(checked, parts, model)
    steps.report(out, checked, parts, model, epochs, metrics)


if __name__ == "__main__":
    main()
