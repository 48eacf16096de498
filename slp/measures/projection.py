"""What a recall and a false-alarm rate, measured here, mean where pulsars are rarer.

Recall and false-alarm rate are shares within a class and carry over to another mix of the same
candidates; precision is not, and does not. Bayes' rule (베이즈 정리) makes one of the other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from slp.measures.interval import Interval
from slp.scalars import check_number


@dataclass(frozen=True)
class Projection:
    """What to expect of a survey.

    Attributes
    ----------
    prevalence : float
        Share of pulsars among the survey's candidates, in (0, 1).
    precision : Interval
        Share of pulsars among the candidates that are called.
    false_alarms : Interval
        Non-pulsars called for each pulsar found; infinite where none is found.
    called : Interval
        Share of all candidates that is called, and so has to be inspected: times their number,
        the work of a night.
    """

    prevalence: float
    precision: Interval
    false_alarms: Interval
    called: Interval


def project(recall: Interval, false_alarm_rate: Interval, *, prevalence: float) -> Projection:
    """Carry a measurement over to another prevalence.

    Parameters
    ----------
    recall, false_alarm_rate : Interval
        Of the pulsars and of the non-pulsars, the share that is called; all ends in [0, 1].
    prevalence : float
        Share of pulsars among the candidates to come, in (0, 1).

    Returns
    -------
    Projection
        Each interval joins the two worst and the two best ends, so it is wider, never narrower,
        than the level of the two it was made from. Without a false alarm in the measurement the
        value of `precision` is 1, and only its low end means anything.

    Raises
    ------
    ValueError
        When a rate or the prevalence is out of bounds, or the low end of a rate above the high one.
    """
    rates_by_name = {"recall": recall, "false-alarm rate": false_alarm_rate}
    prevalence = check_number("prevalence", prevalence)
    for name, rate in rates_by_name.items():
        if not isinstance(rate, Interval):
            raise ValueError(f"{name} {rate!r} is no Interval")  # noqa: TRY004 - slp raises ValueError
    measured = (recall.value, false_alarm_rate.value)
    worst, best = (recall.low, false_alarm_rate.high), (recall.high, false_alarm_rate.low)
    alarms = [alarms_per_pulsar(*rates, prevalence=prevalence) for rates in (measured, best, worst)]
    for name, rate in rates_by_name.items():  # whose ends are numbers, as was seen
        if rate.low > rate.high:
            raise ValueError(f"{name} has its low end {rate.low} above its high end {rate.high}")
    precision = [1 / (1 + number) for number in alarms]
    called = [
        hits * prevalence + false * (1 - prevalence)
        for hits, false in zip(_ends(recall), _ends(false_alarm_rate), strict=True)
    ]
    return Projection(
        prevalence,
        precision=Interval(precision[0], low=precision[2], high=precision[1]),
        false_alarms=Interval(*alarms),
        called=Interval(*called),
    )


def alarms_per_pulsar(recall: float, false_alarm_rate: float, *, prevalence: float) -> float:
    """Give the non-pulsars that are called for each pulsar found.

    Parameters
    ----------
    recall, false_alarm_rate : float
        In [0, 1].
    prevalence : float
        In (0, 1).

    Returns
    -------
    float
        At least 0, infinite when no pulsar is found. Precision is ``1 / (1 + this)``.

    Raises
    ------
    ValueError
        When an argument is out of bounds.
    """
    recall = _rate("recall", recall)
    false_alarm_rate = _rate("false-alarm rate", false_alarm_rate)
    prevalence = check_number("prevalence", prevalence)
    if not 0 < prevalence < 1:
        raise ValueError(f"prevalence {prevalence} is outside (0, 1)")
    if recall == 0:
        return math.inf
    found = recall * prevalence
    if not found and false_alarm_rate:  # too small for a float; the quotients are none, or infinite
        return false_alarm_rate / recall * ((1 - prevalence) / prevalence)
    return false_alarm_rate * (1 - prevalence) / found if found else 0.0


def _rate(name: str, rate: float) -> float:
    number = check_number(name, rate)
    if not 0 <= number <= 1:
        raise ValueError(f"{name} {rate} is outside [0, 1]")
    return number


def _ends(interval: Interval) -> tuple[float, float, float]:
    return float(interval.value), float(interval.low), float(interval.high)
