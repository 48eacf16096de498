"""What reviews teach: most for the same effort, and without bending the probabilities.

Labels of HTRU2 are hidden, and asked for 50 at a time. Differences are paired: both ways begin with
the same labels and are measured on the same rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from benchmarks.audit.line import Line, Size
from benchmarks.runs import htru2
from pulsars.learning.fitting import fit_perceptron
from schemas.parameters import TrainingParameters
from slp.choosing.teaching import most_informative
from slp.inputs import Inputs
from slp.measures import metrics
from slp.measures.interval import student_quantile
from slp.perceptron import Perceptron
from slp.prior import prior_shift
from slp.scaling import Scale
from slp.splitting.resampling import Resampled
from slp.training.newton import fit_newton

SEEDS = {"short": 8, "full": 40}
_LOST = 0.002  # nats, to importance weights, at the most

N_TEST, N_FIRST, N_ROUNDS, N_A_ROUND = 5_400, 200, 10, 50
MEASURES = ("average_precision", "log_loss")

_ASKED = TrainingParameters(data="labels that are asked for")

Choose = Callable[[Perceptron, np.ndarray, np.ndarray, np.random.Generator], np.ndarray]
"""From a model, unlabelled rows, labelled rows and a generator to places among the unlabelled."""


def measure(size: Size) -> list[Line]:
    """Measure the loop, and the ways to count what was chosen."""
    X, y = htru2()
    return [*loop(X, y, SEEDS[size]), *ways(X, y, SEEDS[size])]


def loop(X: np.ndarray, y: np.ndarray, n_seeds: int) -> list[Line]:
    """Choose what to review by what it would teach, and at random."""
    each = [
        [review(X, y, seed, how) for how in (by_teaching, by_chance)] for seed in range(n_seeds)
    ]
    found = np.array(each)  # seed, way, round, measure
    lines = []
    for number, (name, sign) in enumerate(zip(MEASURES, (1, -1), strict=True)):
        taught, chance = found[:, 0, :, number], found[:, 1, :, number]
        gain = sign * (taught - chance)[:, 1:]
        means = [value.mean() for value in (taught[:, 0], taught[:, -1], chance[:, -1])]
        told = f"{means[0]:.4f}, at the end {means[1]:.4f} and {means[2]:.4f}"
        what = f"{N_FIRST} labels and {N_ROUNDS} rounds of {N_A_ROUND}: {name}, most informative"
        lines += [
            better(f"{what} over chance, mean of the rounds", gain.mean(axis=1), told),
            better(f"{what} over chance, after the last", gain[:, -1]),
        ]
    return lines


def ways(
    X: np.ndarray, y: np.ndarray, n_seeds: int, sizes: tuple[int, ...] = (500, 2_000, 8_000)
) -> list[Line]:
    """Count reviewed rows as any other, by a prior correction, and by importance weights."""
    lines = []
    for n_first in sizes:
        each = [selections(X, y, seed, n_first=n_first, n_more=500) for seed in range(n_seeds)]
        loss, share = (
            {way: np.array([one[way][at] for one in each]) for way in each[0]} for at in (1, 2)
        )
        plain = loss["as any row"]
        told = "; ".join(
            f"{way} {loss[way].mean():.4f}, sum {share[way].mean():.3f}" for way in loss
        )
        what = f"{n_first:,} rows and 500 reviewed: log loss, as any row"
        lines += [
            better(f"{what}, over none", loss["without"] - plain, told, least=-_LOST),
            better(f"{what}, over a prior correction", loss["prior"] - plain),
            better(f"{what}, over importance weights", loss["importance"] - plain, least=-_LOST),
        ]
    return lines


def better(what: str, gain: np.ndarray, told: str = "", *, least: float = 0.0) -> Line:
    """Hold a mean gain, one number a seed, when its 95 % interval lies above a bound."""
    reach = student_quantile(0.95, len(gain) - 1) * gain.std(ddof=1) / np.sqrt(len(gain))
    low, high = gain.mean() - reach, gain.mean() + reach
    measured = f"{gain.mean():+.4f} ({low:+.4f} to {high:+.4f}), {len(gain)} seeds"
    said = f"{measured}; {told}" if told else measured
    return Line(what, f"whole interval > {least:g}", said, bool(low > least))


def learn(X: np.ndarray, y: np.ndarray, *, n_drawn: int) -> Perceptron:
    """Train as a run does on rows of which the first were drawn, and the others reviewed."""
    parts = {"train": np.arange(len(y)), "test": np.empty(0, dtype=np.int64)}
    rows = Resampled(parts["train"], None, float(y.mean()))
    found = fit_perceptron(X, y, parts, rows, _ASKED, on_epoch=lambda *_: None, n_drawn=n_drawn)
    return found.model


def by_chance(
    _model: Perceptron, rest: np.ndarray, _known: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Choose rows at random."""
    return rng.choice(len(rest), N_A_ROUND, replace=False)


