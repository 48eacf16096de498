"""The book's training loop beside the project's, in one run: the same steps, times and ratio.

Ends with exit code 1 when the project's takes more than a tenth of the book's time.
"""

from __future__ import annotations

import statistics
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.harness import timed
from benchmarks.sweep import load
from slp.settings import Settings
from slp.training.epochs import fit

BOUND = 0.1
ROUNDS = 5
N_TRAINING = 14_310  # whole batches in four fifths of HTRU2
SETTINGS = Settings(learning_rate=0.001, batch_size=10, n_epochs=10)


class BookLoop:
    """Forward, loss, derivative, backward: one function a step, as the book builds them."""

    def __init__(self, rows: NDArray[Any]) -> None:
        self.rows = rows
        self.weight = np.zeros((rows.shape[1] - 1, 1))
        self.bias = np.zeros(1)

    def train(self, rng: np.random.Generator) -> float:
        """Run all epochs; give the last one's mean loss."""
        losses: list[float] = []
        for _ in range(SETTINGS.n_epochs):
            order = rng.permutation(len(self.rows))
            losses = [self.step(order, number) for number in range(len(order) // 10)]
        return float(np.mean(losses))

    def step(self, order: NDArray[Any], number: int) -> float:
        """Learn from one batch; give its loss."""
        x, y = self.batch(order, number)
        output = self.forward(x)
        entropy = self.entropy(y, output)
        loss = np.mean(entropy)
        share = 1.0 / np.prod(entropy.shape)
        self.backward(x, self.entropy_slope(y, output) * share)
        return float(loss)

    def batch(self, order: NDArray[Any], number: int) -> tuple[NDArray[Any], NDArray[Any]]:
        """Gather the rows of one batch."""
        size = SETTINGS.batch_size
        rows = self.rows[order[number * size : (number + 1) * size]]
        return rows[:, :-1], rows[:, -1:]

    def forward(self, x: NDArray[Any]) -> NDArray[Any]:
        """Give the logits."""
        logits: NDArray[Any] = np.matmul(x, self.weight) + self.bias
        return logits

    def backward(self, x: NDArray[Any], slope: NDArray[Any]) -> None:
        """Move weights and bias against their slope."""
        self.weight -= SETTINGS.learning_rate * np.matmul(x.T, slope)
        self.bias -= SETTINGS.learning_rate * np.sum(slope, axis=0)

    def positive(self, x: NDArray[Any]) -> NDArray[Any]:
        """Cut off below zero."""
        cut: NDArray[Any] = np.maximum(x, 0)
        return cut

    def sigmoid(self, x: NDArray[Any]) -> NDArray[Any]:
        """Give probabilities, stable on both sides."""
        output: NDArray[Any] = np.exp(-self.positive(-x)) / (1.0 + np.exp(-np.abs(x)))
        return output

    def entropy(self, y: NDArray[Any], output: NDArray[Any]) -> NDArray[Any]:
        """Give each row's cross-entropy."""
        tail: NDArray[Any] = np.log(1 + np.exp(-np.abs(output)))
        loss: NDArray[Any] = self.positive(output) - output * y + tail
        return loss

    def entropy_slope(self, y: NDArray[Any], output: NDArray[Any]) -> NDArray[Any]:
        """Give its derivative over the logit."""
        slope: NDArray[Any] = self.sigmoid(output) - y
        return slope


def run_book(rows: NDArray[Any]) -> float:
    """Train by the book's loop; give the last loss."""
    return BookLoop(rows).train(np.random.default_rng(0))


def run_project(rows: NDArray[Any]) -> float:
    """Train the same with `slp.training.epochs.fit`; give the last loss."""
    X, y = rows[:, :-1].astype(np.float64), rows[:, -1].astype(np.int64)
    return float(fit(X, y, settings=SETTINGS, rng=np.random.default_rng(0)).loss_history[-1])


def main() -> int:
    """Time both in turns, print medians and ratio."""
    name, X, y = load()
    rows = np.column_stack([X, y]).astype(np.float32)
    rows = rows[np.random.default_rng(1).permutation(len(rows))[:N_TRAINING]]
    times: dict[str, list[float]] = {"book": [], "project": []}
    losses: dict[str, float] = {}
    for _ in range(ROUNDS):
        for who, run in (("book", run_book), ("project", run_project)):
            losses[who], seconds = timed(run, rows)
            times[who].append(seconds)
    if not np.isclose(losses["book"], losses["project"], rtol=1e-6):
        print(f"the two loops differ: last loss {losses['book']} and {losses['project']}")
        return 1
    book, project = (statistics.median(times[who]) for who in ("book", "project"))
    print(f"10 epochs of batch 10 on {len(rows)} rows of {name}, median of {ROUNDS} runs in turns")
    print(f"  the book's loop   {1000 * book:7.1f} ms")
    print(f"  the project's     {1000 * project:7.1f} ms   the same loss, {losses['project']:.6f}")
    print(f"  ratio             {project / book:7.3f}      at most {BOUND}")
    return int(project / book > BOUND)


if __name__ == "__main__":
    sys.exit(main())
