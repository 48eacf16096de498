"""The six steps as a Dagster job, run in this process.

Usage: python -m benchmarks.others.dagster_steps DATA OUT
"""

# No `from __future__ import annotations`: Dagster reads annotations when it decorates.
import sys

from dagster import Out, job, mem_io_manager, op

from benchmarks import steps

DATA, OUT = sys.argv[1:] if len(sys.argv) > 2 else ("", "")


@op
def read():
    return steps.read(DATA)


@op
def validate(reading):
    return steps.validate(reading)


@op
def split(checked):
    return steps.split(checked)


@op(out={"model": Out(), "epochs": Out()})
def train(checked, parts):
    return steps.train(checked, parts)


@op
def evaluate(checked, parts, model):
    return steps.evaluate(checked, parts, model)


@op
def report(checked, parts, model, epochs, metrics):
    return steps.report(OUT, checked, parts, model, epochs, metrics)


@job(resource_defs={"io_manager": mem_io_manager})
def pulsar():
    """Compose the six."""
    checked = validate(read())
    parts = split(checked)
    model, epochs = train(checked, parts)
    report(checked, parts, model, epochs, evaluate(checked, parts, model))


if __name__ == "__main__":
    if not pulsar.execute_in_process().success:
        sys.exit(1)