def by_teaching(
    model: Perceptron, rest: np.ndarray, known: np.ndarray, _rng: np.random.Generator
) -> np.ndarray:
    """Choose those that `most_informative` names."""
    scale = Scale.fit(rest)
    seen, told = scale.transform(rest), scale.transform(known)
    return most_informative(model.predict_proba(rest), seen, N_A_ROUND, known=told)


def review(X: np.ndarray, y: np.ndarray, seed: int, choose: Choose) -> np.ndarray:
    """Start from a few labels drawn at random and ask for more, round by round.

    Parameters
    ----------
    X, y : ndarray of shape (n_rows, 8) and (n_rows,)
        Candidates and their labels, which are hidden until they are asked for.
    seed : int
        Of the rows held out and of the first labels: the same for every way to choose.
    choose : callable
        The way.

    Returns
    -------
    ndarray of shape (N_ROUNDS + 1, 2)
        `MEASURES` on the rows held out, of the first model and after each round.
    """
    rng = np.random.default_rng([52, seed])
    order = rng.permutation(len(y))
    test, known, rest = np.split(order, [N_TEST, N_TEST + N_FIRST])
    found = []
    for number in range(N_ROUNDS + 1):
        model = learn(X[known], y[known], n_drawn=N_FIRST)
        found.append(measured(model, X[test], y[test]))
        if number < N_ROUNDS:
            places = choose(model, X[rest], X[known], rng)
            known, rest = np.append(known, rest[places]), np.delete(rest, places)
    return np.array(found)


def measured(model: Perceptron, X: np.ndarray, y: np.ndarray) -> list[float]:
    """Give `MEASURES` of a model."""
    found = metrics.measure(y, model.predict_proba(X), threshold=0.5)
    return [found[name] for name in MEASURES]


def selections(
    X: np.ndarray, y: np.ndarray, seed: int, *, n_first: int, n_more: int
) -> dict[str, list[float]]:
    """Let reviewed rows count in several ways, and measure each on rows held out at random.

    Half of them are the highest on the list and half `most_informative`. The ways: none at all; as
    any other row; as any other, and a prior correction to the share of pulsars among the drawn; as
    any other, with inputs fitted to all of them; and each row by how much rarer it is among all
    rows learnt from than in the sky, by tenths of the first model's logit (importance weights,
    Shimodaira 2000).

    Returns
    -------
    dict
        By way: `MEASURES`, and the sum of the probabilities over the number of pulsars.
    """
    order = np.random.default_rng([53, seed]).permutation(len(y))
    test, drawn, pool = np.split(order, [N_TEST, N_TEST + n_first])
    first = learn(X[drawn], y[drawn], n_drawn=n_first)
    chosen = _list_and_teaching(first, X[pool], X[drawn], n_more)
    rows = np.append(drawn, pool[chosen])
    taught = learn(X[rows], y[rows], n_drawn=n_first)
    shift = prior_shift(trained=float(y[rows].mean()), true=float(y[drawn].mean()))
    ways = {
        "without": first,
        "as any row": taught,
        "prior": replace(taught, intercept=taught.intercept + shift),
        "inputs of all": learn(X[rows], y[rows], n_drawn=len(rows)),
        "importance": _weighed(first, X[rows], y[rows], n_first),
    }
    found = {}
    for name, model in ways.items():
        share = float(model.predict_proba(X[test]).sum() / y[test].sum())
        found[name] = [*measured(model, X[test], y[test]), share]
    return found


def _list_and_teaching(
    model: Perceptron, pool: np.ndarray, known: np.ndarray, n_more: int
) -> np.ndarray:
    probability, scale = model.predict_proba(pool), Scale.fit(pool)
    listed = np.argsort(-probability, kind="stable")[: n_more // 2]
    left = np.delete(np.arange(len(pool)), listed)
    told = scale.transform(np.concatenate([known, pool[listed]]))
    seen = scale.transform(pool[left])
    places = most_informative(probability[left], seen, n_more - len(listed), known=told)
    return np.append(listed, left[places])


def _weighed(first: Perceptron, X: np.ndarray, y: np.ndarray, n_first: int) -> Perceptron:
    logit = first.decision_function(X)
    tenth = np.searchsorted(np.quantile(logit, np.linspace(0, 1, 11)[1:-1]), logit)
    n_all, n_drawn = (np.bincount(rows, minlength=10) for rows in (tenth, tenth[:n_first]))
    weight = ((n_drawn + 0.5) / n_first / (n_all / len(y)))[tenth]
    inputs = Inputs.fit(_ASKED.inputs, X[:n_first])
    found = fit_newton(inputs.transform(X), y, l2=1 / len(y), sample_weight=weight)
    return Perceptron(found.coef, found.intercept, inputs)
