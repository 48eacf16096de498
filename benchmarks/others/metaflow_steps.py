"""The six steps as a Metaflow flow, run locally.

Usage: python -m benchmarks.others.metaflow_steps run --data DATA --out OUT
"""

from __future__ import annotations

from metaflow import FlowSpec, Parameter, step

from benchmarks import steps


class PulsarFlow(FlowSpec):
    """Six steps, and the start that Metaflow wants."""

    data = Parameter("data")
    out = Parameter("out")

    @step
    def start(self):
        self.reading = steps.read(self.data)
        self.next(self.validate)

    @step
    def validate(self):
        self.checked = steps.validate(self.reading)
        self.next(self.split)

    @step
    def split(self):
        self.parts = steps.split(self.checked)
        self.next(self.train)

    @step
    def train(self):
        self.model, self.epochs = steps.train(self.checked, self.parts)
        self.next(self.evaluate)

    @step
    def evaluate(self):
        self.metrics = steps.evaluate(self.checked, self.parts, self.model)
        self.next(self.end)

    @step
    def end(self):
        steps.report(self.out, self.checked, self.parts, self.model, self.epochs, self.metrics)


if __name__ == "__main__":
    PulsarFlow()
